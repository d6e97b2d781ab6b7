"""Are the files a page loads the ones that were reviewed, and may a browser keep them for ever?"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import orjson
import pytest

from geo.errors import NotFound
from maps import assets, bundle, text

VENDOR = assets.STATIC / "vendor"
LOCK = json.loads((VENDOR / "vendor.lock.json").read_text("utf-8"))
LOCKED = [(package, file) for package in LOCK for file in package["files"]]
REGISTRY = re.compile(r"registry\.|npmjs|unpkg|jsdelivr|cdnjs", re.IGNORECASE)


@pytest.mark.parametrize(("package", "file"), LOCKED, ids=[f"{p['folder']}/{f['to']}" for p, f in LOCKED])
def test_vendored_file_is_the_locked_one(package: dict[str, str], file: dict[str, str]) -> None:
    content = (VENDOR / package["folder"] / file["to"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == file["sha256"]


def test_nothing_lies_in_vendor_that_the_lock_does_not_name() -> None:
    named = {f"{package['folder']}/{file['to']}" for package, file in LOCKED} | {"vendor.lock.json"}
    assert {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()} == named


@pytest.mark.parametrize("package", LOCK, ids=[package["name"] for package in LOCK])
def test_package_states_version_integrity_and_licence(package: dict[str, str]) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
    assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", package["integrity"])
    assert package["licence"] in {"BSD-2-Clause", "BSD-3-Clause", "ISC", "Apache-2.0", "MIT"}
    assert (VENDOR / package["folder"] / "LICENSE").read_text("utf-8").strip()


@pytest.mark.parametrize("path", sorted([*VENDOR.rglob("*.js"), *VENDOR.rglob("*.css")]), ids=lambda path: path.name)
def test_vendored_text_names_no_registry_and_no_source_map(path: Path) -> None:
    content = path.read_text("utf-8")
    assert not re.search(r"sourceMappingURL=\S+\.map", content)
    assert not REGISTRY.search(content)


@pytest.mark.parametrize("name", assets.names())
def test_hashed_name_holds_the_hash_of_what_is_served(name: str) -> None:
    found = assets.asset(name)
    digest = hashlib.sha256(found.content).hexdigest()
    assert found.name.split(".")[-2] == digest[:16]
    assert assets.find(found.name) == found
    assert found.url == f"/static/{found.name}" == assets.url(name)


def test_served_names_are_flat_and_distinct() -> None:
    names = [assets.asset(name).name for name in assets.names()]
    assert len(set(names)) == len(names)
    assert not [name for name in names if "/" in name]


def test_unknown_names_are_refused() -> None:
    assert assets.find("leaflet.0000000000000000.js") is None
    with pytest.raises(NotFound):
        assets.asset("../page.py")
    with pytest.raises(NotFound):
        assets.asset("nothing.js")


def test_references_between_files_are_served_ones() -> None:
    reference = re.compile(r"""(?:from|import)\s*["'](\./[^"']+)["']|url\(["']?(\./[^"')]+)""")
    for name in assets.names():
        if name.endswith((".js", ".css")) and "swagger" not in name:
            for match in reference.finditer(assets.asset(name).content.decode()):
                target = (match[1] or match[2]).removeprefix("./")
                assert assets.find(target) is not None, (name, target)


def test_a_module_travels_with_all_it_imports_each_once() -> None:
    served = assets.asset("explorer.js").content.decode()
    for name in ("mvt.js", "vendor/pbf/pbf.js", "vendor/point-geometry/point-geometry.js", "explorer.js"):
        assert served.count(f'modules["{name}"] ??=') == 1
    assert not re.search(r"^import\b", served, re.MULTILINE)


def test_modules_are_linked_in_order_and_keep_their_own_names() -> None:
    files = {
        "page.js": 'import { a as b, c } from "./low.js";\nimport odd from "./odd.js";\nimport "./odd.js";\n'
        "const KEPT = 2;\nexport const sum = [a0(), b, c, odd(), KEPT];\nfunction a0() { return 0; }\n"
        'export async function more() { return import("./late.js"); }\n',
        "low.js": "const KEPT = 1;\nexport const a = KEPT;\nexport const c = 3;\n",
        "odd.js": "export default function odd() { return 9; }\n",
        "late.js": "export const late = 1;\n",
    }
    linked = bundle.linked("page.js", files.__getitem__, lambda name, _: name[2:], lambda name: f"./{name}?late")
    assert linked.index('modules["low.js"] ??=') < linked.index('modules["page.js"] ??=')
    assert 'const { a: b, c } = modules["low.js"];' in linked
    assert 'const { default: odd } = modules["odd.js"];' in linked
    assert 'import("./late.js?late")' in linked
    assert 'late.js"] ??=' not in linked
    assert linked.endswith('export const sum = modules["page.js"].sum;\nexport const more = modules["page.js"].more;\n')


@pytest.mark.parametrize(
    "source", ['export * from "./x.js";', "const a = 1;\nexport { a };", 'import * as x from "./x.js";']
)
def test_forms_that_cannot_be_linked_are_refused(source: str) -> None:
    with pytest.raises(bundle.NotLinkable):
        bundle.linked("a.js", lambda _: source, lambda _name, _origin: "x.js", str)


def test_a_circle_of_imports_is_refused() -> None:
    files = {"a.js": 'import { b } from "./b.js";\nexport const a = 1;', "b.js": 'import { a } from "./a.js";'}
    with pytest.raises(bundle.NotLinkable, match=r"a\.js"):
        bundle.linked("a.js", files.__getitem__, lambda name, _: name[2:], str)


@pytest.mark.parametrize("lang", text.languages())
def test_message_catalogue_of_the_browser_has_every_sentence_of_the_scripts(lang: str) -> None:
    catalogue = orjson.loads(assets.asset(assets.messages_name(lang)).content)
    assert set(catalogue) == {msgids[0] for msgids in assets.script_msgids()}
    assert all(catalogue.values())


def test_plural_forms_of_the_browser_carry_the_categories_of_the_language() -> None:
    russian = orjson.loads(assets.asset("messages.ru.json").content)["{count} area"]
    assert russian == {
        "one": "{count} территория",
        "few": "{count} территории",
        "many": "{count} территорий",
        "other": "{count} территории",
    }
    english = orjson.loads(assets.asset("messages.en.json").content)["{count} area"]
    assert english == {"one": "{count} area", "other": "{count} areas"}


def test_a_style_sheet_on_its_own_asks_for_nothing() -> None:
    alone = assets.without_references(assets.asset("vendor/leaflet/leaflet.css").content.decode())
    assert not re.search(r"url\((?!#)", alone)


@pytest.mark.parametrize("path", sorted(assets.STATIC.glob("*.js")), ids=lambda path: path.name)
def test_our_scripts_are_short_and_build_no_html_from_text(path: Path) -> None:
    source = path.read_text("utf-8")
    assert len(source.splitlines()) < 300
    forbidden = re.compile(
        r"\binnerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\.html\(|https?://"
    )
    found = [match[0] for match in forbidden.finditer(re.sub(r"/\^https\?:.*?/i", "", source))]
    # the name space of SVG is not an address anybody asks
    assert not [each for each in found if not (path.name == "dom.js" and each == "http://")]


def test_first_visit_of_a_map_stays_light() -> None:
    sizes = {found.url: len(found.gzipped) for found in map(assets.asset, assets.names())}
    assert sizes[assets.url("explorer.js")] <= 45_000
    assert sizes[assets.url("okruga.css")] <= 12_000
    assert "@import" not in assets.asset("okruga.css").content.decode()
