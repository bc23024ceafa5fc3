"""What is kept and not counted: machines, and what a page sent twice."""

from datetime import timedelta

from pydantic import Field

from journeys.config.base import Section
from journeys.config.durations import Duration


class Quality(Section):
    """Which touchpoints are flagged: they stay in the lake, with the reason, and no journey has them."""

    near_duplicates_within: Duration = Field(
        default=timedelta(seconds=1),
        description="The same of the same customer again so soon, equal in all but its key, counts once; 0s for off",
    )
    max_anonymous_an_hour: int = Field(
        default=500,
        ge=0,
        description="A visitor without a name who does more on the website in an hour is a machine; 0 for off",
    )
    bot_user_agents: list[str] = Field(
        default=[], description="Patterns with * beside the built-in ones, of what browsers call themselves"
    )
    counted: list[str] = Field(
        default=[], description="Reasons that do not count: near_duplicate, bot_user_agent, bot_rate"
    )
