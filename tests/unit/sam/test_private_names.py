"""samcli's private names that are used: the table of them is complete."""

import ast
import re
from pathlib import Path

from shorts import sam

FOLDER = Path(sam.__file__).parent
# Methods and fields that are our own, or the standard library's.
OURS = {"_replace", "_last"}


def private_names(source: str) -> set[str]:
    """Return the private attributes that a module takes from anything but itself."""
    return {
        node.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and re.match("_[a-z]", node.attr)
        and not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"))
    }


def test_the_table_names_all_that_are_used() -> None:
    """Each private name of samcli stands in the package's table, with the module that uses it."""
    table = dict(re.findall(r"^\| `\w+\.(\w+)` \| `(\w+)` \|", sam.__doc__ or "", re.MULTILINE))
    used = {
        name: path.stem
        for path in FOLDER.glob("*.py")
        for name in private_names(path.read_text(encoding="utf-8")) - OURS
    }
    assert used == table
