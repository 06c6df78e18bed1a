"""Build systems made for the purpose, measured for real: who gets a row, and who says why not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import subjects, systems
from bench.__main__ import main
from bench.contest import contest
from bench.results import Result
from bench.systems import System
from tests.conftest import ROOT

# samcli and its libraries call what they mean to remove.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
TEMPLATE = {
    "Transform": "AWS::Serverless-2016-10-31",
    "Resources": {
        name: {
            "Type": "AWS::Serverless::Function",
            "Metadata": {"Shorts": {"Events": ["events/*.json"]}},
            "Properties": {
                "CodeUri": "src/",
                "Handler": "main.handler",
                "Runtime": f"python{MINOR}",
                "Timeout": 30,
            },
        }
        for name in ("First", "Second")
    },
}
HANDLER = """\
import time


def handler(event, context):
    return {"twice": 2 * event["number"], "now": time.time()}
"""
ZIP = f'mkdir -p out\ncd src\n"{sys.executable}" -m zipfile -c "../out/$1.zip" main.py\n'
# Each is what a system's build.sh does.
STEADY = f"touch -d 2020-01-01 src/main.py\n{ZIP}"
RESTLESS = f"date +%s%N >> src/main.py.made\n{ZIP.rstrip()} main.py.made\n"
WRONG = f"sed -i s/2/3/ src/main.py\n{ZIP}"
STALE = f'[ -f "out/$1.zip" ] && exit\n{ZIP}'
BROKEN = "echo no such thing >&2\nexit 3\n"
IDLE = "mkdir -p out\n"
Make = Callable[..., System]


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """An application of two functions with one folder and one event."""
    folder = tmp_path / "application"
    for name, content in {
        "template.yaml": json.dumps(TEMPLATE),
        "src/main.py": HANDLER,
        "events/small.json": '{"number": 4}',
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder / "template.yaml"


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes a system of the lines of its build.sh."""

    def made(name: str, lines: str, **more: object) -> System:
        home = tmp_path / "systems" / name
        home.mkdir(parents=True)
        (home / "build.sh").write_text(f"set -e\n{lines}", encoding="utf-8")
        (home / "README.md").write_text(f"{name}\n", encoding="utf-8")
        known = {"name": name, "title": name, "folder": str(home), "minor": MINOR}
        return System(**(known | more))  # type: ignore[arg-type]

    return made


def _measured(
    template: Path, entering: list[System], tmp_path: Path, runs: int = 1
) -> list[Result]:
    work = tmp_path / "work"
    work.mkdir()
    first, _ = subjects.of_template(template, work / "project", [])
    said: list[str] = []
    results = contest(first.function, entering, runs, work, said.append, template)
    steps = len(entering) * (4 + 2 * runs)
    numbers = [line.rpartition(" (")[2] for line in said if line.endswith(f" of {steps})")]
    assert len(numbers) == len(set(numbers)) <= steps
    assert not list(work.glob("First-[0-9]*"))
    return results


def test_a_system_that_makes_right_zips_has_a_row(
    template: Path, make: Make, tmp_path: Path
) -> None:
    """As many figures as runs; whether builds repeat is seen in another folder."""
    entering = [make("steady", STEADY), make("restless", RESTLESS)]
    results = _measured(template, entering, tmp_path, runs=2)
    assert [(one.system, one.state, one.why) for one in results] == [
        ("steady", "measured", ""),
        ("restless", "measured", ""),
    ]
    for one, files in zip(results, (1, 2), strict=True):
        figures = one.figures
        assert figures is not None
        for taken in ("clean", "unchanged", "edited", "init", "first"):
            assert len(getattr(figures, taken)) == 2
            assert min(getattr(figures, taken)) > 0
        assert (figures.answers, figures.files) == (1, files)
        assert figures.unzipped >= len(HANDLER)
    assert [one.figures.repeats for one in results if one.figures] == [True, False]


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (WRONG, "it answers small.json otherwise than its sources do, at $.twice"),
        (STALE, "an edit of main.py is not in the zip built after"),
        (BROKEN, "build.sh First ended with status 3: no such thing"),
        (IDLE, "it left no out/First.zip"),
    ],
)
def test_a_system_that_fails_has_no_figures(
    lines: str, why: str, template: Path, make: Make, tmp_path: Path
) -> None:
    """It says why, and those next to it have their rows all the same."""
    failed, steady = _measured(template, [make("failing", lines), make("steady", STEADY)], tmp_path)
    assert (failed.state, failed.figures) == ("failed", None)
    assert failed.why.removeprefix(f"bash {tmp_path}/systems/failing/") == why
    assert steady.state == "measured"


