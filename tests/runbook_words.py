"""The words that the commands of our pages are made of: a block of shell for each place where the product runs."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "runbooks" / "README.md"
HEADINGS = {"native": "In the shell of `make dev`", "containers": "In containers", "kubernetes": "On Kubernetes"}


def words() -> dict[str, str]:
    """By place, the block that a person puts into the shell."""
    text = PAGE.read_text(encoding="utf-8")
    return {
        place: re.split(r"^```(?:sh)?\n", text.split(f"### {heading}\n")[1], maxsplit=2, flags=re.MULTILINE)[1]
        for place, heading in HEADINGS.items()
    }
