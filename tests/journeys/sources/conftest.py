"""One engine a reader: what a test stores stays until the module is done."""

from collections.abc import Iterator
from typing import Any

import pytest

from journeys.engine import connect


@pytest.fixture(scope="module")
def connection() -> Iterator[Any]:
    with connect(memory="1GB", threads=1) as opened:
        yield opened
