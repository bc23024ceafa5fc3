"""Writes the business: vendor exports month by month, and apart from them the truth."""

import gzip
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from simulator.calendar_time import WEEK, iso_texts, months_before, to_microseconds
from simulator.crm import COLUMNS, crm_lines, csv_line
from simulator.delivery import Line, by_month, with_broken, with_duplicates
from simulator.lives import Lives, live
from simulator.people import SEGMENTS, People, make_people
from simulator.segment import segment_lines
from simulator.stripe import stripe_lines
from simulator.visits import Visits, make_visits
from simulator.weeks import STATES
from simulator.zendesk import make_tickets, zendesk_lines

ENDINGS = {"segment": "jsonl.gz", "zendesk": "jsonl", "stripe": "jsonl", "crm": "csv"}
"""The vendors, each a folder, and the ending of its files."""


@dataclass(frozen=True)
class Business:
    """One business from its first day to its last: the whole truth."""

    start: int
    end: int
    seed: int
    people: People
    lives: Lives
    visits: Visits


def simulate(*, customers: int, months: int, end: datetime, seed: int) -> Business:
    """Let a business of so many people run for so many months up to `end`.

    Raises:
        ValueError: when `end` has no time zone, or a number is not positive.
    """
    if customers < 1 or months < 1:
        raise ValueError(f"A business needs at least one customer and one month; got {customers} and {months}.")
    first, last = to_microseconds(months_before(end, months)), to_microseconds(end)
    people = make_people(customers, start=first, end=last, seed=seed)
    lives = live(people, weeks=(last - first) // WEEK + 2, seed=seed)
    visits = make_visits(people, lives, end=last, seed=seed)
    return Business(first, last, seed, people, lives, visits)


def write_business(
    folder: Path, *, customers: int = 2000, months: int = 12, end: datetime, seed: int
) -> dict[str, int]:
    """Write the exports of four vendors, one file a vendor and month, into `folder`.

    The same arguments give the same bytes. Files of the same name are replaced.

    Args:
        folder: made if need be; receives segment/, zendesk/, stripe/ and crm/.
        customers: people whom the business meets; about four in ten subscribe.
        months: calendar months before `end`.
        end: the last instant, with time zone; what would arrive later is not written.
        seed: of all randomness.

    Returns:
        Lines written by vendor, and how many of them are copies or broken; `files` counts the files.

    Raises:
        ValueError: when `end` has no time zone, a number is not positive, or a vendor's folder
            holds files that this business does not write.
        OSError: when the folder cannot be written.
    """
    business = simulate(customers=customers, months=months, end=end, seed=seed)
    people, lives, visits = business.people, business.lives, business.visits
    tickets = make_tickets(lives, seed=seed)
    lines: dict[str, Callable[[], list[Line]]] = {
        "segment": lambda: segment_lines(people, visits, seed=seed),
        "zendesk": lambda: zendesk_lines(people, tickets, end=business.end, seed=seed),
        "stripe": lambda: stripe_lines(people, lives, visits, seed=seed),
        "crm": lambda: crm_lines(people, lives, visits, end=business.end, seed=seed),
    }
    counts = {"files": 0, "duplicates": 0, "broken": 0}
    for vendor, make in lines.items():
        made = make()
        sent = with_duplicates(made, seed=seed, purpose=vendor) if vendor != "crm" else made
        delivered = by_month(sent, end=business.end)
        names = {f"{month}.{ENDINGS[vendor]}": month for month in delivered}
        _refuse_strangers(folder / vendor, set(names))
        for name, month in names.items():
            rows = delivered[month]
            if vendor == "segment":
                broken = with_broken(rows, seed=seed, purpose=f"{vendor}.{month}")
                counts["broken"] += sum(one != other for one, other in zip(broken, rows, strict=True))
                rows = broken
            _write_lines(folder / vendor / name, [csv_line(COLUMNS), *rows] if vendor == "crm" else rows)
            counts["files"] += 1
        counts[vendor] = sum(len(rows) for rows in delivered.values())
        counts["duplicates"] += counts[vendor] - sum(line.delivered_at < business.end for line in made)
    return counts


def write_truth(folder: Path, *, customers: int = 2000, months: int = 12, end: datetime, seed: int) -> dict[str, int]:
    """Write what `write_business` with the same arguments knows and does not tell.

    `people.jsonl` is the identity map; `weeks.csv.gz` has each person's weekly state, latent
    engagement and hazards; `outcomes.csv` each joining and leaving with the hazard it came from.
    Keep the folder away from what reads the exports.
    """
    business = simulate(customers=customers, months=months, end=end, seed=seed)
    people, lives = business.people, business.lives
    _write_lines(folder / "people.jsonl", [_person_line(people, person) for person in range(len(people))])
    persons, weeks = np.nonzero(lives.week_start < business.end)
    header = ["person", "week_start", "state", "engagement", "is_trouble", "join_hazard", "leave_hazard"]
    columns = [
        persons.tolist(),
        iso_texts(lives.week_start[persons, weeks]),
        [STATES[state] for state in lives.state[persons, weeks].tolist()],
        lives.engagement[persons, weeks].round(4).tolist(),
        lives.is_trouble[persons, weeks].astype(int).tolist(),
        lives.join_hazard[persons, weeks].round(6).tolist(),
        lives.leave_hazard[persons, weeks].round(6).tolist(),
    ]
    rows = [csv_line([str(value) for value in row]) for row in zip(*columns, strict=True)]
    _write_lines(folder / "weeks.csv.gz", [csv_line(header), *rows])
    outcomes = []
    for name, flags, hazard in (
        ("subscribed", lives.joins, lives.join_hazard),
        ("cancelled", lives.leaves, lives.leave_hazard),
    ):
        happened = np.nonzero(flags & (lives.changed_at < business.end))
        when = iso_texts(lives.changed_at[happened])
        odds = hazard[happened].round(6).tolist()
        outcomes += [
            [str(person), name, at, str(p)] for person, at, p in zip(happened[0].tolist(), when, odds, strict=True)
        ]
    header = ["person", "outcome", "outcome_at", "hazard"]
    _write_lines(folder / "outcomes.csv", [csv_line(header), *(csv_line(row) for row in sorted(outcomes))])
    return {"people": len(people), "weeks": len(rows), "outcomes": len(outcomes)}


def _person_line(people: People, person: int) -> str:
    facts = {
        "person": person,
        "user_id": people.user_id[person],
        "crm_id": people.crm_id[person],
        "stripe_customer": people.stripe_id[person],
        "email": people.email[person],
        "phone": people.phone[person],
        "anonymous_ids": people.devices[person],
        "segment": SEGMENTS[int(people.is_enterprise[person])],
        "leaning": round(float(people.leaning[person]), 4),
        "frailty": round(float(people.frailty[person]), 4),
        "arrived_at": iso_texts(people.arrived_at[person : person + 1])[0],
    }
    return json.dumps(facts, separators=(",", ":"))


def _refuse_strangers(folder: Path, expected: set[str]) -> None:
    """Two businesses in one folder would look like one that never was."""
    strangers = sorted(path.name for path in folder.glob("*.*") if path.name not in expected)
    if strangers:
        raise ValueError(f"{folder} holds {strangers[0]}, which is not of this business; choose an empty folder.")


def _write_lines(path: Path, lines: list[str]) -> None:
    """Write lines, compressed where the name ends in .gz, with the same bytes each time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = ("\n".join(lines) + "\n").encode()
    if path.suffix == ".gz":
        buffer = io.BytesIO()
        with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0, compresslevel=6) as file:
            file.write(content)
        content = buffer.getvalue()
    path.write_bytes(content)
