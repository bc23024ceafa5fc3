"""Sources: which vendor's files, where, and how their events become touchpoints."""

import codecs
import hashlib
import json
from datetime import timedelta
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from journeys.config.base import Category, Name, Section
from journeys.config.durations import Duration
from journeys.config.extraction import Extraction, landing_folder
from journeys.config.intake import Intake, check_can_receive

Vendor = Literal[
    "tabular",
    "segment",
    "zendesk",
    "stripe",
    "amplitude",
    "braze",
    "calls",
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
    "social",
    "surveymonkey",
    "typeform",
    "google_ads",
    "meta_ads",
    "linkedin_ads",
]

SPEND_VENDORS = ("google_ads", "meta_ads", "linkedin_ads")
"""Vendors that tell what was spent, and nothing of customers."""


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
    user_agent: str | None = Field(
        default=None, description="What the browser called itself, by which machines are known"
    )
    channel: str | None = None
    case_id: str | None = Field(default=None, description="The source's own case: one case is one journey")
    properties: list[str] = Field(default=[], description="Further columns to keep; never personal data")


class AttributeColumns(Section):
    """For `kind: attributes`, rows that say something about a customer from a date on."""

    attributes: list[str] = Field(description="Columns, each of which becomes an attribute of the customer")
    valid_from: str | None = Field(default=None, description="Since when; without it, since ever")
    known_at: str | None = None


class ConsentColumns(Section):
    """For `kind: consents`, rows that say what somebody agrees to from a date on; what has no column is about all."""

    is_granted: str = Field(description="Column that says whether it is: true or false, yes or no, opt_in or opt_out")
    purpose: str | None = Field(default=None, description="Column of what for, as marketing; without it, for all")
    channel: str | None = Field(default=None, description="Column of the channel, as email; without it, on all")
    valid_from: str | None = Field(default=None, description="Since when; without it, since ever")
    known_at: str | None = None


class SpendColumns(Section):
    """For `kind: spend`, rows that say what was spent on a day."""

    spend_date: str = Field(description="Column of the day, as 2026-03-01")
    spend_amount: str
    channel: str | None = Field(default=None, description="Column of the channel; without it, the source's channel")
    campaign: str | None = None
    currency: str | None = None
    impressions: str | None = None
    clicks: str | None = None
    record_id: str | None = Field(
        default=None, description="The row's own key; without it, its day, channel and campaign are"
    )
    known_at: str | None = None


class Contract(Section):
    """What a source promises: files that break it are not loaded, and `desirelines audit` tells of the rest."""

    fields: dict[str, Literal["text", "number", "boolean", "time", "object"]] = Field(
        default={}, description="Columns that every file has, and the kind of value in them"
    )
    min_touchpoints_a_day: float | None = Field(default=None, ge=0, description="Over the last 30 days")
    max_lag: Duration | None = Field(default=None, description="How far its data may end before those of the others")


class Source(Section):
    """One vendor's export: files in the data folder and their mapping."""

    vendor: Vendor
    files: str = Field(description="Pattern below the data folder, as in 'segment/*.jsonl.gz'")
    extract: Extraction | None = Field(
        default=None, description="Where the files come from, if nobody else puts them there"
    )
    kind: Literal["events", "attributes", "consents", "spend"] = "events"
    columns: EventColumns | AttributeColumns | ConsentColumns | SpendColumns | None = None
    identifiers: dict[str, str] = Field(default={}, description="Tabular: identifier type to the column that holds it")
    encoding: str | None = Field(
        default=None, description="Of CSV files that are not UTF-8, as windows-1252; UTF-16 is known by its mark"
    )
    time_zone: str | None = Field(
        default=None, description="Zone of times that carry none; without it they are refused"
    )
    currency: str | None = Field(
        default=None, pattern=r"^[A-Z]{3}$", description="Of amounts that carry none; the project's unless given"
    )
    score_scale: tuple[float, float] | None = Field(
        default=None,
        description="Worst and best score that customers can give, as in [1, 5]; found in the data unless given",
    )
    touchpoints: list[TouchpointRule] = []
    channel: str = "website"
    category: Category = "website"
    intake: Intake | None = Field(default=None, description="Receive the vendor's signed webhooks into the files")
    lag: Duration = Field(
        default=timedelta(0),
        description="How long after an event the business knows of it, where the source does not say",
    )
    fresh: bool = Field(default=False, description="Read every ten minutes instead of hourly")
    contract: Contract = Contract()
    max_reject_share: float = Field(default=0.005, ge=0, le=1, description="More rows than this refused stops the run")

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str | None) -> str | None:
        try:
            return value and codecs.lookup(value).name
        except LookupError:
            raise ValueError(f"'{value}' is no encoding; write it as in utf-8, windows-1252 or utf-16") from None

    @field_validator("score_scale")
    @classmethod
    def _worst_and_best_differ(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value and value[0] >= value[1]:
            raise ValueError(f"{list(value)} is no scale; give the worst score and then the best, as in [1, 5]")
        return value

    @property
    def is_spend(self) -> bool:
        """Whether it tells what was spent, and nothing of customers."""
        return self.kind == "spend" or self.vendor in SPEND_VENDORS

    @property
    def tells_events(self) -> bool:
        """Whether what customers did is in it."""
        return self.kind == "events" and not self.is_spend

    @property
    def mapping_hash(self) -> str:
        """Twelve hexadecimal digits that change with what a row becomes, and not with when or whence it is read."""
        about_files = {"files", "extract", "fresh", "intake", "max_reject_share", "contract", "score_scale"}
        mapping = json.dumps(self.model_dump(mode="json", exclude=about_files), sort_keys=True)
        return hashlib.sha256(mapping.encode()).hexdigest()[:12]

    @model_validator(mode="before")
    @classmethod
    def _refuse_messages_one_by_one(cls, raw: Any) -> Any:
        # Each message came signed, and a file holds what a few minutes brought: a share of it says nothing about the rest.
        if isinstance(raw, dict) and raw.get("intake") is not None:
            return {"max_reject_share": 1.0, **raw}
        return raw

    @model_validator(mode="after")
    def _intake_fits_source(self) -> "Source":
        if self.intake is None:
            return self
        check_can_receive(self.vendor, self.files)
        if isinstance(self.columns, EventColumns) and not self.columns.record_id:
            raise ValueError(
                "with 'intake', 'columns' needs 'record_id', as in 'record_id: id': where an event has none, the id of "
                "its message is written there"
            )
        return self

    @model_validator(mode="after")
    def _columns_fit_vendor(self) -> "Source":
        if self.vendor == "tabular" and self.columns is None:
            raise ValueError("vendor 'tabular' needs 'columns': say which column holds the event and its time")
        if self.vendor != "tabular" and self.columns is not None:
            raise ValueError(f"vendor '{self.vendor}' knows its own columns; remove 'columns'")
        if self.kind == "attributes" and not isinstance(self.columns, AttributeColumns):
            raise ValueError("kind 'attributes' needs 'columns: {attributes: [...]}'")
        if self.kind == "consents" and not isinstance(self.columns, ConsentColumns):
            raise ValueError("kind 'consents' needs 'columns: {is_granted: ...}'")
        if self.kind == "spend" and not isinstance(self.columns, SpendColumns):
            raise ValueError("kind 'spend' needs 'columns: {spend_date: ..., spend_amount: ...}'")
        if self.vendor == "tabular" and not self.identifiers and self.kind != "spend":
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
