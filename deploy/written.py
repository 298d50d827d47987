"""A file of the checkout that a program writes: written anew, or with `--check` compared."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main(program: str, description: str | None, file: Path, text: Callable[[], str], again: str) -> int:
    """The program; returns its exit status. `again` is the command that writes the file."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=description)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the file is stale")
    if not parser.parse_args().check:
        file.write_text(text(), encoding="utf-8")
        return 0
    if file.is_file() and file.read_text(encoding="utf-8") == text():
        return 0
    sys.stderr.write(f"{file.relative_to(ROOT)} is stale: run `{again}`\n")
    return 1
