"""A real HTTP receiver of webhooks that verifies, counts, and answers as scripted."""

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

SECRET = "whsec_" + "c2VjcmV0LW9mLXRoZS10ZXN0cy0xMjM0NTY3ODkw"
HANG, DROP = "hang", "drop"
"""Scripted answers beside a status: no answer for a while, or the connection closed without one."""


class Receiver:
    """What arrived, and what to answer: a script of (status, headers), HANG or DROP; 204 after its end."""

    def __init__(self) -> None:
        self.script: list[Any] = []
        self.requests: list[dict[str, Any]] = []
        self.accepted: dict[str, dict[str, Any]] = {}
        self.url = ""

    @property
    def ids(self) -> list[str]:
        return [request["id"] for request in self.requests]

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["content-length"])).decode()
        verified = Webhook(SECRET).verify(body, dict(handler.headers.items()))
        assert verified == json.loads(body)
        request = {"id": handler.headers["webhook-id"], "host": handler.headers["host"], "body": verified, "text": body}
        self.requests.append(request)
        answer = self.script.pop(0) if self.script else (204, {})
        if answer in (HANG, DROP):
            if answer == HANG:
                time.sleep(1.0)
            handler.close_connection = True
            return
        status, headers = answer
        if 200 <= status < 300:
            assert request["id"] not in self.accepted, "a message that was accepted came again"
            self.accepted[request["id"]] = verified
        handler.send_response(status)
        for name, value in {"content-length": "0", **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()


@contextmanager
def receiving(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Listen on a free port of 127.0.0.1, with TLS where a context is given."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            receiver.take(self)

        def log_message(self, *_: Any) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver.url = f"http{'s' if context else ''}://127.0.0.1:{server.server_address[1]}/hook?tenant=1"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
