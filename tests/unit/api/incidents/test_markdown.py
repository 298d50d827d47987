"""People's Markdown: what it may show, and that nothing in it runs, loads or breaks out."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from services.api.incidents import markdown
from tests.unit.api.incidents.given import NASTY, calm, words

# GitHub's dialect as any reader would have it, raw HTML included.
READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


class Elements(HTMLParser):
    """What a browser would find: elements, their attributes, and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


ATTACKS = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "<a href='javascript:alert(1)'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<style>@import 'http://evil.example/x.css'</style>",
    "<base href=//evil.example><meta http-equiv=refresh content='0;url=//evil.example'>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](&#x6A&#x61&#x76&#x61script:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](vbscript:x)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    '[x](http://a "\\" onmouseover=alert(1) x=\\"")',
    '[x](http://a"onmouseover="alert(1))',
    "![x](http://evil.example/x.png)",
    "![x](data:image/svg+xml;base64,PHN2Zy8+)",
    "[![x](http://evil.example/x.png)](javascript:alert(1))",
    "[**[x](javascript:alert(1))**](http://a)",
    '![a](x"onerror=alert(1)//)',
    "[x]\n\n[x]: javascript:alert(1)",
    "`<script>`<script>`</script>",
    '```"><script>alert(1)</script>\n</code></pre><script>alert(1)</script>\n```',
    "| <script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "> # <b onclick=alert(1)>\n- <i onfocus=alert(1) autofocus>",
)


def assert_harmless(page: str) -> None:
    for tag, attributes in Elements(page).found:
        assert tag in markdown.ELEMENTS
        assert attributes.keys() <= {"ol": {"start"}}.get(tag, set())


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_text(attack: str) -> None:
    assert_harmless(markdown.to_html(attack))


@calm
@given(
    st.lists(st.sampled_from([*ATTACKS, *NASTY, "\n", "\n\n", "`", "[", "](", ")", "<", ">", '"']) | words).map("".join)
)
def test_so_is_any_mixture_of_them(attack: str) -> None:
    assert_harmless(markdown.to_html(attack))


def test_what_people_write_is_shown() -> None:
    source = "# One\n\n**b** *i* ~~s~~ `c`\n\n3. x\n\n| a |\n|---|\n| 1 |"
    page = markdown.to_html(source)
    shown = [tag for tag, _ in Elements(page).found]
    assert shown == "h3 p strong em s code ol li table thead tr th tbody tr td".split()
    assert 'start="3"' in page


def test_headings_go_under_those_around_them_and_no_deeper_than_there_are() -> None:
    assert [tag for tag, _ in Elements(markdown.to_html("# a\n\n## b\n\n###### c", heading=4)).found] == [
        "h4",
        "h5",
        "h6",
    ]


def test_raw_html_is_shown_and_not_taken_away() -> None:
    source = "<b>x</b> <script>y</script>"
    assert Elements(markdown.to_html(source)).text.strip() == source


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("[form](https://a.example/x)", "form (hxxps://a[.]example/x)"),
        ("[form](https&#58;//a.example)", "form (hxxps://a[.]example)"),
        ("[form]\n\n[form]: https://a.example", "form (hxxps://a[.]example)"),
        ("<https://a.example>", "hxxps://a[.]example"),
        ("https&colon;//a.example", "hxxps://a[.]example"),
        ("[Ann](mailto:ann@a.example)", "Ann (mailto:ann[@]a[.]example)"),
        ("![floor plan](https://a.example/x.png)", "!floor plan (hxxps://a[.]example/x[.]png)"),
        ("`curl https://a.example`", "curl hxxps://a[.]example"),
        ("```\ncurl https://a.example\n```", "curl hxxps://a[.]example"),
    ],
)
def test_nothing_is_a_link_and_where_one_led_is_said_defanged(source: str, shown: str) -> None:
    page = Elements(markdown.to_html(source))
    assert "a" not in {tag for tag, _ in page.found}
    assert page.text.strip() == shown


@pytest.mark.parametrize(
    "source", ["[x](https://a.example)", "<https://a.example>", "[x](//a.example)", "[x](https&#58;//a.example)"]
)
def test_a_link_that_leads_somewhere_is_quoted_as_it_was_typed(source: str) -> None:
    assert [one.content for one in READER.parse(markdown.quoted(source)) if one.type == "fence"] == [f"{source}\n"]


def test_a_link_that_was_defanged_is_quoted_as_it_is() -> None:
    assert markdown.quoted("**See** [x](hxxps://a[.]example)") == "> **See** [x](hxxps://a[.]example)"


@pytest.mark.parametrize("text", NASTY)
def test_escaped_text_shows_as_itself(text: str) -> None:
    assert shown_in_cell(text) == one_line(text)


@calm
@given(words)
def test_so_does_any_text(text: str) -> None:
    assert shown_in_cell(text) == one_line(text)


def one_line(text: str) -> str:
    return " ".join(markdown.visible(text).split())


def shown_in_cell(text: str) -> str:
    table = READER.render(f"| a | b |\n|---|---|\n| {markdown.escaped(text)} | end |\n")
    assert [tag for tag, _ in Elements(table).found] == "table thead tr th th tbody tr td td".split()
    _, cell, _ = table.split("<td>")
    return Elements(cell).text.removesuffix("\n")


@pytest.mark.parametrize(
    ("address", "written"),
    [("www.evil.example", "www\\.evil"), ("https://evil.example", "https\\://"), ("a@evil.example", "a\\@evil")],
)
def test_a_bare_address_does_not_become_a_link_where_readers_make_links(address: str, written: str) -> None:
    assert markdown.escaped(address).startswith(written)


def test_what_cannot_be_seen_is_named() -> None:
    assert markdown.visible("a\u202egnp.exe\0\x1b[31m\u2028b\r\nc\td") == (
        "a⟨U+202E⟩gnp.exe⟨U+0000⟩⟨U+001B⟩[31m⟨U+2028⟩b\nc\td"
    )
    assert markdown.visible("naïve 日本 👩‍💻 שלום") == "naïve 日本 👩‍💻 שלום"


def test_a_quotation_keeps_its_form() -> None:
    assert markdown.quoted("# a\n\n- **b** `<i>`") == "> # a\n>\n> - **b** `<i>`"


@pytest.mark.parametrize(
    "source",
    [
        "<b>x</b>",
        "```\n`````\n<b>x</b>",
        "a <!-- b",
        "<script>\n\nx",
        "![x](http://evil.example/x.png)",
        "[x]\n\n[x]: http://evil.example",
        "<?x",
    ],
)
def test_what_is_foreign_is_quoted_as_it_was_typed(source: str) -> None:
    tokens = READER.parse(markdown.quoted(source))
    if source == "a <!-- b":
        assert "fence" not in {one.type for one in tokens}, "no comment, for it has no end"
    else:
        assert [one.content for one in tokens if one.type == "fence"] == [f"{source}\n"]


@calm
@given(st.lists(st.sampled_from([*NASTY, "```", "~~~", "\n", "\n\n", "    ", "- ", "=", "<x>"]) | words).map("".join))
def test_a_quotation_never_gets_out(source: str) -> None:
    env: dict[str, object] = {}
    tokens = READER.parse(f"before\n\n{markdown.quoted(source)}\n\nafter", env)
    outside = [one.type for one in tokens if one.level == 0]
    assert outside == ["paragraph_open", "paragraph_close", "blockquote_open", "blockquote_close", *outside[:2]]
    kinds = {child.type for one in tokens for child in [one, *(one.children or ())]}
    assert not kinds & {"html_block", "html_inline", "image"}
    assert not env.get("references")
