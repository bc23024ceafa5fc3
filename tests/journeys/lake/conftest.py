"""A small lake of two declared tables, and one engine."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from journeys.engine import connect
from journeys.lake.delta import Lake
from tests.journeys.lake.drawn import DRAWN


@pytest.fixture(scope="package")
def connection() -> Iterator[Any]:
    with connect(memory="300MB", threads=1) as opened:
        yield opened


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"), tables=DRAWN)
