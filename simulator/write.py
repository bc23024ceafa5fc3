"""Writes the exports of a business, month by month, as its vendors would deliver them."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import numpy as np

from simulator import ad_spend, crm
from simulator.bots import make_bots
from simulator.business import Business, Size, part_of_business, parts_of
from simulator.crm import crm_lines, csv_line
from simulator.delivery import Line, by_month, with_broken, with_duplicates
from simulator.events import PAGES
from simulator.files import refuse_strangers, write_lines
from simulator.levels import REALISTIC, Level
from simulator.segment import bot_lines, segment_lines
from simulator.stripe import stripe_lines
from simulator.surveys import POLL_COLUMNS, delighted_lines, make_surveys, poll_lines
from simulator.visits import signed_up_at
from simulator.zendesk import make_tickets, zendesk_lines

FILES = {
    "segment": "{month}.jsonl.gz",
    "zendesk": "{month}.jsonl",
    "stripe": "{month}.jsonl",
    "crm": "{month}.csv",
    "delighted": "response_{month}.jsonl",
    "polls": "{month}.csv",
    "ad_spend": "{month}.csv",
}
"""The vendors, each a folder, and the names of its files."""

_HEADERS = {"crm": crm.COLUMNS, "polls": POLL_COLUMNS, "ad_spend": ad_spend.COLUMNS}
_SENT_TWICE = ("segment", "zendesk", "stripe", "delighted", "polls")


def write_business(
    folder: Path,
    *,
    customers: int = 2000,
    months: int = 12,
    end: datetime,
    seed: int,
    level: Level = REALISTIC,
    on_part: Callable[[int], None] = lambda done: None,
) -> dict[str, int]:
    """Write the exports of seven vendors, one file a vendor and month (and part), into `folder`.

    The same arguments give the same bytes. Files of the same name are replaced.

    Args:
        folder: made if need be; receives a folder for each vendor.
        customers: people whom the business meets; about four in ten subscribe.
        months: calendar months before `end`.
        end: the last instant, with time zone; what would arrive later is not written.
        seed: of all randomness.
        level: how dirty, and whether anything is planted.
        on_part: called with the number of people written so far.

    Returns:
        Lines written by vendor, and how many of them are copies or broken; `files` counts the files.

    Raises:
        ValueError: when `end` has no time zone, a number is not positive, or a vendor's folder
            holds files that this business does not write.
        OSError: when the folder cannot be written.
    """
    size = Size(customers, months, end)
    counts = dict.fromkeys(("files", "duplicates", "broken", *FILES), 0)
    parts = list(parts_of(size, seed=seed))
    suffixes = [f"-{number:02d}" for number in range(len(parts))] if len(parts) > 1 else [""]
    for vendor, name in FILES.items():
        names = {name.format(month=month + suffix) for month in size.month_texts() for suffix in suffixes}
        refuse_strangers(folder / vendor, names)
    for number, (first, count, part_seed) in enumerate(parts):
        business = part_of_business(size, first, count, part_seed=part_seed, seed=seed, level=level)
        for vendor, lines in _lines(business, number):
            _write_vendor(folder / vendor, vendor, lines, business, suffixes[number], counts)
        on_part(first + count)
    return counts


def _write_vendor(
    folder: Path, vendor: str, lines: list[Line], business: Business, suffix: str, counts: dict[str, int]
) -> None:
    """Write one vendor's files of one part, and count."""
    level, seed = business.level, business.seed
    is_twice = vendor in _SENT_TWICE
    sent = with_duplicates(lines, share=level.duplicate_share, seed=seed, purpose=vendor) if is_twice else lines
    delivered = by_month(sent, end=business.end)
    for month, rows in delivered.items():
        name, whole = FILES[vendor].format(month=month + suffix), rows
        if vendor == "segment":
            whole = with_broken(rows, share=level.broken_share, seed=seed, purpose=f"{vendor}.{name}")
            counts["broken"] += sum(one != other for one, other in zip(whole, rows, strict=True))
        write_lines(folder / name, [csv_line(_HEADERS[vendor]), *whole] if vendor in _HEADERS else whole)
        counts["files"] += 1
    written = sum(len(rows) for rows in delivered.values())
    counts[vendor] += written
    counts["duplicates"] += written - sum(line.delivered_at < business.end for line in lines)


def _lines(business: Business, number: int) -> Iterator[tuple[str, list[Line]]]:
    """Yield each vendor's lines of one part, one vendor at a time."""
    people, lives, visits, level = business.people, business.lives, business.visits, business.level
    seed, start, end = business.seed, business.start, business.end
    bots = make_bots(int(level.bot_share * len(people)), start=start, end=end, seed=seed, count_pages=len(PAGES))
    lines = [
        *segment_lines(people, visits, level, start=start, end=end, seed=seed),
        *bot_lines(bots, end=end, seed=seed),
    ]
    yield "segment", sorted(lines, key=lambda line: line.delivered_at)
    yield "zendesk", zendesk_lines(people, make_tickets(lives, seed=seed), end=end, seed=seed)
    yield "stripe", stripe_lines(people, lives, visits, seed=seed)
    yield "crm", crm_lines(people, lives, visits, end=end, seed=seed)
    known_at = np.asarray(signed_up_at(people, visits))
    surveys = make_surveys(people, lives, known_at, has_arc=level.is_planted, seed=seed)
    yield "delighted", delighted_lines(people, surveys, seed=seed)
    yield "polls", poll_lines(people, lives, surveys, known_at, seed=seed)
    yield "ad_spend", ad_spend.spend_lines(visits, campaign=f"always_on_{number + 1}", start=start, end=end, seed=seed)
