"""One engine for all readers."""

from collections.abc import Iterator
from typing import Any

import pytest

from journeys.engine import connect


@pytest.fixture(scope="package")
def connection() -> Iterator[Any]:
    with connect(memory="500MB", threads=1) as opened:
        yield opened
