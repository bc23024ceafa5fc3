"""The only door to MLflow: runs, registered models and their aliases.

A model is kept as text (the trees in LightGBM's own format, all else as JSON) with a signed
manifest; nothing is loaded unless the signature and every checksum hold, and nothing is unpickled.
"""

import hashlib
import hmac
import json
import logging
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from journeys.config.errors import DataError
from journeys.lake.workspace import Workspace
from training.model import Model, read_model

_CHAMPION = "champion"
_CHALLENGER = "challenger"
_BOOSTER_FILE = "model.lgb"
_SETTINGS_FILE = "settings.json"
_MANIFEST_FILE = "signed_manifest.json"
_FILES = (_BOOSTER_FILE, _SETTINGS_FILE)


@dataclass(frozen=True)
class Champion:
    """The model in charge of a target; it has learned from labels known by `trained_until`."""

    version: str
    model: Model
    trained_until: datetime | None = None

    @property
    def feature_names(self) -> list[str]:
        """The columns that it reads."""
        return list(self.model.feature_names)

    @property
    def base_rate(self) -> float:
        """Share of positives among its training rows."""
        return self.model.base_rate

    def predict(self, frame: pd.DataFrame) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        """Return the calibrated probability of each row."""
        return self.model.predict(frame)

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return each feature's part of the log-odds of each row."""
        return self.model.contributions(frame).drop(columns="baseline")


@dataclass(frozen=True)
class TrainingRecord:
    """What one training leaves behind in MLflow."""

    target: str
    parameters: Mapping[str, Any]
    metrics: Mapping[str, float]
    figures: Mapping[str, Any]
    documents: Mapping[str, str]


def model_name(workspace: Workspace, target: str) -> str:
    """Return the registered model's name, which carries the project's."""
    return f"{workspace.project.name}.{target}"


def log_training(workspace: Workspace, record: TrainingRecord, model: Model) -> str:
    """Write a run with its parameters, metrics, pictures and model; return the registered version."""
    client = _client(workspace)
    name = model_name(workspace, record.target)
    experiment = _experiment(workspace, client)
    run = client.create_run(experiment, run_name=f"{record.target}-{workspace.run_id}")
    run_id = run.info.run_id
    for key, value in record.parameters.items():
        client.log_param(run_id, key, value)
    _log_metrics(client, run_id, record.metrics)
    for file_name, figure in record.figures.items():
        client.log_figure(run_id, figure, f"curves/{file_name}")
    for file_name, text in record.documents.items():
        client.log_text(run_id, text, file_name)
    with tempfile.TemporaryDirectory(prefix="desirelines-model-") as folder:
        write_model(Path(folder) / "model", model, workspace.identifier_key)
        client.log_artifacts(run_id, str(Path(folder) / "model"), "model")
    client.set_terminated(run_id)
    _register(client, name)
    source = f"{client.get_run(run_id).info.artifact_uri}/model"
    return str(client.create_model_version(name, source=source, run_id=run_id).version)


def set_champion(workspace: Workspace, target: str, version: str) -> None:
    """Put a version in charge; the one before keeps the alias `previous`."""
    client = _client(workspace)
    name = model_name(workspace, target)
    before = _version_of(client, name, _CHAMPION)
    if before is not None and before != version:
        client.set_registered_model_alias(name, "previous", before)
    client.set_registered_model_alias(name, _CHAMPION, version)


def set_challenger(workspace: Workspace, target: str, version: str) -> None:
    """Mark a version that did not pass the gate, or waits for it."""
    _client(workspace).set_registered_model_alias(model_name(workspace, target), _CHALLENGER, version)


