"""A small API on this machine: pages of records with a cursor, which can be told to fail."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, dict[str, str], Any]
"""Status, headers, and the body: what JSON has, or bytes, or None for a connection dropped in its middle."""


@dataclass
class Api:
    """What the API holds, what it was asked, and what it answers first.

    Attributes:
        url: its address.
        records: those that it pages through, ordered by `updated_at`.
        page: most records of a page.
        faults: answers given, one a request, before it is well again; None for a proper one.
        asked: paths with their parameters, in the order of the requests.
        headers: those of each request.
        answer: given a path and parameters, the proper answer.
    """

    records: list[dict[str, Any]] = field(default_factory=list)
    page: int = 100
    faults: list[Answer | None] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answer: Callable[[str, dict[str, str]], Answer] | None = None
    url: str = ""

    def proper(self, path: str, params: dict[str, str]) -> Answer:
        """Return the page that the parameters ask for."""
        if self.answer:
            return self.answer(path, params)
        newer = [record for record in self.records if record["updated_at"] >= params.get("since", "")]
        first = int(params.get("cursor", "0"))
        following = first + self.page
        cursor = str(following) if following < len(newer) else None
        return 200, {}, {"data": {"items": newer[first:following]}, "next": cursor}


@contextmanager
def serve(**settings: Any) -> Iterator[Api]:
    """Serve an API on a free port of this machine."""
    api = Api(**settings)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            params = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
            api.asked.append((parts.path, params))
            api.headers.append(dict(self.headers))
            fault = api.faults.pop(0) if api.faults else None
            status, headers, body = fault or api.proper(parts.path, params)
            whole = api.proper(parts.path, params)[2] if body is None else body
            content = whole if isinstance(whole, bytes) else json.dumps(whole).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if body is None else content)
            if body is None:
                self.close_connection = True

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_arguments: Any) -> None:
            """Say nothing of clients that were killed."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
