"""The client of REST APIs: pages, patience, and where a secret goes."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from journeys.config.errors import ConfigError, DataError
from journeys.config.extraction import ApiExtraction
from journeys.landing.rest_api import fetch_pages
from tests.journeys.landing.api import Answer, Api, serve
from tests.journeys.landing.desk import QUICK, SECRET, api_source, record

RECORDS = [record(number) for number in range(5)]


def _fetch(api: Api, mark: Any = None, secret: str | None = SECRET, *, said: dict[str, Any] | None = None, **resource: Any) -> list[Any]:  # fmt: skip
    raw = api_source(api.url, **resource)["extract"] | (said or {})
    extraction = ApiExtraction.model_validate(raw)
    pages = fetch_pages(extraction, extraction.resources[0], mark, secret, QUICK)
    return [record for page in pages for record in page]


def _numbered(paging: Callable[[dict[str, str], int], tuple[list[Any], dict[str, Any], dict[str, str]]]) -> Any:
    """Return answers with two records each, of a list that is paged in some way."""

    def answer(_path: str, params: dict[str, str]) -> Answer:
        records, more, headers = paging(params, len(RECORDS))
        return 200, headers, {"items": records, **more}

    return answer


def _by_link(params: dict[str, str], count: int) -> tuple[list[Any], dict[str, Any], dict[str, str]]:
    first = int(params.get("from", "0"))
    link = f"/v1/visits?from={first + 2}" if first + 2 < count else None
    return RECORDS[first : first + 2], {"next": link}, {}


def _by_header_link(params: dict[str, str], count: int) -> tuple[list[Any], dict[str, Any], dict[str, str]]:
    first = int(params.get("from", "0"))
    headers = {"Link": f'</v1/visits?from={first + 2}>; rel="next"'} if first + 2 < count else {}
    return RECORDS[first : first + 2], {}, headers


def _by_header_cursor(params: dict[str, str], count: int) -> tuple[list[Any], dict[str, Any], dict[str, str]]:
    first = int(params.get("from", "0"))
    return RECORDS[first : first + 2], {}, {"X-Next": str(first + 2)} if first + 2 < count else {}


def _by_last_id(params: dict[str, str], count: int) -> tuple[list[Any], dict[str, Any], dict[str, str]]:
    after = params.get("starting_after")
    first = next((place + 1 for place, record in enumerate(RECORDS) if record["id"] == after), 0)
    return RECORDS[first : first + 2], {"has_more": first + 2 < count}, {}


def _by_offset(params: dict[str, str], _count: int) -> tuple[list[Any], dict[str, Any], dict[str, str]]:
    first = int(params["offset"])
    return RECORDS[first : first + int(params["limit"])], {}, {}


def _by_number(params: dict[str, str], count: int) -> tuple[list[Any], dict[str, Any], dict[str, str]]:
    first = (int(params["page"]) - 1) * 2
    return RECORDS[first : first + 2], {"pages": (count + 1) // 2}, {}


def _by_cursor_without_end(params: dict[str, str], count: int) -> tuple[list[Any], dict[str, Any], dict[str, str]]:
    first = int(params.get("cursor", "0"))
    return RECORDS[first : first + 2], {"after": str(min(first + 2, count))}, {}


@pytest.mark.parametrize(
    ("paging", "paginator", "count_asked"),
    [
        (_by_link, {"type": "json_link"}, 3),
        (_by_header_link, {"type": "header_link"}, 3),
        (_by_header_cursor, {"type": "header_cursor", "cursor_key": "X-Next", "cursor_param": "from"}, 3),
        (
            _by_last_id,
            {"type": "cursor", "cursor_path": "items[-1].id", "cursor_param": "starting_after", "has_more_path": "has_more"},
            3,
        ),
        (_by_offset, {"type": "offset", "limit": 2}, 4),
        (_by_number, {"type": "page_number", "total_path": "pages"}, 3),
        (_by_number, {"type": "page_number"}, 4),
        (
            _by_cursor_without_end,
            {"type": "cursor", "cursor_path": "after", "cursor_param": "cursor", "stop_after_empty_page": True},
            4,
        ),
        (_by_cursor_without_end, {"type": "cursor", "cursor_path": "after", "cursor_param": "cursor"}, 4),
    ],
    ids=["link", "header link", "header cursor", "last id", "offset", "number of pages", "page", "empty page", "to itself"],
)  # fmt: skip
def test_every_paginator_reads_every_record_once(paging: Any, paginator: dict[str, Any], count_asked: int) -> None:
    """To the end, and no further; a last page that leads to itself is the end."""
    with serve(answer=_numbered(paging)) as api:
        assert _fetch(api, data_selector="items", paginator=paginator) == RECORDS
        assert len(api.asked) == count_asked


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        ((429, {"Retry-After": "1"}, {}), 1.0),
        ((500, {}, {"error": "x"}), 0.0),
        ((503, {}, b"<html>"), 0.0),
        ((200, {}, None), 0.0),
    ],
    ids=["429", "500", "503", "dropped in the middle"],
)
def test_what_passes_is_tried_again(fault: Answer, seconds: float) -> None:
    """The same page is asked for again, as soon as the API allows; no record is lost or doubled."""
    with serve(records=RECORDS, page=2, faults=[None, fault]) as api:
        started = time.monotonic()
        assert _fetch(api) == RECORDS
        assert time.monotonic() - started >= seconds
        assert [params.get("cursor") for _, params in api.asked] == [None, "2", "2", "4"]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((401, {}, {}), "visits refused the connection's secret (401); check it and its rights."),
        ((403, {}, {}), "visits refused the connection's secret (403)"),
        ((404, {}, {"email": "a@b.example"}), "visits answered 404;"),
        ((500, {}, {"email": "a@b.example"}), "visits answered 500;"),
        ((429, {"Retry-After": "0"}, {}), "visits answered 429;"),
        ((200, {}, b"<html>a@b.example"), "visits answered something else than JSON; check 'path'."),
        ((200, {}, None), "visits could not be reached;"),
        ((200, {}, {"results": []}), "no answer of visits has 'data.items'; set 'data_selector' right."),
        ((302, {"Location": "http://localhost:1/v1"}, {}), "visits leads to another address than base_url"),
        ((200, {}, {"data": {"items": [{"a@b.example": 1}]}, "next": {"a@b.example": 1}}), "is not what 'paginator' says"),
    ],
    ids=["401", "403", "404", "500", "429", "no JSON", "dropped", "no records", "elsewhere", "no cursor"],
)  # fmt: skip
def test_what_does_not_pass_is_one_sentence(answer: Answer, sentence: str) -> None:
    """Without the secret, and without what the API answered, which may hold personal data."""
    with serve(answer=lambda _path, _params: answer) as api, pytest.raises(DataError) as raised:
        _fetch(api, paginator={"type": "cursor", "cursor_path": "next", "cursor_param": "cursor", "has_more_path": "next"} if "paginator" in sentence else {"type": "single_page"})  # fmt: skip
    assert sentence in str(raised.value)
    assert "a@b.example" not in str(raised.value)
    assert SECRET not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_nobody_there_is_one_sentence() -> None:
    """An address at which nothing listens."""
    with serve() as api:
        pass
    with pytest.raises(DataError, match="visits could not be reached; what came before is kept"):
        _fetch(api)


def test_the_secret_follows_no_page_elsewhere() -> None:
    """A page that leads to another host is refused before that host is asked."""
    with serve(records=RECORDS) as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        page = (200, {}, {"items": RECORDS, "next": f"{elsewhere}/visits"})
        told = pytest.raises(DataError, match="leads to another address than base_url after 1 pages")
        with serve(answer=lambda _path, _params: page) as api, told:
            _fetch(api, data_selector="items", paginator={"type": "json_link"})
        assert other.asked == []


@pytest.mark.parametrize(
    ("authentication", "secret", "header"),
    [
        ({}, "t", ("Authorization", "Bearer t")),
        ({"kind": "basic"}, "user:pass:word", ("Authorization", "Basic dXNlcjpwYXNzOndvcmQ=")),
        ({"kind": "api_key", "name": "X-Key"}, "k", ("X-Key", "k")),
        ({"kind": "api_key", "prefix": "Klaviyo-API-Key "}, "k", ("Authorization", "Klaviyo-API-Key k")),
    ],
)
def test_how_the_secret_is_shown(authentication: dict[str, str], secret: str, header: tuple[str, str]) -> None:
    """In a header, beside those that are declared."""
    with serve(records=RECORDS) as api:
        _fetch(api, secret=secret, said={"authentication": authentication, "headers": {"X-Version": "7"}})
        assert api.headers[0][header[0]] == header[1]
        assert api.headers[0]["X-Version"] == "7"


def test_a_secret_of_another_kind() -> None:
    """Basic authentication needs a user; the sentence names the connection and not the secret."""
    with serve() as api, pytest.raises(ConfigError, match="secret of connection 'desk' is not user:password") as raised:
        _fetch(api, said={"authentication": {"kind": "basic"}})
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(
    ("mark", "format_", "sent"),
    [
        (None, "{}", None),
        ("2026-01-01T00:02:00Z", "{}", "2026-01-01T00:02:00Z"),
        (17, "{}", "17"),
        ("2026-01-01", "greater-or-equal(datetime,{})", "greater-or-equal(datetime,2026-01-01)"),
    ],
)
def test_what_is_asked_for(mark: Any, format_: str, sent: str | None) -> None:
    """The mark, as the API wrote it, in the way that it wants; nothing where there is none."""
    with serve(answer=lambda _path, _params: (200, {}, RECORDS)) as api:
        cursor = {"column": "updated_at", "parameter": "since", "format": format_}
        _fetch(api, mark, cursor=cursor, params={"limit": 5}, data_selector=None, paginator={"type": "single_page"})
        assert api.asked == [("/v1/visits", {"limit": "5"} | ({} if sent is None else {"since": sent}))]


def test_a_list_must_be_named() -> None:
    """An object that holds the list is no record."""
    told = pytest.raises(DataError, match=r"name the list in 'data_selector' \(it has count, visits\)")
    with serve(answer=lambda _path, _params: (200, {}, {"visits": RECORDS, "count": 5})) as api, told:
        _fetch(api, data_selector=None, paginator={"type": "single_page"})


_ALONE = """
import json, socket, sys
reached = []
connect = socket.socket.connect
def watched(self, address):
    reached.append(address)
    return connect(self, address)
