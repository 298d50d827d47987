"""What is to be true of each container and image, told from what the engine says of them. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

Described = Mapping[str, Any]

STORES = ("postgres", "rabbitmq", "opensearch")
PUBLISHED = ("web",)
WRITABLE = ("opensearch",)
SUPERUSERS = ("", "0", "root")


def service_of(container: Described) -> str:
    """The name it has in the compose file."""
    return str(container["Config"]["Labels"]["com.docker.compose.service"])


def unwell(containers: Sequence[Described]) -> list[str]:
    """Those that are neither healthy nor ended as they should, and those that were started again."""
    found = []
    for one in containers:
        state, name = one["State"], service_of(one)
        health = state.get("Health", {}).get("Status")
        ended_well = health is None and state["Status"] == "exited" and state["ExitCode"] == 0
        if not ended_well and health != "healthy":
            found.append(f"{name} is {state['Status']}, {health or 'without a check'}")
        if one["RestartCount"]:
            found.append(f"{name} was started {one['RestartCount']} times more")
    return found


def unguarded(containers: Sequence[Described]) -> list[str]:
    """What each may that it should not, or lacks of its limits."""
    found = []
    for one in containers:
        host, name = one["HostConfig"], service_of(one)
        user = one["Config"]["User"].partition(":")[0]
        faults = {
            "runs as root": user in SUPERUSERS,
            "may write to its root": not host["ReadonlyRootfs"] and name not in WRITABLE,
            "has no limit of memory": not host["Memory"],
            "has no limit of processes": not host["PidsLimit"],
            "has no limit of processor time": not host["NanoCpus"],
            "keeps capabilities": host["CapDrop"] != ["ALL"] or bool(host["CapAdd"]),
            "may gain rights": "no-new-privileges:true" not in (host["SecurityOpt"] or []),
        }
        found += [f"{name} {fault}" for fault, there in faults.items() if there]
    return found


def reachable(containers: Sequence[Described]) -> list[str]:
    """Ports that are open where they should not be: of others than the web, or to other machines."""
    found = []
    for one in containers:
        name = service_of(one)
        for port, bindings in (one["NetworkSettings"]["Ports"] or {}).items():
            for binding in bindings or []:
                address = binding["HostIp"]
                if name not in PUBLISHED or address != "127.0.0.1":
                    found.append(f"{name}'s {port} is open at {address}:{binding['HostPort']}")
        if name in STORES and len(one["NetworkSettings"]["Networks"]) != 1:
            found.append(f"{name} is in more networks than one")
    return found


def of_image(image: Described) -> str:
    """Size, layers and user, in words."""
    size, layers = image["Size"] / 1_000_000, len(image["RootFS"]["Layers"])
    return f"{size:.0f} MB in {layers} layers, user {image['Config']['User'] or 'root'}"
