"""What mkdocs gets from outside docs/: the changelog, the security policy, and the addresses.

A workflow of GitHub names the repository. Elsewhere the site has no address and no link to one.
"""

import os
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
# Pages of the site by their files in the repository, as pages in docs/ link to them.
OUTSIDE = {"CHANGELOG.md": "changelog.md", "SECURITY.md": "security-policy.md"}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Set the addresses of the site and of the repository."""
    repository = os.environ.get("GITHUB_REPOSITORY")
    if repository:
        owner, name = repository.split("/")
        config.site_url = f"https://{owner.lower()}.github.io/{name}/"
        address = f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{repository}"
        # With `repo_url` each page would ask GitHub for the number of stars.
        icon = "fontawesome/brands/github"
        config.extra["social"] = [{"icon": icon, "link": address, "name": "Repository"}]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that lie above docs/."""
    for source, page in OUTSIDE.items():
        text = (ROOT / source).read_text("utf-8").replace("](docs/", "](")
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Return a page with links to the pages above docs/, and with the repository's own name."""
    repository = os.environ.get("GITHUB_REPOSITORY")
    if repository:
        markdown = markdown.replace("OWNER/shorts", repository)
    # In the repository a page is named by its file, on the site by its words.
    markdown = re.sub(
        r"\[([\w-]+)\.md\](?=\(\1\.md)", lambda link: f"[{link[1].replace('-', ' ')}]", markdown
    )
    return re.sub(
        rf"\]\(\.\./({'|'.join(map(re.escape, OUTSIDE))})\)",
        lambda link: f"]({OUTSIDE[link[1]]})",
        markdown,
    )
