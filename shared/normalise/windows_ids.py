"""What the ids of Windows events mean: words for them, and ECS's categories and types.

An id means something only together with its provider, so the ids are listed by family. The words are ours, because
Windows writes its own in the machine's language.
"""

from typing import NamedTuple


class Meaning(NamedTuple):
    """What an event id stands for; `action` is the title as ECS writes actions."""

    title: str
    category: tuple[str, ...]
    type: tuple[str, ...]
    action: str


def _meaning(title: str, category: str = "", kind: str = "") -> Meaning:
    return Meaning(title, tuple(category.split()), tuple(kind.split()), title.lower().replace(" ", "-"))


_SYSMON = {
    1: _meaning("Process created", "process", "start"),
    2: _meaning("File creation time changed", "file", "change"),
    3: _meaning("Network connection", "network", "connection start protocol"),
    4: _meaning("Sysmon service state changed", "process", "change"),
    5: _meaning("Process ended", "process", "end"),
    6: _meaning("Driver loaded", "driver", "start"),
    7: _meaning("Image loaded", "process", "change"),
    8: _meaning("Remote thread created", "process", "change"),
    9: _meaning("Raw disk read", "process", "access"),
    10: _meaning("Process accessed", "process", "access"),
    11: _meaning("File created", "file", "creation"),
    12: _meaning("Registry object added or deleted", "configuration registry", "change"),
    13: _meaning("Registry value set", "configuration registry", "change"),
    14: _meaning("Registry object renamed", "configuration registry", "change"),
    15: _meaning("File stream created", "file", "access"),
    16: _meaning("Sysmon configuration changed", "configuration", "change"),
    17: _meaning("Pipe created", "file", "creation"),
    18: _meaning("Pipe connected", "file", "access"),
    19: _meaning("WMI filter registered", "configuration", "creation"),
    20: _meaning("WMI consumer registered", "configuration", "creation"),
    21: _meaning("WMI consumer bound to filter", "configuration", "change"),
    22: _meaning("DNS query", "network", "connection protocol info"),
    23: _meaning("File deleted and archived", "file", "deletion"),
    24: _meaning("Clipboard changed"),
    25: _meaning("Process tampered with", "process", "change"),
    26: _meaning("File deleted", "file", "deletion"),
    27: _meaning("Executable blocked", "file", "denied"),
    28: _meaning("File shredding blocked", "file", "denied"),
    29: _meaning("Executable detected", "file", "creation"),
    255: _meaning("Sysmon error"),
}
_SECURITY = {
    1100: _meaning("Event logging stopped", "process", "end"),
    1102: _meaning("Audit log cleared", "iam", "admin change"),
    4616: _meaning("System time changed", "configuration", "change"),
    4624: _meaning("Logged in", "authentication", "start"),
    4625: _meaning("Logon failed", "authentication", "start"),
    4627: _meaning("Group memberships of a logon", "iam", "group info"),
    4634: _meaning("Logged out", "authentication", "end"),
    4647: _meaning("Logged out by the user", "authentication", "end"),
    4648: _meaning("Logged in explicit", "authentication", "start"),
    4656: _meaning("Object handle requested"),
    4657: _meaning("Registry value modified", "configuration registry", "change"),
    4658: _meaning("Object handle closed"),
    4663: _meaning("Object accessed"),
    4670: _meaning("Object permissions changed", "iam configuration", "admin change"),
    4672: _meaning("Logged in special", "iam", "admin"),
    4673: _meaning("Privileged service called", "iam", "admin"),
    4674: _meaning("Privileged operation", "iam", "admin"),
    4688: _meaning("Created process", "process", "start"),
    4689: _meaning("Exited process", "process", "end"),
    4690: _meaning("Object handle duplicated"),
    4697: _meaning("Service installed", "configuration", "creation"),
    4698: _meaning("Scheduled task created", "configuration", "creation"),
    4699: _meaning("Scheduled task deleted", "configuration", "deletion"),
    4700: _meaning("Scheduled task enabled", "configuration", "change"),
    4701: _meaning("Scheduled task disabled", "configuration", "change"),
    4702: _meaning("Scheduled task updated", "configuration", "change"),
    4703: _meaning("Token right adjusted", "iam", "user change"),
    4719: _meaning("Changed audit config", "iam configuration", "admin change"),
    4720: _meaning("Added user account", "iam", "user creation"),
    4722: _meaning("Enabled user account", "iam", "user change"),
    4723: _meaning("Changed password", "iam", "user change"),
    4724: _meaning("Reset password", "iam", "user change"),
    4725: _meaning("Disabled user account", "iam", "user change"),
    4726: _meaning("Deleted user account", "iam", "user deletion"),
    4727: _meaning("Added group account", "iam", "group creation"),
    4728: _meaning("Added member to group", "iam", "group change"),
    4729: _meaning("Removed member from group", "iam", "group change"),
    4731: _meaning("Added group account", "iam", "group creation"),
    4732: _meaning("Added member to group", "iam", "group change"),
    4733: _meaning("Removed member from group", "iam", "group change"),
    4738: _meaning("Modified user account", "iam", "user change"),
    4740: _meaning("Locked out user account", "iam", "user change"),
    4741: _meaning("Added computer account", "iam", "creation admin"),
    4742: _meaning("Changed computer account", "iam", "change admin"),
    4743: _meaning("Deleted computer account", "iam", "deletion admin"),
    4754: _meaning("Added group account", "iam", "group creation"),
    4756: _meaning("Added member to group", "iam", "group change"),
    4757: _meaning("Removed member from group", "iam", "group change"),
    4767: _meaning("Unlocked user account", "iam", "user change"),
    4768: _meaning("Kerberos authentication ticket requested", "authentication", "start"),
    4769: _meaning("Kerberos service ticket requested", "authentication", "start"),
    4771: _meaning("Kerberos preauth failed", "authentication", "start"),
    4776: _meaning("Credential validated", "authentication", "start"),
    4778: _meaning("Session reconnected", "authentication session", "start"),
    4779: _meaning("Session disconnected", "authentication session", "end"),
    4781: _meaning("Renamed user account", "iam", "user change"),
    5136: _meaning("Directory object modified", "iam configuration", "change"),
    5140: _meaning("Network share accessed", "network file", "access"),
    5145: _meaning("Network share object checked", "network file", "access"),
    5152: _meaning("Packet blocked", "network", "connection denied"),
    5154: _meaning("Listening permitted", "network", "allowed"),
    5156: _meaning("Connection permitted", "network", "connection allowed"),
    5157: _meaning("Connection blocked", "network", "connection denied"),
    5158: _meaning("Bind permitted", "network", "allowed"),
}
_POWERSHELL = {
    400: _meaning("PowerShell engine started", "process", "start"),
    403: _meaning("PowerShell engine stopped", "process", "end"),
    600: _meaning("PowerShell provider started", "process", "info"),
    800: _meaning("PowerShell pipeline details", "process", "info"),
    4103: _meaning("PowerShell pipeline executed", "process", "info"),
    4104: _meaning("PowerShell script block", "process", "info"),
}
_SYSTEM = {
    104: _meaning("Event log cleared", "configuration", "admin change"),
    7036: _meaning("Service state changed", "process", "change"),
    7040: _meaning("Service start type changed", "configuration", "change"),
    7045: _meaning("Service installed", "configuration", "creation"),
}
_MEANINGS = {"sysmon": _SYSMON, "security": _SECURITY, "powershell": _POWERSHELL, "system": _SYSTEM}


def family(provider: str, channel: str) -> str:
    """One word for where an event is from: `sysmon`, `security`, `powershell`, `system`, or `windows` for all else."""
    # Collectors write channels in any case, and forwarded events keep their provider but not always their channel.
    source, log = provider.lower(), channel.lower()
    for name in ("sysmon", "powershell"):
        if name in source or name in log:
            return name
    if log == "security" or source == "microsoft-windows-security-auditing":
        return "security"
    return "system" if log == "system" else "windows"


def meaning(family: str, code: int | None) -> Meaning | None:
    """What that id means in that family; None for those we have no words for."""
    return _MEANINGS.get(family, {}).get(code or 0)
