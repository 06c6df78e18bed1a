"""Plot: answers a request with a chart."""

import base64
import gc
import os
import tempfile
import warnings
from typing import Literal

import msgspec

# matplotlib keeps its font cache there, and in Lambda only the temporary folder can be written.
os.environ.setdefault("MPLCONFIGDIR", os.path.join(tempfile.gettempdir(), "matplotlib"))

gc.disable()  # what is imported stays: looking for garbage in it takes a tenth of the cold start
# No chart has three dimensions, so a trimmed zip does not hold what draws them.
warnings.filterwarnings("ignore", "Unable to import Axes3D")

import webevents
from chartspec import decode
from drawing import Image, draw
from problems import Refusal

gc.freeze()
gc.enable()


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a direct invocation.

    Attributes:
        content_type: `image/png` or `image/svg+xml`.
        encoding: How `image` has the file: `base64` for PNG, `utf-8` for SVG, which is text.
        image: The file.
        width: Pixels.
        height: Pixels.
    """

    content_type: str
    encoding: Literal["base64", "utf-8"]
    image: str
    width: int
    height: int


def handler(event: object, context: object) -> dict[str, object]:
    """Draw the chart that a request asks for.

    The same request always gives the same answer. No event raises: what cannot be drawn is refused
    with an RFC 9457 problem, in the form in which its sender reads answers.

    Args:
        event: Any JSON value, parsed. An HTTP API or Function URL event (payload 2.0) has a
            `chartspec.ChartSpec` as JSON in its body; everything else is read as one itself.
        context: Not used.

    Returns:
        For HTTP, a payload 2.0 response with status 200, 400, 405 or 413. For a direct invocation,
        the document itself: a `Picture`, or a `Problem`, told apart by the problem's `status`.
    """
    over_http = webevents.recognises(event)
    try:
        image = draw(decode(webevents.document(event) if over_http else event))
    except Refusal as refusal:
        problem = refusal.problem
        return webevents.problem_response(problem) if over_http else msgspec.to_builtins(problem)
    return webevents.response(image) if over_http else msgspec.to_builtins(picture(image))


def picture(image: Image) -> Picture:
    """Put an image into the form of a direct answer."""
    is_text = image.content_type == "image/svg+xml"
    content = image.content if is_text else base64.b64encode(image.content)
    return Picture(
        content_type=image.content_type,
        encoding="utf-8" if is_text else "base64",
        image=content.decode(),
        width=image.width,
        height=image.height,
    )
