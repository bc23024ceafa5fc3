import gzip
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journeys.config.errors import ConfigError, DataError, DesireLinesError
from journeys.lake.delta import Lake
from journeys.touchpoints.batch import load_batch
from journeys.touchpoints.load import load_touchpoints
from tests.journeys.sources.drawn import cut_off
from tests.journeys.touchpoints.shop import (
    HEADER,
    LOADED,
    NOW,
    ORDERS,
    at,
    check_counts,
    contents,
    drawn_counts,
    load,
    order,
    rows_of,
    shop_in,
    write,
)


def _ids(workspace):
    return [row[0] for row in rows_of(workspace, "touchpoints", "source_record_id")]


def _text(*rows):
    return "".join(f"{row}\n" for row in (HEADER, *rows))


# Files that cannot be consumed: a sentence, and the others are loaded.


def _truncated(folder: Path) -> None:
    cut_off(folder / "orders/z.csv.gz", _text(*map(order, range(5000))).encode())


def _spoil(content: str | bytes, name: str = "z.csv") -> Callable[[Path], Any]:
    return lambda folder: (folder / "orders" / name).write_bytes(
        content if isinstance(content, bytes) else content.encode()
    )


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_spoil(""), r"sources\.orders: z\.csv is empty; export it again or remove it\."),
        (_spoil(f"{HEADER}\n"), r"sources\.orders: z\.csv has a header and no rows; export it again or remove it\."),
        (
            _spoil("id,waht,at,client\nr9,buy,x,u\n"),
            r"sources\.orders\.columns\.event: z\.csv has no column 'what'; did you mean waht or at\?",
        ),
        (_truncated, r"sources\.orders: z\.csv\.gz is cut off or damaged \(.*\); fetch it again\."),
        (_spoil("x", "z.xlsx"), r"sources\.orders: z\.xlsx is of no known kind; name it \.csv, .*"),
        (
            _spoil(_text(order(9), "r1,buy,soon,u", "r2,buy,soon,u")),
            r"sources\.orders: orders/z\.csv cannot be loaded: 2 of 3 rows \(66\.7%\) are refused, more than "
            r"max_reject_share 50\.0% allows; line 3: The time cannot be read; .*\. All refused rows are in quarantine\.",
        ),
    ],
    ids=["empty", "header only", "unknown column", "truncated", "unknown kind", "too many refused"],
)
def test_a_bad_file_does_not_keep_the_others_out(tmp_path, spoil, sentence):
    """A file that cannot be consumed is one sentence; the file beside it is loaded."""
    workspace = shop_in(tmp_path)
    write(tmp_path, "orders/a.csv", order(1), order(2))
    spoil(tmp_path)
    with pytest.raises(DesireLinesError) as raised:
        load_touchpoints(workspace)
    assert re.fullmatch(sentence, str(raised.value)), str(raised.value)
    assert _ids(workspace) == ["r1", "r2"]
    assert [row[0] for row in rows_of(workspace, "loads", "file")] == ["orders/a.csv"]
    check_counts(workspace)


def test_earlier_tables_stay_as_they_were(tmp_path):
    """A load that consumes nothing changes no table but quarantine; the file is loaded once it is mended."""
    workspace, _ = load(tmp_path, order(1), order(2))
    before = contents(workspace)
    write(tmp_path, "orders/z.csv", "r9,buy,soon,u9")
    with pytest.raises(DataError, match="line 2: The time cannot be read"):
        load_touchpoints(workspace)
    after = contents(workspace)
    assert len(after.pop("quarantine")) == 1
    assert before.pop("quarantine") == []
    assert after == before
    write(tmp_path, "orders/z.csv", order(9))
    load_touchpoints(workspace)
    assert _ids(workspace) == ["r1", "r2", "r9"]


