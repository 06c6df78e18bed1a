"""A function under Lambda's emulator: its layers, the runtime's own packages, and its end."""

import contextlib
import json
import os
import re
import socket
import stat
import sys
import textwrap
import threading
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from shorts.emulator import emulator, layers, sandbox
from shorts.emulator.emulator import Emulator
from shorts.emulator.reply import Reply
from shorts.errors import ShortsError
from shorts.model import Function, Layer
from shorts.slices import store
from shorts.system import interpreters, uv
from shorts.targets.target import MACHINES, RUNTIMES
from tests.conftest import Shorts

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
SITE = f"python/lib/python{MINOR}/site-packages"
ARN = "arn:aws:lambda:eu-west-1:123456789012:layer:shared:3"
Files = Mapping[str, str]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is unpacked is kept in the working folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(params=["bound", "unbound"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to show a function its layers: at /opt where the system allows it, and not."""
    if request.param == "unbound":
        monkeypatch.setattr(sandbox, "binding", lambda *_: [])


@pytest.fixture(params=["root", "a user"])
def opt(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A system that binds /opt, as root and as a user without rights."""
    if request.param == "a user":
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() or 65534)
    elif os.geteuid() != 0:
        pytest.skip("the tests do not run as root")
    if not sandbox.binding(tmp_path, [], [Path(sys.executable), store.Store.default().root]):
        pytest.skip("this system does not let us mount a folder at /opt")


def write(folder: Path, files: Files) -> Path:
    """A folder with files; what lies in a bin or extensions folder is executable."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        if path.parent.name in ("bin", "extensions"):
            path.chmod(0o755)
    return folder


def zipped(folder: Path) -> Path:
    """A folder's content as a zip next to it, with modes and symbolic links."""
    archive = folder.with_name(f"{folder.name}.zip")
    with zipfile.ZipFile(archive, "w") as writing:
        for path in sorted(folder.rglob("*")):
            member = zipfile.ZipInfo(path.relative_to(folder).as_posix())
            member.external_attr = path.lstat().st_mode << 16
            if path.is_symlink():
                writing.writestr(member, str(path.readlink()))
            elif path.is_file():
                writing.writestr(member, path.read_bytes())
    return archive


def layer(path: Path | None) -> Layer:
    name = path.stem if path else ARN
    place = str(path) if path else ""
    return Layer(full_path=name, name=name, architecture="x86_64", code_uri=place, build_method="")


@pytest.fixture
def invoke(tmp_path: Path) -> Callable[..., Any]:
    """Run a handler's body with layers and an event; its answer, or the whole reply."""

    def run(body: str, *using: Path | None, whole: bool = False, **changes: Any) -> Any:
        lines = ["import os, sys", "def handler(event, context):"]
        source = "\n".join([*lines, textwrap.indent(textwrap.dedent(body), "    ")])
        task = write(tmp_path / "task", {"app.py": source})
        log: list[str] = changes.pop("log", [])
        with Emulator(function(task, *using, **changes), task, {}, log.append) as running:
            reply = running.invoke(b"{}")
        if whole:
            return reply
        assert not reply.failure, "\n".join([reply.failure, *log])
        return json.loads(reply.body)

    return run


def function(task: Path, *using: Path | None, **changes: Any) -> Function:
    settings: dict[str, Any] = {
        "full_path": "F",
        "name": "F",
        "runtime": f"python{MINOR}",
        "architecture": {machine: name for name, machine in MACHINES.items()}[os.uname().machine],
        "handler": "app.handler",
        "code_uri": str(task),
        "package_type": "Zip",
        "build_method": "",
        "memory": 128,
        "timeout": 10,
        "variables": {},
        "logging": {},
        "layers": [layer(path) for path in using],
    }
    return Function(**{**settings, **changes})


@pytest.mark.parametrize("taken", [0, 1])
def test_a_port_that_another_takes_meanwhile(
    taken: int, invoke: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A port that was free and is not any more is another's: two others are tried."""
    choose = emulator._free_ports
    asked = []
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()

        def free_ports(count: int) -> list[int]:
            ports = choose(count)
            asked.append(ports)
            if len(asked) == 1:
                ports[taken] = other.getsockname()[1]
            return ports

        monkeypatch.setattr(emulator, "_free_ports", free_ports)
        assert invoke("return 'mine'") == "mine"
    assert len(asked) == 2


@pytest.mark.parametrize("form", [Path, zipped])
@pytest.mark.usefixtures("way")
def test_modules_of_a_layer(
    tmp_path: Path, invoke: Callable[..., Any], form: Callable[[Path], Path]
) -> None:
    """Modules are found in both of a layer's folders, be it a folder or a zip."""
    files = {"python/one.py": "ONE = 1", f"{SITE}/two.py": "TWO = 2"}
    shared = form(write(tmp_path / "shared", files))
    assert invoke("import one, two\nreturn [one.ONE, two.TWO]", shared) == [1, 2]


@pytest.mark.usefixtures("way")
def test_links_out_of_a_layer(tmp_path: Path, invoke: Callable[..., Any]) -> None:
    """What a layer's links lead to is there, as it is in the zip that is deployed."""
    write(tmp_path / "common", {"one.py": "ONE = 1"})
    shared = write(tmp_path / "shared", {"python/two.py": "TWO = 2"})
    (shared / "python" / "three").symlink_to("../../common")
    assert invoke("import three.one, two\nreturn [three.one.ONE, two.TWO]", shared) == [1, 2]
    whole = tmp_path / "whole"
    whole.mkdir()
    (whole / "python").symlink_to("../common")
    assert invoke("import one\nreturn one.ONE", whole) == 1


@pytest.mark.parametrize("form", [Path, zipped])
@pytest.mark.usefixtures("way")
def test_programs_and_libraries_of_a_layer(
    tmp_path: Path, invoke: Callable[..., Any], form: Callable[[Path], Path]
) -> None:
    """A layer's bin is on PATH, its lib is where the loader looks, and links in it are kept."""
    shared = write(tmp_path / "shared", {"bin/hello": "#!/bin/sh\necho hello from $1\n"})
    (shared / "lib").mkdir()
    (mapped,) = {
        line.split()[-1]
        for line in Path("/proc/self/maps").read_text().splitlines()
        if "/libm.so" in line or "/libm-" in line
    }
    (shared / "lib" / "libours.so.1").write_bytes(Path(mapped).read_bytes())
    (shared / "lib" / "libours.so").symlink_to("libours.so.1")
    body = """
        import ctypes, subprocess
        library = ctypes.CDLL("libours.so")
        library.fabs.restype, library.fabs.argtypes = ctypes.c_double, [ctypes.c_double]
        return [subprocess.check_output(["hello", "you"], text=True), library.fabs(-2.0)]
    """
    assert invoke(body, form(shared)) == ["hello from you\n", 2.0]


@pytest.mark.usefixtures("way")
def test_layers_are_merged_in_order(tmp_path: Path, invoke: Callable[..., Any]) -> None:
    """Of several layers the last one's file wins, and what only an earlier one has stays."""
    first = {"python/who.py": "NAME = 1", "python/pack/a.py": "A = 1", "python/pack/b.py": "B = 1"}
    second = {"python/who.py": "NAME = 2", "python/pack/b.py": "B = 2", "python/only.py": "C = 2"}
    one, two = write(tmp_path / "one", first), zipped(write(tmp_path / "two", second))
    body = "import only, pack.a, pack.b, who\nreturn [who.NAME, pack.a.A, pack.b.B, only.C]"
    assert invoke(body, one, two) == [2, 1, 2, 2]
    assert invoke(body, two, one) == [1, 1, 1, 2]


@pytest.mark.usefixtures("way")
def test_a_file_and_a_folder_of_one_name(tmp_path: Path, invoke: Callable[..., Any]) -> None:
    """Where one layer has a file and another a folder of its name, the later one has its way."""
    file = write(tmp_path / "file", {"python/it.py": "IT = 'file'"})
    (tmp_path / "linked" / "python").mkdir(parents=True)
    (tmp_path / "linked" / "python" / "it").symlink_to("nowhere")
    folder = write(tmp_path / "folder", {"python/it/__init__.py": "IT = 'folder'"})
    assert invoke("import it\nreturn it.IT", file, tmp_path / "linked", folder) == "folder"
    assert invoke("import it\nreturn it.IT", folder, tmp_path / "linked", file) == "file"


@pytest.mark.usefixtures("way")
def test_own_modules_win(tmp_path: Path, invoke: Callable[..., Any]) -> None:
    """A module of the function's own wins over a layer's, and a layer's over the runtime's."""
    shared = write(tmp_path / "shared", {"python/mine.py": "WHO = 'layer'"})
    write(shared, {f"{SITE}/boto3.py": "WHO = 'layer'", "python/boto3.py": "WHO = 'other'"})
    write(tmp_path / "task", {"mine.py": "WHO = 'function'"})
    body = "import boto3, mine\nreturn [mine.WHO, boto3.WHO]"
    assert invoke(body, shared) == ["function", "layer"]


@pytest.mark.usefixtures("way")
def test_an_edit_of_a_layer_is_seen(tmp_path: Path, invoke: Callable[..., Any]) -> None:
    """What is changed, added or removed in a layer is so in the next invocation."""
    one = write(tmp_path / "one", {"python/a.py": "A = 1", "python/gone.py": ""})
    two = write(tmp_path / "two", {"python/b.py": "B = 1"})
    body = "import a, b\nreturn [a.A, b.B, *(n for n in ('gone', 'new') if find_spec(n))]"
    body = f"from importlib.util import find_spec\n{body}"
    assert invoke(body, one, zipped(two)) == [1, 1, "gone"]
    write(one, {"python/a.py": "A = 2", "python/new.py": ""})
    (one / "python" / "gone.py").unlink()
    write(two, {"python/b.py": "B = 2"})
    assert invoke(body, one, zipped(two)) == [2, 2, "new"]
    kept = sorted(path.name.split("-")[0] for path in Path(".aws-sam/shorts/layers").iterdir())
    assert kept == ["F", "two"]  # and nothing of the former content


@pytest.mark.usefixtures("opt")
def test_layers_lie_in_opt(tmp_path: Path, invoke: Callable[..., Any]) -> None:
    """A layer's files are found by their paths in Lambda, and cannot be written to."""
    one = write(tmp_path / "one", {"data/words.txt": "words", "python/one.py": ""})
    two = write(tmp_path / "two", {"data/more.txt": "more"})
    body = """
        import one
        texts = [open(f"/opt/data/{name}.txt").read() for name in ("words", "more")]
        try:
            open("/opt/python/new.py", "w")
        except OSError as error:
            return [*texts, os.listdir("/opt/data"), one.__file__, error.strerror, os.getuid()]
    """
    here, mounts = Path("/opt/data").exists(), mounted(tmp_path)
    *found, user = invoke(body, one, two)
    names = sorted(found.pop(2))
    assert found == ["words", "more", "/opt/python/one.py", "Read-only file system"]
    assert names == ["more.txt", "words.txt"]
    assert user == os.geteuid()
    assert Path("/opt/data").exists() == here
    assert not (one / "python" / "new.py").exists()
    assert mounted(tmp_path) == mounts


@pytest.mark.usefixtures("opt")
def test_extensions_in_opt_are_run(tmp_path: Path, invoke: Callable[..., Any]) -> None:
    """Where a layer's extensions lie in /opt, the emulator starts and ends them as Lambda does."""
    extension = f"""\
        #!{sys.executable}
        import http.client, os
        api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
        name = {{"Lambda-Extension-Name": "watcher"}}
        api.request("POST", "/2020-01-01/extension/register", '{{"events": ["INVOKE"]}}', name)
        reply = api.getresponse()
        reply.read()
        mine = {{name: value for name, value in reply.getheaders() if "Identifier" in name}}
        print("watcher is", os.getpid(), flush=True)
        while True:
            api.request("GET", "/2020-01-01/extension/event/next", headers=mine)
            api.getresponse().read()
        """
    log: list[str] = []
    shared = write(tmp_path / "shared", {"extensions/watcher": extension})
    assert invoke("return 1", shared, log=log) == 1
    (started,) = (line for line in log if line.startswith("watcher is"))
    assert not is_alive(int(started.split()[-1]))


@pytest.mark.usefixtures("opt")
def test_the_loaders_variables_are_the_functions(
    tmp_path: Path, invoke: Callable[..., Any]
) -> None:
    """A library to be loaded before all others is not loaded into the tools that bind /opt."""
    task = write(tmp_path / "task", {"app.py": "def handler(event, context): return 1"})
    preload, log = {"LD_PRELOAD": "/opt/lib/none.so"}, list[str]()
    shared = write(tmp_path / "shared", {"lib/other": ""})
    with Emulator(function(task, shared), task, preload, log.append) as running:
        assert running.invoke(b"{}").body == b"1"
    assert len([line for line in log if "none.so" in line]) == 1


def test_what_lies_in_opt_is_not_hidden(tmp_path: Path) -> None:
    """Where something needed lies in /opt, be it through a link, nothing is bound there."""
    link = tmp_path / "python"
    link.symlink_to("/opt/python3.13/bin/python3.13")
    assert sandbox.binding(tmp_path, [], [link]) == []
    assert sandbox.binding(tmp_path, [Path("/usr/../opt/layer")], []) == []
    assert sandbox.binding(Path("/opt/layer"), [], []) == []


def test_a_layer_that_is_not_here(invoke: Callable[..., Any]) -> None:
    """A layer known by its ARN alone is named, and the function runs without it."""
    log: list[str] = []
    assert invoke("return 1", None, log=log) == 1
    assert (
        log[0] == f"note: the layer {ARN} is not here; SAM would download it, and F runs without it"
    )


def test_a_layer_that_does_not_exist(tmp_path: Path, invoke: Callable[..., Any]) -> None:
    """A layer with a path that leads nowhere is named with it, and nothing is started."""
    with pytest.raises(ShortsError) as caught:
        invoke("return 1", tmp_path / "gone")
    assert str(caught.value) == (
        f"The layer gone of F should be at {tmp_path}/gone, which does not exist.\n"
        "Build it with `shorts build`, or fix its ContentUri."
    )


@pytest.mark.parametrize("content", [b"", b"PK\3\4 and so on", b"no zip at all"])
def test_a_layer_that_is_no_zip(tmp_path: Path, invoke: Callable[..., Any], content: bytes) -> None:
    """A layer that is neither a folder nor a zip is refused, and leaves nothing half unpacked."""
    bad = tmp_path / "bad.zip"
    bad.write_bytes(content)
    with pytest.raises(ShortsError) as caught:
        invoke("return 1", bad)
    first, second = str(caught.value).splitlines()
    assert first.startswith(f"{bad} is not a zip: ")
    assert second == "A layer is a folder or a zip: fix the ContentUri of bad."
    assert list(Path(".aws-sam/shorts/layers").iterdir()) == []


def test_a_damaged_layer(tmp_path: Path, invoke: Callable[..., Any]) -> None:
    """A zip with a member that cannot be read is refused too."""
    bad = zipped(write(tmp_path / "bad", {"python/a.py": "A = 1"}))
    bad.write_bytes(bad.read_bytes().replace(b"A = 1", b"A = 2"))
    with pytest.raises(ShortsError, match=r"bad\.zip is not a zip: Bad CRC-32 for file"):
        invoke("return 1", bad)


def test_a_zip_unpacked_by_several(tmp_path: Path) -> None:
    """Several that unpack one zip at a time all have it whole, and it is there once."""
    archive = zipped(write(tmp_path / "it", {f"python/m{n}.py": f"{n}" for n in range(300)}))
    found: list[int] = []

    def unpack() -> None:
        folder = layers.unzipped(archive, "layers", "")
        found.append(len(list((folder / "python").iterdir())))

    threads = [threading.Thread(target=unpack) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [300] * 8
    assert len(list(Path(".aws-sam/shorts/layers").iterdir())) == 1


def test_executables_of_an_artifact(tmp_path: Path) -> None:
    """What is executable in a function's zip is so when it runs here."""
    archive = zipped(write(tmp_path / "F", {"bin/tool": "", "app.py": ""}))
    task = emulator.unpacked(archive)
    assert stat.S_IMODE((task / "bin" / "tool").stat().st_mode) == 0o755
    assert not os.access(task / "app.py", os.X_OK)


def test_layers_of_a_template(function: Path, shorts: Shorts) -> None:
    """A template's layers are there when it is invoked, and a layer of AWS's is named."""
    write(function / "layer", {"python/shared.py": "WHO = 'layer'"})
    text = (function / "template.yaml").read_text()
    using = f"Layers: [!Ref Shared, '{ARN}'], Timeout: 2}}"
    (function / "template.yaml").write_text(
        f"{text.replace('Timeout: 2}', using)}  Shared:\n    Type: AWS::Serverless::LayerVersion\n"
        "    Properties: {ContentUri: layer}\n"
    )
    (function / "fn" / "app.py").write_text(
        "import shared\ndef handler(event, context):\n    return shared.WHO\n"
    )
    done = shorts(["local", "invoke", "--layer-cache-basedir", "cache"], function)
    assert (done.stdout, done.returncode) == ('"layer"\n', 0), done.stderr
    assert done.stderr.startswith(
        f"note: F runs without the layer {ARN}: there are no AWS credentials to download it with.\n"
        "Name a profile that may call lambda:GetLayerVersion with --profile, or unpack the layer "
        f"into {function}/cache/shared-3-"
    )


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_boto3_need_not_be_required(runtime: str, invoke: Callable[..., Any]) -> None:
    """On each runtime a function imports boto3 without requiring it, and it comes with bytecode."""
    minor = runtime.removeprefix("python")
    if interpreters.find(minor) is None:
        pytest.skip(f"this machine has no Python {minor}")
    body = """
        import boto3
        client = boto3.client("s3", region_name="eu-west-1")
        return [os.path.isfile(boto3.__cached__), client.meta.region_name, sys.version]
    """
    *found, version = invoke(body, runtime=runtime)
    assert found == [True, "eu-west-1"]
    assert version.startswith(f"{minor}.")


def test_the_runtime_has_nothing_else(invoke: Callable[..., Any]) -> None:
    """Apart from what the lock names there is nothing to import, and no pip."""
    body = """
        import importlib.metadata
        return sorted(found.metadata["Name"] for found in importlib.metadata.distributions())
    """
    lock = Path(emulator.__file__).with_name("runtime.lock").read_text()
    assert invoke(body) == sorted(set(re.findall(r"^([\w-]+)==", lock, re.MULTILINE)))


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("machine", MACHINES.values())
def test_the_runtimes_lock_is_for_all(runtime: str, machine: str, tmp_path: Path) -> None:
    """Every pin has a wheel for every runtime that there is, on either architecture."""
    exactly = ["--require-hashes", "--only-binary", ":all:", "--target", str(tmp_path / "to")]
    platform = ["--python-version", runtime.removeprefix("python"), "--python-platform"]
    names = ("runtime.lock", "debugger.lock")
    locks = [f"-r{Path(emulator.__file__).with_name(name)}" for name in names]
    uv.pip("install", ["--dry-run", *exactly, *platform, f"{machine}-manylinux_2_17", *locks])


def test_own_boto3_wins(tmp_path: Path, invoke: Callable[..., Any]) -> None:
    """A function's own boto3 is the one that it imports."""
    write(tmp_path / "task", {"boto3.py": "WHO = 'function'"})
    assert invoke("import boto3\nreturn boto3.WHO") == "function"


@pytest.mark.parametrize("seconds", [0, 9])
@pytest.mark.usefixtures("way")
def test_nothing_is_left(tmp_path: Path, invoke: Callable[..., Any], seconds: int) -> None:
    """Whatever a function has started is gone after it, whether it timed out or not."""
    number, mounts = f"600.{os.getpid()}", mounted(tmp_path)
    body = f"""
        import subprocess, time
        sleep = ["sleep", "{number}"]
        subprocess.Popen(sleep)
        subprocess.Popen(sleep, start_new_session=True)
        subprocess.Popen(sleep, env={{}})
        subprocess.Popen(["sh", "-c", "sleep {number} & sleep {number}"])
        time.sleep(0.2 + {seconds})
    """
    reply: Reply = invoke(body, write(tmp_path / "l", {"a": ""}), whole=True, timeout=2)
    assert reply.failure == ("Task timed out after 2.00 seconds" if seconds else "")
    assert [pid for pid in started_with(number) if is_alive(pid)] == []
    assert mounted(tmp_path) == mounts


def test_nothing_is_left_of_a_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where somebody interrupts us before the emulator answers, it is gone all the same."""

    def interrupted(started: Emulator) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(Emulator, "_is_listening", interrupted)
    task = write(tmp_path / "task", {"app.py": ""})
    handler = f"app.handler{os.getpid()}"
    with pytest.raises(KeyboardInterrupt), Emulator(function(task, handler=handler), task, {}):
        pass
    assert [pid for pid in started_with(handler) if is_alive(pid)] == []


def started_with(word: str) -> list[int]:
    """The processes with a word in their command."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if word.encode() in path.read_bytes():
                found.append(int(path.parent.name))
    return found


def is_alive(pid: int) -> bool:
    """Whether a process is there, and not a zombie that still waits to be reaped."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] not in "ZX"


def mounted(folder: Path) -> list[str]:
    """What is mounted from a folder or in /opt, as this process sees it."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [line for line in lines if str(folder) in line or " /opt" in line]
