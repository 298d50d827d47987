"""JSON schemas of Kubernetes' objects and of the two operators', strict, in the form that kubeconform reads.

Kubernetes' come from a Python package, the operators' from the definitions in their Go modules.
"""

import functools
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import orjson

from tests.helm import tools

PACKAGE = "kubernetes-validate==1.37.0"
OLDEST, NEWEST = "1.27.0", "1.37.0"  # what Chart.yaml asks for, and the last one there is
_KEDA, _OPERATOR = "config/crd/bases/keda.sh_{}.yaml", "example/prometheus-operator-crd/monitoring.coreos.com_{}.yaml"
DEFINITIONS = {
    "github.com/kedacore/keda/v2@v2.17.0": [_KEDA.format(kind) for kind in ("scaledobjects", "triggerauthentications")],
    "github.com/prometheus-operator/prometheus-operator@v0.85.0": [
        _OPERATOR.format(kind) for kind in ("podmonitors", "prometheusrules")
    ],
}
MADE = tools.CACHE / "schemas-1"  # another number for another way of making them

# As kubeconform fills it in: {version}/{kind}-{first part of the group}-{version of the group}
LOCATION = "{{ .NormalizedKubernetesVersion }}/{{ .ResourceKind }}{{ .KindSuffix }}.json"


@functools.cache
def locations() -> list[str]:
    """What to tell kubeconform; the schemas are made where they are missing."""
    definitions = [tools.downloaded(module) / file for module, files in DEFINITIONS.items() for file in files]
    with tools.locked():
        if not MADE.exists():
            fresh = MADE.with_suffix(".fresh")
            shutil.rmtree(fresh, ignore_errors=True)
            _make(fresh, definitions)
            fresh.replace(MADE)
    return [str(MADE / LOCATION), str(MADE / "operators" / "{{ .ResourceKind }}{{ .KindSuffix }}.json")]


def _make(into: Path, definitions: list[Path]) -> None:
    package = tools.package(PACKAGE) / "kubernetes_validate" / "kubernetes-json-schema"
    for version in (OLDEST, NEWEST):
        whole = package / f"v{version}-local-strict"
        everything = orjson.loads((whole / "_definitions.json").read_bytes())["$defs"]
        (into / f"v{version}").mkdir(parents=True)
        for file in whole.glob("*.json"):
            schema = orjson.loads(file.read_bytes())
            if "x-kubernetes-group-version-kind" in schema and file.name != "_definitions.json":
                (into / f"v{version}" / file.name).write_bytes(orjson.dumps(bundled(schema, everything)))
    (into / "operators").mkdir()
    for file in definitions:
        for name, schema in of_definition(msgspec.yaml.decode(file.read_bytes())):
            (into / "operators" / name).write_bytes(orjson.dumps(schema))


def bundled(schema: dict[str, Any], everything: dict[str, Any]) -> dict[str, Any]:
    """A schema that needs no other file: what it refers to, and what that refers to, is in it."""
    schema = {key: value for key, value in schema.items() if key != "$id"}
    text = orjson.dumps(schema).decode()
    needed: dict[str, Any] = {}
    waiting = _named(text)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = everything[name]
            waiting |= _named(orjson.dumps(everything[name]).decode())
    own: dict[str, Any] = orjson.loads(re.sub(r'"\$ref":"[^"#]*#', '"$ref":"#', text))
    return own | {"$defs": needed}


def _named(text: str) -> set[str]:
    return set(re.findall(r'"\$ref":"[^"]*#/\$defs/([^"]+)"', text))


def of_definition(crd: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """A custom resource's schemas, by the names of their files."""
    spec = crd["spec"]
    for version in spec["versions"]:
        name = f"{spec['names']['kind']}-{spec['group'].split('.')[0]}-{version['name']}.json".lower()
        yield name, strict(version["schema"]["openAPIV3Schema"])


def strict(schema: Any) -> Any:
    """The same, but that a field nobody described is refused, as the API server drops it without a word."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    is_open = "additionalProperties" in made or made.get("x-kubernetes-preserve-unknown-fields")
    if made.get("type") == "object" and isinstance(made.get("properties"), dict) and not is_open:
        made["additionalProperties"] = False
    return made
