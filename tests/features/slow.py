"""Features by a plain loop over one customer's touchpoints: slow and obvious."""

import re
from itertools import pairwise
from typing import Any

from journeys.config.base import CATEGORIES
from journeys.config.journey_yaml import JourneyConfig
from tests.features.drawn import at
from tests.journeys.episodes.slow import slow_steps, stage_of
from tests.journeys.made_up import Touch


def slow_features(touches: list[Touch], who: set[str], hours: float, config: JourneyConfig) -> dict[str, Any] | None:
    """Return the features at so many hours of the customer who owns the identifiers `who`, or None without any touch."""
    now = at(hours)
    known = [t for t in touches if t.who in who and t.event_at <= now and t.known_at <= now]
    if not known:
        return None
    rows = slow_steps(known, config, dict.fromkeys(who, "customer"))
    for row in rows:
        row["age"] = (now - row["touch"].event_at).total_seconds() / 86_400
        row["category"] = row["touch"].row()["category"]
    last = rows[-1]
    current = [row for row in rows if row["journey"] == last["journey"]]
    return {
        **_counts(rows, current),
        **_since(rows, current),
        **_stages(rows, current, config),
        **_silences(current),
        **_varied(current, config),
        "last_touchpoint": last["touch"].what,
        "previous_touchpoint": current[-2]["touch"].what if len(current) > 1 else None,
        **_amounts(rows, current),
    }


def _within(rows: list[dict[str, Any]], days: float, category: str | None = None) -> list[dict[str, Any]]:
    return [row for row in rows if row["age"] <= days and category in (None, row["category"])]


def _counts(rows: list[dict[str, Any]], current: list[dict[str, Any]]) -> dict[str, Any]:
    names = [row["touch"].what for row in current]
    repeats = [place > 0 and names[place - 1] == name for place, name in enumerate(names)]
    return {
        **{f"count_touchpoints_{days}d": len(_within(rows, days)) for days in (1, 3, 7, 14, 30, 90)},
        "count_sessions_30d": len({row["session"] for row in _within(rows, 30)}),
        **{f"count_active_days_{days}d": len({int(row["age"]) for row in _within(rows, days)}) for days in (7, 30)},
        "count_touchpoints_journey": len(current),
        "count_journeys": len({row["journey"] for row in rows}),
        "count_channels_90d": len({row["touch"].channel for row in _within(rows, 90)}),
        "count_repeats": sum(repeats),
        "count_loops": sum(name in names[:place] and not repeats[place] for place, name in enumerate(names)),
        "count_distinct_touchpoints": len(set(names)),
        "count_support_30d": len(_within(rows, 30, "support")),
        "count_support_90d": len(_within(rows, 90, "support")),
        "count_transactions_90d": len(_within(rows, 90, "transaction")),
        **{f"trend_touchpoints_{days}d": _share(_within(rows, 2 * days), days) for days in (3, 7, 30)},
        "trend_product_30d": _share(_within(rows, 60, "product"), 30),
        **{
            f"share_{category}_90d": _mean([row["category"] == category for row in _within(rows, 90)])
            for category in ("website", "product", "communication")
        },
    }


def _since(rows: list[dict[str, Any]], current: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {
        f"days_since_last_{category}": min((r["age"] for r in rows if r["category"] == category), default=None)
        for category in CATEGORIES
    }
    unanswered = 0.0
    for row in reversed(current):
        if row["category"] != "communication":
            break
        unanswered = row["age"]
    return found | {
        "days_since_last_touchpoint": rows[-1]["age"],
        "days_since_first_touchpoint": rows[0]["age"],
        "days_since_journey_start": current[0]["age"],
        "days_unanswered": unanswered,
    }


def _stages(rows: list[dict[str, Any]], current: list[dict[str, Any]], config: JourneyConfig) -> dict[str, Any]:
    number = current[-1]["stage_number"]
    entered = next(row for row in current if row["stage_number"] == number)
    return {
        "stage": config.stages[number].name,
        "stage_number": number,
        "days_in_stage": entered["age"],
        "days_to_stage": current[0]["age"] - entered["age"],
        "is_journey_open": not any(row["outcome"] and row["outcome"].ends_journey for row in current),
    }


def _silences(current: list[dict[str, Any]]) -> dict[str, Any]:
    waits = [(one["age"] - other["age"]) * 24 for one, other in pairwise(current)]
    return {
        "hours_longest_wait": max(waits, default=None),
        "hours_mean_wait": _mean(waits),
        "count_waits_over_1d": sum(wait > 24 for wait in waits),
        "count_waits_over_3d": sum(wait > 72 for wait in waits),
        "hours_longest_silence": max([*waits, current[-1]["age"] * 24]),
        "hours_last_wait": next((wait for wait in reversed(waits) if wait > 1 / 6), None),
    }


def _varied(current: list[dict[str, Any]], config: JourneyConfig) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, stage in enumerate(config.stages):
        ages = [row["age"] for row in current if stage_of(row["touch"], config) == number]
        found[f"count_{stage.name}_stage_touchpoints"] = len(ages)
        found[f"days_since_{stage.name}_stage_touchpoint"] = min(ages, default=None)
        found[f"hours_to_{stage.name}_stage"] = (current[0]["age"] - ages[0]) * 24 if ages else None
    for channel in ("website", "helpdesk"):
        ages = [row["age"] for row in current if row["touch"].channel == channel]
        name = re.sub("[^a-z]", "_", channel)
        found[f"count_{name}_channel_touchpoints"] = len(ages)
        found[f"days_since_{name}_channel"] = min(ages, default=None)
    return found


def _amounts(rows: list[dict[str, Any]], current: list[dict[str, Any]]) -> dict[str, Any]:
    of_journey = [row["touch"].amount for row in current if row["touch"].amount is not None]
    recent = [row["touch"].amount or 0.0 for row in _within(rows, 90, "transaction")]
    scores = [row["touch"].score for row in _within(rows, 90) if row["touch"].score is not None]
    return {
        "journey_amount": max(of_journey, default=None),
        "transactions_90d_amount": sum(recent),
        "mean_score_90d": _mean(scores),
    }


def _share(rows: list[dict[str, Any]], days: float) -> float | None:
    return _mean([row["age"] <= days for row in rows])


def _mean(values: list[Any]) -> float | None:
    return sum(values) / len(values) if values else None
