"""The ECS fields of an EVE record's traffic, and the words for a record that is no alert."""

from collections.abc import Callable
from typing import Any

from shared.normalise import addresses, clock_rules
from shared.normalise.addresses import Address
from shared.normalise.conform import integer
from shared.normalise.decode import JsonObject
from shared.normalise.reading import first_text, get, inner, listed

_NO_PROTOCOL = frozenset({"failed", "unknown"})


def network_fields(record: JsonObject) -> dict[str, Any]:
    """Ends, flow and whatever the application layer told, under ECS names."""
    source, target = addresses.read(record.get("src_ip")), addresses.read(record.get("dest_ip"))
    transport, protocol = record.get("proto"), record.get("app_proto")
    fields: dict[str, Any] = {
        "source.ip": source or record.get("src_ip"),
        "source.port": record.get("src_port"),
        "destination.ip": target or record.get("dest_ip"),
        "destination.port": record.get("dest_port"),
        "network.transport": transport.lower() if type(transport) is str else None,
        "network.protocol": None if type(protocol) is str and protocol in _NO_PROTOCOL else protocol,
        "network.community_id": record.get("community_id"),
        "network.direction": _direction(source, target),
        "observer.vendor": "OISF",
        "observer.product": "Suricata",
        "observer.type": "ids",
        # EVE's `host` is the name of the sensor; the machine concerned is the one on our side.
        "observer.name": record.get("host") or record.get("in_iface"),
        "host.ip": _ours(source, target),
    }
    for part, value in record.items():
        if type(value) is dict and part in _PARTS:
            _PARTS[part](fields, value, record)
    return fields


def _ours(source: Address | None, target: Address | None) -> Address | None:
    if target is not None and target.internal:
        return target
    return source if source is not None and source.internal else None


def _direction(source: Address | None, target: Address | None) -> str | None:
    if source is None or target is None:
        return None
    if source.internal:
        return "internal" if target.internal else "outbound"
    return "inbound" if target.internal else "external"


def _add_flow(fields: dict[str, Any], flow: JsonObject, record: JsonObject) -> None:
    fields["event.start"] = clock_rules.read(flow.get("start"))
    fields["event.end"] = clock_rules.read(flow.get("end"))
    fields["source.bytes"] = flow.get("bytes_toserver")
    fields["destination.bytes"] = flow.get("bytes_toclient")
    fields["source.packets"] = flow.get("pkts_toserver")
    fields["destination.packets"] = flow.get("pkts_toclient")


def _add_http(fields: dict[str, Any], http: JsonObject, record: JsonObject) -> None:
    url, host = first_text(http.get("url")), _host_only(http.get("hostname"))
    fields["url.original"] = url
    fields["url.path"] = url.partition("?")[0] if url and url.startswith("/") else None
    fields["url.domain"] = fields["destination.domain"] = host
    fields["url.full"] = _full_url(url, host, http, record)
    fields["http.request.method"] = http.get("http_method")
    fields["http.response.status_code"] = http.get("status")
    fields["http.request.referrer"] = http.get("http_refer")
    fields["user_agent.original"] = http.get("http_user_agent")


def _host_only(host: Any) -> str | None:
    if type(host) is not str:
        return None
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() and ":" not in name else host


def _full_url(url: str | None, host: str | None, http: JsonObject, record: JsonObject) -> str | None:
    if url is None or "://" in url[:12]:
        return url
    if not host or not url.startswith("/"):
        return None
    # Suricata sees a URL only in clear text, so the scheme is http whatever the port.
    port = integer(http.get("http_port")) or integer(record.get("dest_port"))
    place = f"[{host}]" if host.count(":") > 1 else host
    return f"http://{place}{'' if port in {80, None} else f':{port}'}{url}"


def _add_tls(fields: dict[str, Any], tls: JsonObject, record: JsonObject) -> None:
    name = first_text(tls.get("sni"))
    fields["tls.client.server_name"] = name
    if name:
        fields.setdefault("destination.domain", name)
    fields["tls.client.ja3"] = get(tls, "ja3", "hash")
    fields["tls.client.ja4"] = tls.get("ja4")
    fields["tls.server.ja3s"] = get(tls, "ja3s", "hash")
    fields["tls.server.subject"] = tls.get("subject")
    fields["tls.version"] = tls.get("version")


def _add_dns(fields: dict[str, Any], dns: JsonObject, record: JsonObject) -> None:
    questions = [item for key in ("query", "queries") for item in listed(dns.get(key)) if type(item) is dict]
    question = questions[0] if questions else dns
    fields["dns.question.name"] = question.get("rrname")
    fields["dns.question.type"] = question.get("rrtype")
    fields["dns.response_code"] = dns.get("rcode")
    answers = [item.get("rdata") for item in listed(dns.get("answers")) if type(item) is dict]
    fields["dns.resolved_ip"] = [*answers, dns.get("rdata")]


def _add_fileinfo(fields: dict[str, Any], info: JsonObject, record: JsonObject) -> None:
    name = first_text(info.get("filename"))
    fields["file.name"] = name.rpartition("/")[2] or None if name else None
    for kind in ("md5", "sha1", "sha256"):
        fields[f"file.hash.{kind}"] = info.get(kind)
    fields["file.size"] = info.get("size")


def _add_email(fields: dict[str, Any], email: JsonObject, record: JsonObject) -> None:
    fields["email.from.address"] = email.get("from")
    fields["email.to.address"] = email.get("to")
    fields["email.subject"] = email.get("subject")


def _add_user(fields: dict[str, Any], part: JsonObject, record: JsonObject) -> None:
    fields.setdefault("user.name", first_text(get(part, "ntlmssp", "user"), part.get("cname")))
    fields.setdefault("user.domain", first_text(get(part, "ntlmssp", "domain"), part.get("realm")))


_PARTS: dict[str, Callable[[dict[str, Any], JsonObject, JsonObject], None]] = {
    "flow": _add_flow,
    "http": _add_http,
    "tls": _add_tls,
    "dns": _add_dns,
    "fileinfo": _add_fileinfo,
    "email": _add_email,
    "smb": _add_user,
    "krb5": _add_user,
}


def title(event_type: str, record: JsonObject) -> str:
    """One line for a person."""
    part = inner(record, event_type)
    if event_type == "dns":
        question = next(iter(listed(part.get("queries") or part.get("query"))), part)
        name = first_text(get(question, "rrname") if type(question) is dict else None)
        return f"DNS {first_text(part.get('type')) or 'message'} {name or ''}".rstrip()
    if event_type == "http":
        words = (first_text(part.get(key)) or "" for key in ("http_method", "hostname", "url"))
        method, host, url = words
        return f"HTTP {method} {host}{url}".rstrip()
    if event_type == "tls":
        return f"TLS {first_text(part.get('sni'), part.get('subject')) or ''}".rstrip()
    if event_type == "anomaly":
        return f"Anomaly {first_text(part.get('event'), part.get('type')) or ''}".rstrip()
    ends = (first_text(record.get(key)) for key in ("src_ip", "dest_ip"))
    return f"Suricata {event_type} {' → '.join(end for end in ends if end)}".rstrip()