socket.socket.connect = watched
from journeys.config.extraction import ApiExtraction
from journeys.landing.rest_api import Patience, fetch_pages
extraction = ApiExtraction.model_validate(json.loads(sys.argv[1]))
pages = list(fetch_pages(extraction, extraction.resources[0], None, "secret", Patience()))
import dlt.common.runtime.anon_tracker as tracker
import threading
print(json.dumps({
    "count": sum(len(page) for page in pages), "hosts": sorted({address[0] for address in reached}),
    "tracker": tracker._THREAD_POOL is None and tracker._TRACKER_CONTEXT is None,
    "airflow": "airflow" in sys.modules, "threads": threading.active_count(),
}))
"""


def test_nobody_else_is_told(tmp_path: Any) -> None:
    """No telemetry, no look into Airflow, no file in the person's home: a process alone reaches the API and nobody else."""
    with serve(records=RECORDS) as api:
        command = [sys.executable, "-c", _ALONE, json.dumps(api_source(api.url)["extract"])]
        variables = {"HOME": str(tmp_path), "PYTHONPATH": ":".join(sys.path)}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=variables, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "count": 5,
        "hosts": ["127.0.0.1"],
        "tracker": True,
        "airflow": False,
        "threads": 1,
    }
    assert list(tmp_path.iterdir()) == []
