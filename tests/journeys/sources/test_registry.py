from typing import get_args

from journeys.config.sources import Vendor
from journeys.sources.registry import READERS


def test_every_vendor_has_a_reader():
    """What `journey.yaml` allows as a vendor can be read, and nothing else."""
    assert set(READERS) == set(get_args(Vendor))
