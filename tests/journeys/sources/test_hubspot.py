"""HubSpot's tables, as drawn."""

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.sources.drawn import check_told, read, source_of, table

AT = "2026-02-01 10:00:00"
LATER = "2026-02-03 12:30:00.250000"


@pytest.mark.parametrize(
    ("name", "row", "expected"),
    [
        (
            "company",
            {"id": "9", "property_createdate": AT, "property_industry": "Retail", "property_numberofemployees": "50"},
            {None: ({"hubspot_company_id": "9"}, {"industry": "Retail", "size": "50"})},
        ),
        (
            "company_property_history",
            {"company_id": "9", "timestamp": AT, "name": "industry", "value": "Retail"},
            {None: ({"hubspot_company_id": "9"}, {"industry": "Retail"})},
        ),
        (
            "contact",
            {
                "id": "1",
                "property_email": "ann@example.org",
                "property_createdate": AT,
                "property_lifecyclestage": "lead",
            },
            {
                "contact_created": ({"hubspot_contact_id": "1", "email": "ann@example.org"}, {}),
                None: ({"hubspot_contact_id": "1", "email": "ann@example.org"}, {"lifecycle_stage": "lead"}),
            },
        ),
        (
            "contact_property_history",
            {"contact_id": "1", "timestamp": AT, "name": "lifecyclestage", "value": "customer"},
            {
                None: ({"hubspot_contact_id": "1"}, {"lifecycle_stage": "customer"}),
                "lifecycle_stage: customer": ({"hubspot_contact_id": "1"}, {}),
            },
        ),
        (
            "contact_property_history",
            {"contact_id": "1", "timestamp": AT, "name": "email", "value": "ann@example.org"},
            {None: ({"hubspot_contact_id": "1", "email": "ann@example.org"}, {})},
        ),
        (
            "contact_merge_audit",
            {"canonical_vid": "1", "vid_to_merge": "2", "timestamp": AT},
            {None: ({"hubspot_contact_id": "1", "hubspot_merged_contact_id": "2"}, {})},
        ),
        (
            "contact_form_submission",
            {"contact_id": "1", "conversion_id": "9", "timestamp": AT, "title": "Newsletter"},
            {"form_submitted: Newsletter": ({"hubspot_contact_id": "1"}, {})},
        ),
        (
            "contact_list_member",
            {"contact_id": "1", "contact_list_id": "9", "added_at": AT},
            {"list_joined": ({"hubspot_contact_id": "1"}, {})},
        ),
        (
            "deal",
            {
                "deal_id": "7",
                "property_createdate": AT,
                "property_closedate": LATER,
                "property_hs_is_closed_won": "true",
            },
            {event: ({"hubspot_deal_id": "7"}, {}) for event in ("deal_created", "deal_won")},
        ),
        (
            "deal_stage",
            {"deal_id": "7", "date_entered": AT, "value": "offer"},
            {"deal_stage: offer": ({"hubspot_deal_id": "7"}, {})},
        ),
        (
            "deal_property_history",
            {"deal_id": "7", "timestamp": AT, "name": "amount", "value": "3"},
            {None: ({"hubspot_deal_id": "7"}, {})},
        ),
        (
            "deal_contact",
            {"deal_id": "7", "contact_id": "1"},
            {None: ({"hubspot_contact_id": "1", "hubspot_deal_id": "7"}, {})},
        ),
        (
            "ticket",
            {"id": "5", "property_createdate": AT, "property_closed_date": LATER},
            {event: ({"hubspot_ticket_id": "5"}, {}) for event in ("ticket_created", "ticket_closed")},
        ),
        (
            "email_event",
            {"id": "e", "created": AT, "type": "OPEN", "recipient": "ann@example.org"},
            {"email_open": ({"email": "ann@example.org"}, {})},
        ),
        (
            "engagement_meeting",
            {"engagement_id": "3", "start_time": AT, "body": "We met."},
            {"meeting": ({"hubspot_engagement_id": "3"}, {})},
        ),
        ("engagement", {"id": "3", "type": "CALL"}, {None: ({"hubspot_engagement_id": "3"}, {})}),
        (
            "engagement",
            {"id": "3", "type": "INCOMING_EMAIL", "timestamp": AT},
            {event: ({"hubspot_engagement_id": "3"}, {}) for event in (None, "email")},
        ),
        (
            "engagement",
            {"id": "3", "type": "PUBLISHING_TASK", "timestamp": AT},
            {None: ({"hubspot_engagement_id": "3"}, {})},
        ),
        (
            "ticket_property_history",
            {"ticket_id": "5", "timestamp_instant": AT, "name": "hs_pipeline_stage", "value": "4"},
            {event: ({"hubspot_ticket_id": "5"}, {}) for event in (None, "ticket_stage: 4")},
        ),
        (
            "ticket_engagement",
            {"ticket_id": "5", "engagement_id": "3"},
            {None: ({"hubspot_ticket_id": "5", "hubspot_engagement_id": "3"}, {})},
        ),
        (
            "engagement_deal",
            {"deal_id": "7", "engagement_id": "3"},
            {None: ({"hubspot_deal_id": "7", "hubspot_engagement_id": "3"}, {})},
        ),
    ],
)
def test_rows(connection: Any, tmp_path: Path, name: str, row: dict[str, str], expected: dict[str | None, Any]) -> None:
    """Each row tells what happened, of whom, and what is said of them."""
    check_told(connection, tmp_path, "hubspot", name, row, expected)


def test_an_engagement_counts_once(connection: Any, tmp_path: Path) -> None:
    """An engagement that stands in the table of all and in that of its kind is one thing."""
    paths = [
        table(tmp_path, "engagement.csv", {"id": "3", "type": "CALL", "timestamp": AT}),
        table(tmp_path, "engagement_call.csv", {"engagement_id": "3", "type": "CALL", "property_hs_timestamp": AT}),
    ]
    of_all, of_kind = (read(connection, path, source_of("hubspot"))[-1] for path in paths)
    assert of_all["source_record_id"] == of_kind["source_record_id"] == "engagement_call:3:call"
