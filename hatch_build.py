"""What the package's metadata has from the repository that it is built in: URLs, and its README.

A release workflow of GitHub names the repository. Elsewhere there are no URLs, and the links of the
README stay relative.
"""

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

README = "docs/package.md"
# Links to other pages of `docs/`, and to files above it.
_LINK = re.compile(r"\]\((?!\w+:|#)([^)]+)\)")


class Hook(MetadataHookInterface):
    """Adds ``readme`` and ``urls``."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add both to a project's metadata."""
        text = Path(self.root, README).read_text("utf-8")
        repository = os.environ.get("GITHUB_REPOSITORY")
        metadata["urls"] = {}
        if repository:
            site = f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{repository}"
            pages = f"{site}/blob/{os.environ.get('GITHUB_REF_NAME') or 'main'}"
            text = _LINK.sub(lambda link: f"]({pages}/{os.path.normpath(f'docs/{link[1]}')})", text)
            owner, name = repository.split("/")
            metadata["urls"] = {
                "Homepage": site,
                "Documentation": f"https://{owner.lower()}.github.io/{name}/",
                "Changelog": f"{site}/blob/main/CHANGELOG.md",
                "Issues": f"{site}/issues",
            }
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
