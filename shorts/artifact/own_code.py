"""What to compile and compress of a unit's own code."""

import csv
from collections.abc import Collection, Mapping
from hashlib import sha256

import msgspec

from shorts.artifact.content import installed_files
from shorts.artifact.plan import BuildUnit
from shorts.slices import record_file, slim
from shorts.slices.compress import Job
from shorts.system.source_tree import File


def jobs(unit: BuildUnit) -> dict[str, Job]:
    """Return the jobs for a unit's own files, by their paths in the zip."""
    installed = installed_files(unit.tree) if unit.installed else frozenset()
    rules = slim.notes(installed)
    if not unit.settings.slim:
        rules = {path: rule for path, rule in rules.items() if rule == slim.BYTECODE}
    kept = [file for file in unit.tree.files if file.path not in rules]
    if rules:
        kept = [_narrowed(file, rules) for file in kept]
    jobs = {}
    for file in kept:
        path, own = unit.folder + file.path, file.path not in installed
        raw = not own and not unit.settings.slim
        jobs[path] = _job(file, path, own=own, raw=raw)
    return jobs


def other_jobs(unit: BuildUnit, own: Mapping[str, Job]) -> dict[str, Job]:
    """Return the jobs for the files outside a unit's folder; its own files win."""
    jobs: dict[str, Job] = {}
    for root in unit.roots:
        for file in root.tree.files:
            for path in (file.path, f"{root.name}/{file.path}"):
                if path not in own:
                    jobs.setdefault(path, _job(file, path, own=True, raw=False))
    return jobs


def _narrowed(file: File, left_out: Collection[str]) -> File:
    """Return a file; a ``RECORD`` without the files that are left out."""
    if not record_file.is_record(file.path):
        return file
    try:
        content = record_file.without(file.content, left_out)
    except csv.Error:
        return file
    return msgspec.structs.replace(file, content=content)


def _job(file: File, path: str, *, own: bool, raw: bool) -> Job:
    """Return a file's job; its owner is a digest of everything it depends on."""
    head = f"{path}\0{file.executable:d}{own:d}{raw:d}".encode()
    return Job(
        owner=f"{sha256(head).hexdigest()}{sha256(file.content).hexdigest()}",
        file=file,
        path=path,
        size=len(file.content),
        own=own,
        raw=raw,
    )
