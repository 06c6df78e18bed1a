"""An application as a build sees it: its functions and layers, and what SAM has built."""

import os
from pathlib import Path

import msgspec


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
        trim: whether a layer holds only what the events of its functions need.
    """

    most: int
    trim: bool = False


class Function(msgspec.Struct, frozen=True, kw_only=True):
    """One Lambda function of a template.

    Attributes:
        full_path: the logical ids of its stacks and its own, with slashes.
        name: its logical id.
        runtime: such as ``python3.13``; empty for an image.
        architecture: ``x86_64`` or ``arm64``.
        handler: such as ``app.handler``; empty where it is not known before deployment.
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
        function_name: its ``FunctionName``; its logical id where it has none, or where it is not
            known before deployment.
        shared: how its distributions are put into shared layers; None where they are not.
        assumed: what has no value before deployment, each with the value that is taken here.
        lines: where the template has its properties, by name: ``template.yaml:6``.
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
    assumed: list[str] = []
    lines: dict[str, str] = {}

    def is_named(self, name: str) -> bool:
        """Return whether a name on the command line or in a file stands for this function."""
        return name in (self.full_path, self.name, self.function_name)

    @property
    def no_code(self) -> str:
        """Return the message that there is no folder where the template takes its code from."""
        name = "Code" if "Code" in self.lines else "CodeUri"
        where = f" ({self.lines[name]})" if name in self.lines else ""
        shown = os.path.relpath(self.code_uri)
        wrong = f"`{shown}` is not a folder" if Path(shown).is_file() else f"`{shown}/` not found"
        return f"{self.full_path}: {name} {wrong}{where}."

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
        functions: the Python functions in zips among them; their code is what SAM has built.
    """

    templates: dict[str, str]
    artifacts: dict[str, str]
    functions: list[Function]


def artifact(full_path: str) -> str:
    """Return the name of a function's zip in the build folder."""
    return f"{full_path}.zip"


def template_of(full_path: str) -> str:
    """Return the path in the build folder of the template that has a function or layer."""
    return f"{full_path.rpartition('/')[0]}/template.yaml".lstrip("/")
