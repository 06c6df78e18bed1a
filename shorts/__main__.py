"""``python -m shorts`` is the command ``shorts``."""

from shorts.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
