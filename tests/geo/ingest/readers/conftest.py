"""The suite asserts what is right, never how quickly: a loaded machine must not fail it."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("without deadline", deadline=None)
settings.load_profile("without deadline")
