"""The demonstration: a simulated business, every DAG over it in a real local Airflow, and where the results are."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import pyarrow.parquet as pq
from rich.console import Console

from desirelines.airflow_runs import load, run_nightly, switch_on, train
from desirelines.doors import Settings, environment, open_folders
from desirelines.local_airflow import LocalAirflow, check_port, free_port
from desirelines.processes import end_session, ended_by_signals, start_in_session
from desirelines.show import show_json
from journeys.config.errors import DataError, DesireLinesError
from journeys.config.journey_yaml import FILE_NAME
from journeys.config.project import Project
from simulator.truth import write_truth
from simulator.write import write_business

END = datetime(2026, 3, 1, tzinfo=UTC)
"""The simulated business ends here, and the snapshot looks from here: the same demonstration on every day."""

CUSTOMERS = 2_000
SEED = 7


@dataclass(frozen=True)
class Result:
    """One thing that the demonstration made: what it is, how many rows it has (None: no table), and where."""

    what: str
    rows: int | None
    path: str


def run_demo(folder: Path, *, port: int, keep_running: bool, as_json: bool) -> None:
    """Simulate a business below `folder`, let a local Airflow run every DAG over it, and print the results.

    Args:
        folder: receives journey.yaml, exports/, truth/ and .desirelines/.
        port: Airflow's.
        keep_running: leave Airflow and an MLflow server on until Ctrl-C.
        as_json: print one JSON object at the end and nothing before.

    Raises:
        DataError: when the folder cannot be written, or holds something else.
        DesireLinesError: when the port is in use, or a DAG fails: with the end of its log.
    """
    out = Console(highlight=False, quiet=as_json)
    started = time.monotonic()

    @contextmanager
    def step(what: str) -> Iterator[None]:
        began = time.monotonic()
        with out.status(what) if out.is_terminal else _nothing():
            yield
        out.print(f"{time.monotonic() - began:6.1f} s  {what}", markup=False)

    check_port(port)
    with step(f"a business of {CUSTOMERS:,} customers, twelve months, exported by its vendors"):
        project = write_project(folder.expanduser().resolve())
    with ended_by_signals(), LocalAirflow(project, port=port, variables=environment()) as airflow:
        with step("Airflow starts"):
            airflow.wait_until_healthy()
        with airflow.client() as client:
            with step("the DAGs are found and switched on"):
                switch_on(client)
            # The first load brings no snapshot, so that there are models before the first scores.
            with step("ingest_touchpoints, build_journeys: the exports become journeys"):
                load(client)
            with step("train_models: conversion and churn"):
                train(client, END)
            with step("build_features, score_customers, draw_journey_map: the nightly chain"):
                run_nightly(client, END)
        results = find_results(project)
        user, password = airflow.login()
        if as_json:
            show_json({"seconds": round(time.monotonic() - started, 1), "results": [asdict(item) for item in results]})
        else:
            _show(out, project, results, time.monotonic() - started)
        if keep_running:
            with _mlflow_server(project) as address:
                out.print(f"Airflow: {airflow.url} (user {user}, password {password})", markup=False)
                out.print(f"MLflow:  {address}\nCtrl-C ends both.", markup=False)
                airflow.wait()
    if not keep_running and not as_json:
        _show_addresses(out, project, port)


def write_project(folder: Path) -> Project:
    """Write the simulated exports, apart from them the truth, and `journey.yaml`; return the project.

    Raises:
        DataError: when the folder cannot be written, or holds files of another business.
    """
    exports = folder / "exports"
    template = resources.files("simulator").joinpath(FILE_NAME).read_text(encoding="utf-8")
    pinned = f'# The simulated business ends here, and here the snapshot looks from.\nsnapshot_at: "{END:%Y-%m-%dT%H:%M:%SZ}"\n'
    try:
        write_business(exports, customers=CUSTOMERS, end=END, seed=SEED)
        write_truth(folder / "truth", customers=CUSTOMERS, end=END, seed=SEED)
        (folder / FILE_NAME).write_text(
            template.replace("\nsources:\n", f"\n{pinned}\nsources:\n", 1), encoding="utf-8"
        )
    except OSError as error:
        msg = f"Cannot write to {folder} ({error.strerror}); make the folder writable or choose another with --folder."
        raise DataError(msg) from error
    except ValueError as error:
        raise DataError(f"{error} Or choose another folder with --folder.") from error
    return open_folders(Settings(project=folder, data=exports))


def find_results(project: Project) -> list[Result]:
    """Return what the demonstration made.

    Raises:
        DesireLinesError: when something is missing or has no rows.
    """
    done = sorted(project.home.glob("delivered/*/*/_SUCCESS"), key=lambda path: path.stat().st_mtime)
    pushed = done[-1].parent if done else None
    page = project.output_dir / "journey_map.html"
    if pushed is None or not page.exists():
        raise DesireLinesError(
            f"The DAGs succeeded, but {project.home} holds no delivery or no map; see its airflow logs."
        )
    names = {"at_risk": "at-risk list", "hot_leads": "hot leads", "decisions": "decisions"}
    results = [
        Result(what, pq.read_metadata(pushed / f"{name}.parquet").num_rows, str(pushed / f"{name}.csv"))
        for name, what in names.items()
    ]
    empty = [result.what for result in results if not result.rows]
    if empty:
        raise DesireLinesError(f"The DAGs succeeded, but {', '.join(empty)} in {pushed} are empty.")
    return [*results, Result("delivered files", None, str(pushed)), Result("journey map", None, str(page))]


def _show(out: Console, project: Project, results: list[Result], seconds: float) -> None:
    out.print(f"Done in {seconds:.0f} s:", markup=False)
    for item in (*results, Result("tables", None, str(project.lake_dir))):
        rows = "" if item.rows is None else f"{item.rows:,} rows"
        out.print(f"  {item.what:16}{rows:>9}  {item.path}", soft_wrap=True, markup=False)


def _show_addresses(out: Console, project: Project, port: int) -> None:
    folder = project.project_dir
    script = Path(sys.executable).parent / "mlflow"
    out.print(
        f"Airflow ran on http://127.0.0.1:{port} and has ended; to have it again:\n"
        f"  desirelines --project {folder} --data {project.data_dir} airflow --port {port}\n"
        f"MLflow's runs and models, on http://127.0.0.1:5000:\n"
        f"  {script} ui --port 5000 --backend-store-uri {_tracking_uri(project)}\n"
        f"Or both at once, left on: desirelines demo --folder {folder} --keep-running",
        soft_wrap=True,
        markup=False,
    )


def _tracking_uri(project: Project) -> str:
    return f"sqlite:///{project.mlflow_dir / 'mlflow.db'}"


@contextmanager
def _mlflow_server(project: Project) -> Iterator[str]:
    """Yield the address of an MLflow server over the project's runs; end it afterwards."""
    port = free_port()
    command = [str(Path(sys.executable).parent / "mlflow"), "server", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", "1", "--backend-store-uri", _tracking_uri(project)]
    process: subprocess.Popen[bytes] = start_in_session(command, environment(), project.mlflow_dir / "server.log")
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        end_session(process)


@contextmanager
def _nothing() -> Iterator[None]:
    yield
