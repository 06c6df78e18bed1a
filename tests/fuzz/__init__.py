"""Random and mutated events for both functions; `python -m tests.fuzz` runs them."""
