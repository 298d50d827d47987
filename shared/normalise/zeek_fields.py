"""From the columns of a Zeek log to ECS: the ends of the connection, the log's own row, and what needs a word more."""

from collections.abc import Callable
from typing import Any

from shared.normalise import addresses
from shared.normalise.decode import JsonObject
from shared.normalise.reading import first_text
from shared.normalise.zeek_logs import Log

Fields = dict[str, Any]

_FIRST_FAILURE = 400
_GOOD = frozenset({"success", "succeeded", "ok"})
_BAD = frozenset({"failed", "failure", "error", "denied", "rejected"})
_INFO = ("info",)
_PROTOCOL = ("protocol", "info")


def column(record: JsonObject, *names: str) -> Any:
    """The first of those columns that is there, in either spelling (`id.orig_h`, `id_orig_h`)."""
    for name in names:
        found = record.get(name)
        if found is None and "." in name:
            found = record.get(name.replace(".", "_"))
        if found is not None:
            return found
    return None


def told(log: Log, record: JsonObject) -> str:
    """In a few words what the record is about; empty where it does not say."""
    return " ".join(word for name in log.told if (word := first_text(column(record, name))) is not None)


def fields_of(stream: str, log: Log, record: JsonObject) -> Fields:
    """The record's fields, but for those of the rule."""
    fields = _ends(record)
    fields["event.category"] = log.category or None
    fields["event.type"] = _PROTOCOL if log.protocol else _INFO
    fields["network.protocol"] = log.protocol
    for name, columns in log.fields.items():
        found = column(record, columns) if type(columns) is str else column(record, *columns)
        if found is not None:
            mend = _MENDED.get(name)
            fields[name] = found if mend is None else mend(found)
    more = _MORE.get(stream)
    if more is not None:
        more(fields, record)
    return fields


def _ends(record: JsonObject) -> Fields:
    source, target = column(record, "src", "id.orig_h"), column(record, "dst", "id.resp_h")
    near, far = addresses.read(source), addresses.read(target)
    inside = far if far and far.internal else near if near and near.internal else None
    protocol = record.get("proto")
    return {
        "source.ip": source,
        "source.port": column(record, "id.orig_p"),
        "source.bytes": record.get("orig_bytes"),
        "source.packets": record.get("orig_pkts"),
        "destination.ip": target,
        "destination.port": column(record, "p", "id.resp_p"),
        "destination.bytes": record.get("resp_bytes"),
        "destination.packets": record.get("resp_pkts"),
        "network.transport": protocol.lower() if type(protocol) is str else None,
        "network.community_id": record.get("community_id"),
        "host.ip": inside.text if inside else None,
        "observer.vendor": "Zeek",
        "observer.product": "Zeek",
        "observer.type": "ids",
        "observer.name": record.get("peer_descr") or record.get("peer"),
    }


def _outcome(found: Any) -> str | None:
    """Of a flag, a status code or a word; None where it says neither, as RDP's `encrypted`."""
    if type(found) is bool:
        return "success" if found else "failure"
    if type(found) is int:
        return "success" if found < _FIRST_FAILURE else "failure"
    word = found.lower() if type(found) is str else ""
    return "success" if word in _GOOD else "failure" if word in _BAD else None


def _word(found: Any) -> Any:
    """`Tunnel::VXLAN` and `HTTP` as ECS writes them."""
    if type(found) is list:
        return [_word(item) for item in found if type(item) is str]
    return found.rpartition("::")[2].lower() if type(found) is str else None


_MENDED: dict[str, Callable[[Any], Any]] = {
    "event.outcome": _outcome,
    "log.level": _word,
    "network.direction": _word,
    "network.protocol": _word,
    "network.transport": _word,
}


def _conn(fields: Fields, record: JsonObject) -> None:
    fields["event.type"] = ("connection", "info")
    near, far = record.get("local_orig"), record.get("local_resp")
    if type(near) is bool and type(far) is bool:
        fields["network.direction"] = _DIRECTIONS[near, far]


_DIRECTIONS = {
    (True, True): "internal",
    (True, False): "outbound",
    (False, True): "inbound",
    (False, False): "external",
}


def _http(fields: Fields, record: JsonObject) -> None:
    host, uri = first_text(record.get("host")), first_text(record.get("uri"))
    if host and uri and uri.startswith("/"):
        fields["url.full"] = f"http://{host}{uri}"
        fields["url.path"] = uri.partition("?")[0]


def _ftp(fields: Fields, record: JsonObject) -> None:
    # Of the commands that name a file `arg` is its URL, of others it is the command's word.
    where = record.get("arg")
    if type(where) is str and where.startswith("ftp://"):
        fields["url.original"] = fields["url.full"] = where


def _kerberos(fields: Fields, record: JsonObject) -> None:
    client = record.get("client")
    if type(client) is str:
        # `user/REALM`, and `host/machine/REALM` of a machine.
        name, slash, realm = client.rpartition("/")
        fields["user.name"] = name if slash else realm
        fields["user.domain"] = realm if slash else None


def _smb_file(fields: Fields, record: JsonObject) -> None:
    share, name = first_text(record.get("path")), first_text(record.get("name"))
    fields["file.path"] = f"{share}\\{name}" if share and name else share or name
    fields["file.name"] = name.rpartition("\\")[2] if name else None


def _intel(fields: Fields, record: JsonObject) -> None:
    indicator, kind = first_text(column(record, "seen.indicator")), _word(column(record, "seen.indicator_type"))
    if indicator is None or type(kind) is not str:
        return
    name = _HASHES.get(len(indicator)) if kind in {"file_hash", "cert_hash"} else _INDICATORS.get(kind)
    if name is not None and fields.get(name) is None:
        fields[name] = indicator


_HASHES = {32: "file.hash.md5", 40: "file.hash.sha1", 64: "file.hash.sha256"}
_INDICATORS = {
    "addr": "destination.ip",
    "domain": "destination.domain",
    "email": "user.email",
    "file_name": "file.name",
    "software": "user_agent.original",
    "url": "url.full",
    "user_name": "user.name",
}

_MORE: dict[str, Callable[[Fields, JsonObject], None]] = {
    "conn": _conn,
    "ftp": _ftp,
    "http": _http,
    "intel": _intel,
    "kerberos": _kerberos,
    "smb_files": _smb_file,
}
