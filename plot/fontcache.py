"""The list of fonts that matplotlib reads when it is imported, made beforehand.

Without the list matplotlib searches the machine for fonts, which takes longer than everything else
at a cold start. The lists here name the two fonts that the charts use, by their place among
matplotlib's own files, so they hold on any machine. `python -m fontcache`, in this folder and with
the matplotlib in question, writes its list anew.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

BAKED = Path(__file__).with_name("fonts")
"""Where the lists lie, one for each version of their format."""

FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
"""Files of `mpl-data/fonts/ttf` that are listed."""


def install() -> None:
    """Have matplotlib find its list of fonts. To be called before matplotlib is imported.

    A list is copied to the folder that matplotlib keeps its files in, the temporary one unless
    `MPLCONFIGDIR` names another: a folder that cannot be written to, as Lambda's code is, would
    not do.
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


def bake(folder: Path) -> Path:
    """Write the list for the matplotlib that is installed.

    Args:
        folder: Where it goes.

    Returns:
        The file.
    """
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
