"""A module in a layer."""

WORD = "code"
