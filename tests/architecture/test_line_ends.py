"""Git leaves every file as it was committed, on machines with other line ends too."""

import subprocess

from tests.architecture.place import ROOT


def test_text_ends_its_lines_alike_everywhere_and_the_rest_is_left_alone() -> None:
    command = ["git", "ls-files", "--eol"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout
    files = [(facts.split(), name) for facts, _, name in (line.partition("\t") for line in said.splitlines())]
    assert len(files) > 1000
    for (in_index, _, *attributes), name in files:
        wanted = ["attr/-text"] if in_index == "i/-text" else ["attr/text=auto", "eol=lf"]
        assert attributes == wanted, name
        assert in_index in ("i/lf", "i/-text", "i/none", "i/"), name  # "i/" is a link