def test_a_missing_source_does_not_keep_the_others_out(tmp_path):
    """A source without any file is one sentence; the other source is loaded."""
    workspace = shop_in(tmp_path, orders=ORDERS, mail=ORDERS | {"files": "mail/*"})
    write(tmp_path, "orders/a.csv", order(1))
    with pytest.raises(DataError) as raised:
        load_touchpoints(workspace)
    assert str(raised.value) == (
        f"sources.mail.files: no file matches 'mail/*' in {tmp_path}; put it there or pass --data."
    )
    assert _ids(workspace) == ["r1"]


def test_what_is_only_wrong_in_the_file(tmp_path):
    """When all that went wrong is in `journey.yaml`, the error says so by its kind."""
    write(tmp_path, "orders/a.csv", order(1))
    with pytest.raises(ConfigError, match="leaves the data folder"):
        load_touchpoints(shop_in(tmp_path, orders=ORDERS | {"files": "../*.csv"}))


def test_an_unknown_source_names_the_nearest(tmp_path):
    """A source that is asked for and not declared is an error with the nearest names; nothing is loaded."""
    write(tmp_path, "orders/a.csv", order(1))
    workspace = shop_in(tmp_path)
    with pytest.raises(ConfigError) as raised:
        load_touchpoints(workspace, sources=["order"])
    assert str(raised.value) == "There is no source 'order' in journey.yaml; did you mean orders?"
    assert rows_of(workspace, "loads") == []


def test_only_the_sources_asked_for(tmp_path):
    """The other sources are neither read nor missed."""
    workspace = shop_in(tmp_path, orders=ORDERS, mail=ORDERS | {"files": "mail/*"})
    write(tmp_path, "orders/a.csv", order(1))
    assert load_touchpoints(workspace, sources=["orders"]).counts["files"] == 1


def test_an_unwritable_lake_is_one_sentence(tmp_path):
    """A lake that cannot be written says where and what to do."""
    (tmp_path / "taken").write_text("a file is in the way")
    workspace = shop_in(tmp_path, lake=Lake(str(tmp_path / "taken/lake")))
    write(tmp_path, "orders/a.csv", order(1))
    with pytest.raises(DataError, match=r"^Cannot write table .*taken/lake/\w+ \(.*\); make the folder writable or"):
        load_touchpoints(workspace)


# Rows that are refused: the others are loaded.


REFUSED: list[tuple[str | bytes, str, str]] = [
    (
        "r9,buy,2026-02-01 10:00:00,u9",
        "time_without_zone",
        "The time has no zone; write it as in 2026-03-01T02:00:00Z or set the source's time_zone.",
    ),
    (
        "r9,buy,2027-01-01T00:00:00Z,u9",
        "future",
        "The time lies in the future; check the clock and the time zone of the source.",
    ),
    ("r9,buy,soon,u9", "unreadable_time", "The time cannot be read; write it as in 2026-03-01T02:00:00Z."),
    (
        f"r9,buy,{at(1)},u9,more",
        "ragged_row",
        "The row has 5 cells where the header has 4; quote cells that hold the separator.",
    ),
    (
        f"r9,caf\xe9,{at(1)},u9".encode("latin-1"),
        "not_utf8",
        "The row is no text in the file's encoding; export it as UTF-8, or set 'encoding' of the source.",
    ),
    (
        f"r9,buy,{at(1)},null",
        "no_identifier",
        "The row names nobody: every identifier in it is missing, malformed, blocked, or shared by many as a name is.",
    ),
    (f"r9,,{at(1)},u9", "missing_event", "The row does not say what happened; every event needs a name."),
]


def test_bad_rows_are_quarantined_alone(tmp_path):
    """A refused row stands in quarantine with file, line, rule and reason; the rows beside it are loaded."""
    workspace = shop_in(tmp_path, orders=ORDERS | {"max_reject_share": 1})
    bad = [row if isinstance(row, bytes) else row.encode() for row, _, _ in REFUSED]
    rows = [row for number, row in enumerate(bad) for row in (order(number).encode(), row)]
    write(tmp_path, "orders/a.csv").write_bytes(b"\n".join([HEADER.encode(), *rows, b""]))
    count = len(REFUSED)
    assert drawn_counts(load_touchpoints(workspace)) == (2 * count, count, 0, count, count)
    assert _ids(workspace) == [f"r{number}" for number in range(count)]
    found = sorted(rows_of(workspace, "quarantine"), key=lambda row: row["line"])
    assert [(row["rule"], row["reason"]) for row in found] == [refused[1:] for refused in REFUSED]
    assert [row["line"] for row in found] == [3 + 2 * number for number in range(count)]
    assert {(row["source"], row["file"], row["raw"][:3]) for row in found} == {("orders", "orders/a.csv", "r9,")}
    check_counts(workspace)


