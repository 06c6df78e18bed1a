"""Plot's gallery, and the page that has it inside."""

import json
import sys
from typing import Any

import pytest

from tests.examples import EXAMPLES, PAGE, inlined

sys.path.insert(0, str(PAGE.parent))
from charts import KINDS
from decoding import decode

GALLERY: dict[str, dict[str, Any]] = json.loads(EXAMPLES.read_text("utf-8"))


def test_the_page_has_the_gallery() -> None:
    """The page's examples are the file's: `python -m tests.examples` writes them there."""
    page = PAGE.read_text("utf-8")
    assert inlined(page, EXAMPLES.read_text("utf-8")) == page


def test_examples_cannot_end_their_place_in_the_page() -> None:
    """A text of an example that is markup is JSON in the page, and nothing else."""
    examples = json.dumps({"x": {"title": "</script><script>alert(1)</script>", "spec": {}}})
    page = inlined(PAGE.read_text("utf-8"), examples)
    assert "alert(1)" in page
    assert page.count("</script>") == PAGE.read_text("utf-8").count("</script>")
    assert inlined(page, EXAMPLES.read_text("utf-8")) == PAGE.read_text("utf-8")


def test_each_kind_has_an_example() -> None:
    """Every kind of chart is in the gallery."""
    assert {example["spec"]["kind"] for example in GALLERY.values()} == set(KINDS)


@pytest.mark.parametrize("name", GALLERY)
def test_an_example_is_a_request_that_fits_a_link(name: str) -> None:
    """Each decodes, says that its figures are samples, and is at most 2,000 bytes."""
    spec = GALLERY[name]["spec"]
    assert decode(spec).kind == spec["kind"]
    assert "sample figures" in f"{spec.get('title')} {spec.get('alt')}".lower()
    assert len(json.dumps(spec, ensure_ascii=False, separators=(",", ":")).encode()) <= 2000
