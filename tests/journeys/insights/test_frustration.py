"""Signs of frustration by stage."""

from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

from journeys.engine import materialize
from journeys.insights.frustration import frustrated_customers
from journeys.insights.segments import ALL

_STEPS = pa.schema({name: pa.string() for name in ("customer_id", "stage", "touchpoint")})


def _counts(connection: Any, rows: list[tuple[str, str, str]]) -> dict[str, int]:
    table = pa.Table.from_pylist([dict(zip(_STEPS.names, row, strict=True)) for row in rows], schema=_STEPS)
    found: pd.DataFrame = frustrated_customers(materialize(connection, ibis.memtable(table), "clicks"))
    return dict(zip(found.stage, found.count_frustrated, strict=True))


def test_customers_count_once(connection: Any) -> None:
    """However often and however it is spelt; another click is none."""
    rows = [
        ("c1", "use", "rage_click"),
        ("c1", "use", "Rage click"),
        ("c1", "buy", "ERROR-CLICK"),
        ("c2", "use", "dead_click"),
        ("c3", "use", "click"),
    ]
    assert _counts(connection, rows) == {"buy": 1, "use": 2, ALL: 2}


def test_nobody_is_watched(connection: Any) -> None:
    """Without such a touchpoint, and without any, there is no row."""
    assert _counts(connection, [("c3", "use", "click")]) == {}
    assert _counts(connection, []) == {}
