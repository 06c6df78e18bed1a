"""Slices in the store: each is one distribution for one target, slim, compiled and compressed."""
