"""Which registers are there? One declaration each; the order is the order of menus and exports.

Importing this module registers every table with the shared metadata.
"""

from __future__ import annotations

from geo.register import Register
from geo.registers import (  # noqa: F401 - tables
    account,
    context,
    entry,
    event,
    import_run,
    need,
    observation,
    organisation,
    population,
    project,
    snapshot,
    source,
    tally,
    territory,
    upload,
)
from geo.registers.base import Base

REGISTERS: tuple[Register, ...] = (
    project.REGISTER,
    need.REGISTER,
    event.REGISTER,
    organisation.REGISTER,
    observation.REGISTER,
)
BY_NAME = {register.name: register for register in REGISTERS}
BY_PLURAL = {register.plural: register for register in REGISTERS}
METADATA = Base.metadata

__all__ = ["BY_NAME", "BY_PLURAL", "METADATA", "REGISTERS", "Register"]
