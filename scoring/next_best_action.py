"""The next best action: at most one a customer, by the playbook's rules, and why not the others."""

import hashlib
import json
from collections.abc import Collection
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from journeys.config.playbook import Playbook
from scoring.holdout import HOLDOUT, TREATED
from scoring.playbook_rules import Fit

DECISION_COLUMNS = (
    "decision_id",
    "customer_id",
    "target",
    "action",
    "channel",
    "text",
    "arm",
    "choice_probability",
    "uplift",
    "uplift_low",
    "uplift_source",
    "expected_value_amount",
    "priority",
    "policy_version",
    "trace",
)
NONE = "none"

Numbers = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]


def policy_version(playbook: Playbook) -> str:
    """Return twelve hexadecimal digits that change when the playbook's section changes its meaning."""
    return hashlib.sha256(json.dumps(playbook.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()[:12]


def decide(
    fits: list[Fit],
    playbook: Playbook,
    customer_ids: Texts,
    past: pd.DataFrame,
    held_out: Collection[str],
    *,
    snapshot_at: datetime,
    snapshot_key: str,
) -> pd.DataFrame:
    """Return one row for each customer who was eligible for an action, in `DECISION_COLUMNS`, best first.

    An action that fits drops out by the contact policy (`contact_policy`), its cool-off (`cool_off`),
    because another is worth more (`not_best`) or because its capacity went to others (`capacity`);
    `trace` says so for every action. Customers left without an action have arm `none`.

    Held-out customers go through the same choice as the others, their past would-be contacts and the
    capacity included, so that the arms stay comparable; their share of a capacity stays unused.

    Args:
        fits: how each action fits, from `fit_actions`.
        playbook: the rules above the actions.
        customer_ids: the customers, in the order of the fits.
        past: customer_id, action, snapshot_at of earlier contacts, those of the holdout that would have been among them.
        held_out: customers who are never acted upon.
        snapshot_at: the instant of the decision.
        snapshot_key: its partition value.
    """
    considered = np.flatnonzero(np.logical_or.reduce([fit.is_eligible for fit in fits])) if fits else np.empty(0, int)
    if not len(considered):
        return pd.DataFrame({name: [] for name in DECISION_COLUMNS}, dtype=object)
    ids = customer_ids[considered]
    stages = _drop_by_past([fit.dropped_at[considered] for fit in fits], fits, playbook, ids, past, snapshot_at)
    ranks = _preference([_part(fit, considered) for fit in fits], stages, ids)
    chosen = choose(ranks, [fit.action.capacity for fit in fits])
    for index, stage in enumerate(stages):
        fits_still = np.isfinite(ranks[:, index])
        stage[fits_still] = "not_best"
        better = np.where(chosen >= 0, ranks[np.arange(len(ids)), chosen], np.inf)
        stage[fits_still & (ranks[:, index] < better)] = "capacity"
        stage[chosen == index] = "chosen"
    rows = _rows(fits, considered, ids, chosen, held_out, policy_version(playbook), snapshot_key)
    rows["trace"] = _traces([fit.action.name for fit in fits], stages)
    order = np.where(chosen >= 0, ranks[np.arange(len(ids)), chosen], np.inf)
    rows = rows.iloc[np.lexsort((ids.astype(str), order))].reset_index(drop=True)
    rows["priority"] = np.where(rows["action"].notna(), np.arange(1, len(rows) + 1, dtype=float), np.nan)
    return rows[list(DECISION_COLUMNS)]


def choose(ranks: Numbers, capacities: list[int | None]) -> npt.NDArray[np.int64]:
    """Return the index of each customer's action, -1 for none: the best pairs first, while capacity lasts.

    The same as going through all pairs of customer and action in the order of their ranks, and giving
    each pair that finds its customer free and its action not full. Here each customer asks for the best
    action that has not turned the customer away, each action keeps the best of those who ask and turns
    the others away, until nobody is turned away.

    Args:
        ranks: one row a customer, one column an action; smaller is better, no two equal, infinite where
            the action is out of the question.
        capacities: most customers of each action, None where there is no bound.
    """
    open_ranks = ranks.copy()
    every = np.arange(len(ranks))
    while True:
        asked = open_ranks.argmin(axis=1)
        asked_rank = open_ranks[every, asked]
        turned_away = False
        for action, capacity in enumerate(capacities):
            asking = np.flatnonzero((asked == action) & np.isfinite(asked_rank))
            if capacity is not None and len(asking) > capacity:
                surplus = asking[np.argsort(asked_rank[asking])[capacity:]]
                open_ranks[surplus, action] = np.inf
                turned_away = True
        if not turned_away:
            return np.where(np.isfinite(asked_rank), asked, -1)


def _part(fit: Fit, rows: npt.NDArray[np.int64]) -> Fit:
    return Fit(
        fit.action, fit.score[rows], fit.dropped_at[rows], fit.is_eligible[rows], fit.expected_value_amount[rows]
    )


def _drop_by_past(
    stages: list[Texts], fits: list[Fit], playbook: Playbook, ids: Texts, past: pd.DataFrame, snapshot_at: datetime
) -> list[Texts]:
    """Return the stages with those added that past contacts forbid."""
    age = pd.Timestamp(snapshot_at) - pd.to_datetime(past["snapshot_at"], utc=True)
    past = past.assign(age=age)[age > timedelta(0)]
    policy = playbook.contact_policy
    index = pd.Index(ids)
    full = np.zeros(len(ids), dtype=bool)
    for days, most in ((7, policy.per_7_days), (30, policy.per_30_days)):
        recent = past[past["age"] < timedelta(days=days)].groupby("customer_id").size()
        full |= recent.reindex(index, fill_value=0).to_numpy() >= most
    dropped = []
    for stage, fit in zip(stages, fits, strict=True):
        resting = past[(past["action"] == fit.action.name) & (past["age"] < fit.action.cool_off)]["customer_id"]
        after = stage.copy()
        after[(after == "") & full] = "contact_policy"
        after[(after == "") & index.isin(resting)] = "cool_off"
        dropped.append(after)
    return dropped


def _preference(fits: list[Fit], stages: list[Texts], ids: Texts) -> Numbers:
    """Return a rank for each pair of customer and action that is still possible, infinite for the others.

    Most expected value first; where no worth is known, after those; then the greater effect, the higher
    score, the customer's id and the order of the playbook.
    """
    ranks = np.full((len(ids), len(fits)), np.inf)
    customer, action = np.nonzero(np.column_stack([stage == "" for stage in stages]))
    value = np.column_stack([fit.expected_value_amount for fit in fits])[customer, action]
    score = np.column_stack([fit.score for fit in fits])[customer, action]
    effect = np.array([abs(fit.action.expected_effect) for fit in fits])[action]
    order = np.argsort(np.argsort(ids.astype(str)))[customer]
    best_first = np.lexsort((action, order, -score, -effect, np.where(np.isnan(value), np.inf, -value)))
    ranks[customer[best_first], action[best_first]] = np.arange(len(best_first), dtype=float)
    return ranks


def _rows(
    fits: list[Fit],
    considered: npt.NDArray[np.int64],
    ids: Texts,
    chosen: npt.NDArray[np.int64],
    held_out: Collection[str],
    version: str,
    snapshot_key: str,
) -> pd.DataFrame:
    has_action = chosen >= 0

    def of_action(values: list[object]) -> Texts:
        table = np.array([*values, None], dtype=object)
        return np.asarray(table[chosen])

    value = np.column_stack([fit.expected_value_amount[considered] for fit in fits])
    is_held = np.fromiter((customer_id in held_out for customer_id in ids), dtype=bool, count=len(ids))
    return pd.DataFrame(
        {
            "decision_id": [decision_id(customer_id, snapshot_key) for customer_id in ids],
            "customer_id": ids,
            "target": of_action([fit.action.target for fit in fits]),
            "action": of_action([fit.action.name for fit in fits]),
            "channel": of_action([fit.action.channel for fit in fits]),
            "text": of_action([fit.action.text for fit in fits]),
            "arm": np.where(has_action, np.where(is_held, HOLDOUT, TREATED), NONE),
            "choice_probability": 1.0,
            "uplift": of_action([fit.action.expected_effect for fit in fits]).astype(float),
            "uplift_low": np.nan,
            "uplift_source": of_action([f"prior: {fit.action.effect_source}" for fit in fits]),
            "expected_value_amount": np.where(has_action, value[np.arange(len(ids)), chosen], np.nan),
            "policy_version": version,
        }
    )


def decision_id(customer_id: str, snapshot_key: str) -> str:
    """Return the id of a customer's decision at a snapshot; a second run gives the same."""
    return hashlib.sha256(f"{customer_id}:{snapshot_key}".encode()).hexdigest()[:32]


def _traces(names: list[str], stages: list[Texts]) -> Texts:
    """Return a JSON object a customer, action to the stage where it dropped out, written once a pattern."""
    codes = np.zeros(len(stages[0]), dtype=np.int64)
    for stage in stages:
        found, distinct = pd.factorize(stage)
        codes, _ = pd.factorize(codes * len(distinct) + found)
    _, first = np.unique(codes, return_index=True)
    written = [json.dumps({name: stage[row] for name, stage in zip(names, stages, strict=True)}) for row in first]
    return np.asarray(np.array(written, dtype=object)[codes])
