"""Rates with their uncertainty, and the smallest cell in which a rate says anything."""

import numpy as np
import pandas as pd
import pyarrow as pa
from statsmodels.stats.proportion import proportion_confint

from journeys.lake.tables import TABLES

MIN_CUSTOMERS = 10
"""Below so many different customers a rate or a median is null: not enough data."""


def add_wilson(frame: pd.DataFrame, count: str, total: str, customers: str, rate: str) -> pd.DataFrame:
    """Return `frame` with columns `rate`, `rate_low` and `rate_high`: count / total and its 95 % Wilson interval.

    The interval takes the counted units as independent of each other (Wilson 1927). All three are null
    where fewer than `MIN_CUSTOMERS` different customers stand behind the total.

    Args:
        frame: one row a cell.
        count: column of the units that have the property.
        total: column of all units of the cell.
        customers: column of the different customers among them.
        rate: name of the new column.
    """
    counts = frame[count].to_numpy(dtype=float)
    totals = frame[total].to_numpy(dtype=float)
    is_enough = (frame[customers].to_numpy(dtype=float) >= MIN_CUSTOMERS) & (totals > 0)
    low, high = proportion_confint(counts, np.where(is_enough, totals, 1.0).clip(min=counts), method="wilson")
    point = counts / np.where(totals > 0, totals, 1.0)
    # Rounding must not leave an exact 0 or 1 a hair outside its own interval.
    bounds = {rate: point, f"{rate}_low": np.minimum(low, point), f"{rate}_high": np.maximum(high, point)}
    return frame.assign(**{name: np.where(is_enough, values, np.nan) for name, values in bounds.items()})


def hide_small(frame: pd.DataFrame, customers: str, *columns: str) -> pd.DataFrame:
    """Return `frame` with `columns` null where fewer than `MIN_CUSTOMERS` customers stand behind them."""
    is_enough = frame[customers] >= MIN_CUSTOMERS
    return frame.assign(**{column: frame[column].astype(float).where(is_enough) for column in columns})


def as_table(name: str, frame: pd.DataFrame) -> pa.Table:
    """Return `frame` in the declared columns of the table `name`; numbers that are not known become null."""
    schema = TABLES[name].schema
    return pa.Table.from_pandas(frame.reset_index(drop=True)[schema.names], schema=schema, preserve_index=False)
