"""The workflows for GitHub, in addition to what actionlint finds: they store no key."""

from tests.conftest import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def test_deploys_without_a_stored_key() -> None:
    """The deployment asks for a role by OIDC, and no workflow reads a secret."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in WORKFLOWS}
    assert texts.keys() >= {"deploy", "test"}
    assert "id-token: write" in texts["deploy"]
    assert "role-to-assume" in texts["deploy"]
    assert not [name for name, text in texts.items() if "secrets." in text]


def test_releases_without_a_stored_key() -> None:
    """The index trusts the workflow, and what is published is attested."""
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    assert "id-token: write" in text
    assert "attest-build-provenance" in text
    assert "attestations: true" in text
    assert "password" not in text


def test_the_site_is_published_without_a_stored_key() -> None:
    """What builds the site may not publish, and what publishes it runs none of the repository."""
    build, _, publish = (
        (ROOT / ".github" / "workflows" / "docs.yml").read_text("utf-8").partition("  publish:")
    )
    assert "pages: write" in publish and "run:" not in publish
    assert "write" not in build
