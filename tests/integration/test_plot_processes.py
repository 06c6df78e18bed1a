"""Plot in processes of its own: the same charts everywhere, its font lists, and its commands."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import matplotlib as mpl
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "plot"))

import fontcache
import signing
from charts import KINDS

ROOT = Path(__file__).parents[2]
PLOT = ROOT / "plot"
KEY = "a secret"
URL = "https://example.org/plot?kind=bar&csv=a%2Cb%0Ax%2C1+2"

IN_A_PROCESS = """
import hashlib, json, pathlib, sys
sys.path.insert(0, "plot")
import fontcache
fontcache.install()
import decoding, drawing
examples = json.loads(pathlib.Path("plot/examples.json").read_text())
images = {}
for name, example in examples.items():
    for form in ("png", "svg", "pdf", "webp"):
        spec = decoding.decode(example["spec"] | {"format": form, "width": 320, "height": 200})
        images[f"{name}.{form}"] = hashlib.sha256(drawing.draw(spec).content).hexdigest()
print(json.dumps([images, sorted(sys.modules)]))
"""


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What two processes draw, that differ in hash seed, clock, time zone and font cache."""
    environments = [
        {"PYTHONHASHSEED": "1", "TZ": "UTC"},
        {"PYTHONHASHSEED": "2", "TZ": "Asia/Kathmandu", "SOURCE_DATE_EPOCH": "0"},
    ]
    environments[1]["MPLCONFIGDIR"] = str(tmp_path_factory.mktemp("fonts"))
    running = [
        subprocess.Popen(
            [sys.executable, "-c", IN_A_PROCESS],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
        )
        for environment in environments
    ]
    return [json.loads(process.communicate(timeout=300)[0]) for process in running]


def test_two_processes_draw_the_same_bytes(processes: list[Any]) -> None:
    """The same request gives the same bytes in every format, whatever the process is like."""
    (first, _), (second, _) = processes

    assert len(first) > 4 * len(KINDS)
    assert [name for name in first if first[name] != second[name]] == []


def test_pyplot_is_never_imported(processes: list[Any]) -> None:
    """No state is shared between charts."""
    for _, modules in processes:
        assert "matplotlib.pyplot" not in modules


def tag_of(folder: Path, before: str = "") -> str:
    code = (
        f"{before}import negotiation, chartspec;"
        "print(negotiation.chart_tag(chartspec.ChartSpec(kind='bar', csv='a'), ''))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode()


def test_a_tag_changes_with_the_code_and_the_libraries(tmp_path: Path) -> None:
    """Code or styles that draw otherwise and libraries of other versions have their own tags."""
    copy = tmp_path / "plot"
    shutil.copytree(PLOT, copy, ignore=shutil.ignore_patterns("__pycache__"))
    first = tag_of(copy)

    tags = {first, tag_of(copy, "import matplotlib; matplotlib.__version__ = '99';")}
    for name in ("drawing.py", "styles/dark.mplstyle"):
        with open(copy / name, "a") as file:
            file.write("\n")
        tags.add(tag_of(copy))
    assert len(tags) == 4


def test_a_tag_changes_with_the_runtime() -> None:
    """What compresses a chart is the runtime's, and another version of it has tags of its own."""
    newer = tag_of(PLOT, "import zlib; zlib.ZLIB_RUNTIME_VERSION = '99';")

    assert newer != tag_of(PLOT)


def test_the_list_is_current(tmp_path: Path) -> None:
    """The list for the matplotlib that is installed is what it would be made of today."""
    code = f"import fontcache, pathlib; print(fontcache.bake(pathlib.Path({str(tmp_path)!r})).name)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT / "plot",
        env=os.environ | {"MPLCONFIGDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    name = done.stdout.strip()
    assert (tmp_path / name).read_text() == (fontcache.BAKED / name).read_text()


def test_matplotlib_searches_for_no_fonts(tmp_path: Path) -> None:
    """With its list in place matplotlib knows the two fonts and has looked for no others."""
    code = (
        "import fontcache; fontcache.install(); from matplotlib import font_manager as fonts;"
        "print(sorted({entry.name for entry in fonts.fontManager.ttflist}),"
        "len(fonts.fontManager.ttflist))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT / "plot",
        env=os.environ | {"MPLCONFIGDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "['DejaVu Sans'] 2"


def test_a_prepared_instance_has_drawn() -> None:
    """With SnapStart, each format has been drawn during the initialisation."""
    code = 'import sys, app; print("matplotlib.backends.backend_pdf" in sys.modules)'
    for kind, expected in (("on-demand", "False"), ("snap-start", "True")):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=PLOT,
            env=os.environ | {"AWS_LAMBDA_INITIALIZATION_TYPE": kind},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == expected


def test_a_font_stands_in_for_what_the_others_lack(tmp_path: Path) -> None:
    """A font that is put next to the lists has the characters that DejaVu Sans has not."""
    copy = tmp_path / "plot"
    shutil.copytree(PLOT, copy, ignore=shutil.ignore_patterns("__pycache__"))
    code = "import app; print(app.handler({'kind': 'line', 'csv': 'a\\n1', 'title': '\u1d81'}, 0)"
    code += "['warnings'])"
    without = subprocess.run([sys.executable, "-c", code], cwd=copy, capture_output=True, text=True)

    shutil.copy(Path(mpl.get_data_path(), "fonts/ttf/STIXGeneral.ttf"), copy / "fonts")
    found = subprocess.run([sys.executable, "-c", code], cwd=copy, capture_output=True, text=True)

    assert "U+1D81" in without.stdout
    assert found.stdout == "[]\n", found.stderr


def sign(*arguments: str, secret: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PLOT / "signing.py"), *arguments],
        env={**os.environ, signing.SECRET: secret},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_signs() -> None:
    """The command prints the URL, signed for so many seconds from now."""
    done = sign(URL, "3600", secret=KEY)

    assert done.returncode == 0, done.stderr
    expires = signing.expiry(urlsplit(done.stdout.strip()).query, KEY, time.time())
    assert expires is not None and 3590 < expires - time.time() <= 3600


@pytest.mark.parametrize(
    ("arguments", "secret"), [([URL, "1"], ""), ([URL], KEY), ([URL, "soon"], KEY)]
)
def test_the_command_says_how_it_is_used(arguments: list[str], secret: str) -> None:
    """Without a secret, a URL or a number of seconds it signs nothing."""
    done = sign(*arguments, secret=secret)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Usage: PLOT_SIGNING_SECRET=… python signing.py URL SECONDS\n"
