"""Plot: answers a request with a chart."""

import os
import warnings
from typing import Literal, cast

import deadline
import fontcache
import msgspec
import webevents
from problems import Refusal

fontcache.install()  # before matplotlib is imported
# No chart has three dimensions, so a trimmed zip does not hold what draws them.
warnings.filterwarnings("ignore", "Unable to import Axes3D")

import drawing
import webroutes
from decoding import decode

if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") in ("provisioned-concurrency", "snap-start"):
    drawing.warm_up()  # nobody waits for this initialisation


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a direct invocation."""

    content_type: str
    encoding: Literal["base64", "utf-8"]  # utf-8 for an SVG of up to 1 MB
    image: str  # the file
    width: int  # pixels
    height: int
    alt: str  # what the chart shows, in words
    warnings: list[str]  # characters that no font has, and columns not drawn for a text in them


def handler(event: object, context: object) -> dict[str, object]:
    """Draw the chart that a request asks for.

    An HTTP API or Function URL event (payload 2.0) gets such a response; everything else is read as
    a `ChartSpec`, and gets a `Picture` or an RFC 9457 `Problem`. The same request always gives the
    same answer, and no event raises.
    """
    end = deadline.end(context)
    if webevents.recognises(event):
        return webevents.reply(webroutes.answer_event(event, end))
    document: msgspec.Struct
    try:
        document = picture(deadline.within(end, lambda: drawing.draw(decode(event))))
    except Refusal as refusal:
        document = refusal.problem
    return cast(dict[str, object], msgspec.to_builtins(document))


def picture(image: drawing.Image) -> Picture:
    """Put an image into the form of a direct answer."""
    text, is_base64 = webevents.written(image.content, image.content_type == "image/svg+xml")
    glyphs = ", ".join(f"{character} (U+{ord(character):04X})" for character in image.missing)
    return Picture(
        content_type=image.content_type,
        encoding="base64" if is_base64 else "utf-8",
        image=text,
        width=image.width,
        height=image.height,
        alt=image.alt,
        warnings=[*([f"No font has {glyphs}"] if glyphs else []), *image.left_out],
    )
