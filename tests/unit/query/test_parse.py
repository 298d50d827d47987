"""A query's text becomes a tree, or an error that says where."""

import pytest

from shared.query.errors import QueryError
from shared.query.parse import MAX_CHARACTERS, MAX_CLAUSES, MAX_DEPTH
from shared.query.parse import parse as parsed
from shared.query.tree import EVERYTHING, And, Has, Is, Like, Not, Or, Wild
from shared.query.values import Reader
from shared.search.catalogue import EVENTS
from tests.unit.query.given import FIELDS, LASTING, NOW, parse

HOST = FIELDS.fields["host.name"]


def refused(text: str, **more: object) -> QueryError:
    with pytest.raises(QueryError) as caught:
        parse(text, **more)  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize("text", ["", "  ", "\n\t"])
def test_no_query_is_everything(text: str) -> None:
    assert parse(text) == EVERYTHING


def test_operators_and_their_order() -> None:
    a, b, c = (Has(HOST, Is(name)) for name in "abc")
    assert parse("host.name:a AND host.name:b OR host.name:c") == Or((And((a, b)), c))
    assert parse("host.name:a AND (host.name:b OR host.name:c)") == And((a, Or((b, c))))
    assert parse("host.name:a host.name:b") == And((a, b))
    assert parse("NOT host.name:a AND host.name:b") == And((Not(a), b))
    assert parse("-host.name:a +host.name:b") == And((Not(a), b))
    assert parse("host.name:(a OR b)") == Or((a, b))


def test_quotes_do_not_take_the_meaning_off_wildcards_but_a_backslash_does() -> None:
    assert parse('host.name:"web *"') == Has(HOST, Like(("web ", Wild("*"))))
    assert parse("host.name:w?b") == Has(HOST, Like(("w", Wild("?"), "b")))
    assert parse(r"host.name:web\*") == Has(HOST, Is("web*"))
    assert parse(r'host.name:"a\"b\\c"') == Has(HOST, Is(r"a\"b\c".replace("\\", "", 1)))


@pytest.mark.parametrize("letter", "()")
def test_parentheses_within_quotes_are_letters(letter: str) -> None:
    value = letter * (MAX_DEPTH + 1)
    assert parse(f'host.name:"{value}"') == Has(HOST, Is(value))
    assert parse(f"host.name:{value.replace(letter, chr(92) + letter)}") == Has(HOST, Is(value))


def test_a_word_without_a_field_is_looked_for_in_the_fields_that_can_have_it() -> None:
    found, address = parse("web"), parse("10.0.0.1")
    assert isinstance(found, Or)
    assert isinstance(address, Or)
    assert [part.field.name for part in found.parts if isinstance(part, Has)] == ["title", "host.name"]
    assert [part.field.name for part in address.parts if isinstance(part, Has)][-1] == "observable.ip"


def test_names_are_found_whatever_their_case_and_below_open_parents() -> None:
    assert parse("HOST.name:a") == Has(HOST, Is("a"))
    found = parse("sensor.alert.gid:1")
    assert isinstance(found, Has)
    assert found.field.name == "sensor.alert.gid"


@pytest.mark.parametrize(
    ("text", "code", "marked"),
    [
        ("count:5 AND hots.name:a", "unknown_field", "hots.name"),
        ("count:5 AND status:old", "unknown_choice", "old"),
        ("count:many", "bad_value", "many"),
        ("source.ip:300.1.1.1", "bad_value", "300.1.1.1"),
        ("source.ip:fe80::1", "bad_syntax", ":"),
        ('source.ip:"fe80::1%eth0"', "bad_value", '"fe80::1%eth0"'),
        ('source.ip:"fe80::%eth0/64"', "bad_value", '"fe80::%eth0/64"'),
        ('source.ip:["fe80::1%1" TO "fe80::9%1"]', "bad_value", '["fe80::1%1" TO "fe80::9%1"]'),
        ("(count:5", "bad_syntax", ""),
        ('title:"never closed', "bad_syntax", '"'),
        ("a and b", "small_operator", "and"),
        ("a || b", "small_operator", "||"),
        ("title:/x.*/", "not_supported", "/x.*/"),
        ("title:x~2", "not_supported", "x~2"),
        ("title:x^2", "not_supported", "x^2"),
        ("host.name:[a TO b]", "no_order", "[a TO b]"),
        ("title:a*b", "no_wildcards", "a*b"),
        ("count:5*", "no_wildcards", "5*"),
        ("title:--", "bad_syntax", ""),
        ('title:"--"', "no_word", '"--"'),
        ("host.name:-a", "bad_syntax", "-a"),
        ("host.name:(count:5)", "bad_syntax", "count:5"),
        ("a\x00b", "bad_syntax", ""),
        ("count:99999999999999999999", "bad_value", "99999999999999999999"),
        ('url.path:""', "bad_value", '""'),
    ],
)
def test_what_is_wrong_and_where(text: str, code: str, marked: str) -> None:
    error = refused(text)
    assert error.code == code
    assert text[error.position : error.position + error.length] == marked


