"""Machines that share their work over a remote: on a real S3 server, and in a folder."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from shorts.remote.signature import HEAD, SIGNING, TRUSTED, Keys
from tests import s3
from tests.conftest import ROOT, Done, Shorts, as_process, write_wheel
from tests.s3 import BUCKET, Server
from tests.signing import OTHER_PUBLIC, OTHER_SECRET, PUBLIC, SECRET

WRITES = {SIGNING: SECRET, TRUSTED: PUBLIC}
READS = {TRUSTED: PUBLIC}
LIB = {
    "lib/__init__.py": "from lib import core\n",
    "lib/core.py": "def answer(event):\n    return {'got': event}\n",
    "lib/unused.py": "",
}
HANDLER = "import lib, two\n\ndef handler(event, context):\n    return lib.core.answer(event)\n"
TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: fn, Handler: app.handler, Runtime: python3.13, Timeout: 2}
"""
# How long a remote is waited for.
WAITS = (
    ("patience", "FIRST"),
    ("patience", "NEXT"),
    ("remote", "NEXT"),
    ("remote", "AFTERWARDS"),
    ("s3", "CONNECT"),
    ("s3", "READ"),
)
PATIENT = "\n".join(
    ["import shorts.remote.s3, shorts.remote.remote"]
    + [f"shorts.remote.{module}.{name} = 60" for module, name in WAITS]
)
# The command in a process that starts no function, and has uv look for interpreters only.
ALONE = """
import sys
def hook(event, args):
    if event == "subprocess.Popen":
        said = " ".join(map(str, args[1]))
        if "aws-lambda-rie" in said or ("/uv " in said and "/uv python list " not in said):
            raise SystemExit(f"started: {said}")
sys.addaudithook(hook)
from shorts.cli import command
exec(sys.argv.pop(1))
sys.exit(command.main())
"""
# The command in a process that kills itself at its nth exchange with the server.
KILLED = """
import http.client, os, signal, socket, sys
left = [int(sys.argv.pop(1))]
def dying(call):
    def counted(self, data):
        left[0] -= 1
        if not left[0]:
            if call is send and isinstance(data, bytes):
                call(self, data[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return call(self, data)
    return counted
send, read = http.client.HTTPConnection.send, socket.SocketIO.readinto
http.client.HTTPConnection.send = dying(send)
socket.SocketIO.readinto = dying(read)
from shorts.cli import command
exec(sys.argv.pop(1))
sys.exit(command.main())
"""
# The command in a process.
PLAIN = """
import sys
from shorts.cli import command
exec(sys.argv.pop(1))
sys.exit(command.main())
"""
# What a build has imported at its end.
IMPORTED = """
import sys
from shorts.cli import command
command.main(["build"])
names = ("shorts.remote", "shorts.slices", "boto3", "cryptography", "http.client")
print([name for name in names if name in sys.modules])
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One S3 server for the tests of this file; each has a prefix of its own."""
    with s3.serving(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory, shorts: Shorts) -> Iterator[Path]:
    """A locked function of two distributions, and its zip as a machine without a remote builds it.

    The wheels lie where only this file's uv looks.
    """
    folder = tmp_path_factory.mktemp("locked")
    write_wheel(folder / "wheels", "lib", LIB)
    write_wheel(folder / "wheels", "two", {"two.py": "NAME = 2\n" * 20_000})
    (folder / "small/fn").mkdir(parents=True)
    (folder / "small/fn/app.py").write_text(HANDLER)
    (folder / "small/fn/requirements.txt").write_text("--no-index\nlib==1.0\ntwo==1.0\n")
    (folder / "small/template.yaml").write_text(TEMPLATE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UV_FIND_LINKS", str(folder / "wheels"))
        for command in ("lock", "build"):
            done = shorts([command], folder / "small", SHORTS_CACHE_DIR=str(folder / "store"))
            assert done.returncode == 0, done.stderr
        shutil.move(folder / "small/.aws-sam/build/F.zip", folder)
        shutil.rmtree(folder / "small/.aws-sam")
        yield folder


@pytest.fixture
def project(locked: Path, tmp_path: Path) -> Path:
    """The function, to be changed at will."""
    return shutil.copytree(locked / "small", tmp_path / "small")


@pytest.fixture
def plain(locked: Path) -> bytes:
    """The zip of a machine without a remote."""
    return (locked / "F.zip").read_bytes()


@pytest.fixture(autouse=True)
def patient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may wait long for a remote, but not for one that never answers."""
    params = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    if not str(params.get("why", "")).startswith("no answer"):
        for module, name in WAITS:
            monkeypatch.setattr(f"shorts.remote.{module}.{name}", 60)


class Team:
    """Machines with stores of their own that share a remote.

    Args:
        project: the application that all build.
        server: the S3 server.
        shorts: runs the command.
        where: a folder for the stores; its name is the prefix in the bucket.
    """

    def __init__(self, project: Path, server: Server, shorts: Shorts, where: Path) -> None:
        self.server = server
        self.prefix = where.name
        self._project, self._shorts, self._where = project, shorts, where

    def machine(self, name: str, who: str, keys: Mapping[str, str]) -> dict[str, str]:
        """The variables of a machine with an empty store, unless its name was there before."""
        return {
            **self.server.environment(who),
            "SHORTS_REMOTE": f"s3://{BUCKET}/{self.prefix}",
            "SHORTS_CACHE_DIR": str(self._where / name),
            **keys,
        }

    def folder(self, name: str) -> Path:
        """A machine's clone of the project."""
        clone = self._where / f"{name}-clone"
        if not clone.exists():
            shutil.copytree(self._project, clone)
        return clone

    def run(self, name: str, who: str, keys: Mapping[str, str], *command: str, **more: str) -> Done:
        """What a command does on a machine; `build` by default."""
        variables = {**self.machine(name, who, keys), **more}
        return self._shorts([*(command or ("build",))], self.folder(name), **variables)

    def zip(self, name: str) -> bytes:
        """The zip that a machine has built."""
        return (self.folder(name) / ".aws-sam/build/F.zip").read_bytes()

    def objects(self) -> dict[str, bytes]:
        """What is in the remote."""
        return self.server.objects(self.prefix)

    def write(self, name: str, data: bytes) -> None:
        """Put an object into the remote, as anyone may who can write to the bucket."""
        self.server.client().put_object(Bucket=BUCKET, Key=f"{self.prefix}/{name}", Body=data)

    def are_valid(self) -> bool:
        """Whether every object in the remote is signed by the team's key."""
        return all(opened(name, data) for name, data in self.objects().items())


@pytest.fixture
def team(project: Path, server: Server, shorts: Shorts, tmp_path: Path) -> Team:
    """A team with an empty remote."""
    where = tmp_path / f"team{time.monotonic_ns()}"
    where.mkdir()
    return Team(project, server, shorts, where)


@pytest.fixture
def filled(team: Team) -> Team:
    """A team with the Slices of a first machine in its remote."""
    done = team.run("first", "writer", WRITES)
    assert done.returncode == 0, done.stderr
    assert sorted(name.partition("-1.0-")[0] for name in team.objects()) == [
        "slices/lib",
        "slices/two",
    ]
    return team


def seal(keys: Keys, name: str, content: bytes) -> bytes:
    """The object of a name in the remote."""
    kind, _, key = name.partition("/")
    return keys.seal(kind, key, content)


def opened(name: str, data: bytes) -> bytes:
    """The content of an object that the team's key has signed."""
    kind, _, key = name.partition("/")
    return Keys.of(READS).open(kind, key, data)


def notes(done: Done) -> list[str]:
    """The notes of a build that succeeded."""
    assert done.returncode == 0, done.stderr
    return [
        line.removeprefix("note: ") for line in done.stderr.splitlines() if line[:6] == "note: "
    ]


def test_a_machine_without_uv_and_index_builds_the_same_zip(filled: Team, plain: bytes) -> None:
    """A reader with nothing but the remote gets the bytes of a machine without a remote.

    uv only looks for interpreters.
    """
    done = as_process(
        ["-c", ALONE, PATIENT, "build"],
        filled.folder("second"),
        **filled.machine("second", "reader", READS),
        UV_FIND_LINKS="",
    )
    (note,) = notes(done)
    assert note.startswith("2 Slices: 2 from the remote (0.")
    assert filled.zip("first") == filled.zip("second") == plain


def test_a_proof_spares_the_events(project: Path, team: Team, store: Path) -> None:
    """Once one machine has run the sample events, another one trims without running any."""
    (project / "events").mkdir()
    (project / "events/a.json").write_text('{"a": 1}')
    asks = "    Metadata: {Shorts: {Events: ['events/*.json']}}\n"
    (project / "template.yaml").write_text(TEMPLATE + asks)
    done = team.run("first", "writer", WRITES, SHORTS_CACHE_DIR=str(store))
    assert done.returncode == 0, done.stderr
    assert "Tracing F on 1 event" in done.stderr
    pushed = team.run("first", "writer", WRITES, "cache", "push", SHORTS_CACHE_DIR=str(store))
    assert pushed.returncode == 0, pushed.stderr
    assert [name for name in team.objects() if name.startswith("proofs/F-")]
    other = as_process(
        ["-c", ALONE, PATIENT, "build"],
        team.folder("second"),
        **team.machine("second", "reader", READS),
    )
    said = notes(other)
    assert said[-1].startswith("1 proof: 1 from the remote (0.0 MB, ")
    assert team.zip("first") == team.zip("second")


def test_two_empty_machines_race(team: Team, plain: bytes) -> None:
    """Both build at once, both write, and both end with the same zip and a valid remote."""
    running = []
    for name in ("first", "second"):
        variables = {**os.environ, **team.machine(name, "writer", WRITES)}
        running.append(
            subprocess.Popen(
                [sys.executable, "-c", PLAIN, PATIENT, "build"],
                cwd=team.folder(name),
                env={**variables, "PYTHONPATH": str(ROOT)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        )
    for child in running:
        assert child.stderr is not None
        said = child.stderr.read().decode()
        child.stderr.close()
        assert child.wait() == 0, said
        assert "not used" not in said and "no uploads" not in said
    assert team.zip("first") == team.zip("second") == plain
    assert len(team.objects()) == 2 and team.are_valid()


def test_who_may_not_write_is_told_once(team: Team, plain: bytes) -> None:
    """A reader's credentials with a key that signs: the bucket refuses, and the build is whole."""
    (note,) = notes(team.run("first", "reader", WRITES))
    assert note == (
        f"the remote s3://{BUCKET}/{team.prefix} gets no uploads: "
        "PutObject: AccessDenied: Access Denied."
    )
    assert team.objects() == {}
    assert team.zip("first") == plain


def test_who_may_write_and_has_no_key_writes_nothing(team: Team, plain: bytes) -> None:
    """Without the key that signs, a machine only reads."""
    assert notes(team.run("first", "writer", READS)) == []
    assert team.objects() == {}
    assert team.zip("first") == plain


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
            "no AWS credentials were found",
        ),
        (
            {"AWS_SECRET_ACCESS_KEY": "wrong"},
            "GetObject: SignatureDoesNotMatch: The request signature we calculated does not match "
            "the signature you provided. Check your key and signing method.",
        ),
        ({TRUSTED: ""}, f"{TRUSTED} names no public key to trust. `shorts cache keygen` makes"),
        ({SIGNING: OTHER_SECRET}, f"{SIGNING} signs with a key that {TRUSTED} does not name."),
        ({"SHORTS_REMOTE": "s3://nowhere-to-be-found/x"}, "GetObject: NoSuchBucket: "),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "Could not connect to the endpoint URL: "),
    ],
)
def test_a_remote_that_cannot_be_used_is_one_note(
    team: Team, plain: bytes, change: dict[str, str], why: str
) -> None:
    """Whatever is wrong with it, the build goes on without the remote, and says so once."""
    (note,) = notes(team.run("first", "writer", WRITES, **change))
    where = change.get("SHORTS_REMOTE", f"s3://{BUCKET}/{team.prefix}")
    assert note.startswith(f"the remote {where} is not used: {why}")
    assert team.zip("first") == plain


