"""One engine for the tests of training that need no lake."""

from collections.abc import Iterator
from typing import Any

import pytest

from journeys.engine import connect


@pytest.fixture(scope="session")
def engine() -> Iterator[Any]:
    with connect(memory="500MB", threads=1) as opened:
        yield opened
