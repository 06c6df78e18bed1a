"""Hostile events: sample events mutated, and JSON made up."""

import base64
import copy
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

EVENTS = Path(__file__).parents[2] / "events"
TEXTS = (
    "",
    " ",
    "\0",
    "é",
    "\ud800",
    "\u202e\u2028",
    "$x^2$",
    "<script>alert(1)</script>",
    "]]>&amp;",
    "=1+1",
    "NaN",
    "null",
    "true",
    "1e400",
    "-0",
    "2024-02-30",
    "9999-12-31T23:59:59Z",
    "../../etc/passwd",
    "%00%ff%zz",
    "a=b&a=c&=&&",
    "a,b\n1,2\n3",
    '"',
    "a" * 201,
    "x" * 5000,
    "中文 العربية 👩‍👩‍👧",
    "status=700",
    "header=X:%0d%0aY:1",
    "image/png",
    "text/csv",
    "gzip;q=2, *;q=-1",
    "status=200,404:9",
)
NUMBERS = (0, 1, -1, 2, 7, 200, 2**31, 2**63, -(2**63), 10**30, 0.5, -0.0, 1e-320, 1e300, 1e308)
WORDS = (
    "line area bar scatter histogram box violin pie donut heatmap step errorbar sparkline png svg "
    "pdf webp sum mean median min max count std first last minute hour day week month quarter year "
    "light dark transparent top bottom right none auto number time category log GET POST HEAD PUT "
    "raw body delay status header 200:9,503 ggplot #ff0000 red si percent bytes"
).split()
FIELDS = (
    "kind columns records series csv x y y2 size color error value group_by aggregate resample "
    "rolling sort top stacked horizontal bins labels legend title alt x_axis y_axis y2_axis lines "
    "notes theme colors background width height scale format message headers body cookies "
    "rawQueryString rawPath isBase64Encoded requestContext multiValueHeaders queryStringParameters"
).split()


class Fuzzer:
    """Makes events; the same seed makes the same ones.

    Args:
        prefix: of the names of the sample events that are mutated, `echo` or `plot`.
        seed: any number.
    """

    def __init__(self, prefix: str, seed: int) -> None:
        self._chance = random.Random(f"{prefix} {seed}")
        self._samples = [
            json.loads(path.read_text(encoding="utf-8"))
            for path in sorted(EVENTS.glob(f"{prefix}*.json"))
        ]

    def __iter__(self) -> Iterator[Any]:
        """Events without end."""
        while True:
            made = self._event()
            try:
                json.dumps(made, ensure_ascii=True)
            except (ValueError, RecursionError):
                continue
            yield made

    def _event(self) -> Any:
        chance = self._chance
        if chance.random() < 0.1:
            return self._value(4)
        event = copy.deepcopy(chance.choice(self._samples))
        body = event.get("body") if isinstance(event, dict) else None
        if isinstance(body, str) and not event.get("isBase64Encoded") and chance.random() < 0.7:
            event["body"] = self._mutated_body(body)
            return event
        if isinstance(event, dict) and "rawQueryString" in event and chance.random() < 0.4:
            event["rawQueryString"] = self._query(event)
            return event
        for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
            event = self._mutate(event)
        return event

    def _mutated_body(self, body: str) -> str:
        chance = self._chance
        try:
            document = json.loads(body)
        except ValueError:
            return self._spoil(body)
        for _ in range(chance.choice((1, 1, 2, 4))):
            document = self._mutate(document)
        text = json.dumps(document)
        return self._spoil(text) if chance.random() < 0.1 else text

    def _query(self, event: dict[str, Any]) -> str:
        chance = self._chance
        chart = chance.choice(self._samples)
        asked = json.dumps(self._mutate(copy.deepcopy(chart)))
        packed = base64.urlsafe_b64encode(asked.encode()).decode().rstrip("=")
        odd = chance.choice((*TEXTS, *NUMBERS))
        pairs = [
            f"chart={quote(asked)}",
            f"chart={packed}",
            f"{chance.choice(WORDS + FIELDS)}={quote(str(odd), errors='replace')}",
            str(event["rawQueryString"]),
        ]
        return "&".join(chance.sample(pairs, chance.randint(1, len(pairs))))

    def _mutate(self, value: Any) -> Any:
        """Change one thing somewhere below a value."""
        chance = self._chance
        if isinstance(value, dict) and value and chance.random() < 0.9:
            name = chance.choice(list(value))
            match chance.randrange(6):
                case 0:
                    del value[name]
                case 1:
                    value[chance.choice(FIELDS)] = self._value(2)
                case 2:
                    value[self._text()] = value[name]
                case _:
                    value[name] = self._mutate(value[name])
            return value
        if isinstance(value, list) and value and chance.random() < 0.9:
            place = chance.randrange(len(value))
            match chance.randrange(6):
                case 0:
                    del value[place]
                case 1:
                    value.insert(place, self._value(2))
                case 2:
                    value *= chance.choice((2, 3, 50))
                case _:
                    value[place] = self._mutate(value[place])
            return value
        if isinstance(value, str) and chance.random() < 0.5:
            return self._spoil(value)
        return self._value(2)

    def _spoil(self, text: str) -> str:
        chance = self._chance
        place = chance.randint(0, len(text))
        match chance.randrange(5):
            case 0:
                return text[:place]
            case 1:
                return text[:place] + self._text() + text[place:]
            case 2:
                return text[:place] + chr(chance.choice((0, 10, 34, 44, 0x7F, 0xD800, 0x1F600)))
            case 3:
                return text * chance.choice((2, 20))
            case _:
                return self._text()

    def _text(self) -> str:
        return str(self._chance.choice((*TEXTS, *WORDS, *FIELDS)))

    def _value(self, levels: int) -> Any:
        chance = self._chance
        match chance.randrange(9 if levels else 6):
            case 0:
                return None
            case 1:
                return chance.random() < 0.5
            case 2:
                return chance.choice(NUMBERS)
            case 3 | 4:
                return self._text()
            case 5:
                return chance.gauss(0, 100)
            case 6:
                return [self._value(levels - 1) for _ in range(chance.randrange(5))]
            case _:
                return {
                    chance.choice((*FIELDS, self._text())): self._value(levels - 1)
                    for _ in range(chance.randrange(5))
                }


_DELAY = re.compile(r"""delay=[^&"\\]*""")


def without_waiting(event: Any) -> Any:
    """The event without what asks for an answer later: waiting is not what is looked for."""
    text = json.dumps(event)
    return json.loads(_DELAY.sub("delay=0", text)) if "delay" in text else event
