"""The page of ``shorts size --html`` in a real browser."""

import json
import os
import re
import shutil
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import chromium, contrast, listen, needed, until
from tests.conftest import Shorts

pytestmark = needed
BAD = "</script><b>bad<img src=x onerror=alert(1)>.txt"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def file(built: Path, shorts: Shorts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of both functions."""
    path = tmp_path_factory.mktemp("page") / "page.html"
    done = shorts(["size", "--html", str(path)], built)
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="module")
def context(browser: Browser, file: Path) -> Iterator[BrowserContext]:
    """What pages have in common: the process that draws them, as long as one of them is there."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as shared:
        shared.new_page().goto(file.as_uri())
        yield shared


@contextmanager
def opened(context: BrowserContext, url: str) -> Iterator[Page]:
    """A page; nothing it does may end in an error or leave the file."""
    with context.new_page() as page:
        said = listen(page, "file:")
        page.goto(url)
        yield page
        assert said == []


@pytest.fixture
def plot(file: Path) -> str:
    """The address of the page at PlotFunction."""
    return f"{file.as_uri()}#{quote('PlotFunction:', safe='')}"


@pytest.fixture
def page(context: BrowserContext, plot: str) -> Iterator[Page]:
    """The page at PlotFunction."""
    with opened(context, plot) as shown:
        yield shown


def label(page: Page) -> str:
    """What a screen reader is told of what has the focus."""
    return str(page.evaluate("document.activeElement.getAttribute('aria-label') ?? ''"))


def crumbs(page: Page) -> list[str]:
    return page.locator("#crumbs button").all_inner_texts()


def bytes_of(text: str) -> float:
    number, unit = text.split()
    return float(number.replace(",", "")) * {"B": 1, "KB": 1e3, "MB": 1e6}[unit]


def test_tiles_and_the_table_have_the_same_numbers(page: Page) -> None:
    """Each tile's label tells what its row does; areas are as the sizes."""
    rows = page.locator("#table tbody tr")
    told = {
        row.locator("button").inner_text(): row.locator("td").first.inner_text()
        for row in rows.all()
    }
    tiles = page.locator("#map > .tile").all()
    assert len(tiles) >= 10
    areas = {}
    for tile in tiles:
        name, zipped = (tile.get_attribute("aria-label") or "").split(", ")[:2]
        assert zipped == f"{told[name]} zipped"
        box = tile.bounding_box()
        assert box is not None
        areas[name] = (box["width"] + 1) * (box["height"] + 1)
    total = sum(map(bytes_of, told.values()))
    space = sum(areas.values())
    for name, area in areas.items():
        if area > 5000:
            assert area / space == pytest.approx(bytes_of(told[name]) / total, rel=0.05)


def deep(page: Page, levels: int) -> None:
    """Wait until the path has so many levels: the page follows its address, a moment later."""
    until(page, f"document.querySelectorAll('#crumbs li').length === {levels}")


def test_a_click_opens_down_to_the_file_and_the_path_leads_back(page: Page) -> None:
    """Distribution, folder, file; the breadcrumb and the browser's back button go up again."""
    page.get_by_role("button", name=re.compile(r"^pandas \S+, ")).click(position={"x": 9, "y": 9})
    deep(page, 2)
    assert crumbs(page)[0] == "PlotFunction"
    assert crumbs(page)[1].startswith("pandas ")
    page.locator("#map > .tile").first.click(position={"x": 9, "y": 9})
    deep(page, 3)
    assert crumbs(page)[2:] == ["pandas"]
    page.locator("#table").get_by_role("button", name=re.compile(r"^__init__\.")).click()
    deep(page, 4)
    assert crumbs(page)[2] == "pandas"
    assert crumbs(page)[3].startswith("__init__.py")
    info = page.locator("#info").inner_text()
    assert info.startswith("pandas/__init__.py")
    assert "unzipped" in info
    assert re.search("source|bytecode", info)
    page.go_back()
    deep(page, 3)
    assert crumbs(page)[2:] == ["pandas"]
    page.locator("#crumbs button").first.click()
    deep(page, 1)
    assert crumbs(page) == ["PlotFunction"]


def test_it_is_used_by_keyboard_alone(page: Page) -> None:
    """The map is one stop of Tab; arrows move, Enter opens, Escape goes back to where one was."""
    page.locator("#paint input:checked").focus()
    page.keyboard.press("Tab")
    assert label(page).startswith("numpy ")
    page.keyboard.press("ArrowRight")
    assert label(page).startswith("pandas ")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    deep(page, 2)
    assert page.evaluate("document.activeElement.closest('#map') !== null")
    page.keyboard.press("Escape")
    deep(page, 1)
    assert label(page).startswith("pandas ")
    page.keyboard.press("End")
    last = label(page)
    page.keyboard.press("Home")
    assert label(page).startswith("numpy ") and last != label(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#map') === null")


def test_pointing_at_a_file_names_it(page: Page) -> None:
    """A file in the map is named with its sizes and share, in whatever it lies."""
    page.locator(".cell").first.hover()
    info = page.locator("#info").inner_text()
    assert re.search(r"numpy\.libs/\S+\.so", info)
    assert re.search(r"[\d.]+ MB zipped\s+[\d.]+ MB unzipped\s+[\d.]+ % of the zip", info)


def test_areas_are_zipped_or_unzipped(page: Page) -> None:
    """The switch changes the areas and the shares."""
    share = page.locator("#table tbody tr").first.locator("td").nth(2)
    zipped = share.inner_text()
    page.get_by_text("Unzipped", exact=True).first.click()
    assert page.get_by_role("radio", name="Unzipped").is_checked()
    assert share.inner_text() != zipped


def test_colours_have_a_legend(page: Page) -> None:
    """By distribution or by kind, each colour in the map is named."""
    assert "pandas" in page.locator("#legend").inner_text()
    page.get_by_text("Kind", exact=True).click()
    assert page.locator("#legend li").all_inner_texts() == [
        "source",
        "bytecode",
        "library",
        "metadata",
        "data",
    ]


def test_functions_are_chosen_by_name(page: Page) -> None:
    """A page of several zips shows the one that is chosen."""
    page.get_by_label("Function or layer").select_option("EchoFunction")
    until(page, "document.querySelector('h1').textContent === 'EchoFunction'")
    assert crumbs(page) == ["EchoFunction"]
    assert "msgspec" in page.locator("#table").inner_text()


def test_thousands_of_files_are_drawn_at_once(page: Page) -> None:
    """All files are there, and a step takes no time that a person would notice."""
    assert page.locator(".cell").count() > 1000
    took = page.evaluate(
        "(() => { const t = performance.now(); render(); return performance.now() - t; })()"
    )
    assert took < 500


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_and_can_be_read(
    context: BrowserContext, plot: str, scheme: Literal["light", "dark"], width: int
) -> None:
    """Nothing sticks out, on a phone neither; text has a contrast of 4.5 in both schemes."""
    with context.new_page() as page:
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)
        page.goto(plot)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        for selector in ("h1", "#zip", "dt", ".tile > b", ".group > i", ".cell > i", "#info span",
                         "#legend li", "#table thead th", "#table button"):  # fmt: skip
            assert contrast(page, selector) >= 4.5, selector
        page.get_by_text("Kind", exact=True).click()
        assert contrast(page, ".cell > i") >= 4.5
        assert contrast(page, ".tile > b") >= 4.5


def test_what_changed_has_colours_and_signs(
    context: BrowserContext, function: Path, shorts: Shorts
) -> None:
    """New, gone, grown and shrunk files each have a sign next to their colour, and are counted."""
    code = function / "fn"
    for name in ("grows", "shrinks", "goes", "stays"):
        (code / f"{name}.bin").write_bytes(os.urandom(20_000))
    assert shorts(["build"], function).returncode == 0
    shutil.copy(function / ".aws-sam" / "build" / "F.zip", function / "old.zip")
    (code / "grows.bin").write_bytes(os.urandom(30_000))
    (code / "shrinks.bin").write_bytes(os.urandom(10_000))
    (code / "goes.bin").unlink()
    (code / "comes.bin").write_bytes(os.urandom(20_000))
    assert shorts(["build"], function).returncode == 0
    done = shorts(["size", "--against", "old.zip", "--html", "page.html"], function)
    assert done.returncode == 0, done.stderr
    with opened(context, (function / "page.html").as_uri()) as page:
        page.locator("#table").get_by_role("button", name="own code").click()
        deep(page, 2)
        signs = {"grows": "▲", "shrinks": "▼", "goes": "×", "comes": "+"}
        kinds = {"grows": "grown", "shrinks": "shrunk", "goes": "gone", "comes": "new"}
        for name, sign in signs.items():
            tile = page.locator(f"#map > .{kinds[name]}")
            assert tile.locator("b").inner_text().startswith(f"{sign} {name}.bin")
        row = page.get_by_role("row", name=re.compile("grows.bin")).first
        assert "▲ +10.0 KB" in row.inner_text()
        assert "1 file new, 1 gone, 2 with another content" in page.locator("#more").inner_text()


def test_names_from_a_zip_do_no_harm(
    context: BrowserContext, function: Path, shorts: Shorts
) -> None:
    """A file with a name that is markup is shown as that name, wherever it is shown."""
    assert shorts(["build"], function).returncode == 0
    with zipfile.ZipFile(function / "old.zip", "w") as archive:
        archive.writestr(f"__proto__/{BAD}".replace("</", "<\\"), "x" * 5000)
        archive.writestr("constructor", "y" * 5000)
        archive.writestr(BAD, "z" * 90000)
    done = shorts(["size", "--against", "old.zip", "--html", "page.html"], function)
    assert done.returncode == 0, done.stderr
    assert BAD not in (function / "page.html").read_text()
    with opened(context, (function / "page.html").as_uri()) as page:
        assert "script><b>bad" in page.locator("#more").inner_text()
        for tile in page.locator("#map > .tile").all():
            tile.hover(position={"x": 2, "y": 2})
        page.locator("#map > .tile").first.click(position={"x": 9, "y": 9})
        time.sleep(0.1)
        assert page.locator("b img, td img, strong img, #more b").count() == 0


def test_without_scripts_the_page_says_so(browser: Browser, file: Path) -> None:
    """Who has scripts off is told where the table is."""
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(file.as_uri())
        assert "shorts size" in page.locator("noscript").inner_text()


def test_the_data_can_be_read_by_others(file: Path) -> None:
    """The page holds its numbers as JSON."""
    text = file.read_text()
    data = json.loads(text.partition('id="data">')[2].partition("</script>")[0])
    assert [one["name"] for one in data["functions"]] == ["EchoFunction", "PlotFunction"]
