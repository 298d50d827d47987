"""The chart, rendered by helm, and what the tests ask of its objects."""

import functools
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import msgspec

from tests.architecture.place import ROOT
from tests.helm import schemas, tools

CHART = ROOT / "deploy" / "helm" / "eventsec"
VALUES = CHART.parent / "values"
SETS = {"small": ("small",), "production": ("production",), "keda": ("production", "keda")}
RELEASE, NAMESPACE = "eventsec", "security"

Object = dict[str, Any]


class Refused(Exception):
    """Helm would not render; the message is helm's."""


def helm(*arguments: str) -> str:
    """What helm prints. Raises Refused with what it complained of."""
    try:
        return tools.run([str(tools.program(tools.HELM)), *arguments])
    except subprocess.CalledProcessError as error:
        raise Refused(error.stdout + error.stderr) from error


def values_of(values: str) -> list[str]:
    """Helm's arguments for one of the sets."""
    return [part for file in SETS[values] for part in ("--values", str(VALUES / f"{file}.yaml"))]


@functools.cache
def text(values: str, *more: str, release: str = RELEASE, version: str = schemas.NEWEST) -> str:
    """What would be applied, with further arguments such as `--set=api.replicas=3`."""
    arguments = [*values_of(values), "--namespace", NAMESPACE, "--kube-version", version, *more]
    return helm("template", release, str(CHART), *arguments)


def objects(values: str, *more: str, release: str = RELEASE) -> list[Object]:
    """The same, read. Raises Refused."""
    documents = re.split(r"^---$", text(values, *more, release=release), flags=re.MULTILINE)
    read = [msgspec.yaml.decode(document) for document in documents]
    return [document for document in read if document]


def of_kind(found: list[Object], *kinds: str) -> list[Object]:
    """Those of some kinds."""
    return [one for one in found if one["kind"] in kinds]


def name(one: Object) -> str:
    """Its name."""
    return str(one["metadata"]["name"])


def pods(found: list[Object]) -> list[Object]:
    """The pod templates, with the name of what makes pods of them."""
    makers = of_kind(found, "Deployment", "Job")
    return [one["spec"]["template"] | {"of": name(one)} for one in makers]


def containers(pod: Object) -> list[Object]:
    """All of a pod's containers, those that come first as well."""
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]


def environments(found: list[Object]) -> Iterator[tuple[str, dict[str, str]]]:
    """Every environment that a container gets, by what it belongs to."""
    maps = {name(one): one["data"] for one in of_kind(found, "ConfigMap")}
    for pod in pods(found):
        for container in containers(pod):
            environment = {one["name"]: one["value"] for one in container.get("env", [])}
            for source in container.get("envFrom", []):
                environment |= maps[source["configMapRef"]["name"]]
            yield pod["of"], environment


def selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Whether a label selector finds these labels."""
    wanted = selector.get("matchLabels", {})
    among = selector.get("matchExpressions", [])
    assert all(one["operator"] == "In" for one in among)
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        labels.get(one["key"]) in one["values"] for one in among
    )
