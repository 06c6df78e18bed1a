"""The commands of shorts, and the options that SAM does not have."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from shorts.cli import console

TEMPLATE = ("-t", "--template", "--template-file")
OVERRIDES = "--parameter-overrides"  # takes all words up to the next option
# SAM's options that say what is read, on all of its commands.
SHARED = (*TEMPLATE, OVERRIDES, "--config-file", "--config-env", "--region", "--profile")
# All of `sam build` that take a value, so that what follows one of them is not taken for a name.
VALUED = (
    *SHARED,
    *("-b", "--build-dir", "-s", "--base-dir", "-m", "--manifest", "-x", "--exclude"),
    *("-e", "--container-env-var", "-ef", "--container-env-var-file", "-bi", "--build-image"),
    *("-mw", "--mount-with", "-cd", "--cache-dir", "--docker-network", "--hook-name", "--output"),
    "--terraform-project-root-path",
)

_NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?", re.ASCII)


def _text(value: str) -> str:
    if not value:
        raise ValueError("the value is empty")
    return value


def _host(value: str) -> str:
    from shorts.start_api import hosts

    return hosts.normalized(_text(value))


def _distribution(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError(f"{value!r} is not the name of a distribution")
    from shorts.requirements.names import normalized

    return normalized(value)


def _count(value: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,5}", value):
        raise ValueError(f"{value[:20]!r} is not a number from 1 to 999999")
    return int(value)


def _variable(value: str) -> tuple[str, str]:
    name, equals, text = value.partition("=")
    if not name or not equals:
        raise ValueError(f"{value[:20]!r} is not NAME=VALUE")
    return name, text


def _when(value: str) -> str:
    if value not in console.WHEN:
        raise ValueError(f"{value[:20]!r} is none of {', '.join(console.WHEN)}")
    return value


def _days(value: str) -> float:
    if not value.removesuffix("d").isdecimal():
        raise ValueError(f"{value[:20]!r} is not a number of days, such as 30d")
    return float(value.removesuffix("d"))


class Option(NamedTuple):
    """An option that SAM does not have.

    Attributes:
        names: all its names; the last one names its value.
        help: what it does.
        metavar: what its value is called; empty for a flag.
        read: makes the value of its text, or raises a ValueError that says what is wrong.
        is_repeated: whether it may be given several times, so that its value is a list.
    """

    names: tuple[str, ...]
    help: str
    metavar: str = ""
    read: Callable[[str], object] = _text
    is_repeated: bool = False

    @property
    def key(self) -> str:
        """Return the name of the option's value."""
        return self.names[-1].lstrip("-").replace("-", "_")

    @property
    def default(self) -> object:
        """Return the value of an option that was not given."""
        return [] if self.is_repeated else None if self.metavar else False


class Command(NamedTuple):
    """A command of shorts.

    Attributes:
        usage: what may follow its name.
        summary: what it does, in a line.
        options: its own.
        sam: the command of SAM that the other options are of; empty if there are none.
        takes_names: whether words that belong to no option are its own, and not SAM's.
        examples: calls with a comment.
    """

    usage: str
    summary: str
    options: tuple[Option, ...] = ()
    sam: str = ""
    takes_names: bool = False
    examples: tuple[str, ...] = ()


def _repeated(name: str, text: str, value: str, read: Callable[[str], object] = _text) -> Option:
    """Return an option that may be given several times."""
    return Option((name,), f"{text}; repeatable", value, read, is_repeated=True)


_PRINTS = (
    Option(("-q", "--quiet"), "print only warnings, errors and results"),
    Option(("--color",), "colour the output: auto, always or never", "WHEN", _when),
)
_SDIST = _repeated(
    "--allow-sdist", "build NAME, which has no wheel, from its sources", "NAME", _distribution
)
_BUILDS = (
    Option(("--upgrade",), "resolve requirements that have no lock file again"),
    _SDIST,
    Option(("-v", "--verbose"), "list what is left out of each folder"),
    *_PRINTS,
)
_SERVES = (
    Option(
        ("--concurrency",),
        "sandboxes that a function may have; one for each core by default",
        "N",
        _count,
    ),
    _repeated(
        "--allow-host", "a host name, other than localhost, that requests may be for", "NAME", _host
    ),
    *_PRINTS,
)
_JSON = Option(("--json",), "print one JSON document instead of text")

