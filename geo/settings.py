"""How is this installation configured? One class, every `OKRUGA_*` variable, with where each value came from.

A misspelt name is refused: pydantic-settings refuses unknown keys in `.env` but lets a misspelt environment
variable pass in silence, so the environment is compared with the fields here.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from geo.errors import N_, BadInput
from geo.vocabulary import Theme

PREFIX = "OKRUGA_"
# read by ./run before any Python starts, so they are not settings of the program
SHELL_ONLY = frozenset({"OKRUGA_PYTHON", "OKRUGA_NO_INSTALL"})
# a checkout keeps .env and var beside ./run wherever it is called from; an installed package uses the current folder
_CHECKOUT = Path(__file__).resolve().parent.parent
HOME = _CHECKOUT if (_CHECKOUT / "run").is_file() else Path()


class Settings(BaseSettings):
    """All settings. Sizes are bytes unless the name says otherwise, times are seconds."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=HOME / ".env", extra="forbid", frozen=True)

    database_url: str = Field("", description="External PostGIS; empty keeps an embedded cluster in the data folder")
    read_url: str = Field("", description="Read replica for public pages; empty reads from the main database")
    data_dir: Path = Field(HOME / "var", description="Folder of the embedded cluster, caches and backups")
    postgres_bin: str = Field("", description="Folder with initdb and postgres, when they are not found by themselves")
    cluster_profile: Literal["safe", "test"] = Field("safe", description="Durability of the embedded cluster")
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    base_url: str = Field("", description="Public address behind a proxy, for links and cookies")
    demo: Literal["city", "town", "none"] = Field("city", description="What an empty embedded database starts with")
    lang: Literal["ru", "en"] = "ru"
    basemap_url: str = Field("", description="Raster tile template with {z}/{x}/{y}; empty draws a plain background")
    basemap_attribution: str = ""
    embed_hosts: str = Field("", description="Space separated origins that may show /embed pages in a frame")
    geocoders: str = Field("", description="External geocoders that may be asked: nominatim photon dadata yandex")
    smtp_url: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    upload_max_mb: int = Field(25, gt=0, description="Largest file the browser may send")
    upload_keep_days: int = Field(7, gt=0, description="Days a sent file waits to be loaded before it is removed")
    archive_max_files: int = Field(50, gt=0, description="Entries allowed in one archive")
    archive_max_expanded_mb: int = Field(200, gt=0, description="Size of one archive when unpacked")
    archive_max_ratio: int = Field(100, gt=0, description="Compression ratio taken for a bomb")
    parser_memory_mb: int = Field(2048, gt=0, description="Memory of the child process that parses foreign files")
    parser_seconds: int = Field(300, gt=0, description="Time of the child process that parses foreign files")
    request_max_kb: int = Field(256, gt=0, description="Largest body of an API request")
    pool_size: int = Field(8, gt=0)
    pool_timeout: float = Field(2.0, gt=0, description="Longest wait for a database connection")
    statement_timeout: float = Field(5.0, gt=0, description="Longest public database query")
    near_border_m: float = Field(10.0, ge=0, description="Territories this close to a point are listed beside it")
    boundary_rules: str = Field("", description="Strictness of boundary checks: KIND.RULE=SEVERITY …")
    small_count: int = Field(5, ge=0, description="Counts of people below this are not published")
    rate_min_base: int = Field(50, ge=0, description="Rates need at least this many people in the base")
    sensitive_themes: str = Field(
        "social_support rehabilitation psychosocial_wellbeing",
        description="Themes of which needs and participation are public as sums over wide areas only",
    )
    country: Literal["ru", "kg", ""] = Field("", description="Country whose national rules apply by default")

    @field_validator("sensitive_themes")
    @classmethod
    def _known_themes(cls, words: str) -> str:
        unknown = [word for word in words.split() if word not in Theme.codes()]
        if unknown:
            raise ValueError(f"there is no theme {unknown[0]}; known themes are {' '.join(Theme.codes())}")
        return words

    @property
    def sensitive(self) -> frozenset[str]:
        """Codes of the sensitive themes."""
        return frozenset(self.sensitive_themes.split())


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once.

    Raises BadInput naming the misspelt variable or the value that does not fit.
    """
    refuse_misspelt(os.environ)
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(
            N_("The setting {name} does not fit: {problem}."),
            remedy=N_("Correct it in the environment or in .env; `okruga check` prints all settings."),
            name=PREFIX + str(first["loc"][0]).upper().removeprefix(PREFIX),
            problem=first["msg"],
        ) from error


def refuse_misspelt(environment: Mapping[str, str]) -> None:
    """Raise BadInput for an `OKRUGA_*` variable that is not a setting."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | SHELL_ONLY
    for name in environment:
        if name.startswith(PREFIX) and name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            raise BadInput(
                N_("There is no setting {name}."),
                remedy=N_("Did you mean {close}?") if close else N_("Remove it; `okruga check` prints all settings."),
                name=name,
                close=close[0] if close else "",
            )


def origins(environment: Mapping[str, str]) -> dict[str, tuple[object, str]]:
    """Each setting with its value and where it came from: environment, .env or default."""
    current = settings()
    return {
        name: (
            getattr(current, name),
            "environment"
            if PREFIX + name.upper() in environment
            else ".env"
            if name in current.model_fields_set
            else "default",
        )
        for name in Settings.model_fields
    }
