"""Ransomware on the file server: copies deleted, hundreds of files rewritten in seconds, the backup fails."""

from collections.abc import Iterator

from deploy.demo.generator import company
from deploy.demo.generator.formats import alertmanager, suricata_eve, wazuh4
from deploy.demo.generator.formats.suricata_eve import Signature
from deploy.demo.generator.happening import Happening, flow, sha256
from deploy.demo.generator.stories.scene import Scene

_SHADOWS = wazuh4.Rule("92032", 14, "Sysmon: volume shadow copies deleted", ("sysmon", "windows"), ("T1490",))
_REWRITTEN = wazuh4.Rule("100210", 12, "A document got a new ending", ("ossec", "syscheck"), ("T1486",))
_NOTE = wazuh4.Rule("100211", 15, "A ransom note appeared", ("ossec", "syscheck"), ("T1486",))
_WRITES = Signature(
    9004001, "LOCAL RANSOM Renames in bulk over SMB", "A Network Trojan was detected", 1, "Critical", "T1486"
)

_FOLDERS = ("Finance", "Sales", "Drawings", "Contracts", "Payroll")


def ransomware(scene: Scene) -> Iterator[Happening]:
    """The burst is the point: 260 alerts in some thirteen seconds, one per folder after folding."""
    rng, server = scene.rng, company.FILE_SERVER
    host, person = company.workstation(rng, "sales")
    parts = wazuh4.sysmon(
        1,
        server,
        image="C:\\Windows\\System32\\vssadmin.exe",
        commandLine="vssadmin delete shadows /all /quiet",
        parentImage="C:\\Windows\\System32\\cmd.exe",
        user=f"ALDERBROOK\\{person.account}",
    )
    yield wazuh4.alert(scene.at(0), rng, _SHADOWS, server, **parts)
    for moment in scene.every(0.05, 260, start=4):
        folder = rng.choice(_FOLDERS)
        path = f"d:\\shares\\{folder.lower()}"
        change = wazuh4.syscheck(path, "modified", sha256=sha256(rng), user=person.account, size=rng.getrandbits(18))
        yield wazuh4.alert(moment, rng, _REWRITTEN, server, **change)
    for moment in scene.every(0.6, 20, start=4):
        session = flow(rng, host.address, server.address, 445, "smb")
        user = {"ntlmssp": {"user": person.account, "domain": "ALDERBROOK", "host": host.name}}
        yield suricata_eve.alert(moment, rng, _WRITES, session, smb=user)
    note = wazuh4.syscheck(
        "d:\\shares\\readme_restore.txt", "added", sha256=sha256(rng), user=person.account, size=1_204
    )
    yield wazuh4.alert(scene.at(18), rng, _NOTE, server, **note)
    failed = alertmanager.Firing(
        "BackupFailed",
        "critical",
        f"{company.BACKUP.name}:9100",
        "The backup of files-01 ended with errors",
        scene.at(40),
    )
    yield alertmanager.post(scene.at(50), [failed])
