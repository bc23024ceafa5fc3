"""What each person did, week by week: the truth of the business.

A week is a person's own: week k starts k weeks after the person arrived.
"""

from dataclasses import dataclass, fields

import numpy as np

from simulator.calendar_time import WEEK
from simulator.causes import Causes
from simulator.people import People
from simulator.randomness import Flags, Integers, Numbers
from simulator.weeks import Draws, Standing, live_one_week


@dataclass(frozen=True)
class Lives:
    """One row a person and one column a personal week.

    Attributes:
        week_start: microseconds.
        state: `weeks.PROSPECT`, TRIAL, SUBSCRIBER or FORMER, at the start of the week.
        engagement: latent, about -3 to 3.
        is_trouble: in a spell of trouble.
        join_hazard: probability to subscribe within the week; 0 for subscribers.
        checkout_stop: step of the checkout at which the person stopped, the number of steps where they bought, else -1.
        trial_stop: the same for the way into a trial.
        is_checkout_friction: stopped there because of friction; is_trial_friction is the same for the trial.
        is_gone_at_checkout: stopped there and was never seen again; is_gone_at_trial is the same for the trial.
        leave_hazard: probability to cancel within the week; 0 for all others.
        joins: drawn from `join_hazard`.
        leaves: drawn from `leave_hazard`.
        changed_at: instant of joining or leaving in that week, else the end of the week.
        subscribed_at: instant at which the current subscription began, else 0.
        plan: index into `people.PLANS`.
        invoice_number: of the invoice due in that week, else 0; the first comes with the subscription.
        is_payment_failed: the invoice's first payment failed.
        is_payment_lost: so did the second.
    """

    week_start: Integers
    state: Integers
    engagement: Numbers
    is_trouble: Flags
    join_hazard: Numbers
    leave_hazard: Numbers
    joins: Flags
    leaves: Flags
    changed_at: Integers
    subscribed_at: Integers
    plan: Integers
    invoice_number: Integers
    is_payment_failed: Flags
    is_payment_lost: Flags
    visits: Integers
    pricing_visits: Integers
    sample_sessions: Integers
    onboarding_sessions: Integers
    usage_sessions: Integers
    errors: Integers
    tickets: Integers
    emails: Integers
    cancel_page_views: Integers
    seats_added: Integers
    checkout_stop: Integers
    is_checkout_friction: Flags
    is_gone_at_checkout: Flags
    trial_stop: Integers
    is_trial_friction: Flags
    is_gone_at_trial: Flags
    from_paid_search: Flags
    from_social: Flags
    from_display: Flags
    from_partner: Flags
    from_retargeting: Flags
    from_affiliate: Flags
    unseen_podcast: Flags
    unseen_friend: Flags
    unseen_review_site: Flags
    demo_attended: Flags
    webinar_attended: Flags
    chat_answered: Flags
    form_failed: Flags
    case_study_read: Flags
    comparison_viewed: Flags
    review_meeting_held: Flags
    tour_opened: Flags
    is_demo_requested: Flags
    is_trial_started: Flags
    is_newsletter: Flags
    is_onboarded: Flags
    is_upgraded: Flags
    is_renewal_notice: Flags
    is_renewed: Flags


def live(people: People, *, weeks: int, seed: int, causes: Causes) -> Lives:
    """Let every person live for so many weeks; what follows the end of the simulation is cut by the writers.

    Numbers are drawn for everybody and every week, whatever happens, so that a change in one person's life moves no other.
    """
    standing = Standing.at_arrival(people, seed)
    columns = []
    for week in range(weeks):
        draws = Draws(seed, week, len(people))
        columns.append(live_one_week(people, standing, people.arrived_at + week * WEEK, draws, causes))
    return Lives(
        **{field.name: np.stack([column[field.name] for column in columns], axis=1) for field in fields(Lives)}
    )
