"""Commands about `journey.yaml` and what may stand in it."""

import typer

from desirelines.command import command
from desirelines.doors import Settings, clock, open_data

_PANEL = "The project"


@command("init", panel=_PANEL, examples=["desirelines --project my_shop init"])
def init(settings: Settings) -> None:
    """Write a first journey.yaml, with comments, and its JSON schema for editors; overwrite nothing."""
    from desirelines.show import console, show_json
    from desirelines.starter import write_first_files

    paths = [str(path) for path in write_first_files(settings.project)]
    if settings.as_json:
        show_json({"command": "init", "paths": paths})
        return
    for path in paths:
        console().print(f"wrote {path}", soft_wrap=True, markup=False)
    console().print("Edit journey.yaml, then run 'desirelines check'.")


@command("check", panel=_PANEL, examples=["desirelines --project my_shop check --data exports"])
def check(settings: Settings) -> None:
    """Compare journey.yaml with the data: files, columns, events, stages; exit 1 where something is wrong."""
    from desirelines.show import console, progress_bars, show_json
    from journeys.touchpoints.check import check_project
    from scoring.playbook_rules import condition_problems

    project = open_data(settings)
    with progress_bars(shown=not settings.as_json) as progress:
        problems = check_project(project, now=clock(), progress=progress)
    problems += condition_problems(project.config)
    if settings.as_json:
        show_json({"command": "check", "project": project.name, "problems": problems})
    else:
        for problem in problems:
            console().print(problem, soft_wrap=True, markup=False)
        if not problems:
            console().print(
                f"{project.name}: journey.yaml fits the data in {project.data_dir}.", soft_wrap=True, markup=False
            )
    if problems:
        raise typer.Exit(1)


@command("schema", panel=_PANEL, examples=["desirelines schema > journey.schema.json"])
def schema(_settings: Settings) -> None:
    """Print the JSON schema of journey.yaml, by which editors complete and check it."""
    from desirelines.show import show_json
    from journeys.config.journey_yaml import json_schema

    show_json(json_schema())


@command("sources", panel=_PANEL, examples=["desirelines sources"])
def sources(settings: Settings) -> None:
    """List the vendors whose exports can be read."""
    from desirelines.supported import SOURCES

    _list("vendor", "understood", SOURCES, settings)


@command("destinations", panel=_PANEL, examples=["desirelines destinations"])
def destinations(settings: Settings) -> None:
    """List where lists and triggers can be delivered."""
    from desirelines.supported import DESTINATIONS

    _list("type", "delivered", DESTINATIONS, settings)


def _list(key: str, last: str, entries: dict[str, tuple[str, str]], settings: Settings) -> None:
    from desirelines.show import show_json, show_table

    if settings.as_json:
        show_json({name: {"what": what, last: detail} for name, (what, detail) in entries.items()})
    else:
        show_table([key, "what", last], [(name, what, detail) for name, (what, detail) in entries.items()])
