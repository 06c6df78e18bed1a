"""Requirements as two texts that uv reads in any folder."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from shorts.requirements.local_projects import LocalWheel
from shorts.requirements.manifest import Requirements, portable
from shorts.requirements.repositories import Checkout
from shorts.requirements.requirements_txt import Include, Local, Option, Repository

# The file does not decide what may be built from source.
_FORMAT = ("--no-binary", "--only-binary", "--prefer-binary")


class Flat(msgspec.Struct, frozen=True, kw_only=True):
    """Requirements and constraints as two texts, valid in any folder."""

    requirements: str
    constraints: str


def flattened(
    requirements: Requirements,
    wheels: Mapping[Path, LocalWheel],
    checkouts: Mapping[Repository, Checkout],
) -> Flat:
    """Return requirements in a form that is valid in any folder.

    Included files are inserted, each once, and wheels replace projects of this machine and of
    repositories.

    Args:
        requirements: the requirements.
        wheels: of the projects that they name, by their paths.
        checkouts: of the repositories that they name.
    """
    texts: dict[bool, list[str]] = {False: [], True: []}
    first = requirements.files[0]
    seen: set[tuple[Path | str, bool]] = {(first.place, False)}
    within = [(first, False, iter(first.lines))]
    while within:
        file, constrains, left = within[-1]
        line = next(left, None)
        if line is None:
            within.pop()
            continue
        content = line.content
        if isinstance(content, Include):
            mode = constrains or content.constrains
            if (content.target, mode) not in seen:
                seen.add((content.target, mode))
                other = requirements.file(content)
                within.append((other, mode, iter(other.lines)))
        elif isinstance(content, Local | Repository):
            wheel = wheels[content.path] if isinstance(content, Local) else checkouts[content].wheel
            named = f"{wheel.name}{content.extras} @ {wheel.path.as_uri()} {content.marker}"
            texts[constrains].append(named.rstrip())
        elif not (isinstance(content, Option) and content.name in _FORMAT):
            texts[constrains].append(portable(line, file.place))
    return Flat(
        requirements="\n".join(filter(None, texts[False])),
        constraints="\n".join(filter(None, texts[True])),
    )
