"""Accounting: nothing is lost. For each file, rows read = loaded + duplicates + quarantined."""

from collections.abc import Mapping
from dataclasses import dataclass

import ibis

from journeys.config.errors import DataError
from journeys.sources.record import NO_FAULTS


@dataclass(frozen=True)
class FileCount:
    """What became of one file's rows.

    Attributes:
        file: its name.
        read: rows that it holds, counted by its reader.
        loaded: rows of which at least one outcome is new.
        duplicates: rows whose outcomes were all there before.
        quarantined: rows that were refused.
        touchpoints: new touchpoints; one row may bring several, or none.
    """

    file: str
    read: int
    loaded: int
    duplicates: int
    quarantined: int
    touchpoints: int

    @property
    def reject_share(self) -> float:
        """The share of the rows that was refused."""
        return self.quarantined / self.read if self.read else 0.0


def check_reconciles(count: FileCount) -> None:
    """Check that every row of a file is accounted for.

    Raises:
        DataError: when rows read differ from loaded + duplicates + quarantined.
    """
    accounted = count.loaded + count.duplicates + count.quarantined
    if accounted != count.read:
        raise DataError(
            f"{count.file}: {count.read} rows were read and {accounted} are accounted for ({count.loaded} loaded, "
            f"{count.duplicates} duplicates, {count.quarantined} quarantined); the file was not consumed, please report this."
        )


@dataclass(frozen=True)
class Refusals:
    """How many rows of a file were refused, and the first of them, faulty ones before those withdrawn.

    `count_withdrawn` of them are right as they stand: deleted by their vendor, say, or previews.
    """

    count: int
    first_line: int
    first_reason: str
    count_withdrawn: int = 0

    def are_too_many(self, rows: int, max_reject_share: float) -> bool:
        """Return whether more of a file's rows are faulty than the source allows."""
        return self.count - self.count_withdrawn > max_reject_share * rows


def refusals_by_file(refused: ibis.Table) -> dict[str, Refusals]:
    """Return the refusals of each file (by load_id) that has any; `refused` has one row per refused row."""
    is_withdrawn = refused.rule.isin(NO_FAULTS)
    grouped = refused.group_by("load_id").agg(
        count=refused.count(),
        first_line=refused.line.first(order_by=[is_withdrawn, refused.line]),
        first_reason=refused.reason.first(order_by=[is_withdrawn, refused.line]),
        count_withdrawn=is_withdrawn.sum(),
    )
    return {
        row["load_id"]: Refusals(row["count"], row["first_line"], row["first_reason"], row["count_withdrawn"])
        for row in grouped.to_pyarrow().to_pylist()
    }


def count_files(
    read: Mapping[str, tuple[str, int]],
    verdicts: ibis.Table,
    touchpoints: ibis.Table | None,
    refusals: Mapping[str, Refusals],
) -> dict[str, FileCount]:
    """Return what became of the rows of each file.

    Args:
        read: load_id to the file's name and the rows that its reader counted.
        verdicts: accepted records: load_id, line, is_new.
        touchpoints: new touchpoints, with load_id; None where there can be none.
        refusals: refused rows by load_id.
    """
    lines = verdicts.group_by("load_id", "line").agg(is_new=verdicts.is_new.any())
    grouped = lines.group_by("load_id").agg(loaded=lines.is_new.sum(), duplicates=(~lines.is_new).sum())
    became = {row["load_id"]: row for row in grouped.to_pyarrow().to_pylist()}
    count_touchpoints = {}
    if touchpoints is not None:
        new = touchpoints.group_by("load_id").agg(count=touchpoints.count()).to_pyarrow().to_pylist()
        count_touchpoints = {row["load_id"]: row["count"] for row in new}
    nothing = {"loaded": 0, "duplicates": 0}
    return {
        load_id: FileCount(
            file=name,
            read=rows,
            loaded=became.get(load_id, nothing)["loaded"],
            duplicates=became.get(load_id, nothing)["duplicates"],
            quarantined=refusals[load_id].count if load_id in refusals else 0,
            touchpoints=count_touchpoints.get(load_id, 0),
        )
        for load_id, (name, rows) in read.items()
    }
