"""Write `plot/examples.json` into the page that shows it: `python -m tests.examples`."""

import json
import re
from pathlib import Path

from tests.conftest import ROOT

EXAMPLES = ROOT / "plot" / "examples.json"
PAGE = ROOT / "plot" / "page.html"
PLACE = re.compile(r'(?<=<script type="application/json" id="gallery">).*?(?=</script>)', re.DOTALL)


def inlined(page: str, examples: str) -> str:
    """Return the page with these examples, as compact JSON that no markup can end early."""
    compact = json.dumps(json.loads(examples), ensure_ascii=False, separators=(",", ":"))
    return PLACE.sub(lambda _: compact.replace("<", "\\u003c"), page, count=1)


def main(page: Path = PAGE) -> None:
    """Write the examples into the page."""
    page.write_text(inlined(page.read_text("utf-8"), EXAMPLES.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
