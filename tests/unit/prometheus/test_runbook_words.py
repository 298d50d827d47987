"""The words of our pages' commands are the same in all three places, and hand on what they are given."""

import http.server
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import yaml

from tests.runbook_words import PAGE, ROOT, words

WORDS = words()
PAGES = [ROOT / "docs" / "TROUBLESHOOTING.md", *sorted(PAGE.parent.glob("*.md"))]
COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))["services"]
PROGRAMS = ("docker", "kubectl", "helm", "curl", "psql", "python", "ctl")
# Given, as `make dev` does; the others find nothing of it.
DEVELOPER = {
    "EVENTSEC_RABBITMQ_URL": "amqp://me@localhost:5672/eventsec",
    "EVENTSEC_STACK_RABBITMQCTL": "ctl",
    "EVENTSEC_POSTGRES_URL": "postgresql:///eventsec",
    "EVENTSEC_OPENSEARCH_URL": "http://localhost:9200",
}
# Writes its name and what it was given, a line for each; one pod there is for who asks.
RECORDER = """#!/bin/sh
case "$*" in
    *"get pods -o name"*) echo pod/one ;;
    *) printf '%s\\n' {name} "$@" ;;
esac
"""
OF_API = "-l\napp.kubernetes.io/instance=eventsec,eventsec/process=api"
ARGUMENTS = ["a b", "c*", '{"d": "$e"}']

places = pytest.mark.parametrize("place", WORDS)


def defined(block: str) -> set[str]:
    """What a page may say: a block's own helpers begin with an underscore."""
    return set(re.findall(r"^([a-z]\w*)\(\) \{", block, re.MULTILINE))


def said(pattern: str) -> set[str]:
    """What the pages' commands have in the pattern's group."""
    texts = (page.read_text(encoding="utf-8").split("## Processes")[-1] for page in PAGES)
    return {found for text in texts for found in re.findall(pattern, text, re.MULTILINE)}


def spoken(place: str, command: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What the command does in a shell that has the block of that place."""
    return subprocess.run(
        ["sh", "-euc", WORDS[place] + command, "sh", *ARGUMENTS], cwd=ROOT, env=environment,
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


@pytest.fixture
def recorded(tmp_path: Path) -> dict[str, str]:
    """An environment in which nothing but recorders is run."""
    for name in PROGRAMS:
        program = tmp_path / name
        program.write_text(RECORDER.format(name=name))
        program.chmod(0o755)
    return DEVELOPER | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}


def test_three_places_define_the_same_words() -> None:
    table = set(re.findall(r"^\| `(\w+)`", PAGE.read_text(encoding="utf-8").split("## Processes")[0], re.MULTILINE))
    assert {place: defined(block) for place, block in WORDS.items()} == dict.fromkeys(WORDS, table)


@places
@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_block_is_read_by_the_shell(place: str, shell: str) -> None:
    done = subprocess.run([shell, "-n"], input=WORDS[place], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@places
def test_a_block_sets_what_commands_take_from_it(place: str) -> None:
    done = spoken(place, 'printf "%s\\n" "$INGEST" "$API" "$VHOST"', DEVELOPER | {"PATH": os.environ["PATH"]})
    ingest, api, vhost = done.stdout.splitlines()
    assert ingest.startswith("http") and api.startswith("http")
    assert vhost == ("/" if place == "containers" else "eventsec")
    readers = {"TOKEN", "KEY"}
    assert said(r"\$(?!EVENTSEC_)([A-Z]+)\b") - {"INDEXER"} <= {"INGEST", "API", "VHOST"} | readers


@places
@pytest.mark.parametrize(
    "command",
    ['run indexer python -m services "$@"', 'rabbitmqctl "$@"', 'search /_cat "$@"', 'sql "$3"'],
    ids=lambda command: command.split()[0],
)
def test_a_word_hands_on_what_it_is_given(place: str, command: str, recorded: dict[str, str]) -> None:
    done = spoken(place, command, recorded)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] in PROGRAMS
    given = ARGUMENTS if '"$@"' in command else ARGUMENTS[2:]
    assert lines[-len(given) :] == given
    if command.startswith("search"):
        assert lines[-len(given) - 1].endswith("/_cat")


@pytest.mark.parametrize("place", ["containers", "kubernetes"])
@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("ask ingest /readyz", "8080\n/readyz"),
        ("ask api /readyz", "8081\n/readyz"),
        ("ask indexer /metrics", "8082\n/metrics"),
        ("log api", rf"--no-log-prefix\napi|{OF_API}"),
        ("states", "ps|get"),
        ("room", "df"),
        ("restart api", rf"restart\napi|restart\ndeployment\n{OF_API}"),
        ("run migrate python -m shared.migrations", "shared.migrations|component=migrate"),
    ],
)
def test_a_word_needs_no_more_than_its_block(place: str, command: str, told: str, recorded: dict[str, str]) -> None:
    done = spoken(place, command, recorded)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(told, done.stdout)


@pytest.mark.parametrize(("service", "module"), [("api", "services.api"), ("opensearch", "deploy.stack")])
def test_what_is_ended_here_is_started_by_its_own_program(service: str, module: str, recorded: dict[str, str]) -> None:
    done = spoken("native", f"restart {service}", recorded)
    assert done.stdout.splitlines()[:3] == ["python", "-m", module]


def test_services_that_are_named_are_there() -> None:
    assert said(r"\brun (\w+) python") <= COMPOSE.keys()
    assert said(r"(?:^|`)ask (\w+)") == {"ingest", "indexer", "api"}
    assert said(r"(?:^|`)restart (\w+)") == {"ingest", "indexer", "api", "postgres", "rabbitmq", "opensearch"}
    assert said(r"(?:^|`)log (\w+)") <= COMPOSE.keys()
    assert said(r"docker compose (?:logs|exec|ps)(?: -[^\s`]+| \d+)* (\w+)") <= COMPOSE.keys()


def test_disks_that_are_looked_at_are_those_of_the_file() -> None:
    looked = dict(re.findall(r"(\w+):(/[a-z][^\s;]+)", WORDS["containers"]))
    assert looked.keys() == {"postgres", "rabbitmq", "opensearch", "api"}
    for service, folder in looked.items():
        assert any(str(volume).split(":")[1] == folder for volume in COMPOSE[service]["volumes"])


class Unready(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(503)
        self.end_headers()
        self.wfile.write(self.path.encode())

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Unready) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize("place", ["containers", "kubernetes"])
def test_a_process_that_is_not_ready_is_heard_too(place: str, port: int) -> None:
    program = spoken(place, 'printf %s "$GET"', {"PATH": os.environ["PATH"]}).stdout
    asked: Sequence[str] = [sys.executable, "-I", "-c", program, str(port), "/readyz"]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False)
    assert (done.stdout, done.stderr) == ("/readyz\n", "")
