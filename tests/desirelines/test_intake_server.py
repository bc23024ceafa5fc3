"""Webhooks over real HTTP, into the lake by the real loader."""

import json
import logging
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
import yaml

from desirelines.doors import clock
from desirelines.intake_server import Letterbox, intake_app, serve
from journeys.config.errors import DataError, DesireLinesError
from journeys.config.sources import Source
from journeys.lake.workspace import Workspace
from journeys.landing.intake import LandingFolder
from journeys.landing.webhook_signatures import signing_secrets
from journeys.touchpoints.load import load_touchpoints
from tests.journeys.landing.signing import OTHERS, SECRETS, signed
from tests.journeys.touchpoints.shop import drawn_counts, rows_of, shop_in

COLUMNS = {"event": "what", "event_at": "at", "record_id": "id"}
SOURCES: dict[str, Any] = {
    vendor: {
        "vendor": vendor,
        "files": f"{vendor}/*.jsonl",
        "fresh": True,
        "intake": {"secret_env": [f"{vendor.upper()}_SECRET", f"{vendor.upper()}_NEXT_SECRET"]},
    }
    for vendor in SECRETS
}
SOURCES["tabular"] |= {"columns": COLUMNS, "identifiers": {"user_id": "client"}}
VARIABLES = {f"{vendor.upper()}_SECRET": secret for vendor, secret in SECRETS.items()} | {
    f"{vendor.upper()}_NEXT_SECRET": secret for vendor, secret in OTHERS.items()
}
AT = "2026-02-28T02:00:00Z"
MESSAGES: dict[str, Any] = {
    "segment": {"type": "track", "event": "Signed Up", "messageId": "m1", "userId": "u1", "timestamp": AT},
    "customerio": {
        "event_id": "e1",
        "object_type": "email",
        "metric": "clicked",
        "timestamp": 1772244000,
        "data": {"identifiers": {"id": "u1", "email": "ann@example.org"}},
    },
    "zendesk": {
        "type": "zen:event-type:ticket.created",
        "id": "z1",
        "time": AT,
        "detail": {"id": "7", "requester_id": "70", "created_at": AT, "subject": "Help"},
        "event": {},
    },
    "stripe": {
        "id": "evt_1",
        "object": "event",
        "type": "charge.succeeded",
        "created": 1772244000,
        "data": {"object": {"id": "ch_1", "object": "charge", "amount": 1250, "currency": "eur", "customer": "cus_1"}},
    },
    "tabular": {"what": "buy", "at": AT, "client": "u1"},
}


class Receiving:
    """A server in this process, which sees the time that `now` says."""

    def __init__(self, workspace: Workspace) -> None:
        self.now = clock
        self.boxes = {
            name: Letterbox(
                name,
                source,
                signing_secrets(name, source, VARIABLES),
                LandingFolder(workspace.project.data_dir / name, finish_after=timedelta(hours=1)),
                self._clock,
            )
            for name, source in workspace.project.config.sources.items()
        }
        app = intake_app(self.boxes, self._clock, largest_bytes=10_000)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/intake"
        self.server = uvicorn.Server(uvicorn.Config(app, lifespan="on", access_log=False, log_config=None))
        self._http = httpx.Client()
        self._thread = threading.Thread(target=self.server.run, args=([self._socket],))
        self._thread.start()

    def _clock(self) -> datetime:
        return self.now()

    def post(self, name: str, message: Any, *secrets: str, key: str = "msg_1", **headers: str) -> httpx.Response:
        """Send a message, signed now with each of the secrets, the source's own unless given."""
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        sent = signed(name, body, datetime.now(UTC), *secrets, key=key) | headers
        return self._http.post(f"{self.url}/{name}", content=body, headers=sent)

    def end(self) -> None:
        """Stop, then finish the files."""
        self._http.close()
        self.server.should_exit = True
        self._thread.join()
        self._socket.close()
        for box in self.boxes.values():
            box.folder.close()


@contextmanager
def _receiving(folder: Path, *names: str) -> Iterator[tuple[Receiving, Workspace]]:
    workspace = shop_in(folder, now=datetime.now(UTC), **{name: SOURCES[name] for name in names})
    received = Receiving(workspace)
    try:
        yield received, workspace
    finally:
        received.end()


