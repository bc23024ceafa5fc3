"""The command line: `desirelines COMMAND`."""

import logging
from importlib import import_module

import typer

from desirelines.command import DataOption, HomeOption, JsonOption, ProjectOption, SnapshotOption, app, merge
from desirelines.doors import Settings

# Importing a module of commands registers them; the help lists them in this order.
for module in ("project_commands", "step_commands", "identity_commands", "table_commands", "local_commands"):
    import_module(f"desirelines.{module}")


@app.callback()
def root(
    context: typer.Context,
    *,
    project: ProjectOption = None,
    data: DataOption = None,
    home: HomeOption = None,
    snapshot_at: SnapshotOption = None,
    as_json: JsonOption = False,
) -> None:
    """Reconstruct the journeys that customers really take, learn from them, and act.

    One file says what a business's journeys are: journey.yaml.

    'desirelines init' writes a first one, 'desirelines run' does everything with it.

    'desirelines demo' shows it all on a simulated business.
    """
    context.obj = merge(Settings(), project=project, data=data, home=home, snapshot_at=snapshot_at, as_json=as_json)


def main() -> None:
    """Run the command line of this process."""
    # A person can do nothing about the warnings of the libraries below, some of which undo filters: they go to a log
    # that nobody reads.
    logging.captureWarnings(capture=True)
    quiet = logging.getLogger("py.warnings")
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    app()
