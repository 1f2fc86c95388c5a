"""What may be shown of requests, answers and clients: no secret, in whatever form it stands."""

from __future__ import annotations

import base64
import copy
import html
import json
import pickle
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lines import HOME
from searched import forms

from twofold.core.credentials import HeaderKey, Signed, Unchanging
from twofold.core.request import Endpoint, Reply, Request
from twofold.core.text.headers import (
    Headers,
    checked,
    is_secret,
    merged,
    names_secret,
    redacted,
    secrets_in,
)
from twofold.core.text.references import bare
from twofold.core.text.secrets import Secret, scrubbed
from twofold.errors import ArgumentError

AWKWARD = [
    "hunter2-hunter2",
    "ab/c+d=hunter2",
    'it\'s "hunter2"\u20ac\\x',
    "two words, é & \U0001f600 <b>",
    "back\\slash'quote\"",
    "hunter2/é+" * 200,
]

SPELLINGS: list[Callable[[str], str]] = [
    str,
    repr,
    ascii,
    json.dumps,
    lambda secret: json.dumps(secret, ensure_ascii=False),
    lambda secret: json.dumps(secret).replace("/", "\\/"),
    lambda secret: repr(f"Bearer {secret}'"),
    lambda secret: repr(secret.encode()),
    quote,
    quote_plus,
    html.escape,
    lambda secret: quote(secret, safe=""),
    lambda secret: quote(secret, safe="").lower(),
    lambda secret: secret.encode().hex(),
    lambda secret: base64.b64encode(secret.encode()).decode(),
]


@pytest.mark.parametrize("secret", AWKWARD)
@pytest.mark.parametrize("spelt", SPELLINGS)
def test_a_secret_is_found_however_it_is_spelt(secret: str, spelt: Callable[[str], str]) -> None:
    """Invariant 10.4"""
    text = scrubbed(f"bad key {spelt(secret)} given", [secret])
    assert text.startswith("bad key ")
    assert text.endswith(" given")
    assert "***" in text
    assert not any(word in text for word in ("hunter2", "words", "slash", spelt(secret)))


@given(secret=st.text(st.characters(exclude_categories=["Cs"]), min_size=8))
def test_no_usual_form_of_a_secret_is_left(secret: str) -> None:
    """Invariant 10.4"""
    for form in forms(secret):
        assert form not in scrubbed(f"<{form}>", [secret])


