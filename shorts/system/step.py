"""A step of a long command, as progress shows it."""


class Step(str):
    """The line that names a step, with how much of it is done; reported again as that grows.

    Attributes:
        done: how many parts are done.
        total: how many there are; 0 where that is not known.
        is_short: whether only a terminal shows it, because it is mostly over at once.
    """

    done: int
    total: int
    is_short: bool

    def __new__(cls, line: str, done: int = 0, total: int = 0, *, is_short: bool = False) -> "Step":
        """Make a step of its line."""
        made = super().__new__(cls, line)
        made.done, made.total, made.is_short = done, total, is_short
        return made
