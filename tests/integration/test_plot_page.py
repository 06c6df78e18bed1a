"""Plot's page in a real browser, served by Plot itself."""

import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Literal

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Route, ViewportSize, expect

from tests import browser as browsers
from tests.browser import contrast, listen, until
from tests.examples import EXAMPLES
from tests.http_service import serving

sys.path.insert(0, str(EXAMPLES.parent))
from charts import KINDS
from chartspec import SOURCES, Axis, ChartSpec, Line, Note, Rolling, Sort
from conflicts import misplaced

pytestmark = browsers.needed
expect.set_options(timeout=30_000)  # a chart takes long where other tests take turns with it
PLOT = EXAMPLES.parent
Scheme = Literal["light", "dark"]

GALLERY: dict[str, dict[str, Any]] = json.loads(EXAMPLES.read_text("utf-8"))
TABLE = "city,people\nUlm,126\nBonn,331\nKiel,247\n"
HOSTILE = "</textarea></script><script>alert(1)</script><img src=x onerror=alert(2)>"
MAGIC = {"png": b"\x89PNG\r\n", "svg": b"<svg ", "pdf": b"%PDF-", "webp": b"RIFF"}
# What is typed is drawn 300 ms later. The page's timers that end so soon can be looked at.
TIMERS = """{
  const [start, stop] = [setTimeout, clearTimeout], soon = window.soon = new Set();
  window.setTimeout = (call, after) => {
    const timer = start(() => { soon.delete(timer); call(); }, after);
    if (after < 1000) soon.add(timer);
    return timer;
  };
  window.clearTimeout = (timer) => { soon.delete(timer); stop(timer); };
}"""

# What tests change of a page, as it is when the page has been loaded.
FIRST = """async () => {
  shelf = {};
  shownSource = shownSpec = undefined;  // and so the texts of both views are written anew
  document.activeElement.blur();
  history.replaceState(null, "", "#");
  choose("data");
  for (const group of GROUPS) group.box.open = Boolean(group.open);
  document.getElementById("plan").open = false;
  scrollTo(0, 0);
  await open();
}"""
SIZE: ViewportSize = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsers.chromium() as started:
        yield started


@pytest.fixture(scope="module")
def home() -> Iterator[str]:
    """Where Plot answers."""
    with serving(PLOT) as address:
        yield address


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """What pages have in common: the images of the gallery, each asked for once.

    Who wants less motion gets none: what moves is drawn sixty times a second.
    """
    with browser.new_context(viewport=SIZE, reduced_motion="reduce") as shared:
        shared.grant_permissions(["clipboard-read", "clipboard-write"])
        yield shared


@contextmanager
def watched(context: BrowserContext, url: str) -> Iterator[tuple[Page, list[str]]]:
    """A page with its first chart, and what goes wrong in it or leaves the service."""
    with context.new_page() as page:
        page.add_init_script(TIMERS)
        said = listen(page, url.partition("#")[0])
        page.goto(url)
        settled(page)
        yield page, said


@contextmanager
def opened(context: BrowserContext, url: str) -> Iterator[Page]:
    """A page with its first chart; nothing it does may go wrong, or leave the service."""
    with watched(context, url) as (page, said):
        yield page
        assert said == []


@pytest.fixture(scope="module")
def kept(context: BrowserContext, home: str) -> Iterator[tuple[Page, list[str]]]:
    """A page for many tests: loading it takes four times as long as bringing it back.

    As long as it is there, the process that draws it draws the pages of other tests too.
    """
    with watched(context, home) as shown:
        yield shown


@pytest.fixture
def used(kept: tuple[Page, list[str]]) -> Iterator[Page]:
    """A page as the test before has left it; what a test asks of it may not go wrong."""
    page, said = kept
    said.clear()
    yield page
    page.unroute_all()
    assert said == []


@pytest.fixture
def page(used: Page) -> Page:
    """A page with its first chart and its form as they are when it is loaded."""
    used.set_viewport_size(SIZE)
    used.emulate_media(color_scheme="light", reduced_motion="reduce", forced_colors="none")
    used.evaluate(FIRST)
    settled(used)
    return used


@pytest.fixture
def fresh(context: BrowserContext, home: str, kept: object) -> Iterator[Page]:
    """A page that has just been loaded."""
    with opened(context, home) as shown:
        yield shown


def settled(page: Page) -> None:
    """Wait until a chart is there, and none is under way or soon to be."""
    page.locator("#chart:visible").wait_for()
    until(page, "!soon.size && !document.querySelector('#plate.busy')")


@contextmanager
def another_chart(page: Page) -> Iterator[None]:
    """What is done inside changes the chart: its pixels, and no error beside it."""
    before = pixels(page)
    yield
    settled(page)
    assert not page.locator("#faults").is_visible(), page.locator("#faults").inner_text()
    assert pixels(page) != before


def pixels(page: Page) -> str:
    """The chart as it is seen."""
    script = """() => {
      const image = document.getElementById("chart"), canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
      canvas.getContext("2d").drawImage(image, 0, 0);
      return canvas.toDataURL();
    }"""
    return str(page.evaluate(script))


def request(page: Page) -> dict[str, Any]:
    """The request that the page has put together."""
    spec: dict[str, Any] = page.evaluate("spec")
    return spec


def option(page: Page, group: str, name: str, place: int = 0) -> Any:
    """A field of the form, in its group, which is opened for it."""
    box = page.locator("details", has=page.locator("summary", has_text=re.compile(f"^{group}")))
    if box.get_attribute("open") is None:
        box.locator("summary").click()
    return box.get_by_label(name, exact=True).nth(place)


def open_form(page: Page) -> None:
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")


def test_the_first_chart_is_there_at_once(fresh: Page) -> None:
    """An empty address shows the first example, with what it is and how large."""
    first = next(iter(GALLERY.values()))["spec"]
    assert request(fresh) == first
    assert fresh.evaluate("document.getElementById('chart').naturalWidth") == 800
    assert fresh.locator("#chart").get_attribute("alt")
    assert re.search(r"PNG\s*800 × 500\s*[\d.]+ KB", fresh.locator("#facts").inner_text())
    assert fresh.get_by_label("Title").first.input_value() == first["title"]
    assert "plot?chart=" in (fresh.locator("#examples img").first.get_attribute("src") or "")


