"""How functions get their layers within Lambda's limit, and what a build says of it."""

from shorts.artifact.advice import advice
from shorts.artifact.plan import Artifact
from shorts.artifact.share import Move
from shorts.targets.limits import MB


def built(unzipped: int, *layers: str) -> Artifact:
    """Return what the last build made of a function."""
    return Artifact(
        key="k", size=1, unzipped=unzipped, files=1, stamp=0, warnings=[], layers=[*layers]
    )


def named(move: Move, former: Artifact | None = None) -> str:
    """Return what a note says last; empty without a note."""
    notes = advice({"F": move}, [], {"F": former} if former else {})
    return notes[0].partition(" MB. ")[2] if notes else ""


def test_what_fits_next_to_the_former_zip_moves_at_once() -> None:
    assert named(Move(whole=120 * MB, attached=0, shared=120 * MB)) == ""
    assert named(Move(whole=240 * MB, attached=0, shared=240 * MB), built(10 * MB, "L")) == ""


def test_what_does_not_fit_moves_in_steps_also_from_one_to_the_next() -> None:
    move = Move(whole=180 * MB, attached=0, shared=180 * MB)
    assert named(move) == "Deploy with `SharedLayers: {MaxMB: 70}` first"
    assert named(move, built(120 * MB, "L")) == "Deploy with `SharedLayers: {MaxMB: 130}` first"


def test_layers_that_a_function_has_already_count() -> None:
    move = Move(whole=140 * MB, attached=50 * MB, shared=140 * MB)
    assert named(move) == "Deploy with `SharedLayers: {MaxMB: 60}` first"
    full = Move(whole=200 * MB, attached=50 * MB, shared=180 * MB)
    assert named(full) == "Give it another logical id, so that it is a new function"
