"""The insights again, slowly and in plain Python: what the fast ones must equal."""

from collections import defaultdict
from math import sqrt
from typing import Any

from tests.journeys.insights.drawn import STAGES, Drawn, quantile

Row = dict[str, Any]


def wilson(count: int, total: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval by its textbook formula."""
    z = 1.959963984540054
    share = count / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return centre - half, centre + half


def rate_of(count: int, total: int, customers: int) -> tuple[float | None, float | None, float | None]:
    """Return rate, low and high, or nothing for fewer than ten customers."""
    return (count / total, *wilson(count, total)) if customers >= 10 else (None, None, None)


def slow_steps(journeys: list[Drawn], path: list[str]) -> dict[int, Row]:
    """Return insight_steps of everybody, by step number."""
    rows: dict[int, Row] = {}
    for number, step in enumerate(path):
        following = path[number + 1] if number + 1 < len(path) else None
        reached, went_on, hours = [], [], []
        for journey in journeys:
            places = [place for place, (name, _) in enumerate(journey.path) if name == step]
            if not places:
                continue
            reached.append(journey.customer)
            first = journey.path[places[0]][1]
            later = [
                at
                for place, (name, at) in enumerate(journey.path)
                if name == following and at >= first and place != places[0]
            ]
            if later:
                went_on.append(journey.customer)
                hours.append(min(later) - first)
        if not reached:
            continue
        rate = rate_of(len(went_on), len(reached), len(set(reached))) if following else (None, None, None)
        enough = len(set(went_on)) >= 10
        rows[number + 1] = {
            "step": step,
            "next_step": following,
            "count_journeys": len(reached),
            "count_customers": len(set(reached)),
            "count_journeys_next": len(went_on),
            "conversion_rate": rate[0],
            "conversion_rate_low": rate[1],
            "conversion_rate_high": rate[2],
            "hours_p50": quantile(hours, 0.5, enough=enough),
            "hours_p90": quantile(hours, 0.9, enough=enough),
        }
    return rows


def slow_transitions(journeys: list[Drawn]) -> dict[tuple[str, str], Row]:
    """Return insight_transitions by (from, to)."""
    moves = defaultdict(list)
    for journey in journeys:
        names = ["path_start", *(name for name, _ in journey.path)]
        times = [None, *(at for _, at in journey.path)]
        if journey.outcome_kind != "open":
            names.append("path_end")
            times.append(None)
        for before, after, left, right in zip(names, names[1:], times, times[1:], strict=False):
            hours = None if left is None or right is None else right - left
            moves[before, after].append((journey.customer, hours))
    out = defaultdict(list)
    for (before, _), found in moves.items():
        out[before] += [customer for customer, _ in found]
    rows = {}
    for (before, after), found in moves.items():
        customers = {customer for customer, _ in found}
        hours = [hours for _, hours in found if hours is not None]
        enough = len(customers) >= 10
        rows[before, after] = {
            "count_transitions": len(found),
            "count_customers": len(customers),
            "share_next": len(found) / len(out[before]) if len(set(out[before])) >= 10 else None,
            "hours_p50": quantile(hours, 0.5, enough=enough),
            "hours_p90": quantile(hours, 0.9, enough=enough),
        }
    return rows


def slow_variants(journeys: list[Drawn], most_steps: int = 60) -> list[Row]:
    """Return insight_variants, most common first."""
    groups = defaultdict(list)
    for journey in journeys:
        names = [name for name, _ in journey.path]
        collapsed = [name for place, name in enumerate(names) if not place or names[place - 1] != name]
        groups["|".join(collapsed)].append((journey, collapsed))
    rows: list[Row] = []
    covered = 0
    for variant, found in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        customers = {journey.customer for journey, _ in found}
        positive = sum(journey.outcome_kind == "positive" for journey, _ in found)
        collapsed = found[0][1]
        shown = collapsed if len(collapsed) <= most_steps else [*collapsed[:most_steps], "..."]
        covered += len(found)
        rate = rate_of(positive, len(found), len(customers))
        hours = [journey.path[-1][1] - journey.path[0][1] for journey, _ in found]
        rows.append(
            {
                "variant_id": variant,
                "path": " > ".join(shown),
                "count_journeys": len(found),
                "share": len(found) / len(journeys),
                "coverage_share": covered / len(journeys),
                "count_positive": positive,
                "conversion_rate": rate[0],
                "conversion_rate_low": rate[1],
                "conversion_rate_high": rate[2],
                "hours_p50": quantile(hours, 0.5, enough=len(customers) >= 10),
                "rank": len(rows) + 1,
            }
        )
    return rows


def slow_stages(journeys: list[Drawn]) -> dict[tuple[str, str], tuple[int, int]]:
    """Return (entered, converted) customers by (from, to) stage, for everybody and all time."""
    entries = defaultdict(list)
    for journey in journeys:
        entries[journey.customer, "path_start"].append(journey.path[0][1])
        stage = None
        for name, at in journey.path:
            entered = STAGES.get(name, stage)
            if entered is not None and entered != stage:
                entries[journey.customer, entered].append(at)
            stage = entered
    order = ["path_start", *STAGES.values()]
    counts = {}
    for place, before in enumerate(order):
        for after in order[place + 1 :]:
            first = {customer: min(at) for (customer, stage), at in entries.items() if stage == before}
            went = [c for c, at in first.items() if any(later >= at for later in entries.get((c, after), []))]
            if first:
                counts[before, after] = (len(first), len(went))
    return counts
