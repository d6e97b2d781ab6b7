"""In which language do commands speak? In that of the settings: help, results, notes and errors alike."""

from __future__ import annotations

import os

import click

from geo.errors import Message, OkrugaError


def language() -> str:
    """The language of the settings; read without checking them, since help must work when they are wrong."""
    return "en" if os.environ.get("OKRUGA_LANG", "").strip().lower() == "en" else _language_of_settings()


def _language_of_settings() -> str:
    from geo.settings import settings

    try:
        return settings().lang
    except OkrugaError:
        return "ru"


def say(message: Message | str, **params: object) -> str:
    """A sentence in the language of the settings."""
    from maps.text import translate

    return translate(Message(message, params) if isinstance(message, str) else message, language())


def talk(message: Message | str, **params: object) -> None:
    """Say something beside the result: on standard error."""
    click.echo(say(message, **params), err=True)
