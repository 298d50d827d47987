"""The web UI in the demo: built from the checkout, and served by nginx with the rules it has everywhere."""

import os
import string
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deploy.demo.commands import ROOT
from deploy.demo.folder import Folder, write_text
from deploy.demo.state import State
from deploy.stack import machine, packages
from deploy.stack.errors import StackError
from deploy.stack.ports import LOOPBACK
from deploy.stack.report import Report

NAME = "web"
SOURCES = ROOT / "web"
RULES = ROOT / "deploy" / "web" / "eventsec.conf.template"
BUILD_SECONDS = 300

# All that nginx would otherwise look for, or write, elsewhere on the machine.
_MAIN = string.Template("""\
$account
daemon off;
worker_processes 1;
pid $folder/nginx.pid;
error_log stderr warn;
events { worker_connections 512; }
http {
    include $types;
    default_type application/octet-stream;
    client_body_temp_path $folder/tmp;
    proxy_temp_path $folder/tmp;
    fastcgi_temp_path $folder/tmp;
    uwsgi_temp_path $folder/tmp;
    scgi_temp_path $folder/tmp;
    include $folder/eventsec.conf;
}
""")
_TYPES = tuple(Path(place, "etc/nginx/mime.types") for place in ("/", "/usr/local", "/opt/homebrew"))


def missing() -> str | None:
    """What the UI needs and this machine lacks, with the way to get it; None where nothing is missing."""
    if machine.program("node") is None or machine.program("npm") is None:
        return "Node 20.19 or newer, with npm"
    if machine.program("nginx") is None and not packages.can_install():
        return "nginx (Debian/Ubuntu: sudo apt-get install nginx-light)"
    return None


def build(folder: Folder) -> "subprocess.Popen[bytes]":
    """Begin to make what a browser loads, in the demo's own folder. Its words go to the log `web-build`."""
    script = 'sh setup.sh && exec npm run --silent build -- --outDir "$0" --emptyOutDir'
    with folder.log("web-build").open("ab") as log:
        return subprocess.Popen(
            ["sh", "-ec", script, str(_built(folder))], cwd=SOURCES, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )


def serve(folder: Folder, state: State, report: Report) -> list[str]:
    """Write nginx's settings; its command line. Raises `StackError` where it cannot be installed."""
    return set_up(_place(folder), settings(folder, state.ports), report)


def set_up(place: Path, filled_in: Mapping[str, str], report: Report) -> list[str]:
    """The same in a folder of its own, with these in the rules."""
    if machine.program("nginx") is None:
        report(NAME, "installing the package nginx-light")
        packages.install("nginx-light")
    program = machine.program("nginx")
    types = next((file for file in _TYPES if file.exists()), None)
    if program is None or types is None:
        raise StackError("nginx is not where it should be after it was installed.")
    (place / "tmp").mkdir(parents=True, exist_ok=True)
    rules = string.Template(RULES.read_text(encoding="utf-8")).safe_substitute(filled_in)
    write_text(place / "eventsec.conf", rules)
    # As root it would serve as somebody who may not read a private checkout.
    account = "user root;" if os.geteuid() == 0 else ""
    write_text(place / "nginx.conf", _MAIN.substitute(account=account, folder=place, types=types))
    return [str(program), "-p", str(place), "-c", str(place / "nginx.conf")]


def settings(folder: Folder, ports: Mapping[str, int]) -> dict[str, str]:
    """What stands in the rules for this demo."""
    return {
        "EVENTSEC_API_ADDRESS": f"{LOOPBACK}:{ports['api']}",
        "EVENTSEC_INGEST_ADDRESS": f"{LOOPBACK}:{ports['ingest']}",
        "EVENTSEC_WEB_LISTEN": f"{LOOPBACK}:{ports[NAME]}",
        "EVENTSEC_WEB_ROOT": str(_built(folder)),
        "EVENTSEC_RESOLVER": LOOPBACK,  # never asked: the services have addresses
    }


def _place(folder: Folder) -> Path:
    return folder.path / "demo-web"


def _built(folder: Folder) -> Path:
    return _place(folder) / "dist"
