"""How do many small scripts travel as one? An entry module and everything it imports, linked into one file.

Thirty small files cost a visitor thirty answers before the first colour. Each module keeps a scope of its own and is
run once on a page, whichever linked file brings it first: they share `window.okrugaModules`, by name. A module asked
for later, `import("./x.js")`, is a linked file itself. Our modules use plain forms only (`import {a, b as c} from`,
`import x from`, a declaration after `export`); anything else is refused here, before a browser sees it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from graphlib import CycleError, TopologicalSorter

IMPORT = re.compile(
    r"""^import\s+(?:(?:(?P<default>\w+)|\{(?P<names>[^}]*)\})\s+from\s+)?["'](?P<module>[^"']+)["'];?""", re.MULTILINE
)
EXPORT = re.compile(
    r"^export\s+(?P<default>default\s+)?(?P<kind>(?:async\s+)?function\*?|class|const|let)\s+(?P<name>\w+)",
    re.MULTILINE,
)
LATER = re.compile(r"""\bimport\(\s*["'](?P<module>[^"']+)["']\s*\)""")
OTHER = re.compile(r"^(?:import\b(?!\()|export\b).*", re.MULTILINE)
Read = Callable[[str], str]
Resolve = Callable[[str, str], str]
OPENING = "const modules = (window.okrugaModules ??= {});\n"


class NotLinkable(ValueError):
    """A form of import or export, or a circle of imports, that a linked file has no words for."""


def is_module(source: str) -> bool:
    """Whether a script imports or exports anything; other scripts are served as they are."""
    return OTHER.search(source) is not None


def linked(
    name: str, read: Callable[[str], str], resolve: Callable[[str, str], str], late: Callable[[str], str]
) -> str:
    """One script of a module and all it imports; it exports what the module does.

    `read` gives the source of a module by name, `resolve` the name that is meant by a reference in a module, `late` the
    address of a module asked for later. Raises NotLinkable.
    """
    parts, names = [OPENING], dict[str, str]()
    for each in _ordered(name, read, resolve):
        body, names = _scoped(read(each), partial(_resolved, resolve, each), late)
        parts.append(f'modules["{each}"] ??= (() => {{\n{body}\nreturn {_object(names)};\n}})();\n')
    parts.extend(f'export const {each} = modules["{name}"].{each};\n' for each in names if each != "default")
    return "".join(parts)


def _ordered(name: str, read: Read, resolve: Resolve) -> list[str]:
    """The modules, each after all it imports."""
    graph: dict[str, list[str]] = {}
    waiting = [name]
    while waiting:
        each = waiting.pop()
        graph[each] = [resolve(match["module"], each) for match in IMPORT.finditer(read(each))]
        waiting.extend(other for other in graph[each] if other not in graph)
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise NotLinkable(" → ".join(error.args[1])) from error


def _resolved(resolve: Resolve, origin: str, reference: str) -> str:
    return resolve(reference, origin)


def _scoped(source: str, name_of: Callable[[str], str], late: Callable[[str], str]) -> tuple[str, dict[str, str]]:
    """The body of a module with its imports taken from the shared ones, and {exported name: local name}."""
    body = IMPORT.sub(lambda match: _taken(match, name_of(match["module"])), source)
    body = LATER.sub(lambda match: f'import("{late(name_of(match["module"]))}")', body)
    names = {"default" if match["default"] else match["name"]: match["name"] for match in EXPORT.finditer(body)}
    body = EXPORT.sub(r"\g<kind> \g<name>", body)
    if strange := OTHER.search(body):
        raise NotLinkable(strange[0])
    return body, names


def _taken(match: re.Match[str], name: str) -> str:
    """An import as a constant of the module's scope; nothing for an import that names nothing."""
    if match["default"]:
        return f'const {{ default: {match["default"]} }} = modules["{name}"];'
    if match["names"] is None:
        return ""
    wanted = re.sub(r"(\w+)\s+as\s+(\w+)", r"\1: \2", " ".join(match["names"].split()))
    return f'const {{ {wanted} }} = modules["{name}"];'


def _object(names: dict[str, str]) -> str:
    return "{ " + ", ".join(f"{name}: {local}" for name, local in names.items()) + " }"
