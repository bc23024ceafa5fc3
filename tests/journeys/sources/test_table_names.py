"""Which table a file holds."""

from pathlib import Path

import pytest

from journeys.sources.salesforce import TABLES
from journeys.sources.table_names import is_table, table_name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("crm/contact.csv", "contact"),
        ("crm/CONTACT.parquet", "contact"),
        ("crm/sf_contact_data.csv", "contact"),
        ("crm/salesforce_contact_history_data_snowflake.csv", "contact_history"),
        ("crm/contact-2026-01.csv.gz", "contact"),
        ("crm/contact_20260101T020000Z.jsonl", "contact"),
        ("contact/0001.parquet", "contact"),
        ("crm/user_role_data.csv", None),
        ("crm/engagement_contact.csv", None),
    ],
)
def test_table_name(path: str, name: str | None) -> None:
    """A file says which table it holds by its name or its folder's; a longer name is another table."""
    assert table_name(Path(path), TABLES, "Salesforce") == name


def test_is_table() -> None:
    """Tables are told from lines of a vendor's objects by the file's name."""
    names = ["a.csv", "a.csv.gz", "a.parquet", "a.jsonl", "a.jsonl.gz", "a.json"]
    assert [name for name in names if is_table(Path(name))] == names[:3]
