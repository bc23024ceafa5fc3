from datetime import UTC, datetime
from pathlib import Path

import ibis
import pandas as pd
import pytest

from journeys.engine import connect, local_time, materialize


def _settings(connection: object, *names: str) -> list[str]:
    quoted = ", ".join(f"current_setting('{name}')::VARCHAR" for name in names)
    return list(connection.raw_sql(f"SELECT {quoted}").fetchone())  # type: ignore[attr-defined]


def test_connect_keeps_to_its_bounds() -> None:
    """Memory, threads and zone are set; the folder for spilling is there during the work and gone after it."""
    with connect(memory="300MB", threads=1) as connection:
        memory, threads, zone, spill = _settings(connection, "memory_limit", "threads", "TimeZone", "temp_directory")
        assert memory == "286.1 MiB"
        assert (threads, zone) == ("1", "UTC")
        assert Path(spill).is_dir()
    assert not Path(spill).exists()


def test_what_is_larger_than_the_memory_spills() -> None:
    """A sort of several times the memory comes to its end."""
    with connect(memory="60MB", threads=1) as connection:
        numbers = ibis.range(3_000_000).unnest().name("n").as_table()
        rows = numbers.mutate(a=numbers.n.hash(), b=(numbers.n + 1).hash(), c=(numbers.n + 2).hash())
        sorted_rows = materialize(connection, rows.order_by("a"), "sorted")
        assert sorted_rows.count().execute() == 3_000_000


@pytest.mark.parametrize(
    ("zone", "hour"), [("UTC", 23), ("Europe/Berlin", 0), ("America/New_York", 18), ("Asia/Kolkata", 4)]
)
def test_local_time(zone: str, hour: int) -> None:
    """An instant is shown as the clocks of a zone show it."""
    with connect(memory="100MB", threads=1) as connection:
        at = ibis.literal(datetime(2026, 1, 31, 23, 0, tzinfo=UTC)).cast("timestamp('UTC')")
        assert connection.execute(local_time(ibis.literal(zone), at)).hour == hour


def test_materialize_computes_once_under_a_new_name() -> None:
    """Each call makes a table of its own, whose rows no longer change."""
    with connect(memory="100MB", threads=1) as connection:
        random = ibis.memtable(pd.DataFrame({"a": range(5)})).mutate(r=ibis.random())
        first, second = (materialize(connection, random, "drawn") for _ in range(2))
        assert first.get_name() != second.get_name()
        assert first.execute().equals(first.execute())
        assert not first.execute().equals(second.execute())
