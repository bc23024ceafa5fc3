"""Consents: what a person agrees to or refuses, as sources write it."""

from collections.abc import Mapping
from typing import Any

import ibis

from journeys.sources.personal import json_text, keys_of
from journeys.sources.record import CONSENTS
from journeys.sources.values import present

ALL = "*"
"""Stands for every purpose or channel."""

MARKETING = "marketing"
"""The purpose of what vendors of messages let people unsubscribe from."""

GIVEN, REFUSED, NEITHER = "given", "refused", "neither"
"""What a statement may say; the last takes an earlier refusal back without giving consent."""

_YES = ("true", "t", "yes", "y", "1")
_NO = ("false", "f", "no", "n", "0")
_GIVEN = (*_YES, "granted", "given", "allowed", "subscribed", "opt_in", "opt-in", "opted_in", "opted-in", "opted in")
_REFUSED = (
    *(*_NO, "denied", "refused", "withdrawn", "revoked", "unsubscribed"),
    *("opt_out", "opt-out", "opted_out", "opted-out", "opted out"),
)


def consent_said(text: Any) -> Any:
    """Return what a text in a column of consents says, null where nobody can tell."""
    said = text.lower()
    return ibis.cases((said.isin(_GIVEN), GIVEN), (said.isin(_REFUSED), REFUSED))


def opted_out(text: Any) -> Any:
    """Return what a flag says that is set for those who opted out: not to have done so is no consent."""
    said = text.lower()
    return ibis.cases((said.isin(_YES), REFUSED), (said.isin(_NO), NEITHER))


def is_granted(said: Any) -> Any:
    """Return whether consent is given, null where an earlier refusal was only taken back."""
    return ibis.cases((said == GIVEN, True), (said == REFUSED, False))


def consents(told: Mapping[tuple[str, str], Any], valid_from: Any) -> Any:
    """Return the consents of a record.

    Args:
        told: purpose and channel to what is said of it (GIVEN, REFUSED or NEITHER), null where nothing is.
        valid_from: since when.
    """
    entries = [
        ibis.struct({"purpose": purpose, "channel": channel, "said": said}) for (purpose, channel), said in told.items()
    ]
    told_of = ibis.array(entries).filter(lambda entry: entry["said"].notnull())
    listed = told_of.map(
        lambda entry: ibis.struct(
            {
                "purpose": entry["purpose"],
                "channel": entry["channel"],
                "is_granted": is_granted(entry["said"]),
                "valid_from": valid_from,
            }
        )
    )
    # Most records say nothing of it, and lists are slow.
    return ibis.or_(*(said.notnull() for said in told.values())).ifelse(listed.cast(CONSENTS), ibis.null(CONSENTS))


def consents_by_purpose(document: Any, valid_from: Any) -> Any:
    """Return the consents of a JSON object of purposes, as in `{"Advertising": true}`; they hold on all channels."""
    purposes = keys_of(document).map(
        lambda key: ibis.struct({"purpose": key.lower(), "said": consent_said(present(_of(document, key)))})
    )
    return (
        purposes.filter(lambda entry: entry["said"].notnull())
        .map(
            lambda entry: ibis.struct(
                {
                    "purpose": entry["purpose"],
                    "channel": ALL,
                    "is_granted": is_granted(entry["said"]),
                    "valid_from": valid_from,
                }
            )
        )
        .cast(CONSENTS)
    )


def _of(document: Any, key: Any) -> Any:
    return json_text(document, ibis.literal("/").concat(key.replace("~", "~0").replace("/", "~1")))
