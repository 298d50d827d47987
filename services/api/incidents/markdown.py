"""People's Markdown made safe to show, and text of any origin made safe to put into Markdown.

Three walls in HTML: markdown-it lets no raw HTML through and refuses links with a scheme that runs something, nh3 then
keeps listed elements only. There are no links and no images: opening a report must not tell anybody that it was opened,
and nobody gets to where an attacker waits by a click.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from services.api.incidents.defanging import without_addresses
from shared.normalise.refang import defang

ELEMENTS = frozenset(
    "blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre s strong table tbody td th thead tr ul".split()
)
_TEXTS = frozenset({"text", "code_inline", "code_block", "fence"})
_ENDS = re.compile(r"\r\n?")
_FENCES = re.compile(r"`+")
# What has a meaning inside a line or a cell of CommonMark or GitHub's dialect; there a bare address becomes a link too.
_MARKUP = re.compile(r"[\\`*_\[\]<>&|~#$@]|:(?=//)|(?<=www)\.", re.IGNORECASE)
# Control characters, halves of a surrogate pair, and line ends of which only some readers know.
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
# Unicode's directional embeddings, overrides and isolates (UAX #9), by which a name shows in another order than it has.
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _parser(*, html: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": html}).enable(["table", "strikethrough"])
    return parser if html else parser.disable("image")


_SAFE = _parser(html=False)
_SUSPICIOUS = _parser(html=True)


def to_html(source: str, *, heading: int = 3) -> str:
    """Markdown as HTML whose greatest heading is `h<heading>`, so that it fits under those around it."""
    tokens = _SAFE.parse(visible(source))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + heading - 1)}"
        _unlink(token)
    return nh3.clean(
        _SAFE.renderer.render(tokens, _SAFE.options, {}),
        tags=set(ELEMENTS),
        attributes={"ol": {"start"}, "*": set()},
        link_rel=None,
    )


def _unlink(token: Token) -> None:
    """Of a link its words stay, and in brackets where it led, defanged."""
    if token.type in _TEXTS:
        token.content = without_addresses(token.content)
    led = list[str]()
    for one in token.children or ():
        if one.type == "link_open":
            led.append("" if one.markup == "autolink" else str(one.attrs.get("href", "")))
            one.type, one.tag, one.nesting, one.content = "text", "", 0, ""
        elif one.type == "link_close":
            where = led.pop()
            one.type, one.tag, one.nesting = "text", "", 0
            one.content = f" ({_written(where)})" if where else ""
        else:
            _unlink(one)


def _written(href: str) -> str:
    """Where a link led, as somebody would have typed it, and defanged."""
    plain = unquote(href)
    return defang(plain, "email") if plain.lower().startswith("mailto:") else without_addresses(plain)


def quoted(source: str) -> str:
    """Markdown as a quotation in another Markdown text, which it can neither break out of nor change.

    What holds raw HTML, an image, a link that leads somewhere or a name for links, which would be so for the whole
    text, is shown as it was typed.
    """
    text = visible(source)
    env: dict[str, Any] = {}
    if _has_foreign(_SUSPICIOUS.parse(text, env)) or env.get("references"):
        text = _fenced(text)
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _has_foreign(tokens: Sequence[Token]) -> bool:
    foreign = ("html_block", "html_inline", "image")
    return any(token.type in foreign or _leads(token) or _has_foreign(token.children or ()) for token in tokens)


def _leads(token: Token) -> bool:
    return token.type == "link_open" and not str(token.attrs.get("href", "")).lower().startswith(("hxxp:", "hxxps:"))


def _fenced(text: str) -> str:
    longest = max((len(run) for run in _FENCES.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def escaped(text: str) -> str:
    """Text as one line of Markdown, or one cell of a table, that shows as that text and nothing else."""
    return _MARKUP.sub(r"\\\g<0>", " ".join(visible(text).split()))


def visible(text: str) -> str:
    """The text with lines that end in LF, and what would not be seen named: `⟨U+202E⟩`."""
    # Most is: letter by letter would take half of the time of a long report.
    return text if text.isprintable() else "".join(map(_seen, _ENDS.sub("\n", text)))


def _seen(letter: str) -> str:
    if letter in "\n\t" or not (letter in _DIRECTIONS or unicodedata.category(letter) in _UNSEEN):
        return letter
    return f"⟨U+{ord(letter):04X}⟩"
