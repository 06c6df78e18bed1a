"""Environment variables that are hidden from other people's code."""

import re
from collections.abc import Mapping

# Variables that are hidden from the code that a source build runs, by the prefix of their names.
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
# The same by a word anywhere in their names.
_WORDS = re.compile(
    r"(^|_)(TOKENS?|SECRETS?|PASSW(OR)?D|PASS|PASSPHRASE|CREDENTIALS?|CREDS|API_?KEY|ACCESS_?KEY"
    r"|PRIVATE_?KEY|JWT|COOKIES?|AUTH|AUTHORIZATION|DSN|CONNECTION_STRING)(_|$)"
    r"|(PASSWORD|SECRET|TOKEN|_KEY|_KEYS|_PWD|_PAT)$",
    re.IGNORECASE,
)
# The same by value: an address with a login in it.
_LOGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s@]+@", re.IGNORECASE)
# What uv itself uses to reach an index, and to log in there.
# https://docs.astral.sh/uv/reference/environment/
_OF_UV = re.compile(
    r"UV_(INDEX|DEFAULT_INDEX|EXTRA_INDEX_URL|FIND_LINKS|KEYRING_PROVIDER|INDEX_.*)"
    r"|((HTTPS?|ALL|NO)_PROXY|SSL_\w+)",
    re.IGNORECASE,
)
# What the keyring providers that uv asks for a login use to ask their service, such as those of
# CodeArtifact, Artifact Registry and Azure Artifacts.
_OF_KEYRINGS = re.compile(r"AWS_.*|(GOOGLE|CLOUDSDK)_.*|ARTIFACTS_.*|VSS_.*|AZURE_.*")
_ASKING = ("UV_KEYRING_PROVIDER", "UV_S3_ENDPOINT_URL", "UV_GCS_ENDPOINT_URL")


def variables(environment: Mapping[str, str]) -> list[str]:
    """Return the names of the variables to hide from code that a source build runs.

    Variables that uv logs in to an index with are not among them; nor, where uv asks a keyring,
    are those that the keyring asks its service with.
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
