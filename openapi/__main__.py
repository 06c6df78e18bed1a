"""Writes `plot/openapi.json` anew."""

from openapi import FILE, text

FILE.write_text(text(), "utf-8")
