"""A part of a package."""

NAME = "part"
