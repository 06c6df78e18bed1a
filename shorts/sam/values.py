"""The values in a template or another document: which can be used, and which are known; pure."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from shorts.errors import ShortsError

# Far more than any template needs; CloudFormation takes 1 MB of text.
_DEEPEST = 100
_MOST = 1_000_000
# The functions that other resources or other stacks answer.
_DEPLOYED = ("Fn::GetAtt", "Fn::ImportValue")
_SUBSTITUTED = re.compile(r"\$\{([^!}.]+)\}")


def check(document: Any, name: str) -> None:
    """Refuse a document that cannot be walked through, or that holds what cannot be written.

    With YAML's aliases a short text can stand for countless or endless values. Each value is
    checked once here, however often it occurs in the document.

    Args:
        document: of mappings, lists and scalars.
        name: of its file.

    Raises:
        ShortsError: it contains itself, too many or too deep values, or text that is not Unicode.
    """
    # How many values each one holds, itself included, and how deep; None while it is checked.
    known: dict[int, tuple[int, int] | None] = {}
    waiting = [document]
    while waiting:
        value = waiting[-1]
        inner = list(_inner(value))
        if known.get(id(value)) is not None:
            waiting.pop()
        elif id(value) in known:
            sizes = [size for item in inner if (size := known.get(id(item)))]
            if len(sizes) < len(inner):
                raise ShortsError(f"{name}: a value contains itself, by an alias.")
            count = 1 + sum(size for size, _ in sizes)
            deep = 1 + max((depth for _, depth in sizes), default=0)
            if deep > _DEEPEST:
                raise ShortsError(f"{name}: values are nested more than {_DEEPEST} deep.")
            if count > _MOST:
                raise ShortsError(f"{name}: its aliases stand for more than {_MOST:,} values.")
            known[id(value)] = count, deep
            waiting.pop()
        elif isinstance(value, Mapping | list | tuple):
            known[id(value)] = None
            waiting += [item for item in inner if known.get(id(item)) is None]
        else:
            _check_text(value, name)
            known[id(value)] = 1, 1
            waiting.pop()


def _inner(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from value
        yield from value.values()
    elif isinstance(value, list | tuple):
        yield from value


def _check_text(value: Any, name: str) -> None:
    if not isinstance(value, str):
        return
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ShortsError(
            f"{name}: {value[:100]!r} is not Unicode text: it holds half of a surrogate pair."
        ) from error
    if "\0" in value:
        raise ShortsError(f"{name}: {value[:100]!r} holds a NUL, which no path or name may hold.")


def text(value: Any) -> str:
    """Return a value that is text; empty for anything else, as before deployment."""
    return value if isinstance(value, str) else ""


def mapping(value: Any) -> Mapping[Any, Any]:
    """Return a value that is a mapping of values; empty for anything else, as before deployment."""
    return value if isinstance(value, Mapping) and not is_intrinsic(value) else {}


def number(value: Any) -> int | None:
    """Return a value that is a positive whole number; None for anything else."""
    if isinstance(value, str):  # samcli replaces what it cannot resolve by a parameter's name
        value = int(value) if value.isdecimal() and len(value) < 10 else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 < value < 10**9 else None


def is_intrinsic(value: Any) -> bool:
    """Return whether a value is a call of a CloudFormation function, such as ``!Ref``."""
    names = [*map(str, value)] if isinstance(value, Mapping) else []
    return len(names) == 1 and names[0].startswith(("Ref", "Fn::"))


def is_open(value: Any, parameters: Collection[str]) -> bool:
    """Return whether a value as it is written depends on something that only deployment knows.

    Args:
        value: as the template has it, intrinsic functions included.
        parameters: the names of the parameters without a value.
    """
    if isinstance(value, str):
        return "{{resolve:" in value
    if isinstance(value, list):
        return any(is_open(item, parameters) for item in value)
    if not isinstance(value, Mapping):
        return False
    for name, inner in value.items():
        if name == "Ref" and inner in parameters:
            return True
        if name == "Fn::Sub":
            written = inner[0] if isinstance(inner, list) and inner else inner
            if any(each in parameters for each in _SUBSTITUTED.findall(str(written))):
                return True
        if name in _DEPLOYED or is_open(inner, parameters):
            return True
    return False
