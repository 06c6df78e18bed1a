"""The kinds of charts, each in a module of its own; `kinds.py` lists them."""