def test_typed_data_is_drawn(page: Page) -> None:
    """A table typed in is the request's CSV and the chart; what was read is said."""
    data = page.get_by_label(re.compile("^Comma-separated"))
    with another_chart(page):
        data.fill(TABLE)
    assert request(page)["csv"] == TABLE
    assert "columns" not in request(page)
    assert page.locator("#taken").inner_text() == "Read as CSV: 3 rows of city, people."
    assert page.locator("#said").inner_text() == "Chart drawn"


@pytest.mark.parametrize(
    ("text", "name", "data"),
    [
        ("city\tpeople\nUlm\t126\nBonn, D\t331\n", "csv", 'city,people\nUlm,126\n"Bonn, D",331\n'),
        ("city;share\nUlm;12,6\nBonn;33,1\n", "csv", "city,share\nUlm,12.6\nBonn,33.1\n"),
        ("\ufeffcity;share, %\nUlm;12,6\n", "csv", 'city,"share, %"\nUlm,12.6\n'),
        ("\ufeffa,b\n1,2\n", "csv", "a,b\n1,2\n"),
        ('{"n": [1, 2], "m": [3, 4]}', "columns", {"n": [1, 2], "m": [3, 4]}),
        ('[{"n": "a", "m": 3}, {"n": "b"}]', "records", [{"n": "a", "m": 3}, {"n": "b"}]),
        ('[{"name": "a", "y": [3, 5, 4]}]', "series", [{"name": "a", "y": [3, 5, 4]}]),
    ],
)  # fmt: skip
def test_other_forms_of_data_are_taken(page: Page, text: str, name: str, data: Any) -> None:
    """Tables of spreadsheets and JSON in each of its forms become the field that they are."""
    with another_chart(page):
        page.get_by_label(re.compile("^Comma-separated")).fill(text)
    assert [source for source in SOURCES if source in request(page)] == [name]
    assert request(page)[name] == data


