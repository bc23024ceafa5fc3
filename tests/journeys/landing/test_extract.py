"""The step: what lands, what is asked for next, and what is said of what did not."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from journeys.config.errors import ConfigError
from journeys.landing import extract
from journeys.landing.extract import Extracted, extract_sources
from journeys.landing.log import one_at_a_time
from journeys.touchpoints.load import load_touchpoints
from tests.journeys.landing.api import Api, serve
from tests.journeys.landing.conftest import Database
from tests.journeys.landing.desk import (
    NOW,
    QUICK,
    SECRET,
    api_source,
    landed_lines,
    landed_records,
    record,
    sql_source,
    workspace_of,
)


def _run(folder: Path, hours: float = 0, secret: str = SECRET, **sources: Any) -> Extracted:
    workspace = workspace_of(folder, now=NOW + timedelta(hours=hours), **sources)
    return extract_sources(workspace, list(sources), lambda _: secret, patience=QUICK)


def _asked(api: Api) -> list[dict[str, str]]:
    asked = [params for _, params in api.asked]
    api.asked.clear()
    return asked


def test_the_second_run_asks_for_what_is_newer(tmp_path: Path) -> None:
    """Through all that an API may do: the records land as they are, once, and the last one says where to go on."""
    with serve(records=[record(number) for number in range(250)]) as api:
        api.faults = [(429, {"Retry-After": "1"}, {}), None, (500, {}, {}), None, (200, {}, None)]
        source = api_source(api.url)
        assert _run(tmp_path, desk=source) == Extracted(count_rows=250, count_files=1)
        assert landed_records(tmp_path / "desk") == api.records
        _asked(api)
        new = [record(300, what="buy"), record(301)]
        api.records += new
        assert _run(tmp_path, 1, desk=source).count_rows == 3  # the last one again, as new as itself
        assert _asked(api) == [{"since": record(249)["updated_at"]}]
        assert landed_records(tmp_path / "desk")[-2:] == new
        assert _run(tmp_path, 2, desk=source).count_rows == 1
        assert _run(tmp_path, 3, desk=source) == Extracted()
    counts = load_touchpoints(workspace_of(tmp_path, desk=source)).counts
    assert (counts["rows_loaded"], counts["rows_duplicate"], counts["touchpoints"]) == (252, 2, 252)


def test_a_failure_keeps_what_came_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages before the failure are landed and loaded; the next run begins anew and lands only the rest."""
    monkeypatch.setattr(extract, "_API_BLOCK_ROWS", 30)
    with serve(records=[record(number) for number in range(100)], page=20) as api:
        api.faults = [None, None, *[(503, {}, {})] * QUICK.attempts]
        source = api_source(api.url)
        failed = _run(tmp_path, desk=source)
        assert failed.failures == [
            "sources.desk.extract: visits: visits answered 503 after 2 pages; what came before is kept, "
            "run again when it is well."
        ]
        assert landed_records(tmp_path / "desk") == api.records[:40]
        assert load_touchpoints(workspace_of(tmp_path, desk=source)).counts["touchpoints"] == 40
        _asked(api)
        assert _run(tmp_path, 1, desk=source).count_rows == 70
        assert "since" not in _asked(api)[0]
    workspace = workspace_of(tmp_path, now=NOW + timedelta(hours=1), desk=source)
    assert load_touchpoints(workspace).counts["touchpoints"] == 60


def test_what_changes_blocks_nothing(tmp_path: Path) -> None:
    """New fields, other types and other shapes land as they are, in this run and in every later one."""
    changed: list[dict[str, Any]] = [
        record(0, score=5),
        record(1, score="high"),
        record(2, score={"a": 1}, new=[1, {"b": None}]),
        record(3, **{"select; drop table t": 1}),
        record(4, score=None),
    ]
    with serve(records=changed[:2]) as api:
        source = api_source(api.url)
        _run(tmp_path, desk=source)
        api.records = changed
        _run(tmp_path, 1, desk=source)
        assert landed_records(tmp_path / "desk") == [*changed[:2], *changed[1:]]