def test_a_broken_line_of_json_is_quarantined_alone(tmp_path):
    """A line that is cut off is refused alone, with its line."""
    workspace = shop_in(tmp_path)
    rows = [{"id": f"r{number}", "what": "buy", "at": at(1), "client": "u1"} for number in (1, 2)]
    write(tmp_path, "orders/a.jsonl", rows[0], '{"id": "r9", "wha', rows[1])
    assert drawn_counts(load_touchpoints(workspace)) == (3, 2, 0, 1, 2)
    (refused,) = rows_of(workspace, "quarantine")
    assert (refused["line"], refused["rule"]) == (2, "broken_json")
    assert refused["reason"] == "The line is not valid JSON; it may be cut off."


@pytest.mark.parametrize(("share", "is_loaded"), [(0.25, True), (0.24, False)])
def test_max_reject_share(tmp_path, share, is_loaded):
    """A file is refused whole when more than the allowed share of its rows is, not when it is just that share."""
    workspace = shop_in(tmp_path, orders=ORDERS | {"max_reject_share": share})
    write(tmp_path, "orders/a.csv", order(1), order(2), order(3), "r9,buy,soon,u9")
    if is_loaded:
        load_touchpoints(workspace)
    else:
        with pytest.raises(
            DataError, match=r"1 of 4 rows \(25\.0%\) are refused, more than max_reject_share 24\.0% allows"
        ):
            load_touchpoints(workspace)
    assert len(_ids(workspace)) == (3 if is_loaded else 0)
    assert len(rows_of(workspace, "quarantine")) == 1
    assert len(rows_of(workspace, "loads")) == int(is_loaded)


# Duplicates.


def test_duplicates_within_a_file(tmp_path):
    """A record key that stands twice in a file is loaded once, as it stood first."""
    workspace, report = load(tmp_path, order(1), order(2), order(1, what="sell"))
    assert drawn_counts(report) == (3, 2, 1, 0, 2)
    assert rows_of(workspace, "touchpoints", "source_record_id", "touchpoint") == [("r1", "buy"), ("r2", "buy")]


def test_duplicates_across_files(tmp_path):
    """A record key that an earlier file of the same load or of an earlier load has is a duplicate."""
    workspace = shop_in(tmp_path)
    write(tmp_path, "orders/a.csv", order(1), order(2))
    write(tmp_path, "orders/b.csv", order(2, what="sell"), order(3))
    assert drawn_counts(load_touchpoints(workspace)) == (4, 3, 1, 0, 3)
    write(tmp_path, "orders/0.csv", order(3, what="sell"), order(4))
    assert drawn_counts(load_touchpoints(shop_in(tmp_path, run_id="run-2"))) == (2, 1, 1, 0, 1)
    assert rows_of(workspace, "touchpoints", "source_record_id", "touchpoint") == [
        (f"r{number}", "buy") for number in (1, 2, 3, 4)
    ]
    check_counts(workspace)


def test_sources_do_not_share_keys(tmp_path):
    """The same record key in another source is another touchpoint."""
    workspace = shop_in(tmp_path, orders=ORDERS, till=ORDERS | {"files": "till/*"})
    write(tmp_path, "orders/a.csv", order(1))
    write(tmp_path, "till/a.csv", order(1))
    assert drawn_counts(load_touchpoints(workspace)) == (2, 2, 0, 0, 2)


