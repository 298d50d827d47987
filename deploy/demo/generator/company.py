"""The invented company whose sensors the demo plays: its people, its machines, and the world around it.

Addresses are private or from the documentation ranges (RFC 5737, RFC 3849), names from the reserved
example domains (RFC 2606): nothing here can be anyone's.
"""

from dataclasses import dataclass
from random import Random

DOMAIN = "alderbrook.example.com"


@dataclass(frozen=True)
class Person:
    name: str
    account: str
    department: str

    @property
    def email(self) -> str:
        return f"{self.account}@{DOMAIN}"


@dataclass(frozen=True)
class Host:
    """`agent` is its Wazuh agent's number; `owner` the account of whoever works at it."""

    name: str
    address: str
    system: str
    agent: str
    owner: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.name}.{DOMAIN}"


_NAMES = {
    "finance": ("Mira Tolland", "Jonas Ekdal", "Oyelaran Bisi", "Petra Kuhlmann"),
    "sales": ("Tamsin Rook", "Luca Brandolini", "Ines Carvalhal", "Dmitri Palych", "Hana Sorimachi"),
    "engineering": ("Noor Aldabbagh", "Felix Wintermark", "Saoirse Keane", "Arjun Vellanki", "Bo Lindqvister"),
    "people": ("Greta Oswin", "Mateus Farinha"),
    "it": ("Kaito Murabe", "Rosalind Achterberg"),
}

PEOPLE = tuple(
    Person(name, f"{name.split()[0][0]}.{name.split()[1]}".lower(), department)
    for department, names in _NAMES.items()
    for name in names
)

WORKSTATIONS = tuple(
    Host(f"{person.department[:3]}-ws-{number:02}", f"10.20.1.{10 + number}", "windows", f"{100 + number:03}",
         person.account)
    for number, person in enumerate(PEOPLE, 1)
)  # fmt: skip

DOMAIN_CONTROLLER = Host("dc-01", "10.20.10.5", "windows", "010")
FILE_SERVER = Host("files-01", "10.20.10.12", "windows", "011")
MAIL_SERVER = Host("mail-01", "10.20.10.25", "linux", "012")
DATABASE = Host("db-01", "10.20.10.40", "linux", "013")
BACKUP = Host("backup-01", "10.20.10.60", "linux", "014")
SHOP = Host("shop-01", "10.20.50.10", "linux", "020")
SHOP_SPARE = Host("shop-02", "10.20.50.11", "linux", "021")
BASTION = Host("bastion-01", "10.20.50.22", "linux", "022")
NODES = tuple(Host(f"k8s-node-{number}", f"10.20.80.{10 + number}", "linux", f"03{number}") for number in (1, 2, 3))

SERVERS = (DOMAIN_CONTROLLER, FILE_SERVER, MAIL_SERVER, DATABASE, BACKUP)
LINUX = (MAIL_SERVER, DATABASE, BACKUP, SHOP, SHOP_SPARE, BASTION, *NODES)
HOSTS = (*WORKSTATIONS, *SERVERS, SHOP, SHOP_SPARE, BASTION, *NODES)
RESOLVER = DOMAIN_CONTROLLER

WAZUH_MANAGER = "siem-01"
NETWORK_SENSOR = "tap-01"

# The harmless part of the world.
SITES = {
    "mail.example.net": "192.0.2.10",
    "updates.example.net": "192.0.2.21",
    "cdn.example.net": "192.0.2.22",
    "news.example.com": "192.0.2.33",
    "video.example.net": "192.0.2.44",
    "calendar.example.net": "192.0.2.51",
    "packages.example.net": "192.0.2.60",
    "bank.example.com": "192.0.2.71",
    "maps.example.net": "192.0.2.88",
    "ntp.example.net": "2001:db8:17::123",
}
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/139.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_2) AppleWebKit/605.1.15 Version/18.2 Safari/605.1.15",
)

_BAD_WORDS = ("invoice", "sync", "cdn", "telemetry", "login", "update", "share", "portal", "static", "metrics")


@dataclass(frozen=True)
class Attacker:
    """One adversary's infrastructure, used through a whole story."""

    address: str
    second_address: str
    domain: str


def attacker(rng: Random) -> Attacker:
    """A new adversary; a range of two hundred means that some come back."""
    first, second = rng.sample(_BAD_WORDS, 2)
    return Attacker(
        address=f"203.0.113.{rng.randrange(10, 250)}",
        second_address=f"198.51.100.{rng.randrange(10, 250)}",
        domain=f"{first}-{second}{rng.randrange(10, 99)}.example.org",
    )


def workstation(rng: Random, department: str = "") -> tuple[Host, Person]:
    """Somebody, of that department where one is named, and their machine."""
    number = rng.choice([i for i, person in enumerate(PEOPLE) if department in {"", person.department}])
    return WORKSTATIONS[number], PEOPLE[number]
