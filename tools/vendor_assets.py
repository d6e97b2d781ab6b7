"""Where do the browser libraries in maps/static/vendor come from? This brings them, verified, from npm packages.

Run by maintainers only; the product never downloads anything. The lock file says which package, version and files;
the archive must have the locked sha512, and every copied file is recorded with its own sha256, which the tests compare.

    python tools/vendor_assets.py                        fetch everything the lock names again and compare
    python tools/vendor_assets.py --bump leaflet 1.9.5   take another version and write its hashes to the lock
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

VENDOR = Path(__file__).resolve().parent.parent / "maps" / "static" / "vendor"
LOCK = VENDOR / "vendor.lock.json"
# maps of sources we do not ship would only make developer tools ask for files that are not there
SOURCE_MAP = re.compile(rb"\n?(//[#@] ?sourceMappingURL=\S+|/\*[#@] ?sourceMappingURL=[^*]+\*/)\s*$")

Package = dict[str, Any]


def fetch(package: Package, folder: Path) -> Path:
    """Download the package's archive with npm and return its path."""
    wanted = f"{package['name']}@{package['version']}"
    command = ["npm", "pack", wanted, "--silent", "--pack-destination", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return folder / done.stdout.strip().splitlines()[-1]


def integrity(content: bytes) -> str:
    """The npm form of a sha512."""
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


def cleaned(name: str, content: bytes) -> bytes:
    """The file as it is shipped: scripts and styles lose the pointer to their source map, nothing else."""
    return SOURCE_MAP.sub(b"\n", content) if name.endswith((".js", ".css")) else content


def copy_files(package: Package, archive: Path) -> None:
    """Write the package's files to its folder and note their sha256."""
    with tarfile.open(archive) as tar:
        for file in package["files"]:
            member = tar.extractfile(f"package/{file['from']}")
            if member is None:
                sys.exit(f"{package['name']} has no file {file['from']}")
            target = VENDOR / package["folder"] / file["to"]
            target.parent.mkdir(parents=True, exist_ok=True)
            content = cleaned(file["to"], member.read())
            target.write_bytes(content)
            file["sha256"] = hashlib.sha256(content).hexdigest()


def vendor(package: Package, *, bumped: bool) -> None:
    """Bring one package; a version that is not being bumped must match the lock exactly."""
    before = json.dumps(package)
    with tempfile.TemporaryDirectory() as folder:
        archive = fetch(package, Path(folder))
        found = integrity(archive.read_bytes())
        if not bumped and found != package["integrity"]:
            sys.exit(f"{package['name']} {package['version']}: the archive is not the locked one ({found})")
        package["integrity"] = found
        copy_files(package, archive)
    if not bumped and json.dumps(package) != before:
        sys.exit(f"{package['name']}: the files differ from the lock")
    sys.stdout.write(f"{package['name']} {package['version']}: {len(package['files'])} files\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bump", nargs=2, metavar=("PACKAGE", "VERSION"), action="append", default=[])
    versions = dict(parser.parse_args().bump)
    lock: list[Package] = json.loads(LOCK.read_text("utf-8"))
    for package in lock:
        bumped = package["name"] in versions
        if bumped:
            package["version"] = versions[package["name"]]
        vendor(package, bumped=bumped)
    LOCK.write_text(json.dumps(lock, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
