"""Amazon GuardDuty findings, bare as in its exports; EventBridge's envelope around one is taken off before."""

import re
from datetime import UTC
from typing import Any

from shared.domain import severity
from shared.normalise import clock_rules, mitre
from shared.normalise.decode import JsonObject
from shared.normalise.reading import Context, Format, Reading, first_text, get, inner, listed

GROUPING = "guardduty@1"

_TECHNIQUE = re.compile(r"\bT\d{4}(?:\.\d{3})?\b", re.A)
# The word before the first colon of a finding's type. Those that are not here are no tactic of ATT&CK.
_TACTICS = {
    "CredentialAccess": "TA0006",
    "CryptoCurrency": "TA0040",
    "DefenseEvasion": "TA0005",
    "Discovery": "TA0007",
    "Execution": "TA0002",
    "Exfiltration": "TA0010",
    "Impact": "TA0040",
    "InitialAccess": "TA0001",
    "Persistence": "TA0003",
    "PrivilegeEscalation": "TA0004",
    "Recon": "TA0043",
}
_CATEGORIES = {
    "UnauthorizedAccess": ("network", "intrusion_detection"),
    "Recon": ("network", "intrusion_detection"),
    "Backdoor": ("malware", "network"),
    "CryptoCurrency": ("malware",),
    "Execution": ("process",),
    "Trojan": ("malware",),
    "CredentialAccess": ("iam",),
    "InitialAccess": ("iam",),
    "Persistence": ("iam",),
    "PrivilegeEscalation": ("iam",),
    "Policy": ("configuration",),
    "Stealth": ("configuration",),
}
# What each kind of action says under its own name.
_ACTIONS = {
    "NETWORK_CONNECTION": "networkConnectionAction",
    "AWS_API_CALL": "awsApiCallAction",
    "DNS_REQUEST": "dnsRequestAction",
    "PORT_PROBE": "portProbeAction",
    "KUBERNETES_API_CALL": "kubernetesApiCallAction",
    "RDS_LOGIN_ATTEMPT": "rdsLoginAttemptAction",
}


def matches(record: JsonObject) -> bool:
    """A `type` with its purpose before a colon, the account, and `service` naming GuardDuty's detector."""
    if type(record.get("type")) is not str or "accountId" not in record:
        return False
    service = record.get("service")
    return type(service) is dict and (service.get("serviceName") == "guardduty" or "detectorId" in service)


def type_of(record: JsonObject) -> str:
    """The threat's purpose: the word before the colon of the finding's type."""
    return str(record.get("type")).partition(":")[0][:64]


def read(record: JsonObject, context: Context) -> Reading:
    """The finding's meaning. One that is updated is another event of the same alert."""
    service, purpose = inner(record, "service"), type_of(record)
    finding_id, when = first_text(record.get("id")), record.get("updatedAt") or service.get("eventLastSeen")
    rule, title = first_text(record.get("type")), first_text(record.get("title"))
    level, number = _severity(record.get("severity"))
    identity = (finding_id, when)
    techniques = _TECHNIQUE.findall(str(record.get("description"))) if purpose == "AttackSequence" else []
    tactic = _TACTICS.get(purpose)
    return Reading(
        kind="alert",
        severity=level,
        title=title or rule or "GuardDuty finding",
        module="guardduty",
        dataset="aws.guardduty",
        fields=_fields(record, service, purpose) | {"event.severity": number},
        # AWS writes UTC, also where it writes no zone.
        time=clock_rules.read(when, UTC),
        identity=identity if finding_id else (rule, title, when),
        has_id=finding_id is not None,
        by_content=finding_id is None,
        grouping=GROUPING,
        group_by=(first_text(record.get("accountId")), first_text(record.get("region")), finding_id),
        by_title=finding_id is None,
        rule_id=rule,
        tags=([] if number is not None else ["severity_unmapped"]) + (["sample"] if _is_sample(service) else []),
        attack=mitre.attack(techniques=techniques, tactics=[tactic] if tactic else []),
        source_id=finding_id,
    )