COMMANDS: Mapping[str, Command] = {
    "build": Command(
        "[LOGICAL_ID] [OPTIONS]",
        "build every function, or one, into .aws-sam/build",
        _BUILDS,
        "build",
        examples=(
            "shorts build                      # every function and layer of template.yaml",
            "shorts build EchoFunction         # one of them",
            "shorts build -t prod.yaml -b out  # another template, another build folder",
            "shorts build --upgrade            # newer versions where there is no lock file",
        ),
    ),
    "local invoke": Command(
        "[LOGICAL_ID] [OPTIONS]",
        "build, and run a function under Lambda's runtime emulator",
        (Option(("--no-build",), "run what was built last"), *_PRINTS),
        "local invoke",
        examples=(
            "shorts local invoke EchoFunction -e events/echo.json",
            "echo '{}' | shorts local invoke EchoFunction -e -",
            "shorts local invoke EchoFunction -e events/echo.json -d 5678  # wait for a debugger",
        ),
    ),
    "local start-api": Command(
        "[OPTIONS]",
        "serve the template's APIs, and build again at each change",
        _SERVES,
        "local start-api",
        examples=(
            "shorts local start-api",
            "shorts local start-api -p 8080 --concurrency 4 --warm-containers EAGER",
        ),
    ),
    "local start-lambda": Command(
        "[LOGICAL_ID …] [OPTIONS]",
        "serve the functions to SDKs, by Lambda's Invoke API",
        _SERVES,
        "local start-lambda",
        examples=("shorts local start-lambda",),
    ),
    "zip": Command(
        "FOLDER --handler MODULE.FUNCTION --runtime RUNTIME -o OUT.zip [OPTIONS]",
        "write the zip of one function or layer, without a template",
        (
            Option(("--handler",), "the function to call, such as app.handler", "NAME"),
            Option(("--layer",), "the zip of a layer, which has no handler"),
            Option(("--runtime",), "such as python3.13", "RUNTIME"),
            Option(("--arch",), "x86_64, the default, or arm64", "ARCH"),
            Option(("-o", "--output"), "where the zip goes", "OUT.zip"),
            Option(
                ("--format",),
                "lambda, the default, or google: the source of a Google Cloud Function",
                "FORMAT",
            ),
            Option(("-m", "--manifest"), "requirements that replace the folder's own", "FILE"),
            _repeated("--event", "trim the zip to what these sample events need", "GLOB"),
            _repeated("--keep", "paths in the zip that stay", "GLOB"),
            _repeated("--drop", "paths in the zip to leave out", "GLOB"),
            _repeated(
                "--source-root",
                "a folder with modules to include where they are imported",
                "FOLDER",
            ),
            Option(("--no-slim",), "ship distributions as they were installed"),
            Option(("--memory",), "MB for sample events, 128 by default", "MB", _count),
            Option(("--timeout",), "seconds for a sample event, 3 by default", "SECONDS", _count),
            _repeated(
                "--env", "an environment variable for sample events", "NAME=VALUE", _variable
            ),
            _JSON,
            Option(("--terraform",), "read the options as JSON, for Terraform's `external`"),
            *(*_BUILDS[:2], *_PRINTS),
        ),
        takes_names=True,
        examples=(
            "shorts zip echo --handler app.handler --runtime python3.13 -o echo.zip",
            "shorts zip echo --handler app.handler --runtime python3.13 --arch arm64 -o echo.zip",
            "shorts zip deps --layer --runtime python3.13 -o layer.zip --json",
            "shorts zip src --handler app.hello --runtime python3.13 --format google -o src.zip",
        ),
    ),
    "init": Command(
        "[FOLDER] [OPTIONS]",
        "write a small application, or add a lock and sample events to the one that is here",
        (_SDIST, *_PRINTS),
        "build",
        takes_names=True,
        examples=(
            "shorts init hello         # a function, an event, a test and a workflow, in hello/",
            "shorts init               # in an application: what it lacks; overwrites no file",
        ),
    ),
    "sync": Command(
        "--stack-name NAME [OPTIONS]",
        "build, and send what has changed to a development stack",
        (_SDIST, *_PRINTS),
        "sync",
        examples=(
            "shorts sync --stack-name dev                 # code, layers and the template",
            "shorts sync --stack-name dev --code --watch  # code and layers, at each change",
            "shorts sync --stack-name dev --code --resource-id EchoFunction",
        ),
    ),
    "lock": Command(
        "[OPTIONS]",
        "write requirements.lock next to each requirements.txt",
        _BUILDS,
        "build",
        examples=("shorts lock",),
    ),
    "check": Command(
        "[LOGICAL_ID …] [OPTIONS]",
        "compare what is required with what is imported",
        (Option(("--fix",), "correct requirements.txt"), _JSON, *_BUILDS),
        "build",
        takes_names=True,
        examples=(
            "shorts check                      # every function",
            "shorts check PlotFunction --fix   # and correct its requirements.txt",
        ),
    ),
    "why": Command(
        "LOGICAL_ID NAME [OPTIONS]",
        "show how a module, distribution or file comes into a zip",
        _BUILDS,
        "build",
        takes_names=True,
        examples=("shorts why PlotFunction numpy",),
    ),
    "size": Command(
        "[LOGICAL_ID] [OPTIONS]",
        "show what a zip holds, and why",
        (
            Option(("--imports",), "show how long each import takes"),
            Option(("--against",), "compare with a zip, or with a folder of them", "OLD"),
            Option(("--markdown",), "print Markdown for a comment on a pull request"),
            Option(("--html",), "write a page with a treemap", "FILE"),
            _JSON,
            *_BUILDS,
        ),
        "build",
        takes_names=True,
        examples=(
            "shorts size PlotFunction --html size.html",
            "shorts size PlotFunction --against old.zip",
            "shorts size --markdown --against main/.aws-sam/build  # all functions",
        ),
    ),
    "cache push": Command(
        "[LOGICAL_ID] [OPTIONS]",
        "upload the Slices and proofs that the remote lacks",
        _BUILDS,
        "build",
        examples=("shorts cache push",),
    ),
    "cache pull": Command(
        "[LOGICAL_ID] [OPTIONS]",
        "fetch the Slices and proofs that this machine lacks",
        _BUILDS,
        "build",
        examples=("shorts cache pull",),
    ),
    "cache verify": Command(
        "[N] [OPTIONS]",
        "make N of the remote's Slices again, 5 by default, and compare",
        _BUILDS,
        "build",
        takes_names=True,
        examples=("shorts cache verify 20",),
    ),
    "cache": Command(
        "dir|size|prune|clear|keygen|push|pull|verify",
        "show, measure or empty the store, at SHORTS_CACHE_DIR if that is set, and share it",
        (Option(("--older-than",), "for prune: days without use; 30d by default", "DAYS", _days),),
        takes_names=True,
        examples=(
            "shorts cache dir                     # where it is",
            "shorts cache size                    # how many Slices, and what they take",
            "shorts cache prune --older-than 30d  # remove what was not used for 30 days",
            "shorts cache clear                   # remove all",
            "shorts cache keygen                  # a pair of keys, to share it over SHORTS_REMOTE",
        ),
    ),
    "completion": Command(
        "bash|zsh|fish",
        "print a script that completes commands and options in a shell",
        takes_names=True,
        examples=(
            "source <(shorts completion bash)             # in ~/.bashrc",
            "source <(shorts completion zsh)              # in ~/.zshrc, after compinit",
            "shorts completion fish | source              # in ~/.config/fish/config.fish",
        ),
    ),
    "help": Command(
        "[COMMAND]",
        "show the options of a command",
        takes_names=True,
        examples=("shorts help local invoke",),
    ),
}
