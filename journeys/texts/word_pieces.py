"""Words cut into the pieces of a BERT vocabulary, lower-case.

Devlin, Chang, Lee, Toutanova: BERT. arXiv:1810.04805; Wu et al., arXiv:1609.08144.
"""

import unicodedata
from collections.abc import Mapping
from pathlib import Path

from journeys.config.errors import DataError

_UNKNOWN, _BEGIN, _END = "[UNK]", "[CLS]", "[SEP]"
_LONGEST_WORD = 100
_HAN = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0xF900, 0xFAFF), (0x20000, 0x2FA1F))


class WordPieces:
    """A vocabulary, one piece a line, the number of a piece being its line.

    Args:
        path: the file, usually called `vocab.txt`.

    Raises:
        DataError: where the file cannot be read or lacks one of BERT's own pieces.
    """

    def __init__(self, path: Path) -> None:
        try:
            lines = path.read_text(encoding="utf-8").split("\n")
        except OSError as error:
            msg = f"Cannot read {path} ({error.strerror}); 'texts.embedding' needs the folder of a MiniLM model."
            raise DataError(msg) from error
        self._pieces: Mapping[str, int] = {line: number for number, line in enumerate(lines)}
        missing = [piece for piece in (_UNKNOWN, _BEGIN, _END) if piece not in self._pieces]
        if missing:
            raise DataError(f"{path} is no vocabulary of BERT: {missing[0]} is missing.")

    def numbers(self, text: str, most: int) -> list[int]:
        """Return the numbers of a text's pieces between begin and end, no more than `most` of them."""
        pieces: list[int] = []
        for word in _words(text):
            pieces += self._cut(word)
            if len(pieces) >= most - 2:
                break
        return [self._pieces[_BEGIN], *pieces[: most - 2], self._pieces[_END]]

    def _cut(self, word: str) -> list[int]:
        """Return a word's pieces, always the longest that there is; an unknown one makes the word unknown."""
        found: list[int] = []
        start = 0
        while start < len(word) <= _LONGEST_WORD:
            for end in range(len(word), start, -1):
                piece = self._pieces.get(word[start:end] if not start else f"##{word[start:end]}")
                if piece is not None:
                    found.append(piece)
                    start = end
                    break
            else:
                break
        return found if start == len(word) else [self._pieces[_UNKNOWN]]


def _words(text: str) -> list[str]:
    """Return words and punctuation marks, lower-case and without accents."""
    plain = unicodedata.normalize("NFD", text.lower())
    signs = []
    for sign in plain:
        kind = unicodedata.category(sign)
        if kind == "Mn" or (kind in {"Cc", "Cf", "Co", "Cn"} and sign not in "\t\n\r"):
            continue
        stands_alone = (
            kind.startswith("P") or _is_ascii_mark(sign) or any(low <= ord(sign) <= high for low, high in _HAN)
        )
        signs.append(f" {sign} " if stands_alone else sign)
    return "".join(signs).split()


def _is_ascii_mark(sign: str) -> bool:
    return sign.isascii() and sign.isprintable() and not sign.isalnum() and sign != " "
