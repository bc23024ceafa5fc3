"""The rules of one week: what people do, and the hazards of joining and leaving.

A latent engagement drives how often people come and use the product; spells of trouble pull it
down and bring errors and tickets. The weekly log-odds of joining and of leaving are linear in
engagement and in what happened of late, so that the best possible prediction is known.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simulator.calendar_time import MONTH, WEEK, place_in_week
from simulator.causes import ABANDON, Causes
from simulator.flows import CHECKOUT, LEAVES_FOR_GOOD, Flow, passes, stops_at
from simulator.flows import TRIAL as TRIAL_FLOW
from simulator.people import People
from simulator.randomness import Flags, Integers, Numbers, poisson, sigmoid, stream

PROSPECT, TRIAL, SUBSCRIBER, FORMER = 0, 1, 2, 3
STATES = ("prospect", "trial", "subscriber", "former")
TRIAL_WEEKS = 4
TERM_WEEKS = (13, 26)
"""Length of a contract: smb, enterprise."""

_FADES = 0.75
"""Share of what a touch does to joining or leaving that is left a week later."""

_TOUCHED = {
    # Log-odds of meeting it in a week, and by how much they grow with engagement.
    "webinar_attended": (-3.6, -0.5),
    "chat_answered": (-3.4, 0.3),
    "form_failed": (-3.3, 0.2),
    "case_study_read": (-2.8, 1.2),
    "comparison_viewed": (-3.2, 0.8),
}
_MET_BY_SUBSCRIBERS = {"review_meeting_held": (-3.4, -0.3), "tour_opened": (-2.8, 0.8)}
_VISITED = {
    "paid_search": (-2.6, 0.8),
    "social": (-3.0, 0.1),
    "display": (-2.8, 0.0),
    "partner": (-4.2, 0.2),
    "retargeting": (-3.6, 1.4),
    "affiliate": (-3.8, 0.1),
}
_UNSEEN = {"podcast": -4.6, "friend": -5.0, "review_site": -4.4}

Column = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Draws:
    """The random numbers of one week: for each purpose its own, the same whatever else is drawn."""

    seed: int
    week: int
    count: int

    def uniform(self, name: str, width: int = 1) -> Numbers:
        """Return one number a person, or `width` of them."""
        shape = self.count if width == 1 else (self.count, width)
        return stream(self.seed, f"lives.{name}.{self.week}").random(shape)

    def noise(self) -> Numbers:
        """Return the shock to each person's engagement."""
        return stream(self.seed, f"lives.noise.{self.week}").standard_normal(self.count)

    def happens(self, name: str, probability: Numbers | float) -> Flags:
        """Return for whom the event of this name happens."""
        result: Flags = self.uniform(name) < probability
        return result

    def times(self, name: str, rate: npt.NDArray[Any]) -> Integers:
        """Return how often it happens to each person."""
        return poisson(self.uniform(name), np.minimum(rate, 12.0))


@dataclass
class Standing:
    """Where each person stands; one week's rules move it on. `recent_*` fade by a share a week."""

    state: Integers
    engagement: Numbers
    earlier: Numbers
    is_trouble: Flags
    is_known: Flags
    is_gone: Flags
    has_seen_demo: Flags
    demo_pending: Flags
    trial_weeks_left: Integers
    weeks_here: Integers
    subscribed_at: Integers
    weeks_subscribed: Integers
    plan: Integers
    onboarding_left: Integers
    for_joining: Numbers
    recent_pricing: Numbers
    recent_sample: Numbers
    for_leaving: Numbers
    recent_tickets: Numbers
    recent_failures: Numbers
    recent_cancel_views: Numbers

    @classmethod
    def at_arrival(cls, people: People, seed: int) -> "Standing":
        """Everybody arrives as a prospect, curious."""
        count = len(people)
        start = people.leaning + 0.3 + 0.6 * stream(seed, "lives.start").standard_normal(count)
        whole, flags, zeros = np.zeros(count, np.int64), np.zeros(count, np.bool_), np.zeros(count)
        return cls(
            state=whole.copy(),
            engagement=start,
            earlier=np.tile(start[:, None], (1, 4)),
            is_trouble=flags.copy(),
            is_known=flags.copy(),
            is_gone=flags.copy(),
            has_seen_demo=flags.copy(),
            demo_pending=flags.copy(),
            trial_weeks_left=whole.copy(),
            weeks_here=whole.copy(),
            subscribed_at=whole.copy(),
            weeks_subscribed=whole.copy(),
            plan=people.first_plan.copy(),
            onboarding_left=2 + stream(seed, "lives.onboarding").poisson(2.0, count),
            for_joining=zeros.copy(),
            recent_pricing=zeros.copy(),
            recent_sample=zeros.copy(),
            for_leaving=zeros.copy(),
            recent_tickets=zeros.copy(),
            recent_failures=zeros.copy(),
            recent_cancel_views=zeros.copy(),
        )


