"""What is inside a Mapbox vector tile? Layers, ids and properties, read from the protocol buffer as its standard says.

A decoder of our own for tests only: the one that draws maps runs in the browser.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

VARINT, DOUBLE, BYTES, FLOAT = 0, 1, 2, 5


def decode(tile: bytes) -> dict[str, dict[int, dict[str, object]]]:
    """Properties by layer and feature id. Features without an id (groups) get negative numbers."""
    return dict(layer(value) for number, value in fields(tile) if number == 3 and isinstance(value, bytes))


def layer(message: bytes) -> tuple[str, dict[int, dict[str, object]]]:
    """The name of a layer and its features."""
    parts = list(fields(message))
    name = next(value.decode() for number, value in parts if number == 1 and isinstance(value, bytes))
    keys = [value.decode() for number, value in parts if number == 3 and isinstance(value, bytes)]
    values = [scalar(value) for number, value in parts if number == 4 and isinstance(value, bytes)]
    found: dict[int, dict[str, object]] = {}
    for position, raw in enumerate(value for number, value in parts if number == 2 and isinstance(value, bytes)):
        own = dict(fields(raw))
        tags = packed(own.get(2, b""))
        properties = {keys[key]: values[value] for key, value in zip(tags[::2], tags[1::2], strict=True)}
        found[int(str(own[1])) if 1 in own else -1 - position] = properties
    return name, found


def scalar(message: bytes) -> object:
    """One value of a layer."""
    number, value = next(fields(message))
    if number == 1 and isinstance(value, bytes):
        return value.decode()
    if number == 7:
        return bool(value)
    if number == 6 and isinstance(value, int):
        return (value >> 1) ^ -(value & 1)
    return value


def packed(message: object) -> list[int]:
    """Numbers packed one after another."""
    numbers, position, raw = [], 0, message if isinstance(message, bytes) else b""
    while position < len(raw):
        number, position = varint(raw, position)
        numbers.append(number)
    return numbers


def fields(message: bytes) -> Iterator[tuple[int, object]]:
    """Field numbers and raw values of a message."""
    position = 0
    while position < len(message):
        tag, position = varint(message, position)
        number, kind = tag >> 3, tag & 7
        value: object
        if kind == VARINT:
            value, position = varint(message, position)
        elif kind == BYTES:
            length, position = varint(message, position)
            value, position = message[position : position + length], position + length
        elif kind == DOUBLE:
            value, position = struct.unpack_from("<d", message, position)[0], position + 8
        else:
            value, position = struct.unpack_from("<f", message, position)[0], position + 4
        yield number, value


def varint(message: bytes, position: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where the next one begins."""
    number, shift = 0, 0
    while True:
        byte = message[position]
        number |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if not byte & 0x80:
            return number, position
