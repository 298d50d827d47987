"""Where the checkout is, and what git says belongs to it."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def tracked(*patterns: str) -> list[Path]:
    """The files git knows and that are still there; relative to `ROOT`."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return [Path(name) for name in listing.split("\0") if name and (ROOT / name).is_file()]
