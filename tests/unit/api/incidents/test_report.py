"""The report in both forms: everything is in it, it is safe to open, and nothing given has a meaning as markup."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given

from services.api.incidents import markdown
from services.api.incidents.facts import Facts, Link, Note, Observable
from services.api.incidents.report_html import as_html
from services.api.incidents.report_markdown import as_markdown
from shared.domain.incident import Status, Tlp
from shared.models.incident_link import LINK_RELATIONS
from tests.unit.api.incidents.given import DIGEST, NASTY, after, calm, defang, facts, made_facts
from tests.unit.api.incidents.test_markdown import READER, Elements, one_line

OWN = {
    "html", "head", "meta", "title", "style", "body", "div", "header", "main", "footer", "section", "p", "span",
    "strong", "h1", "h2", "h3", "table", "thead", "tbody", "tr", "th", "td", "time",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "id", "aria-labelledby", "role", "tabindex", "scope",
    "datetime", "href", "rel", "start",
}  # fmt: skip
SAID = (
    "Password spraying from abroad", "Harbour Works", "4 (high)", "True positive", "Ada", "Grace", "Edsger",
    "vpn, spraying", "Incident 9, Incident 10", "Customers told", "north, south", "contain", "4:00:00",
    "time to detect", "detected − occurred", "0:05:00", "VPN: many failed sign-ins", "vpn-401", "400", "vpn-north",
    "T1110.003", "T1078", "203[.]0[.]113[.]7", "login[.]example[.]net", DIGEST, DIGEST[::-1], "svc-backup",
    "Reset passwords", "eradication", "Address blocked", "at both sites", "vpn.log", "12345", "text/plain",
    "Found changed", "Approved", "Agreed.", "Recurrence of", "Spraying in spring", "and 17 more", "TLP:AMBER+STRICT",
    "PAP:GREEN", "Seen before.", "2026-11-24T18:40:00.000Z",
)  # fmt: skip


def html(of: Facts) -> str:
    return as_html(of, defang=defang)


def read(of: Facts) -> str:
    """The text of the Markdown report as a reader shows it."""
    return Elements(READER.render(as_markdown(of, defang=defang))).text


@pytest.mark.parametrize("said", SAID)
def test_both_forms_say_it(said: str) -> None:
    assert said in Elements(html(facts())).text
    assert said in read(facts())


@pytest.mark.parametrize("relation", LINK_RELATIONS)
def test_a_link_reads_otherwise_from_the_other_end(relation: str) -> None:
    one = Link(number=7, title="Another", relation=relation)
    lines = {as_markdown(facts(links=(replace(one, reverse=end),)), defang=defang) for end in (False, True)}
    assert len(lines) == 2 or relation == "related"


def test_the_page_forbids_itself_scripts_and_loads() -> None:
    page = html(facts())
    (policy,) = [attributes["content"] for _, attributes in Elements(page).found if "http-equiv" in attributes]
    style = page.split("<style>")[1].split("</style>")[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-{digest}'"
    assert page.index("Content-Security-Policy") < page.index("<style>")
    assert not re.search(r"url\(|@import", style)


@calm
@given(made_facts)
def test_the_page_has_only_elements_and_attributes_of_ours(of: Facts) -> None:
    for tag, attributes in Elements(html(of)).found:
        assert tag in OWN | markdown.ELEMENTS
        assert attributes.keys() <= ATTRIBUTES
        assert "href" not in attributes or tag == "a"
        assert str(attributes.get("href", "mailto:")).startswith(("http://", "https://", "mailto:"))


@pytest.mark.parametrize("text", NASTY)
def test_what_was_given_is_text_wherever_it_stands(text: str) -> None:
    given = everywhere(text)
    assert shape(html(given)) == shape(html(everywhere("plain")))
    assert shape(READER.render(as_markdown(given, defang=keep))) == shape(
        READER.render(as_markdown(everywhere("plain"), defang=keep))
    )


def keep(value: str, _type: str) -> str:
    return value


def everywhere(text: str) -> Facts:
    """An incident in which all that is no Markdown is this text."""
    full = facts()
    return facts(
        title=text,
        organization_name=text,
        reason=text,
        tags=(text,),
        generated_by=text,
        techniques=(text,),
        people=with_text(full.people, text),
        fields=tuple(with_text(one, text) for one in full.fields[1:]),
        **{
            name: tuple(with_text(one, text) for one in getattr(full, name))
            for name in ("clocks", "measures", "alerts", "observables", "tasks", "entries", "reviews", "links")
        },
        evidence=tuple(
            with_text(one, text, custody=tuple(with_text(s, text) for s in one.custody)) for one in full.evidence
        ),
        notes=(Note(by=text, at=after(1), text="note"),),
    )


def with_text(part: Any, text: str, **changes: Any) -> Any:
    named = {name: getattr(part, name) for name in part.__slots__}
    given = {name for name, value in named.items() if isinstance(value, str) and not isinstance(value, Tlp)}
    return type(part)(**{name: text if name in given else value for name, value in named.items()} | changes)


def shape(page: str) -> list[str]:
    return [tag for tag, _ in Elements(page).found]


@calm
@given(made_facts)
def test_the_title_of_the_markdown_report_shows_as_it_is(of: Facts) -> None:
    tokens = READER.parse(as_markdown(of, defang=defang))
    place = next(place for place, one in enumerate(tokens) if one.type == "heading_open" and one.tag == "h1")
    assert Elements(READER.renderer.render([tokens[place + 1]], READER.options, {})).text == one_line(
        f"Incident {of.number}: {of.title}"
    )


@calm
@given(made_facts)
def test_the_markdown_report_has_its_own_headings_only_outside_quotes(of: Facts) -> None:
    tokens = READER.parse(as_markdown(of, defang=defang))
    headings = [one.tag for one in tokens if one.type == "heading_open" and one.level == 0]
    assert headings == ["h1"] + ["h2"] * 16


@pytest.mark.parametrize("tlp", Tlp)
def test_the_label_is_above_and_below_in_its_colour(tlp: Tlp) -> None:
    page = html(facts(tlp=tlp, observables=()))
    colours = {"clear": "#fff", "green": "#33ff00", "amber": "#ffc000", "amber+strict": "#ffc000", "red": "#ff2b2b"}
    kind = f"tlp-{tlp.replace('+', '-')}"
    label = f'<strong class="tlp {kind}">TLP:{tlp.upper()}</strong>'
    assert page.count(label) == 2
    assert label in page.split("<header>")[1].split("</header>")[0]
    assert label in page.split("<footer>")[1].split("</footer>")[0]
    assert re.search(rf"\.{kind}\b(?!-)[^{{}}]*{{ color: {colours[tlp]}; }}", page)
    assert as_markdown(facts(tlp=tlp, observables=()), defang=defang).count(f"**TLP:{tlp.upper()}**") == 2


def test_observables_are_defanged_by_their_type() -> None:
    one = Observable(type="url", value="http://evil.example/x")
    for page in (
        as_html(facts(observables=(one,)), defang=by_type),
        as_markdown(facts(observables=(one,)), defang=by_type),
    ):
        assert "evil.example" not in page
        assert "url of 21 letters" in page


def by_type(value: str, kind: str) -> str:
    return f"{kind} of {len(value)} letters"


def test_notes_that_were_left_out_are_not_said_to_be_none() -> None:
    assert "Left out of this report." in html(facts(notes=None))
    assert "Left out of this report." in as_markdown(facts(notes=None), defang=defang)
    assert "Left out" not in html(facts(notes=()))


def test_what_is_empty_says_so() -> None:
    page = html(facts(alerts=(), summary=" ", verdict=None, status=Status.ON_HOLD))
    assert '<h2 id="alerts-heading">Alerts</h2>\n<p>None.</p>' in page
    assert '<h2 id="summary-heading">Summary</h2>\n<p>None.</p>' in page
    assert "<td>On hold</td>" in page
    assert '<th scope="row">Verdict</th><td>—</td>' in page


def test_every_table_and_section_has_a_name_for_those_who_cannot_see_it() -> None:
    found = Elements(html(facts())).found
    names = {attributes["id"] for _, attributes in found if "id" in attributes}
    named = [attributes["aria-labelledby"] for tag, attributes in found if tag in ("section", "table")]
    assert set(named) <= names
    assert all(attributes.get("scope") in ("col", "row") for tag, attributes in found if tag == "th")


def test_a_span_that_runs_backwards_reads_so() -> None:
    measure = facts().measures[0]
    backwards = type(measure)(name="n", formula="f", value=-measure.value if measure.value else None)
    assert "<td>-0:05:00</td>" in html(facts(measures=(backwards,)))
