"""Plot's app.py, under a name that no other function's has."""

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[3]
PLOT = ROOT / "plot"


@cache
def app() -> ModuleType:
    """The module; what it imports is found at once and later."""
    if str(PLOT) not in sys.path:
        sys.path.insert(0, str(PLOT))
    location = importlib.util.spec_from_file_location("plot_app", PLOT / "app.py")
    assert location is not None and location.loader is not None
    module = importlib.util.module_from_spec(location)
    location.loader.exec_module(module)
    return module
