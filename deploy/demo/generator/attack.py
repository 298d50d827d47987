"""The names of the ATT&CK techniques our stories use (Enterprise matrix), each with one tactic it serves."""

TACTICS = {
    "TA0043": "Reconnaissance",
    "TA0001": "Initial Access",
    "TA0002": "Execution",
    "TA0003": "Persistence",
    "TA0004": "Privilege Escalation",
    "TA0005": "Defense Evasion",
    "TA0006": "Credential Access",
    "TA0007": "Discovery",
    "TA0008": "Lateral Movement",
    "TA0009": "Collection",
    "TA0011": "Command and Control",
    "TA0010": "Exfiltration",
    "TA0040": "Impact",
}

TECHNIQUES = {
    "T1003.001": ("LSASS Memory", "TA0006"),
    "T1021.002": ("SMB/Windows Admin Shares", "TA0008"),
    "T1041": ("Exfiltration Over C2 Channel", "TA0010"),
    "T1046": ("Network Service Discovery", "TA0007"),
    "T1048": ("Exfiltration Over Alternative Protocol", "TA0010"),
    "T1053.003": ("Cron", "TA0003"),
    "T1059": ("Command and Scripting Interpreter", "TA0002"),
    "T1059.001": ("PowerShell", "TA0002"),
    "T1059.004": ("Unix Shell", "TA0002"),
    "T1071.001": ("Web Protocols", "TA0011"),
    "T1078": ("Valid Accounts", "TA0001"),
    "T1098": ("Account Manipulation", "TA0003"),
    "T1105": ("Ingress Tool Transfer", "TA0011"),
    "T1110": ("Brute Force", "TA0006"),
    "T1110.001": ("Password Guessing", "TA0006"),
    "T1110.003": ("Password Spraying", "TA0006"),
    "T1190": ("Exploit Public-Facing Application", "TA0001"),
    "T1204.002": ("Malicious File", "TA0002"),
    "T1486": ("Data Encrypted for Impact", "TA0040"),
    "T1490": ("Inhibit System Recovery", "TA0040"),
    "T1496": ("Resource Hijacking", "TA0040"),
    "T1505.003": ("Web Shell", "TA0003"),
    "T1528": ("Steal Application Access Token", "TA0006"),
    "T1552.001": ("Credentials In Files", "TA0006"),
    "T1565.001": ("Stored Data Manipulation", "TA0040"),
    "T1566.001": ("Spearphishing Attachment", "TA0001"),
    "T1569.002": ("Service Execution", "TA0002"),
    "T1573": ("Encrypted Channel", "TA0011"),
    "T1595.002": ("Vulnerability Scanning", "TA0043"),
    "T1611": ("Escape to Host", "TA0004"),
    "T1621": ("Multi-Factor Authentication Request Generation", "TA0006"),
}


def name(technique: str) -> str:
    """Raises KeyError for a technique not listed above."""
    return TECHNIQUES[technique][0]


def tactic(technique: str) -> tuple[str, str]:
    """Id and name of its tactic. Raises KeyError as `name` does."""
    identity = TECHNIQUES[technique][1]
    return identity, TACTICS[identity]
