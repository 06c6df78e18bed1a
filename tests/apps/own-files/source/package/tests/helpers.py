"""A helper."""

NAME = "helpers"
