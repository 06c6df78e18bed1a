"""Echo: a value and a schema, every violation, and schemas that are meant to do harm."""

import importlib
import json
import sys
import threading
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.echo.calls import (
    VALUES,
    Json,
    bad_request,
    described,
    http,
    invoke,
    module,
    refused,
    sample,
)


def send(body: str) -> Json:
    """Post a document to the route."""
    return invoke(http(method="POST", rawPath="/echo/validate", body=body))


def validate(schema: object, value: object) -> Json:
    """Apply a schema to a value."""
    return described(send(json.dumps({"schema": schema, "value": value})))


def violations(schema: object, value: object) -> list[tuple[str, str, str]]:
    """Apply a schema to a value; return where it is not as the schema says, and why."""
    document = validate(schema, value)
    found = document["violations"]
    assert document == {"valid": not found, "violations": found, "more": False}
    return [(one["path"], one["schema"], one["detail"]) for one in found]


def faults(schema: object) -> list[tuple[str, str]]:
    """Check that a schema is refused; return each fault's path and detail."""
    problem = refused(send(json.dumps({"schema": schema, "value": 1})))
    return [(one["path"], one["detail"]) for one in problem["errors"]]


class TestRoute:
    def test_says_every_violation(self) -> None:
        """All that is wrong is said, each with the path of the value and of the keyword."""
        found = described(invoke(sample("echo-validate.json")))
        assert found["valid"] is False
        assert [(one["path"], one["schema"]) for one in found["violations"]] == [
            ("$.value.id", "$.schema.properties.id.format"),
            ("$.value.email", "$.schema.properties.email.pattern"),
            ("$.value.lines[1].sku", '$.schema["$defs"].line.properties.sku.type'),
            ("$.value.lines[1].count", '$.schema["$defs"].line.properties.count.minimum'),
            ("$.value.lines[2].sku", '$.schema["$defs"].line.required'),
            ("$.value.lines[2].count", '$.schema["$defs"].line.properties.count.type'),
            ("$.value.note", "$.schema.additionalProperties"),
        ]

    def test_refuses_a_bad_schema(self) -> None:
        """All that is wrong with a schema is said, before it is applied."""
        assert refused(invoke(sample("echo-validate-bad.json"))) == bad_request(
            (
                "$.schema.type",
                "Expected some of array, boolean, integer, null, number, object, string",
            ),
            (
                '$.schema.properties.a["$ref"]',
                "Expected a schema in $defs, there is none named none",
            ),
            ("$.schema.unevaluatedProperties", "Expected a keyword that Echo knows"),
        )

    @pytest.mark.parametrize("path", ["/echo/validate", "/prod/echo/validate", "/v1/echo/validate"])
    def test_is_found_below_a_stage(self, path: str) -> None:
        """The route is where the API has it, below a stage or a base path."""
        event = http(method="POST", rawPath=path, body='{"schema": {}, "value": null}')
        assert described(invoke(event))["valid"] is True

    @pytest.mark.parametrize(
        ("method", "path"),
        [("GET", "/echo/validate"), ("POST", "/echo/validate/"), ("POST", "/echo/x")],
    )
    def test_describes_other_requests(self, method: str, path: str) -> None:
        """Every other method and path is described as ever."""
        assert described(invoke(http(method=method, rawPath=path)))["path"] == path

    @pytest.mark.parametrize(
        ("body", "faults"),
        [
            ("", [("$", "Expected JSON: Input data was truncated")]),
            ("[1,]", [("$", "Expected JSON: JSON is malformed: trailing comma in array (byte 3)")]),
            ("[]", [("$", "Expected an object with `schema` and `value`")]),
            (
                "{}",
                [
                    ("$.schema", "Expected a value, got none"),
                    ("$.value", "Expected a value, got none"),
                ],
            ),
            (
                '{"schema": {}, "value": 1, "x-y": 2}',
                [('$["x-y"]', "Unknown field, expected only `schema` and `value`")],
            ),
            ("[" * 100_000, [("$", "Expected JSON of fewer levels")]),
        ],
    )
    def test_refuses_other_documents(self, body: str, faults: list[tuple[str, str]]) -> None:
        """A document that is none is a problem that says what was expected."""
        assert refused(send(body)) == bad_request(*faults)

    def test_lists_the_first_thousand(self) -> None:
        """An answer has so many violations, and says that there are more."""
        document = validate({"items": False}, [0] * 1_001)
        assert len(document["violations"]) == 1_000
        assert document["more"] is True
        assert validate({"items": False}, [0] * 1_000)["more"] is False


