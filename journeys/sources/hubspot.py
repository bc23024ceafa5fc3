"""HubSpot: contacts, companies, deals, tickets, engagements and e-mail events, as a loader lands its tables."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from journeys.config.sources import Source
from journeys.sources.consents import MARKETING, REFUSED, opted_out
from journeys.sources.record import SINCE_EVER, Reading
from journeys.sources.vendor_tables import Cell, Telling, VendorTable, read_vendor_table, words

_ENGAGEMENTS = ("call", "communication", "email", "meeting", "note", "task")
_ADDRESSES = ("email", "hs_additional_emails", "work_email")


def read_hubspot(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return one of HubSpot's tables as records; a deal, ticket or engagement finds its contact by the link tables."""
    return read_vendor_table(connection, path, source, "HubSpot", TABLES)


def _contact(cell: Cell) -> list[Telling]:
    key, at = cell("id", "contact_id", "vid"), cell("property_createdate", "createdat", "added_at")
    who = {"hubspot_contact_id": key, "email": cell("property_email", "email"), "phone": cell("property_phone")}
    said = {
        "company": cell("property_company"),
        "job_title": cell("property_jobtitle"),
        "lifecycle_stage": cell("property_lifecyclestage"),
        "lead_status": cell("property_hs_lead_status"),
        "owner": cell("property_hubspot_owner_id"),
    }
    changed_at = cell("property_lastmodifieddate", "updatedat", "property_createdate", "createdat")
    return [
        Telling(
            key,
            at,
            event="contact_created",
            identifiers=who,
            properties={"source": cell("property_hs_analytics_source")},
        ),
        Telling(
            key,
            changed_at,
            identifiers=who,
            attributes=said,
            consents={(MARKETING, "email"): opted_out(cell("property_hs_email_optout"))},
        ),
    ]


def _contact_property(cell: Cell) -> list[Telling]:
    key, at, what, value = cell("contact_id"), cell("timestamp"), cell("name"), cell("value")
    who = {"hubspot_contact_id": key}
    changed = key.concat(":", what, ":", at)
    return [
        Telling(
            changed,
            at,
            identifiers={**who, "email": (what.lower().isin(_ADDRESSES)).ifelse(value, None)},
            attributes={
                "lifecycle_stage": (what.lower() == "lifecyclestage").ifelse(value, None),
                "lead_status": (what.lower() == "hs_lead_status").ifelse(value, None),
                "owner": (what.lower() == "hubspot_owner_id").ifelse(value, None),
            },
            consents={(MARKETING, "email"): (what.lower() == "hs_email_optout").ifelse(opted_out(value), None)},
        ),
        Telling(
            changed,
            at,
            event=words("lifecycle_stage: ", value),
            identifiers=who,
            where=(what.lower() == "lifecyclestage") & value.notnull(),
        ),
    ]


def _contact_merge(cell: Cell) -> list[Telling]:
    kept, gone, at = cell("canonical_vid", "contact_id"), cell("vid_to_merge"), cell("timestamp")
    return [
        Telling(kept.concat(":", gone), at, identifiers={"hubspot_contact_id": kept, "hubspot_merged_contact_id": gone})
    ]


def _company(cell: Cell) -> list[Telling]:
    key = cell("id", "company_id")
    said = {
        "industry": cell("property_industry"),
        "size": cell("property_numberofemployees"),
        "annual_revenue": cell("property_annualrevenue"),
        "country": cell("property_country"),
        "lifecycle_stage": cell("property_lifecyclestage"),
        "owner": cell("property_hubspot_owner_id"),
    }
    since = cell("property_hs_lastmodifieddate", "property_createdate", "_fivetran_synced")
    return [Telling(words(key, ":", since), since, identifiers={"hubspot_company_id": key}, attributes=said)]


def _company_property(cell: Cell) -> list[Telling]:
    key, at, what, value = cell("company_id"), cell("timestamp"), cell("name").lower(), cell("value")
    told = {
        "industry": "industry",
        "size": "numberofemployees",
        "annual_revenue": "annualrevenue",
        "country": "country",
        "lifecycle_stage": "lifecyclestage",
        "owner": "hubspot_owner_id",
    }
    said = {attribute: (what == name).ifelse(value, None) for attribute, name in told.items()}
    return [Telling(words(key, ":", what, ":", at), at, identifiers={"hubspot_company_id": key}, attributes=said)]


def _form(cell: Cell) -> list[Telling]:
    key = cell("conversion_id").concat(":", cell("contact_id"))
    page = {"form": cell("form_id"), "page": cell("page_url")}
    return [
        Telling(
            key,
            cell("timestamp"),
            event=words("form_submitted: ", cell("title", "form_id")),
            identifiers={"hubspot_contact_id": cell("contact_id")},
            properties=page,
        )
    ]


def _list_member(cell: Cell) -> list[Telling]:
    who = {"hubspot_contact_id": cell("contact_id")}
    key = cell("contact_list_id").concat(":", cell("contact_id"))
    return [
        Telling(
            key, cell("added_at"), event="list_joined", identifiers=who, properties={"list": cell("contact_list_id")}
        )
    ]


