"""The list of fonts that matplotlib reads when it is imported, made beforehand.

Without the list matplotlib searches the machine for fonts, which takes longer than everything else
at a cold start. The lists here name two fonts by their place among matplotlib's own files, so they
hold on any machine. `python -m fontcache`, in this folder, writes the one of the installed version.
"""

import os
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path

BAKED = Path(__file__).with_name("fonts")
"""Where the lists lie, one for each version of their format."""

FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
"""Files of `mpl-data/fonts/ttf` that are listed."""


def install() -> None:
    """Copy the lists to where matplotlib looks for them, before it is imported.

    That is the temporary folder unless `MPLCONFIGDIR` names another: Lambda's code is read-only.
    """
    folder = Path(tempfile.gettempdir(), "matplotlib")
    folder = Path(os.environ.setdefault("MPLCONFIGDIR", str(folder)))
    for baked in BAKED.glob("fontlist-*.json"):
        if not (folder / baked.name).exists():
            folder.mkdir(parents=True, exist_ok=True)
            # Another process may read while this one writes: the file is there whole or not at all.
            part = folder / f"{baked.name}.{os.getpid()}"
            shutil.copyfile(baked, part)
            part.replace(folder / baked.name)


@cache
def families() -> list[str]:
    """Return the families that charts are written in: DejaVu Sans, and fonts put into `fonts/`."""
    from matplotlib import font_manager

    paths = sorted(BAKED.glob("*.[ot]tf"))
    for path in paths:
        font_manager.fontManager.addfont(path)
    own = [font_manager.FontProperties(fname=path).get_name() for path in paths]
    return ["DejaVu Sans", *own]


def bake(folder: Path) -> Path:
    """Write the list for the matplotlib that is installed into a folder."""
    import matplotlib as mpl
    from matplotlib import font_manager

    manager = font_manager.fontManager
    manager.ttflist, manager.afmlist = [], []
    for font in FONTS:
        manager.addfont(Path(mpl.get_data_path(), "fonts", "ttf", font))
    file = folder / f"fontlist-v{font_manager.FontManager.__version__}.json"
    font_manager.json_dump(manager, file)
    return file


if __name__ == "__main__":
    print(bake(BAKED).name, file=sys.stderr)
