"""OpenSearch's server archive from a Maven repository: by Maven where there is one, else by plain HTTPS.

The repository is whatever Maven, its settings or a variable name; none is named here.
"""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from deploy.stack import packages
from deploy.stack.errors import Missing, StackError
from deploy.stack.report import Report

VERSION = "3.6.0"
SHA512 = (
    "b82066a97902879c47e26608848d068c09e74d2128edee2802e622867abd451d"
    "34a366acc6519d0b40fc97acc89d61c5bb330ab8b2086cf6ffa0f9fe4b9acaa4"
)
GROUP, ARTIFACT = "org.opensearch.distribution.integ-test-zip", "opensearch"
VARIABLE = "EVENTSEC_MAVEN_REPOSITORY"
SECONDS = 60  # without a byte
MACHINE_SETTINGS = (Path("/etc/maven/settings.xml"), Path("/usr/share/maven/conf/settings.xml"))


@dataclass(frozen=True)
class Repository:
    url: str
    user: str = ""
    password: str = ""


def archive(report: Report) -> Path:
    """The server's zip in the user's cache, downloaded when absent, its SHA-512 checked."""
    file = _cache() / f"opensearch-{VERSION}.zip"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent) as folder:
            fetched = _fetch(Path(folder), file.name, report)
            _verify(fetched)
            fetched.replace(file)
    return file


def _verify(file: Path) -> None:
    """The released file never changes, so its digest is known beforehand, whatever the way it came."""
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha512").hexdigest()
    if digest != SHA512:
        raise StackError(f"{file.name} has SHA-512 {digest[:16]}…, expected {SHA512[:16]}…: not OpenSearch {VERSION}.")


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "eventsec"


def _fetch(folder: Path, name: str, report: Report) -> Path:
    said = "" if shutil.which("mvn") or repositories(os.environ) else _install_maven(report)
    if shutil.which("mvn"):
        report("opensearch", f"downloading {name} (160 MB) by Maven")
        said = _by_maven(folder)
        if not said:
            return folder / name
    for repository in repositories(os.environ):
        report("opensearch", f"downloading {name} (160 MB) over HTTPS")
        try:
            return _by_https(repository, folder / name)
        except OSError as error:
            said += f"\nHTTPS: {error}"
    raise Missing(
        f"OpenSearch {VERSION} ({GROUP}:{ARTIFACT}:{VERSION}:zip)",
        f"install Maven (Debian/Ubuntu: sudo apt-get install maven), or set {VARIABLE} to the URL of a Maven "
        f"repository that has it, or set EVENTSEC_OPENSEARCH_URL to a server you have.\n{said}".rstrip(),
    )


def _install_maven(report: Report) -> str:
    """What apt said if it failed."""
    if not packages.can_install():
        return ""
    report("opensearch", "installing the package maven")
    try:
        packages.install("maven")
    except StackError as error:
        return str(error)
    return ""


def _by_maven(folder: Path) -> str:
    """Empty when it worked, else Maven's last words."""
    goal = ["dependency:copy", f"-Dartifact={GROUP}:{ARTIFACT}:{VERSION}:zip", f"-DoutputDirectory={folder}"]
    argv = ["mvn", "--batch-mode", "--quiet", "--strict-checksums", *goal]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    return "" if done.returncode == 0 else f"Maven: {(done.stdout + done.stderr).strip()[-1500:]}"


def _by_https(repository: Repository, file: Path) -> Path:
    path = f"{GROUP.replace('.', '/')}/{ARTIFACT}/{VERSION}/{ARTIFACT}-{VERSION}.zip"
    request = urllib.request.Request(f"{repository.url.rstrip('/')}/{path}")  # noqa: S310  the user's own settings
    if repository.user:
        login = base64.b64encode(f"{repository.user}:{repository.password}".encode()).decode()
        request.add_header("Authorization", f"Basic {login}")
    with urllib.request.urlopen(request, timeout=SECONDS) as reply, file.open("wb") as output:  # noqa: S310
        shutil.copyfileobj(reply, output, 1 << 20)
    return file


def repositories(environment: Mapping[str, str]) -> list[Repository]:
    """The one the variable names, then those of Maven's settings: the user's, then the machine's."""
    named = environment.get(VARIABLE)
    found = [Repository(named)] if named else []
    homes = [environment[name] for name in ("MAVEN_HOME", "M2_HOME") if environment.get(name)]
    files = [Path.home() / ".m2/settings.xml", *(Path(home) / "conf/settings.xml" for home in homes)]
    for file in [*files, *MACHINE_SETTINGS]:
        try:
            text = file.read_text(encoding="utf-8")
        except OSError:
            continue
        found += [repository for repository in parse_settings(text, environment) if repository not in found]
    return found


def parse_settings(text: str, environment: Mapping[str, str]) -> list[Repository]:
    """The repositories that stand for Maven's `central`: its mirrors, then those that profiles add.

    A password that Maven has encrypted is not used. A broken file counts as empty.
    """
    # Names without their namespace, of which Maven has had several.
    try:
        root = ElementTree.fromstring(re.sub(r'\sxmlns(:\w+)?="[^"]*"|\sxsi:\w+="[^"]*"', "", text))  # noqa: S314  the user's own
    except ElementTree.ParseError:
        return []

    def words(element: ElementTree.Element, name: str) -> str:
        said = (element.findtext(name) or "").strip()
        return re.sub(r"\$\{env\.(\w+)\}", lambda match: environment.get(match[1], ""), said)

    logins = {words(server, "id"): server for server in root.iterfind("servers/server")}

    def places() -> Iterator[ElementTree.Element]:
        for mirror in root.iterfind("mirrors/mirror"):
            if stands_for_central(words(mirror, "mirrorOf")) and words(mirror, "blocked") != "true":
                yield mirror
        yield from root.iterfind("profiles/profile/repositories/repository")

    found = []
    for place in places():
        url, login = words(place, "url"), logins.get(words(place, "id"))
        user, password = (words(login, "username"), words(login, "password")) if login is not None else ("", "")
        if url and not (password.startswith("{") and password.endswith("}")):
            found.append(Repository(url, user, password))
    return found


def stands_for_central(mirror_of: str) -> bool:
    """Maven's `mirrorOf`: names or `*`, `external:*`, with `!central` taking it back out."""
    names = {name.strip() for name in mirror_of.split(",")}
    return "!central" not in names and bool(names & {"*", "external:*", "central"})