@contextlib.contextmanager
def deaf(answer: bytes) -> Iterator[str]:
    """A server that accepts every connection and says one thing, or nothing; its address."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        kept: list[socket.socket] = []

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    kept.append(listening.accept()[0])
                    kept[-1].sendall(answer)

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            for connection in kept:
                connection.close()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "no answer within 1.5 s"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nETag: x\r\n\r\n0", "no answer within 5 s"),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops", "GetObject: 500: "),
        (b"garbage\r\n\r\n", "Connection was closed before we received a valid response"),
    ],
)
def test_a_server_that_makes_no_sense_costs_a_moment(
    team: Team, plain: bytes, answer: bytes, why: str
) -> None:
    """Silence, a body that never comes, an error or garbage: one note, and soon."""
    with deaf(answer) as address:
        started = time.monotonic()
        (note,) = notes(team.run("first", "writer", WRITES, AWS_ENDPOINT_URL=address))
        took = time.monotonic() - started
    said = note.removeprefix(f"the remote s3://{BUCKET}/{team.prefix} is not used: ")
    # After 5 s, boto3 may give up a moment before shorts does.
    assert said.startswith(why) or (b"200" in answer and "Read timed out" in said)
    assert took < 30
    assert team.zip("first") == plain


@pytest.mark.parametrize("writes", [True, False])
def test_kills_during_transfers(filled: Team, plain: bytes, writes: bool) -> None:
    """However a machine dies while it sends or receives, all that is left is whole."""
    if writes:
        for name in filled.objects():
            filled.write(name, b"bad")  # so that each machine writes, too
    for moment in range(1, 30, 3 if writes else 1):
        name = f"machine{moment}"
        done = as_process(
            ["-c", KILLED, str(moment), PATIENT, "build"],
            filled.folder(name),
            **filled.machine(name, "writer", WRITES),
        )
        assert done.returncode in (-signal.SIGKILL, 0), done.stderr
        again = filled.run(name, "reader", READS)
        assert again.returncode == 0, again.stderr
        assert filled.zip(name) == plain
        if done.returncode == 0:
            break
    assert moment > (10 if writes else 4)
    assert notes(filled.run("last", "writer", WRITES))
    assert filled.are_valid()


def test_a_build_that_fails_says_why_the_remote_did_not_help(team: Team) -> None:
    """Without an index, what is wrong with the remote is part of the reason."""
    done = team.run(
        "first", "reader", READS, UV_FIND_LINKS="", AWS_ENDPOINT_URL="http://127.0.0.1:9"
    )
    assert done.returncode == 1
    *_, failure, note = done.stderr.strip().splitlines()
    assert not failure.startswith("note: ")
    assert note.startswith(f"note: the remote s3://{BUCKET}/{team.prefix} is not used: ")


def test_a_rotated_key_is_replaced_in_the_remote(filled: Team, plain: bytes) -> None:
    """Who trusts the new key alone makes all again, once, and signs it."""
    rotated = {SIGNING: OTHER_SECRET, TRUSTED: OTHER_PUBLIC}
    said = notes(filled.run("second", "writer", rotated))
    assert len(said) == 2
    assert all(note.endswith("it is signed by a key that is not trusted") for note in said)
    both = {TRUSTED: f"{PUBLIC},{OTHER_PUBLIC}"}
    for keys in (both, {TRUSTED: OTHER_PUBLIC}):
        (note,) = notes(filled.run(f"reader{len(keys[TRUSTED])}", "reader", keys))
        assert note.startswith("2 Slices: 2 from the remote")
    assert filled.zip("second") == plain


def swapped(objects: dict[str, bytes]) -> dict[str, bytes]:
    one, other = objects
    return {one: objects[other], other: objects[one]}


def of_another_kind(objects: dict[str, bytes]) -> dict[str, bytes]:
    keys = Keys.of(WRITES)
    return {name: keys.seal("proofs", name.partition("/")[2], b"{}") for name in objects}


def forged(objects: dict[str, bytes]) -> dict[str, bytes]:
    keys = Keys.of({SIGNING: OTHER_SECRET, TRUSTED: OTHER_PUBLIC})
    return {name: seal(keys, name, data[HEAD:]) for name, data in objects.items()}


def of_former_names(objects: dict[str, bytes]) -> dict[str, bytes]:
    keys = Keys.of(WRITES)
    return {name: keys.seal("slices", f"{name[7:-1]}x", data) for name, data in objects.items()}


ATTACKS = {
    "replaced": lambda objects: dict.fromkeys(objects, b"PK\x03\x04 evil"),
    "emptied": lambda objects: dict.fromkeys(objects, b""),
    "swapped": swapped,
    "cut": lambda objects: {name: data[:-1] for name, data in objects.items()},
    "lengthened": lambda objects: {name: data + b"\0" for name, data in objects.items()},
    "one bit flipped": lambda objects: {
        name: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:] for name, data in objects.items()
    },
    "without signature": lambda objects: {name: data[HEAD:] for name, data in objects.items()},
    "of another format": lambda objects: {
        name: data.replace(b"remote 1", b"remote 0", 1) for name, data in objects.items()
    },
    "of another kind": of_another_kind,
    "signed by a stranger": forged,
    "an old object under a new name": of_former_names,
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_who_may_write_and_has_no_key_changes_nothing_but_speed(
    filled: Team, plain: bytes, attack: str
) -> None:
    """What was tampered with is noticed, made again and said; a writer then repairs the remote."""
    before = filled.objects()
    for name, data in ATTACKS[attack](before).items():
        filled.write(name, data)
    said = notes(filled.run("reader", "reader", READS))
    assert sorted(note.partition(" of the remote is not used: ")[0] for note in said) == [*before]
    assert filled.zip("reader") == plain
    filled.run("writer", "writer", WRITES)
    assert filled.objects() == before


def test_what_is_valid_is_never_written_again(filled: Team) -> None:
    """A machine that makes a Slice which is in the remote by then leaves the first one."""
    before = filled.server.client().list_objects_v2(Bucket=BUCKET, Prefix=f"{filled.prefix}/")
    notes(filled.run("second", "writer", WRITES, AWS_ENDPOINT_URL="http://127.0.0.1:9"))
    done = filled.run("second", "writer", WRITES, "cache", "push")
    assert done.stdout == (
        f"Uploaded 0 of 2 Slices and proofs, the others were there: s3://{BUCKET}/{filled.prefix}\n"
    )
    after = filled.server.client().list_objects_v2(Bucket=BUCKET, Prefix=f"{filled.prefix}/")
    assert before["Contents"] == after["Contents"]


def test_push_pull_and_size(team: Team) -> None:
    """A store is pushed as a whole, pulled as a whole, and both sides are counted."""
    where = f"s3://{BUCKET}/{team.prefix}"
    notes(team.run("first", "writer", WRITES, SHORTS_REMOTE=""))
    refused = team.run("first", "writer", READS, "cache", "push")
    assert (refused.returncode, refused.stderr) == (
        1,
        "shorts: SHORTS_REMOTE_SIGNING_KEY is not set, so nothing can be uploaded.\n"
        "`shorts cache keygen` makes a pair of keys.\n",
    )
    pushed = team.run("first", "writer", WRITES, "cache", "push")
    assert pushed.stdout == f"Uploaded 2 of 2 Slices and proofs, the others were there: {where}\n"
    pulled = team.run("second", "reader", READS, "cache", "pull")
    assert pulled.stdout == f"Fetched 2 of 2 Slices and proofs that were missing: {where}\n"
    assert notes(team.run("second", "reader", READS, SHORTS_REMOTE="")) == []
    assert team.zip("first") == team.zip("second")
    sizes = team.run("second", "reader", READS, "cache", "size").stdout.splitlines()
    assert sizes[0].startswith("2 Slices, 0.")
    assert sizes[1].startswith("2 Slices, 0.") and sizes[1].endswith(f"; 0 proofs, 0.0 MB: {where}")


def test_verify_makes_slices_again(filled: Team) -> None:
    """What a trusted machine has signed is compared with what this one makes."""
    where = f"s3://{BUCKET}/{filled.prefix}"
    done = filled.run("second", "reader", READS, "cache", "verify", "7")
    assert done.stdout == f"2 Slices of the remote are what this machine makes: {where}\n"
    (name, *_) = filled.objects()
    content = opened(name, filled.objects()[name])
    filled.write(name, seal(Keys.of(WRITES), name, content + b"\0"))
    done = filled.run("second", "reader", READS, "cache", "verify", "7")
    assert (done.returncode, done.stderr.partition("shorts: ")[2]) == (
        1,
        "1 of 2 Slices in the remote differ from what this machine makes of the same wheels:\n"
        f"{name.partition('/')[2]}\nWhoever has SHORTS_REMOTE_SIGNING_KEY has signed them.\n",
    )


def test_commands_need_a_remote(project: Path, shorts: Shorts) -> None:
    """Unlike a build, a command that is for the remote fails without one."""
    for command in ("push", "pull", "verify"):
        done = shorts(["cache", command], project)
        assert (done.returncode, done.stderr) == (
            1,
            "shorts: SHORTS_REMOTE names no remote, and neither does the template.\n"
            "Write s3://BUCKET/PREFIX, or file:///FOLDER of a shared disk.\n",
        )


def test_keygen_prints_a_pair(shorts: Shorts, tmp_path: Path) -> None:
    """The two lines are variables that work together, and other ones each time."""
    first, second = (shorts(["cache", "keygen"], tmp_path).stdout for _ in range(2))
    assert first != second
    variables = dict(line.split("=", 1) for line in first.splitlines())
    assert [*variables] == [SIGNING, TRUSTED]
    assert Keys.of(variables).can_sign


def test_a_template_names_the_bucket(filled: Team) -> None:
    """With the remote in the template's metadata, the environment needs keys only."""
    template = filled.folder("second") / "template.yaml"
    named = f"Metadata: {{Shorts: {{Remote: 's3://{BUCKET}/{filled.prefix}'}}}}\n"
    template.write_text(named + template.read_text())
    variables = filled.machine("second", "reader", READS)
    del variables["SHORTS_REMOTE"]
    done = as_process(["-c", PLAIN, PATIENT, "build"], filled.folder("second"), **variables)
    assert notes(done)[0].startswith("2 Slices: 2 from the remote")


