"""Why a trimmed function is refused: its event, the first missing file, and how to keep that."""

from collections.abc import Sequence

import msgspec

from shorts.artifact.trim_rules import Trim, matches
from shorts.modules.compiler import module_name
from shorts.trim.trace import Run


class Trimmed(msgspec.Struct, frozen=True, kw_only=True):
    """A function that its sample events trim.

    Attributes:
        name: of the function.
        drop: its globs of what does not ship.
        paths: of the files that could ship, in its zip or its layers.
        trim: what becomes of them.
    """

    name: str
    drop: Sequence[str]
    paths: frozenset[str]
    trim: Trim


def refusal(function: Trimmed, event: str, where: str, before: Run, after: Run) -> str:
    """Return what is wrong with the answer of a trimmed function, and what to do.

    Args:
        function: the function.
        event: gets another answer from it.
        where: the path of the first difference in the answer.
        before: the events on the untrimmed function.
        after: the events on the trimmed one.
    """
    now, then = after.failures[event], before.failures[event]
    if now == then:
        text = f"{event} gets another answer from the trimmed {function.name}, at {where}."
    else:
        text = f"{event} fails on the trimmed {function.name}: {now or 'it returns'}"
        text += f" (untrimmed: {then})." if then else "."
    missing = _missing(function, after)
    if not missing:
        way_out = "No event asked for what was left out; `Slim: false` leaves nothing out."
        return f"{text}\n{way_out}"
    way_out = f"Keep it: `Keep: [{missing}]` in the function's `Metadata: Shorts`"
    way_out += "; `Slim: false` there leaves nothing out."
    if matches(function.drop, _names(missing)):
        way_out = "Drop names it: narrow that, or `Keep` it."
    return f"{text}\nThe first file missing is {missing}.\n{way_out}"


def _missing(function: Trimmed, after: Run) -> str:
    """Return the first file that was asked for and is missing; empty where none was."""
    gone = {path for path in function.trim.left_out & function.paths if "__pycache__/" not in path}
    moved = function.trim.moved.values()
    gone -= {path.removesuffix("c") for path in moved}  # its bytecode is there
    modules = {module_name(path): path for path in gone if path.endswith((".py", ".so"))}
    for kind, what in after.requests:
        path = modules.get(what, "") if kind == "failed" else what
        if path in gone:
            return path
    # Python does not open a library itself, and code may only check whether a file exists.
    text = "\n".join((*after.failures.values(), *after.lines))
    named = [(text.find(path.rpartition("/")[2]), path) for path in sorted(gone)]
    return min((mention for mention in named if mention[0] >= 0), default=(0, ""))[1]


def _names(path: str) -> list[str]:
    return [path, f"{path}c"] if path.endswith(".py") else [path]
