"""The subset of JSON Schema 2020-12 that Echo knows, and the check that a schema keeps to it.

https://json-schema.org/draft/2020-12/json-schema-core
https://json-schema.org/draft/2020-12/json-schema-validation

A keyword that is not here is refused by its name, never passed over: a schema that is half applied
finds half of what is wrong.
"""

from collections.abc import Callable, Iterator
from typing import Any

from bounded_search import BoundedSearch, OutOfTime
from refusal import Fault, member

DIALECT = "https://json-schema.org/draft/2020-12/schema"

DEEPEST = 64
"""Levels of subschemas within a schema."""

LARGEST = 10_000
"""Subschemas within a schema; a pattern, which is compiled, counts as a hundred, and one more is
counted for a thousand characters of the path, which may have a name of millions."""

TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")

FORMATS = ("date", "date-time", "ipv4", "ipv6", "time", "uuid")

_TOO_MANY = f"Expected at most {LARGEST} schemas and patterns"

_ONE = frozenset("additionalProperties contains else if items not propertyNames then".split())
_MANY = frozenset("allOf anyOf oneOf prefixItems".split())
_NAMED = frozenset("$defs dependentSchemas patternProperties properties".split())
_COUNTS = frozenset(
    "maxContains maxItems maxLength maxProperties "
    "minContains minItems minLength minProperties".split()
)
_NUMBERS = frozenset("exclusiveMaximum exclusiveMinimum maximum minimum multipleOf".split())
_TEXTS = frozenset("$comment description title".split())
_FLAGS = frozenset("deprecated readOnly uniqueItems writeOnly".split())
_LISTS = frozenset("enum examples".split())
_ANYTHING = frozenset("const default".split())


def schema_faults(schema: object, search: BoundedSearch, path: str = "$.schema") -> Iterator[Fault]:
    """Say all that keeps a schema from being applied.

    Args:
        schema: Any JSON value.
        search: Compiles its patterns.
        path: Of the schema, in the document that has it.
    """
    definitions = schema.get("$defs") if isinstance(schema, dict) else None
    known = definitions if isinstance(definitions, dict) else {}
    yield from _Walk(known, search).faults(schema, path, DEEPEST)


def definition(reference: str) -> str:
    """Return the name in `$defs` that a `$ref` points to; empty for the schema itself.

    Raises:
        ValueError: It is none of `#` and `#/$defs/NAME`.
    """
    if reference == "#":
        return ""
    name = reference.removeprefix("#/$defs/")
    if name == reference or not name or "/" in name:
        raise ValueError("Expected `#` or `#/$defs/NAME`")
    from urllib.parse import unquote  # a reference is a URL

    return unquote(name).replace("~1", "/").replace("~0", "~")  # RFC 6901, sections 4 and 6


