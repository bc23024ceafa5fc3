"""Channels on the map: of each stage, who met them, how journeys went on, and the spread of the models' credit."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from journey_map.document import ChannelInStage, CreditShare, StageChannels
from journey_map.small_cells import SMALLEST_CELL, publish_count, publish_number, publish_rate
from journeys.insights.segments import ALL


def stage_channels(frame: pd.DataFrame, stages: Sequence[str]) -> tuple[StageChannels, ...]:
    """Return the channels of whole journeys and of each stage; those that fewer than ten customers met are left out.

    Args:
        frame: the table insight_channels.
        stages: the stages in their order.
    """
    found = []
    for stage in (ALL, *stages):
        rows = frame[(frame.stage == stage) & (frame.count_customers >= SMALLEST_CELL)]
        if len(rows):
            conversions = publish_count(rows.count_stage_converted.iloc[0])
            found.append(StageChannels(stage, conversions, tuple(_channel(row) for row in _rows(rows))))
    return tuple(found)


def _channel(row: dict[str, Any]) -> ChannelInStage:
    conversions = row["count_stage_converted"] or 0
    can_share = conversions >= SMALLEST_CELL

    def share(name: str) -> float | None:
        value = publish_number(row[f"credit_{name}"])
        return None if value is None or not can_share else value / conversions

    return ChannelInStage(
        channel=row["channel"] or "not told",
        count_customers=publish_count(row["count_customers"]),
        conversion=publish_rate(
            row["count_converted"],
            row["count_journeys"],
            (row["conversion_rate"], row["conversion_rate_low"], row["conversion_rate_high"]),
            row["count_customers"],
        ),
        first=share("first"),
        last=share("last"),
        markov=CreditShare(share("markov"), share("markov_low"), share("markov_high")),
        shapley=CreditShare(share("shapley"), share("shapley_low"), share("shapley_high")),
        least=share("low"),
        most=share("high"),
        incremental=publish_number(row["incremental"]),
        grade=row["grade"],
    )


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    clean = frame.astype(object).where(frame.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in clean.to_dict("records")]