def live_one_week(people: People, standing: Standing, week_start: Integers, draws: Draws, causes: Causes) -> Column:
    """Return what happened in one week, a column a field of `Lives`; moves `standing` on."""
    column: Column = {"week_start": week_start, "state": standing.state.copy(), "plan": standing.plan.copy()}
    column["subscribed_at"] = standing.subscribed_at.copy()
    is_subscriber = standing.state == SUBSCRIBER
    looks = ~is_subscriber & ~standing.is_gone
    _feel(people, standing, is_subscriber, draws)
    column |= _come_by(standing, looks, draws, causes)
    column |= {"engagement": standing.engagement.copy(), "is_trouble": standing.is_trouble.copy()}
    column |= _look_around(standing, looks, draws, causes)
    column |= _try(people, standing, looks, draws, causes)
    column |= _use(standing, is_subscriber, draws, causes)
    column |= _pay(standing, is_subscriber, week_start, draws)
    column |= _renew(people, standing, is_subscriber, draws)
    column |= _buy(people, standing, looks, draws, causes)
    column["leave_hazard"] = _leave_hazard(people, standing, is_subscriber, causes)
    column["leaves"] = draws.happens("leave", column["leave_hazard"])
    column["is_renewed"] &= ~column["leaves"]
    changes = column["joins"] | column["leaves"]
    placed = place_in_week(week_start, draws.uniform("slot"), draws.uniform("inside"))
    column["changed_at"] = np.where(changes, placed, week_start + WEEK)
    _move_on(standing, column)
    return column


def _feel(people: People, standing: Standing, is_subscriber: Flags, draws: Draws) -> None:
    """Engagement comes back to a person's leaning, prospects' interest wanes, trouble wears down."""
    begins = ~standing.is_trouble & is_subscriber & draws.happens("spell", 0.03)
    ends = standing.is_trouble & draws.happens("recover", 0.16)
    standing.is_trouble = (standing.is_trouble | begins) & ~ends & is_subscriber
    standing.earlier = np.column_stack([standing.earlier[:, 1:], standing.engagement])
    home = people.leaning + np.where(is_subscriber, 0.5, 0.3 - 0.09 * np.minimum(standing.weeks_here, 30))
    pull = 0.82 * standing.engagement + 0.18 * home - 0.45 * standing.is_trouble
    standing.engagement = np.clip(pull + 0.32 * draws.noise(), -3.5, 3.5)


def _come_by(standing: Standing, looks: Flags, draws: Draws, causes: Causes) -> Column:
    """Visits from channels, and touches that nobody records; what they do lasts as long as engagement does."""
    column: Column = {}
    for name, (odds, by_engagement) in _VISITED.items():
        comes = looks & draws.happens(f"from_{name}", sigmoid(odds + by_engagement * standing.engagement))
        column[f"from_{name}"] = comes
    for name, odds in _UNSEEN.items():
        column[f"unseen_{name}"] = looks & draws.happens(f"unseen_{name}", sigmoid(np.full(len(looks), odds)))
    moved = np.zeros(len(looks))
    for name in _VISITED:
        moved += causes.pushes[name] * column[f"from_{name}"]
    for name in _UNSEEN:
        moved += causes.unseen[name] * column[f"unseen_{name}"]
    standing.engagement = np.clip(standing.engagement + moved, -3.5, 3.5)
    return column


def _look_around(standing: Standing, looks: Flags, draws: Draws, causes: Causes) -> Column:
    """Visits, prices, demos and other touches of those who do not subscribe."""
    e, is_trial = standing.engagement, standing.state == TRIAL
    is_subscriber = standing.state == SUBSCRIBER
    visits = draws.times("visits", np.where(looks, 0.6 * np.exp(0.75 * e), 0.1 * is_subscriber))
    pricing = draws.times("pricing_visits", np.where(looks, 0.32 * np.exp(0.9 * e), 0.0))
    can_ask = looks & ~standing.has_seen_demo
    demo = can_ask & draws.happens("demo", sigmoid(-3.9 + 0.9 * e + 0.4 * np.log1p(standing.recent_pricing)))
    attends = standing.demo_pending & looks & draws.happens("attend", 0.75)
    newsletter = looks & ~standing.is_known & draws.happens("newsletter", 0.03)
    sample = draws.times("sample_sessions", np.where(is_trial & looks, 1.5 * np.exp(0.55 * e), 0.0))
    column: Column = {
        name: looks & draws.happens(name, sigmoid(odds + by_engagement * e))
        for name, (odds, by_engagement) in _TOUCHED.items()
    }
    column["demo_attended"] = attends
    done = sum(causes.touches[name] * column[name] for name in (*_TOUCHED, "demo_attended"))
    standing.for_joining = _FADES * standing.for_joining + done
    standing.is_known |= demo | newsletter
    standing.recent_pricing = 0.6 * standing.recent_pricing + pricing
    standing.recent_sample = 0.6 * standing.recent_sample + sample
    standing.has_seen_demo |= demo
    standing.demo_pending = demo
    mail = np.where(looks, 0.22 * np.exp(0.4 * e), 0.2 * np.exp(0.3 * e) * is_subscriber) * standing.is_known
    return column | {
        "visits": visits,
        "pricing_visits": pricing,
        "sample_sessions": sample,
        "is_demo_requested": demo,
        "is_newsletter": newsletter,
        "emails": draws.times("emails", mail),
    }


