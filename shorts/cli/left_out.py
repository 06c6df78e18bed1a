"""What a build prints about files of distributions that are not in its zips."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from shorts.artifact.plan import Artifact, sidecar_names

# What installers and compilers leave: no program reads it, and every distribution has some.
_UNSAID = ("notes of installers", "bytecode of the wheel")
# How many distributions are named for a reason.
_MOST = 4


def summary(artifacts: Iterable[Artifact]) -> list[str]:
    """Return one line about what the zips leave out; none where they leave nothing out."""
    names_by_rule: dict[str, dict[str, None]] = {}
    for artifact in artifacts:
        for rule, names in artifact.left_out.items():
            if rule not in _UNSAID:
                names_by_rule.setdefault(rule, {}).update(dict.fromkeys(names))
    if not names_by_rule:
        return []
    listed = "; ".join(
        f"{rule} ({_some([*names])})" for rule, names in sorted(names_by_rule.items())
    )
    return [
        f"left out: {listed}. -v lists the files; `Slim: false` in `Metadata: Shorts` ships them"
    ]


def _some(names: list[str]) -> str:
    names.sort()
    more = len(names) - _MOST
    return ", ".join(names) if more < 2 else f"{', '.join(names[:_MOST])} and {more} more"


def listed(build_dir: str, artifacts: Mapping[str, Artifact]) -> list[str]:
    """Return a line for each reason, distribution and function, with the files."""
    from shorts.artifact import manifest

    lines = []
    for name in artifacts:
        _, place = sidecar_names(name)
        for omission in manifest.decode(Path(build_dir, place).read_bytes()).left_out:
            of = omission.of or "its own code"
            lines.append(f"left out of {name}: {omission.rule}: {of}: {', '.join(omission.paths)}")
    return lines
