"""Locks are texts here; what uv makes of requirements is tested with uv."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker

from shorts.errors import ShortsError
from shorts.requirements import lock_file, markers
from shorts.requirements.lock_file import Pin
from shorts.targets.target import MACHINES, TARGETS, Target

TARGET = Target.of("python3.13", "x86_64")
LOCK = Path("requirements.lock")
A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def test_parses_pins_by_name() -> None:
    """Pins come sorted by normalized name, with their hashes sorted; options are not pins."""
    text = (
        "--index-url https://e.org/simple\n"
        f"six==1.17.0 \\\n    --hash={B} \\\n    --hash={A}\n"
        f"Python_Dateutil[extra]==2.9.0.post0 --hash={A}\n"
    )
    assert lock_file.parse(text, TARGET, LOCK) == [
        Pin(name="python-dateutil", version="2.9.0.post0", hashes=(A,)),
        Pin(name="six", version="1.17.0", hashes=(A, B)),
    ]
    assert str(Pin(name="six", version="1.17.0", hashes=(A,))) == "six==1.17.0"


def test_parses_only_what_applies_to_the_target() -> None:
    """A universal lock gives each target its own pins, by the markers."""
    text = "\n".join(
        [
            f"numpy==1.26 ; python_full_version < '3.12' --hash={A}",
            f"numpy==2.4 ; python_full_version >= '3.12' --hash={A}",
            f"colorama==1 ; sys_platform == 'win32' --hash={A}",
            f"arm==1 ; platform_machine == 'aarch64' --hash={A}",
        ]
    )

    def names(runtime: str, architecture: str) -> list[str]:
        return [str(pin) for pin in lock_file.parse(text, Target.of(runtime, architecture), LOCK)]

    assert names("python3.13", "x86_64") == ["numpy==2.4"]
    assert names("python3.11", "arm64") == ["arm==1", "numpy==1.26"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("six==1", "'six==1' names no exact version with hashes."),
        (f"six>=1 --hash={A}", "'six>=1' names no exact version with hashes."),
        (f"six===1 --hash={A}", "'six===1' names no exact version with hashes."),
        (f"six --hash={A}", "'six' is not an exact requirement: "),
        (f"six>1,<2 --hash={A}", "'six>1,<2' is not an exact requirement: "),
        ("./six.whl", "'./six.whl' is not an exact requirement: Expected package name"),
    ],
)
def test_refuses_a_line_that_pins_nothing(line: str, said: str) -> None:
    """Every line of a lock is one exact version with hashes, else it is refused and shown."""
    with pytest.raises(ShortsError) as caught:
        lock_file.parse(f"idna==1 --hash={A}\n{line}\n", TARGET, LOCK)
    assert str(caught.value).startswith(f"requirements.lock: {said}")


def test_parses_the_url_of_a_wheel() -> None:
    """A wheel named by its URL has its version in its name."""
    url = "https://e.org/a%2Bb/six-1.17.0%2Bcpu-py2.py3-none-any.whl"
    assert lock_file.parse(f"six @ {url} ; os_name == 'posix' --hash={A}", TARGET, LOCK) == [
        Pin(name="six", version="1.17.0+cpu", hashes=(A,), url=url)
    ]


@pytest.mark.parametrize(
    "line",
    [
        f"six @ https://e.org/six-1.17.0.tar.gz --hash={A}",
        "-e ../lib",
        "./lib",
        "lib @ file:///home/lib",
    ],
)
def test_refuses_what_is_no_wheel(line: str) -> None:
    """Archives, repositories and folders are refused in a few words, with what to do instead."""
    with pytest.raises(ShortsError) as caught:
        lock_file.parse(line, TARGET, LOCK)
    said = str(caught.value).splitlines()
    assert len(said) == 2
    assert said[1].startswith("shorts installs wheels only, from an index or a URL")


def test_refuses_a_version_with_a_star() -> None:
    """==1.* is not an exact version."""
    with pytest.raises(ShortsError, match=r"'six==1\.\*' names no exact version with hashes"):
        lock_file.parse(f"six==1.* --hash={A}\n", TARGET, LOCK)


@pytest.mark.parametrize("option", ["-e ./lib", "--editable ./lib"])
def test_refuses_an_editable_requirement(option: str) -> None:
    """A requirement that cannot be packed is an error; it never goes missing in silence."""
    with pytest.raises(ShortsError, match=r"^requirements\.lock: '-"):
        lock_file.parse(f"{option}\nsix==1 --hash={A}\n", TARGET, LOCK)


@given(st.text())
def test_parsing_any_text_says_what_is_wrong(text: str) -> None:
    """Whatever stands in a lock, the answer is pins or a ShortsError that names the file."""
    said, found = "requirements.lock: ", []
    try:
        found = lock_file.parse(text, TARGET, LOCK)
    except ShortsError as error:
        said = str(error)
    assert said.startswith("requirements.lock: ") and all(pin.hashes for pin in found)


def test_a_marker_is_of_some_targets() -> None:
    """A pin that some targets have is marked with what tells them from the others."""
    minors = ["3.10", "3.11", "3.12"]
    every = [Target.of(f"python{minor}", machine) for minor in minors for machine in MACHINES]

    def marker(*wanted: str) -> str:
        return markers.of_targets([target for target in every if str(target)[6:] in wanted], every)

    assert marker(*(str(target)[6:] for target in every)) == ""
    assert marker("3.12 on x86_64", "3.12 on arm64") == "python_version >= '3.12'"
    assert marker("3.10 on x86_64", "3.10 on arm64") == "python_version < '3.11'"
    assert marker("3.11 on x86_64", "3.11 on arm64") == "python_version == '3.11'"
    assert marker("3.10 on arm64", "3.11 on arm64", "3.12 on arm64") == (
        "platform_machine == 'aarch64'"
    )


@given(st.lists(st.sampled_from(TARGETS), unique=True, min_size=1), st.data())
def test_a_marker_holds_for_its_targets_alone(of: list[Target], data: st.DataObject) -> None:
    """Of the targets that a lock is for, a pin's marker holds for just those that have the pin."""
    of = [target for target in TARGETS if target in of]
    wanted = [target for target in of if data.draw(st.booleans())] or of
    marker = markers.of_targets(wanted, of)
    assert [one for one in of if not marker or Marker(marker).evaluate(one.markers)] == wanted


COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_parses_a_commit_of_a_repository() -> None:
    """A repository is pinned by its commit, without a hash; a variable in its URL stays one."""
    url = f"git+https://${{TOKEN}}@e.org/six.git@{COMMIT}#subdirectory=a"
    assert lock_file.parse(f"six @ {url}\n", TARGET, LOCK) == [
        Pin(name="six", version="", hashes=(), url=url)
    ]


@pytest.mark.parametrize("ref", ["", "@v1", "@0123456"])
def test_refuses_a_repository_without_a_commit(ref: str) -> None:
    """A branch, a tag or a part of a commit may mean another commit tomorrow."""
    with pytest.raises(ShortsError) as caught:
        lock_file.parse(f"six @ git+https://e.org/six{ref}\n", TARGET, LOCK)
    assert str(caught.value) == (
        f"requirements.lock: 'six @ git+https://e.org/six{ref}' names no commit.\n"
        "`shorts lock` writes the commit."
    )
