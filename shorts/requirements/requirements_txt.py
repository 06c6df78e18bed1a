"""The lines of a requirements file, in every form that pip reads; the one parser of them.

https://pip.pypa.io/en/stable/reference/requirements-file-format/
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from shorts.errors import ShortsError
from shorts.system.files import exists, is_text

# Without a name, a path is one that begins like a path, or ends like a folder or an archive.
# It never backtracks (`++`, `*+`): the time is linear in the length of the line.
_PATH = re.compile(
    r"(?:(?P<name>[\w.-]++)\s*+(?P<more>\[[^]]*+\])?+\s*+@\s*+)?"
    r"(?P<path>(?:(?:file:|\.{0,2}/|\.{1,2}(?![^\s;\[])|~/)"
    r"|(?=[^\s;\[@=<>~!]+(?:/|\.whl|\.tar\.gz|\.zip)))"
    r"[^\s;\[]*+)"
    r"\s*+(?P<extras>\[[^]]*+\])?+\s*+(?P<marker>;.*)?+"
)
_EDITABLE = re.compile(r"(?P<path>[^\s;\[]++)\s*+(?P<extras>\[[^]]*+\])?+\s*+(?P<marker>;.*)?+")
_QUOTED = re.compile(r"""(?P<quote>["'])(?P<path>.*?)(?P=quote)\s*+(?P<marker>;.*)?+""")
# https://pip.pypa.io/en/stable/topics/vcs-support/
_REPOSITORY = re.compile(
    r"(?:(?P<name>[\w.-]++)\s*+(?P<extras>\[[^]]*+\])?+\s*+@\s*+)?"
    r"git\+(?P<url>(?:https?|ssh|git|file)://[^\s;]++)\s*+(?P<marker>;.*)?+"
)
_EGG = re.compile(r"(?:^|&)egg=([\w.-]+)(\[[^]&]*\])?")
_SUBDIRECTORY = re.compile(r"(?:^|&)subdirectory=([^&]+)")
_OPTION = re.compile(r"(-[A-Za-z]|--[a-z][a-z-]*)(?:\s*=\s*|\s*)(.*)")
_HASH = re.compile(r"\s--hash[ =]\s*(\S+)")
_SETTING = re.compile(r"""\s--(config-settings?|global-option)[ =]("[^"]*"|'[^']*'|\S+)""")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?")
_URL = re.compile(r"\w+(?:\+\w+)?://")
# Parsers of markers crash on thousands of nested parentheses.
_DEEPEST = 200
# A folder with one of these files is a project.
PROJECTS = ("pyproject.toml", "setup.py")


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A requirement of a distribution, from an index or of a URL.

    Attributes:
        name: as it is written; of a URL alone, as its file name has it; empty where there is none.
    """

    name: str


class Local(msgspec.Struct, frozen=True, kw_only=True):
    """A requirement on something on this machine: a project's folder or a wheel.

    Attributes:
        path: absolute.
        extras: as written, such as ``[plots]``; empty where there are none.
        marker: as written, with its semicolon; empty where there is none.
        hashes: the allowed ones, such as ``sha256:…``; without any, all are allowed.
    """

    path: Path
    extras: str
    marker: str
    hashes: tuple[str, ...] = ()


class Repository(msgspec.Struct, frozen=True, kw_only=True):
    """A requirement on a project in a git repository.

    Attributes:
        url: of the repository, without what follows.
        ref: a branch, a tag or a commit; empty for the default branch.
        subdirectory: of the project; empty for the repository's top.
        name: of the distribution, as it is written; empty where it is not.
        extras: as written, such as ``[plots]``; empty where there are none.
        marker: as written, with its semicolon; empty where there is none.
        written: the URL with its environment variables, which a lock keeps.
    """

    url: str
    ref: str
    subdirectory: str
    name: str
    extras: str
    marker: str
    written: str


class Include(msgspec.Struct, frozen=True, kw_only=True):
    """Another file that is read in a line's place.

    Attributes:
        target: a path, or a URL.
        constrains: whether it limits versions, and requires nothing.
    """

    target: Path | str
    constrains: bool


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """An option of the whole file.

    Attributes:
        name: such as ``--index-url``.
        value: empty where it has none.
    """

    name: str
    value: str


Content = Named | Local | Repository | Include | Option


class LogicalLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line without comments, its continuations joined.

    Attributes:
        text: with single spaces, and variables replaced by their values.
        raw: with spaces and variables as they are written.
        first: the physical line it begins in, counted from 1.
        last: the physical line it ends in.
    """

    text: str
    raw: str
    first: int
    last: int


class Line(LogicalLine, frozen=True, kw_only=True):
    """A logical line and what it says.

    Attributes:
        hashes: those that it allows, such as ``sha256:…``.
        content: what it says.
    """

    hashes: tuple[str, ...]
    content: Content

    @property
    def requires(self) -> bool:
        """Whether it requires a distribution."""
        return not isinstance(self.content, Include | Option)


def logical_lines(text: str) -> Iterator[LogicalLine]:
    """Yield the lines of a requirements file that are not empty.

    Settings for source builds are left out.

    Raises:
        ShortsError: a line or a variable in it cannot be read.
    """
    begun = ""
    first = number = 0
    for number, line in enumerate(text.splitlines(), start=1):
        first = first or number
        bare = re.sub(r"(^|\s)#.*$", "", line)
        if bare.endswith("\\") and bare == line:
            begun += bare[:-1] + " "
            continue
        if (begun + bare).strip():
            yield _logical(begun + bare, first, number)
        begun, first = "", 0
    if begun.strip():
        yield _logical(begun, first, number)


def _logical(whole: str, first: int, last: int) -> LogicalLine:
    text = " ".join(whole.split())
    if text.count("(") > _DEEPEST:
        raise ShortsError(f"{text[:80]!r} … has more than {_DEEPEST} parentheses; leave some out.")
    text = _SETTING.sub("", _expanded(text))
    return LogicalLine(text=text, raw=whole.strip(), first=first, last=last)


def split_hashes(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a logical line without its hashes, and them."""
    return _HASH.sub("", text), tuple(_HASH.findall(text))


def parse(text: str, file: Path | str) -> tuple[Line, ...]:
    """Return the lines of a requirements file.

    Args:
        text: of the file.
        file: its path or URL; includes are relative to it.

    Raises:
        ShortsError: a line names a path that does not exist.
    """
    lines = []
    for line in logical_lines(text):
        bare, hashes = split_hashes(line.text)
        content = _content(bare, line.raw, hashes, file)
        lines.append(Line(**msgspec.structs.asdict(line), hashes=hashes, content=content))
    return tuple(lines)


def _content(bare: str, raw: str, hashes: tuple[str, ...], file: Path | str) -> Content:
    edits = False
    option = _OPTION.fullmatch(_expanded(raw)) if raw.startswith("-") else None
    if option and option[1] not in ("-e", "--editable"):
        value = _value(option[2])
        if option[1] in ("-r", "--requirement", "-c", "--constraint"):
            target = _included(value, file)
            return Include(target=target, constrains=option[1] in ("-c", "--constraint"))
        return Option(name=option[1], value=value)
    if option:
        edits, (bare, _) = True, split_hashes(option[2])
    repository = _REPOSITORY.fullmatch(bare)
    if repository:
        return _repository(repository, _REPOSITORY.search(raw) or repository)
    match = (edits and (_QUOTED.fullmatch(bare) or _EDITABLE.fullmatch(bare))) or _PATH.fullmatch(
        bare
    )
    if match and "://" not in match["path"].removeprefix("file://"):
        groups = match.groupdict()
        return Local(
            path=_place(match["path"], file),
            extras=groups.get("more") or groups.get("extras") or "",
            marker=groups["marker"] or "",
            hashes=hashes,
        )
    if edits:
        raise ShortsError(f"{file}: {bare!r} names neither a folder nor a git repository.")
    if _URL.match(bare):
        return Named(name=bare.split()[0].rpartition("/")[2].partition("-")[0])
    name = _NAME.match(bare)
    return Named(name=name[0] if name else "")


def _value(text: str) -> str:
    """Return the first word of an option's value, which may be in quotes or have escaped spaces."""
    if not re.search(r"[\"'\\]", text):
        return "".join(text.split()[:1])
    import shlex

    try:
        return "".join(shlex.split(text)[:1])
    except ValueError:  # a quote that is not closed
        return text.strip()


def _included(value: str, file: Path | str) -> Path | str:
    """Return the path or URL of an included file, relative to the file that includes it."""
    if isinstance(file, str) or ("://" in value and not value.startswith("file:")):
        from urllib.parse import urljoin

        return urljoin(str(file), value) if isinstance(file, str) else value
    named = unquote(re.sub(r"^file:(//)?", "", value)) if value.startswith("file:") else value
    return Path(os.path.normpath(file.parent / named))


def _repository(match: re.Match[str], written: re.Match[str]) -> Repository:
    try:
        fragment = urlsplit(match["url"]).fragment
    except ValueError as error:
        raise ShortsError(f"{match['url']} is not a URL: {error}.") from error
    egg, subdirectory = _EGG.search(fragment), _SUBDIRECTORY.search(fragment)
    url, ref = _split_ref(match["url"])
    raw = written["url"].partition("#")[0]
    return Repository(
        url=url,
        ref=ref,
        subdirectory=unquote(subdirectory[1]).strip("/") if subdirectory else "",
        name=match["name"] or (egg[1] if egg else ""),
        extras=match["extras"] or (egg[2] if egg else "") or "",
        marker=match["marker"] or "",
        written=(raw.rpartition("@")[0] or url) if ref else raw,
    )


def _split_ref(url: str) -> tuple[str, str]:
    """Return the URL of a repository, and the ref that follows its path; empty if none does."""
    scheme, _, location = url.partition("#")[0].partition("://")
    host, slash, path = location.partition("/")
    path, _, ref = path.rpartition("@") if "@" in path else (path, "", "")
    return f"{scheme}://{host}{slash}{path}", ref


def _expanded(text: str) -> str:
    """Return a text with environment variables in the form ``${NAME}`` replaced."""
    return _VARIABLE.sub(_variable, text)


def _variable(match: re.Match[str]) -> str:
    value = os.environ.get(match[1]) or match[0]
    if not is_text(value):
        raise ShortsError(f"The variable {match[1]} is not UTF-8 text: {value!r}.")
    return value


def _place(written: str, file: Path | str) -> Path:
    """Return the absolute path that a line names.

    ``.`` and ``..`` are of the file's own project. Other paths are relative to the working folder,
    as for pip, else to the file.

    Raises:
        ShortsError: it does not exist.
    """
    named = unquote(re.sub(r"^file:(//)?", "", written))
    if named.startswith("~/"):
        named = str(Path.home() / named[2:])
    here = Path.cwd()
    folder = here if isinstance(file, str) else here / file.parent
    bases = [here, folder]
    if set(named) <= {".", "/"} and named.startswith("."):
        within = [above for above in folder.parents if above == here or here in above.parents]
        bases = [folder, *within, here]
    places = [base / named for base in bases if exists(base / named)]
    projects = [place for place in places if not place.is_dir() or is_project(place)]
    for place in (*projects, *places):
        return place.resolve()
    raise ShortsError(f"{file} names {named}, which does not exist.")


def is_project(folder: Path) -> bool:
    """Return whether a folder holds a project that can be built."""
    return any((folder / name).is_file() for name in PROJECTS)