class TestKeywords:
    @pytest.mark.parametrize(
        ("schema", "value", "expected"),
        [
            ({"type": "string"}, 1, [("", ".type", "Expected string, got integer")]),
            (
                {"type": ["string", "null"]},
                True,
                [("", ".type", "Expected string or null, got boolean")],
            ),
            ({"type": "integer"}, 1.5, [("", ".type", "Expected integer, got number")]),
            ({"minimum": 2}, 1, [("", ".minimum", "Expected at least 2, got 1")]),
            ({"maximum": 2}, 2.5, [("", ".maximum", "Expected at most 2, got 2.5")]),
            (
                {"exclusiveMinimum": 2},
                2,
                [("", ".exclusiveMinimum", "Expected more than 2, got 2")],
            ),
            (
                {"exclusiveMaximum": 2},
                2,
                [("", ".exclusiveMaximum", "Expected less than 2, got 2")],
            ),
            (
                {"multipleOf": 0.1},
                0.35,
                [("", ".multipleOf", "Expected a multiple of 0.1, got 0.35")],
            ),
            ({"minLength": 2}, "👋", [("", ".minLength", "Expected at least 2 characters, got 1")]),
            ({"maxLength": 1}, "ab", [("", ".maxLength", "Expected at most 1 characters, got 2")]),
            ({"pattern": "^a+$"}, "b", [("", ".pattern", "Expected a text with ^a+$ in it")]),
            ({"format": "date"}, "2025-02-30", [("", ".format", "Expected the format date")]),
            ({"minItems": 1}, [], [("", ".minItems", "Expected at least 1 items, got 0")]),
            ({"maxItems": 1}, [1, 2], [("", ".maxItems", "Expected at most 1 items, got 2")]),
            (
                {"uniqueItems": True},
                [1, True, 1.0, {"a": [1]}, {"a": [1.0]}],
                [
                    ("[2]", ".uniqueItems", "Expected another value than at [0]"),
                    ("[4]", ".uniqueItems", "Expected another value than at [3]"),
                ],
            ),
            (
                {"prefixItems": [True, False], "items": {"type": "null"}},
                [1, 2, 3, None],
                [
                    ("[1]", ".prefixItems[1]", "Expected no value here"),
                    ("[2]", ".items.type", "Expected null, got integer"),
                ],
            ),
            (
                {"contains": {"const": 1}},
                [2],
                [("", ".contains", "Expected at least 1 items as the schema says, got 0")],
            ),
            (
                {"contains": {"const": 1}, "maxContains": 1},
                [1, 1],
                [("", ".contains", "Expected at most 1 items as the schema says, got 2")],
            ),
            (
                {"minProperties": 1},
                {},
                [("", ".minProperties", "Expected at least 1 members, got 0")],
            ),
            (
                {"maxProperties": 0},
                {"a": 1},
                [("", ".maxProperties", "Expected at most 0 members, got 1")],
            ),
            (
                {"required": ["a", "x-b"]},
                {},
                [
                    (".a", ".required", "Expected a value, got none"),
                    ('["x-b"]', ".required", "Expected a value, got none"),
                ],
            ),
            (
                {"dependentRequired": {"a": ["b"]}},
                {"a": 1},
                [
                    (
                        ".b",
                        ".dependentRequired.a",
                        "Expected a value, as there is one at .a, got none",
                    )
                ],
            ),
            (
                {"dependentSchemas": {"a": {"required": ["b"]}}},
                {"a": 1},
                [(".b", ".dependentSchemas.a.required", "Expected a value, got none")],
            ),
            (
                {
                    "properties": {"a": {"type": "null"}},
                    "patternProperties": {"^x-": {"type": "string"}},
                    "additionalProperties": False,
                },
                {"a": 1, "x-b": 2, "c": 3},
                [
                    (".a", ".properties.a.type", "Expected null, got integer"),
                    ('["x-b"]', '.patternProperties["^x-"].type', "Expected string, got integer"),
                    (".c", ".additionalProperties", "Expected no value here"),
                ],
            ),
            (
                {"propertyNames": {"maxLength": 1}},
                {"ab": 1},
                [(".ab", ".propertyNames.maxLength", "Expected at most 1 characters, got 2")],
            ),
            ({"enum": [1, "a"]}, 2, [("", ".enum", "Expected one of the 2 values of the list")]),
            ({"const": True}, 1, [("", ".const", "Expected the one value that the schema gives")]),
            (
                {"allOf": [{"minimum": 2}, {"maximum": 0}]},
                1,
                [
                    ("", ".allOf[0].minimum", "Expected at least 2, got 1"),
                    ("", ".allOf[1].maximum", "Expected at most 0, got 1"),
                ],
            ),
            (
                {"anyOf": [{"minimum": 2}, {"maximum": 0}]},
                1,
                [("", ".anyOf", "Expected what one of 2 schemas says")],
            ),
            (
                {"oneOf": [True, True]},
                1,
                [("", ".oneOf", "Expected what just one of 2 schemas says, got what 2 say")],
            ),
            ({"not": True}, 1, [("", ".not", "Expected what the schema does not say")]),
            (
                {"if": {"type": "integer"}, "then": {"minimum": 2}, "else": False},
                1,
                [("", ".then.minimum", "Expected at least 2, got 1")],
            ),
            (
                {"if": {"type": "null"}, "else": {"minimum": 2}},
                1,
                [("", ".else.minimum", "Expected at least 2, got 1")],
            ),
            (False, 1, [("", "", "Expected no value here")]),
            (
                {"$ref": "#/$defs/a~1b%20c", "$defs": {"a/b c": {"minimum": 2}}},
                1,
                [("", '["$defs"]["a/b c"].minimum', "Expected at least 2, got 1")],
            ),
            (
                {"properties": {"next": {"$ref": "#"}}, "required": ["id"]},
                {"id": 1, "next": {"id": 2, "next": {}}},
                [(".next.next.id", ".required", "Expected a value, got none")],
            ),
        ],
    )
    def test_finds_violations(
        self, schema: Any, value: object, expected: list[tuple[str, str, str]]
    ) -> None:
        """Each keyword says what it expects, and where."""
        found = [("$.value" + path, "$.schema" + at, detail) for path, at, detail in expected]
        got = violations(schema, value)
        assert [(path, at.replace("$.schema.next", "$.schema"), d) for path, at, d in got] == found

    @pytest.mark.parametrize(
        ("schema", "value"),
        [
            (True, 1),
            ({}, None),
            ({"type": "integer"}, 1.0),
            ({"type": "number"}, 1),
            ({"multipleOf": 0.1}, 0.3),
            ({"multipleOf": 1e-300}, 1e300),
            ({"enum": [{"a": [1.0]}]}, {"a": [1]}),
            ({"minLength": 1, "minItems": 1, "minProperties": 1, "minimum": 9}, None),
            ({"format": "date"}, 5),
            ({"minContains": 0, "contains": False}, [1]),
            ({"then": False, "else": False}, 1),
            ({"title": "a", "$comment": "b", "default": 1, "examples": [1], "readOnly": True}, 1),
            ({"$schema": "https://json-schema.org/draft/2020-12/schema"}, 1),
            ({"maxLength": 2.0}, "ab"),
            ({"pattern": r"^\d$"}, "5"),
        ],
    )
    def test_finds_none_where_there_is_none(self, schema: object, value: object) -> None:
        """A keyword says nothing of values that it is not for."""
        assert violations(schema, value) == []

    @pytest.mark.parametrize(
        ("name", "good", "bad"),
        [
            ("date", "2024-02-29", "2023-02-29"),
            ("date-time", "2024-02-29T12:00:00Z", "2024-02-29T12:00:00"),
            ("time", "12:00:00+02:00", "12:00:00"),
            ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567"),
            ("ipv4", "203.0.113.7", "203.0.113.256"),
            ("ipv6", "2001:db8::7", "fe80::1%eth0"),
        ],
    )
    def test_checks_formats(self, name: str, good: str, bad: str) -> None:
        """A format is checked, not noted."""
        assert violations({"format": name}, good) == []
        detail = f"Expected the format {name}"
        assert violations({"format": name}, bad) == [("$.value", "$.schema.format", detail)]

    @pytest.mark.parametrize(
        ("name", "text", "valid"),
        [
            ("date-time", "1998-12-31T23:59:60Z", True),
            ("date-time", "1998-12-31T23:59:60.9999999z", True),
            ("date-time", "1990-12-31t15:59:60-08:00", True),
            ("date-time", "1998-12-31T23:58:60Z", False),
            ("date-time", "1998-12-31T23:59:61Z", False),
            ("date-time", "1998-12-31T23:59:59+0000", False),
            ("date-time", "1998-12-31 23:59:59Z", False),
            ("date-time", "1998-12-31T23:59Z", False),
            ("date-time", "23:59:59Z", False),
            ("time", "01:29:60+01:30", True),
            ("time", "00:29:60-23:30", True),
            ("time", "23:59:60+01:00", False),
            ("time", "24:00:00Z", False),
            ("time", "1998-12-31T23:59:59Z", False),
            ("uuid", "2EB8AA08-AA98-11EA-B4AA-73B441D16380", True),
            ("uuid", "2eb8aa08aa9811eab4aa73b441d16380", False),
        ],
    )
    def test_checks_formats_as_their_grammars_say(self, name: str, text: str, valid: bool) -> None:
        """A time is RFC 3339's, leap seconds included; a UUID has its dashes."""
        assert validate({"format": name}, text)["valid"] is valid