def _deal(cell: Cell) -> list[Telling]:
    key, created_at = cell("deal_id", "id"), cell("property_createdate", "createdat")
    who, amount = {"hubspot_deal_id": key}, cell("property_amount")
    state = {
        "pipeline": cell("deal_pipeline_id", "property_pipeline"),
        "stage": cell("deal_pipeline_stage_id", "property_dealstage"),
    }
    closed_at = cell("property_closedate")
    is_won = cell("property_hs_is_closed_won").lower()
    return [
        Telling(key, created_at, event="deal_created", identifiers=who, properties=state),
        Telling(
            key, closed_at, event="deal_won", identifiers=who, properties=state, amount=amount, where=is_won == "true"
        ),
    ]


def _deal_stage(cell: Cell) -> list[Telling]:
    key = cell("deal_id").concat(":", cell("date_entered", "_fivetran_start"))
    return [
        Telling(
            key,
            cell("date_entered", "_fivetran_start"),
            event=words("deal_stage: ", cell("value")),
            identifiers={"hubspot_deal_id": cell("deal_id")},
        )
    ]


def _moves(what: str, of_stage: str) -> VendorTable:
    """Return what the history of a deal's or ticket's properties tells: that it went to another stage."""

    def told(cell: Cell) -> list[Telling]:
        thing, at = cell(f"{what}_id"), cell("timestamp", "timestamp_instant")
        key, who = thing.concat(":", cell("name"), ":", at), {f"hubspot_{what}_id": thing}
        moved = (cell("name").lower() == of_stage).fill_null(False) & cell("value").notnull()
        return [
            Telling(key, at, identifiers=who),
            Telling(key, at, event=words(f"{what}_stage: ", cell("value")), identifiers=who, where=moved),
        ]

    return told


def _link(what: str, to: str = "contact") -> VendorTable:
    def told(cell: Cell) -> list[Telling]:
        thing, other = cell(f"{what}_id"), cell(f"{to}_id")
        who = {f"hubspot_{to}_id": other, f"hubspot_{what}_id": thing}
        return [Telling(thing.concat(":", other), SINCE_EVER, identifiers=who)]

    return told


def _ticket(cell: Cell) -> list[Telling]:
    key, who = cell("id", "ticket_id"), {"hubspot_ticket_id": cell("id", "ticket_id")}
    state = {"priority": cell("property_hs_ticket_priority"), "category": cell("property_hs_ticket_category")}
    replied_at, closed_at = cell("property_first_agent_reply_date"), cell("property_closed_date")
    return [
        Telling(
            key,
            cell("property_createdate", "createdat"),
            event="ticket_created",
            identifiers=who,
            properties=state,
            text=cell("property_content", "property_subject"),
        ),
        Telling(key, replied_at, event="ticket_answered", identifiers=who, where=replied_at.notnull()),
        Telling(key, closed_at, event="ticket_closed", identifiers=who, where=closed_at.notnull()),
    ]


def _email_event(cell: Cell) -> list[Telling]:
    return [
        Telling(
            cell("id"),
            cell("created"),
            event=words("email_", cell("type").lower()),
            identifiers={"email": cell("recipient")},
            properties={"campaign": cell("email_campaign_id")},
            consents={(MARKETING, "email"): (cell("type").lower() == "spamreport").ifelse(REFUSED, None)},
        )
    ]


def _engagement_of_any_kind(cell: Cell) -> list[Telling]:
    """Tell what the table of the kind tells too, of loaders whose time stands here and not there: it counts once."""
    key, at = cell("id", "engagement_id"), cell("timestamp", "property_hs_timestamp", "created_at")
    who = {"hubspot_engagement_id": key}
    kind = cell("type").lower().re_extract(rf"^(?:incoming_|forwarded_)?({'|'.join(_ENGAGEMENTS)})$", 1).nullif("")
    return [
        Telling(key, SINCE_EVER, identifiers=who),
        Telling(
            key,
            at,
            event=kind,
            identifiers=who,
            of=words("engagement_", kind),
            where=at.notnull() & kind.notnull(),
        ),
    ]


def _engagement(kind: str) -> VendorTable:
    def told(cell: Cell) -> list[Telling]:
        key = cell("engagement_id", "id", "property_hs_object_id")
        at = cell("property_hs_timestamp", "start_time", "timestamp", "property_hs_createdate", "created_at")
        return [
            Telling(
                key,
                at,
                event=kind,
                identifiers={"hubspot_engagement_id": key},
                text=cell("property_hs_body_preview", "property_hs_email_text", "body"),
                properties={
                    "outcome": cell("meeting_outcome", "property_hs_meeting_outcome", "property_hs_call_disposition")
                },
            )
        ]

    return told


TABLES: Mapping[str, VendorTable] = {
    "contact": _contact,
    "contact_property_history": _contact_property,
    "contact_merge_audit": _contact_merge,
    "company": _company,
    "company_property_history": _company_property,
    "contact_form_submission": _form,
    "contact_list_member": _list_member,
    "deal": _deal,
    "deal_stage": _deal_stage,
    "deal_property_history": _moves("deal", "dealstage"),
    "deal_contact": _link("deal"),
    "ticket": _ticket,
    "ticket_contact": _link("ticket"),
    "ticket_property_history": _moves("ticket", "hs_pipeline_stage"),
    "ticket_engagement": _link("engagement", "ticket"),
    "engagement_contact": _link("engagement"),
    "engagement_deal": _link("engagement", "deal"),
    "email_event": _email_event,
    "engagement": _engagement_of_any_kind,
    **{f"engagement_{kind}": _engagement(kind) for kind in _ENGAGEMENTS},
}
"""Tables that are read, by the names under which loaders land them."""
