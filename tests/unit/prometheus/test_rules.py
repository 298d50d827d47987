"""The alert rules and the dashboard speak of metrics that there are, and each rule has a page for who is called."""

import re
from pathlib import Path

import pytest
import yaml
from prometheus_client import Counter, Gauge, Histogram, Metric

from deploy import dashboard
from shared import metrics
from tests.prometheus_rules import CONFIG, GIVEN, ROOT, RUNBOOKS, Rule, Use, rules, uses

RULES = rules()
SEVERITIES = {"page", "ticket"}
COMPOSE = "".join((ROOT / "deploy" / name).read_text(encoding="utf-8") for name in ("compose.yaml", "compose.env"))
VARIABLES = (ROOT / "deploy" / "env.example").read_text(encoding="utf-8")
INDEX = (RUNBOOKS / "README.md").read_text(encoding="utf-8")
# Suffixes that the text format gives the parts of a histogram.
_PART = re.compile(r"_(bucket|count|sum)$")


def exported() -> dict[str, frozenset[str]]:
    """Each metric that /metrics may show, with its labels."""
    found: dict[str, frozenset[str]] = {}
    # Of a metric with labels of which none is set the registry shows no sample: so its collectors are asked.
    for collector in set(metrics.REGISTRY._collector_to_names):
        labels = frozenset(getattr(collector, "_labelnames", ()))
        for name in metrics.REGISTRY._collector_to_names[collector]:
            found[name] = labels
    families: list[Metric] = list(metrics.REGISTRY.collect())
    of_process = {sample.name for family in families for sample in family.samples if sample.name.startswith("process_")}
    return found | dict.fromkeys(of_process, frozenset())


EXPORTED = exported()


def lacking(use: Use) -> str | None:
    """What is wrong with a use, in words."""
    labels = EXPORTED.get(use.metric, EXPORTED.get(_PART.sub("", use.metric)))
    if labels is None:
        return f"{use.metric} is exported by nobody"
    unknown = use.labels - labels - GIVEN
    return f"{use.metric} has no label {', '.join(sorted(unknown))}" if unknown else None


def parts(job: str) -> tuple[str, list[str]]:
    """`a-(b|c)` as what is before, and the names that may follow."""
    before, _, among = job.removesuffix(")").partition("(")
    return before, among.split("|")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.alert)
def test_a_rule_says_what_it_is_and_uses_what_there_is(rule: Rule) -> None:
    assert rule.severity in SEVERITIES
    assert rule.annotations.keys() == {"summary", "description", "runbook"}
    assert rule.annotations["runbook"] == f"docs/runbooks/{rule.runbook}"
    assert [wrong for use in uses(rule.expr) if (wrong := lacking(use))] == []


@pytest.mark.parametrize(
    ("expr", "wrong"),
    [
        ('sum(eventsec_queue_depth{queue="x"})', None),
        ('eventsec_queue_depth{color="x"}', "eventsec_queue_depth has no label color"),
        ("rate(eventsec_dreams_total[5m])", "eventsec_dreams_total is exported by nobody"),
        ('eventsec_api_request_seconds_bucket{le="1"}', None),
        ("process_open_fds", None),
    ],
)
def test_an_invented_metric_or_label_is_found(expr: str, wrong: str | None) -> None:
    (use,) = uses(expr)
    assert lacking(use) == wrong


def test_no_metric_has_a_label_that_prometheus_gives_itself() -> None:
    """It would be renamed to `exported_…`, and whoever asks for it gets Prometheus' own."""
    assert {name for name, labels in EXPORTED.items() if labels & GIVEN - {"le"}} == set()


@pytest.mark.parametrize("expr", dashboard.expressions())
def test_the_dashboard_asks_for_what_there_is(expr: str) -> None:
    assert [wrong for use in uses(expr) if (wrong := lacking(use))] == []
    assert uses(expr) or "up{" in expr


