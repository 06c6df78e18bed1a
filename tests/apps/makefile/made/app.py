"""A function that a makefile builds."""

from pathlib import Path

import words


def handler(event: object, context: object) -> list[str]:
    """Answer with what the makefile has written, and with the layer's word."""
    return [Path(__file__).with_name("made.txt").read_text(encoding="utf-8"), words.WORD]
