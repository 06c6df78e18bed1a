"""Builds the project's wheel by hand, so that no other backend has to be there (PEP 517)."""

import os
import zipfile

INFO = "loud-1.0.dist-info"
FILES = {
    f"{INFO}/METADATA": (
        "Metadata-Version: 2.1\nName: loud\nVersion: 1.0\n"
        "Provides-Extra: more\nRequires-Dist: greet ; extra == 'more'\n"
    ),
    f"{INFO}/WHEEL": (
        "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    ),
    "loud/__init__.py": '"""A project\'s package."""\n\nVOICE = "loud"\n',
}


def build_wheel(folder: str, settings: object = None, metadata: object = None) -> str:
    """Write the wheel into a folder and answer with its name."""
    name = "loud-1.0-py3-none-any.whl"
    record = "".join(f"{path},,\n" for path in (*FILES, f"{INFO}/RECORD"))
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        for path, text in {**FILES, f"{INFO}/RECORD": record}.items():
            wheel.writestr(path, text)
    return name


build_editable = build_wheel
