"""What the website and the product record, by the names that the exports give it."""

from simulator.causes import PUSHES, UNSEEN
from simulator.flows import FLOWS

PAGES = ["Home", "Blog", "Customer Stories", "Features", "Pricing", "Documentation"]
FLOW_EVENTS = [step.event for flow in FLOWS for step in flow.steps]
PROSPECT_EVENTS = ["Newsletter Subscribed", "Signed Up", "Demo Requested", "Demo Attended", "Trial Started"]
PROSPECT_EVENTS += ["Webinar Attended", *FLOW_EVENTS, "Payment Declined"]
PROSPECT_EVENTS += ["Sample Project Opened", "Sample Report Viewed", "Checklist Step Done"]
ONBOARDING_EVENTS = ["Project Created", "Data Imported", "Teammate Invited", "Guide Opened", "Onboarding Completed"]
USAGE_EVENTS = ["Dashboard Viewed", "Report Created", "Report Shared", "Automation Enabled", "Search Used"]
SITE_EVENTS = ["Chat Answered", "Form Failed", "Case Study Read", "Comparison Viewed", "Page Error Shown"]
CHANNEL_EVENTS = {f"from_{name}": f"Visit From {name.replace('_', ' ').title()}" for name in PUSHES}
OTHER_EVENTS = ["Error Shown", "Cancel Page Viewed", "Seats Added", "Plan Upgraded", "Renewal Notice Opened"]
OTHER_EVENTS += ["Contract Renewed", "Email Opened", "Email Link Clicked", "Review Meeting Held", "Tour Opened"]
NAMES = PAGES + PROSPECT_EVENTS + ONBOARDING_EVENTS + USAGE_EVENTS + SITE_EVENTS + OTHER_EVENTS
NAMES += list(CHANNEL_EVENTS.values())
IN_PRODUCT = {*ONBOARDING_EVENTS, *USAGE_EVENTS, "Sample Project Opened", "Sample Report Viewed", "Checklist Step Done"}
IN_PRODUCT |= {"Error Shown", "Cancel Page Viewed", "Seats Added", "Plan Upgraded", "Contract Renewed", "Tour Opened"}
ALONE = {
    "is_newsletter": "Newsletter Subscribed",
    "is_demo_requested": "Demo Requested",
    "demo_attended": "Demo Attended",
    "webinar_attended": "Webinar Attended",
    "chat_answered": "Chat Answered",
    "form_failed": "Form Failed",
    "case_study_read": "Case Study Read",
    "comparison_viewed": "Comparison Viewed",
    "review_meeting_held": "Review Meeting Held",
    "tour_opened": "Tour Opened",
    "errors": "Error Shown",
    "cancel_page_views": "Cancel Page Viewed",
    "seats_added": "Seats Added",
    "is_upgraded": "Plan Upgraded",
    "is_renewal_notice": "Renewal Notice Opened",
    "emails": "Email Opened",
    **CHANNEL_EVENTS,
    # Whoever heard of the business elsewhere comes straight to the prices.
    **{f"unseen_{name}": "Pricing" for name in UNSEEN},
}
"""Fields of `Lives` and the events that come alone, at some instant of their week."""

CODE = {name: code for code, name in enumerate(NAMES)}
