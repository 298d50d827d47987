"""Prometheus and its promtool: those of this machine, or of Debian's package `prometheus`.

`python -m deploy.promtool check rules deploy/prometheus/rules.yml` runs it.
"""

import os
import sys

from deploy.stack import machine, packages
from deploy.stack.errors import Missing, StackError

PACKAGE = "prometheus"


def find(name: str = "promtool") -> str:
    """The path of `promtool` or `prometheus`; installed first where that can be done. Raises Missing.

    No service of the system is started by it.
    """
    found = machine.program(name)
    if found is None and packages.can_install():
        packages.install(PACKAGE)
        found = machine.program(name)
    if found is None:
        raise Missing(name, f"`apt-get install {PACKAGE}` as root, or https://prometheus.io/download")
    return str(found)


def main() -> None:
    """Become promtool, with the words of the command line."""
    try:
        program = find()
    except StackError as error:
        sys.exit(str(error))
    os.execv(program, [program, *sys.argv[1:]])  # noqa: S606 - that is what it is for


if __name__ == "__main__":
    main()