class TestSchemas:
    @pytest.mark.parametrize(
        ("schema", "path", "detail"),
        [
            (1, "", "Expected a schema: an object, true or false, got a number"),
            (
                {"items": [True]},
                ".items",
                "Expected a schema: an object, true or false, got a list",
            ),
            ({"allOf": {}}, ".allOf", "Expected a list of schemas, got an object"),
            ({"allOf": []}, ".allOf", "Expected at least one schema, got none"),
            ({"type": ["null", "null"]}, ".type", "Expected each type once"),
            ({"properties": []}, ".properties", "Expected an object of schemas, got a list"),
            ({"minLength": -1}, ".minLength", "Expected a whole number from 0, got a number"),
            ({"minLength": 1.5}, ".minLength", "Expected a whole number from 0, got a number"),
            ({"minItems": True}, ".minItems", "Expected a whole number from 0, got a boolean"),
            ({"minimum": "1"}, ".minimum", "Expected a number, got a text"),
            ({"multipleOf": 0}, ".multipleOf", "Expected a number above 0"),
            ({"required": [1]}, ".required", "Expected a list of names, got a list"),
            (
                {"dependentRequired": {"a": "b"}},
                ".dependentRequired",
                "Expected an object of lists of names, got an object",
            ),
            ({"pattern": 1}, ".pattern", "Expected a text, got a number"),
            (
                {"pattern": "("},
                ".pattern",
                "Expected a regular expression: missing ), unterminated subpattern at position 0",
            ),
            ({"pattern": "x" * 501}, ".pattern", "Expected at most 500 characters, got 501"),
            (
                {"patternProperties": {"*": True}},
                '.patternProperties["*"]',
                "Expected a regular expression: nothing to repeat at position 0",
            ),
            ({"title": None}, ".title", "Expected a text, got null"),
            ({"uniqueItems": 1}, ".uniqueItems", "Expected true or false, got a number"),
            ({"enum": {}}, ".enum", "Expected a list, got an object"),
            (
                {"format": "email"},
                ".format",
                "Expected one of date, date-time, ipv4, ipv6, time, uuid",
            ),
            (
                {"$schema": "http://json-schema.org/draft-07/schema#"},
                '["$schema"]',
                "Expected https://json-schema.org/draft/2020-12/schema",
            ),
            ({"$ref": "other.json"}, '["$ref"]', "Expected `#` or `#/$defs/NAME`"),
            ({"$ref": "#/properties/a"}, '["$ref"]', "Expected `#` or `#/$defs/NAME`"),
            ({"$ref": 1}, '["$ref"]', "Expected a text, got a number"),
        ],
    )
    def test_says_what_is_wrong(self, schema: object, path: str, detail: str) -> None:
        """A schema is refused for what is wrong with it, by its path."""
        assert faults(schema) == [("$.schema" + path, detail)]

    @pytest.mark.parametrize(
        "keyword",
        [
            "$anchor",
            "$dynamicRef",
            "$id",
            "$vocabulary",
            "additionalItems",
            "contentMediaType",
            "definitions",
            "minimun",
            "unevaluatedItems",
            "unevaluatedProperties",
        ],
    )
    def test_refuses_unknown_keywords(self, keyword: str) -> None:
        """A keyword that Echo does not know is named, wherever it is, and not passed over."""
        detail = "Expected a keyword that Echo knows"
        member = module("refusal").member(keyword)
        assert faults({"not": {keyword: True}}) == [(f"$.schema.not{member}", detail)]

    def test_collects_faults(self) -> None:
        """The first twenty faults are listed."""
        schema = {"properties": {f"p{number}": {"x": 1} for number in range(50)}}
        assert [path for path, _ in faults(schema)] == [
            f"$.schema.properties.p{number}.x" for number in range(20)
        ]