@pytest.mark.parametrize("remote", ["file:///tmp/x", "[1]", "bucket"])
def test_a_template_names_no_folder(project: Path, shorts: Shorts, remote: str) -> None:
    """A template that was cloned cannot make a build read or write folders."""
    template = project / "template.yaml"
    template.write_text(f"Metadata: {{Shorts: {{Remote: {remote}}}}}\n{template.read_text()}")
    done = shorts(["build"], project)
    assert done.returncode == 1
    assert done.stderr.endswith("Write s3://BUCKET/PREFIX. SHORTS_REMOTE takes a folder, too.\n")


def in_folder(folder: Path, keys: Mapping[str, str], store: Path) -> dict[str, str]:
    """The variables of a machine with a remote in a folder."""
    return {"SHORTS_REMOTE": folder.as_uri(), "SHORTS_CACHE_DIR": str(store), **keys}


def test_a_folder_does_the_same(
    project: Path, plain: bytes, shorts: Shorts, tmp_path: Path
) -> None:
    """A shared disk needs no server: one machine writes, another reads."""
    for name, keys in (("first", WRITES), ("second", READS)):
        shutil.rmtree(project / ".aws-sam", ignore_errors=True)
        machine = in_folder(tmp_path / "remote", keys, tmp_path / name)
        said = notes(shorts(["build"], project, **machine))
        assert (project / ".aws-sam/build/F.zip").read_bytes() == plain
    assert said[0].startswith("2 Slices: 2 from the remote")