@pytest.mark.parametrize(
    ("text", "csv", "how"),
    [
        ("a\tb\nx\t1,200\ny\t-12,140.5\n", "a,b\nx,1200\ny,-12140.5\n", ", 1,000 as 1000"),
        ("a\tb\n2,5\t1.200\n1,250\t12\n", "a,b\n2.5,1200\n1.250,12\n", ", 1,5 as 1.5"),
        ("a\tb\nx\t0,125\ny\t1\u202f200,5\n", "a,b\nx,0.125\ny,1200.5\n", ", 1,5 as 1.5"),
        ("a;b\nx;1,250\ny;1.212,6\nz;\n", "a,b\nx,1.250\ny,1212.6\nz,\n", ", 1,5 as 1.5"),
        ("a;b\n1.5;2.125\n1,5,5;2\n", 'a,b\n1.5,2.125\n"1,5,5",2\n', ""),
        ("a\tb\n3,5\t1\n4,5,6\t2,5\n", 'a,b\n"3,5",1\n"4,5,6",2.5\n', ", 1,5 as 1.5"),
        ("a\tb\n1,200\t31.12.2024\n", "a,b\n1200,31.12.2024\n", ", 1,000 as 1000"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_spreadsheets_show_them(
    used: Page, text: str, csv: str, how: str
) -> None:
    """Marks between thousands go and decimal commas become points, in columns of numbers alone."""
    read = used.evaluate("asData", text)
    assert read["csv"] == csv
    assert read["said"] == ("CSV with semicolons" if ";" in text else "a spreadsheet's table") + how


def test_a_row_without_a_value_has_none(used: Page) -> None:
    """A value that a record lacks is empty, whatever it is called."""
    records = [{"constructor": "a", "__proto__x": 1}, {"points": 3}]
    assert used.evaluate("(records) => asText({ records })", records) == (
        "constructor,__proto__x,points\na,1,\n,,3\n"
    )


def test_a_whole_request_may_be_pasted(page: Page) -> None:
    """JSON that names a kind is the request."""
    spec = GALLERY["donut"]["spec"]
    with another_chart(page):
        page.get_by_label(re.compile("^Comma-separated")).fill(json.dumps(spec))
    assert request(page) == spec
    assert page.get_by_role("radio", name="Donut").is_checked()


def test_typing_asks_once(page: Page) -> None:
    """What is typed in one go is drawn once, when it is done."""
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.method) if one.method == "POST" else None)
    title = page.get_by_label("Title").first
    title.fill("")
    settled(page)
    asked.clear()
    with another_chart(page):
        title.press_sequentially("Builds of a year", delay=20)
    assert asked == ["POST"]
    assert request(page)["title"] == "Builds of a year"


def test_the_last_request_counts(page: Page) -> None:
    """A slow answer to an earlier request does not come in place of a later one's."""
    slow: list[Route] = []

    def late(route: Route) -> None:
        if not slow:
            slow.append(route)  # and is answered at the end
        else:
            route.continue_()

    page.route("**/plot", late)
    title = page.get_by_label("Title").first
    title.fill("first")
    page.wait_for_timeout(500)
    with another_chart(page):
        title.fill("second")
    after = pixels(page)
    slow[0].abort()
    page.wait_for_timeout(200)
    assert pixels(page) == after
    assert not page.locator("#faults").is_visible()


def test_an_image_that_takes_long_does_not_come_late(fresh: Page) -> None:
    """An image that is still decoded when a later one is shown does not take its place."""
    fresh.evaluate(
        """() => {
          const decode = Image.prototype.decode, done = new Promise((go) => { window.go = go; });
          let first = true;
          Image.prototype.decode = async function () {
            const wait = first;
            first = false;
            await decode.call(this);
            if (wait) { window.held = true; await done; }
          };
        }"""
    )
    fresh.get_by_label("Title").first.fill("first")
    until(fresh, "window.held === true")
    with another_chart(fresh):
        option(fresh, "Image", "Width").fill("400")
    after = pixels(fresh)
    fresh.evaluate("new Promise((done) => { go(); setTimeout(done); })")
    assert pixels(fresh) == after


def test_another_kind_keeps_what_it_can_use(page: Page) -> None:
    """A field that a kind has no use for waits until there is one again."""
    page.emulate_media(reduced_motion="no-preference")  # this once the page moves, as for most
    page.locator("#examples button", has_text="Bars, stacked").click()
    settled(page)
    with another_chart(page):
        page.get_by_text("Histogram", exact=True).first.click()
    assert request(page)["kind"] == "histogram"
    assert "stacked" not in request(page)
    with another_chart(page):
        page.get_by_text("Bar", exact=True).first.click()
    assert request(page) == GALLERY["bars-stacked"]["spec"] | {"kind": "bar"}


def test_another_chart_has_nothing_of_the_last_one(page: Page) -> None:
    """What a kind had no use for stays with its chart: Back, and a pasted request, are others."""
    stacked = page.locator("#examples button", has_text="Bars, stacked")
    line = GALLERY["line"]["spec"]
    for leave in (
        page.go_back,
        lambda: page.get_by_label(re.compile("^Comma-separated")).fill(json.dumps(line)),
    ):
        with another_chart(page):
            stacked.click()
        with another_chart(page):
            page.get_by_text("Line", exact=True).first.click()
        with another_chart(page):
            leave()
            until(page, "(title) => spec.title === title", line["title"])
        with another_chart(page):
            page.get_by_text("Bar", exact=True).first.click()
        assert request(page) == line | {"kind": "bar"}


def test_fields_shown_are_those_a_kind_has(used: Page) -> None:
    """The form has the fields of each kind, as the service has them."""
    samples: dict[str, Any] = dict.fromkeys(("x", "y2", "size", "color", "error", "value"), "a")
    samples |= {"group_by": "a", "aggregate": "mean", "resample": "day", "top": 3, "bins": 3}
    samples |= dict.fromkeys(("stacked", "horizontal", "labels"), True)
    samples["over"] = "a"
    samples |= dict.fromkeys(("x_axis", "y_axis", "y2_axis"), Axis(log=True))
    samples |= {"rolling": Rolling(window=3), "sort": Sort(by="a"), "legend": "top"}
    samples |= {"lines": [Line(y=1)], "notes": [Note(x=1, y=1, text="a")]}
    shown: dict[str, list[str]] = used.evaluate(
        "Object.fromEntries(GROUPS.flatMap((group) => group.fields).filter((one) => one.path)"
        ".map((one) => [one.path.split('.')[0], one.kinds ?? Object.keys(KINDS)]))"
    )
    for name, sample in samples.items():
        kinds = [
            kind for kind in KINDS if not any(misplaced(ChartSpec(kind=kind, **{name: sample})))
        ]
        assert sorted(shown[name]) == sorted(kinds), name


def test_every_field_of_a_request_can_be_entered(page: Page) -> None:
    """There is a place in the page for each field of the request and of its parts."""
    page.get_by_role("tab", name="Request as JSON").click()
    every = GALLERY["line"]["spec"] | {
        "lines": [{"y": 3}],
        "notes": [{"x": 1, "y": 1, "text": "a"}],
    }
    page.get_by_label("What is sent to the service").fill(json.dumps(every))
    places: list[str] = page.evaluate("[...controls.keys()]")
    parts = {"x_axis": Axis, "y_axis": Axis, "y2_axis": Axis, "rolling": Rolling, "sort": Sort}
    rows = {"lines[0]": Line, "notes[0]": Note}
    expected = {
        name
        for name in ChartSpec.__struct_fields__
        if name not in (*SOURCES, *parts, "lines", "notes", "kind")
    }
    for path, part in (parts | rows).items():
        expected |= {f"{path}.{name}" for name in part.__struct_fields__}
    expected -= {"y_axis.type", "y2_axis.type"}  # only the x axis has another
    assert expected - set(places) == set()


def test_an_error_stands_at_its_field_and_goes_when_mended(page: Page) -> None:
    """The service's words stand under the field they are of; the last chart stays in sight."""
    page.get_by_text("Histogram", exact=True).first.click()
    settled(page)
    before = pixels(page)
    bins = option(page, "Look", "Bins")
    bins.fill("many")
    settled(page)
    expect(bins).to_have_attribute("aria-invalid", "true")
    told = page.locator(f"[id='{(bins.get_attribute('aria-describedby') or '').split()[-1]}']")
    assert "Expected" in told.inner_text()
    assert page.locator("#faults-title").inner_text() == "One thing to mend"
    assert "$.bins" in page.locator("#faults").inner_text()
    assert page.locator("#said").inner_text().startswith("Not drawn. $.bins: ")
    assert page.locator("#plate.stale").is_visible() and pixels(page) == before
    assert page.locator("#old").is_visible()
    with another_chart(page):
        bins.fill("3")
    assert bins.get_attribute("aria-invalid") is None
    assert not told.is_visible() and not page.locator("#old").is_visible()
    assert request(page)["bins"] == 3


def test_each_part_of_a_request_has_its_error(page: Page) -> None:
    """A fault in a part of the request, or in one of several, is told at what has it."""
    for group, name, place, bad, path in (
        ("Axes", "From", 0, "yesterday", "$.x_axis.min"),
        ("Axes", "Decimals", 1, "12", "$.y_axis.decimals"),
        ("Image", "Width", 0, "3", "$.width"),
        ("Look", "Colours", 0, "blu", "$.colors[0]"),
        ("Look", "Theme", 0, "nonesuch", "$.theme"),
        ("Rows", "Moving window", 0, "1", "$.rolling.window"),
        ("Rows", "Only the largest", 0, "0", "$.top"),
    ):
        field = option(page, group, name, place)
        field.fill(bad)
        settled(page)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(page.locator("#faults button")).to_have_text([path])
        page.locator("summary", has_text=re.compile(f"^{group}")).click()
        page.locator("#faults button").click()
        assert field.evaluate("(one) => one === document.activeElement")
        field.fill("")
        settled(page)
        expect(page.locator("#faults")).to_be_hidden()


def test_bad_data_is_told_where_it_stands(page: Page) -> None:
    """A fault in a cell is told at the data, and so is JSON that is none."""
    data = page.get_by_label(re.compile("^Comma-separated"))
    data.fill('a,b\n1,"2')
    settled(page)
    expect(data).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#faults button")).to_contain_text("$.csv")
    data.fill('{"n": [1, 2')
    settled(page)
    expect(data).to_have_attribute("aria-invalid", "true")
    assert "begins as JSON does" in page.locator("#faults").inner_text()
    with another_chart(page):
        data.fill('{"n": [1, 2]}')
    assert data.get_attribute("aria-invalid") is None


def test_a_fault_without_a_field_is_told_by_its_path(page: Page) -> None:
    """What the form has no place for is in the summary alone."""
    page.get_by_role("tab", name="Request as JSON").click()
    page.get_by_label("What is sent to the service").fill(
        '{"kind": "line", "csv": "a\\n1", "x-y": 1}'
    )
    page.locator("#faults").wait_for()
    assert '$["x-y"]' in page.locator("#faults code").inner_text()


def test_what_is_wrong_as_a_whole_is_told_at_a_field(page: Page) -> None:
    """Without columns chosen, it is the choice that is wrong; in the JSON, the JSON."""
    page.get_by_text("Pie", exact=True).first.click()
    drawn = page.get_by_role("group", name="Drawn")
    told = "A pie chart has one column of values, got 2"
    expect(drawn).to_contain_text(told)
    assert page.locator("#faults li").inner_text() == f"Drawn {told}"
    assert page.locator("#said").inner_text() == f"Not drawn. {told}"
    page.locator("#faults button").click()
    with another_chart(page):
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
    assert request(page)["y"] == "Plot"
    page.get_by_role("tab", name="Request as JSON").click()
    view = page.get_by_label("What is sent to the service")
    view.fill('{"csv": "a\\n1"}')
    settled(page)
    expect(view).to_have_attribute("aria-invalid", "true")
    told = "Request Object missing required field `kind`"
    expect(page.locator("#faults li")).to_have_text([told])


def test_an_error_is_in_sight_where_the_chart_is(page: Page) -> None:
    """Who types far below the list of errors reads on the chart that it is not drawn, and why."""
    data = page.get_by_label(re.compile("^Comma-separated"))
    data.fill("a,b\n1,2,3\n")
    told = "Not drawn. $.csv: The CSV cannot be read: Expected 2 fields in line 2, saw 3"
    expect(page.locator("#old")).to_have_text(told)
    page.mouse.wheel(0, 200)
    expect(page.locator("#old")).to_be_in_viewport(ratio=1)
    told = "Not drawn, 2 things to mend. $.width: Expected `int`, got `str`"
    for name in ("Width", "Height"):
        option(page, "Image", name).fill("x")
    data.fill(TABLE)
    settled(page)
    expect(page.locator("#old")).to_have_text(told)


def test_a_fault_of_the_service_has_no_field(page: Page, kept: tuple[Page, list[str]]) -> None:
    """What the service had no time for is no mistake of who asked."""
    problem = {"title": "", "detail": "", "errors": [{"path": "$", "detail": "Out of time"}]}
    page.route("**/plot", lambda route: route.fulfill(status=503, json=problem))
    page.get_by_label("Title").first.fill("another")
    settled(page)
    expect(page.locator("#faults li")).to_have_text(["Out of time"])
    assert page.locator("#faults button").count() == 0
    (said,) = kept[1]
    assert "status of 503" in said  # as the browser itself says
    kept[1].clear()


def test_the_json_view_and_the_form_are_one(page: Page) -> None:
    """What is entered in one is in the other; JSON that is none is told and changes nothing."""
    page.get_by_role("tab", name="Request as JSON").click()
    view = page.get_by_label("What is sent to the service")
    assert json.loads(view.input_value()) == request(page)
    page.get_by_label("Title").first.fill("From the form")
    assert json.loads(view.input_value())["title"] == "From the form"
    spec = GALLERY["scatter"]["spec"]
    with another_chart(page):
        view.fill(json.dumps(spec | {"title": "From JSON", "lines": [{"y": 300, "label": "goal"}]}))
    assert page.get_by_label("Title").first.input_value() == "From JSON"
    assert option(page, "Columns", "Size of points").input_value() == "2"
    assert option(page, "Lines and notes", "At value").input_value() == "300"
    before = request(page)
    view.fill("{,}")
    settled(page)
    expect(view).to_have_attribute("aria-invalid", "true")
    assert request(page) == before
    for odd in (
        "[]",
        '{"kind": 3, "lines": 5, "notes": {"a": 1}, "x_axis": [], "colors": 1}',
        '{"kind": "bar", "columns": {"__proto__": [1], "b": 3}, "y": {"a": 1}, "x": 4}',
        '{"lines": [null, 4], "rolling": "x", "sort": [1], "records": [1], "title": {}}',
    ):
        view.fill(odd)
        settled(page)
        page.locator("#faults").wait_for()
    with another_chart(page):
        view.fill(json.dumps(GALLERY["pie"]["spec"]))


def test_columns_are_chosen_in_their_order(page: Page) -> None:
    """The columns drawn are those chosen, in the order in which they were."""
    drawn = page.get_by_role("group", name="Drawn")
    with another_chart(page):
        drawn.get_by_text("Echo").click()
    assert request(page)["y"] == "Echo"
    drawn.get_by_text("Plot").click()
    assert request(page)["y"] == ["Echo", "Plot"]
    drawn.get_by_text("Echo").click()
    drawn.get_by_text("Plot").click()
    assert "y" not in request(page)


def test_lines_and_notes_come_and_go(page: Page) -> None:
    """A line and a note are added, drawn, told of their faults, and removed."""
    with another_chart(page):
        page.locator("summary", has_text="Lines and notes").click()
        page.get_by_role("button", name="Add a line").click()
        option(page, "Lines and notes", "At value").fill("50")
        option(page, "Lines and notes", "Label").fill("goal")
    assert request(page)["lines"] == [{"y": 50, "label": "goal"}]
    option(page, "Lines and notes", "Colour").fill("nonesuch")
    settled(page)
    expect(page.locator("#faults button")).to_have_text(["$.lines[0].color"])
    with another_chart(page):
        option(page, "Lines and notes", "Remove line 1").click()
    assert "lines" not in request(page)
    with another_chart(page):
        page.get_by_role("button", name="Add a note").click()
        option(page, "Lines and notes", "At x").fill("2025-02-03")
        option(page, "Lines and notes", "At value").fill("60")
        option(page, "Lines and notes", "Text").fill("Here")
    assert request(page)["notes"] == [{"x": "2025-02-03", "y": 60, "text": "Here"}]


def test_what_is_empty_is_not_sent(page: Page) -> None:
    """Fields that are filled and emptied again leave the request as it was; reset leaves data."""
    before = request(page)
    fields = {"Axes": "From", "Rows": "Moving window", "Look": "Colours", "Image": "Width"}
    for group, name in fields.items():
        field = option(page, group, name)
        field.fill("700")
        field.fill("")
    assert request(page) == before
    page.get_by_role("button", name="Reset all").click()
    assert request(page) == {name: before[name] for name in ("kind", "columns")}
    settled(page)


def test_a_title_of_an_axis_may_be_none(page: Page) -> None:
    """No title is not the same as the default one."""
    page.locator("summary", has_text="Axes").click()
    none = page.get_by_role("group", name="Along x").get_by_label("no title")
    assert none.is_checked()
    with another_chart(page):
        none.uncheck()
    assert "x_axis" not in request(page)


def test_what_is_drawn_is_told(page: Page) -> None:
    """The service's plan of the chart can be looked at."""
    page.get_by_text("What is drawn").click()
    plan = page.locator("#plan dl")
    expect(plan).to_contain_text("Rows sent")
    assert re.search(r"Rows sent\s*12\s*Marks drawn\s*\d+", plan.inner_text())


def test_an_old_plan_does_not_come_late(page: Page) -> None:
    """A slow answer of what an earlier chart is does not come in place of a later one's."""
    slow: list[Route] = []

    def late(route: Route) -> None:
        if not slow:
            slow.append(route)
        else:
            route.continue_()

    page.get_by_text("What is drawn").click()
    plan = page.locator("#plan dl")
    expect(plan).to_contain_text("Rows sent12")
    page.route("**/plot/validate", late)
    data = page.get_by_label(re.compile("^Comma-separated"))
    with another_chart(page):
        data.fill("a,b\n1,2\n")
    with another_chart(page):
        data.fill(TABLE)
    expect(plan).to_contain_text("Rows sent3")
    with page.expect_response("**/plot/validate") as answered:
        slow[0].continue_()
    answered.value.finished()
    page.wait_for_timeout(100)
    expect(plan).to_contain_text("Rows sent3")


def copied(page: Page, name: str) -> str:
    """Press a button under `Copy`; what is shown is what was copied."""
    page.get_by_role("group", name="Copy").get_by_role("button", name=name, exact=True).click()
    expect(page.locator("#copied-note")).to_contain_text(f"{name} copied")
    text = str(page.evaluate("navigator.clipboard.readText()"))
    assert page.locator("#copied-text").input_value().strip() == text.strip()
    return text


def test_a_copied_link_is_the_chart(page: Page, home: str) -> None:
    """A GET of the link answers with the chart that the page shows."""
    page.get_by_label("Title").first.fill("Zürich & 東京 <b>")
    settled(page)
    link = copied(page, "Link")
    assert link.startswith(f"{home}plot?chart=") and re.fullmatch(r"[\w:/.?=-]+", link)
    answer = page.request.get(link)
    assert answer.ok and answer.headers["content-type"] == "image/png"
    assert answer.body() == page.request.post(f"{home}plot", data=request(page)).body()


def test_a_copied_tag_shows_the_chart(page: Page, home: str) -> None:
    """The tag has the link, the size and the words, however hostile the words are."""
    page.get_by_label("Alternative text").fill('"><script>alert(1)</script> & more')
    settled(page)

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, dict(attrs)))

    found: list[tuple[str, dict[str, str | None]]] = []
    Tags().feed(copied(page, "<img>"))
    ((tag, attributes),) = found
    assert tag == "img"
    assert attributes["alt"] == '"><script>alert(1)</script> & more'
    assert (attributes["width"], attributes["height"]) == ("800", "500")
    assert page.request.get(attributes["src"] or "").body().startswith(MAGIC["png"])


