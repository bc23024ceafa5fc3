"""Salesforce's tables, as drawn."""

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.sources.drawn import check_told

AT = "2026-02-01 10:00:00"
LATER = "2026-02-03 12:30:00.250000"


@pytest.mark.parametrize(
    ("table", "row", "expected"),
    [
        (
            "account",
            {"id": "001A", "last_modified_date": AT, "industry": "Retail", "number_of_employees": "50"},
            {None: ({"salesforce_account_id": "001A"}, {"industry": "Retail", "size": "50"})},
        ),
        (
            "lead",
            {
                "id": "00Q1",
                "email": "ann@example.org",
                "created_date": AT,
                "converted_date": LATER,
                "converted_contact_id": "0031",
            },
            {
                event: (
                    {"salesforce_lead_id": "00Q1", "email": "ann@example.org", "salesforce_contact_id": "0031"},
                    {},
                )
                for event in (None, "lead_created", "lead_converted")
            },
        ),
        (
            "sf_contact_history_data",
            {"id": "0031", "_fivetran_start": AT, "account_id": "0011", "owner_id": "0051"},
            {
                None: ({"salesforce_contact_id": "0031"}, {"salesforce_account": "0011", "owner": "0051"}),
            },
        ),
        (
            "opportunity",
            {
                "id": "0061",
                "contact_id": "0031",
                "account_id": "0011",
                "created_date": AT,
                "close_date": LATER,
                "is_closed": "true",
                "is_won": "true",
            },
            {
                event: ({"salesforce_opportunity_id": "0061", "salesforce_contact_id": "0031"}, {})
                for event in ("opportunity_created", "opportunity_won")
            },
        ),
        (
            "opportunity",
            {
                "id": "0061",
                "account_id": "0011",
                "created_date": AT,
                "close_date": LATER,
                "is_closed": "true",
                "is_won": "false",
            },
            {
                event: ({"salesforce_opportunity_id": "0061", "salesforce_account_id": "0011"}, {})
                for event in ("opportunity_created", "opportunity_lost")
            },
        ),
        (
            "task",
            {"id": "00T1", "who_id": "0031", "account_id": "0011", "activity_date": AT, "task_subtype": "Call"},
            {"task: call": ({"salesforce_contact_id": "0031"}, {})},
        ),
        (
            "event",
            {"Id": "00U1", "WhoId": "00Q1", "AccountId": "0011", "StartDateTime": AT},
            {"event: event": ({"salesforce_lead_id": "00Q1"}, {})},
        ),
        (
            "case",
            {"id": "5001", "contact_id": "0031", "created_date": AT, "closed_date": LATER},
            {
                event: ({"salesforce_contact_id": "0031", "salesforce_case_id": "5001"}, {})
                for event in ("case_created", "case_closed")
            },
        ),
        (
            "order",
            {"id": "8011", "account_id": "0011", "created_date": AT, "activated_date": LATER, "total_amount": "12.5"},
            {event: ({"salesforce_account_id": "0011"}, {}) for event in ("order_created", "order_activated")},
        ),
    ],
)
def test_rows(
    connection: Any, tmp_path: Path, table: str, row: dict[str, str], expected: dict[str | None, Any]
) -> None:
    """Each row tells what happened, of whom, and what is said of them."""
    check_told(connection, tmp_path, "salesforce", table, row, expected)