def test_the_same_file_twice(tmp_path):
    """A file that was consumed is not read again; a copy under another name is all duplicates."""
    workspace, _ = load(tmp_path, order(1), order(2))
    before = contents(workspace)
    report = load_touchpoints(shop_in(tmp_path, run_id="run-2"))
    assert (report.counts["files_already_loaded"], report.counts["rows_read"]) == (1, 0)
    assert report.written == {}
    assert contents(workspace) == before
    (tmp_path / "orders/copy.csv").write_bytes((tmp_path / "orders/a.csv").read_bytes())
    assert drawn_counts(load_touchpoints(shop_in(tmp_path, run_id="run-3"))) == (2, 0, 2, 0, 0)
    after = contents(workspace)
    assert len(after.pop("loads")) == 2
    assert after == {name: rows for name, rows in before.items() if name != "loads"}


def test_a_file_exported_again_with_new_rows(tmp_path):
    """The rows that were there are duplicates, only the new ones are loaded."""
    workspace, _ = load(tmp_path, order(1), order(2))
    _, report = load(tmp_path, order(1), order(2), order(3), run_id="run-2")
    assert drawn_counts(report) == (3, 1, 2, 0, 1)
    assert _ids(workspace) == ["r1", "r2", "r3"]
    check_counts(workspace)


def test_rows_without_a_key(tmp_path):
    """Without the source's own key the whole row is the key."""
    source = ORDERS | {"columns": {"event": "what", "event_at": "at"}}
    workspace, report = load(tmp_path, order(1), order(1), order(1, what="sell"), orders=source)
    assert drawn_counts(report) == (3, 2, 1, 0, 2)
    assert len(rows_of(workspace, "touchpoints")) == 2


# The three times.

LAGGING = ORDERS | {"lag": "1h"}
KNOWING = ORDERS | {"columns": ORDERS["columns"] | {"known_at": "known"}}


def _times(workspace):
    found = rows_of(workspace, "touchpoints", "source_record_id", "known_at", "loaded_at")
    return {key: (f"{known:%Y-%m-%dT%H:%M:%SZ}", loaded) for key, known, loaded in found}


def test_old_data_are_known_as_if_they_had_been_there(tmp_path):
    """A first load of old rows gives each the time of its event and the lag, however late it is loaded."""
    workspace = shop_in(tmp_path, orders=LAGGING)
    write(tmp_path, "orders/a.csv", order(1, hours=24 * 365), order(2, hours=2))
    write(tmp_path, "orders/b.csv", order(3, hours=24 * 200))
    load_touchpoints(workspace)
    assert _times(workspace) == {
        "r1": (at(24 * 365 - 1), NOW),
        "r2": (at(1), NOW),
        "r3": (at(24 * 200 - 1), NOW),
    }


def test_a_row_that_comes_late_is_known_when_it_is_loaded(tmp_path):
    """What a later load brings of a time already loaded is known only then; what is newer is known as usual."""
    load(tmp_path, order(1, hours=24), order(2, hours=10), orders=LAGGING)
    tomorrow = NOW + timedelta(days=1)
    later = {"orders": LAGGING, "now": tomorrow, "run_id": "run-2"}
    workspace, _ = load(
        tmp_path, order(3, hours=20), order(4, hours=10.5), order(5, hours=9), name="orders/b.csv", **later
    )
    midnight = f"{tomorrow:%Y-%m-%dT%H:%M:%SZ}"
    assert {key: known for key, (known, _) in _times(workspace).items()} == {
        "r1": at(23),
        "r2": at(9),
        "r3": midnight,
        "r4": midnight,
        "r5": at(8),
    }
    # The late rows do not move how far the source has come: r6 is newer than r5, and not late.
    third = {"orders": LAGGING, "now": tomorrow + timedelta(days=1), "run_id": "run-3"}
    workspace, _ = load(tmp_path, order(6, hours=5), name="orders/c.csv", **third)
    assert _times(workspace)["r6"][0] == at(4)


