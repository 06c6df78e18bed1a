"""An application of functions with different requirements, as a team writes them."""

from collections.abc import Sequence
from pathlib import Path

# What each function requires. Most functions share something with some others, and none all.
LISTS = tuple(
    tuple(line.split())
    for line in """\
        fastapi mangum pydantic
        aws-lambda-powertools pydantic boto3
        requests boto3
        pandas pyarrow
        pandas openpyxl
        matplotlib pandas
        pillow boto3
        lxml requests
        sqlalchemy psycopg2-binary
        cryptography pyjwt requests
        numpy scipy
        scikit-learn pandas
        jinja2 premailer
        httpx pydantic orjson
        redis orjson
        beautifulsoup4 lxml requests
        pymongo
        openai pydantic
        polars
        boto3 pydantic jsonschema""".splitlines()
)
# The module of a distribution, where it has another name.
MODULES = {
    "aws-lambda-powertools": "aws_lambda_powertools",
    "beautifulsoup4": "bs4",
    "pillow": "PIL",
    "psycopg2-binary": "psycopg2",
    "pyjwt": "jwt",
    "scikit-learn": "sklearn",
}
_FUNCTION = """\
  F{number:02}:
    Type: AWS::Serverless::Function
    Properties: {{CodeUri: f{number:02}, Handler: app.handler, Runtime: python{minor}}}
"""


def write(folder: Path, lists: Sequence[Sequence[str]], minor: str, *, shared: bool) -> None:
    """Write an application with one function for each list of requirements.

    Args:
        folder: exists.
        lists: the names of distributions; a pin may stand behind a name.
        minor: the functions' Python version.
        shared: whether the functions share layers.
    """
    text = "Transform: AWS::Serverless-2016-10-31\n"
    if shared:
        text += "Metadata: {Shorts: {SharedLayers: true}}\n"
    text += "Resources:\n"
    for number, names in enumerate(lists):
        code = folder / f"f{number:02}"
        code.mkdir(exist_ok=True)
        modules = [_module(name) for name in names]
        imports = "".join(f"import {module}\n" for module in modules)
        handler = f"def handler(event, context):\n    return {modules}\n"
        (code / "app.py").write_text(f"{imports}\n\n{handler}", encoding="utf-8")
        (code / "requirements.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
        text += _FUNCTION.format(number=number, minor=minor)
    (folder / "template.yaml").write_text(text, encoding="utf-8")


def _module(requirement: str) -> str:
    name = requirement.partition("==")[0].partition("<")[0]
    return MODULES.get(name, name)
