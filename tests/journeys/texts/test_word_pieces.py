"""Words cut into pieces."""

from pathlib import Path

import pytest

from journeys.config.errors import DataError
from journeys.texts.word_pieces import WordPieces

PIECES = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "re",
    "##set",
    "##s",
    "naive",
    "the",
    "card",
    "##et",
    "!",
    "$",
    "5",
    "你",
    "好",
    "s",
]


@pytest.fixture
def pieces(tmp_path: Path) -> WordPieces:
    path = tmp_path / "vocab.txt"
    path.write_text("\n".join(PIECES))
    return WordPieces(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("resets the card!", ["re", "##set", "##s", "the", "card", "!"]),
        ("The CARD", ["the", "card"]),
        ("naïve\u200b  card\n", ["naive", "card"]),
        ("$5", ["$", "5"]),
        ("你好", ["你", "好"]),
        ("cards thee", ["card", "##s", "[UNK]"]),
        ("card" * 26, ["[UNK]"]),
        ("", []),
        (" \t", []),
    ],
)
def test_pieces(pieces: WordPieces, text: str, expected: list[str]) -> None:
    """The longest pieces from the left, marks by themselves, and a word with an unknown rest is unknown as a whole."""
    found = pieces.numbers(text, 50)
    assert [PIECES[number] for number in found] == ["[CLS]", *expected, "[SEP]"]


def test_long_texts_are_cut(pieces: WordPieces) -> None:
    """No more pieces than asked for, the end among them."""
    assert [PIECES[number] for number in pieces.numbers("the card " * 40, 5)] == [
        "[CLS]",
        "the",
        "card",
        "the",
        "[SEP]",
    ]


def test_what_is_no_vocabulary(tmp_path: Path) -> None:
    """A missing file, and one without BERT's own pieces, are told in a sentence."""
    with pytest.raises(DataError, match="Cannot read"):
        WordPieces(tmp_path / "vocab.txt")
    (tmp_path / "words.txt").write_text("one\ntwo")
    with pytest.raises(DataError, match="no vocabulary"):
        WordPieces(tmp_path / "words.txt")