def test_a_run_that_goes_on_does_not_come_late_to_itself(tmp_path):
    """Files that the same run loaded before it was killed make none of its other files late."""
    load(tmp_path, order(1, hours=10))
    workspace, _ = load(tmp_path, order(2, hours=20), name="orders/b.csv")
    assert _times(workspace)["r2"][0] == at(20)


def test_the_rest_of_a_first_load_does_not_come_late(tmp_path):
    """What a first load found and could not read is history when it is mended; what came after it is late."""
    workspace = shop_in(tmp_path)
    write(tmp_path, "orders/a.csv", order(1, hours=10))
    (tmp_path / "orders/b.csv").write_text("")
    with pytest.raises(DataError, match=r"b\.csv is empty"):
        load_touchpoints(workspace)
    workspace = shop_in(tmp_path, now=NOW + timedelta(days=1), run_id="run-2")
    write(tmp_path, "orders/b.csv", order(2, hours=20))
    write(tmp_path, "orders/c.csv", order(3, hours=20))
    load_touchpoints(workspace)
    tomorrow = f"{NOW + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    assert {key: known for key, (known, _) in _times(workspace).items()} == {
        "r1": at(10),
        "r2": at(20),
        "r3": tomorrow,
    }
    # Once consumed, the name is as any other: its next export can be late.
    workspace = shop_in(tmp_path, now=NOW + timedelta(days=2), run_id="run-3")
    write(tmp_path, "orders/b.csv", order(2, hours=20), order(4, hours=20))
    load_touchpoints(workspace)
    assert _times(workspace)["r4"][0] == f"{NOW + timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}"


def test_a_first_load_that_was_killed_goes_on_as_history(tmp_path, monkeypatch):
    """A later run loads what the first load had found as if it had been there all the time."""
    monkeypatch.setattr("journeys.touchpoints.load._BATCH_BYTES", 1)
    batches = []

    def killed(*arguments):
        batches.append(arguments)
        if len(batches) == 2:
            raise KeyboardInterrupt
        return load_batch(*arguments)

    monkeypatch.setattr("journeys.touchpoints.load.load_batch", killed)
    workspace = shop_in(tmp_path)
    for number, name in enumerate("abc", 1):
        write(tmp_path, f"orders/{name}.csv", order(number, hours=40 - 10 * number))
    with pytest.raises(KeyboardInterrupt):
        load_touchpoints(workspace)
    assert _ids(workspace) == ["r1"]
    monkeypatch.undo()
    # What is new meanwhile is judged by the whole of the history, not by the part that the killed load left.
    write(tmp_path, "orders/a_new.csv", order(4, hours=9), order(5, hours=15))
    workspace = shop_in(tmp_path, now=NOW + timedelta(days=1), run_id="run-2")
    load_touchpoints(workspace)
    assert {key: known for key, (known, _) in _times(workspace).items()} == {
        "r1": at(10 + 20),
        "r2": at(20),
        "r3": at(10),
        "r4": at(9),
        "r5": f"{NOW + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
    }


def test_the_sources_own_time_is_believed(tmp_path):
    """A row's own known_at counts, late or not; one before its event cannot be and is the event's time."""
    header = f"{HEADER},known"
    workspace = shop_in(tmp_path, orders=KNOWING)
    write(tmp_path, "orders/a.csv", f"{order(1, hours=24)},{at(20)}", f"{order(2, hours=10)},", header=header)
    load_touchpoints(workspace)
    workspace = shop_in(tmp_path, orders=KNOWING, now=NOW + timedelta(days=1), run_id="run-2")
    rows = [f"{order(3, hours=23)},{at(22)}", f"{order(4, hours=23)},", f"{order(5, hours=23)},{at(40)}"]
    write(tmp_path, "orders/b.csv", *rows, header=header)
    load_touchpoints(workspace)
    tomorrow = f"{NOW + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    assert {key: known for key, (known, _) in _times(workspace).items()} == {
        "r1": at(20),
        "r2": at(10),
        "r3": at(22),
        "r4": tomorrow,
        "r5": at(23),
    }


