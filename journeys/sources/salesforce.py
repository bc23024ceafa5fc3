"""Salesforce: leads, contacts, accounts, opportunities, tasks, events, cases and orders, as a loader lands them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ibis

from journeys.config.sources import Source
from journeys.sources.consents import ALL, MARKETING, opted_out
from journeys.sources.record import SINCE_EVER, Reading
from journeys.sources.vendor_tables import Cell, Telling, VendorTable, read_vendor_table, words


def read_salesforce(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return one of Salesforce's tables as records; columns go by their API names or by a loader's."""
    return read_vendor_table(connection, path, source, "Salesforce", TABLES)


def _since(cell: Cell) -> Any:
    return cell(
        "_fivetran_start",
        "system_modstamp",
        "systemmodstamp",
        "last_modified_date",
        "lastmodifieddate",
        "created_date",
        "createddate",
    )


def _known(cell: Cell) -> Any:
    return cell("system_modstamp", "systemmodstamp", "last_modified_date", "lastmodifieddate")


def _person(kind: str) -> VendorTable:
    def told(cell: Cell) -> list[Telling]:
        key, since = cell("id"), _since(cell)
        who = {
            f"salesforce_{kind}_id": key,
            "email": cell("email"),
            "phone": cell("mobile_phone", "mobilephone", "phone"),
        }
        if kind == "lead":
            who["salesforce_contact_id"] = cell("converted_contact_id", "convertedcontactid")
        said = {
            "salesforce_account": cell("account_id", "accountid", "converted_account_id", "convertedaccountid"),
            "title": cell("title"),
            "status": cell("status"),
            "lead_source": cell("lead_source", "leadsource"),
            "owner": cell("owner_id", "ownerid"),
        }
        refused = {
            (MARKETING, "email"): opted_out(cell("has_opted_out_of_email", "hasoptedoutofemail")),
            (ALL, "phone"): opted_out(cell("do_not_call", "donotcall")),
        }
        created_at = cell("created_date", "createddate")
        converted_at = cell("converted_date", "converteddate")
        return [
            # Each version of a history says what held since then; without any time there is nothing to say it of.
            Telling(key.concat(":", since), since, identifiers=who, attributes=said, consents=refused),
            Telling(key, created_at, event=f"{kind}_created", identifiers=who, where=created_at.notnull()),
            Telling(key, converted_at, event=f"{kind}_converted", identifiers=who, where=converted_at.notnull()),
        ]

    return told


def _of_contact_or_account(contact: Any, cell: Cell, *, is_other: Any = None) -> dict[str, Any]:
    """Return whom a row is about: its contact or, where it names none, its account, which has many contacts."""
    is_nobody = contact.isnull() if is_other is None else contact.isnull() & ~is_other
    account = is_nobody.ifelse(cell("account_id", "accountid"), ibis.null("string"))
    return {"salesforce_contact_id": contact, "salesforce_account_id": account}


def _account(cell: Cell) -> list[Telling]:
    key, since = cell("id"), _since(cell)
    said = {
        "industry": cell("industry"),
        "size": cell("number_of_employees", "numberofemployees"),
        "annual_revenue": cell("annual_revenue", "annualrevenue"),
        "country": cell("billing_country", "billingcountry"),
        "type": cell("type"),
        "rating": cell("rating"),
        "owner": cell("owner_id", "ownerid"),
    }
    # An export without any date says what holds, and not since when.
    since = since.fill_null(cell("_fivetran_synced")).fill_null(SINCE_EVER)
    return [Telling(words(key, ":", since), since, identifiers={"salesforce_account_id": key}, attributes=said)]


