"""The door for webhooks: an HTTP server that verifies messages, lands them, and only then says yes."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from journeys.config.errors import ConfigError, DataError
from journeys.config.project import Project
from journeys.config.sources import Source
from journeys.landing.intake import LandingFolder, message_lines
from journeys.landing.webhook_signatures import signature_problem, signing_secrets

LARGEST_BYTES = 2**20
"""A message that is longer is refused."""

_SLOWEST_SECONDS = 30.0
"""A message that takes longer to arrive is given up."""

_RETRY_SECONDS = 30
"""When to send again what could not be landed; Zendesk sends again only where it is told less than a minute."""

logger = logging.getLogger(__name__)


@dataclass
class Letterbox:
    """What is received for one source: its secrets and its folder, and the messages that wait for the next write."""

    name: str
    source: Source
    secrets: Sequence[str]
    folder: LandingFolder
    clock: Callable[[], datetime]
    _waiting: "list[tuple[list[bytes], asyncio.Future[None]]]" = field(default_factory=list)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def land(self, lines: list[bytes]) -> None:
        """Return when the lines are durable; all that wait are written and made durable together.

        Raises:
            OSError: when they could not be.
        """
        landed = asyncio.get_running_loop().create_future()
        self._waiting.append((lines, landed))
        async with self._lock:
            if not landed.done():
                together, self._waiting = self._waiting, []
                every = [line for waiting, _ in together for line in waiting]
                try:
                    await asyncio.to_thread(self.folder.land, every, self.clock())
                except Exception as error:  # whatever it is, nobody may be left waiting
                    logger.error("%s: nothing can be landed (%s).", self.name, _reason(error))
                    for _, future in together:
                        future.set_exception(error)
                else:
                    for _, future in together:
                        future.set_result(None)
        await landed

    async def finish_due(self) -> None:
        """Finish the file in progress when it is old enough; what fails is tried again with the next call."""
        async with self._lock:
            try:
                await asyncio.to_thread(self.folder.finish_due, self.clock())
            except OSError as error:
                logger.error("%s: a file cannot be finished (%s).", self.name, _reason(error))


def intake_app(
    boxes: Mapping[str, Letterbox], clock: Callable[[], datetime], *, largest_bytes: int = LARGEST_BYTES
) -> Starlette:
    """Return the application that receives `POST /intake/<source>`.

    It answers 200 when every line of the message is durable; 400 what is no JSON; 401 what is not signed; 404 an
    unknown source; 413 what is too long; 503, with the time to wait, when it cannot be landed.

    Args:
        boxes: name of the source to what is received for it.
        clock: the present instant, asked for each message.
        largest_bytes: the longest message that is taken.
    """

    async def receive(request: Request) -> JSONResponse:
        box = boxes.get(request.path_params["source"])
        if box is None:
            raise HTTPException(404, "There is no source of that name that receives messages.")
        body = await _body(request, largest_bytes)
        problem = signature_problem(box.source.vendor, request.headers, body, box.secrets, clock())
        if problem:
            raise HTTPException(401, f"The message is not trusted: {problem}.")
        try:
            lines = message_lines(body, box.source, request.headers.get("webhook-id"))
            if lines:
                await box.land(lines)
        except DataError as error:
            raise HTTPException(400, str(error)) from error
        except OSError as error:
            headers = {"retry-after": str(_RETRY_SECONDS)}
            raise HTTPException(503, "The message cannot be landed now; send it again.", headers) from error
        return JSONResponse({"landed": len(lines)})

    async def refuse(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        name = request.path_params.get("source")
        if name in boxes:  # what else stands in a path is a stranger's
            logger.warning("%s: a message is answered %d. %s", name, error.status_code, error.detail)
        return JSONResponse({"error": error.detail}, error.status_code, error.headers)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        stopping = asyncio.Event()
        finishing = asyncio.create_task(_finish_due_files(boxes, stopping))
        try:
            yield
        finally:
            stopping.set()  # not cancelled: a file that is being finished in a thread is waited for
            await finishing

    return Starlette(
        routes=[Route("/intake/{source}", receive, methods=["POST"])],
        exception_handlers={HTTPException: refuse},
        lifespan=lifespan,
    )


def serve(
    project: Project,
    *,
    host: str,
    port: int,
    finish_after: timedelta,
    variables: Mapping[str, str],
    clock: Callable[[], datetime],
    announce: Callable[[str], None],
) -> None:
    """Receive messages for every source with `intake` until a signal ends the process; then finish the files.

    Args:
        project: its sources, and the data folder in which messages are landed.
        host: address to listen on.
        port: port to listen on; 0 for any that is free.
        finish_after: how old a file becomes before it is read.
        variables: the environment, where the secrets are.
        clock: the present instant.
        announce: told where it listens, once it does.

    Raises:
        ConfigError: when no source receives messages, or a secret is missing.
        DataError: when a folder cannot be written, or the port is taken.
    """
    sources = {name: source for name, source in project.config.sources.items() if source.intake}
    if not sources:
        msg = "No source of journey.yaml receives messages; give one a line 'intake: {secret_env: NAME_OF_A_VARIABLE}'."
        raise ConfigError(msg)
    secrets = {name: signing_secrets(name, source, variables) for name, source in sources.items()}
    with ExitStack() as stack:
        listening = stack.enter_context(_listen(host, port))
        boxes = {}
        for name, source in sources.items():
            folder = LandingFolder((project.data_dir / source.files).parent, finish_after=finish_after)
            stack.callback(folder.close)
            boxes[name] = Letterbox(name, source, secrets[name], folder, clock)
        # No access log: it would name the senders' addresses.
        config = uvicorn.Config(
            intake_app(boxes, clock), lifespan="on", access_log=False, log_config=None, server_header=False
        )
        announce(f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}")
        uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        msg = f"Cannot listen on {host}, port {port} ({error.strerror}); choose others with --host and --port."
        raise DataError(msg) from error


async def _finish_due_files(boxes: Mapping[str, Letterbox], stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), 1)
        for box in boxes.values():
            await box.finish_due()


async def _body(request: Request, largest_bytes: int) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(_SLOWEST_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > largest_bytes:
                    raise HTTPException(413, f"The message is longer than {largest_bytes} bytes; send it in parts.")
    except (ClientDisconnect, TimeoutError):
        raise HTTPException(408, "The message did not arrive to its end.") from None
    return bytes(body)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__