def _try(people: People, standing: Standing, looks: Flags, draws: Draws, causes: Causes) -> Column:
    """The way into a trial, which some do not finish."""
    asks = sigmoid(-2.8 + 0.9 * standing.engagement + 0.6 * np.log1p(standing.recent_pricing))
    can_try = looks & (standing.state == PROSPECT) & (standing.trial_weeks_left == 0)
    tries = can_try & draws.happens("trial", asks)
    column = _through(TRIAL_FLOW, people, standing, tries, draws, causes)
    standing.is_known |= tries
    return column | {"is_trial_started": column["trial_stop"] == len(TRIAL_FLOW.steps)}


def _buy(people: People, standing: Standing, looks: Flags, draws: Draws, causes: Causes) -> Column:
    """Who wants to buy, and who of them gets through the checkout."""
    odds = -4.1 + 0.9 * standing.engagement + causes.touches["pricing_viewed"] * np.log1p(standing.recent_pricing)
    odds += standing.for_joining - 0.4 * (standing.state == FORMER)
    odds += causes.touches["trial_started"] * (standing.state == TRIAL)
    odds += causes.touches["sample_opened"] * np.log1p(standing.recent_sample)
    looks = looks & ~standing.is_gone
    wants = looks * sigmoid(odds)
    hazard = wants * passes(CHECKOUT, people, standing.engagement, causes)
    column = _through(CHECKOUT, people, standing, draws.happens("join", wants), draws, causes)
    return column | {"join_hazard": hazard, "joins": column["checkout_stop"] == len(CHECKOUT.steps)}


def _through(flow: Flow, people: People, standing: Standing, begins: Flags, draws: Draws, causes: Causes) -> Column:
    """Return where each stops in a flow, whether friction is why, and whether they leave for good, which moves `standing` on."""
    uniform = draws.uniform(f"{flow.name}.stop", len(flow.steps))
    stop = np.where(begins, stops_at(flow, people, standing.engagement, causes, uniform), -1)
    without = stops_at(flow, people, standing.engagement, causes.without_kind(ABANDON), uniform)
    is_stopped = (stop >= 0) & (stop < len(flow.steps))
    is_gone = is_stopped & draws.happens(f"{flow.name}.gone", LEAVES_FOR_GOOD)
    standing.is_gone |= is_gone
    return {
        f"{flow.name}_stop": stop,
        f"is_{flow.name}_friction": is_stopped & (without != stop),
        f"is_gone_at_{flow.name}": is_gone,
    }


def _use(standing: Standing, is_subscriber: Flags, draws: Draws, causes: Causes) -> Column:
    """Learning and then using the product, its errors, and the tickets that they bring."""
    e, is_new = standing.engagement, standing.onboarding_left > 0
    learning = draws.times("onboarding_sessions", (is_subscriber & is_new) * 1.4 * np.exp(0.5 * e))
    usage = draws.times("usage_sessions", (is_subscriber & ~is_new) * 0.85 * np.exp(0.55 * e))
    errors = draws.times("errors", is_subscriber * (0.12 + 0.55 * standing.is_trouble) * np.exp(0.2 * e))
    asks = -3.0 + 1.5 * standing.is_trouble + 0.6 * np.log1p(errors) + 0.5 * is_new
    in_trial = 0.04 * ((standing.state == TRIAL) & ~standing.is_gone)
    column: Column = {
        name: is_subscriber & draws.happens(name, sigmoid(odds + by_engagement * e))
        for name, (odds, by_engagement) in _MET_BY_SUBSCRIBERS.items()
    }
    standing.for_leaving = _FADES * standing.for_leaving + sum(causes.kept_by[name] * column[name] for name in column)
    tickets = draws.times("tickets", is_subscriber * np.exp(asks) + in_trial)
    leaving_look = draws.times("cancel_page_views", is_subscriber * np.exp(-4.0 - 1.0 * e))
    seats = draws.times("seats_added", (is_subscriber & ~is_new) * 0.02 * np.exp(0.8 * e))
    upgrade = is_subscriber & ~is_new & (standing.plan < 2) & draws.happens("upgrade", 0.006 * np.exp(0.7 * e))
    done = is_subscriber & is_new & (standing.onboarding_left <= learning)
    standing.onboarding_left = np.maximum(standing.onboarding_left - learning, 0)
    standing.recent_tickets = 0.78 * standing.recent_tickets + tickets
    standing.recent_cancel_views = 0.7 * standing.recent_cancel_views + leaving_look
    standing.plan = standing.plan + upgrade
    return column | {
        "onboarding_sessions": learning,
        "usage_sessions": usage,
        "errors": errors,
        "tickets": tickets,
        "cancel_page_views": leaving_look,
        "seats_added": seats,
        "is_upgraded": upgrade,
        "is_onboarded": done,
    }


