"""Which module reads which vendor."""

from journeys.config.sources import Vendor
from journeys.sources.record import Reader
from journeys.sources.segment import read_segment
from journeys.sources.stripe import read_stripe
from journeys.sources.tabular import read_tabular
from journeys.sources.zendesk import read_zendesk

READERS: dict[Vendor, Reader] = {
    "tabular": read_tabular,
    "segment": read_segment,
    "zendesk": read_zendesk,
    "stripe": read_stripe,
}
"""Vendor to the function that reads its files."""
