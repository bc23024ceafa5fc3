"""What a sender needs of the world: the time, pauses, the resolver, and whom to trust."""

import random
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scoring.activation.addresses import Resolve, resolve_host


@dataclass(frozen=True)
class Wire:
    """The outside, given as an argument.

    Attributes:
        clock: the time that stands in signatures.
        sleep: how to wait between attempts, in seconds.
        jitter: a number between 0 and 1 that spreads the attempts.
        resolve: finds the addresses behind a host.
        certificates: the authorities that receivers are checked against; the usual ones by default.
    """

    clock: Callable[[], datetime]
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = field(default_factory=lambda: random.Random(0).random)  # noqa: S311 - no secret
    resolve: Resolve = resolve_host
    certificates: ssl.SSLContext | bool = True


def running_clock(started_at: datetime) -> Callable[[], datetime]:
    """Return a clock that goes on from `started_at`: long pushes sign with the time of each attempt."""
    begin = time.monotonic()
    return lambda: started_at + timedelta(seconds=time.monotonic() - begin)
