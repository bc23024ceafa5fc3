"""How lines reach the business: which month's file, what comes twice, what arrives broken."""

from dataclasses import dataclass

from simulator.calendar_time import DAY, month_of
from simulator.randomness import stream


@dataclass(frozen=True)
class Line:
    """One line of an export and the instant at which it was delivered, in microseconds."""

    delivered_at: int
    text: str


def by_month(lines: list[Line], *, end: int) -> dict[str, list[str]]:
    """Return the lines delivered before `end`, by the month of their delivery, in order."""
    files: dict[str, list[str]] = {}
    for line in lines:
        if line.delivered_at < end:
            files.setdefault(month_of(line.delivered_at), []).append(line.text)
    return dict(sorted(files.items()))


def with_duplicates(lines: list[Line], *, share: float, seed: int, purpose: str) -> list[Line]:
    """Return the lines with a share of them delivered again, as they are, up to two days later."""
    draw = stream(seed, f"{purpose}.duplicates")
    again = draw.random(len(lines)) < share
    delays = (draw.random(len(lines)) ** 3 * 2 * DAY).astype(int).tolist()
    copies = [
        Line(line.delivered_at + delay, line.text)
        for line, is_again, delay in zip(lines, again.tolist(), delays, strict=True)
        if is_again
    ]
    return sorted([*lines, *copies], key=lambda line: line.delivered_at)


def with_broken(lines: list[str], *, share: float, seed: int, purpose: str) -> list[str]:
    """Return one file's lines with a share of them, rounded down, cut off in the middle."""
    draw = stream(seed, f"{purpose}.broken")
    broken = draw.choice(len(lines), size=int(len(lines) * share), replace=False).tolist()
    result = list(lines)
    for index in broken:
        result[index] = result[index][: len(result[index]) // 2]
    return result
