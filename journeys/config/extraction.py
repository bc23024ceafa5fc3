"""Extraction: where a source's files come from, where they are not put there by somebody else."""

import re
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from journeys.config.base import Name, Section
from journeys.config.extraction_recipes import RECIPES

Mark = datetime | date | int | float | str
"""How far a source was read: the latest value of its cursor or watermark, as the source itself writes it."""


def _check_address(value: str) -> str:
    if not re.fullmatch(r"https?://[^/@?#\s]+(/[^?#\s]*)?", value):
        raise ValueError("write an address as in https://api.example.com/v1, without user, password or parameters")
    return value


Address = Annotated[str, AfterValidator(_check_address)]


class Cursor(Section):
    """The field of an API's records that says how new they are, and the parameter by which newer ones are asked for."""

    column: str = Field(description="Field of the record, as in updated_at or properties.lastmodifieddate")
    parameter: str = Field(description="Name of the parameter, as in updated_since")
    format: str = Field(default="{}", pattern=r"^[^{}]*\{\}[^{}]*$", description="What is sent; {} is the value")
    start: Mark | None = Field(default=None, description="First value; without it, everything is asked for")


class SinglePage(Section):
    """The answer is whole."""

    type: Literal["single_page"]


class JsonLink(Section):
    """The answer holds the address of the next page."""

    type: Literal["json_link"]
    next_url_path: str = "next"


class HeaderLink(Section):
    """The header `Link` holds the address of the next page."""

    type: Literal["header_link"]
    links_next_key: str = "next"


class PageCursor(Section):
    """The answer holds a value that is sent to get the next page."""

    type: Literal["cursor"]
    cursor_path: str
    cursor_param: str
    has_more_path: str | None = None
    stop_after_empty_page: bool = False


class HeaderCursor(Section):
    """A header holds a value that is sent to get the next page."""

    type: Literal["header_cursor"]
    cursor_key: str
    cursor_param: str


class Offset(Section):
    """Pages are asked for by the number of records before them."""

    type: Literal["offset"]
    limit: int = Field(ge=1)
    offset_param: str = "offset"
    limit_param: str = "limit"
    total_path: str | None = None


class PageNumber(Section):
    """Pages are asked for by their number."""

    type: Literal["page_number"]
    base_page: int = Field(default=1, description="Number of the first page")
    page_param: str = "page"
    total_path: str | None = Field(default=None, description="Where the answer says how many pages there are")


Paginator = Annotated[
    SinglePage | JsonLink | HeaderLink | PageCursor | HeaderCursor | Offset | PageNumber, Field(discriminator="type")
]


class Authentication(Section):
    """How the connection's secret is shown: as a bearer token, as user:password, or in a header of the API's own.

    Never in the address, which proxies and logs keep.
    """

    kind: Literal["bearer", "basic", "api_key"] = "bearer"
    name: str = Field(default="Authorization", description="api_key: name of the header")
    prefix: str = Field(default="", description="api_key: what stands before the key, as in 'Klaviyo-API-Key '")


class ApiResource(Section):
    """One list of an API. `name` is the folder of its files, and so the name of the vendor's table."""

    name: Name
    path: str
    params: dict[str, str | int | float | bool] = {}
    data_selector: str | None = Field(default=None, description="Where the records are in the answer, as in data.items")
    primary_key: list[str] = Field(default=[], description="Fields that every record must have; those without are told")
    cursor: Cursor | None = Field(default=None, description="Without it, everything is asked for each time")
    paginator: Paginator = SinglePage(type="single_page")


class ApiExtraction(Section):
    """Lists of a REST API, landed as lines of JSON just as the API gave them."""

    type: Literal["rest_api"]
    base_url: Address
    connection: Name | None = Field(default=None, description="Name of the secret, which never stands in this file")
    authentication: Authentication = Authentication()
    headers: dict[str, str] = Field(default={}, description="Further headers, as a version; never a secret")
    resources: list[ApiResource] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_differ(self) -> "ApiExtraction":
        _check_names_differ(self.resources)
        return self


