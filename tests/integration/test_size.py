"""``shorts size`` as people type it."""

import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Done, Shorts, require, write_wheel


@pytest.fixture
def sized(function: Path, wheels: Path, shorts: Shorts) -> Path:
    """A built function that imports one distribution, which imports and requires others."""
    write_wheel(
        wheels,
        "outer",
        {"outer/__init__.py": "import inner\n", "outer/table.csv": "1,2\n" * 500},
        metadata="Requires-Dist: quiet\n",
    )
    write_wheel(wheels, "inner", {"inner.py": "X = 1\n"})
    write_wheel(wheels, "quiet", {"quiet/__init__.py": "", "quiet/data.bin": os.urandom(3000)})
    write_wheel(wheels, "listed", {"listed.py": "Y = 2\n"})
    require(function, "outer", "inner", "quiet", "listed")
    (function / "fn" / "app.py").write_text("import charts\n\ndef handler(e, c):\n    return e\n")
    (function / "fn" / "charts.py").write_text("# draws\nimport outer\n")
    done = shorts(["build"], function)
    assert done.returncode == 0, done.stderr
    return function


def report(shorts: Shorts, folder: Path, *arguments: str) -> dict[str, Any]:
    done = shorts(["size", *arguments, "--json"], folder)
    assert done.returncode == 0, done.stderr
    (said,) = json.loads(done.stdout)
    return dict(said)


def refused(done: Done, status: int = 1) -> str:
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    return done.stderr.removeprefix("shorts: ").strip()


def test_rows_say_why(sized: Path, shorts: Shorts) -> None:
    """A chain from the handler, else who requires it, else the file that lists it."""
    said = report(shorts, sized)
    assert {row["name"]: (row["version"], row["why"]) for row in said["rows"]} == {
        "outer": ("1.0", "app.py:1 → charts.py:2 → outer"),
        "inner": ("1.0", "app.py:1 → charts.py:2 → outer → inner"),
        "quiet": ("1.0", "required by outer"),
        "listed": ("1.0", "requirements.txt"),
        "own code": ("", ""),
        "zip structure": ("", ""),
    }


def test_the_sum_is_the_file(sized: Path, shorts: Shorts) -> None:
    """Rows add up to the zip on the disk, and to its content; files are counted once."""
    said = report(shorts, sized)
    path = sized / ".aws-sam" / "build" / "F.zip"
    with zipfile.ZipFile(path) as archive:
        sizes = [member.file_size for member in archive.infolist()]
    assert sum(row["zipped"] for row in said["rows"]) == said["zipped"] == path.stat().st_size
    assert sum(row["unzipped"] for row in said["rows"]) == said["unzipped"] == sum(sizes)
    assert sum(row["files"] for row in said["rows"]) == said["files"] == len(sizes)
    assert sum(row["share"] for row in said["rows"]) == pytest.approx(1)
    assert said["rows"][-1] == {
        "name": "zip structure",
        "version": "",
        "zipped": 22,
        "unzipped": 0,
        "share": 22 / said["zipped"],
        "files": 0,
        "why": "",
    }


def test_the_table_is_by_distribution(sized: Path, shorts: Shorts) -> None:
    """The largest comes first, the total last."""
    lines = shorts(["size", "F"], sized).stdout.splitlines()
    assert lines[0].startswith("F  ")
    assert lines[0].endswith(os.path.join(".aws-sam", "build", "F.zip"))
    assert lines[1].split()[:2] == ["distribution", "zipped"]
    assert lines[2].split()[:2] == ["quiet", "1.0"]
    assert lines[-1].split()[0] == "total"
    assert "100.0%" in lines[-1]


