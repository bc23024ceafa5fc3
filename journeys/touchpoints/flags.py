"""Flags: touchpoints of machines, and those that a page sent twice. They are kept, with the reason, and not counted."""

import re
from datetime import timedelta

import ibis

from journeys.config.identifiers import Identities
from journeys.config.quality import Quality
from journeys.touchpoints.judge import Profiles

NEAR_DUPLICATE, BOT_USER_AGENT, BOT_RATE = "near_duplicate", "bot_user_agent", "bot_rate"

_BOTS = (
    r"(^|[^u])bots?\b|crawl|spider|slurp|scrap(er|y)|headless|phantomjs|selenium|puppeteer|playwright|lighthouse|"
    r"pingdom|uptimerobot|statuscake|site24x7|monitoring|facebookexternalhit|preview|curl/|wget/|python-requests|"
    r"python-urllib|aiohttp|httpx/|go-http-client|java/|okhttp/|libwww|axios/|node-fetch|ahrefs|semrush|bytespider"
)
"""Parts of what programs call themselves that fetch pages, in lower case (names that they publish)."""


def flagged(happened: ibis.Table, profiles: Profiles, quality: Quality, identities: Identities) -> ibis.Table:
    """Return touchpoint_id, reason, load_id of the touchpoints that are not counted, each with its first reason.

    Args:
        happened: new touchpoints of a batch with category, touchpoint, channel, event_at, amount, properties,
            user_agent, identifier_ids, profile, load_id and their place in the files.
        profiles: who they are about.
        quality: what is flagged.
        identities: which types say who somebody is.
    """
    kinds = profiles.named.select("type").distinct().to_pyarrow()["type"].to_pylist()
    weakest = identities.type_of("email").priority
    rules = {kind: identities.type_of(kind) for kind in kinds}
    strong = [kind for kind, rule in rules.items() if rule.priority <= weakest and not rule.is_profile]
    named = profiles.named.filter(profiles.named["type"].isin(strong)).select("profile").distinct()
    rows = happened.left_join(named.mutate(is_named=True), "profile").drop("profile_right")
    rows = rows.mutate(
        is_named=rows.is_named.fill_null(False),
        near_duplicate=_near_duplicate(rows, quality.near_duplicates_within),
        hour=rows.event_at.truncate("h"),
        identifier=rows.identifier_ids[0],
    )
    in_hour = rows.count().over(ibis.window(group_by=["identifier", "hour"]))
    limit = quality.max_anonymous_an_hour
    is_rapid = (in_hour > limit) & ~rows.is_named & (rows.category == "website") if limit else ibis.literal(False)
    own = [".*".join(re.escape(part) for part in pattern.lower().split("*")) for pattern in quality.bot_user_agents]
    is_bot = rows.user_agent.lower().re_search("|".join([_BOTS, *(f"^{pattern}$" for pattern in own)]))
    reason = ibis.cases(
        (is_bot.fill_null(False), BOT_USER_AGENT),
        (is_rapid, BOT_RATE),
        (rows.near_duplicate, NEAR_DUPLICATE),
        else_=ibis.null("string"),
    )
    told = rows.mutate(reason=reason)
    return told.filter(told.reason.notnull()).select("touchpoint_id", "reason", "load_id")


def _near_duplicate(rows: ibis.Table, within: timedelta) -> ibis.Value:
    """Return whether a touchpoint is the one before it again: the same in all but its key.

    What carries an amount never is: two payments of one sum are two.
    """
    same = ["touchpoint", "category", "channel", "case_id", "score", "properties"]
    line = ibis.window(
        group_by=[rows.identifier_ids[0], *(rows[name] for name in same)],
        order_by=["event_at", "file_rank", "position"],
    )
    gap = rows.event_at.delta(rows.event_at.lag().over(line), unit="microsecond")
    microseconds = within // timedelta(microseconds=1)
    if not microseconds:
        return ibis.literal(False)
    return ((gap <= microseconds) & rows.amount.isnull()).fill_null(False)


def counted(touchpoints: ibis.Table, flags: ibis.Table, quality: Quality) -> ibis.Table:
    """Return `touchpoints` without those that are flagged for a reason that does not count."""
    heeded = flags.filter(~flags.reason.isin(quality.counted)) if quality.counted else flags
    return touchpoints.anti_join(heeded, "touchpoint_id")
