"""What a quiet day looks like to each sensor: mostly telemetry, and the low alerts nobody reads."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from deploy.demo.generator import company
from deploy.demo.generator.formats import alertmanager, falco, plain_json, suricata_eve, wazuh4, zeek_json
from deploy.demo.generator.formats.suricata_eve import Signature
from deploy.demo.generator.happening import Flow, Happening, flow, sha256

Noise = Callable[[Random, datetime], Happening]

_SITES = tuple(company.SITES.items())

_POLICY = (
    Signature(9000101, "LOCAL INFO Software update client", "Not Suspicious Traffic", 3, "Informational"),
    Signature(9000102, "LOCAL POLICY Video streaming", "Potential Corporate Privacy Violation", 3, "Informational"),
    Signature(9000103, "LOCAL POLICY External calendar in clear text", "Misc activity", 3, "Minor"),
    Signature(9000104, "LOCAL INFO Self-signed certificate inside", "Misc activity", 3, "Minor"),
)
_PAGES = ("/", "/news", "/search?q=lathe", "/img/logo.svg", "/api/session", "/packages/index", "/v2/token")
_WEIRD = ("possible_split_routing", "data_before_established", "dns_unmatched_reply", "inappropriate_FIN")

_LOGIN = wazuh4.Rule("5501", 3, "PAM: a session was opened", ("pam", "syslog", "authentication_success"))
_LOGOUT = wazuh4.Rule("5502", 3, "PAM: a session was closed", ("pam", "syslog"))
_SUDO = wazuh4.Rule("5402", 3, "A command was run through sudo", ("syslog", "sudo"), ("T1078",))
_WRONG = wazuh4.Rule("60122", 5, "Windows: a logon failed", ("windows", "authentication_failed"))
_CHANGED = wazuh4.Rule("550", 7, "A watched file's checksum changed", ("ossec", "syscheck"), ("T1565.001",))

_CONFIG = falco.Rule("Configuration file read by an unusual program", "Notice")
_PACKAGES = falco.Rule("Package manager run in a container", "Notice", ("T1105",))
_CALL = falco.Rule("Contact of the cluster's API from a container", "Informational", ("T1046",))

PODS = tuple(
    falco.Pod(f"{app}-{number:06x}", space, f"{number * 7919:012x}", f"registry.{company.DOMAIN}/{space}/{app}")
    for app, space, number in (
        ("web", "shop", 0x5F1A02), ("cart", "shop", 0x71CC19), ("search", "shop", 0x0B77E4),
        ("ledger", "payments", 0x93D02A), ("cards", "payments", 0x2C8E51), ("scraper", "monitoring", 0xAA4010),
    )
)  # fmt: skip


def suricata(rng: Random, at: datetime) -> Happening:
    """Four fifths flow, dns and tls; one record in seventeen is an alert."""
    host, (name, address) = rng.choice(company.WORKSTATIONS), rng.choice(_SITES)
    chance = rng.random()
    if chance < 0.34:
        return suricata_eve.flow_ended(at, rng, _to_site(rng, host, address))
    if chance < 0.58:
        return suricata_eve.dns(at, rng, _question(rng, host), name, address)
    if chance < 0.80:
        return suricata_eve.tls(at, _to_site(rng, host, address), suricata_eve.handshake(name, _ja3(host)))
    if chance < 0.90:
        request = suricata_eve.request(
            name, rng.choice(_PAGES), rng.choice(company.BROWSERS), length=rng.getrandbits(15)
        )
        return suricata_eve.http(at, flow(rng, host.address, address, 80, "http"), request)
    if chance < 0.935:
        size = rng.getrandbits(20)
        return suricata_eve.fileinfo(
            at, flow(rng, host.address, address, 80, "http"), filename="/packages/index", sha256=sha256(rng), size=size
        )
    if chance < 0.94:
        return suricata_eve.stats(at, rng)
    return policy(rng, at)


def policy(rng: Random, at: datetime) -> Happening:
    """An alert of the kind nobody reads."""
    host, (_, address) = rng.choice(company.WORKSTATIONS), rng.choice(_SITES)
    return suricata_eve.alert(at, rng, rng.choice(_POLICY), _to_site(rng, host, address))


def zeek(rng: Random, at: datetime) -> Happening:
    """Mostly conn and dns, with the weird that real networks are full of."""
    host, (name, address) = rng.choice(company.WORKSTATIONS), rng.choice(_SITES)
    chance = rng.random()
    if chance < 0.50:
        return zeek_json.conn(at, rng, _to_site(rng, host, address))
    if chance < 0.72:
        return zeek_json.dns(at, rng, _question(rng, host), name, [address])
    if chance < 0.84:
        return zeek_json.ssl(at, _to_site(rng, host, address), name, _ja3(host))
    if chance < 0.993:
        return zeek_json.weird(at, rng.choice(_WEIRD), _to_site(rng, host, address))
    return notices(rng, at)


def notices(rng: Random, at: datetime) -> Happening:
    """What Zeek finds worth a word on a quiet day."""
    host, (name, address) = rng.choice(company.WORKSTATIONS), rng.choice(_SITES)
    if rng.random() < 0.5:
        loss = f"{rng.randrange(1, 40) / 10}"
        return zeek_json.notice(at, "CaptureLoss::Too_Much_Loss", f"The capture lost {loss} % of its packets", sub=loss)
    text = f"The certificate of {name} ends soon"
    return zeek_json.notice(at, "SSL::Certificate_Expires_Soon", text, sub=name, flow=_to_site(rng, host, address))


def wazuh(rng: Random, at: datetime) -> Happening:
    """Sessions, sudo, mistyped passwords, and files that packages changed."""
    chance = rng.random()
    host, (own, person) = rng.choice(company.LINUX), company.workstation(rng)
    if chance < 0.62:
        data = {"dstuser": person.account, "uid": "1000"}
        return wazuh4.alert(at, rng, _LOGIN if chance < 0.32 else _LOGOUT, host, data=data)
    if chance < 0.77:
        data = {"srcuser": person.account, "dstuser": "root", "command": "/usr/bin/systemctl status nginx"}
        return wazuh4.alert(at, rng, _SUDO, host, data=data)
    if chance < 0.97:
        parts = wazuh4.security_log(4625, own, targetUserName=person.account, ipAddress=own.address, logonType="2")
        return wazuh4.alert(at, rng, _WRONG, own, **parts)
    path = rng.choice(("/etc/hosts", "/usr/lib/os-release"))
    parts = wazuh4.syscheck(path, "modified", sha256=sha256(rng), user="root", size=rng.getrandbits(12))
    return wazuh4.alert(at, rng, _CHANGED, host, **parts)


def cluster(rng: Random, at: datetime) -> Happening:
    """Falco's notices."""
    host, pod, chance = rng.choice(company.NODES), rng.choice(PODS), rng.random()
    if chance < 0.5:
        return falco.alert(at, rng, _CONFIG, host, pod, command="python3 app.py", file="/etc/resolv.conf", user="app")
    if chance < 0.8:
        there = flow(rng, f"10.42.{rng.randrange(3)}.{rng.randrange(2, 250)}", "10.43.0.1", 443)
        return falco.alert(at, rng, _CALL, host, pod, command="scraper --all", flow=there, user="app")
    return falco.alert(at, rng, _PACKAGES, host, pod, command="apt-get update", parent="sh")


