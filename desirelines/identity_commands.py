"""Commands about who is who."""

from typing import TYPE_CHECKING, Annotated

import typer

from desirelines import chain
from desirelines.command import command
from desirelines.doors import Settings
from desirelines.step_commands import perform

if TYPE_CHECKING:
    from journeys.lake.workspace import StepReport, Workspace


@command(
    "unmerge",
    panel="Who is who",
    examples=["desirelines unmerge 4f1c09aa --reason 'father and daughter'"],
)
def unmerge(
    settings: Settings,
    *,
    merge: Annotated[str, typer.Argument(help="merge_id in the table identity_merges, or its beginning")],
    reason: Annotated[str, typer.Option(help="Why, for whoever reads it later")],
) -> None:
    """Put two customers apart who were joined and are not the same, and build their journeys anew."""

    def call(workspace: "Workspace") -> "tuple[list[StepReport], None]":
        return [chain.unmerge(workspace, merge, reason), chain.build(workspace)], None

    perform(settings, "unmerge", call)
