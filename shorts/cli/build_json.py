"""The JSON document of ``shorts build --output json``: SAM's, and what shorts knows of each zip."""

import base64
import os

import msgspec

from shorts.artifact.plan import sidecar_names
from shorts.errors import ShortsError
from shorts.model import artifact
from shorts.pipeline import Built


def success(document: str, build_dir: str, built: Built) -> str:
    """Return SAM's document of a build with a list of the artifacts.

    Args:
        document: what SAM prints.
        build_dir: the build folder.
        built: the result of the build.
    """
    listed = []
    for name, built_artifact in built.artifacts.items():
        bill, manifest = sidecar_names(name)
        listed.append(
            {
                "resource_id": name,
                "path": os.path.abspath(os.path.join(build_dir, artifact(name))),
                "sha256": built_artifact.digest,
                # As in AWS::Lambda::Version's CodeSha256, and in Lambda's answers.
                "code_sha256": base64.b64encode(bytes.fromhex(built_artifact.digest)).decode(),
                "size": built_artifact.size,
                "unzipped_size": built_artifact.unzipped,
                "files": built_artifact.files,
                "former_size": built.former.get(name),
                "rebuilt": built_artifact.fresh,
                "reasons": built.reasons.get(name, []),
                "layers": built_artifact.layers,
                "sbom": os.path.abspath(os.path.join(build_dir, bill)),
                "manifest": os.path.abspath(os.path.join(build_dir, manifest)),
            }
        )
    content = msgspec.json.decode(document)
    return msgspec.json.encode({**content, "artifacts": listed}).decode()


def failure(error: ShortsError) -> str:
    """Return what SAM prints for a failed build."""
    details = {"type": type(error).__name__, "message": str(error), "resources": None}
    return msgspec.json.encode({"type": "result", "status": "failure", "error": details}).decode()
