"""Tests that are used at run time."""
