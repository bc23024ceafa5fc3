"""What can be read and where can be delivered, as the commands `sources` and `destinations` list it."""

SOURCES: dict[str, tuple[str, str]] = {
    "tabular": (
        "Any table: CSV, JSON lines or Parquet, also gzipped",
        "Columns mapped in journey.yaml; events, or attributes of customers",
    ),
    "segment": ("Segment event export, JSON lines", "track, page, screen, identify and group calls"),
    "zendesk": ("Zendesk ticket export, JSON lines", "tickets opened, answered, solved and rated"),
    "stripe": ("Stripe event export, JSON lines", "charges, invoices, subscriptions and refunds"),
}
"""Vendor to what its files are and what is understood of them."""

DESTINATIONS: dict[str, tuple[str, str]] = {
    "file": ("A folder", "CSV and Parquet with manifest, checksums and _SUCCESS, one folder a push"),
    "webhook": ("An HTTP address", "Signed messages (Standard Webhooks), one a customer that changed"),
}
"""Type of destination to where it delivers and what it writes."""
