"""Tables of three columns, drawn as rows."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from journeys.lake.tables import INTEGER, STRING, TIMESTAMP, Table

COLUMNS: dict[str, pa.DataType] = {"key": STRING, "part": STRING, "bucket": pa.int32(), "count": INTEGER}

PARTED = Table("parted", "One drawn row in a part", ("key",), {**COLUMNS, "made_at": TIMESTAMP}, ("part",))
DRAWN = {
    table.name: table
    for table in (
        PARTED,
        Table("plain", "One drawn row", ("key",), COLUMNS),
        Table("bucketed", "One drawn row in a bucket", ("key",), COLUMNS, ("bucket",)),
    )
}


def rows(*drawn: tuple[Any, ...], **more: Any) -> pa.Table:
    """Return rows drawn as (key, part, bucket, count); `more` are further columns of one value."""
    columns = {name: [row[place] for row in drawn] for place, name in enumerate(COLUMNS)}
    table = pa.table({name: pa.array(values, COLUMNS[name]) for name, values in columns.items()})
    made_at = pa.array([datetime(2026, 3, 1, tzinfo=UTC)] * len(drawn), TIMESTAMP)
    table = table.append_column("made_at", made_at)
    for name, value in more.items():
        table = table.append_column(name, pa.array([value] * len(drawn)))
    return table


def drawn_of(table: pa.Table) -> list[tuple[Any, ...]]:
    """Return rows as they were drawn, in the order of their keys."""
    return sorted(tuple(row[name] for name in COLUMNS) for row in table.to_pylist())
