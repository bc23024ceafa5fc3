import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from journeys.config.errors import ConfigError
from journeys.config.intake import SIGNING_VENDORS
from journeys.config.sources import Source
from journeys.landing.webhook_signatures import signature_problem, signing_secrets
from tests.journeys.landing.signing import OTHERS, SECRETS, signed

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
BODY = '{"id": "evt_1", "näme": "Zoë"}'.encode()
WITH_TIME = [vendor for vendor in SIGNING_VENDORS if vendor != "segment"]
FITS_NONE, STALE, UNSIGNED = (
    "its signature fits no secret",
    "the time of its signature is more than five minutes away",
    "it carries no signature",
)


def _problem(vendor: Any, headers: dict[str, str], body: bytes = BODY, secrets: Any = None, now: datetime = NOW):
    return signature_problem(vendor, headers, body, secrets or [SECRETS[vendor]], now)


PUBLISHED = [
    # RFC 2202, test case 2 for HMAC-SHA-1.
    (
        "segment",
        "Jefe",
        b"what do ya want for nothing?",
        {"x-signature": "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
        NOW,
    ),
    # Slack, whose scheme Customer.io has taken over, in "Verifying requests from Slack".
    (
        "customerio",
        "8f742231b10e8888abcd99yyyzzz85a5",
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
        {
            "x-cio-timestamp": "1531420618",
            "x-cio-signature": "a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        },
        datetime.fromtimestamp(1531420618, UTC),
    ),
    # Made by the library `stripe` 16.1.0.
    (
        "stripe",
        "whsec_test_secret",
        b'{"id":"evt_1","object":"event"}',
        {"stripe-signature": "t=1772330400,v1=e30ef0600838cb6d387ba62fa14582656d3faffc588b7219d83e8ee8a7252956"},
        NOW,
    ),
]


@pytest.mark.parametrize(("vendor", "secret", "body", "headers", "now"), PUBLISHED)
def test_signatures_that_somebody_else_made(vendor: Any, secret: str, body: bytes, headers: Any, now: datetime) -> None:
    """What others published is trusted, and with one byte more it is not."""
    assert _problem(vendor, headers, body, [secret], now) is None
    assert _problem(vendor, headers, body + b" ", [secret], now) == FITS_NONE


@given(
    body=st.text(), key=st.text("abc_123", min_size=1), raw=st.binary(min_size=1, max_size=64), is_right=st.booleans()
)
def test_standard_webhooks_agree_with_their_library(body: str, key: str, raw: bytes, is_right: bool) -> None:
    """What the library signs is trusted; what it signed for another secret is not."""
    secret = "whsec_" + base64.b64encode(raw).decode()
    signer = Webhook(raw if is_right else raw + b"x")
    headers = {
        "webhook-id": key,
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": signer.sign(key, NOW, body),
    }
    assert _problem("tabular", headers, body.encode(), [secret]) == (None if is_right else FITS_NONE)


@pytest.mark.parametrize("vendor", SIGNING_VENDORS)
def test_every_vendor(vendor: str) -> None:
    """A right message is trusted; one that was changed, signed by somebody else or not signed is not."""
    headers = signed(vendor, BODY, NOW)
    assert _problem(vendor, headers) is None
    assert _problem(vendor, headers, BODY.replace(b"evt_1", b"evt_2")) == FITS_NONE
    assert _problem(vendor, headers, secrets=[OTHERS[vendor]]) == FITS_NONE
    assert _problem(vendor, {}) == UNSIGNED
    for name in headers:
        assert _problem(vendor, {key: value for key, value in headers.items() if key != name}) == UNSIGNED


@pytest.mark.parametrize("vendor", SIGNING_VENDORS)
def test_two_secrets_while_one_replaces_the_other(vendor: str) -> None:
    """Either of two secrets is enough, in either order."""
    old, new = SECRETS[vendor], OTHERS[vendor]
    for secret in (old, new):
        headers = signed(vendor, BODY, NOW, secret)
        assert _problem(vendor, headers, secrets=[old, new]) is None
        assert _problem(vendor, headers, secrets=[new, old]) is None


@pytest.mark.parametrize("vendor", ["stripe", "tabular"])
def test_two_signatures_of_one_message(vendor: str) -> None:
    """A vendor that signs with both secrets is trusted by whoever knows one."""
    headers = signed(vendor, BODY, NOW, OTHERS[vendor], SECRETS[vendor])
    assert _problem(vendor, headers) is None
    assert _problem(vendor, headers, secrets=[OTHERS[vendor]]) is None


@pytest.mark.parametrize("vendor", WITH_TIME)
@pytest.mark.parametrize(("away", "expected"), [(299, None), (300, None), (301, STALE), (-300, None), (-301, STALE)])
def test_recordings(vendor: str, away: int, expected: str | None) -> None:
    """A message is good for five minutes by either clock, and its time cannot be changed."""
    now = NOW + timedelta(seconds=away)
    headers = signed(vendor, BODY, NOW)
    assert _problem(vendor, headers, now=now) == expected
    later = signed(vendor, BODY, now)
    forged = {name: (later if "timestamp" in name else headers)[name] for name in headers}
    if vendor == "stripe":
        forged["stripe-signature"] = headers["stripe-signature"].replace(
            f"t={int(NOW.timestamp())}", f"t={int(now.timestamp())}"
        )
    assert _problem(vendor, forged, now=now) == FITS_NONE


@pytest.mark.parametrize(
    ("vendor", "change", "expected"),
    [
        ("customerio", {"x-cio-timestamp": "soon"}, "the time of its signature cannot be read"),
        ("customerio", {"x-cio-timestamp": "9" * 30}, "the time of its signature cannot be read"),
        ("customerio", {"x-cio-signature": "ü"}, FITS_NONE),
        (
            "zendesk",
            {"x-zendesk-webhook-signature-timestamp": "2026-03-01T02:00:00"},
            "the time of its signature cannot be read",
        ),
        ("stripe", {"stripe-signature": "t=1772330400"}, UNSIGNED),
        ("stripe", {"stripe-signature": "t=1772330400,v0=00"}, UNSIGNED),
        ("stripe", {"stripe-signature": ",=,t,v1"}, UNSIGNED),
        ("tabular", {"webhook-signature": "v1"}, FITS_NONE),
        ("tabular", {"webhook-signature": "v1a,AAAA"}, UNSIGNED),
        ("tabular", {"webhook-signature": "nonsense v2,x"}, UNSIGNED),
    ],
)
def test_headers_that_make_no_sense(vendor: str, change: dict[str, str], expected: str) -> None:
    """Whatever stands in a header, it is a reason and no error."""
    assert _problem(vendor, signed(vendor, BODY, NOW) | change) == expected


def test_a_body_that_is_no_text() -> None:
    """Bytes are signed as they are; what they mean is another question."""
    assert _problem("zendesk", signed("zendesk", b"\xff\x00", NOW), b"\xff\x00") is None


def _source(vendor: str, secret_env: str | list[str]) -> Source:
    own = {"columns": {"event": "what", "event_at": "at", "record_id": "id"}, "identifiers": {"user_id": "client"}}
    raw = {"vendor": vendor, "files": "app/*.jsonl", "intake": {"secret_env": secret_env}}
    return Source.model_validate(raw | (own if vendor == "tabular" else {}))


def test_secrets_come_from_the_environment() -> None:
    """Each variable holds one secret."""
    variables = {"NEW": SECRETS["tabular"], "OLD": f"{OTHERS['tabular']}\n"}
    assert signing_secrets("app", _source("tabular", "NEW"), variables) == [SECRETS["tabular"]]
    assert signing_secrets("app", _source("tabular", ["NEW", "OLD"]), variables) == [
        SECRETS["tabular"],
        OTHERS["tabular"],
    ]


@pytest.mark.parametrize(
    ("vendor", "variables", "sentence"),
    [
        (
            "segment",
            {"NEW": "x"},
            "sources.app: messages are verified with the secret in the environment variable OLD, which is not set.",
        ),
        (
            "segment",
            {"NEW": " ", "OLD": "x"},
            "sources.app: messages are verified with the secret in the environment variable NEW, which is not set.",
        ),
        (
            "tabular",
            {"NEW": "whsec_a", "OLD": SECRETS["tabular"]},
            "The secret in NEW is no signing secret; it looks like whsec_ and base64 after it.",
        ),
        (
            "tabular",
            {"NEW": "whsec_", "OLD": SECRETS["tabular"]},
            "The secret in NEW is no signing secret; it looks like whsec_ and base64 after it.",
        ),
    ],
)
def test_secrets_that_are_missing_or_none(vendor: str, variables: dict[str, str], sentence: str) -> None:
    """The variable is named; its value is not."""
    with pytest.raises(ConfigError) as raised:
        signing_secrets("app", _source(vendor, ["NEW", "OLD"]), variables)
    assert str(raised.value) == sentence