def test_functions_and_layers_are_all_reported(application: Path, shorts: Shorts) -> None:
    """Without a name there is a table for each; with one, that alone."""
    template = application / "template.yaml"
    layer = (
        "  Fonts:\n    Type: AWS::Serverless::LayerVersion\n"
        "    Metadata: {BuildMethod: python3.13}\n    Properties: {ContentUri: fonts}\n"
    )
    text = template.read_text().replace("\nOutputs:", f"{layer}\nOutputs:")
    template.write_text(text.partition("  PlotFunction:")[0] + layer)
    (application / "fonts").mkdir()
    (application / "fonts" / "requirements.txt").write_text("msgspec==0.22.0\n")
    assert shorts(["build"], application).returncode == 0
    said = json.loads(shorts(["size", "--json"], application).stdout)
    assert [one["name"] for one in said] == ["EchoFunction", "Fonts"]
    whys = {row["name"]: row["why"] for row in said[1]["rows"]}
    assert whys["msgspec"] == "requirements.txt"
    assert report(shorts, application, "Fonts") == said[1]


def test_what_trimming_left_out(function: Path, wheels: Path, shorts: Shorts) -> None:
    """What the events did not need is told by distribution, idle data as what could be dropped."""
    files = {
        "lib/__init__.py": "from lib import used\n",
        "lib/used.py": "X = 1\n",
        "lib/idle.py": "Y = 2\n" * 100,
        "lib/data/a.csv": "1,2\n" * 100,
        "lib/data/b.csv": "3,4\n" * 100,
    }
    write_wheel(wheels, "lib", files)
    require(function, "lib")
    (function / "fn" / "app.py").write_text("import lib\ndef handler(e, c):\n    return e\n")
    (function / "event.json").write_text("{}")
    template = function / "template.yaml"
    settings = "    Metadata: {Shorts: {Events: [event.json]}}\n    Properties:"
    template.write_text(template.read_text().replace("    Properties:", settings))
    done = shorts(["build"], function)
    assert done.returncode == 0, done.stderr
    said = report(shorts, function)
    (left,) = said["left_out"]
    assert left["name"] == "lib"
    assert left["unzipped"] >= len(files["lib/idle.py"])
    assert {"name": "lib/data/**", "unzipped": 800, "files": 2} in said["candidates"]
    printed = shorts(["size"], function).stdout
    assert "left out\n" in printed
    assert "candidates for Drop\n" in printed


def test_against_a_former_build(sized: Path, shorts: Shorts) -> None:
    """Only what differs is told: the distribution, and the files of it."""
    old = sized / "old.zip"
    shutil.copy(sized / ".aws-sam" / "build" / "F.zip", old)
    (sized / "fn" / "more.txt").write_text("more")
    (sized / "fn" / "charts.py").write_text("import outer\n\n# draws no more\n")
    assert shorts(["build"], sized).returncode == 0
    said = report(shorts, sized, "--against", "old.zip")
    change = said["change"]
    assert [row["name"] for row in change["rows"]] == ["own code"]
    assert change["rows"][0]["difference"] == said["zipped"] - old.stat().st_size
    assert change["zipped"] == old.stat().st_size
    assert (change["new"], change["gone"], change["changed"]) == (1, 0, 2)
    assert {one["path"]: one["state"] for one in change["largest"]} == {
        "more.txt": "new",
        "charts.py": "changed",
        "__pycache__/charts.cpython-313.pyc": "changed",
    }
    printed = shorts(["size", "F", "--against=old.zip"], sized).stdout
    assert "files: 1 new, 0 gone, 2 changed" in printed


