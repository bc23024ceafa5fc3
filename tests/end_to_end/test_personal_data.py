"""Personal data after two nights in a real Airflow: where it may be, and nowhere else."""

import re
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.end_to_end.businesses import personal_values
from tests.end_to_end.conftest import Chain

pytestmark = pytest.mark.airflow


ADDRESS = re.compile(rb"[A-Za-z0-9._%+-]+(?:@|%40)[A-Za-z0-9.-]+[A-Za-z0-9]")
NUMBER = re.compile(rb"[0-9][0-9 ()./+-]{6,24}[0-9]")


def _contents(path: Path) -> bytes:
    """Return all text in a file: its bytes, and for Parquet, which compresses, its columns."""
    if path.suffix == ".parquet":
        return "\n".join(str(column.to_pylist()) for column in pq.ParquetFile(path).read().columns).encode()
    return path.read_bytes()


def _places(home: Path, pattern: "re.Pattern[bytes]", is_personal: Callable[[bytes], bool]) -> set[str]:
    """Return the parts of a home in which something of the pattern's shape is personal."""
    found = set()
    for path in home.rglob("*"):
        if path.is_file() and any(is_personal(match) for match in set(pattern.findall(_contents(path)))):
            parts = path.relative_to(home).parts
            found.add("/".join(parts[:2] if parts[0] == "lake" else parts[:1]))
    return found


def test_only_the_vault_and_the_files_for_the_crm_hold_addresses(chain: Chain) -> None:
    """Logs, XComs, MLflow, Feast, the ledger, the map and every other table are free of each person's address."""
    addresses = {value.encode() for value in personal_values(chain.project.project_dir)[0]}
    assert len(addresses) > 100

    def is_personal(found: bytes) -> bool:
        text = found.lower().replace(b"%40", b"@")
        return any(text[start:] in addresses for start in range(len(text))) if b"@" in text else False

    assert _places(chain.project.home, ADDRESS, is_personal) == {"lake/identifier_vault", "delivered"}


def test_only_the_vault_holds_phone_numbers(chain: Chain) -> None:
    """In whatever spelling: what counts are the digits."""
    numbers = {re.sub(r"[^0-9]", "", value).encode() for value in personal_values(chain.project.project_dir)[1]}
    assert len(numbers) > 100
    tails = {number[-10:] for number in numbers}

    def is_personal(found: bytes) -> bool:
        digits = re.sub(rb"[^0-9]", b"", found)
        return any(digits[start : start + 10] in tails for start in range(len(digits) - 9))

    assert _places(chain.project.home, NUMBER, is_personal) == {"lake/identifier_vault"}