def _opportunity(cell: Cell) -> list[Telling]:
    key, created_at = cell("id"), cell("created_date", "createddate")
    who = {"salesforce_opportunity_id": key, **_of_contact_or_account(cell("contact_id", "contactid"), cell)}
    state = {
        "stage": cell("stage_name", "stagename"),
        "type": cell("type"),
        "lead_source": cell("lead_source", "leadsource"),
    }
    is_closed, is_won = ((cell(*names).lower() == "true") for names in (("is_closed", "isclosed"), ("is_won", "iswon")))
    closed_at, known_at = cell("close_date", "closedate"), _known(cell)
    amount = cell("amount")
    return [
        Telling(key, created_at, event="opportunity_created", identifiers=who, properties=state),
        Telling(
            key,
            closed_at,
            event="opportunity_won",
            known_at=known_at,
            identifiers=who,
            properties=state,
            amount=amount,
            where=is_closed & is_won,
        ),
        Telling(
            key,
            closed_at,
            event="opportunity_lost",
            known_at=known_at,
            identifiers=who,
            properties=state,
            where=is_closed & ~is_won,
        ),
    ]


def _activity(kind: str) -> VendorTable:
    def told(cell: Cell) -> list[Telling]:
        key, who_id = cell("id"), cell("who_id", "whoid")
        # An id says by its first three characters of what it is.
        is_lead = who_id.startswith("00Q").fill_null(False)
        who = {
            **_of_contact_or_account(is_lead.ifelse(ibis.null("string"), who_id), cell, is_other=is_lead),
            "salesforce_lead_id": is_lead.ifelse(who_id, None),
        }
        at = cell(
            *("completed_date_time", "completeddatetime", "start_date_time", "startdatetime", "activity_date_time"),
            *("activitydatetime", "activity_date", "activitydate", "created_date", "createddate"),
        )
        what = cell("task_subtype", "tasksubtype", "event_subtype", "eventsubtype").lower().fill_null(kind)
        return [
            Telling(
                key,
                at,
                event=words(f"{kind}: ", what),
                identifiers=who,
                text=cell("description", "subject"),
                properties={"status": cell("status"), "priority": cell("priority"), "type": cell("type")},
            )
        ]

    return told


def _case(cell: Cell) -> list[Telling]:
    key = cell("id", "case_number")
    who = {
        "salesforce_contact_id": cell("contact_id", "contactid"),
        "salesforce_case_id": key,
        "email": cell("supplied_email", "suppliedemail", "contact_email", "contactemail"),
    }
    closed_at = cell("closed_date", "closeddate")
    state = {
        "priority": cell("priority"),
        "status": cell("status"),
        "reason": cell("reason"),
        "is_escalated": cell("is_escalated", "isescalated"),
    }
    return [
        Telling(
            key,
            cell("created_date", "createddate"),
            event="case_created",
            identifiers=who,
            properties=state,
            text=cell("description", "subject"),
        ),
        Telling(key, closed_at, event="case_closed", identifiers=who, properties=state, where=closed_at.notnull()),
    ]


def _order(cell: Cell) -> list[Telling]:
    who = _of_contact_or_account(cell("bill_to_contact_id", "billtocontactid"), cell)
    key, created_at, activated_at = (
        cell("id"),
        cell("created_date", "createddate"),
        cell("activated_date", "activateddate"),
    )
    return [
        Telling(key, created_at, event="order_created", identifiers=who, properties={"status": cell("status")}),
        Telling(
            key,
            activated_at,
            event="order_activated",
            identifiers=who,
            amount=cell("total_amount", "totalamount"),
            currency=cell("currency_iso_code", "currencyisocode"),
            where=activated_at.notnull(),
        ),
    ]


TABLES: Mapping[str, VendorTable] = {
    "lead": _person("lead"),
    "contact": _person("contact"),
    "contact_history": _person("contact"),
    "account": _account,
    "account_history": _account,
    "opportunity": _opportunity,
    "opportunity_history": _opportunity,
    "task": _activity("task"),
    "event": _activity("event"),
    "case": _case,
    "order": _order,
}
"""Tables that are read, by the names under which loaders land them."""
