"""A module of the outer function alone."""
