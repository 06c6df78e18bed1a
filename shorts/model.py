"""The records that all parts share: an application, its functions and layers, its APIs."""

from pathlib import Path
from typing import Literal

import msgspec

from shorts.targets.target import System

ANY = "ANY"
DEFAULT = "$default"
# The methods that SAM expands ANY to (samcli.local.apigw.route).
METHODS = ("GET", "DELETE", "PUT", "POST", "HEAD", "OPTIONS", "PATCH")

# A REST API, an HTTP API, or a function's own URL.
Kind = Literal["rest", "http", "url"]


class Cors(msgspec.Struct, frozen=True, kw_only=True):
    """What an API tells browsers of other origins: header values, None where there is no header.

    Attributes:
        origins: the allowed origins, separated by commas.
        methods: the methods that they may use, separated by commas.
        headers: the headers that they may send, separated by commas.
        exposed: the headers that they may read, separated by commas.
        credentials: ``true`` where they may send credentials.
        age: for how many seconds they may cache it.
    """

    origins: str | None
    methods: str | None
    headers: str | None
    exposed: str | None
    credentials: str | None
    age: str | None


class Authorizer(msgspec.Struct, frozen=True, kw_only=True):
    """A function that decides who may call an API.

    Attributes:
        function: its full path.
        type: ``token`` gets one header's value, ``request`` gets the whole request.
        payload: the format version of its event.
        sources: what a request must have, such as ``method.request.header.Authorization``.
        pattern: what a token must match; empty where any does.
        simple: whether it answers with ``isAuthorized`` instead of a policy.
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
        payload: the format version of its event.
        operation: its name in an OpenAPI document, else empty.
        authorizer: the function that decides who may call it, if there is one.
    """

    method: str
    path: str
    function: str
    payload: Literal["1.0", "2.0"]
    operation: str = ""
    authorizer: Authorizer | None = None

    @property
    def key(self) -> str:
        """Return the name that API Gateway gives it."""
        return DEFAULT if self.path == DEFAULT else f"{self.method} {self.path}"


class Api(msgspec.Struct, frozen=True, kw_only=True):
    """One API of a template, or one function's URL.

    Attributes:
        name: the full path of its resource.
        kind: which of the three it is.
        stage: its name.
        variables: of the stage.
        binary: the media types that a REST API hands over in base64.
        cors: what it allows to other origins, if anything.
        routes: in ascending precedence: a later one wins over an earlier one.
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
        architecture: the one in its metadata, ``x86_64`` or ``arm64``.
        code_uri: the absolute path of its folder or zip; empty where it is not on this machine.
        build_method: the one in its metadata, else empty.
    """

    full_path: str
    name: str
    architecture: str
    code_uri: str
    build_method: str


class Settings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="pascal"
):
    """A function's ``Metadata: Shorts``; all paths are relative to its template's folder.

    Attributes:
        events: globs of sample events; with them, the artifact is trimmed to what they prove.
        keep: globs of paths in the artifact that are never trimmed.
        drop: globs of paths in the artifact that are left out.
        source_roots: folders of modules to include where the function imports them.
        slim: whether files of distributions are left out that no program needs; where not, they
            ship as they were installed, with bytecode, and `events` trim nothing.
        shared_layers: whether its distributions may be in layers, where the template says so.
    """

    events: list[str] = []
    keep: list[str] = []
    drop: list[str] = []
    source_roots: list[str] = []
    slim: bool = True
    shared_layers: bool = True


