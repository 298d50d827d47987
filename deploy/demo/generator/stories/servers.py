"""Two ways into a server from outside: guessing a password, and asking a web shop the wrong questions."""

from collections.abc import Iterator
from datetime import datetime

from deploy.demo.generator import company
from deploy.demo.generator.formats import plain_json, suricata_eve, wazuh4, zeek_json
from deploy.demo.generator.formats.suricata_eve import Signature
from deploy.demo.generator.happening import Happening, flow, sha256
from deploy.demo.generator.stories.scene import Scene

_SSH_SCAN = Signature(
    9002001, "LOCAL SCAN SSH connections in quick succession", "Detection of a Network Scan", 2, "Minor", "T1110.001"
)
_NOBODY = wazuh4.Rule(
    "5710", 5, "sshd: login tried as a user who does not exist", ("sshd", "authentication_failed"), ("T1110.001",)
)
_GUESSING = wazuh4.Rule("5712", 10, "sshd: brute force", ("sshd", "authentication_failures"), ("T1110",))
_IN = wazuh4.Rule("5715", 3, "sshd: login succeeded", ("sshd", "authentication_success"), ("T1078",))
_AFTER = wazuh4.Rule(
    "40112",
    12,
    "Login succeeded after many failures from the same address",
    ("syslog", "attacks", "authentication_success"),
    ("T1078", "T1110"),
)
_CRON = wazuh4.Rule("2834", 8, "A crontab was edited", ("syslog", "cron"), ("T1053.003",))

_PROBE = Signature(
    9002101, "LOCAL SCAN Web vulnerability scanner", "Detection of a Network Scan", 2, "Minor", "T1595.002"
)
_SQL = Signature(9002102, "LOCAL WEB SQL injection in a query parameter", "Web Application Attack", 1, "Major", "T1190")
_SHELL = Signature(
    9002103,
    "LOCAL WEB Command output in a reply of the shop",
    "Successful Administrator Privilege Gain",
    1,
    "Critical",
    "T1505.003",
)
_PORTS = Signature(
    9002104, "LOCAL SCAN Many ports of one host", "Detection of a Network Scan", 3, "Informational", "T1046"
)
_NEW_FILE = wazuh4.Rule("554", 12, "A script appeared in the web root", ("ossec", "syscheck"), ("T1505.003",))
_WEB_ERRORS = wazuh4.Rule("31151", 10, "Many 4xx answers to one address", ("web", "accesslog"), ("T1595.002",))

_USERS = ("admin", "oracle", "test", "backup", "git", "deploy", "ubuntu", "postgres")
_PATHS = (
    "/.env",
    "/wp-login.php",
    "/admin/",
    "/backup.zip",
    "/.git/config",
    "/phpinfo.php",
    "/api/v1/users",
    "/cgi-bin/",
)
_INJECTIONS = ("1' OR '1'='1", "1 UNION SELECT name,2,3 FROM users--", "1;SELECT pg_sleep(5)--", "1' AND 1=2--")


def ssh_brute_force(scene: Scene) -> Iterator[Happening]:
    """Two hundred guesses in a minute and a half; the last one is right."""
    rng, enemy, host = scene.rng, scene.enemy, company.BASTION
    for number, moment in enumerate(scene.every(0.45, 200)):
        guess = flow(rng, enemy.address, host.address, 22, "ssh")
        yield wazuh4.alert(
            moment, rng, _NOBODY, host, **wazuh4.sshd(rng, "Invalid user", enemy.address, rng.choice(_USERS))
        )
        if number % 4 == 0:
            yield suricata_eve.alert(moment, rng, _SSH_SCAN, guess)
        if number % 20 == 19:
            failed = wazuh4.sshd(rng, "Failed password for", enemy.address, "deploy")
            yield wazuh4.alert(moment, rng, _GUESSING, host, **failed)
    yield zeek_json.notice(
        scene.at(24),
        "SSH::Password_Guessing",
        f"{enemy.address} guessed passwords in 30 connections",
        sub="Sampled servers: " + host.address,
        src=enemy.address,
    )
    right = wazuh4.sshd(rng, "Accepted password for", enemy.address, "deploy")
    yield wazuh4.alert(scene.at(92), rng, _IN, host, **right)
    yield wazuh4.alert(scene.at(92.3), rng, _AFTER, host, **right)
    line = "crontab: (deploy) REPLACE (deploy)"
    yield wazuh4.alert(
        scene.at(104), rng, _CRON, host, data={"dstuser": "deploy"}, full_log=line, location="/var/log/cron"
    )
    yield zeek_json.conn(scene.at(118), rng, flow(rng, host.address, enemy.second_address, 443, "ssl"), sent=31_000_000)