def _pay(standing: Standing, is_subscriber: Flags, week_start: Integers, draws: Draws) -> Column:
    """Invoices after the first, one a month; some payments fail, some of them twice."""
    before = (week_start - standing.subscribed_at) // MONTH
    number = (week_start + WEEK - standing.subscribed_at) // MONTH
    is_due = is_subscriber & (number > before)
    failed = is_due & draws.happens("payment", sigmoid(-2.7 - 0.35 * standing.engagement))
    lost = failed & draws.happens("retry", 0.35)
    standing.recent_failures = 0.72 * standing.recent_failures + failed + lost
    return {"invoice_number": number * is_due, "is_payment_failed": failed, "is_payment_lost": lost}


def _renew(people: People, standing: Standing, is_subscriber: Flags, draws: Draws) -> Column:
    """A notice three weeks before a contract's term ends, and its renewal."""
    left = _weeks_to_term(people, standing)
    notice = is_subscriber & (left == 3) & draws.happens("notice", 0.8)
    return {"is_renewal_notice": notice, "is_renewed": is_subscriber & (left == 0) & (standing.weeks_subscribed > 0)}


def _weeks_to_term(people: People, standing: Standing) -> Integers:
    term = np.where(people.is_enterprise, TERM_WEEKS[1], TERM_WEEKS[0])
    result: Integers = (-standing.weeks_subscribed) % term
    return result


def _leave_hazard(people: People, standing: Standing, is_subscriber: Flags, causes: Causes) -> Numbers:
    decline = standing.earlier[:, 0] - standing.engagement
    does = causes.kept_by
    odds = -4.62 - 1.0 * standing.engagement + 0.5 * decline + standing.for_leaving
    odds += does["ticket_opened"] * np.log1p(standing.recent_tickets)
    odds += does["payment_failed"] * standing.recent_failures
    odds += does["cancel_page_viewed"] * np.log1p(standing.recent_cancel_views)
    odds += 0.7 * (_weeks_to_term(people, standing) <= 2) - 0.4 * people.is_enterprise + people.frailty
    result: Numbers = is_subscriber * sigmoid(odds)
    return result


def _move_on(standing: Standing, column: Column) -> None:
    """Change states at the week's end."""
    joins, leaves = column["joins"], column["leaves"]
    left = np.where(column["is_trial_started"], TRIAL_WEEKS, np.maximum(standing.trial_weeks_left - 1, 0))
    # A trial is offered once: -1 marks that it is over.
    is_over = (standing.state == TRIAL) & (left == 0)
    standing.trial_weeks_left = np.where(is_over | (standing.trial_weeks_left < 0), -1, left)
    state = np.where(column["is_trial_started"], TRIAL, np.where(is_over, PROSPECT, standing.state))
    standing.state = np.where(joins, SUBSCRIBER, np.where(leaves, FORMER, state))
    standing.subscribed_at = np.where(joins, column["changed_at"], np.where(leaves, 0, standing.subscribed_at))
    stays = (standing.state == SUBSCRIBER) & ~joins
    standing.weeks_subscribed = np.where(stays, standing.weeks_subscribed + 1, 0)
    standing.weeks_here = np.where(leaves, 6, standing.weeks_here + 1)
    standing.is_known |= joins
    for name in ("recent_pricing", "recent_sample", "for_joining"):
        setattr(standing, name, np.where(joins, 0.0, getattr(standing, name)))
    for name in ("recent_tickets", "recent_failures", "recent_cancel_views", "for_leaving"):
        setattr(standing, name, np.where(leaves, 0.0, getattr(standing, name)))
