"""What texts are read with."""

import pytest

from journeys.config.errors import ConfigError
from journeys.config.journey_yaml import parse_config
from journeys.config.sources import Source
from tests.journeys.insights.drawn import config_of

_REVIEWS = {"vendor": "typeform", "files": "*.csv"}


def test_no_embedding_unless_named() -> None:
    """The model's folder is a setting of its own."""
    assert config_of().texts.embedding is None
    assert config_of(texts={"embedding": "models/minilm"}).texts.embedding == "models/minilm"


@pytest.mark.parametrize("scale", [[5, 1], [1, 1]])
def test_a_scale_has_a_worst_and_a_best(scale: list[int]) -> None:
    """Whoever writes the ends the wrong way round is told so."""
    raw = config_of().model_dump(mode="json") | {"sources": {"ask": {**_REVIEWS, "score_scale": scale}}}
    with pytest.raises(ConfigError, match=r"sources\.ask\.score_scale"):
        parse_config(raw)


def test_a_scale_changes_no_row() -> None:
    """What a row becomes does not depend on it, so files need not be loaded again."""
    scaled = Source.model_validate(_REVIEWS | {"score_scale": [1, 7]})
    assert scaled.score_scale == (1, 7)
    assert scaled.mapping_hash == Source.model_validate(_REVIEWS).mapping_hash
