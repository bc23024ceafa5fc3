"""Why a customer scores high: the three strongest contributions, as sentences a person can read."""

import json

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.reason_sentences import sentence

COUNT_REASONS = 3
_CHUNK = 100_000
"""Rows looked at together, so that memory does not grow with the number of customers."""


def explain(features: pd.DataFrame, contributions: pd.DataFrame) -> list[str]:
    """Return for each customer a JSON list of {feature, value, contribution, sentence}, strongest first.

    Only contributions that push towards the outcome (above 0) are reasons, at most three; equal ones
    stand in the order of their names. Sentences compare with the median of the customers given.
    Work is done once for each distinct value of a feature, not once for each customer.

    Args:
        features: one row a customer.
        contributions: the same rows; one column for each feature that the score uses.
    """
    names = sorted(contributions.columns)
    usual = {name: _median(features[name]) for name in names}
    written: list[str] = []
    for start in range(0, len(contributions), _CHUNK):
        rows = slice(start, start + _CHUNK)
        written += _explain_chunk(features.iloc[rows], contributions.iloc[rows], names, usual)
    return written


def _explain_chunk(
    features: pd.DataFrame, contributions: pd.DataFrame, names: list[str], usual: dict[str, float | None]
) -> list[str]:
    strength = np.nan_to_num(contributions[names].to_numpy(dtype=float, copy=True), nan=0.0)
    every = np.arange(len(strength))
    slots: list[npt.NDArray[np.object_]] = []
    for _ in range(min(COUNT_REASONS, len(names))):
        # The first of equal maxima wins, and the columns stand in the order of their names.
        strongest = strength.argmax(axis=1)
        amount = strength[every, strongest]
        slot = np.full(len(strength), "", dtype=object)
        for index, name in enumerate(names):
            chosen = np.flatnonzero((strongest == index) & (amount > 0))
            if len(chosen):
                slot[chosen] = _reasons(name, features[name].iloc[chosen], amount[chosen], usual[name])
        slots.append(slot)
        strength[every, strongest] = 0.0
    return ["[" + ", ".join(part for part in row if part) + "]" for row in zip(*slots, strict=True)]


def _reasons(
    name: str, values: pd.Series, contributions: npt.NDArray[np.float64], usual: float | None
) -> npt.NDArray[np.object_]:
    """Return one JSON object a row; texts are made once a distinct value and once a distinct contribution."""
    if _is_number(values):
        values = pd.Series(values.to_numpy(dtype=float, na_value=np.nan)).round(2)
    codes, distinct = pd.factorize(values, use_na_sentinel=False)
    heads, tails = [], []
    for value in distinct.tolist():
        known = None if pd.isna(value) else value
        known = int(known) if isinstance(known, float) and known.is_integer() else known
        shown = json.dumps(known, ensure_ascii=False, default=str)
        heads.append(f'{{"feature": {json.dumps(name)}, "value": {shown}, "contribution": ')
        tails.append(f', "sentence": {json.dumps(sentence(name, known, usual), ensure_ascii=False)}}}')
    amount_codes, amounts = pd.factorize(np.maximum(np.round(contributions, 3), 0.001))
    middles = np.array([f"{amount:g}" for amount in amounts.tolist()], dtype=object)
    texts = np.array(heads, dtype=object)[codes] + middles[amount_codes] + np.array(tails, dtype=object)[codes]
    return np.asarray(texts, dtype=object)


def _is_number(values: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def _median(values: pd.Series) -> float | None:
    if not _is_number(values):
        return None
    median = pd.to_numeric(values).median()
    return None if pd.isna(median) else float(median)
