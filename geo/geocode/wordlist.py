"""How are long lists of words written in this package? As prose, not one quoted word after another."""

from __future__ import annotations


def spaced(text: str, separator: str = " ") -> list[str]:
    """The words of a text.

    >>> spaced("улица проспект")
    ['улица', 'проспект']
    """
    return text.split(separator)