def test_a_tag_copied_before_its_chart_is_drawn_has_no_other_words(page: Page) -> None:
    """The alternative text of the chart that is seen is not that of one that is under way."""
    page.route("**/plot", lambda route: route.abort("blockedbyclient"))
    page.get_by_label("Title").first.fill("Another")
    page.locator("#faults").wait_for()
    assert copied(page, "<img>").endswith(' alt="Line: Another">')


@pytest.mark.skipif(shutil.which("curl") is None, reason="this machine has no curl")
@pytest.mark.parametrize("rows", [1, 20_000])
def test_a_copied_command_draws_the_chart(page: Page, home: str, tmp_path: Path, rows: int) -> None:
    """The command is one that a shell runs, whatever the text says and however long it is."""
    page.get_by_label("Title").first.fill('It\'s $HOME `date` \\ "5"')
    paste(page, "city,people\nÖ$HOME,1\n" + "EOF,2\n" * rows)
    settled(page)
    command = copied(page, "curl")
    subprocess.run(["sh"], input=command.encode(), cwd=tmp_path, check=True, timeout=60)
    drawn = page.request.post(f"{home}plot", data=request(page)).body()
    assert (tmp_path / "chart.png").read_bytes() == drawn


def test_a_copied_event_is_the_request(page: Page) -> None:
    """The event is what a direct invocation takes."""
    assert json.loads(copied(page, "Event")) == request(page)
    assert "sam local invoke PlotFunction" in page.locator("#copied-note").inner_text()


