"""Advice on shared layers: what they would save, and how functions get them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from shorts.artifact.content import Content
from shorts.artifact.plan import Artifact
from shorts.artifact.share import Move
from shorts.targets import limits

# From how many bytes that are uploaded more than once shared layers are advised.
_WORTH_SHARING = 50 * limits.MB


def advice(
    moves: Mapping[str, Move], gathered: Iterable[Content], former: Mapping[str, Artifact]
) -> list[str]:
    """Return notes on what is uploaded more than once, and on how functions get their layers.

    Args:
        moves: of the functions with layers, by their full paths.
        gathered: the contents of the zips that were made.
        former: the artifacts of the last build, by their full paths.
    """
    notes = [_switch_over(name, move, former.get(name)) for name, move in moves.items()]
    apart = [
        content
        for content in gathered
        if content.unit.handlers
        and not content.unit.sharing
        and content.unit.settings.shared_layers
    ]
    saved = _saved(apart)
    if saved > _WORTH_SHARING:
        notes.append(
            f"these functions upload {saved / limits.MB:,.0f} MB of distributions more than once. "
            "`Metadata: {Shorts: {SharedLayers: true}}` at the template's top level uploads each "
            "once (docs/shared-layers.md)"
        )
    return [*filter(None, notes)]


def _saved(contents: Iterable[Content]) -> int:
    """Return how many compressed bytes of distributions a deployment uploads more than once."""
    sizes: dict[int, int] = {}
    users: dict[int, int] = defaultdict(int)
    for content in contents:
        packed: dict[int, int] = defaultdict(int)
        for number, entry in content.picked:
            if number:
                packed[number] += entry.packed
        for number, size in packed.items():
            key = id(content.selection.slices[number - 1])
            sizes[key] = size
            users[key] += len(content.unit.full_paths)
    return sum(size * (users[key] - 1) for key, size in sizes.items())


def _switch_over(full_path: str, move: Move, former: Artifact | None) -> str:
    """Return how a function can get its layers; empty where one deployment does it.

    CloudFormation gives a function its new layers before its new code. For a moment it has both the
    former zip and the layers, and Lambda counts them together.

    Args:
        full_path: of the function.
        move: what it gets.
        former: what the last build made of it, if that is known.
    """
    before = (former.unzipped if former else move.whole) + move.attached
    if before + move.shared <= limits.UNZIPPED:
        return ""
    most = (limits.UNZIPPED - before) // limits.MB
    text = (
        f"{full_path}: while it gets its layers, the former zip and the layers count together, "
        f"{(before + move.shared) / limits.MB:.0f} of {limits.UNZIPPED // limits.MB} MB. "
    )
    if most < 1:
        return f"{text}Give it another logical id, so that it is a new function"
    return f"{text}Deploy with `SharedLayers: {{MaxMB: {most}}}` first"