def web_attack(scene: Scene) -> Iterator[Happening]:
    """A scanner, then a person who found something, then a file that should not be there."""
    rng, enemy, shop = scene.rng, scene.enemy, company.SHOP
    agent, name = "zap-like/2.1", f"shop.{company.DOMAIN}"
    for moment in scene.every(0.3, 120):
        probe, path = flow(rng, enemy.address, shop.address, 80, "http"), rng.choice(_PATHS)
        request = suricata_eve.request(name, path, agent, status=404, length=162)
        yield suricata_eve.alert(moment, rng, _PROBE, probe, http=request)
    yield wazuh4.alert(
        scene.at(30),
        rng,
        _WEB_ERRORS,
        shop,
        location="/var/log/nginx/access.log",
        data={"srcip": enemy.address, "url": "/.env", "id": "404", "protocol": "GET"},
    )
    for moment in scene.every(2.1, 24, start=44):
        yield from _injection(scene, moment, name)
    yield zeek_json.notice(
        scene.at(70), "HTTP::SQL_Injection_Attacker", "An SQL injection attacker was found", src=enemy.address
    )
    yield from _web_shell(scene, name)


def port_scan(scene: Scene) -> Iterator[Happening]:
    """A burst: six hundred alerts in three seconds, which fold into a handful."""
    rng, enemy = scene.rng, scene.enemy
    targets = rng.sample((company.SHOP, company.SHOP_SPARE, company.BASTION), 2)
    for number, moment in enumerate(scene.every(0.005, 600)):
        port = rng.choice((21, 22, 23, 80, 443, 3306, 5432, 8080))
        yield suricata_eve.alert(moment, rng, _PORTS, flow(rng, enemy.address, targets[number % 2].address, port))
    yield zeek_json.notice(
        scene.at(4),
        "Scan::Port_Scan",
        f"{enemy.address} scanned at least 15 ports",
        src=enemy.address,
        dst=targets[0].address,
    )


def _injection(scene: Scene, moment: datetime, name: str) -> Iterator[Happening]:
    rng, enemy, shop = scene.rng, scene.enemy, company.SHOP
    url = "/products?id=" + rng.choice(_INJECTIONS).replace(" ", "%20")
    attempt = flow(rng, enemy.address, shop.address, 80, "http")
    request = suricata_eve.request(name, url, company.BROWSERS[1], status=500, length=900)
    yield suricata_eve.alert(moment, rng, _SQL, attempt, blocked=rng.random() < 0.5, http=request)
    yield plain_json.web_firewall(
        moment,
        rng,
        rule_id="942-sql",
        rule="SQL in a parameter",
        severity="high",
        source=enemy.address,
        host=name,
        url=url,
        agent=company.BROWSERS[1],
        technique="T1190",
    )


def _web_shell(scene: Scene, name: str) -> Iterator[Happening]:
    rng, enemy, shop = scene.rng, scene.enemy, company.SHOP
    parts = wazuh4.syscheck("/srv/shop/public/img/x.php", "added", sha256=sha256(rng), user="www-data", size=2_310)
    yield wazuh4.alert(scene.at(101), rng, _NEW_FILE, shop, **parts)
    for moment in scene.every(4, 6, start=104):
        request = suricata_eve.request(name, "/img/x.php?c=id", company.BROWSERS[1], length=64)
        call = flow(rng, enemy.address, shop.address, 80, "http")
        yield suricata_eve.alert(moment, rng, _SHELL, call, http=request)