def load_champion(workspace: Workspace, target: str) -> Champion | None:
    """Return the model in charge of `target`, or None where there is none yet.

    Raises:
        DataError: when its files are not those that were signed.
    """
    if not (workspace.project.mlflow_dir / "mlflow.db").exists():
        return None
    client = _client(workspace)
    name = model_name(workspace, target)
    version = _version_of(client, name, _CHAMPION)
    if version is None:
        return None
    import mlflow.artifacts  # noqa: PLC0415 - takes seconds, and only a champion needs it

    with tempfile.TemporaryDirectory(prefix="desirelines-model-") as folder:
        source = client.get_model_version_download_uri(name, version)
        path = mlflow.artifacts.download_artifacts(
            artifact_uri=source, dst_path=folder, tracking_uri=_tracking_uri(workspace)
        )
        run = client.get_run(client.get_model_version(name, version).run_id)
        said = run.data.params.get("snapshot_at")
        trained_until = datetime.fromisoformat(said) if said else None
        return Champion(version, verify_model(Path(path), workspace.identifier_key), trained_until)


def write_model(folder: Path, model: Model, key: bytes) -> None:
    """Write a model as text with a manifest of checksums, signed with `key`."""
    folder.mkdir(parents=True)
    contents = {_BOOSTER_FILE: model.booster.model_to_string(), _SETTINGS_FILE: model.settings_text()}
    for file_name, text in contents.items():
        (folder / file_name).write_text(text, encoding="utf-8")
    digests = {file_name: hashlib.sha256(text.encode()).hexdigest() for file_name, text in contents.items()}
    manifest = {"files": digests, "signature": _signature(digests, key)}
    (folder / _MANIFEST_FILE).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def verify_model(folder: Path, key: bytes) -> Model:
    """Return the model in `folder` if its manifest is signed with `key` and every file is as it was signed.

    Raises:
        DataError: when anything differs; nothing has been parsed by then.
    """
    refused = f"The model in {folder.name} is not the one that was signed; train it again or roll back to 'previous'."
    try:
        manifest = json.loads((folder / _MANIFEST_FILE).read_text(encoding="utf-8"))
        digests = {str(name): str(digest) for name, digest in manifest["files"].items()}
        texts = {name: (folder / name).read_bytes() for name in _FILES}
        signature = str(manifest.get("signature")).encode()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(refused) from error
    signed = hmac.compare_digest(signature, _signature(digests, key).encode())
    intact = all(hashlib.sha256(texts[name]).hexdigest() == digests.get(name) for name in _FILES)
    if not (signed and intact):
        raise DataError(refused)
    return read_model(texts[_BOOSTER_FILE].decode(), texts[_SETTINGS_FILE].decode())


def _signature(digests: Mapping[str, str], key: bytes) -> str:
    text = json.dumps(dict(digests), sort_keys=True)
    return hmac.new(key, f"model-manifest:{text}".encode(), hashlib.sha256).hexdigest()


def _tracking_uri(workspace: Workspace) -> str:
    return f"sqlite:///{workspace.project.mlflow_dir / 'mlflow.db'}"


def _client(workspace: Workspace) -> Any:
    # Read by MLflow alone, when it is imported: no news from its makers, no pickles, no progress bars.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "false")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    for noisy in ("mlflow", "alembic"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    workspace.project.mlflow_dir.mkdir(parents=True, exist_ok=True)
    return MlflowClient(tracking_uri=_tracking_uri(workspace))


def _experiment(workspace: Workspace, client: Any) -> str:
    name = workspace.project.name
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    artifacts = (workspace.project.mlflow_dir / "artifacts").as_uri()
    return str(client.create_experiment(name, artifact_location=artifacts))


def _register(client: Any, name: str) -> None:
    from mlflow.exceptions import MlflowException  # noqa: PLC0415 - takes seconds

    try:
        client.get_registered_model(name)
    except MlflowException:
        client.create_registered_model(name)


def _version_of(client: Any, name: str, alias: str) -> str | None:
    from mlflow.exceptions import MlflowException  # noqa: PLC0415 - takes seconds

    try:
        return str(client.get_model_version_by_alias(name, alias).version)
    except MlflowException:
        return None


def _log_metrics(client: Any, run_id: str, metrics: Mapping[str, float]) -> None:
    from mlflow.entities import Metric  # noqa: PLC0415 - takes seconds

    finite = {name: value for name, value in metrics.items() if np.isfinite(value)}
    client.log_batch(run_id, metrics=[Metric(name, value, 0, 0) for name, value in finite.items()])