def paste(page: Page, text: str) -> None:
    """Put a text in place of the data, as a person does."""
    page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    page.get_by_label(re.compile("^Comma-separated")).focus()
    page.keyboard.press("Control+A")
    page.keyboard.press("Control+V")


def test_a_long_paste_can_be_undone(page: Page) -> None:
    """Many rows are pasted as few are: the browser brings back what stood there before."""
    before = page.get_by_label(re.compile("^Comma-separated")).input_value()
    with another_chart(page):
        paste(page, "a,b\n" + "".join(f"{n},{n * 7919 % 99991}\n" for n in range(20_000)))
    assert page.locator("#taken").inner_text() == "Read as CSV: 20,000 rows of a, b."
    with another_chart(page):
        page.keyboard.press("Control+Z")
    assert request(page)["csv"] == before


def test_a_long_link_warns(page: Page) -> None:
    """A link that a proxy might refuse is told to be one."""
    paste(
        page, "a,b\n" + "".join(f"{n * 7919 % 99991},{n * 104729 % 99989}\n" for n in range(3000))
    )
    assert page.locator("#taken").inner_text().startswith("Read as CSV: 3,000 rows of a, b.")
    settled(page)
    assert len(copied(page, "Link")) > 8000
    assert "more than 8,000" in page.locator("#copied-note").inner_text()
    assert "warn" in (page.locator("#copied-note").get_attribute("class") or "")


