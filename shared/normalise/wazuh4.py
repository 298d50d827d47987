"""Wazuh 4 alerts, as in its alerts.json."""

from typing import Any

from shared.domain import severity
from shared.normalise import clock_rules, mitre, windows_fields
from shared.normalise.conform import integer
from shared.normalise.decode import JsonObject
from shared.normalise.reading import Context, Format, Reading, first_text, get, inner, listed

GROUPING = "wazuh4@1"

_COMPLIANCE = ("pci_dss", "gdpr", "gpg13", "hipaa", "nist_800_53", "tsc")
_SHORT_ACCOUNTS = frozenset({"-", "S-1-0-0"})


def matches(record: JsonObject) -> bool:
    """A `rule` with id and level, and the `agent` or the `manager` it comes from."""
    rule = record.get("rule")
    if type(rule) is not dict or "level" not in rule or "id" not in rule:
        return False
    return type(record.get("agent")) is dict or type(record.get("manager")) is dict


def type_of(record: JsonObject) -> str:
    """The rule's first group, such as `syscheck`."""
    groups = listed(get(record, "rule", "groups"))
    return str(groups[0]) if groups else "alert"


def read(record: JsonObject, context: Context) -> Reading:
    """The alert's meaning."""
    rule, agent, data = inner(record, "rule"), inner(record, "agent"), inner(record, "data")
    rule_id = first_text(rule.get("id"))
    title = first_text(rule.get("description"))
    groups = [group for group in listed(rule.get("groups")) if type(group) is str]
    own_id = first_text(record.get("id"))
    fields = _fields(record, data)
    fields.update(_rule_fields(record, rule, rule_id, title, groups))
    fields.setdefault("event.action", first_text(data.get("action"), *groups[-1:]))
    source_ip = fields["source.ip"]
    return Reading(
        kind="alert",
        severity=_severity(rule),
        title=title or f"Wazuh rule {rule_id}",
        module="wazuh",
        dataset="wazuh.alerts",
        fields=fields,
        time=clock_rules.read(record.get("timestamp"), context.zone)
        or clock_rules.read(record.get("@timestamp"), context.zone),
        identity=(get(record, "manager", "name"), own_id, rule_id, agent.get("id")),
        has_id=own_id is not None,
        by_content=True,
        grouping=GROUPING,
        group_by=(
            rule_id, agent.get("id"), source_ip,
            fields["user.target.name"] or fields["user.name"], get(record, "syscheck", "path"),
        ),
        by_title=rule_id is None,
        rule_id=rule_id,
        tags=[*groups, *_compliance(rule)],
        attack=_attack(rule),
        source_id=own_id,
    )  # fmt: skip


def _severity(rule: JsonObject) -> int:
    level = integer(rule.get("level"))
    return severity.MEDIUM if level is None else severity_of(level)


def severity_of(level: int) -> int:
    """Ours for a rule's level, of 0 to 16."""
    if level >= 15:
        return severity.CRITICAL
    if level >= 12:
        return severity.HIGH
    if level >= 7:
        return severity.MEDIUM
    return severity.LOW if level >= 4 else severity.INFORMATIONAL


def _attack(rule: JsonObject) -> mitre.Attack | None:
    named = inner(rule, "mitre")
    if not named:
        return None
    return mitre.attack(
        techniques=listed(named.get("id")), names=listed(named.get("technique")), tactics=listed(named.get("tactic"))
    )


def _compliance(rule: JsonObject) -> list[str]:
    return [
        f"{name}_{item}" for name in _COMPLIANCE if name in rule for item in listed(rule[name]) if type(item) is str
    ]


def _rule_fields(
    record: JsonObject, rule: JsonObject, rule_id: str | None, title: str | None, groups: list[str]
) -> dict[str, Any]:
    outcome = None
    if any(group.startswith(("authentication_fail", "win_authentication_fail")) for group in groups):
        outcome = "failure"
    elif "authentication_success" in groups:
        outcome = "success"
    return {
        "event.category": _categories(record, groups),
        "event.outcome": outcome,
        "event.severity": rule.get("level"),
        "rule.id": rule_id,
        "rule.name": title,
        "rule.category": groups[0] if groups else None,
        "message": first_text(record.get("full_log"), title),
    }


def _categories(record: JsonObject, groups: list[str]) -> list[str]:
    found = []
    if any("authentication" in group for group in groups):
        found.append("authentication")
    if "syscheck" in record:
        found.append("file")
    if any("vulnerability" in group for group in groups):
        found.append("vulnerability")
    if "ids" in groups or "attack" in groups:
        found.append("intrusion_detection")
    return found or ["host"]


