"""Sources: which vendor's files, where, and how their events become touchpoints."""

import hashlib
import json
from datetime import timedelta
from typing import Literal

from pydantic import Field, model_validator

from journeys.config.base import Category, Name, Section
from journeys.config.durations import Duration
from journeys.config.extraction import Extraction, landing_folder

Vendor = Literal[
    "tabular",
    "segment",
    "zendesk",
    "stripe",
    "amplitude",
    "customerio",
    "delighted",
    "fullstory",
    "ga4",
    "hubspot",
    "intercom",
    "iterable",
    "klaviyo",
    "mailchimp",
    "marketo",
    "mixpanel",
    "pendo",
    "posthog",
    "qualtrics",
    "reviews",
    "salesforce",
]


class TouchpointRule(Section):
    """One ordered rule from a vendor's event name to a touchpoint; the first whose pattern matches wins.

    `event` is a pattern with `*` and `?`. What a rule leaves out is filled from the source: its
    default channel and category, and the vendor's own event name.
    """

    event: str
    touchpoint: str | None = None
    channel: str | None = None
    category: Category | None = None


class EventColumns(Section):
    """For `vendor: tabular`, which column of the file holds what; only `event` and `event_at` are needed."""

    event: str | list[str] = Field(description="Column of the event's name; several are joined by ':'")
    event_at: str
    known_at: str | None = Field(default=None, description="When the source itself first received or updated the row")
    record_id: str | None = Field(default=None, description="The source's own key; without it the whole row is the key")
    amount: str | None = None
    currency: str | None = None
    score: str | None = None
    text: str | None = None
    channel: str | None = None
    case_id: str | None = Field(default=None, description="The source's own case: one case is one journey")
    properties: list[str] = Field(default=[], description="Further columns to keep; never personal data")


class AttributeColumns(Section):
    """For `kind: attributes`, rows that say something about a customer from a date on."""

    attributes: list[str] = Field(description="Columns, each of which becomes an attribute of the customer")
    valid_from: str | None = Field(default=None, description="Since when; without it, since ever")
    known_at: str | None = None


class Source(Section):
    """One vendor's export: files in the data folder and their mapping."""

    vendor: Vendor
    files: str = Field(description="Pattern below the data folder, as in 'segment/*.jsonl.gz'")
    extract: Extraction | None = Field(
        default=None, description="Where the files come from, if nobody else puts them there"
    )
    kind: Literal["events", "attributes"] = "events"
    columns: EventColumns | AttributeColumns | None = None
    identifiers: dict[str, str] = Field(default={}, description="Tabular: identifier type to the column that holds it")
    time_zone: str | None = Field(
        default=None, description="Zone of times that carry none; without it they are refused"
    )
    touchpoints: list[TouchpointRule] = []
    channel: str = "website"
    category: Category = "website"
    lag: Duration = Field(
        default=timedelta(0),
        description="How long after an event the business knows of it, where the source does not say",
    )
    fresh: bool = Field(default=False, description="Read every ten minutes instead of hourly")
    max_reject_share: float = Field(default=0.005, ge=0, le=1, description="More rows than this refused stops the run")

    @property
    def mapping_hash(self) -> str:
        """Twelve hexadecimal digits that change with what a row becomes, and not with when or whence it is read."""
        about_files = {"files", "extract", "fresh", "max_reject_share"}
        mapping = json.dumps(self.model_dump(mode="json", exclude=about_files), sort_keys=True)
        return hashlib.sha256(mapping.encode()).hexdigest()[:12]

    @model_validator(mode="after")
    def _columns_fit_vendor(self) -> "Source":
        if self.vendor == "tabular" and self.columns is None:
            raise ValueError("vendor 'tabular' needs 'columns': say which column holds the event and its time")
        if self.vendor != "tabular" and self.columns is not None:
            raise ValueError(f"vendor '{self.vendor}' knows its own columns; remove 'columns'")
        if self.kind == "attributes" and not isinstance(self.columns, AttributeColumns):
            raise ValueError("kind 'attributes' needs 'columns: {attributes: [...]}'")
        if self.vendor == "tabular" and not self.identifiers:
            raise ValueError(
                "vendor 'tabular' needs 'identifiers': identifier type to column, as in {user_id: client_id}"
            )
        return self

    @model_validator(mode="after")
    def _files_are_those_extracted(self) -> "Source":
        if self.extract is not None:
            landing_folder(self.files, self.extract)
        return self


Sources = dict[Name, Source]