class Watermark(Section):
    """The column that says how new a row is; rows whose value is empty are read only while there is no `start`."""

    column: str
    start: Mark | None = Field(default=None, description="First value; without it, everything is read")


class SqlResource(Section):
    """One table or query. `name` is the folder of its files, and so the name of the vendor's table."""

    name: Name
    table: str | None = Field(default=None, description="Table, as in crm.contact")
    query: str | None = Field(default=None, description="One SELECT, without ORDER BY at its end")
    primary_key: list[str] = Field(default=[], description="Columns that order rows of the same watermark")
    watermark: Watermark | None = Field(default=None, description="Without it, everything is read each time")

    @model_validator(mode="after")
    def _one_origin(self) -> "SqlResource":
        if (self.table is None) == (self.query is None):
            raise ValueError("choose one of 'table' and 'query'")
        return self


class SqlExtraction(Section):
    """Tables or queries of a database, landed as Parquet. The connection is a SQLAlchemy URL, or duckdb:///FILE."""

    type: Literal["sql"]
    connection: Name = Field(description="Name of the database's address, which never stands in this file")
    resources: list[SqlResource] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_differ(self) -> "SqlExtraction":
        _check_names_differ(self.resources)
        return self


class RecipeExtraction(Section):
    """A well-known API, of which only the connection and the address have to be said."""

    recipe: Literal["stripe", "zendesk"]
    connection: Name
    base_url: Address | None = Field(
        default=None, description="Where every customer of the vendor has an address of its own"
    )
    start: Mark | None = Field(default=None, description="First value of the cursor, in the API's own way")

    @model_validator(mode="after")
    def _has_address(self) -> "RecipeExtraction":
        if self.base_url is None and "base_url" not in RECIPES[self.recipe]:
            raise ValueError(f"recipe '{self.recipe}' needs 'base_url': {RECIPES[self.recipe]['address']}")
        return self

    @property
    def written_out(self) -> ApiExtraction:
        """The extraction that the recipe stands for."""
        raw: dict[str, Any] = {key: value for key, value in RECIPES[self.recipe].items() if key != "address"}
        raw |= {"type": "rest_api", "connection": self.connection}
        if self.base_url is not None:
            raw["base_url"] = self.base_url
        if self.start is not None:
            raw["resources"] = [
                resource | {"cursor": resource["cursor"] | {"start": self.start}} for resource in raw["resources"]
            ]
        return ApiExtraction.model_validate(raw)


def _kind(raw: Any) -> str | None:
    said = raw if isinstance(raw, dict) else vars(raw) if isinstance(raw, Section) else {}
    return "recipe" if said.get("recipe") is not None else said.get("type")


Extraction = Annotated[
    Annotated[ApiExtraction, Tag("rest_api")]
    | Annotated[SqlExtraction, Tag("sql")]
    | Annotated[RecipeExtraction, Tag("recipe")],
    Discriminator(
        _kind,
        custom_error_type="extraction_kind",
        custom_error_message="say what is extracted: 'type: rest_api', 'type: sql' or 'recipe: zendesk'",
    ),
]


def landing_folder(files: str, extraction: "ApiExtraction | SqlExtraction | RecipeExtraction") -> str:
    """Return the folder, below the data folder, in which each resource has a folder of its own.

    Raises:
        ValueError: when the source's pattern would not read every file that lands, and nothing else.
    """
    ending = "*.parquet" if isinstance(extraction, SqlExtraction) else "*.jsonl.gz"
    parts = PurePosixPath(files).parts
    folder = "/".join(parts[:-2])
    if not folder or parts[-2:] != ("*", ending) or set(folder) & set("*?["):
        raise ValueError(
            f"what is extracted lands in a folder for each resource, which '{files}' does not read; "
            f"write files: {parts[0] if len(parts) > 1 else 'extracted'}/*/{ending}"
        )
    return folder


def _check_names_differ(resources: "list[ApiResource] | list[SqlResource]") -> None:
    names = [resource.name for resource in resources]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"resource '{min(twice)}' is declared twice")
