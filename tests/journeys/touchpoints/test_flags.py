"""Touchpoints of machines, and those that were sent twice."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from journeys.engine import connect
from journeys.identities.customers import build_customers
from journeys.identities.scan import scan_touchpoints
from journeys.lake.workspace import Workspace
from journeys.touchpoints.load import load_touchpoints
from tests.journeys.made_up import rows_of, workspace_in

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
SOURCE = {
    "vendor": "tabular",
    "files": "*.jsonl",
    "columns": {
        "event": "what",
        "event_at": "at",
        "record_id": "id",
        "user_agent": "agent",
        "amount": "amount",
        "properties": ["page"],
    },
    "identifiers": {"user_id": "user", "anonymous_id": "cookie"},
}
PERSON = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def _loaded(folder: Path, rows: list[dict[str, Any]], **sections: Any) -> Workspace:
    lines = [
        {
            "id": f"r{number}",
            "what": "page",
            "cookie": "c",
            **row,
            "at": (AT + timedelta(seconds=row["at"])).isoformat(),
        }
        for number, row in enumerate(rows)
    ]
    # One row that has every column, far from the others.
    whole = {"what": "page", "cookie": "whole", "user": "whole", "agent": PERSON, "amount": 1, "page": "p"}
    lines.append({"id": "whole", "at": (AT + timedelta(days=1)).isoformat(), **whole})
    (folder / "rows.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    workspace = workspace_in(folder, now=AT + timedelta(days=2), sources={"web": SOURCE}, **sections)
    load_touchpoints(workspace)
    return workspace


def _flags(workspace: Workspace) -> dict[str, str]:
    names = {row["touchpoint_id"]: row["source_record_id"] for row in rows_of(workspace, "touchpoints")}
    return {names[row["touchpoint_id"]]: row["reason"] for row in rows_of(workspace, "touchpoint_flags")}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"at": 0}, {"at": 0.9}], {"r1": "near_duplicate"}),
        ([{"at": 0}, {"at": 0.9}, {"at": 1.8}], {"r1": "near_duplicate", "r2": "near_duplicate"}),
        ([{"at": 0}, {"at": 1.1}], {}),
        ([{"at": 0}, {"at": 0, "what": "other"}], {}),
        ([{"at": 0}, {"at": 0, "page": "/a"}], {}),
        ([{"at": 0}, {"at": 0, "cookie": "d"}], {}),
        ([{"at": 0, "amount": 5}, {"at": 0, "amount": 5}], {}),
        ([{"at": 0, "agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}], {"r0": "bot_user_agent"}),
        ([{"at": 0, "agent": "python-requests/2.32"}], {"r0": "bot_user_agent"}),
        ([{"at": 0, "agent": "our-checker 1"}], {"r0": "bot_user_agent"}),
        ([{"at": 0, "agent": PERSON}], {}),
        ([{"at": 0, "agent": "Mozilla/5.0 (Linux; Android 14; CUBOT NOTE) AppleWebKit"}], {}),
    ],
    ids=[
        *("at once", "thrice", "later", "another event", "another page", "another visitor", "two payments"),
        *("crawler", "program", "own pattern", "browser", "a telephone called so"),
    ],
)
def test_reasons(tmp_path: Path, rows: list[dict[str, Any]], expected: dict[str, str]) -> None:
    """What is equal within a second but for its key, and what calls itself a program."""
    workspace = _loaded(tmp_path, rows, quality={"bot_user_agents": ["our-checker*"]})
    assert _flags(workspace) == expected


def test_a_visitor_who_is_too_fast(tmp_path: Path) -> None:
    """More than allowed in an hour without a name is a machine, in that hour; with a name it is not."""
    quick = [{"at": 10 * number, "page": str(number)} for number in range(6)]
    named = [{**row, "cookie": "n", "user": "u"} for row in quick]
    later = [{"at": 7200}]
    workspace = _loaded(tmp_path, [*quick, *named, *later], quality={"max_anonymous_an_hour": 5})
    assert _flags(workspace) == {f"r{number}": "bot_rate" for number in range(6)}


def test_kept_and_not_counted(tmp_path: Path) -> None:
    """Flagged touchpoints stay in the lake with their reason, and nothing is derived from them unless it is wished."""
    rows = [{"at": 0}, {"at": 0.5}, {"at": 60, "agent": "curl/8"}]
    workspace = _loaded(tmp_path, rows)
    build_customers(workspace)
    assert len(rows_of(workspace, "touchpoints")) == 4
    let_in = workspace_in(tmp_path, sources={"web": SOURCE}, quality={"counted": ["near_duplicate"]})
    for opened, expected in ((workspace, {"r0"}), (let_in, {"r0", "r1"})):
        with connect(memory="500MB") as connection:
            found = connection.to_pyarrow(scan_touchpoints(opened, connection, {}))
        assert set(found["source_record_id"].to_pylist()) == expected | {"whole"}


def test_switched_off(tmp_path: Path) -> None:
    """Nothing is flagged by rules that are off."""
    quality = {"near_duplicates_within": "0s", "max_anonymous_an_hour": 0}
    assert _flags(_loaded(tmp_path, [{"at": 0}, {"at": 0}], quality=quality)) == {}
