"""A remote as builds use it, here in a folder: it gives what is valid, and is never in the way."""

from pathlib import Path

import pytest

from shorts.errors import ShortsError
from shorts.remote import Remote
from shorts.remote.signature import SIGNING, TRUSTED, Keys
from tests.signing import OTHER_PUBLIC, OTHER_SECRET, PUBLIC, SECRET

NAMES = [f"demo-{number}" for number in range(30)]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a remote that this machine may write to."""
    monkeypatch.setenv(SIGNING, SECRET)
    monkeypatch.setenv(TRUSTED, PUBLIC)
    return tmp_path / "remote"


@pytest.fixture
def filled(place: Path) -> Path:
    """The same with some objects."""
    with Remote(place.as_uri()).require() as remote:
        for name in NAMES:
            remote.share("slices", name, name.encode)
    return place


def fetched(remote: Remote, names: list[str]) -> dict[str, bytes]:
    """What a remote gives."""
    found: dict[str, bytes] = {}

    def take(asked: str, name: str, content: bytes) -> None:
        found[asked] = content

    remote.fetch("slices", {name: [name] for name in names}, take, lambda line: None)
    return found


def ended(remote: Remote) -> list[str]:
    """The notes of a build that has ended, without the seconds that it took."""
    with remote:
        pass
    return [note.partition(" MB,")[0] for note in remote.notes]


def test_what_one_machine_shares_another_gets(filled: Path) -> None:
    """All that was shared arrives, and a line says how much it was."""
    remote = Remote(filled.as_uri())
    assert fetched(remote, [*NAMES, "other"]) == {name: name.encode() for name in NAMES}
    assert ended(remote) == ["31 Slices: 30 from the remote (0.0"]


def test_nothing_is_connected_before_it_is_needed(place: Path) -> None:
    """A build that lacks nothing has no business with the remote, not even a bad one."""
    remote = Remote("nonsense")
    assert fetched(remote, []) == {}
    assert ended(remote) == []
    assert not place.exists()


@pytest.mark.parametrize(
    ("where", "variable", "value", "why"),
    [
        ("ftp://host", TRUSTED, PUBLIC, "'ftp://host' cannot be a remote."),
        ("file:///nowhere", TRUSTED, "", f"{TRUSTED} names no public key to trust."),
        ("file:///nowhere", SIGNING, "x", f"{SIGNING} holds something other than ed25519-secret:"),
    ],
)
def test_a_remote_that_cannot_be_used_is_one_note(
    place: Path, where: str, variable: str, value: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it is asked, the build goes on, and hears about it once."""
    monkeypatch.setenv(variable, value)
    remote = Remote(where)
    assert fetched(remote, NAMES) == fetched(remote, NAMES) == {}
    (note,) = ended(remote)
    assert note.startswith(f"the remote {where} is not used: {why}")
    with pytest.raises(ShortsError, match="is not used"):
        Remote(where).require()


def test_a_reader_writes_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the key that signs, sharing does nothing and says nothing."""
    monkeypatch.delenv(SIGNING)
    with Remote(place.as_uri()).require() as remote:
        remote.share("slices", "x", lambda: b"")
    assert remote.notes == []
    assert not place.exists()


def test_what_is_not_valid_is_named_and_replaced(filled: Path) -> None:
    """A writer puts the right object in its place; no one else's is touched."""
    bad, good = (filled / "slices" / name for name in NAMES[:2])
    before = good.read_bytes()
    whole = bad.read_bytes()
    bad.write_bytes(whole[:-1])
    with Remote(filled.as_uri()) as remote:
        assert fetched(remote, NAMES[:2]).keys() == {NAMES[1]}
        for name in NAMES[:2]:
            remote.share("slices", name, name.encode)
    assert remote.notes[0] == (
        "slices/demo-0 of the remote is not used: its signature is not that of its content and name"
    )
    assert bad.read_bytes() == whole
    assert good.read_bytes() == before


def test_an_object_of_a_former_key_is_replaced(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a rotation, what the old key has signed is made again and signed by the new one."""
    monkeypatch.setenv(SIGNING, OTHER_SECRET)
    monkeypatch.setenv(TRUSTED, OTHER_PUBLIC)
    with Remote(filled.as_uri()) as remote:
        assert fetched(remote, NAMES[:1]) == {}
        remote.share("slices", NAMES[0], lambda: b"again")
    assert "it is signed by a key that is not trusted" in remote.notes[0]
    assert fetched(Remote(filled.as_uri()), NAMES[:1]) == {NAMES[0]: b"again"}


def test_an_object_too_large_is_not_read(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever puts terabytes there costs a build no more than the most that an object may have."""
    monkeypatch.setattr("shorts.remote.folder.MOST", 1000)
    with (filled / "slices" / NAMES[0]).open("ab") as file:
        file.truncate(10**12)
    remote = Remote(filled.as_uri())
    assert fetched(remote, NAMES[:2]).keys() == {NAMES[1]}


def test_the_best_of_several_names_is_taken(filled: Path) -> None:
    """Where several objects will do, the first one that is there comes."""
    remote = Remote(filled.as_uri())
    taken = []

    def take(asked: str, name: str, content: bytes) -> None:
        taken.append((asked, name, content))

    wanted = {"a": ["demo-x", "demo-7", "demo-3"], "b": ["demo-y", "demo-z"]}
    remote.fetch("slices", wanted, take, lambda line: None)
    assert taken == [("a", "demo-7", b"demo-7")]


def test_what_was_pruned_meanwhile_is_not_uploaded(place: Path) -> None:
    """A Slice that is gone when its turn comes stops the uploads, not the build."""

    def gone() -> bytes:
        raise FileNotFoundError("gone")

    with Remote(place.as_uri()).require() as remote:
        remote.share("slices", "x", gone)
    assert remote.notes == [f"the remote {place.as_uri()} gets no uploads: gone"]


def test_a_bug_is_not_hidden(filled: Path) -> None:
    """What is not the remote's fault goes through, such as a store that cannot be written."""

    def take(asked: str, name: str, content: bytes) -> None:
        raise ShortsError("the store is full")

    with pytest.raises(ShortsError, match="the store is full"):
        Remote(filled.as_uri()).fetch("slices", {"demo-1": ["demo-1"]}, take, lambda line: None)


def test_keys_are_not_shown(filled: Path) -> None:
    """No note holds the key that signs."""
    with Remote(filled.as_uri()) as remote:
        fetched(remote, NAMES)
    assert SECRET not in " ".join(remote.notes)
    assert SECRET not in repr(Keys.of({SIGNING: SECRET, TRUSTED: PUBLIC}))
