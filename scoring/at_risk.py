"""The lists that people work from: who is likely to leave, and who is likely to buy."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from journeys.config.stages import Value

LIST_COLUMNS = (
    "customer_id",
    "target",
    "value",
    "percentile",
    "tier",
    "stage",
    "value_at_risk_amount",
    "reasons",
    "owner",
    "suggested_action",
    "score_basis",
    "rank",
)


def customer_values(features: pd.DataFrame, attributes: pd.DataFrame, value: Value) -> pd.Series:
    """Return what each customer is worth, in the configured currency, by customer_id; NaN where unknown.

    The attribute named in `value.at_risk_attribute` comes first, then the amount of the open journey,
    then the amount of one conversion. An amount of 0 says nothing was recorded, so the next one counts.

    Args:
        features: one row a customer, with `journey_amount`.
        attributes: customer_id, attribute, value, as `known_attributes` returns them.
        value: the section of `journey.yaml`.
    """
    ids = pd.Index(features["customer_id"], name="customer_id")
    stated = pd.Series(_attribute(ids, attributes, value.at_risk_attribute), index=ids)
    worth = pd.to_numeric(stated, errors="coerce").astype(float)
    journey = pd.Series(pd.to_numeric(features["journey_amount"]).to_numpy(dtype=float, na_value=np.nan), index=ids)
    worth = worth.where(worth > 0).fillna(journey.where(journey > 0))
    return worth if value.per_conversion_amount is None else worth.fillna(value.per_conversion_amount)


def list_high_tier(
    scores: pd.DataFrame,
    features: pd.DataFrame,
    attributes: pd.DataFrame,
    values: pd.Series,
    suggestions: pd.DataFrame,
) -> pd.DataFrame:
    """Return the customers in the high tier of each target, most value at risk first, in `LIST_COLUMNS`.

    `value_at_risk_amount` is probability times worth. A rule gives no probability, so its rows have no
    such amount and are ordered by their points.

    Args:
        scores: scores of the targets that belong on this list.
        features: one row a customer, with `stage`.
        attributes: customer_id, attribute, value; `owner` is the one used.
        values: worth by customer_id, from `customer_values`.
        suggestions: customer_id, target, text of the action that fits best.
    """
    listed = scores[scores["tier"] == "high"].copy()
    ids = pd.Index(listed["customer_id"])
    listed["stage"] = features.set_index("customer_id")["stage"].reindex(ids).to_numpy(dtype=object)
    worth = values.reindex(ids).to_numpy(dtype=float)
    probability = listed["value"].where(listed["unit"] == "probability").to_numpy(dtype=float)
    listed["value_at_risk_amount"] = probability * worth
    listed["owner"] = _attribute(ids, attributes, "owner")
    texts = suggestions.rename(columns={"text": "suggested_action"})[["customer_id", "target", "suggested_action"]]
    listed = listed.merge(texts, on=["customer_id", "target"], how="left")
    listed = listed.sort_values(
        ["target", "value_at_risk_amount", "value", "customer_id"], ascending=[True, False, False, True]
    )
    listed["rank"] = listed.groupby("target").cumcount() + 1
    return listed[list(LIST_COLUMNS)].reset_index(drop=True)


def _attribute(ids: pd.Index, attributes: pd.DataFrame, name: str | None) -> npt.NDArray[np.object_]:
    """Return an attribute's value for each id, None where it has none."""
    mine = attributes[attributes["attribute"] == name].set_index("customer_id")["value"]
    found = mine.reindex(ids).astype(object)
    return np.asarray(found.where(found.notna(), None).to_numpy(dtype=object))
