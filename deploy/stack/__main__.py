"""Postgres, RabbitMQ and OpenSearch on any machine.

URLs in EVENTSEC_POSTGRES_URL, EVENTSEC_RABBITMQ_URL, EVENTSEC_OPENSEARCH_URL are taken as given; the others are started
in a Docker engine that answers, else as private instances under .stack/; EVENTSEC_STACK_PROVIDER=native|engine decides.
Load what they answer to with:  set -a; . <(python -m deploy.stack env); set +a
"""

import argparse
import json
import shlex
import signal
import sys
from pathlib import Path

from deploy.stack import control, report
from deploy.stack.errors import StackError
from deploy.stack.providers import SERVERS


def main() -> int:
    arguments = _parser().parse_args()
    try:
        return _run(arguments)
    except StackError as error:
        print(f"deploy.stack: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("deploy.stack: interrupted; `up` goes on from here, `down` ends what has been started", file=sys.stderr)
        return 130


def _run(arguments: argparse.Namespace) -> int:
    directory, say = arguments.dir, report.to_stderr()
    match arguments.command:
        case "up":
            control.up(directory, report=say)
        case "start":
            control.up(directory, [arguments.server], report=say)
        case "down":
            control.down(directory, wipe=arguments.wipe, report=say)
        case "stop":
            control.down(directory, [arguments.server], report=say)
        case "kill":
            count = control.kill(directory, arguments.server, signal.Signals[f"SIG{arguments.signal}"])
            say(arguments.server, f"SIG{arguments.signal} sent to {count} processes")
        case "env":
            return _print_environment(directory, arguments.json)
        case "status":
            return _print_status(directory, arguments.json)
    return 0


def _print_environment(directory: Path | None, as_json: bool) -> int:
    environment = control.environment(directory)
    if as_json:
        print(json.dumps(environment, indent=2))
    else:
        for name, value in environment.items():
            print(f"{name}={shlex.quote(value)}")
    if len(environment) > 1:
        return 0
    print("deploy.stack: nothing was started here yet: python -m deploy.stack up", file=sys.stderr)
    return 1


def _print_status(directory: Path | None, as_json: bool) -> int:
    servers = control.status(directory)
    if as_json:
        print(json.dumps(servers, indent=2))
    else:
        for name, fields in servers.items():
            state = "answers" if fields["answers"] else fields["detail"]
            print(f"{name:<10}  {fields['provider']:<7}  {state}  {_details(fields)}".rstrip())
    return 0 if all(fields["answers"] for fields in servers.values()) else 1


def _details(fields: dict[str, object]) -> str:
    shown = (fields.get(key) for key in ("ports", "processes"))
    return "  ".join(
        " ".join(f"{name}={number}" for name, number in part.items()) for part in shown if isinstance(part, dict)
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.stack", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dir", type=Path, help="where it lives (EVENTSEC_STACK_DIR, else .stack in the checkout)")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start what does not run, wait until all answer")
    down = commands.add_parser("down", help="stop all that was started here")
    down.add_argument("--wipe", action="store_true", help="and delete the data")
    for name, meaning in (("status", "what runs where"), ("env", "the environment, one KEY=value a line")):
        commands.add_parser(name, help=meaning).add_argument("--json", action="store_true")
    for name, meaning in (
        ("start", "one server"),
        ("stop", "one server"),
        ("kill", "SIGKILL all processes of one server"),
    ):
        commands.add_parser(name, help=meaning).add_argument("server", choices=SERVERS)
    kill = commands.choices["kill"]
    kill.add_argument(
        "--signal", choices=("KILL", "STOP", "CONT", "TERM"), default="KILL", help="STOP freezes, CONT thaws"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
