"""A template as the `local` commands see it, and how they run functions."""

from pathlib import Path

import msgspec

from shorts.model.apis import Api
from shorts.model.application import Function


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
