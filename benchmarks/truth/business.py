"""The whole business: vendors' exports in, insights out, and what they say against what the simulator knows.

The product reads the exports alone, in a folder of their own; the truth lies in another one and is opened afterwards.
"""

import json
import math
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd

from benchmarks.truth.scores import Area, Job, Row, Scores, project_folder
from journeys.build import build_insights, build_journeys
from journeys.config.journey_yaml import load_config
from journeys.config.project import Project
from journeys.engine import connect
from journeys.identities.customers import current_customers
from journeys.lake.delta import Lake
from journeys.lake.workspace import Workspace
from journeys.touchpoints.identifiers import identifier_id
from journeys.touchpoints.load import load_touchpoints
from simulator.business import Size, part_of_business, parts_of
from simulator.identity_scores import pair_scores
from simulator.levels import LEVELS
from simulator.randomness import uuids
from simulator.truth import write_truth
from simulator.write import write_business

END = datetime(2026, 7, 1, tzinfo=UTC)
MONTHS = 12
KEY = b"the key of a business that is not there"
DECOY_STEPS = {"payment_entered"}
_TYPES = {"user_id": "user_id", "crm_id": "crm_id", "stripe_customer": "stripe_customer", "email": "email"}
_LEAST_LOST = 30
"""A planted place where fewer were lost is too small for anybody to find."""


def run(job: Job) -> Scores:
    """Return the scores of one business."""
    level = LEVELS[job.world]
    business: dict[str, Any] = {"customers": job.people, "months": MONTHS, "end": END, "seed": job.seed, "level": level}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_business(folder / "exports", **business)
        workspace = _workspace(folder)
        load_touchpoints(workspace)
        build_journeys(workspace)
        build_insights(workspace, END)
        write_truth(folder / "truth", **business, has_twins=True)
        scores = dict(_friction_scores(workspace, folder / "truth", has_truth=level.is_planted))
        scores |= _identity_scores(workspace, folder / "truth")
        scores |= _program_scores(workspace, folder / "truth")
        scores |= _copy_scores(workspace, job)
        return scores


def _workspace(folder: Path) -> Workspace:
    config = load_config(project_folder() / "simulator")
    project = Project(config, folder, folder / "exports", folder / "home")
    return Workspace(project, Lake(str(project.lake_dir)), END, "benchmark", KEY, memory="6GB")


def _friction_scores(workspace: Workspace, truth: Path, *, has_truth: bool) -> Iterator[tuple[str, list[float]]]:
    """Yield the scores of friction: planted places found, their size, and what is found elsewhere."""
    points = workspace.lake.read("insight_friction_points").to_pandas()
    points = points[points.segment != "all"]
    yield "friction anything", [float(len(points) > 0)]
    if not has_truth:
        return
    planted = [one for one in _lines(truth / "causes.jsonl") if one["name"].startswith("friction.")]
    found, errors, covers = [], [], []
    for one in planted:
        kind, step, group = one["name"].removeprefix("friction.").split(".")
        own = points[(points.kind == kind) & (points.touchpoint == step) & (points.segment == group)]
        if kind == "abandon" and one["at_step"] < _LEAST_LOST:
            continue
        found.append(float(len(own) > 0))
        if kind == "abandon" and len(own):
            row = own.iloc[0]
            errors.append(abs(math.log(max(row.customers_lost, 1.0) / one["at_step"])))
            covers.append(float(row.customers_lost_low <= one["at_step"] <= row.customers_lost_high))
    places = {tuple(one["name"].removeprefix("friction.").split(".")[1:]) for one in planted}
    first = points.sort_values("rank").head(len(planted))
    yield "friction found", found
    yield "friction error", errors
    yield "friction cover", covers
    yield "friction elsewhere", [float((row.touchpoint, row.segment) not in places) for row in points.itertuples()]
    yield (
        "friction decoys",
        [
            float(row.touchpoint in DECOY_STEPS and (row.touchpoint, row.segment) not in places)
            for row in first.itertuples()
        ],
    )


def _identity_scores(workspace: Workspace, truth: Path) -> Scores:
    """Return precision and F1 of pairs of identifiers, the latter over what could be known at all, and the largest customer."""
    rows = [
        (identifier_id(KEY, kind, value), one["person"])
        for one in _lines(truth / "people.jsonl")
        for kind, value in [
            *((kind, one[name]) for name, kind in _TYPES.items()),
            *(("anonymous_id", device) for device in one["anonymous_ids"]),
        ]
    ]
    frame = pd.DataFrame(rows, columns=["identifier_id", "person"]).drop_duplicates("identifier_id", keep=False)
    with connect(memory="4GB") as connection:
        customers = current_customers(workspace.lake.scan(connection, "customers")).execute()
    frame = frame.merge(customers, on="identifier_id")
    found = pd.factorize(frame["customer_id"])[0].astype(np.int64)
    person = frame["person"].to_numpy(np.int64)
    links = workspace.lake.read("identifier_links").to_pandas()
    owner = frame.set_index("identifier_id")["person"]
    left, right = (owner.reindex(links[f"{side}_identifier_id"]).to_numpy() for side in ("left", "right"))
    ceiling = _joined(frame, links[left == right])
    mine, best = pair_scores(person, found), pair_scores(person, ceiling)
    return {
        "identity precision": [mine.precision],
        "identity f1 of ceiling": [mine.f1 / best.f1],
        "identity largest": [float(mine.largest)],
    }


