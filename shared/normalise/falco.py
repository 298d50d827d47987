"""Falco alerts, as its JSON output and its http_output write them."""

from typing import Any

from shared.domain import severity
from shared.normalise import clock_rules, mitre
from shared.normalise.conform import slug
from shared.normalise.decode import JsonObject
from shared.normalise.reading import Context, Format, Reading, first_text, inner, listed

GROUPING = "falco@1"

_SEVERITIES = {
    "emergency": severity.CRITICAL,
    "alert": severity.CRITICAL,
    "critical": severity.CRITICAL,
    "error": severity.HIGH,
    "warning": severity.MEDIUM,
    "notice": severity.LOW,
    "informational": severity.INFORMATIONAL,
    "info": severity.INFORMATIONAL,
    "debug": severity.INFORMATIONAL,
}
# Falco's ways of saying that there is nothing.
_NOTHING = frozenset({"", "<NA>", "<NA", "N/A"})
_NETWORK_CALLS = frozenset({"connect", "accept", "accept4", "bind", "listen", "sendto", "sendmsg", "recvfrom"})
_FILE_CALLS = frozenset(
    {"open", "openat", "openat2", "creat", "rename", "renameat", "renameat2", "unlink", "unlinkat", "symlink",
     "symlinkat", "link", "linkat", "chmod", "fchmod", "fchmodat", "mkdir", "mkdirat", "rmdir", "truncate"}
)  # fmt: skip


def matches(record: JsonObject) -> bool:
    """`rule` and `priority` as words, with the `output` line or its fields."""
    if type(record.get("rule")) is not str or type(record.get("priority")) is not str:
        return False
    return type(record.get("output")) is str or type(record.get("output_fields")) is dict


def type_of(record: JsonObject) -> str:
    """The event source, such as `syscall` or `k8s_audit`."""
    return first_text(record.get("source")) or "syscall"


def read(record: JsonObject, context: Context) -> Reading:
    """The alert's meaning."""
    values = _Values(inner(record, "output_fields"))
    rule, host, output = (first_text(record.get(name)) for name in ("rule", "hostname", "output"))
    tags = [tag for tag in listed(record.get("tags")) if type(tag) is str and tag]
    container = values.get("container.id")
    in_container = container is not None and container != "host"
    when = record.get("time") or values.raw("evt.time.iso8601") or values.raw("evt.time")
    fields = _fields(record, values, in_container)
    fields.update(
        {
            "rule.id": rule,
            "rule.name": rule,
            "rule.category": first_text(record.get("source")),
            "message": output,
        }
    )
    known = (word := record["priority"].strip().lower()) in _SEVERITIES
    return Reading(
        kind="alert",
        severity=_SEVERITIES.get(word, severity.MEDIUM),
        title=rule or "Falco alert",
        module="falco",
        dataset=slug(f"falco.{type_of(record)[:64]}"),
        fields=fields,
        time=clock_rules.read(when, context.zone),
        identity=(host, when, rule, output),
        by_content=output is None,
        grouping=GROUPING,
        group_by=(
            rule, host, container if in_container else values.get("k8s.pod.name"),
            values.get("proc.name"), values.get("user.name"),
        ),
        by_title=rule is None,
        rule_id=rule,
        tags=[tag for tag in tags if not mitre.is_tag(tag)] + ([] if known else ["severity_unmapped"]),
        attack=mitre.attack(techniques=tags, tactics=tags),
    )  # fmt: skip


class _Values:
    """`output_fields` in either spelling (`proc.name`, `proc_name`), without Falco's words for nothing."""

    __slots__ = ("_fields",)

    def __init__(self, fields: JsonObject) -> None:
        self._fields = fields

    def raw(self, name: str) -> Any:
        value = self._fields.get(name)
        return self._fields.get(name.replace(".", "_")) if value is None else value

    def get(self, name: str) -> Any:
        value = self.raw(name)
        return None if type(value) is str and value in _NOTHING else value

    def first(self, *names: str) -> Any:
        return next((value for name in names if (value := self.get(name)) is not None), None)


def _fields(record: JsonObject, values: _Values, in_container: bool) -> dict[str, Any]:
    call = values.get("evt.type")
    file_name = values.get("fd.name")
    is_file = type(file_name) is str and file_name.startswith("/")
    result = values.get("evt.res")
    image, tag = values.get("container.image.repository"), values.get("container.image.tag")
    return {
        "event.category": _categories(call, is_file),
        "event.action": call,
        "event.outcome": None if result is None else "success" if result == "SUCCESS" else "failure",
        "host.name": first_text(record.get("hostname"), values.get("k8s.node.name")),
        "observer.vendor": "Falco",
        "observer.product": "Falco",
        "observer.type": "runtime",
        "observer.name": first_text(record.get("hostname")),
        "user.name": values.get("user.name"),
        "user.id": values.first("user.uid", "user.loginuid"),
        "process.name": values.get("proc.name"),
        "process.pid": values.get("proc.pid"),
        "process.executable": values.first("proc.exepath", "proc.exe"),
        "process.command_line": values.get("proc.cmdline"),
        "process.parent.name": values.get("proc.pname"),
        "process.parent.executable": values.first("proc.pexepath", "proc.pexe"),
        "process.parent.command_line": values.get("proc.pcmdline"),
        "file.path": file_name if is_file else None,
        "file.name": file_name.rpartition("/")[2] if is_file else None,
        "source.ip": values.first("fd.cip", "fd.lip"),
        "source.port": values.first("fd.cport", "fd.lport"),
        "destination.ip": values.first("fd.sip", "fd.rip"),
        "destination.port": values.first("fd.sport", "fd.rport"),
        "network.transport": values.get("fd.l4proto"),
        "container.id": values.get("container.id") if in_container else None,
        "container.name": values.get("container.name") if in_container else None,
        "container.image.name": (f"{image}:{tag}" if tag else image) if in_container and image else None,
        "orchestrator.namespace": values.get("k8s.ns.name"),
        "orchestrator.resource.name": values.get("k8s.pod.name"),
    }


def _categories(call: Any, is_file: bool) -> tuple[str, ...]:
    if type(call) is str and call in _NETWORK_CALLS:
        return ("process", "network")
    if is_file or (type(call) is str and call in _FILE_CALLS):
        return ("process", "file")
    return ("process",)


FORMAT = Format(
    name="falco",
    shape="an object with the words `rule` and `priority`, and `output` or `output_fields`",
    groupings={GROUPING: ("rule.id", "host.name", "container.id", "process.name", "user.name")},
    matches=matches,
    read=read,
    type_of=type_of,
    programs=("falco",),
    # falcosidekick makes a new one for each receipt.
    undigested=frozenset({"uuid"}),
)
