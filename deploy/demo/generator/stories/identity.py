"""Accounts: one password tried on everybody, and one person asked until they say yes."""

from collections.abc import Iterator

from deploy.demo.generator import company
from deploy.demo.generator.formats import plain_json, wazuh4, zeek_json
from deploy.demo.generator.happening import Happening, flow
from deploy.demo.generator.stories.scene import Scene

_SPRAY = wazuh4.Rule(
    "60204", 10, "Windows: many failed logons from one address", ("windows", "authentication_failures"), ("T1110.003",)
)


def password_spraying(scene: Scene) -> Iterator[Happening]:
    """Everyone once, twice over; nobody gets locked."""
    rng, enemy = scene.rng, scene.enemy
    for number, moment in enumerate(scene.every(1.5, 2 * len(company.PEOPLE))):
        person = company.PEOPLE[number % len(company.PEOPLE)]
        yield plain_json.sign_in(
            moment,
            rng,
            person,
            enemy.address,
            outcome="failure",
            reason="wrong password",
            agent="python-requests",
            title="Password spraying",
            severity="high",
            technique="T1110.003",
        )
    logon = wazuh4.security_log(
        4625, company.DOMAIN_CONTROLLER, targetUserName="administrator", ipAddress=enemy.address, logonType="3"
    )
    yield wazuh4.alert(scene.at(30), rng, _SPRAY, company.DOMAIN_CONTROLLER, **logon)


def second_factor_fatigue(scene: Scene) -> Iterator[Happening]:
    """Twelve prompts, then a sign-in from elsewhere, then an application that may read all mail."""
    rng, enemy = scene.rng, scene.enemy
    _, person = company.workstation(rng, "people")
    for moment in scene.every(5, 12):
        yield plain_json.sign_in(
            moment,
            rng,
            person,
            enemy.address,
            outcome="failure",
            reason="prompt denied",
            title="Second factor asked again and again",
            severity="medium",
            technique="T1621",
        )
    yield plain_json.sign_in(
        scene.at(64),
        rng,
        person,
        enemy.address,
        title="Sign-in from two countries at once",
        severity="critical",
        technique="T1078",
        agent=company.BROWSERS[0],
    )
    yield plain_json.sign_in(
        scene.at(77),
        rng,
        person,
        enemy.address,
        title="Application may read all mail",
        severity="critical",
        technique="T1528",
        agent=company.BROWSERS[0],
    )
    outbound = flow(rng, company.MAIL_SERVER.address, enemy.second_address, 443, "ssl")
    yield zeek_json.conn(scene.at(95), rng, outbound, sent=240_000_000)
