"""Which row holds the headings, and what is no data at all (titles above, number rows below)?

Office tables open with a title over merged cells, put the headings in one or two rows and sometimes number the columns
beneath. The heading row is the first one that is filled about as widely as the rows that follow and holds text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from geo.ingest.table import STOREYS, unique_names

LOOK_AT = 40
LONGEST_VALUE = 60
NUMBER = re.compile(r"^[\s\u00a0]*[-+]?[\d\s\u00a0\u202f]*[\d][.,]?\d*\s*%?$")
DATE = re.compile(r"^\d{4}-\d{2}-\d{2}|^\d{1,2}\.\d{1,2}\.\d{2,4}$")
YEAR = re.compile(r"^(19|20)\d\d$")


@dataclass(frozen=True, slots=True)
class Heading:
    """The headings and how many of the looked-at rows they and the titles above take."""

    names: tuple[str, ...]
    rows_used: int
    title: str = ""


def find(rows: Sequence[Sequence[str]]) -> Heading:
    """The headings among the first rows (cells as text, "" where empty); without a better row the first one."""
    looked = [list(row) for row in rows[:LOOK_AT]]
    width = usual_width(looked)
    at = next((place for place, row in enumerate(looked) if fits(row, width)), 0)
    names = [cell.strip() for cell in looked[at]]
    used = at + 1
    if at + 1 < len(looked) and is_second_row(names, looked[at + 1]):
        names, used = joined(names, looked[at + 1]), at + 2
    if used < len(looked) and is_number_row(looked[used]):
        used += 1
    title = " ".join(" ".join(cell for cell in row if cell.strip()) for row in looked[:at]).strip()
    data = looked[used:]
    names += [""] * (usual_length(data) - len(names))
    return Heading(tuple(unique_names(trimmed(names, data))), used, title[:300])


def usual_length(rows: Sequence[Sequence[str]]) -> int:
    """The number of cells most rows have: columns without a heading are columns too."""
    lengths = sorted(len(row) for row in rows if filled(row))
    return lengths[(len(lengths) - 1) // 2] if lengths else 0


def trimmed(names: list[str], data: Sequence[Sequence[str]]) -> list[str]:
    """Names without empty ones at the end under which nothing stands."""
    while names and not names[-1] and not any(len(row) >= len(names) and row[len(names) - 1].strip() for row in data):
        names = names[:-1]
    return names


def filled(row: Sequence[str]) -> int:
    """How many cells hold something."""
    return sum(bool(cell.strip()) for cell in row)


def usual_width(rows: Sequence[Sequence[str]]) -> int:
    """The median number of filled cells of the looked-at rows that hold any."""
    widths = sorted(filled(row) for row in rows if filled(row))
    return widths[len(widths) // 2] if widths else 0


def fits(row: Sequence[str], width: int) -> bool:
    """Whether a row can be the headings: nearly as wide as the data, mostly words, nothing repeated much."""
    cells = [cell.strip() for cell in row if cell.strip()]
    if len(cells) < max(1, 0.6 * width) or (width > 1 and len(cells) < 2):
        return False
    words = [cell for cell in cells if not is_value(cell) or YEAR.match(cell)]
    return len(words) >= 0.6 * len(cells) and len(set(cells)) >= 0.5 * len(cells)


def is_value(cell: str) -> bool:
    """Whether a cell looks like data rather than a name."""
    return len(cell) <= LONGEST_VALUE and bool(NUMBER.match(cell) or DATE.match(cell))


def is_second_row(names: Sequence[str], below: Sequence[str]) -> bool:
    """Whether the next row is the lower storey of the headings: words exactly where names are missing."""
    gaps = [place for place in range(len(below)) if place >= len(names) or not names[place]]
    words = [place for place, cell in enumerate(below) if cell.strip()]
    if not gaps or not words or any(is_value(below[place]) and not YEAR.match(below[place].strip()) for place in words):
        return False
    return all(below[place].strip() for place in gaps) and len(words) < max(len(names), len(below))


def joined(names: Sequence[str], below: Sequence[str]) -> list[str]:
    """Two storeys as one: `Residents` over `2023`, `2024` becomes `Residents / 2023`, `Residents / 2024`."""
    result, group = [], ""
    for place in range(max(len(names), len(below))):
        upper = names[place] if place < len(names) else ""
        lower = below[place].strip() if place < len(below) else ""
        group = upper or group
        result.append(STOREYS.join(part for part in (group, lower) if part) if lower else upper)
    return result


def is_number_row(row: Sequence[str]) -> bool:
    """Whether the row only numbers the columns: 1, 2, 3 …"""
    cells = [cell.strip() for cell in row if cell.strip()]
    return len(cells) > 2 and cells == [str(number) for number in range(1, len(cells) + 1)]