def test_the_address_holds_the_chart(page: Page) -> None:
    """The page's own link opens the same chart in another tab, and Back leads to the former one."""
    with another_chart(page):
        page.get_by_label(re.compile("^Comma-separated")).fill(TABLE)
        page.get_by_text("Bar", exact=True).first.click()
    with opened(page.context, page.url) as other:
        assert request(other) == request(page)
        assert pixels(other) == pixels(page)
        assert other.get_by_label(re.compile("^Comma-separated")).input_value() == TABLE
    before = request(page)
    with another_chart(page):
        page.locator("#examples button", has_text="Heatmap").click()
    with another_chart(page):
        page.go_back()
        until(page, "(kind) => spec.kind === kind", before["kind"])
    assert request(page) == before


def test_a_chart_too_long_for_the_address_is_told(page: Page) -> None:
    """Who cannot bookmark the chart reads so, until it can be again."""
    kept = page.locator("footer").inner_text()
    assert "a bookmark keeps it" in kept
    rows = "".join(f"{n},{n * 7919 % 99991}{n * 104729 % 99989}\n" for n in range(60_000))
    with another_chart(page):
        paste(page, "a,b\n" + rows)
    assert page.url.endswith("/#")
    assert "too long for its address" in page.locator("footer").inner_text()
    with another_chart(page):
        paste(page, TABLE)
    assert page.locator("footer").inner_text() == kept


@pytest.mark.parametrize("bad", ["AAAA", "H4sIAAAA", "eyJ", "x" * 5000, "W10"])
def test_a_broken_address_is_told(context: BrowserContext, home: str, bad: str) -> None:
    """An address that holds no request shows an example, and says so."""
    with opened(context, f"{home}#chart={bad}") as page:
        assert "cannot be read" in page.locator("#faults").inner_text()
        assert request(page) == next(iter(GALLERY.values()))["spec"]


def test_each_format_is_downloaded(page: Page) -> None:
    """The file has its format and a name made of the title."""
    group = page.get_by_role("group", name="Download")
    for form, magic in MAGIC.items():
        with page.expect_download() as expected:
            group.get_by_role("button", name=re.compile(f"^{form}$", re.IGNORECASE)).click()
        assert expected.value.suggested_filename == f"build-time-week-by-week-sample-figures.{form}"
        assert Path(expected.value.path()).read_bytes().startswith(magic), form


def test_each_format_is_seen(page: Page) -> None:
    """A chart in another format is shown too, a PDF as SVG."""
    for form in ("svg", "webp", "pdf"):
        before = page.locator("#chart").get_attribute("src")
        option(page, "Image", "Format").select_option(form)
        until(page, "(src) => document.getElementById('chart').src !== src", before)
        assert page.evaluate("document.getElementById('chart').naturalWidth") == 800, form
        settled(page)
        assert page.locator("#facts").inner_text().startswith(form.upper())


def test_a_dense_image_has_its_size(page: Page) -> None:
    """Scale makes more pixels, not a larger chart."""
    before = page.locator("#chart").bounding_box()
    option(page, "Image", "Scale").fill("2")
    until(page, "document.getElementById('chart').naturalWidth === 1600")
    after = page.locator("#chart").bounding_box()
    assert before is not None and after is not None
    assert (after["width"], after["height"]) == (before["width"], before["height"])


@pytest.mark.parametrize("name", GALLERY)
def test_each_example_opens(used: Page, name: str) -> None:
    """Every example is drawn by the service, small in the gallery, and in full by a click."""
    title, spec = GALLERY[name]["title"], GALLERY[name]["spec"]
    button = used.locator("#examples").get_by_role("button", name=title, exact=True)
    button.scroll_into_view_if_needed()
    image = button.locator("img")
    until(used, "(image) => image.naturalWidth > 0", image.element_handle())
    button.click()
    until(used, "(kind) => spec.kind === kind", spec["kind"])
    settled(used)
    assert not used.locator("#faults").is_visible(), used.locator("#faults").inner_text()
    assert request(used) == spec


def test_an_example_that_is_not_drawn_says_so(context: BrowserContext, home: str) -> None:
    """Where neither a GET nor a POST is answered, words stand in the example's place."""
    with context.new_page() as page:
        page.route("**/plot*", lambda route: route.abort("blockedbyclient"))
        page.goto(home)
        first = page.locator("#examples button").first
        first.scroll_into_view_if_needed()
        expect(first).to_have_text("Not drawnLine, with a gap")
        assert contrast(page, ".thumb") >= 4.5


def test_a_table_goes_in_and_comes_out_alike(used: Page) -> None:
    """An example's data as text is the same data when it is typed."""
    for name, example in GALLERY.items():
        if "series" in example["spec"]:
            continue
        told, again = used.evaluate(
            "(spec) => [table(spec), table({ csv: asText(spec) })]", example["spec"]
        )
        assert told == again, name


def test_where_links_are_signed_the_page_still_works(context: BrowserContext) -> None:
    """Charts come by POST where a GET is refused, and who copies a link is told."""
    secret = "of a test"
    with serving(PLOT, PLOT_SIGNING_SECRET=secret) as signed, opened(context, signed) as page:
        image = page.locator("#examples img").first
        image.scroll_into_view_if_needed()
        until(page, "(image) => image.src.startsWith('blob:')", image.element_handle())
        until(page, "(image) => image.naturalWidth > 0", image.element_handle())
        assert copied(page, "Link").startswith(f"{signed}plot?chart=")
        assert "signed links only" in page.locator("#copied-note").inner_text()


def test_hostile_text_is_text(fresh: Page) -> None:
    """Markup in a title, a column, a cell or a link is shown as it is and does nothing."""
    spec = {
        "kind": "bar",
        "title": HOSTILE,
        "alt": HOSTILE,
        "columns": {
            "city": [HOSTILE, "b"],
            HOSTILE: [3, 1],
            "__proto__": [1, 2],
            "constructor": [3, 4],
        },
        "y": ["constructor", HOSTILE],
        "notes": [{"x": "b", "y": 1, "text": HOSTILE}],
        "colors": {HOSTILE: "red"},
    }
    fresh.get_by_role("tab", name="Request as JSON").click()
    view = fresh.get_by_label("What is sent to the service")
    with another_chart(fresh):
        view.fill(json.dumps(spec))
    open_form(fresh)
    for name in ("Link", "<img>", "curl", "Event"):
        copied(fresh, name)
    assert fresh.locator("img[src='x']").count() == 0
    assert fresh.locator("script").count() == 2
    with opened(fresh.context, fresh.url) as other:
        assert pixels(other) == pixels(fresh)
        assert other.locator("img[src='x']").count() == 0
    view.fill(json.dumps(spec | {"y": HOSTILE + "2", HOSTILE: 1}))
    fresh.locator("#faults").wait_for()
    assert "<script>" in fresh.locator("#faults").inner_text()
    assert fresh.locator("img[src='x']").count() == 0


