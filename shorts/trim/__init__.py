"""Trimming by sample events: runs that show what a function needs, and verify it."""