@pytest.mark.parametrize(
    ("pattern", "text", "valid"),
    [
        ("^a$", "a", True),
        ("^a$", "a\n", False),
        ("^(a|$)", "\n", False),
        ("a$|b$", "b\n", False),
        (r"^a\$$", "a$", True),
        (r"^a\$$", "a$\n", False),
        ("^[$]+$", "$$", True),
        ("^[^$]$", "$", False),
        ("^[]$]$", "$", True),
        (r"^[\]$]$", "$", True),
        (r"^\[$", "[", True),
    ],
)
def test_ends_a_text_where_it_ends(pattern: str, text: str, valid: bool) -> None:
    """`$` is the end of a text, not the place before its last line feed, as in ECMA-262."""
    assert validate({"pattern": pattern}, text)["valid"] is valid


BACKTRACKING = ["(a+)+$", "(a|a)*$", "(a|aa)+$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$"]


class TestHostile:
    @pytest.mark.parametrize("pattern", BACKTRACKING)
    def test_ends_patterns_that_would_not(self, pattern: str) -> None:
        """A pattern that backtracks without end is refused after a tenth of a second."""
        before = time.process_time()
        problem = refused(
            send(json.dumps({"schema": {"pattern": pattern}, "value": "a" * 40 + "!"}))
        )
        detail = "Expected patterns that need at most 0.1 seconds"
        assert problem == bad_request(("$.schema.pattern", detail))
        assert time.process_time() - before < 0.5

    def test_bounds_patterns_together(self) -> None:
        """Many patterns that take long share their time."""
        schema = {"items": {"pattern": "(a+)+$"}}
        before = time.process_time()
        refused(send(json.dumps({"schema": schema, "value": ["a" * 20 + "!"] * 1_000})))
        assert time.process_time() - before < 0.5

    def test_bounds_the_compiling_of_patterns(self) -> None:
        """Patterns that take long to be compiled are refused before they are searched for."""
        wide = r"(?i)" + r"[\0-\uffff]" * 40
        schema = {"allOf": [{"pattern": f"{wide}{number}"} for number in range(90)]}
        found = faults({"allOf": [{"pattern": "a"}, {"patternProperties": {wide: True}}, schema]})
        assert found[0][0].startswith("$.schema.allOf[")
        assert {detail for _, detail in found} == {
            "Expected patterns that need at most 0.1 seconds"
        }

    def test_keeps_its_time_for_the_next(self) -> None:
        """A pattern that was ended leaves no timer behind, nor a handler."""
        send(json.dumps({"schema": {"pattern": "(a+)+$"}, "value": "a" * 40 + "!"}))
        assert violations({"pattern": "a"}, "a") == []
        before = time.process_time()
        while time.process_time() - before < 0.15:
            pass

    def test_refuses_patterns_where_none_can_be_ended(self) -> None:
        """In another thread a search cannot be ended, so it is not begun."""
        answers: list[Json] = []
        body = json.dumps({"schema": {"pattern": "a"}, "value": "a"})
        thread = threading.Thread(target=lambda: answers.append(send(body)))
        thread.start()
        thread.join()
        detail = "Expected no pattern: only the main thread can bound its time"
        assert refused(answers[0]) == bad_request(("$.schema.pattern", detail))

    @pytest.mark.parametrize(
        ("schema", "value", "path", "detail"),
        [
            ({"$ref": "#"}, 1, "$.schema", "Expected at most 128 levels, and no endless `$ref`"),
            (
                {"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}] * 3}}},
                1,
                '$.schema["$defs"].a.anyOf',
                "Expected at most 128 levels, and no endless `$ref`",
            ),
            (
                {"items": True},
                [0] * 100_000,
                "$.schema.items",
                "Expected to be done within 50000 steps",
            ),
            (
                {"uniqueItems": True},
                list(range(100_000)),
                "$.schema",
                "Expected to be done within 50000 steps",
            ),
            (
                {"$ref": "#/$defs/a", "$defs": {"a": {"allOf": [{"enum": [[0] * 1_000]}] * 60}}},
                [0] * 1_000,
                '$.schema["$defs"].a.allOf[24]',
                "Expected to be done within 50000 steps",
            ),
            (
                {"items": {"required": ["a"] * 1_000}},
                [{"a": 1}] * 100,
                "$.schema.items",
                "Expected to be done within 50000 steps",
            ),
        ],
    )
    def test_bounds_the_work(self, schema: object, value: object, path: str, detail: str) -> None:
        """What takes too many steps or levels is refused, not half done."""
        before = time.process_time()
        body = json.dumps({"schema": schema, "value": value})
        assert refused(send(body)) == bad_request((path, detail))
        assert time.process_time() - before < 1

    def test_bounds_the_schema(self) -> None:
        """A schema has so many schemas in it, so many levels and so many patterns."""
        wide: Json = {"allOf": [{}] * 10_000}
        detail = "Expected at most 10000 schemas and patterns"
        assert faults(wide)[0] == ("$.schema.allOf[9999]", detail)
        patterns = {"allOf": [{"pattern": f"a{number}"} for number in range(150)]}
        assert faults(patterns)[0] == ("$.schema.allOf[99]", detail)
        deep: object = True
        for _ in range(65):
            deep = {"not": deep}
        assert faults(deep) == [("$.schema" + ".not" * 64, "Expected at most 64 levels of schemas")]

    def test_counts_long_names(self) -> None:
        """Names of a million characters are not written a thousand times over."""
        name = "a" * 1_000_000
        schema: Json = {"additionalProperties": {"items": {"type": "string"}}}
        document = validate(schema, {name: [1] * 1_000})
        assert [one["path"] for one in document["violations"]] == [f"$.value.{name}[0]"]
        assert document["more"] is True
        schema = {"properties": {name: {"allOf": [{}] * 20}}}
        wanted = f"$.schema.properties.{name}.allOf[8]"
        assert faults(schema) == [(wanted, "Expected at most 10000 schemas and patterns")]
        schema = {"properties": {name: {"x": 1, "y": 1}}}
        unknown = (f"$.schema.properties.{name}.x", "Expected a keyword that Echo knows")
        assert faults(schema) == [unknown]

    @pytest.mark.parametrize(
        ("schema", "value", "path"),
        [
            (
                {"additionalProperties": {"items": True}},
                {"a" * 1_000_000: [1] * 1_000},
                "$.schema.additionalProperties.items",
            ),
            (
                {"additionalProperties": {"patternProperties": {"x": True}}},
                {"a" * 1_000_000: dict.fromkeys(map(str, range(1_000)))},
                "$.schema.additionalProperties.patternProperties.x",
            ),
            ({"allOf": [{"format": "time"}] * 100}, "1" * 1_000_000, "$.schema.allOf[48]"),
            (
                {
                    "allOf": [{"$ref": "#/$defs/a"}] * 100,
                    "$defs": {"a": {"required": ["a" * 1_000_000]}},
                },
                {"a" * 1_000_000: 1},
                '$.schema["$defs"].a',
            ),
            (
                {
                    "allOf": [{"not": {"$ref": "#/$defs/a"}}] * 100,
                    "$defs": {
                        "a": {
                            "additionalProperties": False,
                            "properties": dict.fromkeys(map(str, range(1_000)), True),
                        }
                    },
                },
                dict.fromkeys(map(str, range(1_001))),
                '$.schema["$defs"].a',
            ),
            ({"items": {"multipleOf": 0.1}}, [10**4_000] * 1_000, "$.schema.items"),
            ({"allOf": [{"multipleOf": 10**4_000}] * 1_000}, 0, "$.schema.allOf[806]"),
            ({"allOf": [{"const": 10**4_000}] * 1_000}, 1, "$.schema.allOf[925]"),
        ],
        ids=["names", "patterns", "texts", "required", "known", "numbers", "divisors", "constants"],
    )
    def test_counts_long_names_and_numbers(self, schema: object, value: object, path: str) -> None:
        """What takes long to be written or divided counts for more than a step."""
        detail = "Expected to be done within 50000 steps"
        body = json.dumps({"schema": schema, "value": value})
        assert refused(send(body)) == bad_request((path, detail))

    def test_takes_numbers_of_one_hash(self) -> None:
        """Numbers that hash alike are not compared with each other, one by one."""
        alike = [number * sys.hash_info.modulus for number in range(100)]
        assert len(set(map(hash, alike))) == 1
        assert violations({"uniqueItems": True, "items": {"enum": alike}}, alike) == []
        check = module("violations").Check(True, module("bounded_search").BoundedSearch())
        place = module("violations").Place("$.value", "$.schema", 1)
        assert len({hash(check._same(number, place)) for number in alike}) == 100

    def test_reads_deep_values(self) -> None:
        """A value nested as deeply as JSON can be read is compared, or refused."""
        for levels in (100, 500, 900, 990):
            body = '{"schema": {"const": 1}, "value": ' + "[" * levels + "]" * levels + "}"
            assert send(body)["statusCode"] in (200, 400)


NAMES = st.sampled_from(["a", "b", "ab"])
NUMBERS = st.integers(-3, 3) | st.sampled_from([0.5, 1.0, 0.1, 0.3])
VALUE = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.sampled_from(["", "a", "ab", "ba"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
TYPES = st.sampled_from(["array", "boolean", "integer", "null", "number", "object", "string"])
COUNTS = st.integers(0, 3)


def schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    many = st.lists(inner, min_size=1, max_size=2)
    named = st.dictionaries(NAMES, inner, max_size=2)
    keywords: dict[str, st.SearchStrategy[Any]] = {
        "type": TYPES | st.lists(TYPES, min_size=1, unique=True, max_size=3),
        "enum": st.lists(VALUE, max_size=3),
        "const": VALUE,
        "minimum": NUMBERS,
        "exclusiveMaximum": NUMBERS,
        "multipleOf": st.sampled_from([1, 2, 0.5]),
        "minLength": COUNTS,
        "maxItems": COUNTS,
        "maxProperties": COUNTS,
        "uniqueItems": st.booleans(),
        "pattern": st.sampled_from(["^a", "b$", "ab"]),
        "required": st.lists(NAMES, max_size=2, unique=True),
        "dependentRequired": st.dictionaries(NAMES, st.lists(NAMES, max_size=2), max_size=2),
        "dependentSchemas": named,
        "properties": named,
        "patternProperties": st.dictionaries(st.sampled_from(["^a", "b"]), inner, max_size=2),
        "additionalProperties": inner,
        "propertyNames": inner,
        "items": inner,
        "prefixItems": many,
        "contains": inner,
        "minContains": COUNTS,
        "maxContains": COUNTS,
        "allOf": many,
        "anyOf": many,
        "oneOf": many,
        "not": inner,
        "if": inner,
        "then": inner,
        "else": inner,
        "$ref": st.just("#/$defs/a"),
    }
    members = [st.tuples(st.just(keyword), values) for keyword, values in keywords.items()]
    return st.lists(st.one_of(members), max_size=4).map(dict)


SCHEMA: st.SearchStrategy[Any] = st.recursive(st.booleans() | st.just({}), schemas, max_leaves=6)
ROOT_SCHEMA = st.builds(
    lambda schema, one: {**schema, "$defs": {"a": one}}, schemas(SCHEMA), schemas(st.booleans())
).filter(lambda schema: "$ref" not in schema["$defs"]["a"])


@pytest.fixture(scope="module")
def whole() -> Any:
    """A validator of the whole of JSON Schema."""
    return importlib.import_module("jsonschema").Draft202012Validator


class TestAnySchema:
    @settings(deadline=None)
    @given(schema=ROOT_SCHEMA, value=VALUE)
    def test_agrees_with_another(self, whole: Any, schema: Json, value: object) -> None:
        """A validator of the whole of JSON Schema says the same of what is valid."""
        assert validate(schema, value)["valid"] is whole(schema).is_valid(value)

    @settings(deadline=None)
    @given(schema=VALUES | st.dictionaries(st.sampled_from(["type", "not", "$ref"]), VALUES))
    def test_takes_any_schema(self, schema: object) -> None:
        """No schema raises: it is applied, or refused with a path in it."""
        response = send(json.dumps({"schema": schema, "value": [1, {"a": "b"}]}))
        if response["statusCode"] != 200:
            assert all(one["path"].startswith("$") for one in refused(response)["errors"])
