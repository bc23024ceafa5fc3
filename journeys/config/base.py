"""The base of every section of `journey.yaml`, and the names that it may use."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

Category = Literal["website", "product", "communication", "support", "transaction", "feedback"]
CATEGORIES: tuple[Category, ...] = ("website", "product", "communication", "support", "transaction", "feedback")

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Section(BaseModel):
    """A section of `journey.yaml`: unknown keys are errors, values do not change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _check_name(value: str) -> str:
    if not _NAME.fullmatch(value) or len(value) > 60:
        msg = f"'{value}' is not a usable name: lower-case letters, digits and underscores, starting with a letter"
        raise ValueError(msg)
    return value


Name = Annotated[str, AfterValidator(_check_name)]
"""A name of ours (project, stage, target, action): it becomes part of paths, asset URIs and model names."""
