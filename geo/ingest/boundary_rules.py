"""How strict are the checks of boundaries here? The rules of a kind, as the municipality's settings change them.

`OKRUGA_BOUNDARY_RULES` holds words between blanks, each KIND.RULE=SEVERITY, or CODE:KIND.RULE=SEVERITY for one
municipality alone: «tos_territory.overlap=block saratov:tos_territory.multipart=off». Law sets the frame and local acts
the rest, so nothing of this is fixed in the program.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields, replace
from typing import Any

from geo.errors import N_, BadInput
from geo.ingest.findings import Severity
from geo.ingest.topology import RULES, Rules
from geo.settings import settings
from geo.vocabulary import TerritoryKind

OFF = "off"
SEVERITIES: dict[str, Severity | None] = {OFF: None} | {each.value: each for each in Severity}
# the rules that have a severity; the others are sizes
NAMES = tuple(each.name for each in fields(Rules) if isinstance(each.default, Severity | None))


def rules_for(kind: TerritoryKind, within: Collection[str] = (), said: str | None = None) -> Rules:
    """The rules for areas of a kind in the territories with these codes. `said` stands for the setting, in tests.

    Raises BadInput for a word that is no rule.
    """
    general: dict[str, Severity | None] = {}
    own: dict[str, Severity | None] = {}
    for word in (settings().boundary_rules if said is None else said).split():
        code, its_kind, rule, severity = parsed(word)
        if its_kind is kind and code in ("", *within):
            (own if code else general)[rule] = severity
    changed: dict[str, Any] = general | own
    return replace(RULES[kind], **changed)


def parsed(word: str) -> tuple[str, TerritoryKind, str, Severity | None]:
    """Code (empty: everywhere), kind, rule and severity of one word of the setting."""
    subject, _, severity = word.partition("=")
    code, _, rest = subject.rpartition(":")
    kind, _, rule = rest.partition(".")
    if kind not in TerritoryKind.codes() or rule not in NAMES or severity not in SEVERITIES:
        raise BadInput(
            N_("OKRUGA_BOUNDARY_RULES does not understand {word}."),
            remedy=N_("Write KIND.RULE=SEVERITY; rules: {rules}; severities: {severities}."),
            word=word, rules=", ".join(NAMES), severities=", ".join(SEVERITIES),
        )  # fmt: skip
    return code, TerritoryKind(kind), rule, SEVERITIES[severity]
