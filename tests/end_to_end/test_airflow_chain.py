"""The whole chain in a real Airflow: one trigger, one snapshot through every DAG, twice with the same answer."""

import contextlib

import psutil
import pytest

from desirelines.airflow_runs import DAGS, NIGHTLY
from journeys.lake.delta import Lake
from tests.end_to_end.businesses import END
from tests.end_to_end.conftest import Chain

pytestmark = pytest.mark.airflow


def test_airflow_has_exactly_these_dags(chain: Chain) -> None:
    """No DAG is missing, and none came along."""
    chain.client.wait_for_dags(DAGS)
    assert {run["dag_id"] for name in DAGS for run in chain.client.runs(name)} == {
        "ingest_touchpoints", "build_journeys", "build_features", "score_customers", "draw_journey_map", "train_models",
    }  # fmt: skip
    assert {dag["dag_id"] for dag in chain.client._get("/api/v2/dags", limit=100)["dags"]} == set(DAGS)


@pytest.mark.parametrize("night", [0, 1])
def test_one_trigger_runs_every_dag_to_success(chain: Chain, night: int) -> None:
    """The first DAG was started over the REST API, each other one by the assets of the one before."""
    for position, name in enumerate(NIGHTLY):
        run = next(run for run in chain.client.runs(name) if run["dag_run_id"] == chain.runs[night][name])
        assert run["state"] == "success"
        assert run["run_type"] == ("manual" if position == 0 else "asset_triggered")
        states = {task["state"] for task in chain.client.task_instances(name, run["dag_run_id"])}
        assert states == {"success"}


def test_one_snapshot_goes_through_all_assets(chain: Chain) -> None:
    """Every asset event of the two nights carries the snapshot that the trigger named, and no other."""
    told: dict[str, list[str | None]] = {}
    for event in chain.client.asset_events():
        asset = event["uri"].rsplit("/", 1)[-1]
        told.setdefault(asset, []).append((event["extra"] or {}).get("snapshot_at"))
    snapshot = END.isoformat().replace("+00:00", "Z")
    # Loads without a snapshot name none, and `journeys` says that they were rebuilt, whatever for.
    assert [at for at in told["touchpoints"] if at] == [snapshot, snapshot]
    for asset in ("snapshot_request", "insights", "customer_features", "scores"):
        assert told[asset] == [snapshot, snapshot], asset
    assert set(told) == {"touchpoints", "journeys", "snapshot_request", "insights", "customer_features", "scores"}


def test_second_night_has_the_same_answer(chain: Chain) -> None:
    """The same snapshot twice leaves every table as it was, audit columns aside."""
    first, second = chain.contents
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    empty = {name for name, rows in first.items() if not rows}
    assert empty <= {"identity_refusals", "account_attributes", "consents"}


def test_customers_are_scored_by_the_champion(chain: Chain) -> None:
    """What train_models promoted is what score_customers used."""
    scores = Lake(str(chain.project.lake_dir)).read("scores", columns=["target", "score_basis", "model_version"])
    assert set(zip(*scores.to_pydict().values(), strict=True)) == {
        ("churn", "model", "1"),
        ("conversion", "model", "1"),
    }


def test_second_night_sends_nothing(chain: Chain) -> None:
    """The first night delivered a folder and messages whose signatures held; the second made no request."""
    assert chain.messages[0] > 0
    assert chain.messages[1] == chain.messages[0]
    assert len(chain.receiver.accepted) == chain.messages[0]
    assert len(chain.pushes[0]) == 1
    assert chain.pushes[1] == chain.pushes[0]
    run = chain.runs[1]["score_customers"]
    counts = chain.client.xcom("score_customers", run, "snapshot.push", map_index=0)["counts"]
    assert {name: count for name, count in counts.items() if not name.endswith("_unchanged") and count} == {}
    assert counts["hook_unchanged"] == chain.messages[0]


def test_airflow_listens_on_this_machine_only(chain: Chain) -> None:
    """Nothing that Airflow started accepts connections from elsewhere."""
    processes = [psutil.Process(chain.airflow.pid), *psutil.Process(chain.airflow.pid).children(recursive=True)]
    listening = set()
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):  # a worker that ended meanwhile listens no more
            connections = process.net_connections("inet")
            listening |= {one.laddr.ip for one in connections if one.status == psutil.CONN_LISTEN}
    assert listening
    assert listening <= {"127.0.0.1", "::1"}
