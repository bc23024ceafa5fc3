"""The encoder on numpy, against the same written out piece by piece, on a small model of random weights."""

import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from journeys.config.errors import DataError
from journeys.texts.embedding import MOST_PIECES, Embedding

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "card", "is", "lost", "!"]
SIZE, HEADS, LAYERS, WIDE = 8, 2, 2, 16


def _weights(seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(WORDS), SIZE),
        "embeddings.position_embeddings.weight": (200, SIZE),
        "embeddings.token_type_embeddings.weight": (2, SIZE),
        "embeddings.LayerNorm.weight": (SIZE,),
        "embeddings.LayerNorm.bias": (SIZE,),
    }
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}."
        dense = {f"attention.self.{name}": (SIZE, SIZE) for name in ("query", "key", "value")}
        dense |= {
            "attention.output.dense": (SIZE, SIZE),
            "intermediate.dense": (WIDE, SIZE),
            "output.dense": (SIZE, WIDE),
        }
        for name, shape in dense.items():
            shapes |= {f"{at}{name}.weight": shape, f"{at}{name}.bias": shape[:1]}
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes |= {f"{at}{name}.weight": (SIZE,), f"{at}{name}.bias": (SIZE,)}
    return {name: rng.normal(0, 0.5, shape).astype(np.float32) for name, shape in shapes.items()}


def _write(folder: Path, weights: dict[str, np.ndarray], **settings: Any) -> Path:
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    (folder / "config.json").write_text(
        json.dumps({"num_attention_heads": HEADS, "num_hidden_layers": LAYERS} | settings)
    )
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    content = b""
    for name, numbers in weights.items():
        start = len(content)
        content += numbers.tobytes()
        header[name] = {"dtype": "F32", "shape": numbers.shape, "data_offsets": [start, len(content)]}
    told = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(told)) + told + content)
    return folder


def _normal(vector: np.ndarray, weights: dict[str, np.ndarray], name: str) -> np.ndarray:
    away = vector - vector.mean()
    return away / math.sqrt((away**2).mean() + 1e-12) * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def _slow(numbers: list[int], weights: dict[str, np.ndarray]) -> np.ndarray:
    """Encode one text, piece by piece and head by head."""
    weights = {name: one.astype(float) for name, one in weights.items()}

    def dense(vector: np.ndarray, name: str) -> np.ndarray:
        return weights[f"{name}.weight"] @ vector + weights[f"{name}.bias"]

    hidden = [
        _normal(
            weights["embeddings.word_embeddings.weight"][number]
            + weights["embeddings.position_embeddings.weight"][place]
            + weights["embeddings.token_type_embeddings.weight"][0],
            weights,
            "embeddings.LayerNorm",
        )
        for place, number in enumerate(numbers)
    ]
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}."
        query, key, value = (
            [dense(one, f"{at}attention.self.{name}") for one in hidden] for name in ("query", "key", "value")
        )
        following = []
        for place, vector in enumerate(hidden):
            mixed = np.zeros(SIZE)
            for head in range(HEADS):
                part = slice(head * SIZE // HEADS, (head + 1) * SIZE // HEADS)
                scores = np.array([query[place][part] @ other[part] / math.sqrt(SIZE / HEADS) for other in key])
                shares = np.exp(scores) / np.exp(scores).sum()
                mixed[part] = sum(share * one[part] for share, one in zip(shares, value, strict=True))
            one = _normal(
                vector + dense(mixed, f"{at}attention.output.dense"), weights, f"{at}attention.output.LayerNorm"
            )
            wide = np.array([x * 0.5 * (1 + math.erf(x / math.sqrt(2))) for x in dense(one, f"{at}intermediate.dense")])
            following.append(_normal(one + dense(wide, f"{at}output.dense"), weights, f"{at}output.LayerNorm"))
        hidden = following
    mean = np.mean(hidden, axis=0)
    return mean / np.linalg.norm(mean)


def test_equals_the_slow_one(tmp_path: Path) -> None:
    """Texts of different lengths, together in one batch, have the points that each has alone."""
    weights = _weights(1)
    encode = Embedding(_write(tmp_path, weights))
    texts = ["the card is lost!", "card", "", "lost lost lost the unheard card"]
    found = encode(texts)
    for text, point in zip(texts, found, strict=True):
        pieces = [WORDS.index(word) if word in WORDS else 1 for word in text.replace("!", " !").split()]
        assert point == pytest.approx(_slow([2, *pieces, 3], weights), abs=1e-5), text
        assert encode([text])[0] == pytest.approx(point, abs=1e-5)
    assert encode([]).shape == (0, SIZE)


def test_long_texts_are_cut(tmp_path: Path) -> None:
    """What comes after the most pieces changes nothing."""
    encode = Embedding(_write(tmp_path, _weights(2)))
    long, longer = "card " * MOST_PIECES, "card " * MOST_PIECES + "lost"
    assert (encode([long]) == encode([longer])).all()


@pytest.mark.parametrize("broken", ["config.json", "model.safetensors", "vocab.txt", "cut", "heads"])
def test_what_is_no_model(tmp_path: Path, broken: str) -> None:
    """A missing or broken file is told in a sentence."""
    folder = _write(tmp_path, _weights(3))
    if broken == "cut":
        path = folder / "model.safetensors"
        path.write_bytes(path.read_bytes()[:-50])
    elif broken == "heads":
        (folder / "config.json").write_text("{}")
    else:
        (folder / broken).unlink()
    with pytest.raises(DataError):
        Embedding(folder)
