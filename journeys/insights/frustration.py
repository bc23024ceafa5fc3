"""Signs of frustration that customers give without a word: clicks in anger, in vain, or into an error."""

import ibis
import pandas as pd

from journeys.insights.segments import ALL

SIGNALS = ("rage_click", "dead_click", "error_click")
"""Touchpoints that are signs of frustration, as FullStory tells them; 'Rage click' is one as well."""


def frustrated_customers(steps: ibis.Table) -> pd.DataFrame:
    """Return stage and count_frustrated: customers who gave such a sign there, and anywhere ('all'); empty where nobody did.

    Where no touchpoint is such a sign nothing is known of frustration: that is no share of nought.

    Args:
        steps: customer_id, stage, touchpoint.
    """
    plain = steps.touchpoint.lower().re_replace(r"[^a-z]+", "_")
    signs = steps.filter(plain.isin(SIGNALS))
    of_stage = signs.group_by("stage").agg(count_frustrated=signs.customer_id.nunique()).order_by("stage").to_pandas()
    whole = int(signs.customer_id.nunique().to_pyarrow().as_py())
    everybody = pd.DataFrame({"stage": [ALL], "count_frustrated": [whole]})
    found: pd.DataFrame = pd.concat([of_stage, everybody[everybody.count_frustrated > 0]], ignore_index=True)
    return found
