from pathlib import Path

import pytest

from deploy.stack import java, machine, opensearch
from deploy.stack.java import Java


@pytest.mark.parametrize(
    ("said", "major"),
    [
        ('openjdk version "25.0.1" 2025-10-21 LTS\nOpenJDK Runtime Environment Temurin-25.0.1+8', 25),
        ('openjdk version "21" 2023-09-19', 21),
        ('openjdk version "26-ea" 2026-03-17', 26),
        ('java version "1.8.0_392"\nJava(TM) SE Runtime Environment', 8),
        ('Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "17.0.15"', 17),
        ("command not found", None),
    ],
)
def test_the_major_version_is_read_from_what_java_says(said: str, major: int | None) -> None:
    assert java.parse_version(said) == major


def _runtime(folder: Path, version: str) -> Path:
    folder.mkdir()
    (folder / "release").write_text(f'IMPLEMENTOR="Someone"\nJAVA_VERSION="{version}"\n')
    return folder


def test_named_runtimes_come_first_then_the_oldest_that_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    eight, seventeen = _runtime(tmp_path / "8", "1.8.0_392"), _runtime(tmp_path / "17", "17.0.15")
    twenty_five, twenty_one = _runtime(tmp_path / "25", "25.0.1"), _runtime(tmp_path / "21", "21.0.3")
    monkeypatch.setattr(machine, "folders", lambda _: [eight, twenty_five, seventeen, twenty_one, tmp_path / "none"])
    monkeypatch.setattr(machine, "program", lambda _: None)
    monkeypatch.delenv("OPENSEARCH_JAVA_HOME", raising=False)
    monkeypatch.setenv("JAVA_HOME", "/named")
    assert java.homes() == [Path("/named"), twenty_one, twenty_five]


SHIPPED = """\
## JVM configuration
-Xms1g
-Xmx1g
11-:-XX:+UseG1GC
-XX:+HeapDumpOnOutOfMemoryError
-XX:HeapDumpPath=data
-XX:ErrorFile=logs/hs_err_pid%p.log
9-:-Xlog:gc*,gc+age=trace,safepoint:file=logs/gc.log:utctime,pid,tags:filecount=32,filesize=64m
20-:--add-modules=jdk.incubator.vector
21-:-javaagent:agent/opensearch-agent.jar
"""


@pytest.mark.parametrize("has_vectors", [True, False])
def test_the_vector_module_is_asked_for_only_where_java_has_it(has_vectors: bool) -> None:
    options = opensearch.jvm_options(SHIPPED, Java(Path("/jdk"), 25, has_vectors), Path("/home")).splitlines()
    assert ("20-:--add-modules=jdk.incubator.vector" in options) == has_vectors


def test_the_heap_is_ours_and_nothing_is_written_beside_the_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTSEC_STACK_OPENSEARCH_HEAP", "384m")
    options = opensearch.jvm_options(SHIPPED, Java(Path("/jdk"), 25, True), Path("/home")).splitlines()
    assert [line for line in options if line.startswith("-Xm")] == ["-Xms384m", "-Xmx384m"]
    assert not [line for line in options if "logs/" in line or "=data" in line]
    assert "21-:-javaagent:agent/opensearch-agent.jar" in options