# What has the focus: whether that is seen, and whether it lies under something else once the page
# has brought it out from under the chart, a frame later.
FOCUS = """async () => {
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  const at = document.activeElement;
  if (at === document.body) return null;
  at.dataset.walked ??= String(Math.random());
  const boxed = ["radio", "checkbox"].includes(at.type) && at.nextElementSibling;
  const shown = boxed ? at.nextElementSibling : at, box = shown.getBoundingClientRect();
  const ok = [shown, at].some((one) => getComputedStyle(one).outlineStyle !== "none");
  const middle = box.y + Math.min(box.height, 30) / 2;
  const seen = document.elementFromPoint(box.x + box.width / 2, middle);
  const hidden = !(shown.contains(seen) || seen?.contains(shown));
  return { id: at.dataset.walked, ok, hidden, what: at.outerHTML.slice(0, 120) };
}"""

# The controls that have not had it. A group of radio buttons is one stop.
MISSED = """() => [...document.querySelectorAll("a, button, input, select, textarea, summary")]
  .filter((one) => one.checkVisibility() && !one.disabled && one.tabIndex >= 0)
  .filter((one) => !(one.type === "radio" ? [...document.getElementsByName(one.name)] : [one])
    .some((other) => other.dataset.walked))
  .map((one) => one.outerHTML.slice(0, 120))"""


def test_the_keyboard_reaches_everything(fresh: Page) -> None:
    """Tab leads through every control once, in the order of the page, each with a visible focus."""
    open_form(fresh)
    fresh.evaluate("document.body.focus()")
    seen: list[str] = []
    for _ in range(400):
        fresh.keyboard.press("Tab")
        place = fresh.evaluate(FOCUS)
        if place is None or place["id"] in seen:
            break
        assert place["ok"], place["what"]
        assert not place["hidden"], place["what"]
        seen.append(place["id"])
    assert fresh.evaluate(MISSED) == []
    assert len(seen) > 60


def test_a_chart_is_made_by_keyboard_alone(fresh: Page) -> None:
    """Kind by arrows, data by typing, a column by space, a copy by Enter."""
    fresh.keyboard.press("Tab")
    assert fresh.evaluate("document.activeElement.textContent") == "To the examples"
    for _ in range(3):
        fresh.keyboard.press("Tab")
    assert fresh.evaluate("document.activeElement.name") == "kind"
    with another_chart(fresh):
        fresh.keyboard.press("ArrowRight")
        fresh.keyboard.press("ArrowRight")
    assert request(fresh)["kind"] == "bar"
    fresh.get_by_role("tab", name="Data").focus()
    fresh.keyboard.press("Tab")
    assert fresh.evaluate("document.activeElement.tagName") == "TEXTAREA"
    with another_chart(fresh):
        fresh.keyboard.press("Control+A")
        fresh.keyboard.insert_text(TABLE)
    fresh.keyboard.press("Shift+Tab")
    fresh.keyboard.press("ArrowRight")
    assert fresh.locator("#request").is_visible()
    fresh.get_by_role("group", name="Drawn").get_by_role("checkbox").nth(1).focus()
    fresh.keyboard.press("Space")
    assert request(fresh)["y"] == "people"
    fresh.get_by_role("button", name="Event").focus()
    fresh.keyboard.press("Enter")
    expect(fresh.locator("#copied-note")).to_contain_text("Event copied")


def test_everything_has_a_name(page: Page) -> None:
    """Landmarks, headings, and a name for each control and image that is not mere decoration."""
    for role in ("banner", "main", "contentinfo", "navigation"):
        assert page.get_by_role(role).count() == 1, role
    for name in ("Chart", "Source", "Options", "Examples"):
        assert page.get_by_role("region", name=name).count() == 1, name
    open_form(page)
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("input, select, textarea")]
             .filter((one) => !one.labels.length && !one.hasAttribute("aria-labelledby"))
             .map((one) => one.outerHTML)"""
    )
    assert nameless == []
    for axis in ("Along x", "Values", "Second axis of values"):
        assert page.get_by_role("group", name=axis, exact=True).get_by_label("From").count() == 1
    twice = page.evaluate(
        "(() => { const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);"
        " return ids.filter((id, at) => ids.indexOf(id) !== at); })()"
    )
    assert twice == []
    assert page.evaluate("document.documentElement.lang") == "en"


TEXTS = (
    "h1", "header p", "#api", "#kinds input:checked + span", "#kinds input:not(:checked) + span",
    "#facts span", ".out b", ".do", "[role='tab']", ".field > label", ".field > legend", "summary",
    "summary em", ".hint", ".chip span", "textarea", "select", ".note", ".gallery p", "footer",
    ".gallery .name", ".part h3", "#faults h3", "#faults button", ".fault:not([hidden])",
    ".switch span", "#old",
)  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_and_can_be_read(page: Page, scheme: Scheme, width: int) -> None:
    """Nothing sticks out, on a phone neither; text has a contrast of 4.5 in both schemes."""
    page.set_viewport_size({"width": width, "height": 740})
    page.emulate_media(color_scheme=scheme)
    open_form(page)
    option(page, "Image", "Width").fill("x")
    page.locator("#faults").wait_for()
    page.get_by_role("button", name="Event").click()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for selector in TEXTS:
        assert contrast(page, selector) >= 4.5, selector
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, select, summary, input[type=text]")]
             .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 24)
             .filter((one) => !one.closest("#faults")).map((one) => one.outerHTML)"""
    )
    assert small == []  # https://www.w3.org/TR/WCAG22/#target-size-minimum


@pytest.mark.parametrize("width", [320, 360, 390, 412, 600, 768, 900])
def test_a_row_of_kinds_that_goes_on_shows_it(page: Page, width: int) -> None:
    """Where not all kinds are in sight, one is in part."""
    page.set_viewport_size({"width": width, "height": 740})
    shown = page.evaluate(
        """() => {
          const { right } = document.getElementById("kinds").getBoundingClientRect();
          return [...document.querySelectorAll("#kinds span")]
            .map((one) => one.getBoundingClientRect())
            .map((box) => (right - box.left) / box.width);
        }"""
    )
    assert any(0.2 < part < 0.8 for part in shown)


