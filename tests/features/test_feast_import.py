"""Feast is imported without run-time checks, and everybody else keeps them."""

import subprocess
import sys

import pytest
import typeguard

from features.feast_import import unchecked_import


def test_checks_are_left_out_inside_alone() -> None:
    """A function decorated inside is left as it is, with or without settings; afterwards checks are back, come what may."""
    before = typeguard.typechecked
    with unchecked_import():
        for decorate in (typeguard.typechecked, typeguard.typechecked(debug_instrumentation=True)):
            assert decorate(unchecked_import) is unchecked_import
    with pytest.raises(ZeroDivisionError), unchecked_import():
        raise ZeroDivisionError
    assert typeguard.typechecked is before


def test_the_store_is_imported_so() -> None:
    """In a new process, the door to Feast opens without any function of Feast being rewritten."""
    program = (
        "import typeguard._transformer as transformer\n"
        "rewritten = []\n"
        "transformer.TypeguardTransformer.__init__ = lambda *given, **named: rewritten.append(given)\n"
        "import features.feature_store\n"
        "assert not rewritten"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
