"""Completion for shells: scripts that hold all commands and options, so a key press is fast."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from shorts.cli.commands import COMMANDS


class _Word(NamedTuple):
    """A word that may come next, and what it means."""

    word: str
    meaning: str


def script(shell: str) -> str:
    """Return the script for a shell."""
    return SHELLS[shell](_completions())


def _completions() -> dict[str, list[_Word]]:
    """Return what may follow each command, by the command's words; first what is SAM's alone."""
    from shorts.sam import options as sam_options

    completions: dict[str, list[_Word]] = {"": [], "local": []}
    groups = {"": sam_options.commands(), "local": sam_options.commands("local")}
    own = {name.partition(" ")[0]: command.summary for name, command in COMMANDS.items()}
    own["local"] = "run functions on this machine"
    for name in (*own, *(name for name in groups[""] if name not in own)):
        completions[""].append(_Word(name, own.get(name, f"SAM's own: sam {name}")))
    for name in groups["local"]:
        command = COMMANDS.get(f"local {name}")
        summary = command.summary if command else f"SAM's own: sam local {name}"
        completions["local"].append(_Word(name, summary))
    for name, command in COMMANDS.items():
        listed = [_Word(word, option.help) for option in command.options for word in option.names]
        if command.sam:
            described = sam_options.described(command.sam)
            listed += [_Word(word, option.help) for option in described for word in option.names]
        if "|" in command.usage:  # its first word is one of these
            listed += [_Word(word, "") for word in command.usage.split("|")]
        completions[name] = [*listed, _Word("--help", "show the options")]
    completions["help"] += [_Word(name, "") for name in COMMANDS if " " not in name]
    others = [name for name in groups[""] if name not in completions]
    others += [
        name for name in (f"local {name}" for name in groups["local"]) if name not in completions
    ]
    for name in others:
        completions[name] = [_Word(word, "") for word in sam_options.commands(name)]
        described = sam_options.described(name)
        completions[name] += [
            _Word(word, option.help) for option in described for word in option.names
        ]
    return completions


def _bash(completions: Mapping[str, list[_Word]]) -> str:
    cases = "\n".join(
        f"        {_quoted(name)}) words={_quoted(' '.join(word.word for word in following))} ;;"
        for name, following in completions.items()
    )
    return f"""\
# shorts completion bash
_shorts() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} path=${{COMP_WORDS[1]}} words=
    ((COMP_CWORD > 1)) || path=
    if [[ $path == local || $path == cache ]] && ((COMP_CWORD > 2)); then
        path="$path ${{COMP_WORDS[2]}}"
    fi
    case $path in
{cases}
    esac
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
}}
complete -o default -F _shorts shorts
"""


def _zsh(completions: Mapping[str, list[_Word]]) -> str:
    cases = "\n".join(
        f"        {_quoted(name)}) known=({' '.join(map(_quoted, map(_pair, following)))}) ;;"
        for name, following in completions.items()
    )
    return f"""\
#compdef shorts
_shorts() {{
    local name=${{words[2]}}
    ((CURRENT > 2)) || name=
    if [[ $name == local || $name == cache ]] && ((CURRENT > 3)); then
        name="$name ${{words[3]}}"
    fi
    local -a known
    case $name in
{cases}
    esac
    _describe shorts known || _files
}}
compdef _shorts shorts
"""


def _fish(completions: Mapping[str, list[_Word]]) -> str:
    lines = [
        "# shorts completion fish",
        "function __shorts_is",
        "    set -l before (commandline -opc)[2..]",
        "    set -l name $before[1]",
        '    if contains -- "$name" local cache; and test (count $before) -gt 1',
        '        set name "$name $before[2]"',
        "    end",
        '    test "$name" = "$argv"',
        "end",
    ]
    for name, following in completions.items():
        for word in following:
            meaning = f" -d {_quoted(word.meaning)}" if word.meaning else ""
            when = _quoted(f"__shorts_is {name}".rstrip())
            lines.append(f"complete -c shorts -n {when} -a {_quoted(word.word)}{meaning}")
    return "\n".join([*lines, ""])


def _pair(word: _Word) -> str:
    return f"{word.word}:{word.meaning}".rstrip(":").replace("\n", " ")


def _quoted(text: str) -> str:
    """Return a text in single quotes, for any of the shells."""
    return "'" + text.replace("'", "'\\''") + "'"


SHELLS: Mapping[str, Callable[[Mapping[str, list[_Word]]], str]] = {
    "bash": _bash,
    "zsh": _zsh,
    "fish": _fish,
}
