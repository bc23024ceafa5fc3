"""Recipes: what is extracted from well-known APIs, as `extract: {type: rest_api}` would say it.

`address` says what the base address is where every customer of the vendor has an address of its own.
"""

from typing import Any

RECIPES: dict[str, dict[str, Any]] = {
    # Events are kept for 30 days, newest first; the id of a page's last event asks for the next page.
    "stripe": {
        "base_url": "https://api.stripe.com/v1",
        "resources": [
            {
                "name": "events",
                "path": "events",
                "params": {"limit": 100},
                "data_selector": "data",
                "primary_key": ["id"],
                "cursor": {"column": "created", "parameter": "created[gte]"},
                "paginator": {
                    "type": "cursor",
                    "cursor_path": "data[-1].id",
                    "cursor_param": "starting_after",
                    "has_more_path": "has_more",
                },
            }
        ],
    },
    # generated_timestamp, since changes by the system leave updated_at as it was. The cursor after the last
    # page asks for what is changed later, so an empty page is the end.
    "zendesk": {
        "address": "https://YOUR_NAME.zendesk.com/api/v2",
        "authentication": {"kind": "basic"},
        "resources": [
            {
                "name": "tickets",
                "path": "incremental/tickets/cursor.json",
                "params": {"include": "metric_sets"},
                "data_selector": "tickets",
                "primary_key": ["id"],
                "cursor": {"column": "generated_timestamp", "parameter": "start_time", "start": 0},
                "paginator": {
                    "type": "cursor",
                    "cursor_path": "after_cursor",
                    "cursor_param": "cursor",
                    "stop_after_empty_page": True,
                },
            }
        ],
    },
}
"""Recipe to its settings."""
