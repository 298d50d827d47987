"""Looks for what belongs to one machine in the files we publish: its folders, and the registries it installs from.

What to look for is taken from the machine that runs the check, so no such name has to be written here.
"""

import os
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.architecture.place import ROOT, tracked

_SETTINGS = re.compile(r"INDEX|REGISTRY|MIRROR|PROXY|FIND_LINKS|GOPROXY", re.IGNORECASE)
_HOST = re.compile(r"://(?:[^@/\s]*@)?([A-Za-z0-9.-]+)")
_XML_NAMESPACE = re.compile(r"(?:xmlns(?::\w+)?|\w+:schemaLocation)=\"[^\"]*\"")
_CONFIGURATION = (
    "/etc/pip.conf",
    "~/.pip/pip.conf",
    "~/.config/pip/pip.conf",
    "~/.config/uv/uv.toml",
    "~/.npmrc",
    "~/.m2/settings.xml",
)

# Places that mean the same on every machine: naming them gives nothing away.
_EVERYWHERE = {"/", "/app", "/home", "/mnt", "/opt", "/root", "/srv", "/src", "/tmp", "/usr", "/var", "/workspace"}


def folders(root: Path, home: str) -> list[str]:
    """The checkout's own folder, the one above, and the user's."""
    candidates = [str(root), str(root.parent), home.rstrip("/")]
    return [f"{folder}/" for folder in dict.fromkeys(candidates) if folder and folder not in _EVERYWHERE]


def registries(environment: Mapping[str, str], configuration: Iterable[str]) -> list[str]:
    """The hosts that installers are told to use here; a loopback proxy is no registry."""
    values = [value for name, value in environment.items() if _SETTINGS.search(name)]
    configuration = [_XML_NAMESPACE.sub("", text) for text in configuration]
    hosts = {host for value in (*values, *configuration) for host in _HOST.findall(value)}
    return sorted(host for host in hosts if "." in host and not host.startswith("127."))


def find(needles: Iterable[str], files: Iterable[Path], root: Path) -> list[str]:
    """`file:line: what`, for each file that is text."""
    patterns = [needle.encode() for needle in needles]
    found = []
    for file in files:
        for number, line in enumerate((root / file).read_bytes().split(b"\n"), start=1):
            found += [f"{file}:{number}: {pattern.decode()}" for pattern in patterns if pattern in line]
    return found


def main() -> int:
    configuration = [
        path.read_text(encoding="utf-8", errors="replace")
        for path in (Path(name).expanduser() for name in _CONFIGURATION)
        if path.is_file()
    ]
    needles = folders(ROOT, os.environ.get("HOME", "")) + registries(os.environ, configuration)
    faults = find(needles, tracked(), ROOT)
    print("\n".join(faults) or f"no tracked file names any of {len(needles)} folders and registries of this machine")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
