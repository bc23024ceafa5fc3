"""Texts: what they are read with, beside what comes along."""

from pydantic import Field

from journeys.config.base import Section


class Texts(Section):
    """How what customers write is read."""

    embedding: str | None = Field(
        default=None,
        description="Folder beside this file with all-MiniLM-L6-v2 (config.json, vocab.txt, model.safetensors), for English texts",
    )
