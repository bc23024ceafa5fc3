"""What the audit tells, and in which order."""

import pandas as pd

from journeys.audit.coverage import TOUCHPOINT, WHOLE_SOURCE, regularity
from journeys.audit.findings import Facts, findings
from journeys.config.journey_yaml import JourneyConfig
from tests.journeys.made_up import config_of

UNTIL = pd.Timestamp("2026-03-01")
SOURCE = {"vendor": "segment", "files": "*.jsonl"}


def _config(**sources: dict[str, object]) -> JourneyConfig:
    named = {name: {**SOURCE, **settings} for name, settings in sources.items()}
    return config_of(sources=named or {"web": SOURCE})


def _facts(rows: list[tuple[str, str, str, int, int]], **more: object) -> Facts:
    """Return facts of (source, category, touchpoint, first day, last day before the end), one a day."""
    days = pd.DataFrame(
        [
            {
                "source": source,
                "category": category,
                "touchpoint": touchpoint,
                "day": UNTIL - pd.Timedelta(days=ago),
                "count_touchpoints": 10,
            }
            for source, category, touchpoint, first, last in rows
            for ago in range(first, last - 1, -1)
        ]
    )
    by_category = days.groupby([*WHOLE_SOURCE, "day"], as_index=False)["count_touchpoints"].sum()
    people = {"count_customers_30d": 20, "count_customers_before": 30}
    categories = regularity(by_category, WHOLE_SOURCE, UNTIL).assign(identified_share=0.9, **people)
    touchpoints = regularity(days, TOUCHPOINT, UNTIL).assign(**people)
    loads = pd.DataFrame(
        {"source": sorted({row[0] for row in rows}), "count_rows_read": 100, "count_rows_quarantined": 0}
    )
    return Facts(
        **{
            "until": UNTIL,
            "count_customers": 50,
            "categories": categories,
            "touchpoints": touchpoints,
            "loads": loads,
            **more,
        }
    )  # type: ignore[arg-type]


WELL = [
    *(("web", "website", name, 90, 0) for name in ("visit home", "visit prices")),
    *(("web", category, name, 90, 0) for category, name in (("product", "use"), ("support", "ticket opened"))),
    *(("web", category, name, 90, 0) for category, name in (("transaction", "buy"), ("feedback", "rated"))),
    *(("web", "communication", name, 90, 0) for name in ("mail", "cancel now", "welcome")),
]


def _kinds(facts: Facts, config: JourneyConfig) -> list[tuple[str, str]]:
    return [(finding.kind, finding.subject) for finding in findings(facts, config)]


def test_all_is_well() -> None:
    """Where every source tells, and every stage and outcome has data, there is nothing to say."""
    assert [kind for kind, _ in _kinds(_facts(WELL), _config()) if not kind.endswith("without_data")] == []


def test_missing_and_stopped_come_first() -> None:
    """A source that never came, then one that stopped, before all else."""
    rows = [*WELL, *(("crm", "communication", "call", 90, 40),)]
    config = _config(web={}, crm={}, billing={})
    found = findings(_facts(rows), config)
    assert [(one.kind, one.subject) for one in found[:2]] == [("missing_source", "billing"), ("stopped_source", "crm")]
    assert "has never brought anything: all 50 customers" in found[0].sentence
    assert "nothing since 2026-01-20" in found[1].sentence
    assert "stopped_touchpoint" not in {one.kind for one in found}


def test_a_touchpoint_that_stopped() -> None:
    """A touchpoint of a source that goes on is told by its name."""
    rows = [row if row[2] != "visit prices" else (*row[:4], 20) for row in WELL]
    assert ("stopped_touchpoint", "web: visit prices") in _kinds(_facts(rows), _config())


def test_stages_outcomes_and_categories_without_data() -> None:
    """What nothing enters, what nothing tells of, and what no source covers, each once."""
    rows = [("web", "website", "visit home", 90, 0)]
    found = _kinds(_facts(rows), _config())
    assert {kind for kind, _ in found} == {"stage_without_data", "outcome_without_data", "category_without_data"}
    assert ("category_without_data", "feedback") in found


def test_contracts() -> None:
    """Too little, and too late; what is within its contract is not told."""
    rows = [*WELL, ("crm", "communication", "call", 90, 4)]
    contract = {"contract": {"max_lag": "2d", "min_touchpoints_a_day": 50}}
    found = findings(_facts(rows), _config(web={"contract": {"max_lag": "1d"}}, crm=contract))
    told = [one.sentence for one in found if one.kind == "contract"]
    assert len(told) == 2
    assert any("ends 4 days before the others; its contract allows 2d" in sentence for sentence in told)
    assert any("its contract says at least 50" in sentence for sentence in told)


def test_gaps_anonymity_drift_amounts_and_flags() -> None:
    """All that is told of a source beside, the costlier before the cheaper."""
    rows = [*WELL, ("crm", "feedback", "called", 90, 40), ("crm", "feedback", "called", 30, 0)]
    facts = _facts(rows, drift={"crm": ("a.csv: new 'x'",)}, unrated={"USD": 3}, flags={"bot_rate": 7})
    facts.categories.loc[facts.categories["category"] == "support", "identified_share"] = 0.2
    found = findings(facts, _config(web={}, crm={}))
    kinds = [one.kind for one in found]
    assert kinds[0] == "drift"
    assert {"gap", "anonymous", "currency", "flagged"} <= set(kinds)
    assert kinds.index("gap") < kinds.index("currency")
    gap = next(one for one in found if one.kind == "gap")
    assert gap.sentence == "crm (feedback) has nothing from 2026-01-21 to 2026-01-29."
