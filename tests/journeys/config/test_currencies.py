"""The dated table of rates."""

from datetime import date
from pathlib import Path

import pytest

from journeys.config.currencies import Rate, read_rates
from journeys.config.errors import ConfigError


def test_rates(tmp_path: Path) -> None:
    """Rates in any order, with or without a byte-order mark, and columns that nobody asked for."""
    path = tmp_path / "rates.csv"
    path.write_text("\ufeffdate,currency,rate,from\n2026-03-01,usd,0.92,bank\n2026-02-01,CHF,1.05,bank\n")
    assert read_rates(path) == [Rate(date(2026, 3, 1), "USD", 0.92), Rate(date(2026, 2, 1), "CHF", 1.05)]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("date,currency\n2026-03-01,USD\n", "has no column 'rate'"),
        ("date,currency,rate\n2026-03-01,USD,0.9\n01.03.2026,USD,0.9\n", "line 3 is no rate"),
        ("date,currency,rate\n2026-03-01,USD,-1\n", "line 2 is no rate"),
        ("date,currency,rate\n2026-03-01,DOLLAR,1\n", "line 2 is no rate"),
        ("date,currency,rate\n2026-03-01,USD\n", "line 2 is no rate"),
    ],
)
def test_what_is_no_table_of_rates(tmp_path: Path, text: str, sentence: str) -> None:
    """Each mistake is one sentence that names the line."""
    path = tmp_path / "rates.csv"
    path.write_text(text)
    with pytest.raises(ConfigError, match=sentence):
        read_rates(path)


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    """The sentence names the file."""
    with pytest.raises(ConfigError, match=r"nowhere\.csv cannot be read"):
        read_rates(tmp_path / "nowhere.csv")
