"""The document as one self-contained page: no script, style, font or picture from elsewhere."""

import base64
import hashlib
from functools import partial

from jinja2 import Environment, PackageLoader, StrictUndefined

from journey_map import wording
from journey_map.arc import arc_of
from journey_map.document import MapDocument
from journey_map.drawing import river_path
from journey_map.moments import forest


def render_page(document: MapDocument) -> str:
    """Return the page as HTML.

    Everything from the data is escaped; a content security policy admits only the page's own style
    and script, by their hashes, and no request to anywhere.
    """
    environment = Environment(
        loader=PackageLoader("journey_map", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = {
        "count": wording.say_count,
        "share": wording.say_share,
        "rate": wording.say_rate,
        "interval": wording.say_interval,
        "range": wording.say_range,
        "of": wording.say_of,
        "amount": wording.say_amount,
        "hours": wording.say_hours,
        "signed": wording.say_signed,
        "signed_range": wording.say_signed_range,
        "points": wording.say_points,
        "points_range": wording.say_points_range,
        "shorten": wording.shorten,
        "words": wording.say_name,
        "instant": partial(wording.say_instant, time_zone=document.time_zone),
    }
    environment.filters.update(filters)
    style = _source(environment, "journey_map.css")
    script = _source(environment, "journey_map.js")
    return environment.get_template("journey_map.html").render(
        map=document,
        forest=forest(document.moments),
        arc=arc_of(document.emotion.stages) if document.emotion else None,
        river=river_path([stage.reach.value for stage in document.stages]),
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
    )


def _source(environment: Environment, name: str) -> str:
    if environment.loader is None:
        raise RuntimeError("the templates have no loader")
    return environment.loader.get_source(environment, name)[0]


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
