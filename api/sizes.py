"""How many bytes may a request bring? Little, except where files are sent."""

from __future__ import annotations

from geo.settings import settings

UPLOADS = "/steward/uploads"
ADDRESS_FILES = "/steward/geocode/files/send"
KB = 1024
MB = 1024 * KB
# the other fields of a form with a file, and the boundaries between its parts
FORM_SLACK = 64 * KB
# how many times the cap of a file is listened to, to give an answer instead of a broken connection
PATIENCE = 4


def takes_files(path: str) -> bool:
    """Whether files may be sent to this path, in any language."""
    return path.endswith((UPLOADS, ADDRESS_FILES))


def body_cap(path: str) -> int:
    """The most bytes a request to this path may bring."""
    current = settings()
    return current.upload_max_mb * MB * PATIENCE + FORM_SLACK if takes_files(path) else current.request_max_kb * KB
