"""A store that machines share, of signed objects: on S3, or in a folder of a shared disk."""

from shorts.remote.remote import KINDS, Remote, counted, named

__all__ = ["KINDS", "Remote", "counted", "named"]
