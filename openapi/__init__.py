"""The description of both functions' routes, `plot/openapi.json`, made from their records.

`python -m openapi` writes it again; a test fails if it is out of date.
https://spec.openapis.org/oas/v3.1.1.html
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "plot"))
sys.path.insert(0, str(Path(__file__).parents[1] / "echo"))

import chartdata
import description
import problems
import refusal
from charts import KINDS
from chartspec import ChartSpec

from openapi.echo import echo_paths
from openapi.parts import Json, components
from openapi.plot import page_paths, parameters, plot_paths

FILE = Path(__file__).parents[1] / "plot" / "openapi.json"


def document() -> Json:
    """Return the description as JSON."""
    schemas = components([ChartSpec, chartdata.Plan, problems.Problem], "")
    schemas["ChartSpec"]["properties"]["kind"]["enum"] = list(KINDS)
    schemas |= components([description.Description, refusal.Problem], "Echo")
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Echo and Plot",
            "version": "1",
            "description": "Plot draws a chart of the data it gets; Echo describes the request it "
            "gets.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": "plot"}, {"name": "echo"}],
        "paths": page_paths() | plot_paths() | echo_paths(),
        "components": {"schemas": schemas, "parameters": parameters(schemas["ChartSpec"])},
    }


def text() -> str:
    """Return the file's text."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"