def test_a_machine_without_the_interpreter_gets_bytecode(
    project: Path, plain: bytes, shorts: Shorts, tmp_path: Path
) -> None:
    """Where no Python of the target's version is, Slices that another machine compiled will do."""
    first = in_folder(tmp_path / "remote", WRITES, tmp_path / "first")
    assert notes(shorts(["build"], project, **first)) == []
    shutil.rmtree(project / ".aws-sam")
    (tmp_path / "empty").mkdir()
    hidden = dict.fromkeys(("HOME", "PATH", "PYENV_ROOT"), str(tmp_path / "empty"))
    second = in_folder(tmp_path / "remote", READS, tmp_path / "second")
    done = shorts(["build"], project, **second, **hidden)
    assert any(note.startswith("2 Slices: 2 from the remote") for note in notes(done))
    assert (
        b"lib/__pycache__/core.cpython-313.pyc" in (project / ".aws-sam/build/F.zip").read_bytes()
    )
    again = shorts(["build"], project, **{**second, **hidden, "SHORTS_REMOTE": ""})
    assert notes(again) == []
    assert (
        b"lib/__pycache__/core.cpython-313.pyc" in (project / ".aws-sam/build/F.zip").read_bytes()
    )


def test_a_local_project_is_not_shared(function: Path, shorts: Shorts, tmp_path: Path) -> None:
    """What is built on a machine stays there."""
    (function / "mine").mkdir()
    (function / "mine/pyproject.toml").write_text(
        "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
        "[project]\nname = 'mine'\nversion = '1'\n"
    )
    (function / "mine/backend.py").write_text(
        "import zipfile\n"
        "def build_wheel(folder, settings=None, metadata=None):\n"
        "    name = 'mine-1-py3-none-any.whl'\n"
        "    with zipfile.ZipFile(folder + '/' + name, 'w') as wheel:\n"
        "        wheel.writestr('mine.py', '')\n"
        "        info = 'mine-1.dist-info/'\n"
        "        wheel.writestr(info + 'METADATA', "
        "'Metadata-Version: 2.1\\nName: mine\\nVersion: 1\\n')\n"
        "        wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: x\\n"
        "Root-Is-Purelib: true\\nTag: py3-none-any\\n')\n"
        "        wheel.writestr(info + 'RECORD', 'mine.py,,\\n' + info + 'METADATA,,\\n'"
        " + info + 'WHEEL,,\\n' + info + 'RECORD,,\\n')\n"
        "    return name\n"
    )
    (function / "fn/requirements.txt").write_text("../mine\n")
    machine = in_folder(tmp_path / "remote", WRITES, tmp_path / "store")
    done = shorts(["build"], function, **machine, UV_OFFLINE="1")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "remote").exists()


def test_nothing_changed_imports_nothing(project: Path, tmp_path: Path) -> None:
    """A build that lacks nothing does not even load what a remote needs."""
    machine = in_folder(tmp_path / "remote", WRITES, tmp_path / "store")
    for expected in (None, "[]"):
        done = as_process(["-c", IMPORTED], project, **machine)
        assert done.returncode == 0, done.stderr
        assert expected in (None, done.stdout.splitlines()[-1])
