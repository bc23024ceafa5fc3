"""What can be read and where can be delivered, as the commands `sources` and `destinations` list it."""

_LANDED = "Tables as a loader lands them: CSV, JSON lines or Parquet, one a file or folder"
_API = "Records of the API, JSON lines; tables as a loader lands them"

SOURCES: dict[str, tuple[str, str]] = {
    "tabular": (
        "Any table: CSV, JSON lines or Parquet, also gzipped",
        "Columns mapped in journey.yaml; events, attributes, consents or spend",
    ),
    "segment": ("Segment event export, JSON lines", "track, page, screen, identify and group calls"),
    "zendesk": (
        "Zendesk ticket export and ticket events of webhooks, JSON lines; tables as a loader lands them",
        "tickets opened, answered, solved and rated, comments, users",
    ),
    "stripe": (
        "Stripe event export, JSON lines; tables as a loader lands them",
        "charges, invoices, subscriptions, refunds and disputes",
    ),
    "amplitude": (f"{_LANDED}; the export API's zip archives", "events"),
    "customerio": ("Reporting webhooks of Customer.io, JSON lines", "what became of messages, subscriptions"),
    "delighted": (_API, "survey responses with score and comment"),
    "fullstory": ("FullStory data export, JSON lines", "events; rage, dead and error clicks by these names"),
    "ga4": ("BigQuery's export, JSON lines or Parquet; tables as a loader lands them", "events, with purchases"),
    "google_ads": (_LANDED, "what was spent: campaign_stats"),
    "meta_ads": (_LANDED, "what was spent: basic_ad"),
    "linkedin_ads": (_LANDED, "what was spent: ad_analytics_by_campaign"),
    "hubspot": (_LANDED, "contacts, companies, deals, tickets, engagements, forms, e-mail events"),
    "intercom": (_API, "contacts, companies, conversations, their parts and ratings"),
    "iterable": (_LANDED, "events, users, unsubscribes"),
    "klaviyo": (_LANDED, "events, persons"),
    "mailchimp": (f"{_LANDED}; the API's email-activity", "members, what they did with campaigns and automations"),
    "marketo": (_LANDED, "leads, their activities and merges"),
    "mixpanel": (f"{_LANDED}; the raw export", "events"),
    "pendo": (_LANDED, "events of pages, features, guides and polls, visitors"),
    "posthog": ("PostHog events, JSON lines", "events"),
    "reviews": (
        "Reviews of Trustpilot or G2: JSON lines, or a table by the name of reviews",
        "stars and what was written",
    ),
    "qualtrics": (
        f"{_LANDED}; Qualtrics' own CSV and TSV",
        "responses with score and text, answers, contacts, distributions",
    ),
    "salesforce": (_LANDED, "leads, contacts, accounts, opportunities, tasks, events, cases, orders"),
    "braze": (
        "Braze Currents, Avro or JSON lines in a folder for each event_type",
        "what became of messages, custom events, purchases",
    ),
    "calls": (
        "Calls of Twilio, Aircall or Zoom Phone: records of the API, JSON lines, or a table by the name of calls",
        "calls received, missed and made",
    ),
    "social": ("Mentions as Brandwatch exports them, CSV with its preamble", "mentions with their text and sentiment"),
    "surveymonkey": (
        "SurveyMonkey responses of the API, JSON lines; the CSV file of its user interface",
        "responses with score and text",
    ),
    "typeform": ("Typeform responses of the API or its webhook, JSON lines", "responses with score and text"),
}
"""Vendor to what its files are and what is understood of them."""

DESTINATIONS: dict[str, tuple[str, str]] = {
    "file": ("A folder", "CSV and Parquet with manifest, checksums and _SUCCESS, one folder a push"),
    "webhook": ("An HTTP address", "Signed messages (Standard Webhooks), one a customer that changed"),
}
"""Type of destination to where it delivers and what it writes."""
