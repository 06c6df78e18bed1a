"""Several builds use one store: here they are processes that are really started."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

BUILD = """
import sys, time
sys.path[:0] = [sys.argv[1], sys.argv[2]]
from pathlib import Path
from test_store import KEY, made
from shorts.slices.store import Store
count = 0
for number in range(40):
    store = Store(Path(sys.argv[3]))
    key = f"{KEY}{number % 4}"
    if store.get(key) is None:
        with store.locked([key]):
            if store.get(key) is None:
                count += 1
                time.sleep(0.002)
                store.put(key, *made())
    assert bytes(store.get(key).data) == b"".join(made()[1])
    assert store.damaged == []
print(count)
"""


def test_processes_share_the_work(tmp_path: Path) -> None:
    """Of several processes that want the same Slices, one makes each, and all read it whole."""
    here, root = str(ROOT / "tests" / "unit" / "slices"), str(tmp_path / "shared")
    command = [sys.executable, "-c", BUILD, str(ROOT), here, root]
    children = [
        subprocess.Popen([*command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [child.communicate(timeout=300) for child in children]
    assert [error for _, error in said] == [""] * 3
    assert sum(int(out) for out, _ in said) == 4