def _joined(frame: pd.DataFrame, links: pd.DataFrame) -> np.ndarray:
    from scipy.sparse import coo_array  # noqa: PLC0415
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    place = pd.Series(np.arange(len(frame)), index=frame["identifier_id"])
    left, right = (place.reindex(links[f"{side}_identifier_id"]).to_numpy() for side in ("left", "right"))
    graph = coo_array((np.ones(len(links)), (left, right)), shape=(len(frame), len(frame)))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _program_scores(workspace: Workspace, truth: Path) -> Scores:
    """Return, of what programs did, the share that is flagged, and of what is flagged as theirs, the share that is."""
    devices = (truth / "bots.csv").read_text(encoding="utf-8").splitlines()[1:]
    if not devices:
        return {}
    ids = pd.DataFrame({"identifier_id": [identifier_id(KEY, "anonymous_id", device) for device in devices]})
    with connect(memory="4GB") as connection:
        touchpoints = workspace.lake.scan(connection, "touchpoints")
        rows = touchpoints.select("touchpoint_id", identifier_id=touchpoints.identifier_ids.unnest())
        programs = ibis.memtable(ids)
        theirs = set(rows.semi_join(programs, "identifier_id").touchpoint_id.execute())
        flags = workspace.lake.scan(connection, "touchpoint_flags")
        flagged = set(flags.filter(flags.reason.isin(["bot_user_agent", "bot_rate"])).touchpoint_id.execute())
    right = len(theirs & flagged)
    return {"programs recall": [right / len(theirs)], "programs precision": [right / max(len(flagged), 1)]}


def _copy_scores(workspace: Workspace, job: Job) -> Scores:
    """Return, of events that were sent twice under two ids, the share that is flagged, and of those flagged the share that were."""
    size = Size(job.people, MONTHS, END)
    again: set[str] = set()
    for first, count, part_seed in parts_of(size, seed=job.seed):
        part = part_of_business(size, first, count, part_seed=part_seed, seed=job.seed, level=LEVELS[job.world])
        again |= set(uuids(part_seed, "segment.again_id", len(part.visits)))
    with connect(memory="4GB") as connection:
        touchpoints = workspace.lake.scan(connection, "touchpoints")
        records = (
            touchpoints.filter(touchpoints.source == "website").select("touchpoint_id", "source_record_id").execute()
        )
        flags = workspace.lake.scan(connection, "touchpoint_flags")
        flagged = set(flags.filter(flags.reason == "near_duplicate").touchpoint_id.execute())
    copies = set(records.touchpoint_id[records.source_record_id.isin(again)])
    if not copies:
        return {}
    right = len(copies & flagged)
    return {"copies recall": [right / len(copies)], "copies precision": [right / max(len(flagged), 1)]}


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line != "{}"]


_MAIN = "realistic"
AREA = Area(
    name="business",
    run=run,
    rows=(
        Row("identity: precision of pairs", _MAIN, "identity precision", "mean", "at least .985", lambda v: v >= 0.985),
        Row(
            "identity: F1 over the ceiling's",
            _MAIN,
            "identity f1 of ceiling",
            "mean",
            "at least .98",
            lambda v: v >= 0.98,
        ),
        Row(
            "identity: identifiers of the largest customer",
            _MAIN,
            "identity largest",
            "most",
            "at most 50",
            lambda v: v <= 50,
        ),
        Row("programs: recall", _MAIN, "programs recall", "mean", "at least .90", lambda v: v >= 0.9),
        Row("programs: precision", _MAIN, "programs precision", "mean", "at least .95", lambda v: v >= 0.95),
        Row("events sent twice: recall", _MAIN, "copies recall", "mean", "at least .999", lambda v: v >= 0.999),
        Row("events sent twice: precision", _MAIN, "copies precision", "mean", "1", lambda v: v >= 0.9995),
        Row("friction: planted places found", _MAIN, "friction found", "share", "at least .90", lambda v: v >= 0.9),
        Row("friction: decoys among the first", _MAIN, "friction decoys", "share", "at most .05", lambda v: v <= 0.05),
        Row("friction: found at other places", _MAIN, "friction elsewhere", "share", "", lambda v: True),
        Row(
            "friction: error of customers lost, log",
            _MAIN,
            "friction error",
            "median",
            "at most .20",
            lambda v: v <= 0.2,
        ),
        Row(
            "friction: intervals that cover",
            _MAIN,
            "friction cover",
            "share",
            ".92 to .97",
            lambda v: 0.92 <= v <= 0.97,
        ),
        Row(
            "friction: null businesses with a find",
            "null",
            "friction anything",
            "share",
            "at most .08",
            lambda v: v <= 0.08,
        ),
    ),
    depends=("benchmarks/truth/business.py", "journeys", "simulator"),
    worlds={"realistic": ((100_000, 5), (2_000, 1)), "null": ((5_000, 20), (2_000, 1))},
)