def test_colours_can_be_chosen(browser: Browser, home: str) -> None:
    """The page is dark or light as the system is, or as one says, and stays so."""
    with browser.new_context(color_scheme="dark") as own, opened(own, home) as page:
        paint = "getComputedStyle(document.body).backgroundColor"
        dark = page.evaluate(paint)
        page.get_by_text("Light", exact=True).click()
        light = page.evaluate(paint)
        assert light != dark
        page.reload()
        settled(page)
        assert page.evaluate(paint) == light
        page.get_by_text("Auto", exact=True).click()
        assert page.evaluate(paint) == dark


def test_what_is_chosen_is_seen_in_forced_colours(page: Page) -> None:
    """With the system's colours, what is chosen differs from the rest, and the focus from both."""
    page.emulate_media(forced_colors="active")
    look = "(one) => ['backgroundColor', 'borderBottomColor', 'outlineStyle', 'outlineWidth']"
    look += ".map((name) => getComputedStyle(one)[name])"
    kinds, tabs = page.locator("#kinds span"), page.get_by_role("tab")
    chosen = kinds.nth(0).evaluate(look)
    assert chosen[0] != kinds.nth(1).evaluate(look)[0]
    assert tabs.nth(0).evaluate(look)[1] != tabs.nth(1).evaluate(look)[1]
    page.get_by_role("radio", name="Auto").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "kind"
    assert kinds.nth(0).evaluate(look) == [*chosen[:2], "solid", "3px"]


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 900)])
def test_the_chart_stays_in_sight(page: Page, width: int, height: int) -> None:
    """The chart is seen while the options are: above them on a phone, beside them elsewhere."""
    page.set_viewport_size({"width": width, "height": height})
    open_form(page)
    page.get_by_label("Theme").scroll_into_view_if_needed()
    expect(page.locator("#chart")).to_be_in_viewport(ratio=1)


def test_a_phone_asks_for_an_image_of_its_screens_width(browser: Browser, home: str) -> None:
    """On a phone the image has the screen's pixels, and elsewhere the size of the request."""
    phone: ViewportSize = {"width": 375, "height": 740}
    with browser.new_context(viewport=phone, device_scale_factor=2) as own, own.new_page() as page:
        page.add_init_script(TIMERS)
        with page.expect_request("**/plot") as asked:
            page.goto(home)
        settled(page)
        sent: Any = asked.value.post_data_json
        look = "(one) => [one.naturalWidth, one.getBoundingClientRect().width]"
        natural, shown = page.locator("#chart").evaluate(look)
        assert 320 <= sent["width"] <= 375
        assert sent["scale"] == 2
        assert (natural, shown) == (2 * sent["width"], sent["width"])
        assert "width" not in request(page)  # which is shared, and drawn elsewhere
        page.set_viewport_size({"width": 1366, "height": 900})
        with page.expect_request("**/plot") as asked:
            page.get_by_label("Title").first.fill("another")
        settled(page)
        sent = asked.value.post_data_json
        assert "width" not in sent


def test_missing_characters_are_named(page: Page) -> None:
    """Where no font has a character, the page says which."""

    def answer(route: Route) -> None:
        fetched = route.fetch()
        headers = {**fetched.headers, "plot-missing-glyphs": "U+1F600 U+4E2D"}
        route.fulfill(response=fetched, headers=headers)

    page.route("**/plot", answer)
    page.get_by_label("Title").first.fill("another")
    settled(page)
    expect(page.locator("#facts strong")).to_have_text("No font has 😀 (U+1F600), 中 (U+4E2D)")


def test_columns_left_out_are_named(page: Page) -> None:
    """Where one text keeps a column from being drawn, the page says which."""
    with another_chart(page):
        page.get_by_label(re.compile("^Comma-separated")).fill("n,a,b\n1,2,3\n2,3,4\n3,4,none\n")
    told = "`b` is not drawn: `none` in row 3 is no number"
    expect(page.locator("#facts strong")).to_have_text(told)


def test_a_service_that_is_gone_is_told_and_asked_again(page: Page) -> None:
    """Without an answer the chart stays, the page says so, and asks again."""
    page.route("**/plot", lambda route: route.abort("blockedbyclient"))
    page.get_by_label("Title").first.fill("another")
    page.locator("#faults").wait_for()
    assert "cannot be reached" in page.locator("#faults").inner_text()
    page.unroute("**/plot")
    expect(page.locator("#faults")).to_be_hidden(timeout=10_000)
    settled(page)


def test_an_answer_that_is_no_problem_document_is_told(page: Page) -> None:
    """What a gateway says in place of the service is told by its status."""
    page.route("**/plot", lambda route: route.fulfill(status=413, body="<h1>Too large</h1>"))
    page.get_by_label("Title").first.fill("another")
    settled(page)
    expect(page.locator("#faults")).to_contain_text("The service answered 413")
    page.unroute("**/plot")


def test_it_works_below_a_stage(context: BrowserContext, home: str) -> None:
    """Behind a stage's path, with and without a slash at its end, requests go below it."""
    asked: list[str] = []
    content = context.request.get(home).text()
    image = io.BytesIO()
    Image.new("RGB", (8, 5)).save(image, "png")

    def answer(route: Route) -> None:
        asked.append(route.request.url.partition("?")[0])
        if asked[-1].rstrip("/").endswith("/prod"):
            route.fulfill(body=content, content_type="text/html")
        else:
            route.fulfill(body=image.getvalue(), content_type="image/png")

    with context.new_page() as page:
        page.add_init_script(TIMERS)
        page.route("**/*", answer)
        for url in (f"{home}prod/", f"{home}prod"):
            asked.clear()
            page.goto(url)
            settled(page)
            assert set(asked) == {url, f"{home}prod/plot"}
            assert page.locator("#api").get_attribute("href") == f"{home}prod/openapi.json"


def test_the_policy_lets_nothing_else_in(context: BrowserContext, home: str) -> None:
    """Scripts, styles and requests are the page's own, or none."""
    answer = context.request.get(home)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert not re.search(r"\son\w+=|\sstyle=|https?://(?!www\.w3\.org)", answer.text())


def test_without_scripts_the_page_says_so(browser: Browser, home: str) -> None:
    """Who has scripts off is told what to ask the service for."""
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(home)
        assert "POST /plot" in page.locator("noscript").inner_text()
