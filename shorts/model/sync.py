"""The record of a sync."""

import msgspec


class Syncing(msgspec.Struct, frozen=True, kw_only=True):
    """The options of ``sync``.

    Attributes:
        stack: the name of the stack.
        code: whether only code and layers are sent.
        watch: whether to sync again at each change.
        resources: the ids of the functions and layers to send; all where there are none.
        types: the types of resources to send, if some were named.
        profile: the profile with the credentials, if one was named.
        region: the region, if one was named.
        bucket: the bucket for uploads, if one was named.
        deploys_first: whether to deploy the template even if it is the one that was deployed.
        build: the arguments of `sam build`.
        deploy: the arguments of `sam deploy`, without the template.
        files: the configuration files.
        notes: a line for each option that has no effect, and SAM's own.
    """

    stack: str
    code: bool
    watch: bool
    resources: list[str]
    types: list[str]
    profile: str | None
    region: str | None
    bucket: str | None
    deploys_first: bool
    build: list[str]
    deploy: list[str]
    files: list[str]
    notes: list[str]
