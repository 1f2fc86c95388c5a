"""A server that costs little, in a process of its own: it answers every request with the same JSON.

`python -m tools.bench.origin [CERTIFICATE]` prints its port and serves until its input ends.
"""

from __future__ import annotations

import json
import selectors
import socket
import ssl
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import attrs
import trustme

from twofold.core.request import Origin

THING = {
    "id": 4_812_093,
    "number": 1347,
    "title": "Found a bug in the way pages are counted",
    "state": "open",
    "locked": False,
    "comments": 12,
    "body": "I think that the last page is counted twice when it is empty. " * 10,
    "labels": ["bug", "pages", "good first issue"],
    "user": {"login": "octocat", "id": 1, "type": "User"},
    "created_at": "2011-04-22T13:33:48Z",
    "updated_at": "2025-06-01T08:00:00Z",
}
BODY = json.dumps(THING).encode()
ANSWER = (
    b"HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nServer: bench\r\n"
    b"Content-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\n"
    b'ETag: W/"a0b1"\r\nX-RateLimit-Limit: 5000\r\nX-RateLimit-Remaining: 4999\r\n\r\n%s'
) % (len(BODY), BODY)
END = b"\r\n\r\n"


@attrs.frozen
class Served:
    """Where the server is, and who certifies it."""

    origin: Origin
    authority: str | None

    @property
    def context(self) -> ssl.SSLContext | None:
        return None if self.authority is None else ssl.create_default_context(cafile=self.authority)


@contextmanager
def serving(*, tls: bool = False) -> Generator[Served]:
    """Run the server in a process of its own, for the block."""
    with TemporaryDirectory() as folder:
        authority = certify(Path(folder)) if tls else None
        command = [sys.executable, "-m", "tools.bench.origin"]
        command += [str(Path(folder, "server.pem"))] if tls else []
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            line = process.stdout.readline() if process.stdout is not None else b""
            yield Served(Origin("https" if tls else "http", "127.0.0.1", int(line)), authority)
            process.terminate()


def certify(folder: Path) -> str:
    authority = trustme.CA()
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
        folder / "server.pem"
    )
    authority.cert_pem.write_to_path(folder / "authority.pem")
    return str(folder / "authority.pem")


def serve(listener: socket.socket, context: ssl.SSLContext | None) -> None:
    """Answer for ever; one loop over all connections, nothing else."""
    selector = selectors.DefaultSelector()
    listener.setblocking(False)
    selector.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                with suppress(OSError):
                    accept(listener, context, selector)
            else:
                answer(key.data, selector)


def accept(
    listener: socket.socket, context: ssl.SSLContext | None, selector: selectors.BaseSelector
) -> None:
    raw, _ = listener.accept()
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if context is not None:
        raw = context.wrap_socket(raw, server_side=True)  # short, and before anything is measured
    raw.setblocking(False)
    selector.register(raw, selectors.EVENT_READ, raw)


def answer(raw: socket.socket, selector: selectors.BaseSelector) -> None:
    """Answer what came; requests are small, have no body, and come whole."""
    try:
        asked = raw.recv(65536)
        if asked:
            raw.send(ANSWER * asked.count(END))
            return
    except (ssl.SSLWantReadError, BlockingIOError):
        return
    except OSError:
        pass
    selector.unregister(raw)
    raw.close()


def main() -> None:
    context = None
    if len(sys.argv) > 1:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1])
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    Thread(target=serve, args=(listener, context), daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
