"""Spend through a whole load: parts are added, restatements replace, nothing counts twice."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from journeys.config.errors import ConfigError, DataError
from journeys.config.journey_yaml import parse_config
from journeys.engine import connect
from journeys.touchpoints.load import load_touchpoints
from journeys.touchpoints.spend import spend_as_known
from tests.journeys.killed import KilledError, KilledLake
from tests.journeys.touchpoints.shop import NOW, rows_of, shop_in, write

SPEND: dict[str, Any] = {
    "vendor": "tabular",
    "files": "spend/*.csv",
    "kind": "spend",
    "channel": "paid_search",
    "max_reject_share": 0.5,
    "columns": {
        "spend_date": "day",
        "spend_amount": "cost",
        "campaign": "campaign",
        "channel": "by",
        "currency": "currency",
        "clicks": "clicks",
    },
}
HEADER = "day,cost,campaign,by,currency,clicks"


def _load(folder: Path, name: str, *rows: str, now: datetime = NOW, **settings: Any) -> tuple[int, ...]:
    write(folder, f"spend/{name}.csv", *rows, header=HEADER)
    workspace = shop_in(folder, spend={**SPEND, **settings}, run_id=name, now=now)
    counts = load_touchpoints(workspace).counts
    return tuple(int(counts[key]) for key in ("rows_read", "rows_loaded", "rows_duplicate", "rows_quarantined"))


def _known(folder: Path, at: datetime = NOW) -> list[tuple[Any, ...]]:
    workspace = shop_in(folder, spend=SPEND)
    with connect() as connection:
        found = spend_as_known(workspace.lake.scan(connection, "channel_spend"), at)
        names = ("channel", "campaign", "spend_date", "currency", "spend_amount", "count_clicks")
        rows = connection.to_pyarrow(found).to_pylist()
    return sorted((tuple(row[name] for name in names) for row in rows), key=repr)


def test_parts_of_a_day_are_added(tmp_path: Path) -> None:
    """Rows of one day, channel and campaign, as of several devices, are one sum; other currencies are sums of their own."""
    rows = [
        "2026-02-01,10,spring,,,3",
        "2026-02-01,5.5,spring,,,",
        "2026-02-01,7,spring,,USD,1",
        "2026-02-01,1,,social,,",
    ]
    assert _load(tmp_path, "a", *rows) == (4, 4, 0, 0)
    assert _known(tmp_path) == [
        ("paid_search", "spring", date(2026, 2, 1), "EUR", 15.5, 3),
        ("paid_search", "spring", date(2026, 2, 1), "USD", 7.0, 1),
        ("social", "", date(2026, 2, 1), "EUR", 1.0, None),
    ]


def test_restated_days(tmp_path: Path) -> None:
    """A later export of the same days replaces what changed; before it was known, the earlier figures hold."""
    first = NOW - timedelta(days=2)
    assert _load(tmp_path, "a", "2026-02-26,10,spring,,,3", "2026-02-25,8,spring,,,", now=first) == (2, 2, 0, 0)
    assert _load(tmp_path, "b", "2026-02-26,12,spring,,,4", "2026-02-25,8,spring,,,") == (2, 1, 1, 0)
    day = ("paid_search", "spring", date(2026, 2, 25), "EUR", 8.0, None)
    assert _known(tmp_path) == [day, ("paid_search", "spring", date(2026, 2, 26), "EUR", 12.0, 4)]
    assert _known(tmp_path, NOW - timedelta(hours=1)) == [
        day,
        ("paid_search", "spring", date(2026, 2, 26), "EUR", 10.0, 3),
    ]


def test_a_day_is_known_when_it_is_over(tmp_path: Path) -> None:
    """Spend of a day counts from its end on; of a day that is not over, what there is counts from now on."""
    _load(tmp_path, "a", "2026-02-27,10,spring,,,", f"{NOW:%Y-%m-%d},2,spring,,,")
    at = {row[0]: row[1] for row in rows_of(shop_in(tmp_path, spend=SPEND), "channel_spend", "spend_date", "known_at")}
    assert at == {date(2026, 2, 27): datetime(2026, 2, 28, tzinfo=UTC), NOW.date(): NOW}


def test_rows_that_are_no_spend(tmp_path: Path) -> None:
    """What cannot be read is in quarantine, and a file of little else is not loaded."""
    good = [f"2026-02-0{day},1,spring,,," for day in range(1, 5)]
    assert _load(tmp_path, "a", *good, "soon,1,,,,", "2026-02-01,,,,,", "2026-02-01,much,,,,") == (7, 4, 0, 3)
    rules = [row[0] for row in rows_of(shop_in(tmp_path, spend=SPEND), "quarantine", "rule")]
    assert rules == ["missing_amount", "not_a_number", "unreadable_date"]
    with pytest.raises(DataError, match="refused, more than max_reject_share"):
        _load(tmp_path, "b", "soon,1,,,,", max_reject_share=0.0)


def test_nothing_but_spend_is_written(tmp_path: Path) -> None:
    """Spend is about nobody: no touchpoint, no identifier, and a second load of the same files reads nothing."""
    _load(tmp_path, "a", "2026-02-01,10,spring,,,3")
    workspace = shop_in(tmp_path, spend=SPEND)
    assert rows_of(workspace, "touchpoints") == rows_of(workspace, "identifier_vault") == []
    assert rows_of(workspace, "loads", "count_rows_loaded", "count_touchpoints") == [(1, 0)]
    assert load_touchpoints(shop_in(tmp_path, spend=SPEND, run_id="again")).counts["rows_read"] == 0


@pytest.mark.parametrize("fatal", [0, 1])
def test_killed_before_any_write_and_run_again(tmp_path: Path, fatal: int) -> None:
    """Whichever write a load of spend is killed before, run again it comes to the same, and every row once."""
    write(tmp_path, "spend/a.csv", "2026-02-01,10,spring,,,3", "2026-02-01,5,spring,,,", header=HEADER)
    lake = KilledLake(str(tmp_path / "home/lake"), fatal=fatal)
    with pytest.raises(KilledError):
        load_touchpoints(shop_in(tmp_path, spend=SPEND, lake=lake))
    load_touchpoints(shop_in(tmp_path, spend=SPEND))
    assert _known(tmp_path) == [("paid_search", "spring", date(2026, 2, 1), "EUR", 15.0, 3)]
    assert len(rows_of(shop_in(tmp_path, spend=SPEND), "channel_spend")) == 2


def test_addresses_among_the_campaigns(tmp_path: Path) -> None:
    """Whoever writes an address into a campaign's name does not bring it into the lake."""
    _load(tmp_path, "a", "2026-02-01,10,for ann@example.org,,,")
    assert "example.org" not in str(rows_of(shop_in(tmp_path, spend=SPEND), "channel_spend"))


def test_spend_without_its_columns() -> None:
    """A source of spend says where day and amount stand."""
    raw = {
        "project": "shop",
        "sources": {"spend": {**SPEND, "columns": {"event": "what", "event_at": "at"}}},
        "stages": [{"name": "any"}],
        "outcomes": [{"name": "any", "kind": "positive", "touchpoints": ["*"]}],
    }
    with pytest.raises(ConfigError, match="spend_date"):
        parse_config(raw)
