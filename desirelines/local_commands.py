"""Commands that start real parts on this machine: the demo, a local Airflow and the intake of webhooks."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from desirelines.command import command
from desirelines.doors import Settings, clock, environment, open_data, open_folders

_PANEL = "On this machine"


@command(
    "airflow",
    panel=_PANEL,
    examples=["desirelines --project my_shop airflow", "desirelines --project my_shop airflow --port 8090"],
)
def airflow(
    settings: Settings,
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of its page and its API")] = 8080,
) -> None:
    """Start a local Airflow with this project's DAGs, until Ctrl-C; it ends with all its children."""
    from desirelines.local_airflow import LocalAirflow
    from desirelines.processes import ended_by_signals
    from desirelines.show import console

    out = console()
    with ended_by_signals(), LocalAirflow(open_folders(settings), port=port, variables=environment()) as local:
        out.print(f"Starting Airflow on {local.url} (log: {local.log_path}) ...", soft_wrap=True, markup=False)
        local.wait_until_healthy()
        user, password = local.login()
        out.print(f"Airflow is ready: {local.url} (user {user}, password {password})", markup=False)
        out.print("DAGs start paused; switch them on there. Ctrl-C ends Airflow.")
        local.wait()


@command(
    "intake",
    panel=_PANEL,
    examples=[
        "desirelines --project my_shop intake",
        "desirelines --project my_shop --data exports intake --port 8787",
    ],
)
def intake(
    settings: Settings,
    *,
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for any that is free")] = 8787,
    finish_after: Annotated[
        int, typer.Option(min=1, help="Seconds after which a file of messages is finished, and read")
    ] = 300,
) -> None:
    """Receive the signed webhooks of the sources with 'intake' into their files, until Ctrl-C."""
    from desirelines.intake_server import serve
    from desirelines.processes import ended_by_signals
    from desirelines.show import console

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    with ended_by_signals():
        serve(
            open_data(settings),
            host=host,
            port=port,
            finish_after=timedelta(seconds=finish_after),
            variables=environment(),
            clock=clock,
            announce=lambda url: console().print(f"Receiving at {url}/intake/ ...", soft_wrap=True, markup=False),
        )


@command("demo", panel=_PANEL, examples=["desirelines demo", "desirelines demo --folder my_demo"])
def demo(
    settings: Settings,
    *,
    folder: Annotated[Path, typer.Option(help="Folder to write everything to")] = Path("demo"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of Airflow")] = 8080,
    keep_running: Annotated[bool, typer.Option("--keep-running", help="Leave Airflow on until Ctrl-C")] = False,
) -> None:
    """Simulate a business, run every DAG over it in a real local Airflow, and say where the results are."""
    from desirelines.demo import run_demo

    run_demo(folder, port=port, keep_running=keep_running, as_json=settings.as_json)
