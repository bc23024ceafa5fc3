"""Signatures of webhooks: who sent a message, and that nobody changed it on its way."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from standardwebhooks import Webhook

from journeys.config.errors import ConfigError
from journeys.config.sources import Source, Vendor

TOLERANCE = timedelta(minutes=5)
"""How far the time that a message was signed with may be from ours; what is older may be somebody's recording."""

Headers: TypeAlias = Mapping[str, str]
"""The headers of a message, by names in lower case."""


@dataclass(frozen=True)
class _Claim:
    """What a message's headers claim.

    Attributes:
        signatures: one of them must fit; a vendor that replaces its secret sends two.
        content: the bytes that were signed.
        signed_at: when, as the header writes it; None in schemes without a time.
    """

    signatures: Sequence[str]
    content: bytes
    signed_at: str | None = None


@dataclass(frozen=True)
class _Scheme:
    """How a vendor signs: `claim` reads the headers (None where one is missing), `sign` makes a signature."""

    claim: Callable[[Headers, bytes], _Claim | None]
    sign: Callable[[str, bytes], str]


def signature_problem(
    vendor: Vendor, headers: Headers, body: bytes, secrets: Sequence[str], now: datetime
) -> str | None:
    """Return why a message is not to be trusted, as a clause about it; None where it is.

    Args:
        vendor: one of `SIGNING_VENDORS`, whose scheme decides.
        headers: the message's headers.
        body: its bytes as they came, since any rewriting changes the signature.
        secrets: the secrets that may have signed it: one, or two while one replaces the other.
        now: the clock, from which the signed time may be `TOLERANCE` away.
    """
    scheme = _SCHEMES[vendor]
    claim = scheme.claim(headers, body)
    if claim is None or not claim.signatures:
        return "it carries no signature"
    if claim.signed_at is not None:
        signed_at = _instant(claim.signed_at)
        if signed_at is None:
            return "the time of its signature cannot be read"
        if abs(now - signed_at) > TOLERANCE:
            return "the time of its signature is more than five minutes away"
    # Every pair is compared, in constant time each: how long it takes tells nothing about the secret.
    expected = [scheme.sign(secret, claim.content).encode() for secret in secrets]
    fits = [hmac.compare_digest(made, given.encode()) for made in expected for given in claim.signatures]
    return None if any(fits) else "its signature fits no secret"


def signing_secrets(name: str, source: Source, environment: Mapping[str, str]) -> list[str]:
    """Return the secrets of a source with `intake`.

    Args:
        name: the source.
        source: its section of `journey.yaml`.
        environment: where the secrets are, under the names in `intake.secret_env`.

    Raises:
        ConfigError: where one is not set, or is none; its variable is named, its value never.
    """
    assert source.intake is not None
    secrets = []
    for variable in source.intake.variables:
        secret = environment.get(variable, "").strip()
        if not secret:
            msg = f"sources.{name}: messages are verified with the secret in the environment variable {variable}, which is not set."
            raise ConfigError(msg)
        if source.vendor == "tabular":
            try:
                Webhook(secret)
            except Exception as error:
                msg = f"The secret in {variable} is no signing secret; it looks like whsec_ and base64 after it."
                raise ConfigError(msg) from error
        secrets.append(secret)
    return secrets


def _segment(headers: Headers, body: bytes) -> _Claim | None:
    signature = headers.get("x-signature")
    return _Claim([signature], body) if signature else None


def _customerio(headers: Headers, body: bytes) -> _Claim | None:
    signature, at = headers.get("x-cio-signature"), headers.get("x-cio-timestamp")
    return _Claim([signature], b"v0:" + at.encode() + b":" + body, at) if signature and at else None


def _zendesk(headers: Headers, body: bytes) -> _Claim | None:
    signature = headers.get("x-zendesk-webhook-signature")
    at = headers.get("x-zendesk-webhook-signature-timestamp")
    return _Claim([signature], at.encode() + body, at) if signature and at else None


def _stripe(headers: Headers, body: bytes) -> _Claim | None:
    pairs = [part.strip().partition("=") for part in headers.get("stripe-signature", "").split(",")]
    at = next((value for key, _, value in pairs if key == "t"), None)
    # v0 signs test messages of another kind; only v1 counts.
    signatures = [value for key, _, value in pairs if key == "v1"]
    return _Claim(signatures, at.encode() + b"." + body, at) if at else None


def _standard(headers: Headers, body: bytes) -> _Claim | None:
    key, at = headers.get("webhook-id"), headers.get("webhook-timestamp")
    given = [part.partition(",") for part in headers.get("webhook-signature", "").split()]
    signatures = [value for version, _, value in given if version == "v1"]
    return _Claim(signatures, f"{key}.{at}.".encode() + body, at) if key and at else None


def _hexadecimal(algorithm: str) -> Callable[[str, bytes], str]:
    return lambda secret, content: hmac.new(secret.encode(), content, algorithm).hexdigest()


def _base64(secret: str, content: bytes) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), content, hashlib.sha256)).decode()


def _base64_by_decoded_secret(secret: str, content: bytes) -> str:
    # The library's own `verify` looks at the clock of the machine, so the few lines stand here, and the tests compare.
    key = base64.b64decode(secret.removeprefix("whsec_") + "==")
    return base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


def _instant(text: str) -> datetime | None:
    """Return an instant written as seconds since 1970 or, by Zendesk, as ISO 8601."""
    try:
        instant = datetime.fromtimestamp(int(text), UTC) if text.isdecimal() else datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return instant if instant.tzinfo else None


_SCHEMES: Mapping[str, _Scheme] = {
    "segment": _Scheme(_segment, _hexadecimal("sha1")),
    "customerio": _Scheme(_customerio, _hexadecimal("sha256")),
    "zendesk": _Scheme(_zendesk, _base64),
    "stripe": _Scheme(_stripe, _hexadecimal("sha256")),
    "tabular": _Scheme(_standard, _base64_by_decoded_secret),
}
"""Vendor to its scheme, as its documentation of webhooks has it; a business's own messages follow standardwebhooks.com."""