def _one(home: Path) -> System:
    """A system that reads templates, by the name of one that does."""
    return System(name="sam_pip", title="one", folder=str(home), minor=MINOR)


def test_a_whole_run_is_printed_and_written(
    template: Path,
    make: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The tables go to standard output and into the document, all figures into the JSON."""
    monkeypatch.setattr(systems, "_SYSTEMS", (_one(make("steady", STEADY).home),))
    page, figures = tmp_path / "page.md", tmp_path / "figures.json"
    page.write_text("<!-- benchmark -->\n<!-- /benchmark -->\n", encoding="utf-8")
    into = ["--json", str(figures), "--write", str(page)]
    status = main(["--template", str(template), "--runs", "1", *into])
    said = capsys.readouterr()
    assert status == 0, said.err
    assert [line.split(" | ")[0] for line in said.out.splitlines()[:4]] == [
        "| Lambda",
        "| ------",
        "| First ",
        "| Second",
    ]
    assert page.read_text(encoding="utf-8") == (
        f"<!-- benchmark -->\n{said.out}<!-- /benchmark -->\n"
    )
    written = json.loads(figures.read_bytes())
    assert [one["state"] for one in written["results"]] == ["measured", "measured"]
    assert {"machine", "cores", "date", "shorts", "sam", "uv"} <= written["machine"].keys()


def test_an_interrupted_run_prints_whole_rows_only(
    template: Path, make: Make, tmp_path: Path
) -> None:
    """The function that was done has its row; of the one that was not, nothing is printed."""
    interrupting = f'[ "$1" = Second ] && kill -{int(signal.SIGINT)} $PPID && sleep 60\n{STEADY}'
    home = make("interrupting", interrupting).home
    driver = (
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from bench import systems\n"
        "from bench.__main__ import main\n"
        f"one = {{'folder': {str(home)!r}, 'minor': '{MINOR}'}}\n"
        "systems._SYSTEMS = (systems.System(name='sam_pip', title='one', **one),)\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    page = tmp_path / "page.md"
    page.write_text("<!-- benchmark -->\n<!-- /benchmark -->\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", driver, "--template", template, "--runs", "1", "--write", page],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 130
    assert done.stderr.endswith("bench: interrupted\n")
    assert "| First " in done.stdout
    assert "Second" not in done.stdout
    assert page.read_text(encoding="utf-8") == "<!-- benchmark -->\n<!-- /benchmark -->\n"


def test_plot_draws_the_charts(tmp_path: Path) -> None:
    """Each is drawn by the built function, in both themes, and differs between them."""
    point = {"system": "shorts", "functions": 1, "clean": 4.0}
    figures, into = tmp_path / "scale.json", tmp_path / "docs"
    figures.write_text(json.dumps({"scale": [point, point | {"functions": 10}]}), encoding="utf-8")
    into.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "bench.charts", str(figures), "--into", str(into)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    files = [into / f"benchmark-scale-{theme}.svg" for theme in ("light", "dark")]
    assert done.stdout.splitlines() == [str(file) for file in files]
    light, dark = (file.read_text(encoding="utf-8") for file in files)
    assert light.startswith("<svg ")
    assert "Many Plots" in light
    assert light != dark
