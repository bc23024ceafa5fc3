"""Writes what a business knows and does not tell: who is who, what people felt, what each cause did."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import numpy as np

from simulator.bots import make_bots
from simulator.business import Business, Size, part_of_business, parts_of
from simulator.calendar_time import iso_texts
from simulator.crm import csv_line
from simulator.events import PAGES
from simulator.files import write_lines
from simulator.levels import REALISTIC, Level
from simulator.people import People
from simulator.surveys import STAGES, first_heard, make_surveys
from simulator.twins import twins
from simulator.visits import signed_up_at
from simulator.weeks import STATES


def write_truth(
    folder: Path,
    *,
    customers: int = 2000,
    months: int = 12,
    end: datetime,
    seed: int,
    level: Level = REALISTIC,
    has_twins: bool = False,
    on_twin: Callable[[str], None] = lambda name: None,
) -> dict[str, int]:
    """Write what `write_business` with the same arguments knows and does not tell.

    `people.jsonl` is the identity map, with what first brought each person; `weeks.csv.gz` has each person's weekly
    state, latent engagement and hazards; `outcomes.csv` each joining and leaving with the hazard it came from; `arc.csv`
    what those who were asked felt at each stage; `bots.csv` the devices that are programs; with `has_twins`, `causes.jsonl`
    what each cause did. Keep the folder away from what reads the exports.
    """
    size = Size(customers, months, end)
    counts = {"people": 0, "weeks": 0, "outcomes": 0}
    lines: dict[str, list[str]] = {name: [] for name in ("people", "weeks", "outcomes", "bots")}
    felt = np.zeros((len(STAGES), 2))
    for first, count, part_seed in parts_of(size, seed=seed):
        business = part_of_business(size, first, count, part_seed=part_seed, seed=seed, level=level)
        lines["people"] += _people(business, first)
        lines["weeks"] += _weeks(business, first)
        lines["outcomes"] += _outcomes(business, first)
        bots = make_bots(
            int(level.bot_share * count), start=business.start, end=business.end, seed=part_seed, count_pages=len(PAGES)
        )
        lines["bots"] += bots.device
        felt += _felt(business)
    counts = {"people": len(lines["people"]), "weeks": len(lines["weeks"]), "outcomes": len(lines["outcomes"])}
    write_lines(folder / "people.jsonl", lines["people"])
    header = ["person", "week_start", "state", "engagement", "is_trouble", "join_hazard", "leave_hazard"]
    write_lines(folder / "weeks.csv.gz", [csv_line(header), *lines["weeks"]])
    header = ["person", "outcome", "outcome_at", "hazard"]
    write_lines(folder / "outcomes.csv", [csv_line(header), *sorted(lines["outcomes"])])
    write_lines(folder / "bots.csv", ["anonymous_id", *lines["bots"]])
    arc = [
        csv_line([stage, str(int(n)), f"{total / max(n, 1):.4f}"])
        for stage, (n, total) in zip(STAGES, felt, strict=True)
    ]
    write_lines(folder / "arc.csv", ["stage,count_asked,mean_feeling", *arc])
    if has_twins:
        made = [json.dumps(asdict(twin)) for twin in twins(size, seed=seed, level=level, on_twin=on_twin)]
        write_lines(folder / "causes.jsonl", made or ["{}"])
    return counts


def _people(business: Business, first: int) -> list[str]:
    people = business.people
    heard = first_heard(business.lives, np.asarray(signed_up_at(people, business.visits)))
    return [_person_line(people, person, first, heard[person]) for person in range(len(people))]


def _weeks(business: Business, first: int) -> list[str]:
    lives = business.lives
    persons, weeks = np.nonzero(lives.week_start < business.end)
    columns = [
        (persons + first).tolist(),
        iso_texts(lives.week_start[persons, weeks]),
        [STATES[state] for state in lives.state[persons, weeks].tolist()],
        lives.engagement[persons, weeks].round(4).tolist(),
        lives.is_trouble[persons, weeks].astype(int).tolist(),
        lives.join_hazard[persons, weeks].round(6).tolist(),
        lives.leave_hazard[persons, weeks].round(6).tolist(),
    ]
    return [csv_line([str(value) for value in row]) for row in zip(*columns, strict=True)]


def _outcomes(business: Business, first: int) -> list[str]:
    lives = business.lives
    rows = []
    for name, flags, hazard in (
        ("subscribed", lives.joins, lives.join_hazard),
        ("cancelled", lives.leaves, lives.leave_hazard),
    ):
        happened = np.nonzero(flags & (lives.changed_at < business.end))
        when = iso_texts(lives.changed_at[happened])
        odds = hazard[happened].round(6).tolist()
        rows += [
            csv_line([str(person + first), name, at, str(p)])
            for person, at, p in zip(happened[0].tolist(), when, odds, strict=True)
        ]
    return rows


def _felt(business: Business) -> np.ndarray:
    """Return, for each stage, how many were asked and the sum of what they felt."""
    known_at = np.asarray(signed_up_at(business.people, business.visits))
    surveys = make_surveys(
        business.people, business.lives, known_at, has_arc=business.level.is_planted, seed=business.seed
    )
    counts = np.bincount(surveys.stage, minlength=len(STAGES))
    return np.stack([counts, np.bincount(surveys.stage, weights=surveys.feeling, minlength=len(STAGES))], axis=1)


def _person_line(people: People, person: int, first: int, heard: str) -> str:
    facts = {
        "person": first + person,
        "user_id": people.user_id[person],
        "crm_id": people.crm_id[person],
        "stripe_customer": people.stripe_id[person],
        "email": people.email[person],
        "phone": people.phone[person],
        "anonymous_ids": people.devices[person],
        "segment": people.group_of("company_size", person),
        "region": people.group_of("region", person),
        "industry": people.group_of("industry", person),
        "heard_of": heard,
        "leaning": round(float(people.leaning[person]), 4),
        "frailty": round(float(people.frailty[person]), 4),
        "arrived_at": iso_texts(people.arrived_at[person : person + 1])[0],
    }
    return json.dumps(facts, separators=(",", ":"))
