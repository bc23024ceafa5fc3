"""What the audit found, in the order of what it costs the map, each with what to do about it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

import pandas as pd

from journeys.config.base import Category
from journeys.config.durations import format_duration
from journeys.config.journey_yaml import JourneyConfig
from journeys.touchpoints.mapping import matches

MOST_ANONYMOUS = 0.5
"""Where more than this share of the touchpoints is of nobody known, it is told."""


@dataclass(frozen=True)
class Finding:
    """One thing that is missing, or has stopped, or does not fit.

    Attributes:
        kind: what sort of thing.
        subject: what it is about.
        count_customers: customers of the last 30 days of whom the map knows less for it.
        sentence: what was found.
        advice: what to do.
        source: the source that it is about, where it is about one.
    """

    kind: str
    subject: str
    count_customers: int
    sentence: str
    advice: str
    source: str | None = None


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


ORDER = ("missing_source", "stopped_source", "contract", "drift")
"""Kinds that come first, in this order, since nothing else can be trusted before; the others by their customers."""


@dataclass(frozen=True)
class Facts:
    """What is known of the sources.

    Attributes:
        until: the last day of all data.
        count_customers: customers seen in the last 30 days.
        categories: `regularity` by source and category, with count_customers_30d and identified_share.
        touchpoints: `regularity` by source, category and touchpoint, with count_customers_30d, and the customers
            seen with it in the 30 days before it stopped as count_customers_before.
        loads: source, count_rows_read, count_rows_quarantined, last_known_at (the latest).
        drift: sentences on columns that came, went or changed, by source.
        unrated: currency and count_touchpoints of amounts without a rate.
        flags: reason and count_touchpoints of those that are not counted.
    """

    until: pd.Timestamp
    count_customers: int
    categories: pd.DataFrame
    touchpoints: pd.DataFrame
    loads: pd.DataFrame
    drift: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unrated: Mapping[str, int] = field(default_factory=dict)
    flags: Mapping[str, int] = field(default_factory=dict)


def findings(facts: Facts, config: JourneyConfig) -> list[Finding]:
    """Return all that was found: what stops a source first, then what costs the map most customers."""
    looks: tuple[Callable[[Facts, JourneyConfig], Iterator[Finding]], ...] = (
        _missing_sources,
        _stopped_sources,
        _contracts,
        _drift,
        _stopped_touchpoints,
        _stages_without_data,
        _outcomes_without_data,
        _categories_without_data,
        _anonymous,
        _gaps,
        _amounts,
        _flags,
    )
    found = [finding for look in looks for finding in look(facts, config)]
    first = {kind: place for place, kind in enumerate(ORDER)}
    return sorted(found, key=lambda one: (first.get(one.kind, len(ORDER)), -one.count_customers, one.kind, one.subject))


def _missing_sources(facts: Facts, config: JourneyConfig) -> Iterator[Finding]:
    there = set(facts.loads["source"])
    for name, source in config.sources.items():
        if name not in there:
            yield Finding(
                "missing_source",
                name,
                facts.count_customers,
                f"The source {name} ({source.vendor}, {source.files}) has never brought anything: "
                f"all {facts.count_customers:,} customers of the last 30 days are on the map without it.",
                f"See that its files arrive where 'files' says, then run 'desirelines ingest --source {name}'.",
                name,
            )


def _stopped_sources(facts: Facts, config: JourneyConfig) -> Iterator[Finding]:
    for key, rows in facts.categories.groupby("source", sort=True):
        name = str(key)
        if name not in config.sources or not bool(rows["is_stopped"].all()):
            continue
        last = rows["last_day"].max()
        of_source = facts.touchpoints[facts.touchpoints["source"] == name]
        seen = int(of_source["count_customers_before"].max()) if len(of_source) else 0
        yield Finding(
            "stopped_source",
            str(name),
            seen,
            f"The source {name} has stopped: nothing since {last:%Y-%m-%d}, while others go on until "
            f"{facts.until:%Y-%m-%d}; before, it had something on {rows['active_day_share'].max():.0%} of the days.",
            "Ask whoever runs the export, and load what is missing; late rows find their journeys.",
            str(name),
        )


def _contracts(facts: Facts, config: JourneyConfig) -> Iterator[Finding]:
    loads = facts.loads.set_index("source")
    for name, source in config.sources.items():
        if name not in loads.index:
            continue
        rows = facts.categories[facts.categories["source"] == name]
        seen = int(rows["count_customers_30d"].max()) if len(rows) else 0
        contract = source.contract
        a_day = rows["count_touchpoints_30d"].sum() / 30
        if contract.min_touchpoints_a_day is not None and a_day < contract.min_touchpoints_a_day:
            yield Finding(
                "contract",
                name,
                seen,
                f"The source {name} brought {a_day:,.1f} touchpoints a day in the last 30 days; its contract says at least "
                f"{contract.min_touchpoints_a_day:,}.",
                "Compare with the vendor's own count of those days.",
                name,
            )
        last = rows["last_day"].max() if len(rows) else pd.NaT
        if contract.max_lag is not None and pd.notna(last) and facts.until - last > contract.max_lag:
            yield Finding(
                "contract",
                name,
                seen,
                f"The source {name} ends {(facts.until - last).days} days before the others; its contract allows "
                f"{format_duration(contract.max_lag)}.",
                "Ask whoever runs the export.",
                name,
            )


def _drift(facts: Facts, _config: JourneyConfig) -> Iterator[Finding]:
    for name, sentences in facts.drift.items():
        rows = facts.categories[facts.categories["source"] == name]
        for sentence in sentences:
            yield Finding(
                "drift",
                f"{name}: {sentence}",
                int(rows["count_customers_30d"].max()) if len(rows) else 0,
                f"The columns of {name} changed: {sentence}.",
                "See whether 'columns' and the rules of the source still say what the file means.",
                name,
            )


def _stopped_touchpoints(facts: Facts, config: JourneyConfig) -> Iterator[Finding]:
    stopped = {finding.subject for finding in _stopped_sources(facts, config)}
    rows = facts.touchpoints[facts.touchpoints["is_stopped"] & ~facts.touchpoints["source"].isin(stopped)]
    for row in _rows(rows):
        yield Finding(
            "stopped_touchpoint",
            f"{row['source']}: {row['touchpoint']}",
            int(row["count_customers_before"]),
            f"'{row['touchpoint']}' of {row['source']} has stopped: nothing since {row['last_day']:%Y-%m-%d}, "
            f"before on {row['active_day_share']:.0%} of the days.",
            "See whether the event got another name; then add a rule, or mend the tracking.",
            str(row["source"]),
        )


def _stages_without_data(facts: Facts, config: JourneyConfig) -> Iterator[Finding]:
    names = set(facts.touchpoints["touchpoint"])
    for stage in config.stages:
        if not any(matches(pattern, name) for pattern in stage.enters_on for name in names):
            yield Finding(
                "stage_without_data",
                stage.name,
                facts.count_customers,
                f"Nothing enters the stage '{stage.name}': no touchpoint matches {', '.join(stage.enters_on)}.",
                f"Track {' or '.join(stage.enters_on)}, with the customer's identifier and the time.",
            )


def _outcomes_without_data(facts: Facts, config: JourneyConfig) -> Iterator[Finding]:
    names = set(facts.touchpoints["touchpoint"])
    for outcome in config.outcomes:
        if not any(matches(pattern, name) for pattern in outcome.touchpoints for name in names):
            yield Finding(
                "outcome_without_data",
                outcome.name,
                facts.count_customers,
                f"Nothing tells of the outcome '{outcome.name}': no touchpoint matches {', '.join(outcome.touchpoints)}.",
                f"Track {' or '.join(outcome.touchpoints)}; without it nothing can be learned of it.",
            )


_MEANING = {
    "website": "what brings customers and what they look at",
    "product": "whether what was bought is used",
    "communication": "which messages reach customers, and what they do with them",
    "support": "where customers need help",
    "transaction": "what customers buy, pay and cancel",
    "feedback": "what customers feel",
}


def _categories_without_data(facts: Facts, _config: JourneyConfig) -> Iterator[Finding]:
    there = set(facts.categories["category"])
    for category in get_args(Category):
        if category not in there:
            yield Finding(
                "category_without_data",
                category,
                facts.count_customers,
                f"No source tells of {category}: {_MEANING[category]} is not on the map.",
                "Add a source of it; 'desirelines sources' lists what can be read.",
            )


def _anonymous(facts: Facts, _config: JourneyConfig) -> Iterator[Finding]:
    for row in _rows(facts.categories):
        if row["count_touchpoints"] >= 100 and row["identified_share"] < 1 - MOST_ANONYMOUS:
            yield Finding(
                "anonymous",
                f"{row['source']}: {row['category']}",
                int(row["count_customers_30d"]),
                f"Of {row['count_touchpoints']:,} touchpoints of {row['source']} ({row['category']}) "
                f"{1 - row['identified_share']:.0%} carry neither a user nor an address.",
                "Send the user's id or address with every event after a login, and with every link in a message.",
                str(row["source"]),
            )


def _gaps(facts: Facts, _config: JourneyConfig) -> Iterator[Finding]:
    for row in _rows(facts.categories[facts.categories["gap_from"].notna()]):
        yield Finding(
            "gap",
            f"{row['source']}: {row['category']}",
            int(row["count_customers_30d"]),
            f"{row['source']} ({row['category']}) has nothing from {row['gap_from']:%Y-%m-%d} to {row['gap_until']:%Y-%m-%d}.",
            "Export those days again; late rows find their journeys.",
            str(row["source"]),
        )


def _amounts(facts: Facts, config: JourneyConfig) -> Iterator[Finding]:
    for currency, count in sorted(facts.unrated.items()):
        yield Finding(
            "currency",
            currency,
            0,
            f"{count:,} amounts in {currency} have no rate to {config.currency} and count for nothing.",
            f"Add {currency} to the table that 'currency_rates' names.",
        )


def _flags(facts: Facts, _config: JourneyConfig) -> Iterator[Finding]:
    for reason, count in sorted(facts.flags.items()):
        yield Finding(
            "flagged",
            reason,
            0,
            f"{count:,} touchpoints are kept and not counted: {reason}.",
            "See the table touchpoint_flags; what is wrongly flagged can be let in by 'quality' in journey.yaml.",
        )