class _Walk:
    """One walk through a schema and all that is in it."""

    def __init__(self, definitions: dict[str, Any], search: BoundedSearch) -> None:
        self._definitions = definitions
        self._search = search
        self._left = LARGEST

    def faults(self, schema: object, path: str, levels: int) -> Iterator[Fault]:
        if not self._takes(1 + len(path) // 1_000):
            yield Fault(path=path, detail=_TOO_MANY)
            return
        if isinstance(schema, bool):
            return
        if not isinstance(schema, dict):
            detail = f"Expected a schema: an object, true or false{_got(schema)}"
            yield Fault(path=path, detail=detail)
            return
        if not levels:
            yield Fault(path=path, detail=f"Expected at most {DEEPEST} levels of schemas")
            return
        for keyword, value in schema.items():
            here = path + member(keyword)
            if keyword in _ONE:
                yield from self.faults(value, here, levels - 1)
            elif keyword in _MANY:
                yield from self._many(value, here, levels - 1)
            elif keyword in _NAMED:
                yield from self._named(keyword, value, here, levels - 1)
            elif detail := self._fault(keyword, value):
                yield Fault(path=here, detail=detail)

    def _takes(self, count: int) -> bool:
        self._left -= count
        return self._left >= 0

    def _many(self, value: object, path: str, levels: int) -> Iterator[Fault]:
        if not isinstance(value, list):
            yield Fault(path=path, detail=f"Expected a list of schemas{_got(value)}")
            return
        if not value:
            yield Fault(path=path, detail="Expected at least one schema, got none")
        for index, schema in enumerate(value):
            yield from self.faults(schema, f"{path}[{index}]", levels)

    def _named(self, keyword: str, value: object, path: str, levels: int) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield Fault(path=path, detail=f"Expected an object of schemas{_got(value)}")
            return
        for name, schema in value.items():
            here = path + member(name)
            if keyword == "patternProperties" and (detail := self._fault("pattern", name)):
                yield Fault(path=here, detail=detail)
            yield from self.faults(schema, here, levels)

    def _fault(self, keyword: str, value: object) -> str:
        if keyword == "$ref":
            return _reference(value, self._definitions)
        if keyword == "pattern":
            return self._pattern(value)
        check = _CHECKS.get(keyword)
        return check(value) if check else "Expected a keyword that Echo knows"

    def _pattern(self, value: object) -> str:
        if not isinstance(value, str):
            return f"Expected a text{_got(value)}"
        if not self._takes(100):
            return _TOO_MANY
        try:
            self._search.compiled(value)
        except (ValueError, OutOfTime) as error:
            return str(error)
        return ""


def _reference(value: object, known: dict[str, Any]) -> str:
    if not isinstance(value, str):
        return f"Expected a text{_got(value)}"
    try:
        name = definition(value)
    except ValueError as error:
        return str(error)
    return f"Expected a schema in $defs, there is none named {name[:40]}" * (
        name != "" and name not in known
    )


def _count(value: object) -> str:
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    fits = whole and not isinstance(value, bool) and value >= 0  # type: ignore[operator]
    return "" if fits else f"Expected a whole number from 0{_got(value)}"


def _number(value: object) -> str:
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    return "" if fits else f"Expected a number{_got(value)}"


def _divisor(value: object) -> str:
    return _number(value) or ("" if value > 0 else "Expected a number above 0")  # type: ignore[operator]


def _text(value: object) -> str:
    return "" if isinstance(value, str) else f"Expected a text{_got(value)}"


def _flag(value: object) -> str:
    return "" if isinstance(value, bool) else f"Expected true or false{_got(value)}"


def _list(value: object) -> str:
    return "" if isinstance(value, list) else f"Expected a list{_got(value)}"


def _names(value: object) -> str:
    fits = isinstance(value, list) and all(isinstance(name, str) for name in value)
    return "" if fits else f"Expected a list of names{_got(value)}"


def _dependents(value: object) -> str:
    fits = isinstance(value, dict) and not any(map(_names, value.values()))
    return "" if fits else f"Expected an object of lists of names{_got(value)}"


def _type(value: object) -> str:
    names = value if isinstance(value, list) and value else [value]
    fits = all(isinstance(name, str) and name in TYPES for name in names)
    if not fits:
        return f"Expected some of {', '.join(TYPES)}"
    return "" if len(set(names)) == len(names) else "Expected each type once"


def _format(value: object) -> str:
    return "" if value in FORMATS else f"Expected one of {', '.join(FORMATS)}"


def _dialect(value: object) -> str:
    same = isinstance(value, str) and value.removesuffix("#") == DIALECT
    return "" if same else f"Expected {DIALECT}"


_CHECKS: dict[str, Callable[[object], str]] = {
    **dict.fromkeys(_COUNTS, _count),
    **dict.fromkeys(_NUMBERS, _number),
    **dict.fromkeys(_TEXTS, _text),
    **dict.fromkeys(_FLAGS, _flag),
    **dict.fromkeys(_LISTS, _list),
    **dict.fromkeys(_ANYTHING, lambda value: ""),
    "$schema": _dialect,
    "dependentRequired": _dependents,
    "format": _format,
    "multipleOf": _divisor,
    "required": _names,
    "type": _type,
}

KEYWORDS = frozenset((*_ONE, *_MANY, *_NAMED, *_CHECKS, "$ref", "pattern"))
"""Every keyword that Echo knows."""


def _got(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "a boolean"}
    if value is None:
        return ", got null"
    return f", got {names.get(type(value), 'a number')}"
