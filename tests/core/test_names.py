"""Names that servers choose for files."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.core.text.headers import Headers
from twofold.core.text.names import MOST_BYTES, file_name, safe_name, told_name

DEVICES = {"CON", "PRN", "AUX", "NUL"} | {f"{p}{n}" for p in ("COM", "LPT") for n in range(10)}


@given(st.text() | st.from_regex(r"[./\\ :~a-z\x00-\x1f]*(con|nul|com1)?(\.\w*)?", fullmatch=True))
def test_a_safe_name_is_one_name_in_any_folder_on_any_system(text: str) -> None:
    name = safe_name(text)
    assert 0 < len(name.encode()) <= MOST_BYTES + 1
    assert PurePosixPath(name).name == name
    assert PureWindowsPath(name).name == name
    assert name.partition(".")[0].strip().upper() not in DEVICES
    assert name == name.strip(". ")
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in name)


@given(st.text())
def test_a_safe_name_stays_as_it_is(text: str) -> None:
    assert safe_name(safe_name(text)) == safe_name(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("report.pdf", "report.pdf"),
        ("na\u00efve r\u00e9sum\u00e9.txt", "na\u00efve r\u00e9sum\u00e9.txt"),
        ("e\u0301", "\u00e9"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..\\..\\x", "_.._x"),
        (".bashrc", "bashrc"),
        ("...", "download"),
        ("", "download"),
        (" \t ", "_"),
        ("CON", "_CON"),
        ("nul.tar.gz", "_nul.tar.gz"),
        ("com1.txt", "_com1.txt"),
        ("company.txt", "company.txt"),
        ("a:b", "a_b"),
        ("a\r\nb\x00", "a__b_"),
        ("exe\u202egpj.scr", "exe_gpj.scr"),
        ("half\ud800", "half_"),
        ("x" * 300 + ".tar", "x" * 196 + ".tar"),
        ("x." + "y" * 300, "x." + "y" * 198),
    ],
)
def test_what_becomes_of_a_name(text: str, name: str) -> None:
    assert safe_name(text) == name


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("", None),
        ("attachment", None),
        ("inline; filename=a.txt", "a.txt"),
        ('attachment; filename="a b.txt"', "a b.txt"),
        (r'attachment; filename="a \"b\".txt"', 'a "b".txt'),
        ('attachment; filename="a;b.txt"; size=3', "a;b.txt"),
        ("attachment; FileName = a.txt", "a.txt"),
        ("attachment; filename=a.txt; filename*=UTF-8''na%C3%AFve.txt", "na\u00efve.txt"),
        ("attachment; filename*=utf-8'en'a%20b; filename=c", "a b"),
        ("attachment; filename*=ISO-8859-1''%e9.txt", "\u00e9.txt"),
        ("attachment; filename*=UTF-8''%ff; filename=a.txt", "a.txt"),
        ("attachment; filename*=EBCDIC''x; filename=a.txt", "a.txt"),
        ("attachment; filename*=x; filename=a.txt", "a.txt"),
        ("attachment; filename=\u00c3\u00a9.txt", "\u00e9.txt"),
        ("attachment; filename=\u00e9.txt", "\u00e9.txt"),
        ('attachment; note="; filename=b"; filename=a', "a"),
        ("attachment; filename=a; filename=b", "a"),
    ],
)
def test_the_name_in_a_content_disposition(disposition: str, name: str | None) -> None:
    assert file_name(disposition) == name


@given(st.text(alphabet=st.characters(max_codepoint=255)))
def test_no_field_is_too_odd_to_be_read(disposition: str) -> None:
    name = told_name(Headers((("Content-Disposition", disposition),)), "/")
    assert re.fullmatch(r"[^/\\\x00-\x1f]+", name)


@pytest.mark.parametrize(
    ("said", "target", "name"),
    [
        ('attachment; filename="../up/a.txt"', "/", "a.txt"),
        ('attachment; filename="C:\\\\up\\\\a.txt"', "/", "a.txt"),
        (None, "/files/a%20b.txt?key=secret", "a b.txt"),
        (None, "/files/%2e%2e%2fa", "a"),
        (None, "/files/", "download"),
    ],
)
def test_the_name_is_the_last_part_of_what_was_said_or_asked(
    said: str | None, target: str, name: str
) -> None:
    headers = Headers(() if said is None else (("content-disposition", said),))
    assert told_name(headers, target) == name
