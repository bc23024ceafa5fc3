"""Intake: webhooks that are received into the files of a source."""

import re

from pydantic import Field

from journeys.config.base import Section

SIGNING_VENDORS = ("segment", "customerio", "zendesk", "stripe", "tabular")
"""Vendors whose webhooks can be verified; `tabular` are a business's own, signed by Standard Webhooks."""

_FILES = re.compile(r"(?!.*\.\./)([^*?\[\]/]+/)+\*\.jsonl")


class Intake(Section):
    """Webhooks that `desirelines intake` receives at `/intake/<name of the source>` and lands in the source's files.

    Unless `max_reject_share` is given, any share of refused messages passes.
    """

    secret_env: str | list[str] = Field(
        min_length=1,
        description="Name of the environment variable that holds the signing secret; two while one replaces the other",
    )

    @property
    def variables(self) -> list[str]:
        """The names of the environment variables, each of which holds one secret."""
        return [self.secret_env] if isinstance(self.secret_env, str) else self.secret_env


def check_can_receive(vendor: str, files: str) -> None:
    """Check that messages of a vendor can be verified, and landed where a pattern reads them.

    Raises:
        ValueError: what does not fit, and what to write instead.
    """
    if vendor not in SIGNING_VENDORS:
        raise ValueError(f"webhooks of '{vendor}' cannot be verified; 'intake' is for {', '.join(SIGNING_VENDORS)}")
    if not _FILES.fullmatch(files):
        raise ValueError(
            f"with 'intake', 'files' is a folder of its own and '*.jsonl', as in 'app/*.jsonl', not '{files}'"
        )
