"""Which of a vendor's tables a file holds, by its name or its folder's."""

import re
from collections.abc import Container
from pathlib import Path

from journeys.sources.lines import kind_of

_SHORT_NAMES = {
    "Salesforce": ("sf", "sfdc"),
    "GA4": ("ga4_export",),
    "Google Ads": ("google_ads", "adwords"),
    "Meta Ads": ("meta_ads", "facebook_ads", "facebook"),
    "LinkedIn Ads": ("linkedin_ads", "linkedin"),
}


def is_table(path: Path) -> bool:
    """Return whether a file is a table, and not lines of a vendor's own objects."""
    return kind_of(path) in {".csv", ".tsv", ".txt", ".parquet"}


def plain_name(column: str) -> str:
    """Return a column's name in lower case, without the quotes that some warehouses leave around it."""
    return column.strip().strip("\"`'").strip().lower()


def table_name(path: Path, tables: Container[str], vendor: str) -> str | None:
    """Return which of the tables a file holds, by its name or its folder's, or None.

    A number or date after the name and the vendor's name before it are no part of it.

    >>> table_name(Path("crm/SF_CONTACT_DATA_2026-01.csv.gz"), {"contact": list}, "Salesforce")
    'contact'
    >>> table_name(Path("hubspot/contact/0001.parquet"), {"contact": list}, "HubSpot")
    'contact'
    >>> table_name(Path("hubspot/contact_list.csv"), {"contact": list}, "HubSpot")
    """
    before = "|".join(sorted({vendor.lower(), *_SHORT_NAMES.get(vendor, ())}, key=len, reverse=True))
    for part in (path.name.split(".")[0], path.parent.name):
        stem = re.sub(r"[-_]?\d[\d\-_t:z]*$", "", plain_name(part).replace("-", "_"))
        stem = re.sub(rf"^(?:{before})_", "", stem)
        plain = re.sub(r"_data(_(postgres|snowflake|databricks|bigquery|bq_json))?$", "", stem)
        found = next((name for name in (stem, plain) if name in tables), None)
        if found:
            return found
    return None
