"""Rates of currencies: a dated table in the project folder."""

import csv
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

from journeys.config.errors import ConfigError

COLUMNS = ("date", "currency", "rate")


class Rate(NamedTuple):
    """From a date on, how many units of the project's currency one unit of another is worth."""

    day: date
    currency: str
    rate: float


def read_rates(path: Path) -> list[Rate]:
    """Read a table of rates: CSV with the columns date (as 2026-03-01), currency (as USD) and rate.

    Raises:
        ConfigError: one sentence that names the file, the line and what to mend.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream)
            absent = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
            if absent:
                raise ConfigError(
                    f"currency_rates: {path.name} has no column '{absent[0]}'; it needs {', '.join(COLUMNS)}."
                )
            return [_rate(path, line, row) for line, row in enumerate(rows, start=2)]
    except OSError as error:
        msg = f"currency_rates: {path} cannot be read ({error.strerror}); put the table there or leave the setting out."
        raise ConfigError(msg) from error


def _rate(path: Path, line: int, row: dict[str, str]) -> Rate:
    try:
        rate = Decimal(row["rate"].strip())
        currency = row["currency"].strip().upper()
        if rate <= 0 or len(currency) != 3:
            raise ValueError
        return Rate(date.fromisoformat(row["date"].strip()), currency, float(rate))
    except (ValueError, InvalidOperation, AttributeError):
        msg = f"currency_rates: {path.name}, line {line} is no rate; write it as in 2026-03-01,USD,0.92."
        raise ConfigError(msg) from None