def test_a_message_of_every_vendor_comes_into_the_lake(tmp_path: Path) -> None:
    """Signed messages become touchpoints; one that is delivered again is a duplicate, with either secret."""
    with _receiving(tmp_path, *SOURCES) as (received, workspace):
        for name, message in MESSAGES.items():
            for secret in (SECRETS[name], OTHERS[name]):
                answer = received.post(name, message, secret)
                assert (answer.status_code, answer.json()) == (200, {"landed": 1})
        assert load_touchpoints(workspace).counts["files"] == 0
    assert drawn_counts(load_touchpoints(workspace)) == (10, 5, 5, 0, 5)
    assert rows_of(workspace, "touchpoints", "source", "touchpoint", "source_record_id", "amount") == [
        ("customerio", "Email Link Clicked", "event:e1:Email Link Clicked", None),
        ("segment", "Signed Up", "m1", None),
        ("stripe", "charge.succeeded", "evt_1", 12.5),
        ("tabular", "buy", "msg_1", None),
        ("zendesk", "ticket_created", "7:created", None),
    ]


def test_what_the_reader_refuses_keeps_nothing_else_out(tmp_path: Path) -> None:
    """A message that names nobody is quarantined; the others of its file are loaded."""
    with _receiving(tmp_path, "tabular") as (received, workspace):
        batch = [MESSAGES["tabular"], {"what": "buy", "at": AT}, "x"]
        assert received.post("tabular", batch).json() == {"landed": 3}
    assert drawn_counts(load_touchpoints(workspace)) == (3, 1, 0, 2, 1)
    assert rows_of(workspace, "quarantine", "rule") == [("no_identifier",), ("not_an_object",)]
    assert rows_of(workspace, "touchpoints", "source_record_id") == [("msg_1:0",)]


