"""A real browser for tests of pages: Chromium, where the machine has one."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)
needed = pytest.mark.skipif(CHROMIUM is None, reason="this machine has no Chromium")

_NOTES = (
    # What the browser itself says of each answer that is a refusal, and of each that never came:
    # tests take connections away, and so do other processes that change the machine's network.
    "Failed to load resource: the server responded with a status of 4",
    "Failed to load resource: net::",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser."""
    # A process that has drawn a page before draws the next of the same site in half the time.
    flags = ["--process-per-site", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=flags)


def listen(page: Page, home: str) -> list[str]:
    """Collect what goes wrong in a page, and what it asks for that is not below an address."""
    said: list[str] = []

    def console(message: ConsoleMessage) -> None:
        if not message.text.startswith(_NOTES):
            said.append(message.text)

    def request(asked: Request) -> None:
        if not asked.url.startswith((home, "data:", "blob:")):
            said.append(asked.url)

    page.on("console", console)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", request)
    page.on("dialog", lambda dialog: said.append(dialog.message))
    return said


def until(page: Page, script: str, argument: Any = None) -> None:
    """Wait until a script says so. The page's policy lets it be run from outside alone."""
    asking = f"""async (argument) => {{
      for (let turn = 0; turn < 1000; turn++) {{
        const said = {script};
        if (typeof said === "function" ? said(argument) : said) return true;
        await scheduler.postTask(() => {{}}, {{ delay: 20 }});
      }}
      return false;
    }}"""
    assert page.evaluate(asking, argument), f"never came: {script}"


def contrast(page: Page, selector: str) -> float:
    """Return the least contrast of some texts, of which one is seen, with what lies behind them.

    https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
    """
    script = """(selector) => {
      const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
      const light = (colour) => {
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const linear = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3)
          .map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
      };
      const behind = (element) => {
        for (let at = element; at; at = at.parentElement) {
          const { backgroundColor } = getComputedStyle(at);
          if (backgroundColor !== "rgba(0, 0, 0, 0)") return backgroundColor;
        }
        return "white";
      };
      const seen = [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());
      if (!seen.length) throw new Error("nothing is seen of " + selector);
      return Math.min(...seen.map((one) => {
        const [a, b] = [light(getComputedStyle(one).color), light(behind(one))];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      }));
    }"""
    return float(page.evaluate(script, selector))
