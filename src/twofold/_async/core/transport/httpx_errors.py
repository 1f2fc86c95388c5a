# SPDX-License-Identifier: MIT
"""What httpx raises, in our words."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import httpx

from ....core.request import Request
from ....core.wire.http1.failures import lost, unreachable
from ....errors import Effect, RequestError, ServerError

# No byte of the request was sent.
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
UNSENDABLE = (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL)


@contextmanager
def mapped(request: Request) -> Generator[None]:
    """Turn httpx's errors into ours, by what the server may have done."""
    try:
        yield
    except UNSENT as error:
        raise unreachable(request, error) from error
    except UnicodeEncodeError:
        # The error itself would hold what could not be encoded.
        raise RequestError(f"{request} holds a character that no header can hold") from None
    except UNSENDABLE as error:
        raise RequestError(f"{request} cannot be sent: {error}") from error
    except httpx.DecodingError as error:
        message = f"{request.origin} answered with a body that cannot be decoded: {error}"
        raise ServerError(message, effect=Effect.UNKNOWN) from error
    except (httpx.HTTPError, OSError) as error:
        raise lost(request, error) from error
