"""The records that all parts share: an application, its functions and layers, its APIs."""

from pathlib import Path
from typing import Literal

import msgspec

from shorts.targets.target import System

ANY = "ANY"
DEFAULT = "$default"
# What SAM makes of ANY (samcli.local.apigw.route).
METHODS = ("GET", "DELETE", "PUT", "POST", "HEAD", "OPTIONS", "PATCH")

# A REST API, an HTTP API, or a function's own URL.
Kind = Literal["rest", "http", "url"]


class Cors(msgspec.Struct, frozen=True, kw_only=True):
    """What an API tells browsers of other origins; each as its header has it, None for no header.

    Attributes:
        origins: that may ask, with commas.
        methods: that they may ask with, with commas.
        headers: that they may send, with commas.
        exposed: headers that they may read, with commas.
        credentials: ``true`` where they may send credentials.
        age: for how many seconds they may remember it.
    """

    origins: str | None
    methods: str | None
    headers: str | None
    exposed: str | None
    credentials: str | None
    age: str | None


class Authorizer(msgspec.Struct, frozen=True, kw_only=True):
    """A function that says who may ask.

    Attributes:
        function: its full path.
        type: ``token`` gets one header's value, ``request`` gets the whole request.
        payload: the version of its event's form.
        sources: what a request must have, such as ``method.request.header.Authorization``.
        pattern: what a token must match; empty where any does.
        simple: whether it answers with ``isAuthorized`` in place of a policy.
    """

    function: str
    type: Literal["token", "request"]
    payload: Literal["1.0", "2.0"]
    sources: list[str]
    pattern: str
    simple: bool


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """A path and method, and the function that answers there.

    Attributes:
        method: in upper case, or ``ANY``.
        path: with parameters in braces, or ``$default``.
        function: the full path of the function.
        payload: the version of its event's form.
        operation: what an OpenAPI document calls it, else empty.
        authorizer: who says who may ask, if anybody does.
    """

    method: str
    path: str
    function: str
    payload: Literal["1.0", "2.0"]
    operation: str = ""
    authorizer: Authorizer | None = None

    @property
    def key(self) -> str:
        """What API Gateway calls it."""
        return DEFAULT if self.path == DEFAULT else f"{self.method} {self.path}"


class Api(msgspec.Struct, frozen=True, kw_only=True):
    """One API of a template, or one function's URL.

    Attributes:
        name: the full path of its resource.
        kind: which of the three it is.
        stage: its name.
        variables: of the stage.
        binary: the media types whose bodies a REST API hands over in base64.
        cors: what it says of other origins, if anything.
        routes: in the order of their precedence, a later one's before an earlier one's.
    """

    name: str
    kind: Kind
    stage: str
    variables: dict[str, str]
    binary: list[str]
    cors: Cors | None
    routes: list[Route]


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


class SamBuildOutput(msgspec.Struct, frozen=True, kw_only=True):
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


def artifact(full_path: str) -> str:
    """The name of a function's zip in the build folder."""
    return f"{full_path}.zip"
