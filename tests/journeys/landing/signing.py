"""Messages signed as their senders sign them."""

import base64
import hashlib
import hmac
from datetime import datetime

from standardwebhooks import Webhook

SECRETS = {
    "segment": "a shared secret",
    "customerio": "9f86d081884c7d659a2feaa0c55ad015",
    "zendesk": "HRkRd4BeOAoUkfZr-mhauJT64rvBASlJRoIyPsd3zeA=",
    "stripe": "whsec_test_secret",
    "tabular": "whsec_" + "c2VjcmV0LW9mLXRoZS10ZXN0cy0xMjM0NTY3ODkw",
}
OTHERS = {
    **dict.fromkeys(SECRETS, "another secret"),
    "tabular": "whsec_" + base64.b64encode(b"another secret").decode(),
}


def signed(vendor: str, body: bytes, at: datetime, *secrets: str, key: str = "msg_1") -> dict[str, str]:
    """Return the headers of a message signed with each of the secrets, the vendor's own unless given."""
    secrets = secrets or (SECRETS[vendor],)
    seconds = str(int(at.timestamp()))
    if vendor == "tabular":
        signatures = " ".join(Webhook(secret).sign(key, at, body.decode()) for secret in secrets)
        return {"webhook-id": key, "webhook-timestamp": seconds, "webhook-signature": signatures}
    if vendor == "stripe":
        parts = [f"v1={_digest(secret, f'{seconds}.'.encode() + body).hex()}" for secret in secrets]
        return {"stripe-signature": ",".join([f"t={seconds}", "v0=0123", *parts])}
    (secret,) = secrets
    if vendor == "segment":
        return {"x-signature": hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()}
    if vendor == "customerio":
        signature = _digest(secret, f"v0:{seconds}:".encode() + body).hex()
        return {"x-cio-timestamp": seconds, "x-cio-signature": signature}
    written = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "x-zendesk-webhook-signature-timestamp": written,
        "x-zendesk-webhook-signature": base64.b64encode(_digest(secret, written.encode() + body)).decode(),
    }


def _digest(secret: str, content: bytes) -> bytes:
    return hmac.new(secret.encode(), content, hashlib.sha256).digest()
