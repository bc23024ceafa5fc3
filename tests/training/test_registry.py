"""The only door to MLflow: what is written, what is loaded, and what is refused."""

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient

from journeys.config.errors import DataError
from journeys.lake.workspace import Workspace
from tests.journeys.made_up import workspace_in
from tests.training.test_learners import rows
from training.calibration import Calibration
from training.learners import fit_lightgbm, fit_linear
from training.model import Model
from training.registry import (
    TrainingRecord,
    load_champion,
    log_training,
    model_name,
    set_challenger,
    set_champion,
    verify_model,
    write_model,
)

NAMES = ("first", "second", "third", "fourth")
KEY = b"key"
REFUSED = "The model in model is not the one that was signed; train it again or roll back to 'previous'."


class Trap:
    """Something whose unpickling leaves a trace."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.trace,)


@pytest.fixture(scope="module")
def model() -> Model:
    inputs, labels = rows(200)
    booster = fit_lightgbm(inputs, labels, seed=1, count_customers=200, names=list(NAMES))
    return Model(NAMES, booster, fit_linear(inputs, labels), Calibration(1.1, 0.9, 0.05), float(labels.mean()))


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return pd.DataFrame(rows(30, seed=5)[0], columns=list(NAMES))


@pytest.fixture
def folder(tmp_path: Path, model: Model) -> Path:
    write_model(tmp_path / "model", model, KEY)
    return tmp_path / "model"


def _record(**changes: Any) -> TrainingRecord:
    parts: dict[str, Any] = {"target": "churn", "parameters": {}, "metrics": {}, "figures": {}, "documents": {}}
    return TrainingRecord(**{**parts, **changes})


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, model: Model) -> Workspace:
    """Return a project of which versions 1 to 3 of the target's model are registered."""
    made = workspace_in(tmp_path_factory.mktemp("registry"))
    for _ in range(3):
        log_training(made, _record(), model)
    return made


def test_a_written_model_predicts_the_same(folder: Path, model: Model, frame: pd.DataFrame) -> None:
    """What is verified and read back gives the very same predictions; all files are text."""
    found = verify_model(folder, KEY)
    np.testing.assert_array_equal(found.predict(frame), model.predict(frame))
    assert {path.name for path in folder.iterdir()} == {"model.lgb", "settings.json", "signed_manifest.json"}
    assert (folder / "model.lgb").read_text().startswith("tree\n")
    assert set(json.loads((folder / "settings.json").read_text())["feature_names"]) == set(NAMES)


def _change_trees(folder: Path) -> None:
    path = folder / "model.lgb"
    path.write_text(path.read_text().replace("leaf_value=", "leaf_value=9", 1))


def _change_settings(folder: Path) -> None:
    path = folder / "settings.json"
    path.write_text(path.read_text().replace('"base_rate": 0', '"base_rate": 1', 1))


def _sign_with_another_key(folder: Path) -> None:
    manifest = json.loads((folder / "signed_manifest.json").read_text())
    other = folder.parent / "other"
    write_model(other, verify_model(folder, KEY), b"another key")
    signature = json.loads((other / "signed_manifest.json").read_text())["signature"]
    (folder / "signed_manifest.json").write_text(json.dumps({**manifest, "signature": signature}))


def _change_manifest_too(folder: Path) -> None:
    """Change a file and its checksum, without the key."""
    import hashlib

    _change_settings(folder)
    path = folder / "signed_manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"]["settings.json"] = hashlib.sha256((folder / "settings.json").read_bytes()).hexdigest()
    path.write_text(json.dumps(manifest))