def _severity(value: Any) -> tuple[int, int | None]:
    """Ours and GuardDuty's own, rounded; medium and None where it says none."""
    if type(value) not in {int, float} or not 0 < value <= 10:
        return severity.MEDIUM, None
    if value >= 9:
        level = severity.CRITICAL
    elif value >= 7:
        level = severity.HIGH
    else:
        level = severity.MEDIUM if value >= 4 else severity.LOW
    return level, round(value)


def _is_sample(service: JsonObject) -> bool:
    return get(service, "additionalInfo", "sample") is True


def _fields(record: JsonObject, service: JsonObject, purpose: str) -> dict[str, Any]:
    resource = inner(record, "resource")
    instance, key = inner(resource, "instanceDetails"), inner(resource, "accessKeyDetails")
    action_type = first_text(get(service, "action", "actionType"))
    action = inner(inner(service, "action"), _ACTIONS.get(action_type or "", ""))
    interface = next((one for one in listed(instance.get("networkInterfaces")) if type(one) is dict), {})
    remote = inner(_probe(action), "remoteIpDetails")
    direction = first_text(action.get("connectionDirection"))
    remote_end = {"ip": remote.get("ipAddressV4"), "port": get(action, "remotePortDetails", "port")}
    local_end = {"ip": interface.get("privateIpAddress"), "port": get(_probe(action), "localPortDetails", "port")}
    # A request for a name has no direction: the instance asked if it is the actor.
    is_actor = first_text(service.get("resourceRole")) == "ACTOR"
    outward = direction == "OUTBOUND" or (direction is None and is_actor)
    source, destination = (local_end, remote_end) if outward else (remote_end, local_end)
    process = inner(inner(service, "runtimeDetails"), "process")
    workload = inner(inner(resource, "kubernetesDetails"), "kubernetesWorkloadDetails")
    return {
        "message": first_text(record.get("description")),
        "rule.id": first_text(record.get("type")),
        "rule.name": first_text(record.get("title"), record.get("type")),
        "rule.category": first_text(record.get("type", "").partition("/")[0]),
        "event.category": _CATEGORIES.get(purpose, ("threat",)),
        "event.type": ("denied",) if action.get("blocked") is True else ("info",),
        "event.action": action_type,
        "event.start": clock_rules.read(service.get("eventFirstSeen"), UTC),
        "event.end": clock_rules.read(service.get("eventLastSeen"), UTC),
        "observer.vendor": "AWS",
        "observer.product": "GuardDuty",
        "observer.type": "ids",
        "observer.version": first_text(record.get("schemaVersion")),
        "observer.name": first_text(service.get("detectorId")),
        "cloud.provider": "aws",
        "cloud.account.id": first_text(record.get("accountId")),
        "cloud.region": first_text(record.get("region")),
        "host.id": first_text(instance.get("instanceId")),
        "host.name": first_text(instance.get("instanceId"), interface.get("privateDnsName")),
        "host.ip": interface.get("privateIpAddress"),
        "user.name": first_text(key.get("userName")),
        "user.id": first_text(key.get("principalId")),
        "source.ip": source["ip"],
        "source.port": source["port"],
        "destination.ip": destination["ip"],
        "destination.port": destination["port"],
        "network.transport": _lower(first_text(action.get("protocol"))),
        "network.direction": _lower(direction),
        "dns.question.name": first_text(action.get("domain")),
        "user_agent.original": first_text(action.get("userAgent")),
        "process.name": first_text(process.get("name")),
        "process.pid": process.get("pid"),
        "process.executable": first_text(process.get("executablePath")),
        "file.hash.sha256": first_text(process.get("executableSha256")),
        "orchestrator.namespace": first_text(workload.get("namespace")),
        "orchestrator.resource.name": first_text(workload.get("name")),
    }


def _probe(action: JsonObject) -> JsonObject:
    """The first of the ports that were probed, which say what other actions say themselves."""
    probes = [one for one in listed(action.get("portProbeDetails")) if type(one) is dict]
    return probes[0] if probes else action


def _lower(word: str | None) -> str | None:
    return word.lower() if word else None


FORMAT = Format(
    name="guardduty",
    shape="a finding with `type`, `accountId` and `service` with its `detectorId`, bare or in EventBridge's `detail`",
    groupings={GROUPING: ("cloud.account.id", "cloud.region", "alert.source_id")},
    matches=matches,
    read=read,
    type_of=type_of,
)