def test_rows_that_do_not_reconcile_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows extracted are rows landed, or nothing is, and the next run asks for them again."""
    with serve(records=[record(number) for number in range(10)]) as api:
        source = api_source(api.url)
        with monkeypatch.context() as patched:
            write = extract.write_lines
            patched.setattr(extract, "write_lines", lambda path, records: write(path, records[1:]))
            (failure,) = _run(tmp_path, desk=source).failures
            assert "10 rows were extracted and 9 written; nothing of them was landed" in failure
        assert landed_lines(tmp_path / "desk") == []
        assert _run(tmp_path, 1, desk=source).count_rows == 10
        assert landed_records(tmp_path / "desk") == api.records


@pytest.mark.parametrize(
    ("records", "note"),
    [
        ([record(0), {"id": "x", "what": "visit"}], "1 records have no updated_at, by which they are asked for"),
        ([record(0), record(1) | {"id": None}], "1 records have no id, by which they are known"),
    ],
)
def test_records_that_lack_something_land_and_are_told(
    tmp_path: Path, records: list[dict[str, Any]], note: str
) -> None:
    """They are quarantined when they are loaded, with their place."""
    answer = (200, {}, {"data": {"items": records}, "next": None})
    with serve(answer=lambda _path, _params: answer) as api:
        extracted = _run(tmp_path, desk=api_source(api.url))
    assert extracted.notes == [f"sources.desk.extract: visits: {note}"]
    assert landed_records(tmp_path / "desk") == records


def test_a_record_of_the_future_does_not_end_the_reading(tmp_path: Path) -> None:
    """After one from the year 2099, what is newer than the others is still asked for."""
    with serve(records=[record(0), record(1), record(2) | {"updated_at": "2099-01-01T00:00:00Z"}]) as api:
        source = api_source(api.url)
        _run(tmp_path, desk=source)
        _asked(api)
        _run(tmp_path, 1, desk=source)
        assert _asked(api) == [{"since": record(1)["updated_at"]}]


def test_cursors_of_several_kinds(tmp_path: Path) -> None:
    """What came is landed; the sentence names the cursor."""
    with serve(records=[record(0)]) as api:
        api.answer = lambda _path, _params: (200, {}, {"data": {"items": [record(0), {"updated_at": 7}]}, "next": None})
        (failure,) = _run(tmp_path, desk=api_source(api.url)).failures
    assert failure.endswith("cursor updated_at: its values are of several kinds (number, time), so that none is the latest; choose another.")  # fmt: skip
    assert len(landed_lines(tmp_path / "desk")) == 2


def test_a_source_that_fails_keeps_no_other_out(tmp_path: Path) -> None:
    """Nor a resource another; each failure is one sentence."""
    with serve(records=[record(0)]) as api:
        good, bad = api_source(api.url), api_source(api.url)
        bad["files"] = "bad/*/*.jsonl.gz"
        first = bad["extract"]["resources"][0]
        bad["extract"]["resources"] = [
            first | {"name": "lost", "data_selector": "nowhere", "paginator": {"type": "single_page"}},
            first,
        ]
        workspace = workspace_of(tmp_path, bad=bad, unset=bad | {"files": "unset/*/*.jsonl.gz"}, good=good)

        def connections(_name: str) -> str:
            if not api.asked:
                raise ConfigError("connection 'desk' is not set; put its secret into the variable X.")
            return SECRET

        extracted = extract_sources(workspace, ["unset", "bad", "good"][:1], connections, patience=QUICK)
        api.asked.append(("", {}))
        others = extract_sources(workspace, ["bad", "good"], connections, patience=QUICK)
    assert extracted.failures == [
        "sources.unset.extract: connection 'desk' is not set; put its secret into the variable X."
    ]
    assert others.failures == [
        "sources.bad.extract: lost: no answer of visits has 'nowhere'; set 'data_selector' right."
    ]
    assert others.count_rows == 2


def test_two_processes_do_not_extract_the_same(tmp_path: Path) -> None:
    """The second is told so."""
    with serve(records=[record(0)]) as api, one_at_a_time(tmp_path / "home" / "extraction" / "desk", "x"):
        (failure,) = _run(tmp_path, desk=api_source(api.url)).failures
    assert "sources.desk is being extracted by another process" in failure


def test_a_database_is_read_from_where_it_was(tmp_path: Path, database: Database) -> None:
    """New rows land, those of the last instant once more; a changed row lands anew; all are loaded once."""
    database.add([record(number) for number in range(50)])
    source = sql_source()
    assert _run(tmp_path, secret=database.url, warehouse=source).count_rows == 50
    database.add([record(49) | {"id": "twin"}, record(60)])
    assert _run(tmp_path, 1, secret=database.url, warehouse=source).count_rows == 3
    assert _run(tmp_path, 2, secret=database.url, warehouse=source).count_rows == 1
    assert _run(tmp_path, 3, secret=database.url, warehouse=source) == Extracted()
    counts = load_touchpoints(workspace_of(tmp_path, warehouse=source)).counts
    assert (counts["rows_loaded"], counts["rows_duplicate"], counts["touchpoints"]) == (52, 2, 52)


def test_a_database_without_watermark_is_read_whole(tmp_path: Path, database: Database) -> None:
    """Each time; what did not change lands once."""
    database.add([record(number) for number in range(5)])
    source = sql_source(watermark=None)
    assert _run(tmp_path, secret=database.url, warehouse=source).count_rows == 5
    assert _run(tmp_path, 1, secret=database.url, warehouse=source).count_rows == 0
    database.add([record(5)])
    assert _run(tmp_path, 2, secret=database.url, warehouse=source).count_rows == 6


def test_no_secret_is_left_anywhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Not in what landed, in what is kept, in sentences or in logs of the finest level, whatever went wrong."""
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    with serve(records=[record(0)]) as api:
        for hours, fault in enumerate([None, (500, {}, {}), (401, {}, {}), (200, {}, None), (302, {"Location": "http://localhost/"}, {})]):  # fmt: skip
            api.faults = [fault] * QUICK.attempts
            said += _run(tmp_path, hours, desk=api_source(api.url)).failures
    address = f"postgresql+psycopg://user:{SECRET}@127.0.0.1:1/d?connect_timeout=1"
    said += _run(tmp_path, 9, secret=address, warehouse=sql_source()).failures
    assert len(said) == 5
    assert len(caplog.records) > 5
    assert all(SECRET not in text for text in (*said, caplog.text))
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) >= 4
    assert all(SECRET.encode() not in path.read_bytes() for path in written)
    assert SECRET not in "".join(landed_lines(tmp_path))


