"""What those who speak stand for."""

from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest

from journeys.engine import materialize
from journeys.insights.response import LEAST_PROBABILITY, response_weights

_STEPS = pa.schema({name: pa.string() for name in ("customer_id", "stage", "touchpoint", "channel")})
_SAID = pa.schema({name: pa.string() for name in ("kind", "customer_id", "stage", "touchpoint")})
_SEGMENTS = pa.schema({name: pa.string() for name in ("customer_id", "segment")})
Row = dict[str, str | None]


def _weights(connection: Any, steps: list[Row], said: list[Row], segments: list[Row]) -> dict[tuple[str, str], float]:
    tables = [
        materialize(connection, ibis.memtable(pa.Table.from_pylist(rows, schema=schema)), "drawn")
        for rows, schema in ((steps, _STEPS), (said, _SAID), (segments, _SEGMENTS))
    ]
    found = response_weights(*tables).to_pyarrow().to_pylist()
    return {(row["stage"], row["customer_id"]): row["weight"] for row in found}


def _world(count: int, answers: dict[tuple[str, str], float]) -> tuple[list[Row], list[Row], list[Row]]:
    """Return steps, what was said, and segments: in stage use, so many of each plan and channel answer."""
    steps: list[Row] = []
    said: list[Row] = []
    segments: list[Row] = []
    for (plan, channel), share in answers.items():
        for number in range(count):
            who = f"{plan}-{channel}-{number:03}"
            segments += [{"customer_id": who, "segment": one} for one in ("all", f"plan={plan}")]
            steps.append({"touchpoint": "visit", "customer_id": who, "stage": "use", "channel": channel})
            if number < count * share:
                spoke: Row = {"touchpoint": "answer", "customer_id": who, "stage": "use"}
                steps.append(spoke | {"channel": "survey"})
                said.append(spoke | {"kind": "stated"})
    return steps, said, segments


def test_weights_are_those_of_the_groups(connection: Any) -> None:
    """Where plan and channel change the odds, each who answered stands for those like him."""
    answers = {("pro", "app"): 0.5, ("pro", "web"): 0.2, ("free", "app"): 0.2, ("free", "web"): 1 / 17}
    weights = _weights(connection, *_world(340, answers))
    for (plan, channel), share in answers.items():
        assert weights["use", f"{plan}-{channel}-000"] == pytest.approx(1 / share, rel=0.05)
    assert sum(weights.values()) == pytest.approx(4 * 340, rel=0.02)


def test_the_channel_of_the_answer_does_not_count(connection: Any) -> None:
    """All answers come by one channel, which nobody silent has; the weights are those of one group."""
    weights = _weights(connection, *_world(100, {("pro", "app"): 0.25}))
    assert set(np.round(list(weights.values()), 2)) == {4.0}


def test_all_or_one_answer(connection: Any) -> None:
    """Who answers when all do stands for himself; who answers alone stands for no more than a hundred."""
    assert set(_weights(connection, *_world(30, {("pro", "app"): 1.0})).values()) == {1.0}
    alone = _weights(connection, *_world(1000, {("pro", "app"): 0.001}))
    assert max(alone.values()) == pytest.approx(1 / LEAST_PROBABILITY)


def test_nobody_answers(connection: Any) -> None:
    """Without an answer, and without a customer, there is no weight."""
    assert _weights(connection, *_world(20, {("pro", "app"): 0.0})) == {}
    assert _weights(connection, [], [], []) == {}


def test_what_is_not_known(connection: Any) -> None:
    """Customers without a segment, a channel or a stage are a group of their own."""
    steps: list[Row] = [
        {"touchpoint": "visit", "customer_id": f"c{number}", "stage": "", "channel": None} for number in range(20)
    ]
    said: list[Row] = [{"touchpoint": "answer", "kind": "inferred", "stage": "", "customer_id": "c3"}]
    assert _weights(connection, steps, said, []) == {("", "c3"): pytest.approx(20, rel=0.5)}