def test_markdown_against_a_folder(sized: Path, shorts: Shorts) -> None:
    """A table of all zips: the same, changed, and gone; then what changed in which."""
    old = sized / "old"
    old.mkdir()
    shutil.copy(sized / ".aws-sam" / "build" / "F.zip", old)
    size = (old / "F.zip").stat().st_size
    with zipfile.ZipFile(old / "F.zip") as archive:
        members = archive.infolist()
    unzipped = sum(member.file_size for member in members)
    arguments = ["size", "--markdown", "--against", "old"]
    kb = f"{size / 1000:,.1f} | same | {unzipped / 1000:,.1f} | same | {len(members)}"
    table = (
        "### Size of the zips\n\n"
        "|  | zipped KB | change | unzipped KB | change | files |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: |\n"
    )
    assert shorts(arguments, sized).stdout == f"{table}| `F` | {kb} |\n"
    (old / "F.zip").rename(old / "Gone.zip")
    assert shorts(arguments, sized).stdout.splitlines()[-2:] == [
        f"| `F` | {kb.replace('same', 'new')} |",
        "| `Gone` |  | gone |  |  |  |",
    ]
    (old / "Gone.zip").rename(old / "F.zip")
    (sized / "fn" / "more.txt").write_text("more" * 100)
    assert shorts(["build"], sized).returncode == 0
    printed = shorts(arguments, sized).stdout
    assert (
        "<details><summary>F, files: 1 new, 0 gone, 0 changed</summary>\n\n|  | before" in printed
    )
    assert "| `own code` |" in printed
    assert shorts(["size", "--markdown"], sized).stdout.splitlines()[2:4] == [
        "|  | zipped KB | unzipped KB | files |",
        "| --- | ---: | ---: | ---: |",
    ]


def test_against_a_zip_of_another_tool(sized: Path, shorts: Shorts) -> None:
    """A folder that somebody zipped is compared by its records and its top-level folders."""
    with zipfile.ZipFile(sized / "stock.zip", "w") as archive:
        archive.writestr("outer/__init__.py", "import inner\n")
        archive.writestr("outer/stale.py", "")
        archive.writestr("six-1.0.dist-info/RECORD", "six.py,,\n")
        archive.writestr("six.py", "")
        archive.writestr("tools/x.py", "")
        archive.writestr("app.py", "def handler(e, c): pass")
    change = report(shorts, sized, "--against", "stock.zip")["change"]
    before = {row["name"] for row in change["rows"] if row["before"]}
    assert before == {"outer", "six", "tools", "own code"}
    total = sum(row["before"] for row in change["rows"])
    assert total + 22 == (sized / "stock.zip").stat().st_size  # both zips end alike


def test_imports_by_time(sized: Path, shorts: Shorts) -> None:
    """The handler's import is the slowest; each of the others has the chain that pulls it in."""
    done = shorts(["size", "--imports", "--json"], sized)
    assert done.returncode == 0, done.stderr
    (said,) = json.loads(done.stdout)
    found = {one["name"]: one for one in said["imports"]}
    assert said["name"] == "F"
    assert next(iter(found)) == "app"
    assert {"charts", "outer", "inner"} <= found.keys()
    assert found["inner"]["chain"] == ["app", "charts", "outer"]
    assert found["inner"]["why"] == "app.py:1 → charts.py:2 → outer"
    assert found["app"]["total"] >= found["charts"]["total"] >= found["inner"]["total"] > 0
    table = shorts(["size", "F", "--imports"], sized).stdout.splitlines()
    assert table[0].startswith("F  ")
    assert table[1].split() == ["import", "ms", "own", "ms", "why"]


def test_no_more_than_twenty_imports(built: Path, shorts: Shorts) -> None:
    """There are twenty rows, the slowest first."""
    (said,) = json.loads(shorts(["size", "PlotFunction", "--imports", "--json"], built).stdout)
    totals = [one["total"] for one in said["imports"]]
    assert len(totals) == 20
    assert totals == sorted(totals, reverse=True)


def test_a_handler_that_fails(sized: Path, shorts: Shorts) -> None:
    """The failure is told in the interpreter's words, not in thousands of lines of times."""
    (sized / "fn" / "app.py").write_text(
        "import charts\nraise ValueError('no good')\ndef handler(event, context):\n    pass\n"
    )
    assert shorts(["build"], sized).returncode == 0
    message = refused(shorts(["size", "--imports"], sized))
    assert message == "F fails when app.handler is imported: ValueError: no good"


