"""Slices: each one distribution for one target, slim, compiled and compressed, in the store."""
