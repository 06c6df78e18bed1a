"""Plot's sources: that they use only what pandas and matplotlib have for everybody."""

import ast
from pathlib import Path

import pytest

PLOT = Path(__file__).parents[3] / "plot"
SOURCES = sorted(path for path in PLOT.rglob("*.py") if "site-packages" not in path.parts)
LIBRARIES = ("matplotlib", "mpl_toolkits", "numpy", "pandas")
BARRED = {"FT2Font", "RendererAgg", "RendererPdf", "RendererSVG", "ft2font", "pyplot", "pylab"}


def used(tree: ast.AST) -> set[str]:
    """Every name that is imported from a library, or looked up anywhere."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(LIBRARIES):
            names |= {*(node.module or "").split("."), *(alias.name for alias in node.names)}
        elif isinstance(node, ast.Import):
            parts = [alias.name.split(".") for alias in node.names]
            names |= {name for path in parts if path[0] in LIBRARIES for name in path}
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
    return names


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name != "_replace"  # of a tuple


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PLOT)))
def test_uses_public_names_alone(path: Path) -> None:
    """No module uses a private name of a library, a renderer, or pyplot."""
    names = used(ast.parse(path.read_text("utf-8")))

    assert sorted(name for name in names if is_private(name) or name in BARRED) == []


@pytest.mark.parametrize(
    "code",
    [
        "from matplotlib import _api",
        "import matplotlib.pyplot as plt",
        "from matplotlib.backends.backend_agg import RendererAgg",
        "import pandas as pd\npd._libs",
        "import matplotlib._layoutgrid",
    ],
)
def test_sees_what_is_private(code: str) -> None:
    """The check finds private names in every form in which they can be had."""
    names = used(ast.parse(code))

    assert any(is_private(name) or name in BARRED for name in names)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PLOT)))
def test_a_module_can_be_read_in_one_sitting(path: Path) -> None:
    """No module has more than 250 lines."""
    assert len(path.read_text("utf-8").splitlines()) <= 250
