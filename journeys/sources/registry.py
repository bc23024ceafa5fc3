"""Which module reads which vendor."""

from journeys.config.sources import Vendor
from journeys.sources.ad_spend import read_google_ads, read_linkedin_ads, read_meta_ads
from journeys.sources.amplitude import read_amplitude
from journeys.sources.braze import read_braze
from journeys.sources.calls import read_calls
from journeys.sources.customerio import read_customerio
from journeys.sources.delighted import read_delighted
from journeys.sources.fullstory import read_fullstory
from journeys.sources.ga4 import read_ga4
from journeys.sources.hubspot import read_hubspot
from journeys.sources.intercom import read_intercom
from journeys.sources.iterable import read_iterable
from journeys.sources.klaviyo import read_klaviyo
from journeys.sources.mailchimp import read_mailchimp
from journeys.sources.marketo import read_marketo
from journeys.sources.mixpanel import read_mixpanel
from journeys.sources.pendo import read_pendo
from journeys.sources.posthog import read_posthog
from journeys.sources.qualtrics import read_qualtrics
from journeys.sources.record import Reader
from journeys.sources.reviews import read_reviews
from journeys.sources.salesforce import read_salesforce
from journeys.sources.segment import read_segment
from journeys.sources.social import read_social
from journeys.sources.stripe import read_stripe
from journeys.sources.surveymonkey import read_surveymonkey
from journeys.sources.tabular import read_tabular
from journeys.sources.typeform import read_typeform
from journeys.sources.zendesk import read_zendesk

READERS: dict[Vendor, Reader] = {
    "tabular": read_tabular,
    "segment": read_segment,
    "zendesk": read_zendesk,
    "stripe": read_stripe,
    "amplitude": read_amplitude,
    "customerio": read_customerio,
    "delighted": read_delighted,
    "fullstory": read_fullstory,
    "ga4": read_ga4,
    "hubspot": read_hubspot,
    "intercom": read_intercom,
    "iterable": read_iterable,
    "klaviyo": read_klaviyo,
    "mailchimp": read_mailchimp,
    "marketo": read_marketo,
    "mixpanel": read_mixpanel,
    "pendo": read_pendo,
    "posthog": read_posthog,
    "qualtrics": read_qualtrics,
    "reviews": read_reviews,
    "salesforce": read_salesforce,
    "braze": read_braze,
    "calls": read_calls,
    "social": read_social,
    "surveymonkey": read_surveymonkey,
    "typeform": read_typeform,
    "google_ads": read_google_ads,
    "meta_ads": read_meta_ads,
    "linkedin_ads": read_linkedin_ads,
}
"""Vendor to the function that reads its files."""
