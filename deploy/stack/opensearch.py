"""A private OpenSearch: the real server from Maven Central on a Java runtime found or installed, loopback only."""

import os
import re
import shutil
import signal
import zipfile
from pathlib import Path

from deploy.stack import java, maven, probes
from deploy.stack.errors import NotAnswering, StackError
from deploy.stack.java import Java
from deploy.stack.place import Place
from deploy.stack.ports import LOOPBACK
from deploy.stack.process import Command
from deploy.stack.report import Report
from deploy.stack.state import Record

NAME = "opensearch"
URL = "EVENTSEC_OPENSEARCH_URL"
PORTS: tuple[str, ...] = ("http", "transport")
SECONDS = 120
STOP: dict[str, signal.Signals] = {"server": signal.SIGTERM}
STOP_SECONDS = 30
PASSING = re.compile("BindHttpException|BindTransportException|failed to obtain node lock")


def prepare(place: Place, record: Record, report: Report) -> list[Command]:
    home = place.folder(NAME)
    runtime = java.find(place, report)
    server = _server(place, home, report)
    settings = place.folder(NAME, "config")
    for folder in ("data", "log", "tmp"):
        place.folder(NAME, folder)
    place.write(settings / "opensearch.yml", _settings(record, home, place.mark(NAME)))
    place.write(settings / "log4j2.properties", _LOGGING)
    shipped = (server / "config" / "jvm.options").read_text(encoding="utf-8")
    place.write(settings / "jvm.options", jvm_options(shipped, runtime, home))
    environment = place.environment(
        home,
        OPENSEARCH_JAVA_HOME=str(runtime.home),
        OPENSEARCH_PATH_CONF=str(settings),
        OPENSEARCH_TMPDIR=str(home / "tmp"),  # native parts are unpacked there, and /tmp may forbid running them
    )
    return [Command("server", [str(server / "bin" / "opensearch")], environment, home)]


def check(place: Place, record: Record) -> None:
    health = probes.http_json(LOOPBACK, record.ports["http"], "/_cluster/health")
    if health.get("cluster_name") != place.mark(NAME):
        raise NotAnswering("another OpenSearch answers")
    if health.get("status") not in ("green", "yellow"):
        raise NotAnswering(f"the cluster's status is {health.get('status')}")


def urls(place: Place, record: Record) -> dict[str, str]:
    return {URL: f"http://{LOOPBACK}:{record.ports['http']}"}


def jvm_options(shipped: str, runtime: Java, home: Path) -> str:
    """The release's own options, without files it would write beside its programs and without modules Java lacks.

    The heap is not touched beforehand: a developer's machine has other uses for memory that nobody needs yet.
    """
    heap = os.environ.get("EVENTSEC_STACK_OPENSEARCH_HEAP", "1g")
    lines = [line for line in shipped.splitlines() if line and not line.startswith("#")]
    kept = [line for line in lines if not re.search(r"-Xm[sx]|-Xlog|-Xloggc|HeapDump|ErrorFile", line)]
    if not runtime.has_vectors:
        kept = [line for line in kept if java.VECTOR_MODULE not in line]
    own = [f"-Xms{heap}", f"-Xmx{heap}", "-XX:-AlwaysPreTouch", f"-XX:ErrorFile={home}/log/hs_err_pid%p.log"]
    return "\n".join([*kept, *own, ""])


def _server(place: Place, home: Path, report: Report) -> Path:
    """Unpacked for the servers' user, who may not read the caller's cache. The name appears once it is complete."""
    server = home / f"opensearch-{maven.VERSION}"
    if not server.exists():
        archive = maven.archive(report)
        draft = home / "server.new"
        shutil.rmtree(draft, ignore_errors=True)
        try:
            _unpack(archive, draft)
        except (zipfile.BadZipFile, EOFError) as error:
            archive.unlink()
            raise StackError(f"{archive} was damaged and has been removed: run `up` again.") from error
        for path in [draft, *draft.rglob("*")]:
            place.give(path)
        (draft / server.name).rename(server)
        draft.rmdir()
    return server


def _unpack(archive: Path, target: Path) -> None:
    """With the files' modes, which `zipfile` leaves out; every file's checksum is compared on the way."""
    with zipfile.ZipFile(archive) as content:
        content.extractall(target)
        for member in content.infolist():
            mode = member.external_attr >> 16 & 0o777
            (target / member.filename).chmod(mode | (0o755 if member.is_dir() else 0o644))


def _settings(record: Record, home: Path, mark: str) -> str:
    return f"""\
# Written by deploy/stack at every start.
cluster.name: {mark}
node.name: eventsec
discovery.type: single-node
network.host: {LOOPBACK}
http.port: {record.ports["http"]}
transport.port: {record.ports["transport"]}
path.data: {home}/data
path.logs: {home}/log
action.auto_create_index: false
cluster.max_shards_per_node: 5000
# Free space, not percentages: a large disk nearly full still has room for us, a small one should not stop at 5 %.
cluster.routing.allocation.disk.watermark.low: 2gb
cluster.routing.allocation.disk.watermark.high: 1gb
cluster.routing.allocation.disk.watermark.flood_stage: 500mb
"""


_LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""
