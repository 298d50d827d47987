from pathlib import Path

from tests.architecture.leaks import find, folders, registries


def test_the_checkout_its_parent_and_the_home_are_looked_for() -> None:
    assert folders(Path("/data/projects/eventsec"), "/home/ada") == [
        "/data/projects/eventsec/",
        "/data/projects/",
        "/home/ada/",
    ]


def test_places_that_are_the_same_everywhere_are_not() -> None:
    assert folders(Path("/app"), "/root") == []
    assert folders(Path("/tmp/eventsec"), "/root") == ["/tmp/eventsec/"]


def test_registries_are_taken_from_settings_without_their_secrets() -> None:
    scheme = "http" + "s://"
    environment = {
        "PIP_INDEX_URL": f"{scheme}user:secret@packages.example/simple",
        "NPM_CONFIG_REGISTRY": f"{scheme}npm.example:8443/",
        "HTTPS_PROXY": "http" + "://127.0.0.1:3128",
        "HOMEPAGE": f"{scheme}elsewhere.example/",
    }
    maven = f'<settings xmlns="{scheme}schemas.example/1"><url>{scheme}maven.example/x</url></settings>'
    assert registries(environment, [f"[global]\nindex-url = {scheme}mirror.example/simple", maven]) == [
        "maven.example",
        "mirror.example",
        "npm.example",
        "packages.example",
    ]


def test_finds_file_and_line_even_in_what_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("one\nsee packages.example\n", encoding="utf-8")
    (tmp_path / "b.bin").write_bytes(b"\xff\x00/home/ada/x")
    found = find(["packages.example", "/home/ada/"], [Path("a.md"), Path("b.bin")], tmp_path)
    assert found == ["a.md:2: packages.example", "b.bin:1: /home/ada/"]