def test_a_known_at_in_the_future_is_refused(tmp_path):
    """Nobody can have known a row later than now."""
    workspace = shop_in(tmp_path, orders=KNOWING)
    rows = [f"{order(1)},{at(1)}", f"{order(2)},{at(-2)}"]
    write(tmp_path, "orders/a.csv", *rows, header=f"{HEADER},known")
    assert drawn_counts(load_touchpoints(workspace)) == (2, 1, 0, 1, 1)
    assert rows_of(workspace, "quarantine", "line", "rule") == [(3, "future")]


# Every vendor: rows read = loaded + duplicates + quarantined.

CALL = {"type": "track", "event": "buy", "userId": "u1", "timestamp": at(3)}
TICKET = {"created_at": at(9), "updated_at": at(3), "requester_id": 70}
PAYMENT = {"type": "charge.succeeded", "created": int((NOW - timedelta(hours=3)).timestamp())}
CHARGE = {"data": {"object": {"id": "ch_1", "customer": "cus_1", "amount": 500, "currency": "eur"}}}
PEOPLE = {
    "vendor": "tabular",
    "kind": "attributes",
    "columns": {"attributes": ["plan"], "valid_from": "since"},
    "identifiers": {"user_id": "client"},
    "max_reject_share": 1,
}


@pytest.mark.parametrize(
    ("source", "name", "rows", "expected"),
    [
        (
            {"vendor": "segment"},
            "f.jsonl",
            [
                CALL | {"messageId": "m1"},
                CALL | {"messageId": "m1"},
                {"type": "identify", "userId": "u1", "traits": {"plan": "pro"}, "timestamp": at(2), "messageId": "m2"},
                {"type": "identify", "userId": "u1", "traits": {"plan": "pro"}, "timestamp": at(2), "messageId": "m3"},
                {"type": "alias", "userId": "u1", "previousId": "k1", "timestamp": at(2), "messageId": "m4"},
                {"type": "identify", "userId": "u2", "anonymousId": "k2", "timestamp": at(2), "messageId": "m6"},
                {"type": "identify", "userId": "u2", "timestamp": at(2), "messageId": "m7"},
                {"type": "nothing", "messageId": "m5"},
                "{broken",
            ],
            (9, 4, 3, 2, 1),
        ),
        (
            {"vendor": "zendesk"},
            "f.jsonl",
            [
                TICKET | {"id": 1, "status": "solved"},
                TICKET | {"id": 1, "status": "solved"},
                TICKET | {"id": 2},
                TICKET | {"id": None},
                "[]",
            ],
            (5, 2, 1, 2, 3),
        ),
        (
            {"vendor": "stripe"},
            "f.jsonl.gz",
            [
                PAYMENT | CHARGE | {"id": "e1"},
                PAYMENT | CHARGE | {"id": "e1"},
                PAYMENT | {"id": "e2", "data": {"object": {"object": "nothing"}}},
                PAYMENT | CHARGE | {"id": "e3", "created": None},
            ],
            (4, 1, 1, 2, 1),
        ),
        (ORDERS, "f.csv", [order(1), order(1), order(2), "r3,buy,soon,u3", "r4"], (5, 2, 1, 2, 2)),
        (ORDERS, "f.csv.gz", [order(1), order(2), "r3,buy,soon,u3"], (3, 2, 0, 1, 2)),
        (
            ORDERS,
            "f.parquet",
            {"id": ["r1", "r1", "r2"], "what": ["buy"] * 3, "at": [at(1), at(1), "soon"], "client": ["u1", "u1", "u2"]},
            (3, 1, 1, 1, 1),
        ),
        (
            PEOPLE,
            "f.jsonl",
            [
                {"client": "u1", "plan": "pro", "since": at(9)},
                {"client": "u1", "plan": "pro", "since": at(9)},
                {"client": "u1", "plan": "max", "since": at(5)},
                {"client": "u2", "plan": None, "since": at(5)},
                {"client": "u1", "plan": None, "since": at(5)},
                {"client": "null", "plan": "pro", "since": at(5)},
                {"client": "u3", "plan": "pro", "since": "soon"},
            ],
            (7, 3, 2, 2, 0),
        ),
    ],
    ids=["segment", "zendesk", "stripe", "csv", "csv.gz", "parquet", "attributes"],
)
def test_nothing_is_lost(tmp_path, source, name, rows, expected):
    """For every vendor and kind of file the rows read are loaded, duplicates or quarantined; written twice none is new the second time."""
    sources = {"drawn": source | {"files": "in/*", "max_reject_share": 1}}
    path = tmp_path / "in" / name
    path.parent.mkdir()
    if isinstance(rows, dict):
        pq.write_table(pa.table({column: cells * 2 for column, cells in rows.items()}), path)
    else:
        written = write(tmp_path, f"written/{name.removesuffix('.gz')}", *rows, *rows).read_bytes()
        path.write_bytes(gzip.compress(written) if name.endswith(".gz") else written)
    workspace = shop_in(tmp_path, **sources)
    read, loaded, duplicates, quarantined, touchpoints = expected
    assert drawn_counts(load_touchpoints(workspace)) == (
        2 * read,
        loaded,
        duplicates + read - quarantined,
        2 * quarantined,
        touchpoints,
    )
    check_counts(workspace)
    assert len(rows_of(workspace, "quarantine")) == 2 * quarantined
    assert len(rows_of(workspace, "touchpoints")) == touchpoints