def _fields(record: JsonObject, data: JsonObject) -> dict[str, Any]:
    agent = inner(record, "agent")
    windows = inner(inner(data, "win"), "eventdata")
    fields = {
        "agent.id": agent.get("id"),
        "agent.name": agent.get("name"),
        "host.id": agent.get("id"),
        "host.name": agent.get("name"),
        "host.ip": agent.get("ip"),
        "observer.vendor": "Wazuh",
        "observer.product": "Wazuh",
        "observer.type": "hids",
        "observer.name": get(record, "manager", "name"),
        "source.ip": first_text(
            data.get("srcip"), data.get("src_ip"), windows.get("ipAddress"), windows.get("sourceIp"),
            get(data, "aws", "sourceIPAddress"), get(data, "office365", "ClientIP"),
        ),
        "source.port": first_text(data.get("srcport"), data.get("src_port"), windows.get("ipPort")),
        "destination.ip": first_text(data.get("dstip"), data.get("dest_ip"), windows.get("destinationIp")),
        "destination.port": first_text(
            data.get("dstport"), data.get("dest_port"), windows.get("destinationPort")
        ),
        "network.protocol": first_text(data.get("protocol")),
        "user.name": _account(
            data.get("srcuser"), windows.get("subjectUserName"), windows.get("user"), data.get("user"),
            get(data, "aws", "userIdentity", "userName"), get(data, "office365", "UserId"),
        ),
        "user.domain": first_text(windows.get("subjectDomainName")),
        "user.target.name": _account(
            data.get("dstuser"), windows.get("targetUserName"), get(record, "syscheck", "uname_after")
        ),
        "url.original": first_text(data.get("url")),
        "http.response.status_code": data.get("id") if "url" in data else None,
        "vulnerability.id": get(data, "vulnerability", "cve"),
        "cloud.account.id": get(data, "aws", "accountId"),
        "cloud.region": get(data, "aws", "region"),
        "cloud.provider": "aws" if type(data.get("aws")) is dict else None,
    }  # fmt: skip
    for part, add in _PARTS:
        if type(value := record.get(part, data.get(part))) is dict:
            add(fields, value)
    return fields


def _account(*values: Any) -> str | None:
    return first_text(*(value for value in values if not (type(value) is str and value in _SHORT_ACCOUNTS)))


def _add_windows(fields: dict[str, Any], win: JsonObject) -> None:
    data, system = inner(win, "eventdata"), inner(win, "system")
    image, parent = first_text(data.get("image"), data.get("newProcessName")), first_text(data.get("parentImage"))
    fields.update(
        {
            "host.os.type": "windows",
            "event.code": system.get("eventID"),
            "process.executable": image,
            "process.name": image.rpartition("\\")[2] if image else None,
            "process.command_line": data.get("commandLine"),
            "process.pid": data.get("processId"),
            "process.parent.executable": parent,
            "process.parent.name": parent.rpartition("\\")[2] if parent else None,
            "process.parent.command_line": data.get("parentCommandLine"),
            "registry.path": data.get("targetObject"),
            "file.path": data.get("targetFilename"),
            **windows_fields.hashes(data.get("hashes")),
        }
    )


def _add_syscheck(fields: dict[str, Any], syscheck: JsonObject) -> None:
    path = first_text(syscheck.get("path"))
    is_registry = path is not None and path.startswith("HKEY_")
    fields["registry.path" if is_registry else "file.path"] = path
    fields["file.hash.md5"] = syscheck.get("md5_after")
    fields["file.hash.sha1"] = syscheck.get("sha1_after")
    fields["file.hash.sha256"] = syscheck.get("sha256_after")
    fields["file.size"] = syscheck.get("size_after")
    fields["event.action"] = first_text(syscheck.get("event"))


def _add_audit(fields: dict[str, Any], audit: JsonObject) -> None:
    executable = first_text(audit.get("exe"))
    fields["process.executable"] = executable
    fields["process.name"] = executable.rpartition("/")[2] if executable else audit.get("command")
    fields["process.pid"] = audit.get("pid")
    fields["file.path"] = get(audit, "file", "name")


def _add_virustotal(fields: dict[str, Any], virustotal: JsonObject) -> None:
    source = inner(virustotal, "source")
    fields["file.path"] = source.get("file")
    fields["file.hash.md5"] = source.get("md5")
    fields["file.hash.sha1"] = source.get("sha1")


def _add_docker(fields: dict[str, Any], docker: JsonObject) -> None:
    attributes = inner(inner(docker, "Actor"), "Attributes")
    fields["container.id"] = first_text(docker.get("id"), get(docker, "Actor", "ID"))
    fields["container.name"] = attributes.get("name")
    fields["container.image.name"] = first_text(attributes.get("image"), docker.get("from"))
    fields["event.action"] = first_text(docker.get("Action"), docker.get("status"))


_PARTS = (
    ("win", _add_windows),
    ("audit", _add_audit),
    ("virustotal", _add_virustotal),
    ("docker", _add_docker),
    ("syscheck", _add_syscheck),
)

FORMAT = Format(
    name="wazuh4",
    shape="an alert with `rule` (its `id` and `level`) and `agent` or `manager`",
    groupings={GROUPING: ("rule.id", "agent.id", "source.ip", "user.target.name", "file.path")},
    matches=matches,
    read=read,
    type_of=type_of,
    programs=("ossec", "wazuh"),
)
