"""A module of a layer that is not built."""

WORD = "ready"
