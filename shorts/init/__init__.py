"""`shorts init`: a small application that builds and runs, or what another one lacks.

Files are added, and none is overwritten.
"""

from shorts.init.create import create
from shorts.init.metadata import Addition, add, added, additions

__all__ = ["Addition", "add", "added", "additions", "create"]
