"""A plain chart handler, as one writes it first: pandas draws, pyplot saves."""

import base64
import io
import json
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd


def handler(event: dict[str, Any], context: object) -> dict[str, object]:
    """Answer an HTTP event (payload 2.0) with the PNG of the chart in its body."""
    chart = json.loads(event["body"])
    frame = pd.DataFrame(chart["columns"])
    x, *ys = frame.columns
    figure, axes = plt.subplots(figsize=(chart["width"] / 96, chart["height"] / 96), dpi=96)
    y = ys[0] if chart["kind"] == "scatter" else ys
    frame.plot(kind=chart["kind"], x=x, y=y, ax=axes, title=chart["title"])
    image = io.BytesIO()
    figure.savefig(image, format="png")
    plt.close(figure)
    return {
        "statusCode": 200,
        "headers": {"content-type": "image/png"},
        "body": base64.b64encode(image.getvalue()).decode(),
        "isBase64Encoded": True,
    }
