"""Writes docs/commands.md again."""

from pathlib import Path

from pages import commands

PAGE = Path(__file__).parents[1] / "docs" / "commands.md"

if __name__ == "__main__":
    PAGE.write_text(commands.page(), encoding="utf-8")
