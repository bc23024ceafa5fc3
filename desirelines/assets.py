"""Addresses of the assets by which the DAGs follow one another; cheap enough to ask while a DAG file is parsed."""

import os
from pathlib import Path

from journeys.config.errors import ConfigError


def asset_uri(name: str) -> str:
    """Return `desirelines://<project>/<name>`, so that two projects in one Airflow do not wake each other's DAGs."""
    return f"desirelines://{project_name()}/{name}"


def project_name() -> str:
    """Return the project's name: DESIRELINES_PROJECT_NAME, else `project` in the `journey.yaml` of DESIRELINES_PROJECT.

    The file is only read for that one word; its steps check the rest when they run.

    Raises:
        ConfigError: when neither says it.
    """
    given = os.environ.get("DESIRELINES_PROJECT_NAME")
    if given:
        return given
    folder = os.environ.get("DESIRELINES_PROJECT")
    if not folder:
        msg = "DESIRELINES_PROJECT is not set where Airflow parses DAGs; set it to the folder that holds journey.yaml."
        raise ConfigError(msg)
    import yaml

    path = Path(folder) / "journey.yaml"
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        return str(raw["project"])
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        msg = f"Cannot read the project's name from {path} ({type(error).__name__}); run 'desirelines check' on it."
        raise ConfigError(msg) from error