def test_an_unknown_field_suggests_the_nearest() -> None:
    assert refused("sorce.ip:1").suggestions[0] == "source.ip"
    assert refused("ip:1").suggestions[0] == "observable.ip"
    assert "host.name" in refused("hostname:1").suggestions


@pytest.mark.parametrize(
    ("text", "marked", "meant"),
    [
        ("severity=high", "severity=", "severity:"),
        ("NOT severity=high", "severity=", "severity:"),
        ("-Severity==high", "Severity==", "severity:"),
        ('host.name="web"', "host.name=", "host.name:"),
        ("count:1 status!=closed", "status!=", "NOT status:"),
        ("(title:a OR count<>5)", "count<>", "NOT count:"),
        ("count>5", "count>", "count:>"),
        ("count>=5", "count>=", "count:>="),
        ("count=<5", "count=<", "count:<="),
        ("severity=(low OR high)", "severity=", "severity:"),
        ("sensor.alert.gid=1", "sensor.alert.gid=", "sensor.alert.gid:"),
    ],
)
def test_a_comparison_of_another_language_is_no_word(text: str, marked: str, meant: str) -> None:
    """Read as one it would find nothing, and behind a NOT everything."""
    error = refused(text)
    assert (error.code, error.suggestions) == ("bad_syntax", (meant,))
    assert text[error.position : error.position + error.length] == marked
    assert meant in str(error)


@pytest.mark.parametrize("text", ["NOT severity = high", "status != closed"])
def test_a_sign_alone_is_no_word_either(text: str) -> None:
    assert refused(text).code == "bad_syntax"


@pytest.mark.parametrize(
    "text", ["cmd=whoami", r"severity\=high", '"severity=high"', "host.name:(count=5)", "a=>b", "=x"]
)
def test_what_only_looks_like_a_comparison_is_a_value(text: str) -> None:
    parse(text)


def test_every_dimension_is_bounded() -> None:
    parse("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH)
    assert refused("(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1)).code == "too_deep"
    for deep in ("NOT ", "-", "(", "(a AND ", "(a OR b "):
        times = (MAX_CHARACTERS - 1) // (len(deep) + deep.count("("))
        assert refused(deep * times + "a" + ")" * times * deep.count("(")).code == "too_deep", deep
        assert refused((deep * MAX_CHARACTERS)[:MAX_CHARACTERS]).code == "bad_syntax", "never closed"
    parse(" ".join(["count:1"] * MAX_CLAUSES))
    assert refused(" ".join(["count:1"] * (MAX_CLAUSES + 1))).code == "too_many_clauses"
    assert refused("x" * (MAX_CHARACTERS + 1)).code == "query_too_long"
    assert refused("host.name:" + "a*" * 9).code == "too_many_wildcards"
    assert refused("host.name:" + "a" * 1025).code == "value_too_long"


def test_what_is_kept_may_use_nothing_that_moves() -> None:
    parse('rule.name:"ssh*" AND last_seen:>2026-01-01 AND assignee:ann@example.org', LASTING)
    assert refused("last_seen:>now-1d", reader=LASTING).code == "relative_time"
    assert refused('last_seen:>" now-1d"', reader=LASTING).code == "relative_time"
    assert refused('last_seen:[2026-01-01 TO "\u00a0NOW "]', reader=LASTING).code == "relative_time"
    assert refused("assignee:me", reader=LASTING).code == "relative_person"
    assert refused('assignee:" Me"', reader=LASTING).code == "relative_person"
    assert refused("title:ssh", reader=LASTING).code == "not_in_rules"
    assert refused("ssh", reader=LASTING).code == "not_in_rules"


@pytest.mark.parametrize("query", ["NOT alert_id:*", "severity:low AND id:01890000-0000-7000-8000-000000000001"])
def test_rules_do_not_ask_for_what_comes_with_storing(query: str) -> None:
    """The search would find it where the rule sees nothing yet: `NOT alert_id:*` would hide whatever comes."""
    parsed(query, EVENTS, Reader(now=NOW))
    with pytest.raises(QueryError) as caught:
        parsed(query, EVENTS, LASTING)
    assert caught.value.code == "not_in_rules"
