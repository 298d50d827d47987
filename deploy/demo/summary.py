"""What a person at the terminal wants to know once the demo runs."""

import shlex
from collections.abc import Mapping
from typing import Any

from deploy.demo import incidents
from deploy.demo.commands import ROOT
from deploy.demo.folder import Folder, read_json
from deploy.demo.state import State
from deploy.stack import control


def running(folder: Folder, state: State) -> str:
    """URLs, where the keys are, a first event to paste, how to look and how to end. No secret is in it."""
    demo = read_json(folder.demo)
    return "\n".join(
        (
            *_web(state),
            f"  door    {demo['ingest_url']}   POST /ingest/v1/events",
            f"  api     {demo['api_url']}   /api/v1, described at /api/v1/openapi.json",
            f"  people  {', '.join(person['email'] for person in demo['users'].values())}",
            f"  keys    {folder.demo}   (their passwords, api_token, and id and key of each sensor)",
            f"  ready   {demo['ingest_url']}/readyz   {state.url('indexer')}/readyz   {demo['api_url']}/readyz",
            "",
            "  An event of your own (README.md goes on from here):",
            "",
            *(f"    {line}" for line in _first_event(folder)),
            "",
            *_incidents(incidents.closed(demo["api_url"], demo["api_token"])),
            f"  Look:  {_again(folder, 'demo', 'up')}        End:  {_again(folder, 'stop', 'stop')}",
        )
    )


def environment(folder: Folder, state: State) -> dict[str, str]:
    """The same for a shell: what README.md's commands use."""
    demo = read_json(folder.demo)
    return {
        "INGEST": demo["ingest_url"],
        "API": demo["api_url"],
        "WEB": state.url("web"),
        "INDEXER": state.url("indexer"),
        "OPENSEARCH": control.environment(folder.path)["EVENTSEC_OPENSEARCH_URL"],
        **credentials(demo),
    }


def credentials(demo: Mapping[str, Any]) -> dict[str, str]:
    """Of `demo.json`, who may do what: the token, the people, the sensors."""
    return {
        "TOKEN": demo["api_token"],
        **{f"{role.upper()}_EMAIL": person["email"] for role, person in demo["users"].items()},
        **{f"{role.upper()}_PASSWORD": person["password"] for role, person in demo["users"].items()},
        **{f"KEY_{name.upper()}": sensor["key"] for name, sensor in demo["sensors"].items()},
        **{f"ID_{name.upper()}": sensor["id"] for name, sensor in demo["sensors"].items()},
    }


def _web(state: State) -> tuple[str, ...]:
    """Where to look with a browser, if it can be; the view and scripts work without."""
    if not state.is_alive("web"):
        return ()
    return (f"  web     {state.url('web')}   the UI: sign in as one of the people below",)


def _first_event(folder: Folder) -> tuple[str, ...]:
    record = (
        '{"timestamp":"\'$(date -u +%FT%TZ)\'","event_type":"alert","flow_id":7,"src_ip":"203.0.113.9",'
        '"src_port":40112,"dest_ip":"10.20.50.10","dest_port":443,"proto":"TCP",'
        '"alert":{"signature_id":9000001,"signature":"My first event","severity":1}}'
    )
    return (
        f'eval "$({_command(folder)} env)"',
        f"curl -s $INGEST/ingest/v1/events -H \"Authorization: Bearer $KEY_SURICATA_EVE\" -d '{record}'",
    )


def _incidents(closed: str) -> tuple[str, ...]:
    """How to see them, once people have worked on some."""
    if not closed:
        return ()
    return (
        "  Incidents in several states, and the report of a closed one (docs/api.md has the rest):",
        "",
        f"    {_asked('incidents?updated_since=2000-01-01T00:00:00Z')}",
        f"    {_asked(f'incidents/{closed}/report?format=markdown')}",
        "",
    )


def _asked(path: str) -> str:
    return f'curl -s "$API/api/v1/{path}" -H "Authorization: Bearer $TOKEN"'


def _again(folder: Folder, target: str, command: str) -> str:
    return f"make {target}" if _is_usual(folder) else f"{_command(folder)} {command}"


def _command(folder: Folder) -> str:
    where = "" if _is_usual(folder) else f" --dir {shlex.quote(str(folder.path))}"
    return f".venv/bin/python -m deploy.demo{where}"


def _is_usual(folder: Folder) -> bool:
    return folder.path == ROOT / ".stack" and control.default_directory().resolve() == folder.path
