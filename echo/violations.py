"""Where a value is not what a schema says; `json_schema` has checked the schema before."""

from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple

import msgspec
from assertions import SIMPLE
from bounded_search import BoundedSearch, OutOfTime
from json_schema import definition
from refusal import member

MOST_STEPS = 50_000
"""Schemas that are applied to values, and values that are compared, before Echo gives up; one more
is counted for a thousand characters of a text, of a name or of where they are, which may be of
millions, and for 77 digits of an integer, which may have 4,300."""

DEEPEST = 128
"""Levels of schemas and references, applied within one another."""


class Violation(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which a value is not what its schema says.

    Attributes:
        path: The value's JSONPath (RFC 9535) in the request's document.
        schema: The JSONPath of the keyword that says so.
        detail: What was expected, and what was found.
    """

    path: str
    schema: str
    detail: str


class TooMuch(Exception):
    """A schema takes too much to be applied.

    Attributes:
        path: Where the schema has what does.
    """

    def __init__(self, path: str, detail: str) -> None:
        """Keep where it was, beside the words."""
        self.path = path
        super().__init__(detail)


class Place(NamedTuple):
    """Where a schema meets a value.

    Attributes:
        path: Of the value.
        schema: The path of the schema.
        levels: That may still be applied within.
    """

    path: str
    schema: str
    levels: int

    @property
    def length(self) -> int:
        """Thousands of characters that it takes to write both paths."""
        return (len(self.path) + len(self.schema)) // 1_000

    def into(self, keyword: str, step: str = "") -> "Place":
        """Go on to a subschema, and by a step to a part of the value."""
        return Place(self.path + step, self.schema + keyword, self.levels - 1)

    def violation(self, keyword: str, detail: str, step: str = "") -> Violation:
        """Say what a keyword finds."""
        return Violation(path=self.path + step, schema=self.schema + keyword, detail=detail)


class Check:
    """A schema, ready to be applied once.

    Args:
        schema: As `json_schema.schema_faults` finds none in it.
        search: Searches for its patterns.
    """

    def __init__(self, schema: Any, search: BoundedSearch) -> None:
        self._root = schema
        self._steps = 0
        self._search = search
        self._enums: dict[int, set[object]] = {}  # by the id of what the schema lists

    def violations(self, value: Any) -> Iterator[Violation]:
        """Find where a value is not what the schema says, in the order of the schema's keywords.

        Raises:
            TooMuch: It takes more than 50,000 steps or 128 levels, or a pattern takes too long.
        """
        return self._apply(self._root, value, Place("$.value", "$.schema", DEEPEST))

    def _spend(self, steps: int, at: Place) -> None:
        self._steps += steps
        if self._steps > MOST_STEPS:
            raise TooMuch(at.schema, f"Expected to be done within {MOST_STEPS} steps")

    def _spend_on(self, names: Collection[str], at: Place) -> None:
        self._spend(len(names) + sum(map(_weight, names)), at)

    def _apply(self, schema: Any, value: Any, at: Place) -> Iterator[Violation]:
        self._spend(1 + at.length + _weight(value), at)
        if not at.levels:
            raise TooMuch(at.schema, f"Expected at most {DEEPEST} levels, and no endless `$ref`")
        if schema is False:
            yield at.violation("", "Expected no value here")
        if isinstance(schema, bool):
            return
        for keyword, said in schema.items():
            if check := SIMPLE.get(keyword):
                # The division of decimals is long.
                self._spend(_weight(said) + (10 if keyword == "multipleOf" else 0), at)
                if detail := check(said, value):
                    yield at.violation(member(keyword), detail)
            elif apply := _APPLIED.get(keyword) or _OF_KIND.get((keyword, type(value))):
                yield from apply(self, schema, value, at)

    def _holds(self, schema: Any, value: Any, at: Place) -> bool:
        return next(self._apply(schema, value, at), None) is None

    def _found(self, pattern: str, text: str, at: Place) -> bool:
        self._spend(2 + at.length, at)
        try:
            return self._search.found(pattern, text)
        except OutOfTime as error:
            raise TooMuch(at.schema, str(error)) from None

    def _same(self, value: Any, at: Place) -> object:
        """Make of a value what is equal where JSON Schema calls values equal: 1 is 1.0, not true.

        https://json-schema.org/draft/2020-12/json-schema-core#section-4.2.2
        """
        self._spend(1 + _weight(value), at)
        if isinstance(value, list):
            return "array", tuple([self._same(item, at) for item in value])
        if isinstance(value, dict):
            members = [(name, self._same(item, at)) for name, item in value.items()]
            return "object", frozenset(members)
        if isinstance(value, int | float) and not isinstance(value, bool):
            # As text: of numbers anybody can choose forty thousand that have the same hash.
            return "number", str(int(value) if value == value // 1 else value)
        return value

    # Keywords for any value.

    def _reference(self, schema: Any, value: Any, at: Place) -> Iterator[Violation]:
        name = definition(schema["$ref"])
        target = self._root["$defs"][name] if name else self._root
        there = f'$.schema["$defs"]{member(name)}' if name else "$.schema"
        return self._apply(target, value, Place(at.path, there, at.levels - 1))

    def _all(self, schema: Any, value: Any, at: Place) -> Iterator[Violation]:
        for index, one in enumerate(schema["allOf"]):
            yield from self._apply(one, value, at.into(f".allOf[{index}]"))

    def _any(self, schema: Any, value: Any, at: Place) -> Iterator[Violation]:
        many, there = schema["anyOf"], at.into(".anyOf")
        if not any(self._holds(one, value, there) for one in many):
            yield at.violation(".anyOf", f"Expected what one of {len(many)} schemas says")

    def _one(self, schema: Any, value: Any, at: Place) -> Iterator[Violation]:
        many, there = schema["oneOf"], at.into(".oneOf")
        holding = sum(self._holds(one, value, there) for one in many)
        if holding != 1:
            detail = f"Expected what just one of {len(many)} schemas says, got what {holding} say"
            yield at.violation(".oneOf", detail)

    def _not(self, schema: Any, value: Any, at: Place) -> Iterator[Violation]:
        if self._holds(schema["not"], value, at.into(".not")):
            yield at.violation(".not", "Expected what the schema does not say")

    def _if(self, schema: Any, value: Any, at: Place) -> Iterator[Violation]:
        branch = "then" if self._holds(schema["if"], value, at.into(".if")) else "else"
        return self._apply(schema.get(branch, True), value, at.into(f".{branch}"))

    def _enum(self, schema: Any, value: Any, at: Place) -> Iterator[Violation]:
        said = schema["enum"]
        if id(said) not in self._enums:
            self._enums[id(said)] = {self._same(one, at) for one in said}
        if self._same(value, at) not in self._enums[id(said)]:
            yield at.violation(".enum", f"Expected one of the {len(said)} values of the list")

    def _const(self, schema: Any, value: Any, at: Place) -> Iterator[Violation]:
        if self._same(value, at) != self._same(schema["const"], at):
            yield at.violation(".const", "Expected the one value that the schema gives")

    def _pattern(self, schema: Any, value: Any, at: Place) -> Iterator[Violation]:
        pattern = schema["pattern"]
        if isinstance(value, str) and not self._found(pattern, value, at.into(".pattern")):
            yield at.violation(".pattern", f"Expected a text with {pattern[:80]} in it")

    # Keywords for objects.

    def _properties(self, schema: Any, value: Any, at: Place) -> Iterator[Violation]:
        self._spend_on(schema["properties"], at)
        for name, inner in schema["properties"].items():
            if name in value:
                step = member(name)
                yield from self._apply(inner, value[name], at.into(f".properties{step}", step))

    def _patterns(self, schema: Any, value: Any, at: Place) -> Iterator[Violation]:
        for pattern, inner in schema["patternProperties"].items():
            keyword = f".patternProperties{member(pattern)}"
            for name in value:
                there = at.into(keyword, member(name))
                if self._found(pattern, name, there):
                    yield from self._apply(inner, value[name], there)

    def _additional(self, schema: Any, value: Any, at: Place) -> Iterator[Violation]:
        self._spend(len(value), at)
        known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
        for name, inner in value.items():
            if name in known:
                continue
            there = at.into(".additionalProperties", member(name))
            if not any(self._found(one, name, there) for one in patterns):
                yield from self._apply(schema["additionalProperties"], inner, there)

    def _names(self, schema: Any, value: Any, at: Place) -> Iterator[Violation]:
        for name in value:
            there = at.into(".propertyNames", member(name))
            yield from self._apply(schema["propertyNames"], name, there)

    def _required(self, schema: Any, value: Any, at: Place) -> Iterator[Violation]:
        self._spend_on(schema["required"], at)
        for name in schema["required"]:
            if name not in value:
                yield at.violation(".required", "Expected a value, got none", member(name))

    def _dependent(self, schema: Any, value: Any, at: Place) -> Iterator[Violation]:
        for name, needed in schema["dependentRequired"].items():
            self._spend_on([name, *needed], at)
            for other in needed if name in value else ():
                if other not in value:
                    detail = f"Expected a value, as there is one at {member(name[:80])}, got none"
                    yield at.violation(f".dependentRequired{member(name)}", detail, member(other))

    def _dependent_schemas(self, schema: Any, value: Any, at: Place) -> Iterator[Violation]:
        self._spend_on(schema["dependentSchemas"], at)
        for name, inner in schema["dependentSchemas"].items():
            if name in value:
                keyword = f".dependentSchemas{member(name)}"
                yield from self._apply(inner, value, at.into(keyword))

    # Keywords for lists.

    def _prefix(self, schema: Any, value: Any, at: Place) -> Iterator[Violation]:
        for index, (inner, item) in enumerate(zip(schema["prefixItems"], value, strict=False)):
            step = f"[{index}]"
            yield from self._apply(inner, item, at.into(f".prefixItems{step}", step))

    def _items(self, schema: Any, value: Any, at: Place) -> Iterator[Violation]:
        for index in range(len(schema.get("prefixItems", ())), len(value)):
            there = at.into(".items", f"[{index}]")
            yield from self._apply(schema["items"], value[index], there)

    def _contains(self, schema: Any, value: Any, at: Place) -> Iterator[Violation]:
        there = at.into(".contains")
        count = sum(self._holds(schema["contains"], item, there) for item in value)
        least, most = schema.get("minContains", 1), schema.get("maxContains", count)
        if not least <= count <= most:
            limit = f"at least {least}" if count < least else f"at most {most}"
            detail = f"Expected {limit} items as the schema says, got {count}"
            yield at.violation(".contains", detail)

    def _unique(self, schema: Any, value: Any, at: Place) -> Iterator[Violation]:
        first: dict[object, int] = {}
        for index, item in enumerate(value if schema["uniqueItems"] else ()):
            before = first.setdefault(self._same(item, at), index)
            if before != index:
                detail = f"Expected another value than at [{before}]"
                yield at.violation(".uniqueItems", detail, f"[{index}]")


def _weight(value: object) -> int:
    """Count the thousands of characters of a text, or the 256 bits of an integer; else 0."""
    if isinstance(value, str):
        return len(value) // 1_000
    return value.bit_length() // 256 if isinstance(value, int) else 0


_Apply = Callable[[Check, Any, Any, Place], Iterator[Violation]]
_APPLIED: dict[str, _Apply] = {
    "$ref": Check._reference,
    "allOf": Check._all,
    "anyOf": Check._any,
    "const": Check._const,
    "enum": Check._enum,
    "if": Check._if,
    "not": Check._not,
    "oneOf": Check._one,
    "pattern": Check._pattern,
}
_OF_KIND: dict[tuple[str, type], _Apply] = {
    ("additionalProperties", dict): Check._additional,
    ("contains", list): Check._contains,
    ("dependentRequired", dict): Check._dependent,
    ("dependentSchemas", dict): Check._dependent_schemas,
    ("items", list): Check._items,
    ("patternProperties", dict): Check._patterns,
    ("prefixItems", list): Check._prefix,
    ("properties", dict): Check._properties,
    ("propertyNames", dict): Check._names,
    ("required", dict): Check._required,
    ("uniqueItems", list): Check._unique,
}