def test_what_is_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Each refusal has its status and sentence, lands nothing, and logs neither body, sender nor secret."""
    good = MESSAGES["customerio"]
    body = json.dumps(good).encode()
    with caplog.at_level(logging.INFO), _receiving(tmp_path, "customerio") as (received, workspace):

        def post(content: bytes, headers: dict[str, str], path: str = "customerio", method: str = "POST") -> Any:
            answer = httpx.request(method, f"{received.url}/{path}", content=content, headers=headers)
            return answer.status_code, answer.json()["error"]

        right = signed("customerio", body, datetime.now(UTC))
        assert post(body, {}) == (401, "The message is not trusted: it carries no signature.")
        assert post(body + b" ", right) == (401, "The message is not trusted: its signature fits no secret.")
        received.now = lambda: datetime.now(UTC) + timedelta(minutes=6)
        assert post(body, right) == (
            401,
            "The message is not trusted: the time of its signature is more than five minutes away.",
        )
        received.now = clock
        assert post(b"{", signed("customerio", b"{", datetime.now(UTC))) == (
            400,
            "The message is not valid JSON; send one object, or a list of objects.",
        )
        long = b"[" + b" " * 9_999 + b"]"
        assert post(long, signed("customerio", long, datetime.now(UTC))) == (
            413,
            "The message is longer than 10000 bytes; send it in parts.",
        )
        assert post(body, right, "nobody") == (404, "There is no source of that name that receives messages.")
        assert post(body, right, "../x")[0] == 404
        assert post(body, right, method="PUT")[0] == 405
        assert post(b"[]", signed("customerio", b"[]", datetime.now(UTC)), "nobody")[0] == 404
        assert list((tmp_path / "customerio").iterdir()) == []
        assert received.post("customerio", []).json() == {"landed": 0}
        assert received.post("customerio", good).status_code == 200
    told = caplog.text
    assert "customerio: a message is answered 401. The message is not trusted" in told
    for secret in ("ann@", SECRETS["customerio"], OTHERS["customerio"], "nobody", "127.0.0.1:", "clicked"):
        assert secret not in "\n".join(record.getMessage() for record in caplog.records if record.name != "httpx")
    assert rows_of(workspace, "touchpoints") == []


def test_what_is_longer_than_it_says(tmp_path: Path) -> None:
    """A body without a length is counted while it comes; one that breaks off lands nothing and hurts nobody."""
    with _receiving(tmp_path, "segment") as (received, _):
        answer = httpx.post(f"{received.url}/segment", content=(b" " * 1000 for _ in range(11)))
        assert answer.status_code == 413
        host, port = "127.0.0.1", httpx.URL(received.url).port or 0
        with socket.create_connection((host, port)) as connection:
            connection.sendall(b"POST /intake/segment HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{")
        assert received.post("segment", MESSAGES["segment"]).status_code == 200
    (landed,) = (tmp_path / "segment").iterdir()
    assert landed.read_text().count("\n") == 1


def test_a_disk_that_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be landed is answered 503, with a time after which every vendor sends again; then it is landed."""
    with _receiving(tmp_path, "tabular") as (received, workspace):
        assert received.post("tabular", MESSAGES["tabular"], key="msg_0").status_code == 200
        durable = os.fsync

        def full(_file: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        answer = received.post("tabular", MESSAGES["tabular"])
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
        assert answer.json() == {"error": "The message cannot be landed now; send it again."}
        monkeypatch.setattr(os, "fsync", durable)
        assert received.post("tabular", MESSAGES["tabular"]).status_code == 200
    # Nobody knows whether the line is there that the disk did not confirm; here it is, and counts once.
    assert drawn_counts(load_touchpoints(workspace)) == (3, 2, 1, 0, 2)


def test_files_are_finished_by_themselves(tmp_path: Path) -> None:
    """Where no message follows, a file is finished all the same once it is old enough."""
    with _receiving(tmp_path, "tabular") as (received, workspace):
        received.post("tabular", MESSAGES["tabular"])
        received.now = lambda: datetime.now(UTC) + timedelta(hours=1)
        deadline = time.monotonic() + 20
        while not list((tmp_path / "tabular").glob("2*.jsonl")):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert drawn_counts(load_touchpoints(workspace)) == (1, 1, 0, 0, 1)


def test_many_at_once(tmp_path: Path) -> None:
    """Each of several hundred messages from many threads is loaded exactly once."""
    rng = random.Random(7)
    keys = [f"msg_{number}" for number in range(400)]
    again = rng.sample(keys, 60)
    with _receiving(tmp_path, "tabular") as (received, workspace), ThreadPoolExecutor(24) as pool:
        sent = keys + again
        rng.shuffle(sent)
        answers = list(pool.map(lambda key: received.post("tabular", MESSAGES["tabular"], key=key).status_code, sent))
    assert answers == [200] * 460
    assert drawn_counts(load_touchpoints(workspace)) == (460, 400, 60, 0, 400)
    assert rows_of(workspace, "touchpoints", "source_record_id") == sorted((key,) for key in keys)


class Process:
    """`desirelines intake` in a process of its own, on any free port."""

    def __init__(self, folder: Path, *options: str) -> None:
        command = [sys.executable, "-c", "from desirelines.cli import main; main()", "--project", str(folder), "intake"]
        self.process = subprocess.Popen(
            [*command, "--port", "0", *options], env={**os.environ, **VARIABLES}, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        told = self.process.stdout.readline()
        assert told.startswith("Receiving at http://127.0.0.1:"), told
        self.url = told.split()[2]

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait until the process has ended."""
        self.process.send_signal(number)
        self.process.communicate()
        return self.process.returncode


def _send(process: Process, left: list[str], answered: set[str], *, senders: int = 6) -> list[threading.Thread]:
    """Start threads that send the messages in `left` until there are none, or nobody answers."""

    def send() -> None:
        with httpx.Client(timeout=10) as client:
            while left:
                key = left.pop()
                body = json.dumps(MESSAGES["tabular"] | {"note": key}).encode()
                try:
                    headers = signed("tabular", body, datetime.now(UTC), key=key)
                    answer = client.post(f"{process.url}tabular", content=body, headers=headers)
                except httpx.TransportError:
                    left.append(key)
                    return
                assert answer.status_code == 200
                answered.add(key)

    threads = [threading.Thread(target=send) for _ in range(senders)]
    for thread in threads:
        thread.start()
    return threads


def _project(folder: Path) -> Callable[[], Workspace]:
    workspace = shop_in(folder, now=datetime.now(UTC) + timedelta(minutes=1), tabular=SOURCES["tabular"])
    raw = workspace.project.config.model_dump(mode="json", exclude_defaults=True)
    (folder / "journey.yaml").write_text(yaml.safe_dump(raw))
    return lambda: workspace


def test_killed_while_messages_come(tmp_path: Path) -> None:
    """Killed at seeded moments and started again: all that was answered is in the lake, all that was sent is, once."""
    workspace = _project(tmp_path)()
    rng = random.Random(11)
    keys = [f"msg_{number:05}" for number in range(20_000)]
    left, answered, rounds = list(reversed(keys)), set[str](), []
    for _ in range(5):
        process = Process(tmp_path, "--finish-after", "1")
        threads = _send(process, left, answered)
        time.sleep(rng.uniform(0.1, 1.6))
        process.end(signal.SIGKILL)
        for thread in threads:
            thread.join()
        rounds.append(len(answered))
        if rng.random() < 0.5:
            load_touchpoints(workspace)
    assert rounds == sorted(set(rounds))
    assert rounds[0] > 0
    process = Process(tmp_path, "--finish-after", "1")
    unanswered = left[-60:]  # those that were on their way when the process was killed are among them
    sent_last = list(unanswered)
    for thread in _send(process, sent_last, answered):
        thread.join()
    assert process.end(signal.SIGTERM) == 128 + signal.SIGTERM
    load_touchpoints(workspace)
    found = [key for (key,) in rows_of(workspace, "touchpoints", "source_record_id")]
    assert len(found) == len(set(found))
    assert answered <= set(found)
    assert set(found) <= set(keys)
    assert list((tmp_path / "tabular").glob(".*")) == []


def test_the_command_ends_with_its_files_finished(tmp_path: Path) -> None:
    """Ctrl-C finishes what was landed; the next start and the loader find it."""
    workspace = _project(tmp_path)()
    process = Process(tmp_path)
    answered: set[str] = set()
    for thread in _send(process, ["msg_1", "msg_2"], answered):
        thread.join()
    assert list((tmp_path / "tabular").glob("2*")) == []
    assert process.end(signal.SIGINT) != 0
    assert drawn_counts(load_touchpoints(workspace)) == (2, 2, 0, 0, 2)


def _serve(folder: Path, variables: dict[str, str], port: int = 0, **sources: Any) -> None:
    def never(url: str) -> None:
        raise AssertionError(url)

    project = shop_in(folder, **sources).project
    serve(
        project,
        host="127.0.0.1",
        port=port,
        finish_after=timedelta(1),
        variables=variables,
        clock=clock,
        announce=never,
    )


@pytest.mark.parametrize(
    ("sources", "variables", "sentence"),
    [
        ({}, VARIABLES, "No source of journey.yaml receives messages"),
        (SOURCES, {}, "sources.segment: messages are verified with the secret in the environment variable"),
        ({"a": SOURCES["stripe"], "b": SOURCES["stripe"]}, VARIABLES, "give each source a folder of its own"),
    ],
)
def test_what_keeps_it_from_starting(tmp_path: Path, sources: Any, variables: dict[str, str], sentence: str) -> None:
    """Nothing is received where something is missing."""
    with pytest.raises(DesireLinesError, match=sentence):
        _serve(tmp_path, variables, **sources)


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """The sentence names the port and the option."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DataError, match=f"Cannot listen on 127.0.0.1, port {port} .*choose others with --host and"):
            _serve(tmp_path, VARIABLES, port, stripe=SOURCES["stripe"])


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="needs curl and openssl")
def test_the_command_line_of_the_documentation(tmp_path: Path) -> None:
    """What docs/webhooks.md says to type lands a message."""
    page = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
    (block,) = [block for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) if "curl" in block]
    with _receiving(tmp_path, "segment") as (received, workspace):
        script = block.replace("http://127.0.0.1:8787/intake/website", f"{received.url}/segment")
        variables = {**os.environ, "SEGMENT_WEBHOOK_SECRET": SECRETS["segment"]}
        done = subprocess.run(["/bin/sh", "-ec", script], env=variables, capture_output=True, text=True, check=True)
    assert done.stdout == '{"landed":1}'
    assert drawn_counts(load_touchpoints(workspace)) == (1, 1, 0, 0, 1)


def test_the_sources_of_the_documentation() -> None:
    """What docs/webhooks.md says to write into journey.yaml is understood."""
    page = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
    (block,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    sources = {name: Source.model_validate(raw) for name, raw in yaml.safe_load(block)["sources"].items()}
    assert {name: source.intake.variables for name, source in sources.items() if source.intake} == {
        "website": ["SEGMENT_WEBHOOK_SECRET"],
        "app": ["APP_WEBHOOK_SECRET", "APP_WEBHOOK_SECRET_BEFORE"],
    }
