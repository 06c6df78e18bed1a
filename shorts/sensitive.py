"""What others should not get to see: variables of the environment, and files among the code."""

import os
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shorts.source import File
    from shorts.units import Unit

# Variables that code does not see which a source build runs, by what their names begin with.
_PREFIXES = {
    "AWS_": "credentials, profiles, and the addresses that hand credentials out",
    "AZURE_": "credentials of a service principal",
    "ARM_": "the same, as Terraform takes them",
    "GCLOUD_": "credentials",
    "GOOGLE_": "credentials",
    "CLOUDSDK_": "credentials",
    "GITHUB_": "the token of the workflow, and where it may write",
    "GH_": "tokens of its command line",
    "ACTIONS_": "tokens of the runner, from which come those of clouds",
    "GITLAB_": "tokens",
    "CI_JOB_": "the token of GitLab's job",
    "CI_REGISTRY_": "the login to its registry",
    "BITBUCKET_": "tokens",
    "BUILDKITE_": "tokens of the agent",
    "VAULT_": "tokens, and where they are good",
    "OP_": "sessions of a password manager",
    "TF_VAR_": "whatever a deployment is to keep secret",
    "TF_TOKEN_": "tokens",
    "TWINE_": "the login to which releases are uploaded",
    "UV_PUBLISH_": "the same",
    "NPM_": "tokens",
    "SSH_": "the agent's socket, which signs with all its keys",
    "GPG_": "the same",
    "KUBECONFIG": "where the keys of clusters lie",
    "DOCKER_AUTH": "logins to registries",
}
# The same by a word in their names, wherever it stands.
_WORDS = re.compile(
    r"(^|_)(TOKENS?|SECRETS?|PASSW(OR)?D|PASS|PASSPHRASE|CREDENTIALS?|CREDS|API_?KEY|ACCESS_?KEY"
    r"|PRIVATE_?KEY|JWT|COOKIES?|AUTH|AUTHORIZATION|DSN|CONNECTION_STRING)(_|$)"
    r"|(PASSWORD|SECRET|TOKEN|_KEY|_KEYS|_PWD|_PAT)$",
    re.IGNORECASE,
)
# The same by a value: an address with a login in it.
_LOGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s@]+@", re.IGNORECASE)
# What uv itself takes to reach an index, and to log in there.
# https://docs.astral.sh/uv/reference/environment/
_OF_UV = re.compile(
    r"UV_(INDEX|DEFAULT_INDEX|EXTRA_INDEX_URL|FIND_LINKS|KEYRING_PROVIDER|INDEX_.*)"
    r"|((HTTPS?|ALL|NO)_PROXY|SSL_\w+)",
    re.IGNORECASE,
)
# Where uv asks others for a login: what they ask their service with, such as CodeArtifact's
# provider of the keyring, Artifact Registry's and Azure Artifacts'.
_OF_KEYRINGS = re.compile(r"AWS_.*|(GOOGLE|CLOUDSDK)_.*|ARTIFACTS_.*|VSS_.*|AZURE_.*")
_ASKING = ("UV_KEYRING_PROVIDER", "UV_S3_ENDPOINT_URL", "UV_GCS_ENDPOINT_URL")

# Files that are warned of: by the name of one, or of a folder that holds it.
_NAMES = re.compile(
    r"\.netrc|\.env(rc|\..+)?|.+\.kdbx"
    r"|id_(rsa|dsa|ecdsa|ed25519|xmss)(_sk)?(?!.*\.pub$)(\..+)?"
    r"|credentials(?!.*\.(py|pyi|pyc|so)$).*",
    re.IGNORECASE,
)
# Those that say which variables there are, and not what is in them.
_EXAMPLES = re.compile(r"\.env\.(.+\.)?(example|sample|template|dist)", re.IGNORECASE)
_FOLDERS = frozenset((".aws",))
# The same by name, where they hold a key; certificates are for all to see.
_IF_A_KEY = re.compile(r"id_(?!.*\.(py|pyi|pyc|so|pub)$).+|.+\.pem", re.IGNORECASE)
_KEY = re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----")


def variables(environment: Mapping[str, str]) -> list[str]:
    """Return the names of the variables that are not for code which a source build runs.

    What uv logs in to an index with is not among them; nor is, where uv asks a keyring, what
    the keyring asks its service with.
    """
    asks = any(environment.get(name, "disabled") not in ("", "disabled") for name in _ASKING)
    return [
        name
        for name, value in environment.items()
        if _is_secret(name, value)
        and not _OF_UV.fullmatch(name)
        and not (asks and _OF_KEYRINGS.fullmatch(name))
    ]


def _is_secret(name: str, value: str) -> bool:
    named = name.upper().startswith(tuple(_PREFIXES)) or _WORDS.search(name)
    return bool(named or _LOGIN.search(value))


def files(found: "Iterable[File]") -> list[str]:
    """Return the paths of the files that look like secrets."""
    return [file.path for file in found if _looks_secret(file)]


def _looks_secret(file: "File") -> bool:
    *folders, name = file.path.split("/")
    if not _FOLDERS.isdisjoint(folders):
        return True
    if _NAMES.fullmatch(name):
        return not _EXAMPLES.fullmatch(name)
    return bool(_IF_A_KEY.fullmatch(name) and _KEY.search(file.content))


def warnings(units: "Iterable[Unit]") -> list[str]:
    """Return what to say of the secrets that zips would hold, with the way to leave them out.

    What a Makefile leaves is its own choice, and what `Drop` names does not ship.
    """
    said: dict[str, str] = {}
    for unit in units:
        if not unit.installed:
            for path in files(unit.tree.files):
                if not _is_dropped(unit, unit.folder + path):
                    said.setdefault(os.path.join(unit.tree.root, path), _warning(unit, path))
    return [*said.values()]


def _is_dropped(unit: "Unit", path: str) -> bool:
    if not (unit.events and unit.settings.drop):
        return False
    from shorts.trimming import matches

    return matches(unit.settings.drop, [path]) and not matches(unit.settings.keep, [path])


def _warning(unit: "Unit", path: str) -> str:
    from glob import escape  # only here, for a build that warns of nothing needs none

    shown = os.path.relpath(os.path.join(unit.tree.root, path))
    drop = f"`Drop: ['{unit.folder}{escape(path)}']` in the function's `Metadata: Shorts`"
    way_out = "Move it out of that folder"
    if unit.events:
        way_out += f", or write {drop}"
    elif unit.handlers is not None:
        way_out += f", or write {drop}, which takes sample `Events`"
    return f"{shown} looks like a secret, and the zip of {unit.full_paths[0]} holds it. {way_out}"
