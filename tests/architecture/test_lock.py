from tests.architecture.lock import faults_of_subset, faults_of_text, pins

PINNED = """\
aio-pika==10.2.1 \\
    --hash=sha256:66c8 \\
    --hash=sha256:e4f7
    # via eventsec (pyproject.toml)
uvicorn[standard]==0.54.0 ; sys_platform != 'win32' \\
    --hash=sha256:aaaa
    # via eventsec (pyproject.toml)
"""


def test_reads_names_versions_and_hashes() -> None:
    assert [(pin.name, pin.version, pin.has_hash) for pin in pins(PINNED)] == [
        ("aio-pika", "10.2.1", True),
        ("uvicorn", "0.54.0", True),
    ]
    assert faults_of_text("a.lock", PINNED) == []


def test_a_pin_without_a_hash_is_a_fault() -> None:
    assert faults_of_text("a.lock", PINNED + "idna==3.1\n    # via x\nruff==1 \\\n    --hash=sha256:bb\n") == [
        "a.lock: idna==3.1 has no hash"
    ]


def test_a_host_is_a_fault() -> None:
    line = "--index-url http" + "s://registry.example/simple"
    assert faults_of_text("a.lock", f"{line}\n{PINNED}") == [f"a.lock: names a host: {line}"]


def test_an_empty_lock_is_a_fault() -> None:
    assert faults_of_text("a.lock", "# nothing\n") == ["a.lock: holds no pins"]


def test_run_time_pins_are_among_all_pins() -> None:
    assert faults_of_subset(PINNED, PINNED) == []
    assert faults_of_subset(PINNED.replace("10.2.1", "10.2.2"), PINNED) == [
        "requirements.lock: aio-pika==10.2.2 is not in requirements-dev.lock"
    ]
