"""From a query's text to its tree, by luqum's grammar (Lucene's) and our catalogue; bounded in every direction.

`a b` means `a AND b`. Refused is what Lucene has and the three compilers could not do alike: regular expressions,
fuzzy words, distances, boosts.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from luqum import thread
from luqum import tree as lucene
from luqum.exceptions import ParseError

from shared.query import values
from shared.query.errors import QueryError
from shared.query.fields import Catalogue, Field, Type
from shared.query.tree import ANY, EVERYTHING, ONE, And, Has, Node, Not, Or, Test, Wild
from shared.query.values import BadValue, Parts, Reader

MAX_CHARACTERS = 4096
MAX_CLAUSES = 100
# The grammar takes any depth that fits into so many characters; who walks its tree would run out of stack.
MAX_DEPTH = 80

_PLACE = re.compile(r"position (\d+)")
# As other languages write a comparison: to Lucene's grammar a word as any other, which finds nothing.
_COMPARISON = re.compile(r"(?P<name>[\w.]*)(?P<sign>!=|<>|=[=<>]?|[<>]=?)")
_UNEQUAL = ("!=", "<>")
_MEANS_MORE = re.compile(r'["\\*?]')
_WRITTEN_SMALL = {"and": "AND", "or": "OR", "not": "NOT", "&&": "AND", "||": "OR", "!": "NOT"}
_REFUSED: dict[type, str] = {
    lucene.Regex: "Regular expressions are not known here. A value that begins with / stands in quotes.",
    lucene.Fuzzy: "~ has no meaning here.",
    lucene.Proximity: "~ has no meaning here.",
    lucene.Boost: "^ has no meaning here.",
}


def parse(text: str, catalogue: Catalogue, reader: Reader) -> Node:
    """The tree of a query; of an empty one, everything. Raises QueryError."""
    if len(text) > MAX_CHARACTERS:
        raise QueryError(
            f"A query has at most {MAX_CHARACTERS} characters.", code="query_too_long", position=MAX_CHARACTERS
        )
    if "\0" in text or (not text.isprintable() and any(not one.isprintable() and not one.isspace() for one in text)):
        raise QueryError("There is a control character in it.", code="bad_syntax")
    if not text.strip():
        return EVERYTHING
    try:
        grammar = thread.parse(text)
    except ParseError as error:
        raise _syntax(text, str(error)) from None
    return _Meaning(catalogue, reader).of(grammar, None)


def quoted(value: str) -> str:
    """The value as a query writes it, meaning itself, wildcards too; `parse` refuses control characters."""
    return '"' + _MEANS_MORE.sub(r"\\\g<0>", value) + '"'


def _syntax(text: str, said: str) -> QueryError:
    found = _PLACE.search(said)
    if found is None:
        return QueryError(
            "It ends too early: a value, a closing parenthesis, bracket or quote is missing.",
            code="bad_syntax",
            position=len(text),
        )
    position = int(found[1])
    letter = text[position : position + 1]
    hint = " A value with a colon stands in quotes." if letter == ":" else ""
    if letter == '"' and text.count('"') % 2:
        hint = " A quote is never closed."
    return QueryError(f"This was not expected here.{hint}", code="bad_syntax", position=position, length=1)


class _Meaning:
    """Walks luqum's tree once, counting clauses."""

    def __init__(self, catalogue: Catalogue, reader: Reader) -> None:
        self._catalogue = catalogue
        self._reader = reader
        self._clauses = 0

    def of(self, item: Any, field: Field | None, depth: int = 0) -> Node:
        """What this part of the query means, within `field:(…)` or without a field."""
        if depth > MAX_DEPTH:
            raise _error(item, f"Nested more than {MAX_DEPTH} deep.", "too_deep")
        if (message := _REFUSED.get(type(item))) is not None:
            raise _error(item, message, "not_supported")
        handler = _HANDLERS.get(type(item))
        if handler is None:
            raise _error(item, "This has no meaning here.", "not_supported")
        return handler(self, item, field, depth + 1)

    def both(self, item: Any, field: Field | None, depth: int) -> Node:
        """`a AND b`, and `a b`."""
        return And(tuple(self.of(one, field, depth) for one in item.operands))

    def either(self, item: Any, field: Field | None, depth: int) -> Node:
        """`a OR b`."""
        return Or(tuple(self.of(one, field, depth) for one in item.operands))

    def negated(self, item: Any, field: Field | None, depth: int) -> Node:
        """`NOT a`, and `-a`."""
        return Not(self.of(item.a, field, depth))

    def required(self, item: Any, field: Field | None, depth: int) -> Node:
        """`+a`, which is what everything is."""
        return self.of(item.a, field, depth)

    def group(self, item: Any, field: Field | None, depth: int) -> Node:
        """`(a)`."""
        return self.of(item.expr, field, depth)

    def search_field(self, item: Any, field: Field | None, depth: int) -> Node:
        """`name:…`."""
        if field is not None:
            raise _error(item, "A field stands within another one; quote a value with a colon.", "bad_syntax")
        name = _unescaped_name(item.name)
        if name == "_exists_" and type(item.expr) is lucene.Word:
            return self._has(item, self._find(item.expr.value, item.expr), (Wild(ANY),))
        found = self._find(name, item)
        if type(item.expr) is lucene.Prohibit and type(item.expr.a) is lucene.Word:
            if found.type not in (Type.INTEGER, Type.FLOAT):
                raise _error(item.expr, "A value that begins with - stands in quotes.", "bad_syntax")
            return self._has(item, found, (f"-{item.expr.a.value}",))
        return self.of(item.expr, found, depth)

    def term(self, item: Any, field: Field | None, _: int) -> Node:
        """A word or a phrase, in a field or in those that are free."""
        quoted = type(item) is lucene.Phrase
        if not quoted and item.value.lower() in _WRITTEN_SMALL:
            operator = _WRITTEN_SMALL[item.value.lower()]
            raise _error(item, f"The operator is written {operator}; the word stands in quotes.", "small_operator")
        if not quoted and field is None:
            self._refuse_comparison(item)
        parts = _parts(item.value[1:-1] if quoted else item.value)
        return self._free(item, parts) if field is None else self._has(item, field, parts)

    def range(self, item: Any, field: Field | None, _: int) -> Node:
        """`[a TO b]`, with `{` and `}` for bounds that are not included."""
        low, high = _bound(item.low), _bound(item.high)
        return self._ordered(item, field, low, high, (item.include_low, item.include_high))

    def at_least(self, item: Any, field: Field | None, _: int) -> Node:
        """`>a` and `>=a`."""
        return self._ordered(item, field, _bound(item.a), None, (item.include, True))

    def at_most(self, item: Any, field: Field | None, _: int) -> Node:
        """`<a` and `<=a`."""
        return self._ordered(item, field, None, _bound(item.a), (True, item.include))

    def _find(self, name: str, item: Any) -> Field:
        found = self._catalogue.find(name, position=item.pos)
        if self._reader.lasting and found.type is Type.TEXT:
            raise _error(item, "Rules compare whole values; this field is searched by word.", "not_in_rules")
        if self._reader.lasting and found.stored:
            raise _error(item, "Rules see what comes in, and there this field has no value yet.", "not_in_rules")
        return found

    def _refuse_comparison(self, item: Any) -> None:
        """Raises QueryError for `severity=high`, and for a sign that stands alone; `cmd=whoami` is a word."""
        found = _COMPARISON.match(item.value)
        if found is None:
            return
        known = self._catalogue.known(found["name"])
        if known is None and item.value != found["sign"]:
            return
        meant = "" if known is None else _with_colon(known, found["sign"])
        raise QueryError(
            f"A colon stands between a field and its value: {meant or 'name:'}…; in quotes it is a word as any other.",
            code="bad_syntax",
            position=item.pos,
            length=found.end(),
            suggestions=(meant,) if meant else (),
        )

    def _ordered(
        self, item: Any, field: Field | None, low: str | None, high: str | None, included: tuple[bool, bool]
    ) -> Node:
        if field is None:
            raise _error(item, "A range needs a field.", "bad_syntax")
        if low is None and high is None:
            return self._has(item, field, (Wild(ANY),))
        return self._tested(item, field, lambda: values.ordered(field, low, high, self._reader, included=included))

    def _has(self, item: Any, field: Field, parts: Parts) -> Node:
        return self._tested(item, field, lambda: values.equal(field, parts, self._reader))

    def _tested(self, item: Any, field: Field, read: Callable[[], Test]) -> Node:
        try:
            test = read()
        except BadValue as error:
            raise QueryError(
                f"{field.name}: {error}",
                code=error.code,
                position=item.pos,
                length=item.size,
                suggestions=error.suggestions,
            ) from None
        self._count(item, 1)
        return Has(field, test)

    def _free(self, item: Any, parts: Parts) -> Node:
        """A word without a field: in any of the free ones that can have such a value."""
        if self._reader.lasting:
            raise _error(item, "Rules need a field for every value.", "not_in_rules")
        if parts == (Wild(ANY),):
            return EVERYTHING
        found: list[Node] = []
        reason = "There is nothing in it to search for."
        for field in map(self._catalogue.fields.__getitem__, self._catalogue.free):
            try:
                found.append(Has(field, values.equal(field, parts, self._reader)))
            except BadValue as error:
                reason = str(error)
        if not found:
            raise _error(item, reason, "bad_value")
        self._count(item, 1)
        return Or(tuple(found))

    def _count(self, item: Any, clauses: int) -> None:
        self._clauses += clauses
        if self._clauses > MAX_CLAUSES:
            raise _error(item, f"A query has at most {MAX_CLAUSES} conditions.", "too_many_clauses")


