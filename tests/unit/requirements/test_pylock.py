"""What a pylock.toml installs on a target, and how one that cannot be used is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shorts.errors import ShortsError
from shorts.requirements import pylock
from shorts.targets.target import Target

TARGET = Target.of("python3.13", "x86_64")
PATH = Path("fn/pylock.toml")
HEAD = 'lock-version = "1.0"\ncreated-by = "hand"\n'
A, B, C = ("a" * 64, "b" * 64, "c" * 64)


def wheel(name: str, digest: str, tag: str = "py3-none-any", algorithm: str = "sha256") -> str:
    file = f"{name}-1.0-{tag}.whl"
    return f'{{url = "https://e.org/{file}", hashes = {{{algorithm} = "{digest}"}}}}'


def sdist(name: str, digest: str) -> str:
    return f'{{url = "https://e.org/{name}-1.0.tar.gz", hashes = {{sha256 = "{digest}"}}}}'


def package(name: str, *lines: str, wheels: str | None = None, version: str = "1.0") -> str:
    files = wheel(name, A) if wheels is None else wheels
    said = [f'name = "{name}"', f'version = "{version}"' if version else "", *lines]
    return "\n".join(["[[packages]]", *said, f"wheels = [{files}]" if files else "", ""])


def read(
    *packages: str, head: str = HEAD, target: Target = TARGET, sdists: tuple[str, ...] = ()
) -> list[str]:
    text = "\n".join([head, *packages]) if packages else f"{head}packages = []\n"
    return pylock.as_requirements(text, target, PATH, frozenset(sdists)).splitlines()


def refused(*packages: str, head: str = HEAD, target: Target = TARGET) -> str:
    with pytest.raises(ShortsError) as caught:
        read(*packages, head=head, target=target)
    assert len(str(caught.value).splitlines()) == 2
    return str(caught.value)


@pytest.mark.parametrize(
    ("tag", "runtime", "digest"),
    [
        ("cp313-cp313-manylinux_2_34_x86_64", "python3.13", B),
        ("cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64", "python3.13", B),
        ("cp312-abi3-manylinux_2_28_x86_64", "python3.13", B),
        ("cp313-cp313-manylinux_2_35_x86_64", "python3.13", A),
        ("cp313-cp313t-manylinux_2_34_x86_64", "python3.13", A),
        ("cp313-cp313-manylinux_2_34_aarch64", "python3.13", A),
        ("cp313-cp313-win_amd64", "python3.13", A),
        ("cp311-cp311-manylinux_2_24_x86_64", "python3.11", B),
        ("cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64", "python3.11", A),
    ],
)
def test_names_the_wheel_of_the_target(tag: str, runtime: str, digest: str) -> None:
    """Of several wheels, the hash is of the one that the target gets, and not of the source."""
    wheels = f"{wheel('six', A)}, {wheel('six', B, tag)}"
    target = Target.of(runtime, "x86_64")
    assert read(package("six", f"sdist = {sdist('six', C)}", wheels=wheels), target=target) == [
        f"six==1.0 --hash=sha256:{digest}"
    ]
    assert read() == []


def test_has_every_hash_where_no_wheel_fits() -> None:
    """The installation says what is missing."""
    wheels = f"{wheel('six', A, 'cp27-none-any')}, {wheel('six', B, 'cp313-cp313-win_amd64')}"
    assert read(package("six", wheels=wheels)) == [f"six==1.0 --hash=sha256:{A} --hash=sha256:{B}"]


def test_a_repository_is_its_commit() -> None:
    """What is locked in a git repository is named with its commit."""
    commit = "0123456789abcdef0123456789abcdef01234567"
    vcs = (
        f'{{type = "git", url = "https://e.org/x.git", commit-id = "{commit}", subdirectory = "a"}}'
    )
    assert read(package("x", f"vcs = {vcs}", wheels="", version="")) == [
        f"x @ git+https://e.org/x.git@{commit}#subdirectory=a"
    ]


def test_sources_count_where_they_may_be_built() -> None:
    """The hash of a source distribution counts if it is allowed, and if no wheel fits."""
    both = package(
        "six", f"sdist = {sdist('six', C)}", wheels=wheel("six", A, "cp313-cp313-win_amd64")
    )
    alone = package("old", f"sdist = {sdist('old', B)}", wheels="")
    assert read(both, alone, sdists=("six",)) == [
        f"six==1.0 --hash=sha256:{A} --hash=sha256:{C}",
        f"old==1.0 --hash=sha256:{B}",
    ]
    assert read(both, alone)[1] == f"old==1.0 --hash=sha256:{B}"


@pytest.mark.parametrize(
    ("marker", "holds"),
    [
        ("python_version >= '3.13'", True),
        ("sys_platform == 'win32'", False),
        ("platform_machine == 'aarch64'", False),
        ("'more' in extras", False),
        ("'dev' in dependency_groups", False),
        ("'more' not in extras and python_full_version < '3.14'", True),
    ],
)
def test_markers_are_asked_for_the_target(marker: str, holds: bool) -> None:
    """A package is installed if its marker holds for the target, without extras and groups."""
    assert bool(read(package("six", f'marker = "{marker}"'))) is holds


def test_groups_by_default_are_not_for_production() -> None:
    """Groups that the lock installs by default are left out, as those of uv are."""
    head = f'{HEAD}dependency-groups = ["dev"]\ndefault-groups = ["dev"]\n'
    assert read(package("six", "marker = \"'dev' in dependency_groups\""), head=head) == []


def test_the_project_itself_is_left_out() -> None:
    """The project that was locked is the function's own code, and no package."""
    own = package("fn", 'directory = {path = ".", editable = true}', wheels="", version="")
    assert read(own, package("six")) == [f"six==1.0 --hash=sha256:{A}"]


