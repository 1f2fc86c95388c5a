"""What asks the same server for the same thing: ours, and what people use.

Each is opened once a cell of the table and asks over connections it keeps.  Ours carries out an
operation along the whole line and decodes a model; all others read the body, and stop there.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import httpx
import httpx2
import msgspec
import requests
from pyreqwest.client import ClientBuilder, SyncClientBuilder
from requests.adapters import HTTPAdapter

from twofold._async.core.client import AsyncClient
from twofold._async.core.transport.direct import DirectTransport
from twofold._sync.core.client import Client
from twofold.core.options import CONCURRENCY
from twofold.core.policy.limits import Limits
from twofold.core.request import Endpoint, Patience

from .origin import Served

Ask = Callable[[], Awaitable[object]]
AskBlocking = Callable[[], object]


@attrs.frozen
class User:
    login: str
    id: int
    type: str


@attrs.frozen
class Thing:
    """What the server answers with, as a model."""

    id: int
    number: int
    title: str
    state: str
    locked: bool
    comments: int
    body: str
    labels: list[str]
    user: User
    created_at: str
    updated_at: str


DECODER = msgspec.json.Decoder(Thing)
LOOK = Endpoint("bench.look", "GET", "/things/{number}", lambda reply: DECODER.decode(reply.body))

PATIENCE = Patience(connect=10, read=60)


def options(served: Served, callers: int, engine: str) -> dict[str, Any]:
    verify = {} if served.authority is None else {"verify": served.authority}
    return {"transport": engine, "concurrency": callers, "limits": Limits(), **verify}


def url(served: Served) -> str:
    return f"{served.origin}/things/1347"


@asynccontextmanager
async def twofold(served: Served, callers: int, engine: str = "direct") -> AsyncGenerator[Ask]:
    async with AsyncClient(str(served.origin), **options(served, callers, engine)) as client:
        yield lambda: client.send(LOOK.operation(number="1347"))


@asynccontextmanager
async def twofold_over_httpx(served: Served, callers: int) -> AsyncGenerator[Ask]:
    """Ours, with as many slots as a client has by default: callers queue at the gate."""
    async with twofold(served, min(callers, CONCURRENCY), "httpx") as ask:
        yield ask


@asynccontextmanager
async def twofold_raw(served: Served, callers: int) -> AsyncGenerator[Ask]:
    async with AsyncClient(str(served.origin), **options(served, callers, "direct")) as client:
        yield lambda: client.raw(LOOK.operation(number="1347"))


@asynccontextmanager
async def engine_alone(served: Served, callers: int) -> AsyncGenerator[Ask]:  # noqa: ARG001 - as all
    """Ours without the line: no gate, no policies, nothing decoded."""
    engine = DirectTransport(True if served.authority is None else served.authority)
    request = LOOK.operation(number="1347").request(served.origin, "", (("User-Agent", "bench"),))
    yield lambda: engine.exchange(request, PATIENCE)
    await engine.aclose()


@asynccontextmanager
async def with_httpx(served: Served, callers: int) -> AsyncGenerator[Ask]:
    most = httpx.Limits(max_connections=None, max_keepalive_connections=callers)
    context = served.context or False
    async with httpx.AsyncClient(
        verify=context, limits=most, trust_env=False, timeout=60
    ) as client:
        yield lambda: client.get(url(served))


@asynccontextmanager
async def with_httpx2(served: Served, callers: int) -> AsyncGenerator[Ask]:
    most = httpx2.Limits(max_connections=None, max_keepalive_connections=callers)
    context = served.context or False
    async with httpx2.AsyncClient(
        verify=context, limits=most, trust_env=False, timeout=60
    ) as client:
        yield lambda: client.get(url(served))


@asynccontextmanager
async def with_aiohttp(served: Served, callers: int) -> AsyncGenerator[Ask]:
    connector = aiohttp.TCPConnector(limit=callers, ssl=served.context or False)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def ask() -> bytes:
            async with session.get(url(served)) as response:
                return await response.read()

        yield ask


@asynccontextmanager
async def with_pyreqwest(served: Served, callers: int) -> AsyncGenerator[Ask]:
    builder = trusting(ClientBuilder(), served).pool_max_idle_per_host(callers)
    async with builder.build() as client:

        async def ask() -> object:
            response = await client.get(url(served)).build().send()
            return await response.bytes()

        yield ask


def trusting(builder: Any, served: Served) -> Any:
    if served.authority is None:
        return builder
    return builder.add_root_certificate_pem(Path(served.authority).read_bytes())


# Blocking.


@contextmanager
def twofold_blocking(served: Served, callers: int) -> Generator[AskBlocking]:
    with Client(str(served.origin), **options(served, callers, "direct")) as client:
        yield lambda: client.send(LOOK.operation(number="1347"))


@contextmanager
def with_httpx_client(served: Served, callers: int) -> Generator[AskBlocking]:
    most = httpx.Limits(max_connections=None, max_keepalive_connections=callers)
    with httpx.Client(
        verify=served.context or False, limits=most, trust_env=False, timeout=60
    ) as client:
        yield lambda: client.get(url(served))


@contextmanager
def with_httpx2_client(served: Served, callers: int) -> Generator[AskBlocking]:
    most = httpx2.Limits(max_connections=None, max_keepalive_connections=callers)
    with httpx2.Client(
        verify=served.context or False, limits=most, trust_env=False, timeout=60
    ) as client:
        yield lambda: client.get(url(served))


@contextmanager
def with_requests(served: Served, callers: int) -> Generator[AskBlocking]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = served.authority or False
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=callers)
        session.mount(str(served.origin), adapter)
        yield lambda: session.get(url(served)).content


@contextmanager
def with_pyreqwest_sync(served: Served, callers: int) -> Generator[AskBlocking]:
    builder = trusting(SyncClientBuilder(), served).pool_max_idle_per_host(callers)
    with builder.build() as client:
        yield lambda: client.get(url(served)).build().send().bytes()
