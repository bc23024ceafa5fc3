"""What all commands share: the options about the project, and one sentence instead of a traceback."""

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from desirelines.doors import Settings
from journeys.config.errors import DesireLinesError

_PANEL = "Project (also accepted before the command)"

ProjectOption = Annotated[
    Path | None,
    typer.Option("--project", help="Folder that holds journey.yaml (this one)", rich_help_panel=_PANEL),
]
DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of the source files (the project)", rich_help_panel=_PANEL),
]
HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Folder of all that is made (.desirelines in the project)", rich_help_panel=_PANEL),
]
SnapshotOption = Annotated[
    str | None,
    typer.Option(
        "--snapshot-at",
        metavar="INSTANT",
        help="Instant to look from, as in 2026-03-01T02:00:00Z; otherwise the project's, else the end of the data",
        rich_help_panel=_PANEL,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object", rich_help_panel=_PANEL)]

_COMMON = {
    "project": ProjectOption,
    "data": DataOption,
    "home": HomeOption,
    "snapshot_at": SnapshotOption,
    "as_json": JsonOption,
}
app = typer.Typer(
    name="desirelines",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    epilog="Example:  desirelines --project examples/loan_applications run --data data/loan_applications",
)
EXAMPLES: dict[str, tuple[str, ...]] = {}
"""Command to its examples, as its help shows them."""


def merge(settings: Settings, **given: Any) -> Settings:
    """Return `settings` with those of `given` that were given."""
    return replace(settings, **{name: value for name, value in given.items() if value not in {None, False}})


def command(name: str, *, examples: Sequence[str], panel: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register `function(settings, ...)` as a command that also takes the common options.

    A `DesireLinesError` becomes its sentence on standard error and exit code 1.

    Args:
        name: what a person types.
        examples: whole command lines for the help.
        panel: heading under which the list of commands shows it.
    """
    EXAMPLES[name] = tuple(examples)

    def register(function: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(function)
        def run(context: typer.Context, **options: Any) -> None:
            common = {key: options.pop(key) for key in _COMMON}
            settings = merge(context.obj or Settings(), **common)
            try:
                function(settings, **options)
            except DesireLinesError as error:
                from desirelines.show import show_error

                show_error(str(error), as_json=settings.as_json)
                raise typer.Exit(1) from None

        signature = inspect.signature(function)
        own = list(signature.parameters.values())[1:]
        first = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
        common = [
            inspect.Parameter(
                key,
                inspect.Parameter.KEYWORD_ONLY,
                default=False if key == "as_json" else None,
                annotation=annotation,
            )
            for key, annotation in _COMMON.items()
        ]
        parameters = [first, *(p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own), *common]
        run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        epilog = "\n\n".join(["Examples:", *(f"  {example}" for example in examples)])
        app.command(name, epilog=epilog, rich_help_panel=panel)(run)
        return function

    return register
