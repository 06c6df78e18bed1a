"""Checks of the values in a template or another document: kind, number, depth; pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from shorts.errors import ShortsError

# Far more than any template needs; CloudFormation takes 1 MB of text.
_DEEPEST = 100
_MOST = 1_000_000
_KINDS = {bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "a mapping"}


def check(document: Any, name: str) -> None:
    """Refuse a document that cannot be walked through, or that holds what cannot be written.

    With YAML's aliases a short text can stand for countless or endless values. Each value is
    checked once here, however often it occurs in the document.

    Args:
        document: of mappings, lists and scalars.
        name: of its file.

    Raises:
        ShortsError: it holds itself, too many values, values too deep, or text that is not Unicode.
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
            sizes = [size for one in inner if (size := known.get(id(one)))]
            if len(sizes) < len(inner):
                raise ShortsError(f"{name}: a value holds itself, by an alias.")
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
            waiting += [one for one in inner if known.get(id(one)) is None]
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


def kind(value: Any) -> str:
    """Return what a value is, in words."""
    if isinstance(value, Mapping):
        return f"not known here ({', '.join(value)})" if _is_intrinsic(value) else "a mapping"
    return next((word for of, word in _KINDS.items() if isinstance(value, of)), "not text")


def _is_intrinsic(value: Any) -> bool:
    names = [*map(str, value)] if isinstance(value, Mapping) else []
    return len(names) == 1 and names[0].startswith(("Ref", "Fn::"))


def text(value: Any, what: str) -> str:
    """Return a value that has to be text; empty where there is none.

    Raises:
        ShortsError: it is something else.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ShortsError(f"{what} is {kind(value)}, and has to be text.")
    return value


def mapping(value: Any, what: str) -> Mapping[str, Any]:
    """Return a value that has to be a mapping; an empty one where it is not known here.

    Raises:
        ShortsError: it is something else.
    """
    if value is None or isinstance(value, str) or _is_intrinsic(value):
        return {}
    if not isinstance(value, Mapping):
        raise ShortsError(f"{what} is {kind(value)}, and has to be a mapping.")
    return value


def number(value: Any, default: int, what: str) -> int:
    """Return a value that has to be a whole number, or a default where it is not known here.

    Raises:
        ShortsError: it is something else.
    """
    if isinstance(value, str):  # a value that SAM could not resolve may be the name of a parameter
        value = int(value) if value.isdecimal() and len(value) < 10 else None
    if not value or _is_intrinsic(value):
        return default
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**9:
        shown = repr(value)[:100] if isinstance(value, int | float) else kind(value)
        raise ShortsError(f"{what} is {shown}, and has to be a whole number.")
    return value
