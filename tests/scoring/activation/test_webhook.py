"""The webhook against a real receiver on this machine."""

import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from journeys.config.destinations import WebhookDestination
from journeys.config.errors import ConfigError, DestinationError
from scoring.activation import webhook
from scoring.activation.ledger import Ledger
from scoring.activation.plan import Wanted, plan
from scoring.activation.shipment import Shipment
from scoring.activation.webhook import WebhookSender
from scoring.activation.wire import Wire
from tests.scoring.activation.receiver import DROP, HANG, SECRET, Receiver, receiving

KEY = "20260301T000000Z"
IDENTIFIERS = {f"id-{name}": ("email", f"{name}@example.com") for name in "abcdefghij"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    found = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield found
    found.close()


class Line:
    """A wire that does not wait but remembers how long it would have."""

    def __init__(self) -> None:
        self.pauses: list[float] = []
        self.wire = Wire(clock=lambda: datetime.now(tz=UTC), sleep=self.pauses.append, jitter=lambda: 0.0)


def wanted(names: str, **content: Any) -> list[Wanted]:
    return [
        Wanted(
            f"at_risk:churn:{name}", "at_risk", name, {"customer_id": name, "identifier_id": f"id-{name}", **content}
        )
        for name in names
    ]


def shipment(rows: list[Wanted], ledger: Ledger, held_out: str = "", key: str = KEY) -> Shipment:
    known = ledger.deliveries("crm", tables=["at_risk", "decisions"])
    return Shipment(
        project="drawn",
        destination="crm",
        snapshot_at=datetime(2026, 3, 1, tzinfo=UTC),
        snapshot_key=key,
        run_id="run-1",
        made_at=datetime(2026, 3, 1, tzinfo=UTC),
        plan=plan(rows, known, destination="crm", snapshot_key=key, run_id="run-1"),
        tables={"at_risk": pd.DataFrame({"customer_id": list("abc")})},
        identifiers=IDENTIFIERS,
        held_out=frozenset(held_out),
        model_versions={},
    )


def sender(receiver: Receiver, line: Line | None = None) -> WebhookSender:
    settings = WebhookDestination(
        type="webhook", url=receiver.url, secret_env="CRM_SECRET", allow_private_address=True, tables=["at_risk"]
    )
    return WebhookSender("crm", settings, {"CRM_SECRET": SECRET}, (line or Line()).wire)


def states(ledger: Ledger) -> dict[str, str]:
    return {row.customer_id: row.state for row in ledger.deliveries("crm", tables=["at_risk"])}


def test_second_push_makes_no_request(receiver: Receiver, ledger: Ledger) -> None:
    """What is delivered and unchanged is not sent again; a change and a withdrawal are, once."""
    receipt = sender(receiver).push(shipment(wanted("abc"), ledger), ledger)
    assert receipt.count_delivered == 3
    assert {row["body"]["type"] for row in receiver.requests} == {"at_risk.updated"}
    assert receiver.requests[0]["body"]["data"] == {
        "customer_id": "a",
        "identifier": {"type": "email", "value": "a@example.com"},
        "project": "drawn",
    }
    sender(receiver).push(shipment(wanted("abc"), ledger), ledger)
    assert len(receiver.requests) == 3

    sender(receiver).push(shipment([*wanted("a"), *wanted("b", score=0.5)], ledger), ledger)
    assert [(row["body"]["type"], row["body"]["data"]["customer_id"]) for row in receiver.requests[3:]] == [
        ("at_risk.withdrawn", "c"),
        ("at_risk.updated", "b"),
    ]
    sender(receiver).push(shipment([*wanted("a"), *wanted("b", score=0.5)], ledger), ledger)
    assert len(receiver.requests) == 5


def test_back_on_the_list_is_a_new_message(receiver: Receiver, ledger: Ledger) -> None:
    """A customer who left the list and returns with the same content is told of under a new id."""
    for rows in (wanted("a"), [], wanted("a")):
        sender(receiver).push(shipment(rows, ledger), ledger)
    assert len(receiver.accepted) == 3
    assert receiver.requests[0]["text"] == receiver.requests[2]["text"]


def test_retries_keep_the_id(receiver: Receiver, ledger: Ledger) -> None:
    """Server errors, throttling and dropped connections are retried under the same id, with the asked pause."""
    receiver.script = [(500, {}), (429, {"retry-after": "7"}), DROP, (202, {"x-request-id": "r-1"})]
    line = Line()
    sender(receiver, line).push(shipment(wanted("a"), ledger), ledger)
    assert len(set(receiver.ids)) == 1
    assert len(receiver.ids) == 4
    assert line.pauses == [0.5, 7.0, 2.0]
    (row,) = ledger.deliveries("crm", tables=["at_risk"])
    assert (row.state, row.attempts, row.response_id) == ("delivered", 4, "r-1")


def test_retry_after_as_a_date(receiver: Receiver, ledger: Ledger) -> None:
    """A pause may be asked as a date."""
    receiver.script = [(503, {"retry-after": format_datetime(datetime.now(tz=UTC) + timedelta(seconds=60))})]
    line = Line()
    sender(receiver, line).push(shipment(wanted("a"), ledger), ledger)
    assert 50 < line.pauses[0] <= 60


def test_silence_is_retried(receiver: Receiver, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A receiver that takes the message and does not answer gets it again under the same id."""
    monkeypatch.setattr(webhook, "_TIMEOUT", httpx.Timeout(0.2))
    receiver.script = [HANG]
    sender(receiver).push(shipment(wanted("a"), ledger), ledger)
    assert len(receiver.ids) == 2
    assert len(set(receiver.ids)) == 1


def test_long_pause_stops_the_push(receiver: Receiver, ledger: Ledger) -> None:
    """A receiver that asks for an hour is left alone until the next push, which sends the rest."""
    receiver.script = [(204, {}), (429, {"retry-after": "3600"})]
    with pytest.raises(DestinationError, match="asks to wait 3600 s"):
        sender(receiver).push(shipment(wanted("abc"), ledger), ledger)
    assert states(ledger) == {"a": "delivered", "b": "pending", "c": "pending"}
    sender(receiver).push(shipment(wanted("abc"), ledger), ledger)
    assert set(states(ledger).values()) == {"delivered"}
    assert receiver.ids[1] == receiver.ids[2]


def test_one_bad_message_does_not_hold_up_the_others(receiver: Receiver, ledger: Ledger) -> None:
    """A message that the receiver fails on waits for later pushes and is given up after fifteen attempts."""
    for push in range(3):
        receiver.script = [(500, {})] * 5
        receipt = sender(receiver).push(shipment(wanted("ab"), ledger), ledger)
        assert receipt.count_left == 1, push
        assert "did not accept 1 messages" in receipt.notes[0]
    assert states(ledger) == {"a": "dead", "b": "delivered"}
    count = len(receiver.requests)
    sender(receiver).push(shipment(wanted("ab"), ledger), ledger)
    assert len(receiver.requests) == count == 16


def test_outage_stops_the_push(receiver: Receiver, ledger: Ledger) -> None:
    """Three messages unanswered in a row end the push; nothing is lost."""
    receiver.script = [(503, {})] * 15
    with pytest.raises(DestinationError, match=r"3 messages in a row.*5 changes are left"):
        sender(receiver).push(shipment(wanted("abcde"), ledger), ledger)
    assert len(receiver.requests) == 15
    sender(receiver).push(shipment(wanted("abcde"), ledger), ledger)
    assert set(states(ledger).values()) == {"delivered"}


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((410, {}), "gone for good"),
        ((401, {}), "refuses all messages .401."),
        ((302, {"location": "http://169.254.169.254/"}), "redirects elsewhere .302."),
    ],
)
def test_refusals_of_everything_stop_the_push(receiver: Receiver, ledger: Ledger, answer: Any, sentence: str) -> None:
    """Gone, unauthorised and redirecting receivers get no second message, and the redirect is not followed."""
    receiver.script = [answer]
    with pytest.raises(DestinationError, match=sentence):
        sender(receiver).push(shipment(wanted("abc"), ledger), ledger)
    assert len(receiver.requests) == 1
    assert set(states(ledger).values()) == {"pending"}


def test_refused_content_is_not_repeated(receiver: Receiver, ledger: Ledger) -> None:
    """A message refused for its content is marked and not sent again until it says something else."""
    receiver.script = [(422, {})]
    receipt = sender(receiver).push(shipment(wanted("ab"), ledger), ledger)
    assert receipt.count_rejected == 1
    sender(receiver).push(shipment(wanted("ab"), ledger), ledger)
    assert len(receiver.requests) == 2
    sender(receiver).push(shipment([*wanted("a", score=1), *wanted("b")], ledger), ledger)
    assert set(states(ledger).values()) == {"delivered"}


def test_unreachable_is_one_sentence(ledger: Ledger) -> None:
    """Where nobody listens, one sentence says so, and the next push sends everything."""
    with receiving() as gone:
        pass
    with pytest.raises(DestinationError, match=r"^Destination crm \(127.0.0.1\) cannot be reached .*next push.*\.$"):
        sender(gone).push(shipment(wanted("ab"), ledger), ledger)
    assert states(ledger) == {"a": "pending", "b": "pending"}


class DyingLedger(Ledger):
    """A ledger whose process dies at the n-th write."""

    writes_left = 0

    def put(self, deliveries: Any) -> None:
        if self.writes_left == 0:
            raise KeyboardInterrupt
        self.writes_left -= 1
        super().put(deliveries)


@pytest.mark.parametrize("writes", range(5))
def test_killed_anywhere_sends_the_rest(receiver: Receiver, tmp_path: Path, writes: int) -> None:
    """Killed before any mark, the next push repeats what may have arrived under the same id, and all arrives."""
    dying = DyingLedger(f"sqlite:///{tmp_path / 'ledger.db'}")
    dying.writes_left = writes
    receiver_requests: list[str] = []
    try:
        sender(receiver).push(shipment(wanted("abc"), dying), dying)
    except KeyboardInterrupt:
        receiver_requests = receiver.ids.copy()
    receiver.accepted.clear()
    dying.writes_left = 100
    sender(receiver).push(shipment(wanted("abc"), dying), dying)
    assert set(states(dying).values()) == {"delivered"}
    assert len(set(receiver.ids)) == 3
    assert set(receiver_requests) <= set(receiver.ids)
    assert len(receiver.ids) == 3 + (1 if 1 <= writes <= 3 else 0)
    dying.close()


def test_held_out_never_leave(receiver: Receiver, ledger: Ledger) -> None:
    """The sender refuses held-out customers whatever the plan says."""
    sender(receiver).push(shipment(wanted("abc"), ledger, held_out="b"), ledger)
    assert {row["body"]["data"]["customer_id"] for row in receiver.requests} == {"a", "c"}


def test_erased_person_is_not_told_of(receiver: Receiver, ledger: Ledger) -> None:
    """Where the vault no longer knows the identifier, the message stays here."""
    made = replace(shipment(wanted("ab"), ledger), identifiers={"id-a": ("email", "a@example.com")})
    receipt = sender(receiver).push(made, ledger)
    assert (receipt.count_delivered, receipt.count_rejected) == (1, 1)
    assert len(receiver.requests) == 1


def test_too_long_a_message_is_refused_here(receiver: Receiver, ledger: Ledger) -> None:
    """A message of more than 20 kB is not sent."""
    receipt = sender(receiver).push(shipment(wanted("a", text="x" * 20_000), ledger), ledger)
    assert receipt.count_rejected == 1
    assert not receiver.requests


def test_ledger_holds_no_personal_data(receiver: Receiver, tmp_path: Path) -> None:
    """The address that a message carried is not in the ledger's file."""
    path = tmp_path / "private.db"
    ledger = Ledger(f"sqlite:///{path}")
    sender(receiver).push(shipment(wanted("a"), ledger), ledger)
    ledger.close()
    assert "a@example.com" in receiver.requests[0]["text"]
    assert b"example.com" not in path.read_bytes()


@pytest.mark.parametrize(
    ("environment", "sentence"), [({}, "CRM_SECRET, which is not set"), ({"CRM_SECRET": "x"}, "no signing secret")]
)
def test_secret_must_be_there(receiver: Receiver, environment: dict[str, str], sentence: str) -> None:
    """A missing or unusable secret is told by the name of its variable, never by its value."""
    settings = WebhookDestination(type="webhook", url=receiver.url, secret_env="CRM_SECRET")
    with pytest.raises(ConfigError, match=sentence):
        WebhookSender("crm", settings, environment, Line().wire)


def test_private_address_makes_no_connection(receiver: Receiver, ledger: Ledger) -> None:
    """Without the permission, a receiver on this machine gets nothing and nothing is planned."""
    settings = WebhookDestination(type="webhook", url=receiver.url, secret_env="CRM_SECRET")
    guarded = WebhookSender("crm", settings, {"CRM_SECRET": SECRET}, Line().wire)
    with pytest.raises(DestinationError, match="not a public one"):
        guarded.push(shipment(wanted("a"), ledger), ledger)
    assert not receiver.requests
    assert not states(ledger)


def test_name_is_checked_against_the_address_used(ledger: Ledger, tmp_path: Path) -> None:
    """With TLS the certificate must be the host name's, though the connection goes to the checked address."""
    authority, server = _certificates(tmp_path, "crm.test")
    with receiving(server) as receiver:
        port = receiver.url.rsplit(":", 1)[1]
        for host, is_right in (("crm.test", True), ("other.test", False)):
            settings = WebhookDestination(
                type="webhook", url=f"https://{host}:{port}", secret_env="CRM_SECRET", allow_private_address=True
            )
            wire = replace(Line().wire, resolve=lambda _host, _port: ["127.0.0.1"], certificates=authority)
            secure = WebhookSender("crm", settings, {"CRM_SECRET": SECRET}, wire)
            made = shipment(wanted("a", host=host), ledger)
            if is_right:
                assert secure.push(made, ledger).count_delivered == 1
                assert receiver.requests[0]["host"].startswith("crm.test:")
            else:
                with pytest.raises(DestinationError, match="cannot be reached"):
                    secure.push(made, ledger)
        assert len(receiver.requests) == 1


def _certificates(folder: Path, host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return a client's context that trusts one self-signed certificate, and the server's that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(tz=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    client = ssl.create_default_context(cadata=certificate.public_bytes(serialization.Encoding.PEM).decode())
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return client, server
