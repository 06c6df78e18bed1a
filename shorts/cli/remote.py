"""`shorts cache keygen`, `push`, `pull` and `verify`, and the remote's line of `size`."""

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from shorts.cli import console, options
from shorts.cli.progress import Progress
from shorts.errors import ShortsError, UsageError
from shorts.system.printed import printable

if TYPE_CHECKING:
    from shorts.artifact.plan import Options
    from shorts.model import Application
    from shorts.remote import Remote
    from shorts.trim.exchange import Moved

# How many Slices `verify` makes again by default.
_VERIFIED = 5


def keygen() -> None:
    """Print a new pair of keys, as lines for a shell or a file of variables."""
    from shorts.remote import signature

    secret, public = signature.generate()
    print(f"{signature.SIGNING}={secret}")
    print(f"{signature.TRUSTED}={public}")
    print(
        f"note: keep {signature.SIGNING} secret. Only machines that write need it, and shorts does "
        f"not show it again. {signature.TRUSTED} is for all machines.",
        file=sys.stderr,
    )


def size() -> None:
    """Print what is in the remote that the environment names, if it names one."""
    from shorts import remote

    connected = remote.named("")
    if connected is None:
        return
    counts = []
    for kind in remote.KINDS:
        sizes = [listed.size for listed in connected.list(kind)]
        counts.append(f"{remote.counted(len(sizes), kind)}, {sum(sizes) / 1e6:,.1f} MB")
    print(printable(f"{'; '.join(counts)}: {connected.where}"))


def push(arguments: Sequence[str]) -> int:
    """Upload what the application has on this machine and the remote lacks."""
    from shorts.trim import exchange

    return _move("push", arguments, exchange.push, "Uploaded {}, the others were there: {}")


def pull(arguments: Sequence[str]) -> int:
    """Fetch what the application needs and is not on this machine."""
    from shorts.trim import exchange

    return _move("pull", arguments, exchange.pull, "Fetched {} that were missing: {}")


def _move(
    command: str,
    arguments: Sequence[str],
    move: "Callable[[Application, Options, Remote, Callable[[str], None]], Moved]",
    text: str,
) -> int:
    from shorts.sam.read import read_application
    from shorts.trim import exchange

    values, _, others, _ = options.parse(f"cache {command}", arguments)
    with Progress() as progress:
        application = read_application(others, progress.say)
        remote = exchange.connected(application)
        moved = move(application, options.build_options(values), remote, progress.say)
    _note(remote.notes)
    count = f"{moved.moved:,} of {moved.of:,} Slices and proofs"
    print(text.format(count, printable(remote.where)))
    return int(remote.failed)


def verify(arguments: Sequence[str]) -> int:
    """Make some of the remote's Slices again; return 1 where one differs."""
    from shorts.sam.read import read_application
    from shorts.trim import exchange

    values, names, others, _ = options.parse("cache verify", arguments)
    if len(names) > 1 or not all(map(str.isdecimal, names)):
        raise UsageError("Say how many Slices: `shorts cache verify 5`.")
    count = int(names[0]) if names else _VERIFIED
    given = options.build_options(values)
    with Progress() as progress:
        application = read_application(others, progress.say)
        remote = exchange.connected(application)
        compared, different = exchange.verify(application, given, count, remote, progress.say)
    _note(remote.notes)
    if different:
        listed = "\n".join(different)
        raise ShortsError(
            f"{len(different)} of {compared} Slices in the remote differ from what this machine "
            f"makes of the same wheels:\n{listed}\n"
            "Whoever has SHORTS_REMOTE_SIGNING_KEY has signed them."
        )
    print(f"{compared} Slices of the remote are what this machine makes: {printable(remote.where)}")
    return int(remote.failed)


def _note(notes: Iterable[str]) -> None:
    for note in notes:
        console.note(note)
