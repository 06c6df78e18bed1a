"""What is to be built, as SAM itself reads it, and that answer remembered.

Importing samcli costs more than a second, so what it said is kept under ``.aws-sam/shorts`` with
the digests of all files it read; as long as they are the same, it is not asked again.
"""

import hashlib
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec

from shorts import __version__, files, memory
from shorts.errors import ShortsError
from shorts.routes import Api
from shorts.target import System

# Where shorts keeps what it remembers of an application; SAM's own state lies beside it.
MEMORY = Path(".aws-sam", "shorts")
# Settings from the environment that change how samcli reads options and templates.
_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_CONFIG_FILE")


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """One layer of a template, or one that a function names by its ARN.

    Attributes:
        full_path: the logical ids of its stacks and its own, with slashes; or its ARN.
        name: its logical id, or its ARN.
        architecture: what its metadata says it is built for, ``x86_64`` or ``arm64``.
        code_uri: the absolute path of its folder or zip; empty where it does not lie here.
        build_method: what its metadata says of how to build it, else empty.
    """

    full_path: str
    name: str
    architecture: str
    code_uri: str
    build_method: str


class Settings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="pascal"
):
    """What a function's ``Metadata: Shorts`` says; all paths are from its template's folder.

    Attributes:
        events: globs of sample events; with them, the artifact is trimmed to what they prove.
        keep: globs of paths in the artifact that are never trimmed.
        drop: globs of paths in the artifact that are left out.
        source_roots: folders whose modules are included where the function imports them.
    """

    events: list[str] = []
    keep: list[str] = []
    drop: list[str] = []
    source_roots: list[str] = []


class Function(msgspec.Struct, frozen=True, kw_only=True):
    """One Lambda function of a template.

    Attributes:
        full_path: the logical ids of its stacks and its own, with slashes.
        name: its logical id.
        runtime: such as ``python3.13``; empty for an image.
        architecture: ``x86_64`` or ``arm64``.
        handler: such as ``app.handler``.
        code_uri: the absolute path of its folder or zip; empty where its template holds the code.
        package_type: ``Zip`` or ``Image``.
        build_method: what its metadata says of how to build it, else empty.
        memory: in MB.
        timeout: in seconds.
        variables: the environment variables that the template gives it.
        logging: the template's ``LoggingConfig``.
        layers: in the order of the template.
        package: the folder in the artifact that its code lies in (``ParentPackageMode``), with
            slashes; empty for the artifact's own.
        settings: what its metadata asks of shorts.
        folder: the absolute path of its template's folder.
    """

    full_path: str
    name: str
    runtime: str
    architecture: str
    handler: str
    code_uri: str
    package_type: str
    build_method: str
    memory: int
    timeout: int
    variables: dict[str, str]
    logging: dict[str, str]
    layers: list[Layer] = []
    package: str = ""
    settings: Settings = Settings()
    folder: str = ""


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """A template as a build sees it.

    Attributes:
        template: the absolute path of the root template.
        build_dir: the absolute path of the folder for the artifacts.
        manifest: a requirements file that takes the place of each function's own, if one was named.
        functions: to be built, in the template's order.
        templates: the built templates' texts by their path in the build folder, if nothing is
            handed to SAM. Artifacts are named as `artifact` names them.
        notes: what to say of options that mean nothing here, and what SAM warns of.
        layers: to be built.
        arguments: what the build was asked with.
        document: what SAM would print of it as JSON, if that was asked for.
        handed: the full paths of what SAM has to build.
        calls: the arguments of `sam build` for that: of one call for all, or of one for each.
        sources: the absolute paths of what the template was read from and takes code from.
    """

    template: str
    build_dir: str
    manifest: str | None
    functions: list[Function]
    templates: dict[str, str]
    notes: list[str]
    layers: list[Layer] = []
    arguments: list[str] = []
    document: str = ""
    handed: list[str] = []
    calls: list[list[str]] = []
    sources: list[str] = []


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """What SAM has built, and the templates of all together.

    Attributes:
        templates: the built templates' texts by their path in the build folder.
        artifacts: where SAM has left a folder, by its path in the build folder.
        systems: what loads each folder, by the same paths.
        functions: those of them that are Python in a zip, their code being what SAM has built.
    """

    templates: dict[str, str]
    artifacts: dict[str, str]
    systems: dict[str, System]
    functions: list[Function]


