"""The contract of the tables: grain, key, columns, partition and version of each.

Column grammar: `*_id` string, `*_at` UTC timestamp (microseconds), `is_`/`has_` boolean, `count_*`,
money `*_amount` in the configured currency. Each table's version stands in its properties.

It is long on purpose: one list without a line of logic, so that the whole contract is read, searched and
compared in one place. Whoever splits it by room has to look in five for a column.
"""

from dataclasses import dataclass, field

import pyarrow as pa

TIMESTAMP = pa.timestamp("us", tz="UTC")
STRING = pa.string()
INTEGER = pa.int64()
NUMBER = pa.float64()
BOOLEAN = pa.bool_()
STRINGS = pa.list_(pa.string())

COUNT_BUCKETS = 16
"""Customers are spread over so many buckets; a table partitioned by bucket replaces only those touched."""


@dataclass(frozen=True)
class Table:
    """One table's declaration; `grain` is one sentence about one row."""

    name: str
    grain: str
    key: tuple[str, ...]
    columns: dict[str, pa.DataType]
    partition_by: tuple[str, ...] = ()
    schema_version: int = 1
    schema: pa.Schema = field(init=False, compare=False)

    def __post_init__(self) -> None:
        missing = [name for name in (*self.key, *self.partition_by) if name not in self.columns]
        if missing:
            raise ValueError(f"table {self.name}: key or partition names no column: {missing}")
        nullable = [pa.field(name, kind, nullable=name not in self.key) for name, kind in self.columns.items()]
        object.__setattr__(self, "schema", pa.schema(nullable))


_LOADED = {"loaded_at": TIMESTAMP, "load_id": STRING}
_RATE = {"conversion_rate": NUMBER, "conversion_rate_low": NUMBER, "conversion_rate_high": NUMBER}

