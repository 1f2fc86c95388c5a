"""What httpcore writes to its log, at level DEBUG, of an answer's header: all but the cookies.

A cookie is a credential like a password, and a log is read by many.
"""

from __future__ import annotations

import logging
import re

COOKIE = re.compile(
    r"""(\(b'set-cookie',\s*)b(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", re.IGNORECASE
)


class WithoutCookies(logging.Filter):
    """Takes the values of cookies out of a record; all else stays as it is."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, str):
            record.msg = COOKIE.sub(r"\1b'***'", record.msg)
        return True


WITHOUT_COOKIES = WithoutCookies()


def hide_cookies() -> None:
    """Keep cookies out of httpcore's log, whoever reads it; once is enough."""
    for name in ("httpcore.http11", "httpcore.http2"):
        logging.getLogger(name).addFilter(WITHOUT_COOKIES)
