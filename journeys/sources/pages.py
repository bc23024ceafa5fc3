"""Pages of an API: files in which records do not stand one a line, but in a list."""

import json
from collections.abc import Iterable
from typing import Any, BinaryIO

LISTS = (
    *("data", "results", "items", "records", "value", "values", "events", "users", "contacts", "companies", "tickets"),
    *("ticket_metrics", "satisfaction_ratings", "conversations", "responses", "reviews", "calls", "members"),
)
"""Keys under which APIs list the records of a page (Stripe, HubSpot, Klaviyo, Zendesk, Intercom, SurveyMonkey ...)."""

_BESIDE = frozenset(
    (
        *(
            "links",
            "meta",
            "paging",
            "pages",
            "next",
            "next_page",
            "next_cursor",
            "cursor",
            "previous",
            "previous_page",
            "prev",
        ),
        *(
            "has_more",
            "total",
            "total_count",
            "total_items",
            "page_count",
            "count",
            "per_page",
            "page",
            "object",
            "url",
            "type",
        ),
        *(
            "after_cursor",
            "after_url",
            "before_cursor",
            "before_url",
            "end_of_stream",
            "end_time",
            "included",
            "errors",
        ),
        *("totalSize", "done", "nextRecordsUrl", "status", "success", "request_id", "requestId", "jsonapi"),
        *("@odata.context", "@odata.nextLink", "@odata.count"),
    )
)
"""What stands beside the list of a page; a document that has anything else is a record that has a list."""

_MARK = b"\xef\xbb\xbf"


def page_of(document: Any) -> list[Any] | None:
    """Return the records that a document lists, None where it is a record itself.

    >>> page_of({"results": [{"a": 1}, {"a": 2}], "paging": {}})
    [{'a': 1}, {'a': 2}]
    >>> page_of({"order": 1, "items": [{"sku": "a"}]}) is None
    True
    """
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        return None
    for key in LISTS:
        listed = document.get(key)
        if (
            isinstance(listed, list)
            and all(isinstance(one, dict) for one in listed)
            and not {*document} - {*_BESIDE, key}
        ):
            return listed
    return None


def records_of_pages(stream: BinaryIO) -> bytes | None:
    """Return the records of a file of pages, one a line; None where the file has one record a line already.

    A file is one list, one page, or pages one a line; it may be spread over lines for people to read. Of a file of
    lines only the first is looked at.
    """
    first = stream.readline()
    start = first.removeprefix(_MARK).strip()
    document = _parsed(start)
    if page_of(document) is not None:
        return _lines(_of_line(line) for line in (start, *stream))
    if document is None and start[:1] in (b"[", b"{") and start[-1:] in (b"[", b"{", b",", b":"):
        whole = _parsed(start + b"\n" + stream.read())
        listed = page_of(whole)
        return None if whole is None else _lines([[whole] if listed is None else listed])
    return None


def _of_line(line: bytes) -> list[Any]:
    """Return the records of one line; what is no JSON stays, and is refused when it is read."""
    document = _parsed(line)
    if document is None:
        return [line]
    listed = page_of(document)
    return [line] if listed is None else listed


def _lines(pages: Iterable[list[Any]]) -> bytes:
    records = (one for page in pages for one in page)
    return b"\n".join(one.strip() if isinstance(one, bytes) else json.dumps(one).encode() for one in records)


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
