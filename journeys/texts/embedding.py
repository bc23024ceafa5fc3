"""Texts as points of which those with a like meaning lie near each other: MiniLM on numpy, from a folder that a business has.

Reimers and Gurevych: Sentence-BERT. arXiv:1908.10084; Wang et al.: MiniLM. arXiv:2002.10957.
"""

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import erf

from journeys.config.errors import DataError
from journeys.texts.word_pieces import WordPieces

Matrix: TypeAlias = npt.NDArray[np.float32]

MOST_PIECES = 128
"""What follows in a text is not looked at, as in the model's teaching."""

_BATCH = 32
_EPSILON = 1e-12
_TYPES = {"F32": np.float32, "F16": np.float16}
_LAYER = "encoder.layer.{}."


class Embedding:
    """A model of sentence-transformers: BERT's encoder, the mean over its pieces, length 1.

    Args:
        folder: holds `config.json`, `vocab.txt` and `model.safetensors`.

    Raises:
        DataError: where one of them is missing, cut off, or not of such a model.
    """

    def __init__(self, folder: Path) -> None:
        self._pieces = WordPieces(folder / "vocab.txt")
        try:
            settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            self._weights = _read_weights(folder / "model.safetensors")
            self._heads, self._layers = int(settings["num_attention_heads"]), int(settings["num_hidden_layers"])
            self._positions = self._weights["embeddings.position_embeddings.weight"]
        except (OSError, ValueError, KeyError, struct.error) as error:
            raise DataError(f"{folder} holds no MiniLM model that can be read ({error}).") from error

    def __call__(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return a row of length 1 for each text."""
        most = min(MOST_PIECES, len(self._positions))
        numbers = [self._pieces.numbers(text, most) for text in texts]
        found = np.zeros((len(texts), self._positions.shape[1]))
        # Texts of one length stand together, so that little is padded.
        order = sorted(range(len(texts)), key=lambda row: (len(numbers[row]), row))
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            found[rows] = self._encode([numbers[row] for row in rows])
        return found

    def _encode(self, numbers: Sequence[Sequence[int]]) -> Matrix:
        longest = max(len(one) for one in numbers)
        ids = np.zeros((len(numbers), longest), dtype=np.int64)
        mask = np.zeros((len(numbers), longest), dtype=np.float32)
        for row, one in enumerate(numbers):
            ids[row, : len(one)], mask[row, : len(one)] = one, 1.0
        name = "embeddings.{}.weight".format
        hidden = self._weights[name("word_embeddings")][ids] + self._positions[:longest]
        hidden = self._normal(hidden + self._weights[name("token_type_embeddings")][0], "embeddings.LayerNorm")
        hidden = hidden.reshape(-1, hidden.shape[-1])  # products of two dimensions are many times faster
        for layer in range(self._layers):
            at = _LAYER.format(layer)
            attended = self._dense(self._attend(hidden, mask, at), f"{at}attention.output.dense")
            hidden = self._normal(hidden + attended, f"{at}attention.output.LayerNorm")
            wide = self._dense(hidden, f"{at}intermediate.dense")
            wide = wide * (0.5 * (1.0 + erf(wide / np.float32(np.sqrt(2.0)))))
            hidden = self._normal(hidden + self._dense(wide, f"{at}output.dense"), f"{at}output.LayerNorm")
        points = (hidden.reshape(*mask.shape, -1) * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True), dtype=np.float32)

    def _attend(self, hidden: Matrix, mask: Matrix, at: str) -> Matrix:
        count, longest = mask.shape

        def part(name: str) -> Matrix:
            found = self._dense(hidden, f"{at}attention.self.{name}")
            return found.reshape(count, longest, self._heads, -1).transpose(0, 2, 1, 3)

        query, key, value = part("query"), part("key"), part("value")
        scores = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(query.shape[-1]))
        scores = scores + (mask[:, None, None, :] - 1.0) * np.float32(1e9)
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = scores / scores.sum(axis=-1, keepdims=True) @ value
        return np.asarray(mixed.transpose(0, 2, 1, 3).reshape(count * longest, -1))

    def _dense(self, hidden: Matrix, name: str) -> Matrix:
        return np.asarray(hidden @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"])

    def _normal(self, hidden: Matrix, name: str) -> Matrix:
        away = hidden - hidden.mean(axis=-1, keepdims=True)
        spread = np.sqrt((away**2).mean(axis=-1, keepdims=True) + np.float32(_EPSILON))
        return np.asarray(away / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"])


def _read_weights(path: Path) -> dict[str, Matrix]:
    """Return the tensors of a safetensors file: eight bytes that say how long its JSON header is, the header, the numbers."""
    content = path.read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + size])
    found = {}
    for name, told in header.items():
        if name == "__metadata__" or told["dtype"] not in _TYPES:
            continue
        start, end = told["data_offsets"]
        numbers = np.frombuffer(content[8 + size + start : 8 + size + end], dtype=_TYPES[told["dtype"]])
        found[name.removeprefix("bert.")] = numbers.reshape(told["shape"]).astype(np.float32)
    return found
