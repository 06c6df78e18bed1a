"""`shorts sync`: an adapter that parses, calls plain functions, and prints."""

import sys
import time

from shorts.artifact.plan import Options
from shorts.cli import console
from shorts.cli import options as cli_options
from shorts.cli.progress import Progress
from shorts.model import Syncing
from shorts.sam.read import read_sync
from shorts.sync import service
from shorts.sync.cloud import Cloud
from shorts.system.printed import printable_lines


def sync(arguments: list[str]) -> int:
    """Sync once, or with ``--watch`` until interrupted, which is the normal end."""
    parsed = cli_options.parse("sync", arguments)
    options = Options(sdists=frozenset(parsed.values["allow_sdist"]))
    syncing = read_sync(parsed.sam)
    for note in syncing.notes:
        console.note(note)
    cloud = Cloud(syncing.profile, syncing.region)

    def once(syncing: Syncing, is_first: bool) -> None:
        always = is_first and syncing.deploys_first and not syncing.code
        synced = service.run(syncing, options, cloud, Progress, always=always)
        for warning in synced.warnings:
            console.warn(warning)
        for sent in synced.sent:
            print(printable_lines(f"{sent.name}: {sent.what}, active after {sent.seconds:.2f} s"))
        if not synced.sent and not synced.deployed:
            print(f"Nothing to send: the stack {syncing.stack} has what was built.")
        print(f"Synced in {synced.seconds:.2f} s", flush=True)

    if not syncing.watch:
        once(syncing, True)
        return 0
    try:
        service.follow(lambda: read_sync(parsed.sam), once, _note)
    except KeyboardInterrupt:
        _say("Ended.")
    return 0


def _note(line: str) -> None:
    _say(f"{time.strftime('%H:%M:%S')} {line}")


def _say(line: str) -> None:
    print(printable_lines(line), file=sys.stderr, flush=True)
