"""A layer's module."""

WORD = "layer"
