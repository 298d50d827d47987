"""From OCSF's objects to ECS fields: who did what to whom, of a finding's first evidence or of the event itself."""

from datetime import tzinfo
from typing import Any

from shared.normalise import clock_rules
from shared.normalise.decode import JsonObject
from shared.normalise.reading import first_text, get, inner, listed

MAX_OBSERVABLES = 100

_CATEGORIES = {
    1: ("process",),
    2: ("intrusion_detection",),
    3: ("iam",),
    4: ("network",),
}
_CLASSES = {
    1001: ("file",),
    1002: ("driver",),
    1006: ("configuration",),
    2002: ("vulnerability",),
    2003: ("configuration",),
    3002: ("authentication",),
    4002: ("network", "web"),
    4009: ("email",),
    6003: ("api",),
    6005: ("database",),
    201001: ("registry",),
    201002: ("registry",),
}
# Dispositions by which nothing came of it: blocked, quarantined, isolated, deleted, dropped, reset, revoked, rejected.
_REFUSED = frozenset({2, 3, 4, 5, 6, 21, 24, 25, 26})
# What checks of a configuration come to, in findings of the class of detections.
_CHECKED = frozenset({"PASS", "FAIL", "MANUAL"})
_OUTCOMES = {1: "success", 2: "failure"}
_DIRECTIONS = {1: "inbound", 2: "outbound", 3: "internal"}
# OCSF's types of observables that are ours too.
_OBSERVABLES = {
    1: "domain", 2: "ip", 4: "user", 5: "email", 6: "url", 7: "file", 8: "hash", 9: "process", 18: "cve",
    16: "user_agent", 45: "file", 46: "registry",
}  # fmt: skip
_HASHES = {1: "md5", 2: "sha1", 3: "sha256"}


def fields(record: JsonObject, finding: JsonObject, zone: tzinfo) -> dict[str, Any]:
    """The ECS fields of an event, but for its rule's name and id."""
    evidence = _first(record, "evidences")
    return {
        **_of_event(record, finding, zone),
        **_of_ends(record, evidence),
        **_of_host(record, evidence),
        **_of_process(_part(record, evidence, "process"), _part(record, evidence, "actor")),
        **_of_file(_part(record, evidence, "file")),
        **_of_requests(record, evidence),
    }


def observables(record: JsonObject) -> list[tuple[str, Any]]:
    """Those that the event lists itself, of the types we have."""
    listed_ones = [one for one in listed(record.get("observables"))[:MAX_OBSERVABLES] if type(one) is dict]
    return [
        (_OBSERVABLES[kind], one.get("value"))
        for one in listed_ones
        if type(kind := one.get("type_id")) is int and kind in _OBSERVABLES
    ]


def _first(record: JsonObject, name: str) -> JsonObject:
    return next((one for one in listed(record.get(name)) if type(one) is dict), {})


def _part(record: JsonObject, evidence: JsonObject, name: str) -> JsonObject:
    return inner(evidence, name) or inner(record, name)


def _of_event(record: JsonObject, finding: JsonObject, zone: tzinfo) -> dict[str, Any]:
    product, number = inner(inner(record, "metadata"), "product"), record.get("class_uid")
    refused = record.get("disposition_id") in _REFUSED if type(record.get("disposition_id")) is int else False
    cloud, is_finding = inner(record, "cloud"), bool(finding)
    return {
        "message": first_text(record.get("message"), finding.get("desc"), record.get("status_detail")),
        "event.category": _category(record, number),
        "event.type": ("denied",) if refused else ("info",),
        "event.action": first_text(get(record, "api", "operation"), record.get("activity_name")),
        "event.code": first_text(get(record, "metadata", "event_code"), number),
        "event.outcome": None if is_finding else _outcome(record.get("status_id")),
        "event.severity": record.get("severity_id"),
        "event.start": clock_rules.read(record.get("start_time") or finding.get("first_seen_time"), zone),
        "event.end": clock_rules.read(record.get("end_time") or finding.get("last_seen_time"), zone),
        "event.reason": first_text(record.get("status_detail")),
        "rule.category": first_text(*listed(finding.get("types"))[:1]),
        "rule.version": first_text(get(finding, "analytic", "version")),
        "rule.reference": first_text(finding.get("src_url"), *listed(get(record, "remediation", "references"))[:1]),
        "observer.vendor": first_text(product.get("vendor_name"), product.get("name")),
        "observer.product": first_text(product.get("name")),
        "observer.version": first_text(product.get("version")),
        "cloud.provider": _lower(cloud.get("provider")),
        "cloud.region": first_text(cloud.get("region")),
        "cloud.account.id": first_text(get(cloud, "account", "uid"), cloud.get("account_uid")),
        "vulnerability.id": first_text(get(_first(record, "vulnerabilities"), "cve", "uid")),
    }