_HANDLERS: Mapping[type, Callable[[_Meaning, Any, Field | None, int], Node]] = {
    lucene.AndOperation: _Meaning.both,
    lucene.UnknownOperation: _Meaning.both,
    lucene.OrOperation: _Meaning.either,
    lucene.Not: _Meaning.negated,
    lucene.Prohibit: _Meaning.negated,
    lucene.Plus: _Meaning.required,
    lucene.Group: _Meaning.group,
    lucene.FieldGroup: _Meaning.group,
    lucene.SearchField: _Meaning.search_field,
    lucene.Word: _Meaning.term,
    lucene.Phrase: _Meaning.term,
    lucene.Range: _Meaning.range,
    lucene.From: _Meaning.at_least,
    lucene.To: _Meaning.at_most,
}


def _parts(raw: str) -> Parts:
    """The literal pieces and wildcards of a value; a backslash takes the meaning off the next character."""
    parts: list[str | Wild] = []
    literal = ""
    letters = iter(raw)
    for letter in letters:
        if letter in (ANY, ONE):
            if literal:
                parts.append(literal)
            literal = ""
            if not (letter == ANY and parts and parts[-1] == Wild(ANY)):
                parts.append(Wild(ANY if letter == ANY else ONE))
        else:
            literal += next(letters, "\\") if letter == "\\" else letter
    return (*parts, literal) if literal or not parts else tuple(parts)


def _with_colon(field: Field, sign: str) -> str:
    """A comparison as it is written here, up to the value."""
    if sign in _UNEQUAL:
        return f"NOT {field.name}:"
    order = {"=>": ">=", "=<": "<=", "=": "", "==": ""}.get(sign, sign)
    return f"{field.name}:{order}"


def _bound(item: Any) -> str | None:
    """The text of a range's bound; None for `*`."""
    if type(item) is lucene.Prohibit:
        return f"-{_bound(item.a)}"
    raw = item.value[1:-1] if type(item) is lucene.Phrase else item.value
    parts = _parts(raw)
    if parts == (Wild(ANY),):
        return None
    return "".join(part if isinstance(part, str) else part.sign for part in parts)


def _unescaped_name(name: str) -> str:
    return name.replace("\\", "")


def _error(item: Any, message: str, code: str) -> QueryError:
    return QueryError(message, code=code, position=item.pos or 0, length=item.size or 0)
