"""The journey map as one versioned document: what the page shows, and what other readers may rely on.

It holds aggregates only. A count of customers or journeys between one and nine is null
("fewer than ten"); a rate, a time or an amount that rests on too few customers is null
("not enough data").
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

SCHEMA_VERSION = 2


@dataclass(frozen=True)
class Rate:
    """`count` of `total`, with its 95 % interval.

    Where `count` is null because it is fewer than ten, `value` and the bounds are null too, and
    `at_most` says below which share it lies.
    """

    count: int | None
    total: int | None
    value: float | None
    low: float | None
    high: float | None
    at_most: float | None = None


@dataclass(frozen=True)
class Estimate:
    """A number of customers or an amount of money, with the bounds that follow from its rate's."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class NamedCount:
    """How many customers or journeys carry a name; null where fewer than ten."""

    name: str
    count: int | None


@dataclass(frozen=True)
class Outcome:
    """How journeys end: those with this outcome among all journeys."""

    name: str
    kind: str
    share: Rate


@dataclass(frozen=True)
class Stage:
    """One stage: customers who reached it, among all; and those who went on to the next, and how fast."""

    name: str
    reach: Rate
    next_stage: str | None
    onward: Rate | None
    hours_p50: float | None
    hours_p90: float | None
    matured_share: float | None


@dataclass(frozen=True)
class StageSplit:
    """Conversion between two neighbouring stages for one segment, or for one month of entry."""

    from_stage: str
    to_stage: str
    segment: str
    period: str
    onward: Rate


@dataclass(frozen=True)
class Step:
    """One step of the planned path: journeys that reached it, and those that went on to the next."""

    number: int
    name: str
    next_name: str | None
    count_journeys: int | None
    count_customers: int | None
    onward: Rate | None
    hours_p50: float | None
    hours_p90: float | None


@dataclass(frozen=True)
class Deviation:
    """One way in which journeys depart from the planned path at a step, and how those with and without it ended.

    `kind` is missing, too_often or out_of_sequence. What goes with a departure is no effect of it.
    """

    step: str
    kind: str
    share: Rate
    positive: Rate
    positive_without: Rate
    hours_p50: float | None
    hours_p50_without: float | None


@dataclass(frozen=True)
class AbandonmentPoint:
    """A step after which journeys end; `drop_off` counts journeys, `customers_lost` different customers."""

    rank: int
    name: str
    stage: str | None
    next_name: str | None
    drop_off: Rate
    customers_lost: Estimate
    revenue_at_risk: Estimate
    count_returned: int | None
    last_touchpoints: tuple[NamedCount, ...]
    outcomes: tuple[NamedCount, ...]


@dataclass(frozen=True)
class FrictionPoint:
    """One step at which a group stops (abandon), waits (stall) or comes back (repeat) more often than expected.

    `expected` is what a model of step and group says without anything of both; `excess` is the rate above it.
    """

    kind: str
    touchpoint: str
    group: str
    rate: Rate
    expected: float
    excess: Estimate
    customers_lost: Estimate
    revenue_at_risk: Estimate


@dataclass(frozen=True)
class Variant:
    """One path with its share of all journeys; `coverage_share` adds up from the first rank on."""

    rank: int
    touchpoints: tuple[str, ...]
    share: Rate
    coverage_share: float
    positive: Rate
    hours_p50: float | None


@dataclass(frozen=True)
class Transition:
    """One touchpoint directly followed by another, among all that follows the first."""

    from_touchpoint: str
    to_touchpoint: str
    count_customers: int
    share_next: Rate
    hours_p50: float | None
    hours_p90: float | None


