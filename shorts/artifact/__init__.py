"""One function's zip: what goes into it, how it is written, and what lies next to it."""