def test_no_two_panels_of_the_dashboard_lie_on_each_other() -> None:
    places = [
        (x, y)
        for panel in dashboard.dashboard()["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(places) == len(set(places))


def test_a_job_that_is_named_is_one_that_compose_scrapes() -> None:
    """`api` would be anybody's on a shared Prometheus. `process_max_fds` only divides one that is picked."""
    jobs = {one["job_name"] for one in yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["scrape_configs"]}
    asked = [*(rule.expr for rule in RULES), *dashboard.expressions()]
    picked = {each for expr in asked for each in re.findall(r'job=~?"([^"]+)"', expr)}
    named = {f"{before}{each}" for before, among in map(parts, picked) for each in among}
    assert named == jobs == {"eventsec-ingest", "eventsec-indexer", "eventsec-api"}
    for expr in asked:
        assert not re.search(r"\b(up|process_(?!max_fds)\w+)(?!\w|\{job)", expr), expr


def test_every_alert_has_a_name_of_its_own() -> None:
    assert len({rule.alert for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.alert)
def test_a_rule_has_its_runbook(rule: Rule) -> None:
    page = ROOT / rule.annotations["runbook"]
    assert page.is_file()
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {rule.alert}\n")
    for heading in ("## Look", "## Mend", "## Over when"):
        assert heading in text, f"{page.name} lacks {heading}"


@pytest.mark.parametrize("page", sorted(RUNBOOKS.glob("*.md")), ids=lambda page: page.name)
def test_a_runbook_names_settings_and_metrics_that_there_are(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    settings = set(re.findall(r"\bEVENTSEC_(?!STACK_)[A-Z0-9_]+[A-Z0-9]\b", text))
    named = {Use(name, frozenset()) for name in re.findall(r"(?<=[ `^])eventsec_\w+_\w+(?=[`{])", text)}

    assert {name for name in settings if f"#{name}" not in VARIABLES and f"${{{name}:" not in COMPOSE} == set()
    assert [wrong for use in named if (wrong := lacking(use))] == []


def sets(process: str, prefix: str) -> bool:
    """Whether code that the process may run names a metric that begins so; tests/e2e asks the processes themselves."""
    constants = {
        constant
        for constant, collector in vars(metrics).items()
        if isinstance(collector, Counter | Gauge | Histogram)
        and any(name.startswith(prefix) for name in metrics.REGISTRY._collector_to_names[collector])
    }
    files = [*(ROOT / "services" / process).rglob("*.py"), *(ROOT / "shared").rglob("*.py")]
    named = {each for file in files for each in re.findall(r"\bmetrics\.([A-Z_]+)\b", file.read_text(encoding="utf-8"))}
    return bool(constants & named)


@pytest.mark.parametrize("page", sorted(RUNBOOKS.glob("*.md")), ids=lambda page: page.name)
def test_a_runbook_asks_a_process_that_sets_the_metric(page: Path) -> None:
    """All export all, and who never sets one says 0."""
    asked = re.findall(r"\bask (\w+) /metrics \| grep \^(eventsec_\w+)", page.read_text(encoding="utf-8"))
    assert [(process, prefix) for process, prefix in asked if not sets(process, prefix)] == []


@pytest.mark.parametrize(
    ("process", "metric", "does"),
    [
        ("indexer", "eventsec_outbox", True),
        ("api", "eventsec_outbox", False),
        ("ingest", "eventsec_api_streams", False),
        ("api", "eventsec_background_failures_total", True),
    ],
)
def test_who_sets_a_metric_is_found(process: str, metric: str, does: bool) -> None:
    assert sets(process, metric) is does


def test_every_runbook_is_in_the_index() -> None:
    pages = {page.name for page in RUNBOOKS.glob("*.md")} - {"README.md"}
    assert {page for page in pages if f"]({page})" not in INDEX} == set()
    assert {rule.runbook for rule in RULES} <= pages
