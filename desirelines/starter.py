"""A first `journey.yaml`: short, commented, and complete enough to run."""

import json
from pathlib import Path

from journeys.config.errors import ConfigError, DataError
from journeys.config.journey_yaml import FILE_NAME, json_schema

SCHEMA_NAME = "journey.schema.json"

_TEXT = """\
# yaml-language-server: $schema=./{schema}
# What the journeys of this business are. 'desirelines check' compares it with the data.
project: {name}
currency: EUR
time_zone: Europe/Berlin

# Where touchpoints come from. 'desirelines sources' lists the vendors.
sources:
  shop_events:
    vendor: tabular
    files: events.csv             # below the data folder; patterns such as events/*.csv.gz are fine
    columns:
      event: event                # the column that holds the event's name
      event_at: event_at          # when it happened, with a time zone
    identifiers:
      user_id: user_id            # identifier type: the column that holds it
    touchpoints:                  # the first pattern that fits gives the touchpoint; others keep their name
      - {{event: "purchase*", touchpoint: purchase, category: transaction}}

# The stages of a journey in their order, and the touchpoints that enter each.
stages:
  - {{name: discovery, enters_on: [visit, search]}}
  - {{name: consideration, enters_on: [product_view, add_to_cart]}}
  - {{name: decision, enters_on: [checkout]}}

# How journeys end.
outcomes:
  - {{name: purchased, kind: positive, touchpoints: [purchase]}}
  - {{name: left, kind: negative, touchpoints: [unsubscribe, account_closed]}}

# What to predict: the outcome, within the horizon. Of kind conversion it fills the hot leads, of kind churn the at-risk
# list. A target that the data do not allow yet is ranked by a rule, and 'run' says why.
targets:
  purchase:
    outcome: purchased
    kind: conversion
    horizon: 30d
  leaving:
    outcome: left
    kind: churn
    horizon: 30d

# What a customer is worth where the data hold no amounts; without it, value_at_risk_amount stays empty.
# value: {{per_conversion_amount: 120}}

# What can be done for a customer; without it, suggested_action stays empty and nothing is decided.
# playbook:
#   actions:
#     - {{name: call, target: leaving, channel: phone, text: "Call and ask.", min_score: 0.1, expected_effect: -0.02, effect_source: "a guess"}}

# Where lists and triggers are delivered. 'desirelines destinations' lists the kinds.
destinations:
  files:
    type: file
    folder: delivered
"""


def write_first_files(folder: Path) -> list[Path]:
    """Write `journey.yaml` and its JSON schema into `folder`, and return their paths.

    Raises:
        ConfigError: when there is a `journey.yaml` already; it stays as it is.
        DataError: when the folder cannot be written.
    """
    folder = folder.expanduser().resolve()
    path, schema = folder / FILE_NAME, folder / SCHEMA_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.exists():
            raise ConfigError(f"{path} is already there and was left as it is; choose another folder with --project.")
        path.write_text(_TEXT.format(schema=SCHEMA_NAME, name=_project_name(folder.name)), encoding="utf-8")
        schema.write_text(json.dumps(json_schema(), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        msg = f"Cannot write to {folder} ({error.strerror}); make the folder writable or choose another with --project."
        raise DataError(msg) from error
    return [path, schema]


def _project_name(folder: str) -> str:
    """Return a usable project name that resembles the folder's.

    >>> _project_name("2026 My Shop!")
    'my_shop'
    """
    name = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in folder.lower())
    name = "_".join(part for part in name.split("_") if part).lstrip("0123456789_")
    return name[:60] or "my_project"