@dataclass(frozen=True)
class CreditShare:
    """A share of a stage's conversions that a model gives to a channel, with its interval."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class ChannelInStage:
    """One channel: its reach, how journeys that met it went on, and credit by models, of which none is an effect.

    `least` and `most` are the smallest and largest share that any of seven models gives. `incremental` is what a test
    measured, with its grade; nothing where none did.
    """

    channel: str
    count_customers: int | None
    conversion: Rate
    first: float | None
    last: float | None
    markov: CreditShare
    shapley: CreditShare
    least: float | None
    most: float | None
    incremental: float | None
    grade: str | None


@dataclass(frozen=True)
class StageChannels:
    """The channels of one stage, or of whole journeys ('all'), with its conversions."""

    stage: str
    count_conversions: int | None
    channels: tuple[ChannelInStage, ...]


@dataclass(frozen=True)
class Emotion:
    """What was rated (or what texts show) of a stage, from -1 to 1, and how many of its customers are heard.

    `weighted` has those who spoke stand for those like them who did not; `extreme` is peak, trough or nothing.
    """

    coverage: Rate
    count_said: int | None
    mean: Estimate
    weighted: Estimate
    extreme: str | None


@dataclass(frozen=True)
class StageEmotion:
    """Both kinds of one stage, or of all ('all'); they are never one number.

    `frustrated` is the share of its customers who clicked in anger, in vain or into an error; None where nobody records that.
    """

    stage: str
    stated: Emotion
    inferred: Emotion
    frustrated: Rate | None


@dataclass(frozen=True)
class EmotionExtreme:
    """A stage, or a touchpoint in it, of which clearly better (peak) or worse (trough) is said than of all."""

    stage: str
    touchpoint: str | None
    kind: str
    extreme: str
    mean: Estimate
    difference: Estimate
    coverage: Rate


@dataclass(frozen=True)
class TextLanguage:
    """The texts of one language: by what they were read (`basis`), and how well that tells bad ratings from others."""

    language: str
    count_texts: int | None
    basis: str
    count_labels: int | None
    auc: Estimate


@dataclass(frozen=True)
class EmotionalArc:
    """What customers say over the stages."""

    whole: StageEmotion | None
    stages: tuple[StageEmotion, ...]
    extremes: tuple[EmotionExtreme, ...]
    languages: tuple[TextLanguage, ...]


@dataclass(frozen=True)
class Moment:
    """One touchpoint and an outcome that comes more or less often after it than it would to people alike without it.

    `failed` names the tests that it does not pass; `reach` is the share of the goal's journeys that meet it.
    """

    touchpoint: str
    goal: str
    outcome: str
    stage: str | None
    difference: Estimate
    rate_exposed: float
    reach: float
    count_customers: int
    grade: str
    is_risk: bool
    failed: tuple[str, ...]
    e_value: float
    e_value_known: float


@dataclass(frozen=True)
class Pattern:
    """One way of going through the journeys of a goal that many share; `terms` set it apart, `typical` is a path that ten took."""

    pattern_id: str
    goal: str
    share: Rate
    positive: Rate
    stability: float
    is_stable: bool
    terms: tuple[str, ...]
    typical: tuple[str, ...]
    touchpoints_p50: float | None
    hours_p50: float | None


@dataclass(frozen=True)
class SegmentDifference:
    """One group that goes from a touchpoint to another more or less often than the others of its split."""

    group: str
    touchpoint: str
    next_touchpoint: str
    rate: float
    rate_others: float
    difference: Estimate
    count_out: int
    count_customers: int
    count_customers_others: int


@dataclass(frozen=True)
class TargetScores:
    """How many customers each tier of a target's scores holds; `basis` is model or rule."""

    target: str
    kind: str
    basis: str
    model_version: str
    tiers: tuple[NamedCount, ...]


@dataclass(frozen=True)
class CustomerList:
    """The length of a list for the CRM, and the amount that stands on it."""

    name: str
    target: str
    count_customers: int | None
    amount: float | None


@dataclass(frozen=True)
class Decision:
    """How many customers were given an action in one arm."""

    action: str
    channel: str | None
    target: str | None
    arm: str
    count_customers: int | None


@dataclass(frozen=True)
class Freshness:
    """What the lake last got from one source."""

    source: str
    last_known_at: datetime | None
    loaded_at: datetime | None
    count_touchpoints: int


@dataclass(frozen=True)
class SourceCoverage:
    """What one source tells of one category; `identified_share` is of its touchpoints that name somebody known."""

    source: str
    category: str
    state: str
    count_touchpoints: int
    count_touchpoints_30d: int
    last_at: datetime | None
    silent_days: int | None
    identified_share: float | None


@dataclass(frozen=True)
class AuditFinding:
    """One thing that the sources lack or have stopped telling; `count_customers` of the last 30 days know less for it."""

    kind: str
    sentence: str
    advice: str
    count_customers: int | None


@dataclass(frozen=True)
class Origin:
    """What the map was drawn from: run, configuration and versions of the tables."""

    run_id: str
    config_hash: str
    table_versions: dict[str, int]


@dataclass(frozen=True)
class MapDocument:
    """The whole map of one project.

    What is said of journeys covers all of them, until `journeys_until`; scores, lists and decisions are
    those of `snapshot_at`.
    """

    schema_version: int
    project: str
    currency: str
    time_zone: str
    snapshot_at: datetime
    drawn_at: datetime
    journeys_until: datetime | None
    count_customers: int | None
    count_journeys: int | None
    outcomes: tuple[Outcome, ...]
    stages: tuple[Stage, ...]
    stage_splits: tuple[StageSplit, ...]
    steps: tuple[Step, ...]
    deviations: tuple[Deviation, ...]
    abandonment_points: tuple[AbandonmentPoint, ...]
    friction_points: tuple[FrictionPoint, ...]
    variants: tuple[Variant, ...]
    has_rarer_variants: bool
    transitions: tuple[Transition, ...]
    channels: tuple[StageChannels, ...]
    patterns: tuple[Pattern, ...]
    segment_differences: tuple[SegmentDifference, ...]
    moments: tuple[Moment, ...]
    emotion: EmotionalArc | None
    scores: tuple[TargetScores, ...]
    lists: tuple[CustomerList, ...]
    decisions: tuple[Decision, ...]
    freshness: tuple[Freshness, ...]
    coverage: tuple[SourceCoverage, ...]
    findings: tuple[AuditFinding, ...]
    origin: Origin


def to_json(document: MapDocument) -> str:
    """Return the document as JSON, instants in UTC, the same text for the same document."""
    return json.dumps(asdict(document), indent=2, ensure_ascii=False, allow_nan=False, default=_instant) + "\n"


def _instant(value: Any) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} has no place in the map")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