def test_versions_of_other_targets_are_passed_over() -> None:
    """The same package twice is fine, as long as one of them is for the target."""
    old = package("six", "marker = \"python_version < '3.13'\"")
    new = package("six", "marker = \"python_version >= '3.13'\"")
    assert len(read(old, new)) == 1
    assert refused(new, package("six")).startswith(
        "fn/pylock.toml has more than one six for python3.13 on x86_64.\n"
    )


def test_what_is_not_from_an_index_is_refused_at_once() -> None:
    """Folders, repositories and archives are all named, with what to do instead."""
    folder = package("lib", 'directory = {path = "../lib"}', wheels="", version="")
    vcs = 'vcs = {type = "git", url = "https://e.org/x.git", commit-id = "0"}'
    archive = f'archive = {{url = "https://e.org/y.zip", hashes = {{sha256 = "{A}"}}}}'
    message = refused(folder, package("x", vcs, wheels=""), package("y", archive, wheels=""))
    assert message == (
        "fn/pylock.toml takes lib from the folder ../lib, x from the repository "
        "https://e.org/x.git, y from the archive https://e.org/y.zip.\nLock released versions of "
        "them, or write a requirements.txt, which may name a project's path."
    )


def test_what_is_elsewhere_for_other_targets_does_not_count() -> None:
    """A repository that is not for the target is none of its matter."""
    vcs = 'vcs = {type = "git", url = "https://e.org/x.git", commit-id = "0"}'
    assert read(package("x", vcs, "marker = \"os_name == 'nt'\"", wheels="")) == []


@pytest.mark.parametrize("specifier", [">=3.13", ">=3.13.4", "==3.13.*", "<4"])
def test_the_runtimes_patch_version_decides(specifier: str) -> None:
    """A lock for Python versions that include the runtime's current one is for the runtime."""
    line = f'requires-python = "{specifier}"'
    assert read(package("six", line), head=f"{HEAD}{line}\n")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('requires-python = ">=3.14"', "is for Python >=3.14, not python3.13 on x86_64."),
        ("environments = [\"sys_platform == 'darwin'\"]", "has no environment like python3.13 on"),
    ],
)
def test_a_lock_for_something_else_is_refused(line: str, said: str) -> None:
    """A lock that is not for the target is refused."""
    assert said in refused(package("six"), head=f"{HEAD}{line}\n")


def test_a_lock_for_one_of_several_environments() -> None:
    """One environment that the target has is enough."""
    many = "environments = [\"sys_platform == 'darwin'\", \"sys_platform == 'linux'\"]\n"
    assert read(package("six"), head=HEAD + many)


def test_a_package_for_another_python_is_refused() -> None:
    """A package that the target's Python cannot have is refused by its name."""
    assert "has six 1.0 for python3.13 on x86_64, which is for Python <3.13." in refused(
        package("six", 'requires-python = "<3.13"')
    )


@pytest.mark.parametrize(
    ("packages", "said"),
    [
        (package("six", version=""), "names no version of six."),
        (package("six", wheels=wheel("six", A, algorithm="md5")), "lacks a sha256 of six 1.0."),
        (package("Six"), "Name 'Six' is not normalized in 'packages[0].name'"),
        (
            '[[packages]]\nname = "six"\nversion = "1.0"\n'
            'wheels = [{url = "https://e.org/six-1.0-py3-none-any.whl"}]\n',
            "Missing required value in 'packages[0].wheels[0].hashes'",
        ),
        (
            package("six", wheels=wheel("six", A).replace(f'sha256 = "{A}"', "")),
            "At least one hash must be provided in 'packages[0].wheels[0].hashes'",
        ),
        ('[[packages]]\nname = "six"\n', "in 'packages[0]'"),
    ],
)
def test_a_package_without_something(packages: str, said: str) -> None:
    """What a package lacks is said with its place, and how to make the lock again."""
    message = refused(packages)
    assert said in message
    assert message.endswith(
        "\nExport it again, for example with `uv export --format pylock.toml -o pylock.toml`."
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[packages", "is not valid TOML: "),
        ("", "is not a lock file of PEP 751: Missing required value in 'lock-version'"),
        (f"{HEAD.replace('1.0', '2.0')}packages = []", "pylock version 2.0 is not supported"),
        (f"{HEAD}packages = 3", "Unexpected type int (expected Sequence) in 'packages'"),
    ],
)
def test_what_is_no_lock(text: str, said: str) -> None:
    """A file that is none, or of another version, is refused with the reason."""
    with pytest.raises(ShortsError) as caught:
        pylock.as_requirements(text, TARGET, PATH, frozenset())
    assert str(caught.value).startswith("fn/pylock.toml is not ")
    assert said in str(caught.value)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever stands in the file, the answer is a text or a ShortsError that names the file."""
    said = "fn/pylock.toml"
    try:
        pylock.as_requirements(text, TARGET, PATH, frozenset())
    except ShortsError as error:
        said = str(error)
    assert said.startswith("fn/pylock.toml")
