"""Bad input, as a person meets it: one clear sentence, a non-zero exit, and the earlier tables as they were."""

import gzip
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from desirelines.cli import app
from journeys.lake.delta import Lake

GOOD = "".join(f"u{number},{event},2026-0{month}-1{number % 10}T10:00:00Z\n" for number in range(40) for month, event in ((1, "visit"), (2, "purchase")))  # fmt: skip
HEADER = "user_id,event,event_at\n"

CONFIG = """\
project: shop
sources:
  events: {vendor: tabular, files: "events*", columns: {event: event, event_at: event_at}, identifiers: {user_id: user_id}}
stages:
  - {name: visiting, enters_on: [visit]}
outcomes:
  - {name: bought, kind: positive, touchpoints: [purchase]}
targets:
  buying: {outcome: bought, kind: conversion, horizon: 7d}
"""


class Shop:
    """A small project on disk, and the command line over it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "journey.yaml"
        self.config.write_text(CONFIG)
        self.write("events.csv", HEADER + GOOD)

    def write(self, name: str, content: str) -> None:
        (self.folder / name).write_text(content)

    def call(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, ["--project", str(self.folder), *arguments])

    def versions(self) -> dict[str, int | None]:
        lake = Lake(str(self.folder / ".desirelines" / "lake"))
        return {name: lake.version(name) for name in ("touchpoints", "journeys", "customers", "loads")}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def _truncated(shop: Shop) -> None:
    whole = gzip.compress((HEADER + GOOD).encode())
    (shop.folder / "events_b.csv.gz").write_bytes(whole[: len(whole) // 2])


BAD_FILES: list[tuple[str, Callable[[Shop], object], str]] = [
    ("missing", lambda shop: (shop.folder / "events.csv").unlink(), r"sources\.events\.files: no file matches 'events\*' in .*; put it there or pass --data\."),
    ("empty", lambda shop: shop.write("events_b.csv", ""), r"sources\.events: events_b\.csv is empty; export it again or remove it\."),
    ("header only", lambda shop: shop.write("events_b.csv", HEADER), r"sources\.events: events_b\.csv has a header and no rows; export it again or remove it\."),
    ("truncated", _truncated, r"sources\.events: events_b\.csv\.gz is cut off or damaged \(.*\); fetch it again\."),
    ("broken JSON line", lambda shop: shop.write("events_b.jsonl", '{"user_id": "u1", "event": "visit", "event_at": "2026-01-05T10:00:00Z"}\n{"user_id": "u1", "ev\n'), r"events_b\.jsonl cannot be loaded: 1 of 2 rows \(50\.0%\) are refused.*line 2: The line is not valid JSON; it may be cut off\."),
    ("time without zone", lambda shop: shop.write("events_b.csv", HEADER + "u1,visit,2026-01-05 10:00:00\n"), r"line 2: The time has no zone; write it as in 2026-03-01T02:00:00Z or set the source's time_zone\."),
    ("event in the future", lambda shop: shop.write("events_b.csv", HEADER + "u1,visit,2036-01-05T10:00:00Z\n"), r"line 2: The time lies in the future; check the clock and the time zone of the source\."),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "sentence"), [case[1:] for case in BAD_FILES], ids=[case[0] for case in BAD_FILES])
def test_a_bad_file_is_said_in_one_sentence(shop: Shop, spoil: Callable[[Shop], object], sentence: str) -> None:
    """The exit code is not 0, and what was loaded before stays as it was."""
    assert shop.call("ingest").exit_code == 0
    before = shop.versions()
    spoil(shop)
    result = shop.call("ingest")
    assert result.exit_code == 1
    assert re.search(sentence, result.stderr), result.stderr
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.output
    after = shop.versions()
    assert (after["loads"], after["journeys"]) == (before["loads"], before["journeys"])


def test_the_rest_goes_on_beside_a_bad_file(shop: Shop) -> None:
    """A good new file is loaded although the one beside it is not readable."""
    shop.write("events_b.csv", "")
    shop.write("events_c.csv", HEADER + "u77,visit,2026-01-05T10:00:00Z\n")
    assert shop.call("ingest").exit_code == 1
    lake = Lake(str(shop.folder / ".desirelines" / "lake"))
    assert sorted(lake.read("loads").column("file").to_pylist()) == ["events.csv", "events_c.csv"]


def test_a_duplicate_key_is_counted_and_loaded_once(shop: Shop) -> None:
    """The same row twice is one touchpoint and one duplicate; that is no error."""
    shop.write("events.csv", HEADER + "u1,visit,2026-01-05T10:00:00Z\n" * 2)
    result = shop.call("ingest")
    assert result.exit_code == 0
    lake = Lake(str(shop.folder / ".desirelines" / "lake"))
    (load,) = lake.read("loads").to_pylist()
    assert (load["count_rows_read"], load["count_rows_loaded"], load["count_rows_duplicate"]) == (2, 1, 1)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("enters_on: [visit]", "enters_on: [vist]", "stages.visiting.enters_on: no touchpoint matches 'vist'; did you mean visit?"),
        ("touchpoints: [purchase]", "touchpoints: [purchse]", "outcomes.bought.touchpoints: no touchpoint matches 'purchse'; did you mean purchase?"),
    ],
)  # fmt: skip
def test_an_unknown_event_is_found_by_check(shop: Shop, old: str, new: str, sentence: str) -> None:
    """With the nearest name in the data."""
    shop.config.write_text(CONFIG.replace(old, new))
    result = shop.call("check")
    assert result.exit_code == 1
    assert sentence in result.stdout
    assert not (shop.folder / ".desirelines").exists()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("horizon: 7d", "horizon: 7d, eligible_stages: [visitng]", "names the stage 'visitng', which is not declared; did you mean visiting?"),
        ("outcome: bought", "outcome: baught", "names the outcome 'baught', which is not declared; did you mean bought?"),
        ("stages:", "stagess: 1\nstages:", "'stagess' is not a setting here; did you mean stages or targets?"),
        ("event: event", "event: evnt", "sources.events.columns.event: events.csv has no column 'evnt'; did you mean event"),
    ],
)  # fmt: skip
def test_an_unknown_name_is_told_with_the_nearest(shop: Shop, old: str, new: str, sentence: str) -> None:
    """In whatever step it is met first."""
    shop.config.write_text(CONFIG.replace(old, new))
    result = shop.call("run")
    assert result.exit_code == 1
    assert sentence in result.stderr


def test_an_unknown_target_is_told_with_the_nearest(shop: Shop) -> None:
    """`train` knows the targets of the file, and no model of another."""
    shop.call("ingest")
    result = shop.call("train", "buyng")
    assert result.exit_code == 1
    assert "There is no target 'buyng' in journey.yaml; did you mean buying?" in result.stderr


def test_a_horizon_longer_than_the_history(shop: Shop) -> None:
    """No label could be known, so nothing is trained; the sentence says how much there is."""
    shop.config.write_text(CONFIG.replace("horizon: 7d", "horizon: 365d"))
    for step in ("ingest", "build"):
        assert shop.call(step).exit_code == 0
    result = shop.call("train")
    assert result.exit_code == 1
    assert (
        "Target 'buying' looks 365 days ahead (gap and horizon), but the data cover only 40 days before 2026-02-19"
        in result.stderr
    )
    assert "shorten targets.buying.horizon or load more history." in result.stderr


def test_no_positive_labels(shop: Shop) -> None:
    """An outcome that never happened to anybody eligible cannot be learned."""
    shop.config.write_text(CONFIG.replace("horizon: 7d", "horizon: 2d, snapshots: {days_after_start: [1]}"))
    for step in ("ingest", "build"):
        assert shop.call(step).exit_code == 0
    result = shop.call("train")
    assert result.exit_code == 1
    assert "Target 'buying': the outcome 'bought' never happened to an eligible customer by" in result.stderr
    assert "check outcomes.bought and targets.buying.eligible_stages." in result.stderr


def test_a_run_goes_on_by_rule_where_no_model_is_possible(shop: Shop) -> None:
    """The night is not lost for want of a model: the reason is told, and a rule scores."""
    shop.config.write_text(CONFIG.replace("horizon: 7d", "horizon: 365d"))
    result = shop.call("run")
    assert result.exit_code == 0
    assert (
        "buying is scored by a rule, for no model could be trained: Target 'buying' looks 365 days ahead"
        in result.stdout
    )


def test_a_folder_that_cannot_be_written(shop: Shop) -> None:
    """The home may not be where a file is in the way."""
    shop.write("taken", "")
    result = shop.call("ingest", "--home", str(shop.folder / "taken" / "home"))
    assert result.exit_code == 1
    assert re.search(
        r"Cannot write to .*taken/home .*; make the folder writable or choose another with --home\.", result.stderr
    )


@pytest.mark.parametrize("command", ["airflow", "demo"])
def test_a_port_in_use(shop: Shop, command: str) -> None:
    """Nothing is started or written when the port is taken."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = str(listener.getsockname()[1])
        options = ["--folder", str(shop.folder / "demo")] if command == "demo" else []
        result = shop.call(command, "--port", port, *options)
    assert result.exit_code == 1
    assert f"Port {port} is in use or not allowed" in result.stderr
    assert not (shop.folder / "demo").exists()


def test_an_unreachable_webhook(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The push fails with the host and the reason; scores, lists and map are there all the same."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    monkeypatch.setenv("HOOK_SECRET", "whsec_" + "c2VjcmV0LW9mLXRoZS10ZXN0cy0xMjM0NTY3ODkw")
    hook = f"{{type: webhook, url: 'http://127.0.0.1:{port}/', secret_env: HOOK_SECRET, allow_private_address: true, tables: [hot_leads]}}"
    shop.config.write_text(CONFIG + f"destinations:\n  crm: {hook}\nplaybook: {{holdout_share: 0}}\n")
    monkeypatch.setattr("scoring.activation.wire.time.sleep", lambda _: None)
    shop.write(
        "events_b.csv", HEADER + "".join(f"v{number},visit,2026-02-18T1{number}:00:00Z\n" for number in range(10))
    )
    result = shop.call("run")
    assert result.exit_code == 1
    assert "Destination crm (127.0.0.1)" in result.stderr
    assert result.stderr.count("\n") == 1
    lake = Lake(str(shop.folder / ".desirelines" / "lake"))
    assert lake.read("scores").num_rows
    assert (shop.folder / ".desirelines" / "output" / "journey_map.html").exists()