class Invocation(msgspec.Struct, frozen=True, kw_only=True):
    """A template as ``local invoke`` sees it.

    Attributes:
        template: the absolute path of the template.
        functions: all that it has.
        wanted: the logical id that was asked for, if one was.
        event: the path of the event, ``-`` for standard input; None for an empty one.
        variables: the path of a file that overrides environment variables, if one was named.
        limited: whether functions may take no more memory than their ``MemorySize``.
    """

    template: str
    functions: list[Function]
    wanted: str | None
    event: str | None
    variables: str | None
    limited: bool = True

    @property
    def is_built(self) -> bool:
        """Whether the template is one that a build has written."""
        return ".aws-sam" in Path(self.template).parts


class Serving(msgspec.Struct, frozen=True, kw_only=True):
    """A template as ``local start-api`` sees it.

    Attributes:
        template: the absolute path of the template.
        functions: all that it has.
        apis: all that it has, and the functions' URLs.
        host: to listen at.
        port: to listen at.
        static: the folder of files to serve, as it was named.
        eager: whether sandboxes are started before they are asked for.
        watch: whether changes of the sources are to be seen.
        certificate: the path of a certificate for HTTPS, and that of its key, if there are any.
        variables: the path of a file that overrides environment variables, if one was named.
        log: the path of a file for the log, if one was named.
        files: what all this was read from.
        notes: what to say of options that mean nothing here, and of what is not done.
        limited: whether functions may take no more memory than their ``MemorySize``.
    """

    template: str
    functions: list[Function]
    apis: list[Api]
    host: str
    port: int
    static: str
    eager: bool
    watch: bool
    certificate: tuple[str, str] | None
    variables: str | None
    log: str | None
    files: list[str]
    notes: list[str]
    limited: bool = True


Answer = TypeVar("Answer", Application, Joined, Invocation, Serving)


class _Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """An answer and what it depends on."""

    inputs: dict[str, str]
    answer: Any


def artifact(full_path: str) -> str:
    """The name of a function's zip in the build folder."""
    return f"{full_path}.zip"


def for_build(arguments: Sequence[str]) -> Application:
    """Read the application that ``sam build`` with these arguments would build.

    Raises:
        ShortsError: with SAM's own words, where SAM refuses the template.
        UsageError: where SAM refuses the arguments.
    """
    return _asked("build", arguments, Application)


def joined(application: Application, folders: Sequence[str]) -> Joined:
    """Read what SAM has built, into a folder for each of its calls.

    Raises:
        ShortsError: with SAM's own words, where it cannot read what it has written.
    """
    return _asked("join", application.arguments, Joined, application.handed, folders)


def for_invoke(arguments: Sequence[str]) -> Invocation:
    """Read the function that ``sam local invoke`` with these arguments would run.

    Raises:
        ShortsError: with SAM's own words, where SAM refuses the template.
        UsageError: where SAM refuses the arguments.
    """
    return _asked("invoke", arguments, Invocation)


def for_serve(arguments: Sequence[str]) -> Serving:
    """Read the APIs that ``sam local start-api`` with these arguments would serve.

    Raises:
        ShortsError: with SAM's own words, where SAM refuses the template.
        UsageError: where SAM refuses the arguments.
    """
    return _asked("serve", arguments, Serving)


def _asked(
    question: str, arguments: Sequence[str], kind: type[Answer], *more: Sequence[str]
) -> Answer:
    asked = _digest_of_question(question, arguments, *more)
    place = MEMORY / f"{question}-{asked}.json"
    remembered = memory.recall(place, _Remembered)
    if remembered and all(_digest(path) == said for path, said in remembered.inputs.items()):
        with suppress(msgspec.ValidationError):
            return msgspec.convert(remembered.answer, kind)
    from shorts import samtemplate

    answer, inputs = getattr(samtemplate, f"read_{question}")(arguments, *more)
    said = {path: _digest(path) for path in sorted(inputs)}
    memory.keep(place, _Remembered(inputs=said, answer=answer))
    return cast(Answer, answer)


def _digest_of_question(question: str, *arguments: Sequence[str]) -> str:
    settings = {
        name: value
        for name, value in sorted(os.environ.items())
        if name.startswith("SAM_") or name in _VARIABLES
    }
    asked: list[Any] = [__version__, _samcli(), os.getcwd(), settings, question, arguments]
    return hashlib.sha256(ascii(asked).encode()).hexdigest()[:32]


def _samcli() -> str:
    """The installed samcli's digest of its version, without importing it."""
    for folder in sys.path:
        found = _digest(os.path.join(folder, "samcli", "__init__.py"))
        if found:
            return found
    return ""


def _digest(path: str) -> str:
    """SHA-256 of a file, hexadecimal; empty where there is none that is read."""
    try:
        return hashlib.sha256(files.read(path, files.TEXT)).hexdigest()
    except ShortsError:
        return ""
