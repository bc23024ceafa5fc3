"""What was spent on each channel a day: what its visits cost, and some more that brought nobody."""

import numpy as np

from simulator.calendar_time import DAY, HOUR, iso_texts
from simulator.causes import PUSHES
from simulator.crm import csv_line
from simulator.delivery import Line
from simulator.events import CHANNEL_EVENTS, CODE
from simulator.randomness import stream
from simulator.visits import Visits

COLUMNS = ["day", "channel", "campaign", "cost", "currency", "impressions", "clicks", "reported_at"]
COST_OF_VISIT = {
    "paid_search": 2.4,
    "social": 1.1,
    "display": 0.7,
    "partner": 4.0,
    "retargeting": 1.6,
    "affiliate": 0.9,
}
_IMPRESSIONS = 60


def spend_lines(visits: Visits, *, campaign: str, start: int, end: int, seed: int) -> list[Line]:
    """Return one row a channel and day, reported the morning after; the last days are restated two days later."""
    days = np.arange(start // DAY, -(-end // DAY))
    lines = []
    for name in PUSHES:
        at = visits.at[visits.code == CODE[CHANNEL_EVENTS[f"from_{name}"]]]
        clicks = np.bincount(at // DAY - days[0], minlength=len(days))[: len(days)]
        draw = stream(seed, f"ad_spend.{name}")
        cost = clicks * COST_OF_VISIT[name] * draw.uniform(0.8, 1.2, len(days)) + 3.0
        for day, count, amount, moved in zip(
            days.tolist(), clicks.tolist(), cost.tolist(), draw.random(len(days)).tolist(), strict=True
        ):
            told = [(DAY + 6 * HOUR, amount)] + ([(3 * DAY + 6 * HOUR, amount * 1.03)] if moved < 0.1 else [])
            for after, value in told:
                reported = day * DAY + after
                row = [iso_texts(np.array([day * DAY]))[0][:10], name, campaign, f"{value:.2f}", "EUR"]
                row += [str(count * _IMPRESSIONS), str(count), iso_texts(np.array([reported]))[0]]
                lines.append(Line(reported, csv_line(row)))
    return sorted(lines, key=lambda line: line.delivered_at)
