"""Programs that walk through the website: most of them fast and by a name that gives them away, some slow and disguised."""

from dataclasses import dataclass

import numpy as np

from simulator.calendar_time import MINUTE, SECOND
from simulator.randomness import Flags, Integers, stream, uuids

STEALTHY_SHARE = 0.2
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"
CRAWLER = "Mozilla/5.0 (compatible; PageCrawler/2.1; +https://crawler.example.net/about)"


@dataclass(frozen=True)
class Bots:
    """Visits of programs, one entry a page.

    Attributes:
        device: anonymous identifier of each program.
        is_stealthy: calls itself a browser, and takes its time.
        bot: index into the programs.
        at: microseconds.
        page: index into `simulator.events.PAGES`.
    """

    device: list[str]
    is_stealthy: Flags
    bot: Integers
    at: Integers
    page: Integers


def make_bots(count: int, *, start: int, end: int, seed: int, count_pages: int) -> Bots:
    """Return what so many programs did between two instants; each comes once or twice."""
    draw = stream(seed, "bots")
    is_stealthy = draw.random(count) < STEALTHY_SHARE
    runs = np.repeat(np.arange(count), draw.integers(1, 3, count))
    begins = start + (draw.random(len(runs)) * max(end - start - 60 * MINUTE, 1)).astype(np.int64)
    length = np.where(is_stealthy[runs], draw.integers(40, 120, len(runs)), draw.integers(60, 300, len(runs)))
    run = np.repeat(np.arange(len(runs)), length)
    pause = np.where(is_stealthy[runs[run]], 8.0, 1.2) * (1 + 0.1 * draw.random(len(run)))
    since = np.cumsum((pause * SECOND).astype(np.int64))
    first = np.concatenate([[0], np.cumsum(length)[:-1]]).astype(np.int64)
    since -= np.repeat(since[first], length) if len(run) else since
    return Bots(
        device=uuids(seed, "bots.device", count),
        is_stealthy=is_stealthy,
        bot=runs[run],
        at=begins[run] + since,
        page=draw.integers(0, count_pages, len(run)),
    )