def monitoring(rng: Random, at: datetime) -> Happening:
    """A warning that has been firing all day, posted again as Alertmanager does."""
    host = rng.choice(company.SERVERS)
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    firing = alertmanager.Firing(
        "CertificateExpiresSoon",
        "info",
        f"{host.name}:9100",
        f"The certificate of {host.name} ends in 20 days",
        midnight,
    )
    return alertmanager.post(at, [firing])


def plain(rng: Random, at: datetime) -> Happening:
    """People sign in, write mail and open doors."""
    (host, person), chance = company.workstation(rng), rng.random()
    if chance < 0.45:
        return plain_json.sign_in(at, rng, person, host.address, agent=rng.choice(company.BROWSERS))
    if chance < 0.55:
        return plain_json.sign_in(at, rng, person, host.address, outcome="failure", reason="wrong password")
    if chance < 0.85:
        return mail(rng, at)
    return plain_json.door(at, rng, person)


def mail(rng: Random, at: datetime, verdict: str = "delivered") -> Happening:
    """Somebody gets mail."""
    _, person = company.workstation(rng)
    subject = rng.choice(("Order 4711", "Minutes of Monday", "Lunch?", "Re: offer", "Holiday plan"))
    sender, address = "orders@example.net", company.SITES["mail.example.net"]
    return plain_json.mail(at, rng, sender=sender, person=person, subject=subject, address=address, verdict=verdict)


def flagged(rng: Random, at: datetime) -> Happening:
    """A mail that the gateway did not like."""
    return mail(rng, at, verdict="flagged")


BY_FORMAT: dict[str, Noise] = {
    suricata_eve.FORMAT: suricata,
    wazuh4.FORMAT: wazuh,
    zeek_json.FORMAT: zeek,
    falco.FORMAT: cluster,
    alertmanager.FORMAT: monitoring,
    plain_json.FORMAT: plain,
}
ALERTS: dict[str, Noise] = BY_FORMAT | {
    suricata_eve.FORMAT: policy,
    zeek_json.FORMAT: notices,
    plain_json.FORMAT: flagged,
}
"""The same, without telemetry."""


def _to_site(rng: Random, host: company.Host, address: str) -> Flow:
    return flow(rng, f"fd00:20:1::{host.agent}" if ":" in address else host.address, address, 443, "tls")


def _question(rng: Random, host: company.Host) -> Flow:
    return flow(rng, host.address, company.RESOLVER.address, 53, "dns", protocol="UDP")


def _ja3(host: company.Host) -> str:
    """A machine's client speaks TLS the same way every time."""
    return f"{int(host.agent) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % (1 << 128):032x}"