def _zendesk(asked: list[dict[str, str]]) -> Any:
    tickets = [{"id": number, "requester_id": 7, "generated_timestamp": 1_767_225_600 + number, "created_at": "2026-01-01T00:00:00Z"} for number in range(5)]  # fmt: skip

    def answer(_path: str, params: dict[str, str]) -> Any:
        asked.append(params)
        newer = [ticket for ticket in tickets if ticket["generated_timestamp"] >= int(params["start_time"])]
        first = int(params.get("cursor", "0"))
        page = newer[first : first + 2]
        after = str(min(first + 2, len(newer)))
        return 200, {}, {"tickets": page, "after_cursor": after, "end_of_stream": first + 2 >= len(newer)}

    return answer


def test_zendesk_by_its_recipe(tmp_path: Path) -> None:
    """To the end of the stream, then from the last generated_timestamp."""
    asked: list[dict[str, str]] = []
    with serve(answer=_zendesk(asked)) as api:
        said = {"recipe": "zendesk", "connection": "desk", "base_url": api.url}
        source = {"vendor": "zendesk", "files": "desk/*/*.jsonl.gz", "extract": said}
        assert _run(tmp_path, secret="me/token:x", desk=source) == Extracted(count_rows=5, count_files=1)
        assert api.asked[0] == ("/v1/incremental/tickets/cursor.json", {"include": "metric_sets", "start_time": "0"})
        asked.clear()
        assert _run(tmp_path, 1, secret="me/token:x", desk=source).count_rows == 1
        assert asked[0]["start_time"] == "1767225604"
    counts = load_touchpoints(workspace_of(tmp_path, desk=source)).counts
    assert (counts["rows_read"], counts["rows_quarantined"]) == (6, 0)


def test_stripe_by_its_recipe(tmp_path: Path) -> None:
    """Newest first, page by page from the last event's id; the newest says where to go on."""
    events = [{"id": f"evt_{number}", "created": 1_767_225_600 + number} for number in range(5, 0, -1)]

    def answer(_path: str, params: dict[str, str]) -> Any:
        newer = [event for event in events if event["created"] >= int(params.get("created[gte]", 0))]
        after = params.get("starting_after")
        first = next((place + 1 for place, event in enumerate(newer) if event["id"] == after), 0)
        return 200, {}, {"data": newer[first : first + 2], "has_more": first + 2 < len(newer)}

    with serve(answer=answer) as api:
        said = {"recipe": "stripe", "connection": "money", "base_url": api.url}
        source = {"vendor": "stripe", "files": "stripe/*/*.jsonl.gz", "extract": said}
        assert _run(tmp_path, money=source).count_rows == 5
        assert api.headers[0]["Authorization"] == f"Bearer {SECRET}"
        _asked(api)
        events.insert(0, {"id": "evt_9", "created": 1_767_225_609})
        assert _run(tmp_path, 1, money=source).count_rows == 2
        assert _asked(api) == [{"limit": "100", "created[gte]": "1767225605"}]


def test_a_start_is_where_the_first_run_begins(tmp_path: Path) -> None:
    """Also one that YAML read as a time; it is no mark, so that nothing is skipped when nothing came."""
    with serve(records=[record(0), record(9)]) as api:
        cursor = {
            "column": "updated_at",
            "parameter": "since",
            "start": datetime.fromisoformat("2026-01-01T02:05:00+02:00"),
        }
        source = api_source(api.url, cursor=cursor)
        assert _run(tmp_path, desk=source).count_rows == 1
        assert _asked(api) == [{"since": "2026-01-01T00:05:00Z"}]


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As is a folder in which nothing may be written."""

    def full(_path: Path, _records: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(extract, "write_lines", full)
    with serve(records=[record(0)]) as api:
        assert _run(tmp_path, desk=api_source(api.url)).failures == [
            "sources.desk.extract: visits: cannot write (No space left on device); make room."
        ]


def test_impatience_is_an_argument(tmp_path: Path) -> None:
    """A single attempt asks once."""
    with serve(answer=lambda _path, _params: (500, {}, {})) as api:
        workspace = workspace_of(tmp_path, desk=api_source(api.url))
        extract_sources(workspace, ["desk"], lambda _: SECRET, patience=replace(QUICK, attempts=1))
        assert len(api.asked) == 1