@pytest.mark.parametrize("before", ["", "a", "us", "user:"])
@pytest.mark.parametrize("after", ["", ":", "::", ":::"])
@pytest.mark.parametrize("alphabet", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_secret_is_found_within_what_was_encoded(
    before: str, after: str, alphabet: Callable[[bytes], bytes]
) -> None:
    secret = "ÿþ~?>hunter2"
    text = scrubbed(alphabet(f"{before}{secret}{after}".encode()).decode(), [secret])
    around = base64.b64encode((before + after).encode())
    assert "***" in text
    assert len(text.replace("***", "")) <= len(around) + 6  # where it stands beside others


@pytest.mark.parametrize("spelt", [*SPELLINGS[:3], SPELLINGS[-4]])
def test_the_beginning_of_a_secret_is_found_however_it_is_spelt(
    spelt: Callable[[str], str],
) -> None:
    secret = "a/b\\é-hunter2"
    text = scrubbed(f"the key is {spelt(secret).rstrip(chr(39))[:-3]}…", [secret])
    assert text.removesuffix("'…").rstrip("'") in ("the key is ***…", "the key is '***…")


def test_of_secrets_that_hold_each_other_nothing_is_left() -> None:
    assert scrubbed("Bearer abcdefgh", ["abcdefgh", "Bearer abcdefgh"]) == "***"


@pytest.mark.parametrize(
    "name",
    [
        *("Authorization", "cookie", "X-Token", "X-Tenant-Token", "X-AuthToken", "apikey"),
        *("Private-Token", "X-Session-Id", "PHPSESSIONID", "Signature", "X-Shop-Secret"),
    ],
)
def test_a_field_is_secret_by_its_name(name: str) -> None:
    assert names_secret(name)
    assert redacted(((name, "hunter2"),)) == ((name, "***"),)


@pytest.mark.parametrize(
    "name",
    [
        *("Accept", "User-Agent", "X-Author", "ETag", "Keep-Alive", "Idempotency-Key"),
        *("WWW-Authenticate", "X-RateLimit-Remaining", "Content-Type", "traceparent"),
    ],
)
def test_other_fields_are_shown(name: str) -> None:
    assert not names_secret(name)
    assert redacted(((name, "x"),)) == ((name, "x"),)


def test_a_field_is_secret_by_what_its_value_is_declared_to_be() -> None:
    plan = Secret("gold-of-the-tenant")
    assert is_secret("X-Plan", plan)
    assert not is_secret("X-Plan", str(plan))
    assert f"{plan}" == str(plan) == "gold-of-the-tenant" == plan
    assert repr(plan) == repr({"x": plan})[6:-1] == "'***'"
    for copied in (copy.copy(plan), copy.deepcopy(plan), pickle.loads(pickle.dumps(plan))):
        assert (copied, repr(copied)) == (plan, "'***'")


def test_the_words_of_secret_fields_are_secrets() -> None:
    pairs = (
        ("Authorization", "Bearer hunter2-hunter2"),
        ("Cookie", "a=b; session=sesame-open"),
        ("Accept", "application/json"),
    )
    found = secrets_in(pairs)
    assert {"hunter2-hunter2", "sesame-open", "Bearer hunter2-hunter2"} <= set(found)
    assert not {"Bearer", "b", "application/json"} & set(found)


ADDRESSES = {
    "https://u:hunter2@idp.example/cb?code=T0K#access_token=T0K": "https://idp.example/cb",
    "https://idp.example:8443/cb;session=T0K": "https://idp.example:8443/cb",
    "https://[::1]:80/cb#T0K": "https://[::1]:80/cb",
    "//T0K@idp.example/cb": "//idp.example/cb",
    "/cb?T0K": "/cb",
    "?T0K": "",
    "https://u:hunter2?T0K@idp.example/cb": "https://***",
    "https:\\\\u:hunter2@idp.example/cb": "https://idp.example/cb",
    "https:u:hunter2@idp.example/cb": "https:idp.example/cb",
    "/a\x00b": "/a\N{REPLACEMENT CHARACTER}b",
}


@pytest.mark.parametrize(("address", "shown"), ADDRESSES.items())
def test_of_an_address_scheme_host_and_path_are_shown(address: str, shown: str) -> None:
    assert bare(address) == shown
    headers = (("Location", address), ("Link", f'<{address}>; rel="next"'))
    assert not any(token in repr(Headers(headers)) for token in ("T0K", "hunter2"))


@given(st.text())
def test_any_text_can_be_shown_as_an_address(text: str) -> None:
    assert bare(text).isprintable()


@attrs.define(eq=False)
class Stamped(Unchanging):
    """Credentials of somebody else's making: they add fields whose names say nothing."""

    account: str = "stamped"
    secrets: tuple[str, ...] = ()
    ahead: bool = False

    def sign(self, request: Request) -> Signed:
        added, fields = (("X-Stamp", "hunter2"), ("X-Mark", "hunter2")), request.headers
        return Signed(
            request.with_headers((*added, *fields) if self.ahead else (*fields, *added)), 0
        )


@pytest.mark.parametrize(
    "credentials", [Stamped(), Stamped(ahead=True), HeaderKey("X-Me", "hunter2")]
)
def test_what_signing_added_to_a_request_is_not_shown(credentials: Stamped | HeaderKey) -> None:
    """Invariant 10.4"""
    plain = Request("GET", HOME, "/thing", (("Accept", "*/*"), ("X-Page", "2")))
    signed = credentials.sign(plain)
    signed.veil(plain)
    reply = Reply(200, Headers(), b"", signed.request)
    assert "hunter2" not in repr(reply) + repr(signed)
    assert "'*/*'" in repr(reply)
    assert "'2'" in repr(reply)
    assert set(signed.request.headers) == set(credentials.sign(plain).request.headers)


def test_the_query_of_a_call_is_shown_by_its_names() -> None:
    look = Endpoint("test.look", "GET", "/thing", Reply.json)
    shown = repr(look.operation(query={"token": "hunter2"}, headers=(("X-Token", "hunter2"),)))
    assert "hunter2" not in shown
    assert "'token'" in shown


def test_a_request_in_a_message_is_its_method_and_place() -> None:
    request = Request("GET", HOME, "/a\r\nb?token=hunter2", (("X-Token", "hunter2"),))
    assert str(request) == r"GET https://api.example/a\r\nb"


def test_of_one_name_the_others_fields_hold() -> None:
    client = (("User-Agent", "twofold"), ("Accept", "text/plain"), ("X-Shop", "1"))
    own = (("accept", "a"), ("ACCEPT", "b"), ("User-Agent", "mine"))
    assert merged(client, own) == (("X-Shop", "1"), *own)


@pytest.mark.parametrize("name", ["Host", "host", "Content-Length", "Transfer-Encoding"])
def test_what_the_engine_says_itself_cannot_be_given(name: str) -> None:
    with pytest.raises(ArgumentError, match=name):
        checked(((name, "1"),))
    checked(((f"X-{name}", "1"), (f"{name}-X", "1")))