# The vault.

PERSONAL = ("ann.b@example.org", "+49 30 1234567", "4930765432", "bo@mail.example")


def test_personal_data_stand_in_the_vault_alone(tmp_path):
    """No table but the vault holds an address or number, wherever in a row it stood."""
    address, phone, digits, other = PERSONAL
    orders = {
        **ORDERS,
        "columns": {
            **ORDERS["columns"],
            "text": "note",
            "case_id": "case",
            "channel": "via",
            "properties": ["remark"],
        },
        "identifiers": {"email": "mail", "phone": "phone"},
    }
    people = PEOPLE | {"files": "people/*", "columns": {"attributes": ["plan"]}, "identifiers": {"email": "mail"}}
    sources = {
        "orders": orders,
        "people": people,
        "web": {"vendor": "segment", "files": "web/*", "max_reject_share": 1},
    }
    workspace = shop_in(tmp_path, **sources)
    header = "id,what,at,mail,phone,note,case,via,remark"
    row = f"{address},mail to {other},{at(5)},{address},{phone},ask {other} or +{digits},{address},{other},of {address} {phone}"
    write(tmp_path, "orders/a.csv", row, f"r2,buy,soon,{address},,,,,", header=header)
    write(tmp_path, "people/a.csv", f"{address},{other}", header="mail,plan")
    call = {
        "type": "identify",
        "timestamp": at(4),
        "messageId": other,
        "userId": "u1",
        "anonymousId": other,
        "traits": {"email": address, "phone": phone, "note": f"was {other}", other: f"+{digits}"},
        "context": {"traits": {"email": address}},
    }
    page = {
        "type": "page",
        "timestamp": at(4),
        "messageId": "m2",
        "userId": address,
        "name": f"/login?m={other}",
        "properties": {"email": other, "url": f"/x?mail={other.replace('@', '%40')}", "deep": [{"a": phone}]},
    }
    write(tmp_path, "web/a.jsonl", call, page, {**page, "type": "unknown"})
    load_touchpoints(workspace)
    held = {value for (value,) in rows_of(workspace, "identifier_vault", "value")}
    assert {address, "+49301234567", other, "u1"} <= held
    assert min(len(rows_of(workspace, name)) for name in ("touchpoints", "touchpoint_texts", "customer_attributes")) > 0
    searched = 0
    for name in LOADED:
        if name == "identifier_vault":
            continue
        for file in Path(workspace.lake.uri(name)).rglob("*"):
            if not file.is_file():
                continue
            searched += 1
            content = file.read_bytes()
            if file.suffix == ".parquet":
                content += json.dumps(pq.ParquetFile(file).read().to_pylist(), default=str).encode()
            plain = content.lower().replace(b"%40", b"@")
            assert address.encode() not in plain, name
            assert other.encode() not in plain, name
            numbers = re.sub(rb"[ ()./+-]", b"", plain)
            assert b"49301234567" not in numbers, name
            assert digits.encode() not in numbers, name
    assert searched > len(LOADED)


