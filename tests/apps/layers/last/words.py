"""A module that comes last."""

WORD = "last"