def _lose(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _write_manifest(text: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "signed_manifest.json").write_text(text)

    return write


@pytest.mark.parametrize(
    "tamper",
    [
        _change_trees,
        _change_settings,
        _sign_with_another_key,
        _change_manifest_too,
        _lose("model.lgb"),
        _lose("settings.json"),
        _lose("signed_manifest.json"),
        _write_manifest("no JSON"),
        _write_manifest("{}"),
        _write_manifest("[]"),
        _write_manifest('{"files": []}'),
        _write_manifest('{"files": {}, "signature": null}'),
        _write_manifest('{"files": {}, "signature": "ä"}'),
    ],
    ids=[
        "trees",
        "settings",
        "another key",
        "checksum made to fit",
        "no trees",
        "no settings",
        "no manifest",
        "manifest no JSON",
        "manifest empty",
        "manifest a list",
        "files a list",
        "not signed",
        "signature no ASCII",
    ],
)
def test_what_was_not_signed_is_refused(folder: Path, tamper: Callable[[Path], None]) -> None:
    """A model of which anything differs from what was signed is refused with one sentence."""
    tamper(folder)
    with pytest.raises(DataError) as caught:
        verify_model(folder, KEY)
    assert str(caught.value) == REFUSED


def test_another_key_reads_nothing(folder: Path) -> None:
    """A project with another key does not load the model."""
    with pytest.raises(DataError, match="not the one that was signed"):
        verify_model(folder, b"another")


@pytest.mark.parametrize("name", ["model.pkl", "python_model.pkl", "model.lgb"])
def test_a_planted_pickle_is_never_loaded(folder: Path, tmp_path: Path, name: str) -> None:
    """A pickle beside the model is ignored, one in its place refused; neither is opened."""
    trace = tmp_path / "trace"
    planted = pickle.dumps(Trap(trace))
    (folder / name).write_bytes(planted)
    if name == "model.lgb":
        with pytest.raises(DataError, match="not the one that was signed"):
            verify_model(folder, KEY)
    else:
        verify_model(folder, KEY)
    assert not trace.exists()
    pickle.loads(planted)
    assert trace.exists(), "the trap works"


def test_without_a_champion_there_is_none(tmp_path: Path, workspace: Workspace) -> None:
    """A new project, an unknown target and a target without champion each have no model, and nothing is made."""
    new = workspace_in(tmp_path)
    assert load_champion(new, "churn") is None
    assert not new.project.mlflow_dir.exists()
    assert load_champion(workspace, "unheard_of") is None


def test_aliases(workspace: Workspace, model: Model, frame: pd.DataFrame) -> None:
    """The champion is loaded by its alias; the one before stays as previous, a challenger changes neither."""
    client = MlflowClient(f"sqlite:///{workspace.project.mlflow_dir / 'mlflow.db'}")

    def aliases() -> dict[str, str]:
        return {key: str(version) for key, version in client.get_registered_model("made_up.churn").aliases.items()}

    assert load_champion(workspace, "churn") is None
    set_champion(workspace, "churn", "1")
    assert aliases() == {"champion": "1"}
    set_challenger(workspace, "churn", "2")
    assert aliases() == {"champion": "1", "challenger": "2"}
    set_champion(workspace, "churn", "3")
    set_champion(workspace, "churn", "3")
    assert aliases() == {"champion": "3", "challenger": "2", "previous": "1"}
    champion = load_champion(workspace, "churn")
    assert champion is not None
    assert (champion.version, champion.feature_names, champion.base_rate) == ("3", list(NAMES), model.base_rate)
    np.testing.assert_array_equal(champion.predict(frame), model.predict(frame))
    parts = champion.contributions(frame)
    assert parts.columns.tolist() == list(NAMES)
    pd.testing.assert_frame_equal(parts, model.contributions(frame).drop(columns="baseline"))

    with pytest.raises(DataError, match="not the one that was signed"):
        load_champion(replace(workspace, identifier_key=b"another"), "churn")
    (trees,) = (workspace.project.mlflow_dir / "artifacts").glob(
        f"{client.get_model_version('made_up.churn', '3').run_id}/**/model.lgb"
    )
    trees.write_text(trees.read_text() + "\n")
    with pytest.raises(DataError, match="not the one that was signed"):
        load_champion(workspace, "churn")


def test_a_run_holds_what_it_was_given(workspace: Workspace, model: Model) -> None:
    """Parameters, finite metrics and documents stand in the run; what is not a number is left out."""
    record = _record(
        target="purchase",
        parameters={"horizon_days": 30},
        metrics={"candidate.auc": 0.75, "candidate.calibration_slope_low": float("nan")},
        documents={"gate.json": "{}"},
    )
    assert log_training(workspace, record, model) == "1"
    client = MlflowClient(f"sqlite:///{workspace.project.mlflow_dir / 'mlflow.db'}")
    version = client.get_model_version(model_name(workspace, "purchase"), "1")
    run = client.get_run(version.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params == {"horizon_days": "30"}
    assert run.data.metrics == {"candidate.auc": 0.75}
    assert {item.path for item in client.list_artifacts(run.info.run_id)} == {"gate.json", "model"}
