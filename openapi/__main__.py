"""Writes `plot/openapi.json` again."""

from openapi import FILE, text

FILE.write_text(text(), "utf-8")