def _category(record: JsonObject, number: Any) -> tuple[str, ...] | None:
    if first_text(record.get("status_code")) in _CHECKED:
        return ("configuration",)
    # Thousands are the category; extensions of the schema put their own number before it.
    return _CLASSES.get(number) or _CATEGORIES.get(number // 1000 % 100) if type(number) is int else None


def _outcome(status: Any) -> str | None:
    return _OUTCOMES.get(status) if type(status) is int else None


def _of_ends(record: JsonObject, evidence: JsonObject) -> dict[str, Any]:
    source, target = _part(record, evidence, "src_endpoint"), _part(record, evidence, "dst_endpoint")
    link, traffic = _part(record, evidence, "connection_info"), inner(record, "traffic")
    direction = link.get("direction_id")
    return {
        "source.ip": _given(source.get("ip")),
        "source.port": source.get("port"),
        "source.domain": _given(source.get("domain")),
        "source.bytes": traffic.get("bytes_out"),
        "source.packets": traffic.get("packets_out"),
        "destination.ip": _given(target.get("ip")),
        "destination.port": target.get("port"),
        "destination.domain": _given(target.get("domain"), target.get("hostname")),
        "destination.bytes": traffic.get("bytes_in"),
        "destination.packets": traffic.get("packets_in"),
        "network.transport": _lower(link.get("protocol_name")),
        "network.direction": _DIRECTIONS.get(direction) if type(direction) is int else None,
        "network.community_id": first_text(link.get("community_uid")),
    }


def _of_host(record: JsonObject, evidence: JsonObject) -> dict[str, Any]:
    device, resource = _part(record, evidence, "device"), _first(record, "resources") or inner(record, "resource")
    actor, target = inner(_part(record, evidence, "actor"), "user"), inner(record, "user") or inner(evidence, "user")
    acting, is_acted_on = actor or target, bool(actor)
    container = inner(device, "container") or inner(evidence, "container")
    return {
        "host.name": _given(device.get("hostname"), device.get("name"), resource.get("name"), resource.get("uid")),
        "host.id": first_text(device.get("uid"), resource.get("uid")),
        "host.ip": _given(device.get("ip"), resource.get("ip")),
        "host.os.type": _lower(get(device, "os", "type")),
        "user.name": _given(acting.get("name"), acting.get("uid")),
        "user.id": first_text(acting.get("uid")),
        "user.domain": _given(acting.get("domain")),
        "user.email": first_text(acting.get("email_addr")),
        "user.target.name": _given(target.get("name"), target.get("uid")) if is_acted_on else None,
        "container.id": first_text(container.get("uid")),
        "container.name": first_text(container.get("name")),
        "container.image.name": first_text(get(container, "image", "name")),
    }


def _of_process(process: JsonObject, actor: JsonObject) -> dict[str, Any]:
    found = process or inner(actor, "process")
    parent = inner(found, "parent_process") or (inner(actor, "process") if process else {})
    return {
        "process.name": first_text(found.get("name"), get(found, "file", "name")),
        "process.pid": found.get("pid"),
        "process.executable": first_text(get(found, "file", "path")),
        "process.command_line": first_text(found.get("cmd_line")),
        "process.parent.name": first_text(parent.get("name"), get(parent, "file", "name")),
        "process.parent.pid": parent.get("pid"),
        "process.parent.executable": first_text(get(parent, "file", "path")),
        "process.parent.command_line": first_text(parent.get("cmd_line")),
        **_hashes(inner(found, "file")),
    }


def _of_file(file: JsonObject) -> dict[str, Any]:
    return {
        "file.path": first_text(file.get("path")),
        "file.name": first_text(file.get("name")),
        "file.size": file.get("size"),
        **_hashes(file),
    }


def _hashes(file: JsonObject) -> dict[str, Any]:
    given = [one for one in (*listed(file.get("hashes")), *listed(file.get("fingerprints"))) if type(one) is dict]
    return {
        f"file.hash.{_HASHES[kind]}": one.get("value")
        for one in given[:10]
        if type(kind := one.get("algorithm_id")) is int and kind in _HASHES
    }


def _of_requests(record: JsonObject, evidence: JsonObject) -> dict[str, Any]:
    request = inner(record, "http_request")
    url = inner(request, "url") or _part(record, evidence, "url")
    query, mail = _part(record, evidence, "query"), _part(record, evidence, "email")
    answers = [one.get("rdata") for one in listed(record.get("answers")) if type(one) is dict]
    return {
        "url.full": first_text(url.get("url_string"), url.get("text")),
        "url.domain": first_text(url.get("hostname")),
        "url.path": first_text(url.get("path")),
        "http.request.method": first_text(request.get("http_method")),
        "http.request.referrer": first_text(request.get("referrer")),
        "http.response.status_code": get(record, "http_response", "code"),
        "user_agent.original": first_text(request.get("user_agent")),
        "dns.question.name": first_text(query.get("hostname")),
        "dns.question.type": first_text(query.get("type")),
        "dns.resolved_ip": answers or None,
        "dns.response_code": first_text(record.get("rcode")),
        "email.from.address": first_text(mail.get("from")),
        "email.to.address": mail.get("to"),
        "email.subject": first_text(mail.get("subject")),
        "registry.path": first_text(get(record, "reg_key", "path"), get(record, "win_resource", "name")),
    }


def _given(*values: Any) -> str | None:
    """The first text that says something: Windows' records in OCSF keep the dash of an empty field."""
    return first_text(*(value for value in values if value != "-"))


def _lower(word: Any) -> str | None:
    return word.lower() if type(word) is str and word else None
