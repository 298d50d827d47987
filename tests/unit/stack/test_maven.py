import hashlib
from pathlib import Path

import pytest

from deploy.stack import maven, packages
from deploy.stack.errors import Missing, StackError
from deploy.stack.maven import Repository
from deploy.stack.report import silent

SETTINGS = """\
<?xml version="1.0" encoding="UTF-8"?>
<settings xmlns="http://maven.apache.org/SETTINGS/1.2.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
          xsi:schemaLocation="http://maven.apache.org/SETTINGS/1.2.0 settings-1.2.0.xsd">
  <servers>
    <server><id>inside</id><username>reader</username><password>${env.REPOSITORY_PASSWORD}</password></server>
    <server><id>sealed</id><username>reader</username><password>{COQLCE6DU6GtcS5P=}</password></server>
  </servers>
  <mirrors>
    <mirror><id>blocker</id><mirrorOf>external:http:*</mirrorOf><url>http://0.0.0.0/</url><blocked>true</blocked></mirror>
    <mirror><id>other</id><mirrorOf>jboss</mirrorOf><url>https://jboss.invalid/maven</url></mirror>
    <mirror><id>sealed</id><mirrorOf>*</mirrorOf><url>https://sealed.invalid/maven</url></mirror>
    <mirror><id>inside</id><mirrorOf>*,!snapshots</mirrorOf><url> https://inside.invalid/maven </url></mirror>
  </mirrors>
  <profiles>
    <profile><repositories><repository><id>more</id><url>https://more.invalid/maven</url></repository></repositories></profile>
  </profiles>
</settings>
"""


def test_settings_name_the_repositories_that_stand_for_central() -> None:
    assert maven.parse_settings(SETTINGS, {"REPOSITORY_PASSWORD": "s3cret"}) == [
        Repository("https://inside.invalid/maven", "reader", "s3cret"),
        Repository("https://more.invalid/maven"),
    ]


@pytest.mark.parametrize("text", ["", "<settings/>", "<settings><mirrors>", "no xml at all"])
def test_settings_that_say_nothing_name_nothing(text: str) -> None:
    assert maven.parse_settings(text, {}) == []


@pytest.mark.parametrize(
    ("mirror_of", "stands"),
    [
        ("*", True), ("central", True), ("external:*", True), ("jboss, central", True), ("*,!snapshots", True),
        ("*,!central", False), ("jboss", False), ("external:http:*", False), ("", False),
    ],
)  # fmt: skip
def test_which_mirrors_stand_for_central(mirror_of: str, stands: bool) -> None:
    assert maven.stands_for_central(mirror_of) == stands


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user with nothing: no Maven, no cache, no settings but what the test writes."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    for name in ("XDG_CACHE_HOME", "MAVEN_HOME", "M2_HOME", maven.VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(maven, "MACHINE_SETTINGS", ())
    monkeypatch.setattr(packages, "can_install", lambda: False)
    return tmp_path


def test_the_variable_comes_before_the_settings(home: Path) -> None:
    (home / ".m2").mkdir()
    (home / ".m2/settings.xml").write_text(SETTINGS)
    found = maven.repositories({maven.VARIABLE: "https://named.invalid/maven"})
    assert [repository.url for repository in found] == [
        "https://named.invalid/maven", "https://inside.invalid/maven", "https://more.invalid/maven",
    ]  # fmt: skip


def _repository(folder: Path, content: bytes) -> str:
    file = folder / "org/opensearch/distribution/integ-test-zip/opensearch" / maven.VERSION
    file.mkdir(parents=True)
    (file / f"opensearch-{maven.VERSION}.zip").write_bytes(content)
    return folder.as_uri()


def test_a_download_is_kept_for_the_next_checkout(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(maven.VARIABLE, _repository(home / "repository", b"the server"))
    monkeypatch.setattr(maven, "SHA512", hashlib.sha512(b"the server").hexdigest())
    file = maven.archive(silent)
    assert file.read_bytes() == b"the server"
    monkeypatch.delenv(maven.VARIABLE)
    assert maven.archive(silent) == file


def test_a_download_that_is_not_the_release_is_not_kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(maven.VARIABLE, _repository(home / "repository", b"something else"))
    with pytest.raises(StackError, match="SHA-512"):
        maven.archive(silent)
    assert list((home / ".cache/eventsec").iterdir()) == []


def test_without_any_way_the_ways_are_named(home: Path) -> None:
    with pytest.raises(Missing) as caught:
        maven.archive(silent)
    for way in ("install maven", maven.VARIABLE, "EVENTSEC_OPENSEARCH_URL"):
        assert way in str(caught.value)