TABLES: dict[str, Table] = {
    table.name: table
    for table in [
        Table(
            "touchpoints",
            "One recorded interaction of a customer with a channel at one event_at",
            ("touchpoint_id",),
            {
                "touchpoint_id": STRING,
                "source": STRING,
                "source_record_id": STRING,
                "source_position": INTEGER,
                "event_at": TIMESTAMP,
                "known_at": TIMESTAMP,
                "channel": STRING,
                "category": STRING,
                "touchpoint": STRING,
                "amount": NUMBER,
                "currency": STRING,
                "score": NUMBER,
                "identifier_ids": STRINGS,
                "case_id": STRING,
                "properties": STRING,
                **_LOADED,
            },
            ("load_id",),
        ),
        Table(
            "touchpoint_flags",
            "One touchpoint that is kept and not counted, and the reason",
            ("touchpoint_id",),
            {"touchpoint_id": STRING, "reason": STRING, "load_id": STRING},
            ("load_id",),
        ),
        Table(
            "touchpoint_texts",
            "The masked free text of one touchpoint",
            ("touchpoint_id",),
            {
                "touchpoint_id": STRING,
                "text": STRING,
                "language": STRING,
                "sentiment": NUMBER,
                "topic": STRING,
                "load_id": STRING,
            },
            ("load_id",),
        ),
        Table(
            "identifier_vault",
            "One identifier's value, once a source: the only table with e-mail addresses, phone numbers or names",
            ("identifier_id", "load_id"),
            {
                "identifier_id": STRING,
                "type": STRING,
                "value": STRING,
                "source": STRING,
                "known_at": TIMESTAMP,
                "load_id": STRING,
            },
            ("load_id",),
        ),
        Table(
            "identifier_links",
            "Two identifiers seen in one record, once a load and month",
            ("left_identifier_id", "right_identifier_id", "load_id", "known_at"),
            {
                "left_identifier_id": STRING,
                "right_identifier_id": STRING,
                "left_type": STRING,
                "right_type": STRING,
                "source": STRING,
                "known_at": TIMESTAMP,
                "last_known_at": TIMESTAMP,
                "count_records": INTEGER,
                "load_id": STRING,
            },
            ("load_id",),
        ),
        Table(
            "quarantine",
            "One row that a source refused, with its reason; raw is kept for a short time",
            ("quarantine_id",),
            {
                "quarantine_id": STRING,
                "source": STRING,
                "file": STRING,
                "line": INTEGER,
                "rule": STRING,
                "reason": STRING,
                "raw": STRING,
                **_LOADED,
            },
            ("load_id",),
        ),
        Table(
            "loads",
            "One file consumed: rows read = loaded + duplicates + quarantined",
            ("load_id",),
            {
                "load_id": STRING,
                "run_id": STRING,
                "source": STRING,
                "file": STRING,
                "file_hash": STRING,
                "mapping_hash": STRING,
                "columns": STRING,
                "count_rows_read": INTEGER,
                "count_rows_loaded": INTEGER,
                "count_rows_duplicate": INTEGER,
                "count_rows_quarantined": INTEGER,
                "count_touchpoints": INTEGER,
                "last_known_at": TIMESTAMP,
                "loaded_at": TIMESTAMP,
            },
        ),
        Table(
            "first_files",
            "One file that a source's first load found: until it is consumed, its rows are history and never late",
            ("load_id",),
            {
                "load_id": STRING,
                "run_id": STRING,
                "source": STRING,
                "file": STRING,
                "found_at": TIMESTAMP,
            },
        ),
        Table(
            "customers",
            "Which customer an identifier belonged to, from known_at until known_to",
            ("identifier_id", "known_at"),
            {
                "identifier_id": STRING,
                "known_at": TIMESTAMP,
                "customer_id": STRING,
                "account_id": STRING,
                "rule": STRING,
                "confidence": NUMBER,
                "known_to": TIMESTAMP,
            },
        ),
        Table(
            "identity_merges",
            "One joining of two customers, from known_at on",
            ("merge_id",),
            {
                "merge_id": STRING,
                "kept_customer_id": STRING,
                "merged_customer_id": STRING,
                "left_identifier_id": STRING,
                "right_identifier_id": STRING,
                "rule": STRING,
                "known_at": TIMESTAMP,
            },
        ),
        Table(
            "identity_decisions",
            "Two identifiers whose owners a person put apart, from known_at on",
            ("decision_id",),
            {
                "decision_id": STRING,
                "left_identifier_id": STRING,
                "right_identifier_id": STRING,
                "decision": STRING,
                "reason": STRING,
                "known_at": TIMESTAMP,
            },
        ),
        Table(
            "identity_probable_links",
            "Two customers of today who are probably the same person: a proposal, which nothing derived reads",
            ("left_customer_id", "right_customer_id"),
            {
                "left_customer_id": STRING,
                "right_customer_id": STRING,
                "probability": NUMBER,
                "evidence": STRING,
                "known_at": TIMESTAMP,
            },
        ),
        Table(
            "touchpoint_owners",
            "One anonymous touchpoint on a shared identifier, and the identifier of who had logged in there",
            ("touchpoint_id",),
            {"touchpoint_id": STRING, "identifier_id": STRING},
        ),
        Table(
            "identity_refusals",
            "One link that was not followed, and the rule that forbade it",
            ("refusal_id",),
            {
                "refusal_id": STRING,
                "left_identifier_id": STRING,
                "right_identifier_id": STRING,
                "rule": STRING,
                "known_at": TIMESTAMP,
            },
        ),
        Table(
            "customer_attributes",
            "What a source says of an identifier's owner from valid_from on",
            ("identifier_id", "attribute", "valid_from", "known_at"),
            {
                "identifier_id": STRING,
                "attribute": STRING,
                "valid_from": TIMESTAMP,
                "known_at": TIMESTAMP,
                "value": STRING,
                "source": STRING,
                "load_id": STRING,
            },
            ("load_id",),
        ),
        Table(
            "account_attributes",
            "What a source says of an account from valid_from on",
            ("account_id", "attribute", "valid_from", "known_at"),
            {
                "account_id": STRING,
                "attribute": STRING,
                "valid_from": TIMESTAMP,
                "known_at": TIMESTAMP,
                "value": STRING,
                "source": STRING,
                "load_id": STRING,
            },
            ("load_id",),
        ),
        Table(
            "consents",
            "Whether an identifier's owner agrees to a purpose on a channel ('*' for all), from valid_from on",
            ("identifier_id", "purpose", "channel", "valid_from", "known_at"),
            {
                "identifier_id": STRING,
                "purpose": STRING,
                "channel": STRING,
                "valid_from": TIMESTAMP,
                "known_at": TIMESTAMP,
                "is_granted": BOOLEAN,
                "source": STRING,
                "load_id": STRING,
            },
            ("load_id",),
        ),
        Table(
            "journey_steps",
            "One touchpoint's place in its customer's journey",
            ("touchpoint_id",),
            {
                "touchpoint_id": STRING,
                "customer_id": STRING,
                "account_id": STRING,
                "journey_id": STRING,
                "session_id": STRING,
                "step_number": INTEGER,
                "stage": STRING,
                "event_at": TIMESTAMP,
                "known_at": TIMESTAMP,
                "touchpoint": STRING,
                "channel": STRING,
                "category": STRING,
                "amount": NUMBER,
                "config_hash": STRING,
                "customer_bucket": pa.int32(),
            },
            ("customer_bucket",),
        ),
        Table(
            "journeys",
            "One customer's ordered touchpoints towards one goal",
            ("journey_id",),
            {
                "journey_id": STRING,
                "customer_id": STRING,
                "account_id": STRING,
                "goal": STRING,
                "started_at": TIMESTAMP,
                "ended_at": TIMESTAMP,
                "is_open": BOOLEAN,
                "outcome": STRING,
                "outcome_kind": STRING,
                "outcome_at": TIMESTAMP,
                "stage_reached": STRING,
                "variant_id": STRING,
                "count_touchpoints": INTEGER,
                "count_sessions": INTEGER,
                "amount": NUMBER,
                "customer_bucket": pa.int32(),
            },
            ("customer_bucket",),
        ),
        Table(
            "stage_transitions",
            "Customers who went from one stage to the next, by segment",
            ("from_stage", "to_stage", "segment", "period"),
            {
                "from_stage": STRING,
                "to_stage": STRING,
                "segment": STRING,
                "period": STRING,
                "count_entered": INTEGER,
                "count_customers": INTEGER,
                **_RATE,
                "hours_p50": NUMBER,
                "hours_p90": NUMBER,
                "matured_share": NUMBER,
            },
        ),
        Table(
            "insight_steps",
            "One step of the planned path: how many journeys reached it and the next one",
            ("step_number", "segment"),
            {
                "step_number": INTEGER,
                "segment": STRING,
                "step": STRING,
                "next_step": STRING,
                "count_journeys": INTEGER,
                "count_customers": INTEGER,
                "count_journeys_next": INTEGER,
                **_RATE,
                "hours_p50": NUMBER,
                "hours_p90": NUMBER,
            },
        ),
        Table(
            "insight_friction_points",
            "One place where journeys end or stall; counts are a description, not an effect",
            ("friction_id",),
            {
                "friction_id": STRING,
                "stage": STRING,
                "touchpoint": STRING,
                "segment": STRING,
                "kind": STRING,
                "count_entered": INTEGER,
                "count_customers": INTEGER,
                "drop_off_rate": NUMBER,
                "drop_off_rate_low": NUMBER,
                "drop_off_rate_high": NUMBER,
                "excess_rate": NUMBER,
                "customers_lost": NUMBER,
                "customers_lost_low": NUMBER,
                "customers_lost_high": NUMBER,
                "revenue_at_risk_amount": NUMBER,
                "revenue_at_risk_amount_low": NUMBER,
                "revenue_at_risk_amount_high": NUMBER,
                "rank": INTEGER,
                "evidence": STRING,
            },
        ),
        Table(
            "insight_variants",
            "One path (touchpoints in order, repeats collapsed) with its share of the journeys",
            ("variant_id",),
            {
                "variant_id": STRING,
                "path": STRING,
                "count_journeys": INTEGER,
                "share": NUMBER,
                "coverage_share": NUMBER,
                "count_positive": INTEGER,
                **_RATE,
                "hours_p50": NUMBER,
                "rank": INTEGER,
            },
        ),
        Table(
            "insight_transitions",
            "One touchpoint directly followed by another within a journey",
            ("from_touchpoint", "to_touchpoint"),
            {
                "from_touchpoint": STRING,
                "to_touchpoint": STRING,
                "count_transitions": INTEGER,
                "count_customers": INTEGER,
                "share_next": NUMBER,
                "hours_p50": NUMBER,
                "hours_p90": NUMBER,
            },
        ),
        Table(
            "source_coverage",
            "What one source tells of one category: how much, how fresh, with which gaps, and of whom",
            ("source", "category"),
            {
                "source": STRING,
                "category": STRING,
                "state": STRING,
                "count_touchpoints": INTEGER,
                "count_touchpoints_30d": INTEGER,
                "count_customers_30d": INTEGER,
                "count_identified": INTEGER,
                "identified_share": NUMBER,
                "first_at": TIMESTAMP,
                "last_at": TIMESTAMP,
                "count_days": INTEGER,
                "active_day_share": NUMBER,
                "silent_days": INTEGER,
                "longest_gap_days": INTEGER,
                "quarantined_share": NUMBER,
            },
        ),
        Table(
            "audit_findings",
            "One thing that a source lacks or has stopped telling, and what to do about it",
            ("finding_id",),
            {
                "finding_id": STRING,
                "rank": INTEGER,
                "kind": STRING,
                "subject": STRING,
                "source": STRING,
                "count_customers_30d": INTEGER,
                "sentence": STRING,
                "advice": STRING,
            },
        ),
        Table(
            "assignments",
            "The arm in which a unit is for one experiment; frozen at first exposure",
            ("unit_type", "unit_id", "experiment"),
            {"unit_type": STRING, "unit_id": STRING, "experiment": STRING, "arm": STRING, "assigned_at": TIMESTAMP},
        ),
        Table(
            "scores",
            "One customer's score for one target at one snapshot",
            ("customer_id", "target", "snapshot_at"),
            {
                "customer_id": STRING,
                "target": STRING,
                "snapshot_at": TIMESTAMP,
                "model_version": STRING,
                "value": NUMBER,
                "unit": STRING,
                "value_low": NUMBER,
                "value_high": NUMBER,
                "class": STRING,
                "percentile": NUMBER,
                "tier": STRING,
                "reasons": STRING,
                "score_basis": STRING,
                "scored_at": TIMESTAMP,
                "snapshot_key": STRING,
            },
            ("snapshot_key",),
        ),
        *(
            Table(
                name,
                grain,
                ("customer_id", "target", "snapshot_at"),
                {
                    "customer_id": STRING,
                    "target": STRING,
                    "snapshot_at": TIMESTAMP,
                    "value": NUMBER,
                    "percentile": NUMBER,
                    "tier": STRING,
                    "stage": STRING,
                    "value_at_risk_amount": NUMBER,
                    "reasons": STRING,
                    "owner": STRING,
                    "suggested_action": STRING,
                    "score_basis": STRING,
                    "rank": INTEGER,
                    "snapshot_key": STRING,
                },
                ("snapshot_key",),
            )
            for name, grain in (
                ("at_risk", "One customer likely to leave, most value at risk first"),
                ("hot_leads", "One customer likely to convert, most expected value first"),
            )
        ),
        Table(
            "contacts",
            "One decision that was told, or would have been told to somebody held out: what rests and caps count",
            ("decision_id",),
            {
                "decision_id": STRING,
                "customer_id": STRING,
                "action": STRING,
                "arm": STRING,
                "snapshot_at": TIMESTAMP,
                "snapshot_key": STRING,
                "run_id": STRING,
                "noted_at": TIMESTAMP,
            },
            ("snapshot_key",),
        ),
        Table(
            "decisions",
            "What was decided for one customer at one snapshot, and why",
            ("decision_id",),
            {
                "decision_id": STRING,
                "customer_id": STRING,
                "snapshot_at": TIMESTAMP,
                "target": STRING,
                "action": STRING,
                "channel": STRING,
                "text": STRING,
                "arm": STRING,
                "choice_probability": NUMBER,
                "uplift": NUMBER,
                "uplift_low": NUMBER,
                "uplift_source": STRING,
                "expected_value_amount": NUMBER,
                "priority": NUMBER,
                "policy_version": STRING,
                "trace": STRING,
                "snapshot_key": STRING,
            },
            ("snapshot_key",),
        ),
        Table(
            "runs",
            "One run of one command: what it read, wrote and took",
            ("run_id",),
            {
                "run_id": STRING,
                "command": STRING,
                "snapshot_at": TIMESTAMP,
                "config_hash": STRING,
                "lock_hash": STRING,
                "versions_read": STRING,
                "versions_written": STRING,
                "counts": STRING,
                "started_at": TIMESTAMP,
                "duration_seconds": NUMBER,
            },
        ),
    ]
}
