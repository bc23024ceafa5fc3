"""One business from its first day to its last, in parts that fit into memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from simulator.calendar_time import DAY, WEEK, month_texts, months_before, to_microseconds
from simulator.causes import Causes
from simulator.levels import REALISTIC, Level
from simulator.lives import Lives, live
from simulator.people import People, make_people
from simulator.visits import Visits, make_visits

PART = 20_000
"""Most people of one part; a larger business is several parts, each with random numbers of its own."""


@dataclass(frozen=True)
class Business:
    """One part of a business, often all of it: the whole truth."""

    start: int
    end: int
    seed: int
    level: Level
    causes: Causes
    people: People
    lives: Lives
    visits: Visits


@dataclass(frozen=True)
class Size:
    """How many people meet the business, for how many calendar months before which instant."""

    customers: int
    months: int
    end: datetime

    def __post_init__(self) -> None:
        if self.customers < 1 or self.months < 1:
            raise ValueError(
                f"A business needs at least one customer and one month; got {self.customers} and {self.months}."
            )

    @property
    def start_microseconds(self) -> int:
        """The first instant."""
        return to_microseconds(months_before(self.end, self.months))

    @property
    def end_microseconds(self) -> int:
        """The last instant."""
        return to_microseconds(self.end)

    def month_texts(self) -> list[str]:
        """Return its months, as in 2026-01."""
        days = np.arange(self.start_microseconds, self.end_microseconds, DAY)
        return sorted(set(month_texts(days)))

    @property
    def weeks(self) -> int:
        """So many weeks are lived, two more than there are."""
        return (self.end_microseconds - self.start_microseconds) // WEEK + 2


def parts_of(size: Size, *, seed: int) -> Iterator[tuple[int, int, int]]:
    """Yield, for each part, the number of its first person, how many it has, and its seed."""
    to_microseconds(size.end)
    for first in range(0, size.customers, PART):
        yield first, min(PART, size.customers - first), seed if first == 0 else seed * 1_000_003 + first


def people_and_lives(size: Size, first: int, count: int, *, part_seed: int, causes: Causes) -> tuple[People, Lives]:
    """Return who is in a part, and what they do under these causes."""
    people = make_people(
        count,
        start=size.start_microseconds,
        end=size.end_microseconds,
        seed=part_seed,
        first_number=first,
        do_groups_differ=causes.do_groups_differ,
    )
    return people, live(people, weeks=size.weeks, seed=part_seed, causes=causes)


def simulate(*, customers: int, months: int, end: datetime, seed: int, level: Level = REALISTIC) -> Business:
    """Return a small business whole, as one part.

    Raises:
        ValueError: when `end` has no time zone, or a number is not positive.
    """
    size = Size(customers, months, end)
    return part_of_business(size, 0, customers, part_seed=seed, seed=seed, level=level)


def part_of_business(size: Size, first: int, count: int, *, part_seed: int, seed: int, level: Level) -> Business:
    """Return one part; what is planted is chosen by the seed of the whole."""
    causes = level.causes(seed)
    start, end = size.start_microseconds, size.end_microseconds
    people, lives = people_and_lives(size, first, count, part_seed=part_seed, causes=causes)
    visits = make_visits(people, lives, causes, end=end, seed=part_seed, seen_share=level.seen_share)
    return Business(start, end, part_seed, level, causes, people, lives, visits)