class SharedLayers(msgspec.Struct, frozen=True, kw_only=True):
    """The template's ``Metadata: Shorts: SharedLayers``, where it is on.

    Attributes:
        most: how many bytes on disk a function's shared layers may have.
    """

    most: int


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
        build_method: the one in its metadata, else empty.
        memory: in MB.
        timeout: in seconds.
        variables: the environment variables that the template gives it.
        logging: the template's ``LoggingConfig``.
        layers: in the order of the template.
        package: the folder in the artifact that its code is in (``ParentPackageMode``), with
            slashes; empty for the top of the artifact.
        settings: its ``Metadata: Shorts``.
        folder: the absolute path of its template's folder.
        function_name: its ``FunctionName``; empty where the template has none as text.
        shared: how its distributions are put into shared layers; None where they are not.
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
    function_name: str = ""
    shared: SharedLayers | None = None

    @property
    def module(self) -> str:
        """Return the dotted name of the handler's module: `src.app` of `src/app.handler`."""
        return self.handler.rpartition(".")[0].replace("/", ".")


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """A template as a build sees it.

    Attributes:
        template: the absolute path of the root template.
        build_dir: the absolute path of the folder for the artifacts.
        manifest: a requirements file that replaces each function's own, if one was named.
        functions: those to build, in the template's order.
        templates: the built templates' texts by their path in the build folder, if nothing is
            handed to SAM. Artifacts are named as `artifact` names them.
        notes: messages about options that have no effect here, and SAM's warnings.
        layers: those to build.
        arguments: the arguments of the build command.
        document: what SAM would print of it as JSON, if that was asked for.
        handed: the full paths of what SAM has to build.
        calls: the arguments of `sam build` for that: of one call for all, or of one for each.
        sources: the absolute paths of what the template was read from and takes code from.
        unbuilt: the texts of the templates if nothing is built, where all of it is to be built.
        remote: the remote in the template's ``Metadata: Shorts``, if it names one.
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
    unbuilt: dict[str, str] = {}
    remote: str = ""


class SamBuildOutput(msgspec.Struct, frozen=True, kw_only=True):
    """What SAM has built, and the templates of the whole application.

    Attributes:
        templates: the built templates' texts by their path in the build folder.
        artifacts: the place of each folder that SAM has left, by its path in the build folder.
        systems: what loads each folder, by the same paths.
        functions: the Python functions in zips among them; their code is what SAM has built.
    """

    templates: dict[str, str]
    artifacts: dict[str, str]
    systems: dict[str, System]
    functions: list[Function]


class Debugging(msgspec.Struct, frozen=True, kw_only=True):
    """The options of a debugger in functions.

    Attributes:
        ports: of the first function, the second …; none where nothing is debugged.
        path: a folder that holds debugpy; None for the one that shorts installs.
        arguments: further arguments of debugpy.
        function: the logical id of the only function to debug, if one was named.
        variables: the path of a file of further environment variables, if one was named.
    """

    ports: list[int] = []
    path: str | None = None
    arguments: str = ""
    function: str | None = None
    variables: str | None = None


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How functions run: the options that the commands of ``local`` share.

    Attributes:
        variables: the path of a file that overrides environment variables, if one was named.
        log: the path of a file for the log, if one was named.
        profile: the profile with the credentials, if one was named.
        region: the region, if one was named.
        limited: whether functions may take no more memory than their ``MemorySize``.
        layer_cache: the folder for downloaded layers.
        debugging: the debuggers of the functions.
    """

    variables: str | None = None
    log: str | None = None
    profile: str | None = None
    region: str | None = None
    limited: bool = True
    layer_cache: str = ""
    debugging: Debugging = Debugging()


class Invocation(msgspec.Struct, frozen=True, kw_only=True):
    """A template as ``local invoke`` sees it.

    Attributes:
        template: the absolute path of the template.
        functions: all functions of the template.
        wanted: the logical id to invoke, if one was named.
        event: the path of the event, ``-`` for standard input; None for an empty one.
        run: how the function runs.
        notes: a line for each option that has no effect, and SAM's own.
    """

    template: str
    functions: list[Function]
    wanted: str | None
    event: str | None
    run: RunOptions = RunOptions()
    notes: list[str] = []

    @property
    def is_built(self) -> bool:
        """Return whether a build has written the template."""
        return ".aws-sam" in Path(self.template).parts


class Serving(msgspec.Struct, frozen=True, kw_only=True):
    """A template as ``local start-api`` or ``local start-lambda`` sees it.

    Attributes:
        template: the absolute path of the template.
        functions: all functions of the template.
        apis: all APIs of the template, and the functions' URLs; none for ``start-lambda``.
        host: the host to listen on.
        port: the port to listen on.
        static: the folder of files to serve, as it was named.
        eager: whether sandboxes start before the first request.
        watch: whether to watch the sources for changes.
        certificate: the paths of a certificate for HTTPS and of its key, if there are any.
        files: the files that all this was read from.
        notes: messages about options that have no effect here, and about what is not supported.
        run: how the functions run.
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
    files: list[str]
    notes: list[str]
    run: RunOptions = RunOptions()


def artifact(full_path: str) -> str:
    """Return the name of a function's zip in the build folder."""
    return f"{full_path}.zip"


def template_of(full_path: str) -> str:
    """Return the path in the build folder of the template that has a function or layer."""
    return f"{full_path.rpartition('/')[0]}/template.yaml".lstrip("/")
