"""In which encoding is this text? Told by a mark or by strict UTF-8 when possible, otherwise guessed and offered.

The guess looks at bytes above 127 only: how they read as Russian letters in each candidate encoding (frequent letters,
no capitals inside words, no drawing characters), and whether they come in runs (Cyrillic) or alone (Western accents).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import log

from geo.errors import N_, BadInput, Message
from geo.ingest.findings import Offer

CYRILLIC = ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic")
WESTERN = "cp1252"
UNMARKED = (*CYRILLIC, WESTERN)
# hardly anybody writes these two any more, so the bytes have to speak for them clearly
SELDOM = {"iso8859-5": 2, "mac-cyrillic": 2}
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# occurrences per thousand letters of running Russian text
FREQUENCY = {
    "о": 110,
    "е": 85,
    "а": 80,
    "и": 74,
    "н": 67,
    "т": 63,
    "с": 55,
    "р": 47,
    "в": 45,
    "л": 44,
    "к": 35,
    "м": 32,
    "д": 30,
    "п": 28,
    "у": 26,
    "я": 20,
    "ы": 19,
    "ь": 17,
    "г": 17,
    "з": 16,
    "б": 16,
    "ч": 14,
    "й": 12,
    "х": 10,
    "ж": 9,
    "ш": 7,
    "ю": 6,
    "ц": 5,
    "щ": 4,
    "э": 3,
    "ф": 3,
    "ъ": 1,
    "ё": 1,
    "ү": 2,
    "ө": 2,
    "ң": 2,
}
UNUSUAL = log(0.00002)
VOWELS = frozenset("аеёиоуыэюяүө")
HIGH_RUN = re.compile(rb"[\x80-\xff]+")
ACCENTED = re.compile(rb"[A-Za-z][\x80-\xff]|[\x80-\xff][A-Za-z]")
SAMPLE_BYTES = 400_000


@dataclass(frozen=True, slots=True)
class Guess:
    """An encoding; `certain` when the bytes themselves prove it, `others` the next best candidates."""

    encoding: str
    certain: bool
    others: tuple[str, ...] = ()


def detect(sample: bytes, *, whole: bool = True) -> Guess:
    """The encoding of a sample; `whole` False allows the last UTF-8 character to be cut.

    >>> detect("Округ".encode("cp1251")).encoding
    'cp1251'
    """
    for mark, encoding in MARKS:
        if sample.startswith(mark):
            return Guess(encoding, certain=True)
    if is_utf8(sample, whole=whole):
        return Guess("utf-8", certain=True)
    ranked = rank(sample[:SAMPLE_BYTES])
    return Guess(ranked[0], certain=False, others=tuple(ranked[1:4]))


def is_utf8(sample: bytes, *, whole: bool = True) -> bool:
    """Whether the bytes are UTF-8 (ASCII included)."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def rank(sample: bytes) -> list[str]:
    """Candidate encodings, likeliest first."""
    runs = HIGH_RUN.findall(sample)
    scores = {encoding: score(sample, encoding) - log(SELDOM.get(encoding, 1)) for encoding in CYRILLIC}
    cyrillic = sorted(scores, key=lambda encoding: -scores[encoding])
    mean_run = sum(map(len, runs)) / len(runs) if runs else 0.0
    western = mean_run < 1.6 and ACCENTED.search(sample)
    return [WESTERN, *cyrillic] if western else [*cyrillic, WESTERN]


def score(sample: bytes, encoding: str) -> float:
    """Mean log-likelihood of the non-ASCII characters as Russian text."""
    total, count, run, before = 0.0, 0, 0, " "
    for letter in sample.decode(encoding, errors="replace"):
        if letter > "\x7f":
            run = run + 1 if (letter.lower() in VOWELS) == (before.lower() in VOWELS) and before > "\x7f" else 1
            total += likelihood(letter, before) + (log(0.1) if run > 3 else 0)
            count += 1
        before = letter
    return total / count if count else UNUSUAL


@lru_cache(maxsize=100_000)
def likelihood(letter: str, before: str) -> float:
    """How likely a character is after another: rare letters, inner capitals and odd signs are unlikely."""
    small = letter.lower()
    if small not in FREQUENCY:
        return log(0.003) if letter in "«»№—–“”…\xa0" else UNUSUAL
    inner_capital = letter != small and before.isalpha() and before == before.lower()
    initial_capital = letter != small and not before.isalpha()
    weight = log(0.001) if inner_capital else log(0.5) if initial_capital else 0.0
    return log(FREQUENCY[small] / 1000) + weight


def check(name: str) -> str:
    """The Python name of an encoding a person typed; BadInput when there is none.

    >>> check("Windows-1251")
    'cp1251'
    """
    try:
        known = codecs.lookup(name.strip())
    except (LookupError, ValueError) as error:
        raise BadInput(
            N_("There is no encoding {name}."), remedy=N_("Use utf-8, cp1251, koi8-r or cp866."), name=name
        ) from error
    if not getattr(known, "_is_text_encoding", True):
        raise BadInput(N_("There is no encoding {name}."), remedy=N_("Use utf-8, cp1251, koi8-r or cp866."), name=name)
    return known.name


def offer(guess: Guess, samples: Iterable[bytes], *, accepted: bool) -> Offer:
    """The guess as an offer; the preview shows some of the text as it would be read."""
    lines = [sample.decode(guess.encoding, errors="replace").strip() for sample in samples]
    preview = tuple(dict.fromkeys(line[:160] for line in lines if not line.isascii()))[:5]
    reason = Message(
        N_("The file does not say its encoding; it reads as {encoding}, for example: {example}"),
        {"encoding": guess.encoding, "example": "; ".join(preview[:2])[:160]},
    )
    return Offer("encoding", guess.encoding, reason, accepted, preview, guess.others)
