"""Personal data after two nights in a real Airflow: where it may be, and nowhere else."""

import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.end_to_end.businesses import personal_values
from tests.end_to_end.conftest import Chain

pytestmark = pytest.mark.airflow


def _texts(path: Path) -> str:
    """Return all text in a file: its bytes, and for Parquet, which compresses, also its columns."""
    text = path.read_bytes().decode("utf-8", "replace")
    if path.suffix == ".parquet":
        text += "\n".join(str(column.to_pylist()) for column in pq.ParquetFile(path).read().columns)
    return text


def _places(home: Path, pattern: "re.Pattern[str]") -> set[str]:
    """Return the parts of a home in which the pattern occurs."""
    found = set()
    for path in home.rglob("*"):
        if path.is_file() and pattern.search(_texts(path)):
            parts = path.relative_to(home).parts
            found.add("/".join(parts[:2] if parts[0] == "lake" else parts[:1]))
    return found


@pytest.mark.parametrize("kind", [0, 1], ids=["e-mail addresses", "phone numbers"])
def test_only_the_vault_and_the_files_for_the_crm_hold_it(chain: Chain, kind: int) -> None:
    """Logs, XComs, MLflow, Feast, the ledger, the map and every other table are free of each person's data."""
    values = personal_values(chain.project.project_dir)[kind]
    assert len(values) > 100
    pattern = re.compile("|".join(re.escape(value) for value in sorted(values)), re.IGNORECASE)
    places = _places(chain.project.home, pattern)
    allowed = {"lake/identifier_vault", "delivered"}
    assert places <= allowed
    # Phone numbers are in the vault in one spelling, without the signs between.
    assert places == allowed or kind == 1


def test_the_search_finds_what_is_there(chain: Chain) -> None:
    """Numbers as the vault spells them are found in the vault, and only there."""
    phones = personal_values(chain.project.project_dir)[1]
    spelled = {re.sub(r"[^0-9]", "", phone) for phone in phones if phone.startswith("+")}
    places = _places(chain.project.home, re.compile("|".join(sorted(spelled))))
    assert places == {"lake/identifier_vault"}
