"""Levels: how dirty a business's exports are, and whether anything is planted in it."""

from dataclasses import dataclass

from simulator.causes import NOTHING, Causes, draw_causes


@dataclass(frozen=True)
class Level:
    """One level of difficulty.

    Attributes:
        name: as the command line takes it.
        is_planted: whether there is friction, and whether touches and channels do anything.
        duplicate_share: lines that are delivered again as they are.
        near_duplicate_share: events that are sent again within seconds under a new id.
        late_share: events that a device sends days later.
        broken_share: lines cut off in the middle.
        junk_share: events one of whose ids says nothing.
        bot_share: devices that are programs, as a share of the people.
        skewed_share: devices whose clock is wrong, by minutes or by hours.
        seen_share: of people's visits, those that are recorded at all; what is not seen is interest that nobody can adjust for.
        renames_after: share of the time after which some events are sent under another name; 1 for never.
    """

    name: str
    is_planted: bool = True
    duplicate_share: float = 0.0
    near_duplicate_share: float = 0.0
    late_share: float = 0.0
    broken_share: float = 0.0
    junk_share: float = 0.0
    bot_share: float = 0.0
    skewed_share: float = 0.0
    seen_share: float = 1.0
    renames_after: float = 1.0

    def causes(self, seed: int) -> Causes:
        """Return what is planted in the business of this seed."""
        return draw_causes(seed) if self.is_planted else NOTHING


LEVELS = {
    level.name: level
    for level in (
        Level("null", is_planted=False),
        Level("clean"),
        Level(
            "realistic",
            duplicate_share=0.03,
            near_duplicate_share=0.003,
            late_share=0.04,
            broken_share=0.001,
            junk_share=0.002,
            bot_share=0.04,
            skewed_share=0.02,
            seen_share=0.95,
        ),
        Level(
            "hostile",
            duplicate_share=0.05,
            near_duplicate_share=0.01,
            late_share=0.08,
            broken_share=0.003,
            junk_share=0.01,
            bot_share=0.1,
            skewed_share=0.06,
            seen_share=0.6,
            renames_after=0.55,
        ),
    )
}
REALISTIC = LEVELS["realistic"]
