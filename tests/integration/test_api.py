"""The Python API: typed names of `shorts`, loaded when they are first used."""

import ast
import hashlib
import json
import re
from pathlib import Path

import pytest

import shorts
from tests.conftest import ROOT, as_process

# samcli is imported in this process, and calls what is deprecated.
pytestmark = [pytest.mark.usefixtures("own_store"), pytest.mark.filterwarnings("ignore")]
DOCUMENT = (ROOT / "docs" / "api.md").read_text("utf-8")


def test_a_build_and_its_zips(function: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(function)
    steps: list[str] = []
    built = shorts.build(report=steps.append)
    assert built.template == function / ".aws-sam" / "build" / "template.yaml"
    made = built.zips["F"]
    assert [*built.zips] == ["F"]
    assert made.path == built.template.with_name("F.zip")
    assert made.sha256 == hashlib.sha256(made.path.read_bytes()).hexdigest()
    assert made.sbom.is_file()
    assert made.manifest.is_file()
    assert made.rebuilt
    assert not shorts.build().zips["F"].rebuilt
    (reply,) = shorts.invoke("F", b'{"a": 1}', template=built.template)
    assert json.loads(reply.body) == {"a": 1}
    assert reply.init is not None
    zipped = shorts.zip_function(
        "fn", handler="app.handler", runtime="python3.13", output="out/f.zip"
    )
    assert zipped.path == function / "out" / "f.zip"
    assert zipped.path.read_bytes() == made.path.read_bytes()


def test_values_of_parameters_may_hold_anything(
    function: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(function)
    template = Path("template.yaml")
    text = template.read_text().replace(
        "Timeout: 2}", "Timeout: 2, Environment: {Variables: {V: !Ref P}}}"
    )
    template.write_text(f"Parameters: {{P: {{Type: String, Default: d}}}}\n{text}")
    Path("fn", "app.py").write_text(
        "import os\ndef handler(event, context):\n    return os.environ['V']\n"
    )
    value = 'a "b" c=d, e\\f'
    built = shorts.build(parameters={"P": value}, name="F")
    (reply,) = shorts.invoke("F", template=built.template, parameters={"P": value})
    assert json.loads(reply.body) == value
    with pytest.raises(shorts.ShortsError, match="The parameter P has a backslash before a space"):
        shorts.build(parameters={"P": "a\\ b"})


def test_what_is_wrong_is_an_error(function: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(function)
    shorts.build()
    with pytest.raises(shorts.ShortsError, match=r"There is no function G in "):
        shorts.invoke("G")
    with pytest.raises(AttributeError, match="module 'shorts' has no attribute 'nothing'"):
        shorts.nothing  # type: ignore[attr-defined]  # noqa: B018


def test_the_runtimes_of_this_machine() -> None:
    assert "python3.13" in shorts.runtimes()


def test_nothing_is_loaded_before_it_is_used(tmp_path: Path) -> None:
    code = "import sys; before = {*sys.modules}; import shorts; print({*sys.modules} - before)"
    assert as_process(["-c", code], tmp_path).stdout == "{'shorts'}\n"


def test_every_name_is_there_and_documented() -> None:
    assert [name for name in shorts.__all__ if not hasattr(shorts, name)] == []
    assert {*shorts.__all__} <= {*dir(shorts)}
    assert [name for name in shorts.__all__ if f"`{name}" not in DOCUMENT] == []


def test_the_demo_uses_nothing_else() -> None:
    tree = ast.parse((ROOT / "demo.py").read_text("utf-8"))
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [alias.name for node in imported for alias in node.names]
    assert "shorts" in names
    assert not any(getattr(node, "module", "").startswith("shorts") for node in imported)
    assert not any(name.startswith("shorts.") for name in names)


def test_the_examples_of_the_document_run_as_printed(application: Path) -> None:
    examples = re.findall(r"^```python\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
    done = as_process(["-c", "\n".join(examples)], application)
    assert done.returncode == 0, done.stderr
    assert (application / "out" / "echo.zip").is_file()