# What a load reports.


def test_a_mapping_that_changed_is_told(tmp_path):
    """Files loaded while the source said something else keep that, and the next load says so; what is only about files does not count."""
    load(tmp_path, order(1))
    other = ORDERS | {"max_reject_share": 0.4, "fresh": True}
    assert load_touchpoints(shop_in(tmp_path, orders=other, run_id="run-2")).notes == ()
    changed = ORDERS | {"channel": "till"}
    report = load_touchpoints(shop_in(tmp_path, orders=changed, run_id="run-3"))
    assert report.notes == (
        "sources.orders: 1 of its files were loaded before its mapping was changed and keep the old one; "
        "to load them anew, run with another --home.",
    )


def test_the_report(tmp_path):
    """A load says its counts, the versions it read and wrote, its progress, and which events no rule matches."""
    told = []
    source = ORDERS | {"touchpoints": [{"event": "buy", "touchpoint": "bought"}]}
    workspace = shop_in(tmp_path, orders=source)
    object.__setattr__(workspace, "progress", lambda *what: told.append(what))
    write(tmp_path, "orders/a.csv", order(1), order(2, what="look"))
    write(tmp_path, "orders/b.csv", order(3, what="look"))
    report = load_touchpoints(workspace)
    assert dict(report.counts) == {
        "files": 2,
        "files_already_loaded": 0,
        "rows_read": 3,
        "rows_loaded": 3,
        "rows_duplicate": 0,
        "rows_quarantined": 0,
        "touchpoints": 3,
    }
    assert report.read == {}
    assert report.written == workspace.lake.versions((*LOADED, "first_files"))
    assert set(report.written) == {*LOADED, "first_files"}
    assert report.notes == ("sources.orders: 1 event name matches no rule and keeps the vendor's name: look (2 rows).",)
    assert told == [("ingest", 1, 2), ("ingest", 2, 2)]
    assert {row[0] for row in rows_of(workspace, "touchpoints", "touchpoint")} == {"bought", "look"}


def test_files_that_are_too_many_for_one_batch(tmp_path, monkeypatch):
    """However files fall into batches, the tables are the same."""
    for number in range(4):
        write(tmp_path, f"orders/{number}.csv", order(number), order(number + 1, what="sell"))
    together = shop_in(tmp_path, lake=Lake(str(tmp_path / "together")))
    apart = shop_in(tmp_path, lake=Lake(str(tmp_path / "apart")))
    counts = drawn_counts(load_touchpoints(together))
    monkeypatch.setattr("journeys.touchpoints.load._BATCH_BYTES", 1)
    assert drawn_counts(load_touchpoints(apart)) == counts == (8, 5, 3, 0, 5)
    assert contents(apart) == contents(together)


def test_a_source_names_its_encoding(tmp_path):
    """Text of another encoding is read where the source names it, and an unknown one is a sentence."""
    text = "record,what,at,client\nr1,caf\xe9,2026-01-05T09:00:00Z,u1\n".encode("windows-1252")
    (tmp_path / "a.csv").write_bytes(text)
    columns = {"record_id": "record", "event": "what", "event_at": "at"}
    source = {"vendor": "tabular", "files": "*.csv", "columns": columns, "identifiers": {"user_id": "client"}}
    workspace = shop_in(tmp_path, orders=source | {"encoding": "windows-1252"})
    load_touchpoints(workspace)
    assert rows_of(workspace, "touchpoints", "touchpoint") == [("caf\xe9",)]
    with pytest.raises(ConfigError, match="'latin-99' is no encoding"):
        shop_in(tmp_path, orders=source | {"encoding": "latin-99"})