def test_the_page_is_written(sized: Path, shorts: Shorts) -> None:
    """--html writes the page and prints the table all the same."""
    done = shorts(["size", "--html", "page.html"], sized)
    assert done.returncode == 0
    assert "own code" in done.stdout
    assert (sized / "page.html").read_text().startswith("<!doctype html>")


def test_an_unknown_function(sized: Path, shorts: Shorts) -> None:
    """The names that there are are told."""
    message = refused(shorts(["size", "Nobody"], sized))
    assert message == "There is no function or layer Nobody in the template.\nIt has: F."


def test_not_built(function: Path, shorts: Shorts) -> None:
    """What is not built is not guessed at."""
    path = function / ".aws-sam" / "build" / "F.zip"
    message = refused(shorts(["size"], function))
    assert message == f"F is not built: {path} does not exist. Run `shorts build`."


@pytest.mark.parametrize("edit", ["fn/app.py", "fn/new.txt"])
def test_changed_since_it_was_built(sized: Path, shorts: Shorts, edit: str) -> None:
    """A zip that is not of these sources is not explained by them."""
    with (sized / edit).open("a") as file:
        file.write("\n# more\n")
    message = refused(shorts(["size"], sized))
    assert message == "F has changed since it was built.\nRun `shorts build`."


def test_requirements_that_have_changed_are_not_installed(sized: Path, shorts: Shorts) -> None:
    """A distribution that is gone from the requirements is one that the zip does not explain."""
    require(sized, "outer", "inner", "quiet")
    message = refused(shorts(["size"], sized))
    assert message.endswith("shorts: F has changed since it was built.\nRun `shorts build`.")


def test_a_former_zip_that_cannot_be_read(sized: Path, shorts: Shorts) -> None:
    """A path that leads nowhere, and a file that is not a zip, are each told."""
    message = refused(shorts(["size", "--against", "gone.zip"], sized))
    assert message.startswith("gone.zip cannot be read: No such file or directory.\n")
    (sized / "text.zip").write_text("text")
    message = refused(shorts(["size", "--against", "text.zip"], sized))
    assert message.startswith("text.zip is not a zip: ")


MORE = "\nRun `shorts size --help` for its options."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--against"], f"--against: expected one argument.{MORE}"),
        (["--html="], f"--html: the value is empty.{MORE}"),
        (["--imports", "--html", "x"], "--imports is a table of its own: leave out --html."),
        (
            ["--markdown", "--json"],
            "--markdown and --json are two forms of one report: leave out one.",
        ),
    ],
)
def test_calls_that_are_wrong(
    sized: Path, shorts: Shorts, arguments: list[str], message: str
) -> None:
    """A wrong call ends with status 2 and says what was meant."""
    assert refused(shorts(["size", *arguments], sized), status=2) == message


def test_two_zips_are_not_compared_with_one(built: Path, shorts: Shorts) -> None:
    """--against needs one function."""
    message = refused(shorts(["size", "--against", "x.zip"], built), status=2)
    assert message == "Name the zip to compare: one of EchoFunction, PlotFunction."


def test_imports_see_what_lambda_sets(function: Path, shorts: Shorts) -> None:
    """An init that reads Lambda's own variables is measured as any other."""
    text = "import os\nNAME = os.environ['AWS_LAMBDA_FUNCTION_NAME']\ndef handler(e, c): ...\n"
    (function / "fn" / "app.py").write_text(text)
    assert shorts(["build"], function).returncode == 0
    assert shorts(["size", "--imports"], function).stdout.startswith("F  ")


def test_what_is_not_built_is_noted_where_others_are(application: Path, shorts: Shorts) -> None:
    """The functions that are built are reported all the same."""
    assert shorts(["build", "EchoFunction"], application).returncode == 0
    done = shorts(["size"], application)
    assert done.returncode == 0
    assert done.stdout.startswith("EchoFunction  ")
    assert "note: PlotFunction is not built: " in done.stderr
