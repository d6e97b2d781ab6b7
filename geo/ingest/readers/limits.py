"""How much may a foreign file cost? The caps of one reading, each with the setting that changes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from geo.errors import N_, TooLarge
from geo.settings import settings

MB = 1024 * 1024
# below this size an archive entry is no bomb, however well it was packed
RATIO_FROM_BYTES = MB


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps in the units of the settings; `upload_mb` None means that only the disk bounds the file."""

    upload_mb: int | None = None
    archive_files: int = 50
    archive_expanded_mb: int = 200
    archive_ratio: int = 100
    parser_memory_mb: int = 2048
    parser_seconds: int = 300

    @classmethod
    def from_settings(cls, *, web: bool = False) -> Limits:
        """The caps of this installation; a file from the browser is bounded in size as well."""
        current = settings()
        return cls(
            upload_mb=current.upload_max_mb if web else None,
            archive_files=current.archive_max_files,
            archive_expanded_mb=current.archive_max_expanded_mb,
            archive_ratio=current.archive_max_ratio,
            parser_memory_mb=current.parser_memory_mb,
            parser_seconds=current.parser_seconds,
        )

    def check_size(self, path: Path) -> None:
        """Raise TooLarge when the file is above the upload cap."""
        if self.upload_mb is not None and path.stat().st_size > self.upload_mb * MB:
            raise too_large(
                N_("{file} is larger than {limit} MB."), "OKRUGA_UPLOAD_MAX_MB", file=path.name, limit=self.upload_mb
            )

    def expansion(self, file: str) -> Expansion:
        """A running count of what comes out of an archive."""
        return Expansion(self, file)


@dataclass(slots=True)
class Expansion:
    """Counts unpacked bytes while they come, so that no header has to be believed."""

    limits: Limits
    file: str
    total: int = 0

    def counter(self, entry: str, packed: int) -> Callable[[int], None]:
        """A function to call with every piece read from the entry; raises TooLarge at a cap."""
        read = 0

        def count(size: int) -> None:
            nonlocal read
            read += size
            self.total += size
            if self.total > self.limits.archive_expanded_mb * MB:
                raise too_large(
                    N_("{file} unpacks to more than {limit} MB."),
                    "OKRUGA_ARCHIVE_MAX_EXPANDED_MB",
                    file=self.file,
                    limit=self.limits.archive_expanded_mb,
                )
            if read > RATIO_FROM_BYTES and read > packed * self.limits.archive_ratio:
                raise too_large(
                    N_("{entry} in {file} is packed more than {limit} times, like an archive made to harm."),
                    "OKRUGA_ARCHIVE_MAX_RATIO",
                    file=self.file,
                    entry=entry,
                    limit=self.limits.archive_ratio,
                )

        return count


def too_large(message: str, setting: str, **params: object) -> TooLarge:
    """A TooLarge whose remedy names the setting."""
    return TooLarge(message, remedy=N_("An administrator can raise {setting}."), setting=setting, **params)
