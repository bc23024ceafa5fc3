"""One real local Airflow over one small business, started once for all tests of this folder that only look."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from desirelines.airflow_client import AirflowClient
from desirelines.airflow_runs import load, run_nightly, switch_on, train
from desirelines.local_airflow import LocalAirflow, free_port
from journeys.config.project import Project
from tests.end_to_end.businesses import END, KEY, easy_gates, make_project, plant_personal_data
from tests.end_to_end.contents import lake_contents
from tests.scoring.activation.receiver import SECRET, Receiver, receiving

VARIABLES = {"DESIRELINES_IDENTIFIER_KEY": KEY, "HOOK_SECRET": SECRET}


@dataclass(frozen=True)
class Chain:
    """Two nights with the same snapshot: what each left behind.

    Attributes:
        project: whose.
        airflow: still running.
        client: of its API.
        receiver: the webhook's other end.
        runs: DAG to run id, a night each.
        contents: the lake's contents after each night.
        messages: how many messages had arrived after each night.
        pushes: folders delivered after each night.
    """

    project: Project
    airflow: LocalAirflow
    client: AirflowClient
    receiver: Receiver
    runs: list[dict[str, str]]
    contents: list[dict[str, list[str]]]
    messages: list[int]
    pushes: list[list[Path]]


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    folder = tmp_path_factory.mktemp("business")
    with receiving() as receiver:
        destinations: dict[str, Any] = {
            "crm_files": {"type": "file", "folder": "delivered", "identifier": "email"},
            "hook": {
                "type": "webhook",
                "url": receiver.url,
                "secret_env": "HOOK_SECRET",
                "allow_private_address": True,
            },
        }
        first = make_project(folder, customers=700, months=9)
        project = make_project(folder, customers=700, months=9, targets=easy_gates(first), destinations=destinations)
        plant_personal_data(folder)
        variables = {**os.environ, **VARIABLES}
        with LocalAirflow(project, port=free_port(), variables=variables) as airflow:
            airflow.wait_until_healthy()
            with airflow.client() as client:
                switch_on(client)
                load(client)
                train(client, END)
                runs, contents, messages, pushes = [], [], [], []
                for _ in range(2):
                    runs.append(run_nightly(client, END))
                    contents.append(lake_contents(project.lake_dir))
                    messages.append(len(receiver.requests))
                    pushes.append(sorted(project.home.glob("delivered/crm_files/*/_SUCCESS")))
                yield Chain(project, airflow, client, receiver, runs, contents, messages, pushes)
