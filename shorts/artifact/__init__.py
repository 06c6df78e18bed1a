"""One function's zip: what goes into it, how it is written, and the files next to it."""
