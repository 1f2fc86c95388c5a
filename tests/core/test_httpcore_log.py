"""The log of httpcore is kept, its cookies are not."""

from __future__ import annotations

import logging

import pytest

from twofold.core.wire.httpcore_log import hide_cookies


@pytest.mark.parametrize(
    "cookie", ["JSESSIONID=a-secret; Path=/", "a='a-secret'", "a=\"'a-secret'\"", "a=\\'a-secret\\"]
)
@pytest.mark.parametrize("logger", ["httpcore.http11", "httpcore.http2"])
def test_of_an_answers_header_all_but_the_cookies_is_logged(
    caplog: pytest.LogCaptureFixture, cookie: str, logger: str
) -> None:
    """As httpcore writes it: the value that a step returned, in Python's spelling."""
    hide_cookies()
    caplog.set_level(logging.DEBUG)
    fields = [(b"Set-Cookie", cookie.encode()), (b"X-Kept", b"kept"), (b"set-cookie", b"a-secret")]
    returned = (b"HTTP/1.1", 200, b"OK", fields)
    message = f"receive_response_headers.complete return_value={returned!r}"
    logging.getLogger(logger).debug(message)
    assert "a-secret" not in caplog.text
    assert "(b'X-Kept', b'kept')" in caplog.text
    assert "(b'Set-Cookie', b'***')" in caplog.text


def test_what_holds_no_cookie_is_logged_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    hide_cookies()
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpcore.http11").debug("send_request_headers.started %s", 3)
    assert caplog.messages == ["send_request_headers.started 3"]
