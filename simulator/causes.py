"""Causes: everything planted in a business that an analysis should find, each with a name and a strength that can be taken away.

Two businesses of the same seed that differ in one cause differ in nothing else: every number is drawn for one purpose and
person and week. What a cause did is the difference between the two, and never a formula.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from simulator.randomness import stream

GROUPS = {
    "company_size": ("smb", "enterprise"),
    "region": ("north", "east", "south", "west"),
    "industry": ("retail", "health", "software", "public"),
}
"""What the CRM says of people, and its values. Friction and habits may be those of one value."""

ABANDON, STALL, REPEAT = "abandon", "stall", "repeat"

TOUCHES = {
    "pricing_viewed": 0.7,
    "trial_started": 1.2,
    "sample_opened": 0.9,
    "demo_attended": 1.1,
    "webinar_attended": 0.8,
    "chat_answered": 0.6,
    "form_failed": -0.8,
    "case_study_read": 0.0,
    "comparison_viewed": 0.0,
}
"""Log-odds that a touch adds to joining in the weeks after it; the last two are met by the interested and do nothing."""

KEPT_BY = {
    "ticket_opened": 0.55,
    "payment_failed": 0.9,
    "cancel_page_viewed": 0.8,
    "review_meeting_held": -0.9,
    "tour_opened": 0.0,
}
"""Log-odds that a touch adds to leaving in the weeks after it."""

PUSHES = {
    "paid_search": 0.03,
    "social": 0.22,
    "display": 0.12,
    "partner": 0.35,
    "retargeting": 0.0,
    "affiliate": -0.15,
}
"""What one visit from a channel adds to engagement. Retargeting follows the interested and does nothing."""

UNSEEN = {"podcast": 0.5, "friend": 0.8, "review_site": 0.4}
"""What a touch that leaves no event adds to engagement."""

_PLACES = {
    ABANDON: ("checkout_started", "details_entered", "trial_requested"),
    STALL: ("details_entered", "email_confirmed"),
    REPEAT: ("payment_entered",),
}
_SIZES = {ABANDON: (0.9, 1.6), STALL: (3.0, 6.0), REPEAT: (0.3, 0.5)}
_FRICTIONS = (ABANDON, ABANDON, ABANDON, STALL, REPEAT)
_COUNT_HABITS = 3


@dataclass(frozen=True)
class Friction:
    """What one group meets at one step.

    Attributes:
        step: of `simulator.flows`.
        split: of GROUPS.
        group: one of its values.
        kind: `abandon`, `stall` or `repeat`.
        size: log-odds of stopping added, factor of the time to the next step, or probability of coming back added.
    """

    step: str
    split: str
    group: str
    kind: str
    size: float

    @property
    def name(self) -> str:
        """The name of the cause."""
        return f"friction.{self.kind}.{self.step}.{self.split}={self.group}"


@dataclass(frozen=True)
class Habit:
    """After prices, one group opens one page more often than others do; a difference between segments, good or bad for nobody."""

    split: str
    group: str
    page: str
    size: float

    @property
    def name(self) -> str:
        """The name of the cause."""
        return f"habit.{self.page}.{self.split}={self.group}"


@dataclass(frozen=True)
class Causes:
    """All that is planted in one business, and whether its groups live otherwise at all."""

    frictions: tuple[Friction, ...] = ()
    habits: tuple[Habit, ...] = ()
    touches: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    kept_by: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    pushes: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    unseen: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    do_groups_differ: bool = True

    def names(self) -> list[str]:
        """Return the names of all causes that do something."""
        named = [one.name for one in self.frictions] + [one.name for one in self.habits]
        for kind in ("touches", "kept_by", "pushes", "unseen"):
            named += [f"{kind}.{name}" for name, size in getattr(self, kind).items() if size]
        return named

    def without(self, name: str) -> "Causes":
        """Return the causes with one of them taken away.

        Raises:
            ValueError: when there is none of this name.
        """
        if name not in self.names():
            raise ValueError(f"No cause is named {name}; there are {', '.join(self.names())}.")
        kind, _, inner = name.partition(".")
        if kind == "friction":
            return replace(self, frictions=tuple(one for one in self.frictions if one.name != name))
        if kind == "habit":
            return replace(self, habits=tuple(one for one in self.habits if one.name != name))
        left = {key: 0.0 if key == inner else size for key, size in getattr(self, kind).items()}
        changed: Causes = replace(self, **{kind: MappingProxyType(left)})  # type: ignore[arg-type]
        return changed

    def without_kind(self, kind: str) -> "Causes":
        """Return the causes without friction of one kind."""
        return replace(self, frictions=tuple(one for one in self.frictions if one.kind != kind))


NOTHING = Causes(
    touches=MappingProxyType(dict.fromkeys(TOUCHES, 0.0)),
    kept_by=MappingProxyType(dict.fromkeys(KEPT_BY, 0.0)),
    pushes=MappingProxyType(dict.fromkeys(PUSHES, 0.0)),
    unseen=MappingProxyType(dict.fromkeys(UNSEEN, 0.0)),
    do_groups_differ=False,
)
"""The null business: the same touches are met and nothing does anything, and what is told of people says nothing of them."""


def draw_causes(seed: int) -> Causes:
    """Return the causes of one business: friction at steps and for groups that the seed chooses, the rest as declared.

    No two frictions share a step and a split, so that each is the excess of its own group.
    """
    draw = stream(seed, "causes")
    frictions: list[Friction] = []
    taken: set[tuple[str, str]] = set()
    for kind in _FRICTIONS:
        while True:
            step = _PLACES[kind][int(draw.integers(len(_PLACES[kind])))]
            split, group = _any_group(draw)
            if (step, split) not in taken:
                break
        taken.add((step, split))
        frictions.append(Friction(step, split, group, kind, round(float(draw.uniform(*_SIZES[kind])), 3)))
    pages = ["Documentation", "Customer Stories", "Features"]
    groups: list[tuple[str, str]] = []
    while len(groups) < _COUNT_HABITS:
        one = _any_group(draw)
        groups += [one] if one[0] not in {split for split, _ in groups} else []
    habits = [Habit(*group, page, 0.25) for group, page in zip(groups, pages, strict=True)]
    return Causes(
        frictions=tuple(frictions),
        habits=tuple(habits),
        touches=MappingProxyType(dict(TOUCHES)),
        kept_by=MappingProxyType(dict(KEPT_BY)),
        pushes=MappingProxyType(dict(PUSHES)),
        unseen=MappingProxyType(dict(UNSEEN)),
    )


def _any_group(draw: np.random.Generator) -> tuple[str, str]:
    split = list(GROUPS)[int(draw.integers(len(GROUPS)))]
    return split, GROUPS[split][int(draw.integers(len(GROUPS[split])))]
