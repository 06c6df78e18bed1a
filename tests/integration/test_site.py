"""The documentation site in a real browser: on a phone and a screen, in light and dark."""

import itertools
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from tests import browser
from tests.conftest import ROOT

pytestmark = browser.needed
# What is wider than the screen and is not in a box that scrolls by itself.
WIDE = """() => [...document.querySelectorAll("article *")]
  .filter((one) => !one.closest(".md-typeset__scrollwrap, pre"))
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
  .map((one) => `${one.tagName}: ${one.textContent.slice(0, 60)}`)"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, as the workflow builds it."""
    folder = tmp_path_factory.mktemp("site")
    subprocess.run(
        [Path(sys.executable).with_name("mkdocs"), "build", "--strict", "--quiet", "-d", folder],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1", "GITHUB_REPOSITORY": "owner/name"},
        check=True,
    )
    return folder


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and logs nothing."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The site behind HTTP, since a page cannot search what lies on a disk."""
    handler = partial(Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.chromium() as started:
        yield started


def test_no_page_is_wider_than_the_screen(site: Path, address: str, chromium: Browser) -> None:
    """On a phone and a screen, in light and dark; and none asks for what lies elsewhere."""
    page = chromium.new_page()
    said = browser.listen(page, address)
    pages = [path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html"))]
    pages.remove("404.html")  # its links are for the published site
    assert len(pages) > 20
    schemes: dict[Literal["light", "dark"], str] = {"light": "default", "dark": "slate"}
    for path, scheme in itertools.product(pages, schemes):
        page.emulate_media(color_scheme=scheme)
        page.goto(address + path)
        assert page.evaluate("document.body.dataset.mdColorScheme") == schemes[scheme]
        assert browser.contrast(page, "article p, article td, article code") > 4.5, path
        for width, height in ((375, 812), (1366, 768)):
            page.set_viewport_size({"width": width, "height": height})
            # The drawer for pages moves for a moment after a change of the width.
            browser.until(page, "document.documentElement.scrollWidth <= innerWidth")
            assert page.evaluate(WIDE) == [], path
    assert said == []
    page.close()


def test_the_published_site_knows_its_address(site: Path) -> None:
    text = (site / "index.html").read_text("utf-8")
    assert '<link rel="canonical" href="https://owner.github.io/name/index.html">' in text
    assert 'href="https://github.com/owner/name"' in text
