"""TLS in front of a server that has none, in a process of its own.

`python -m tools.soak.terminator PORT CERTIFICATE` prints its own port, and ends with its input.
"""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from ..bench.origin import certify

PIECE = 65536


@contextmanager
def terminated(port: int) -> Generator[tuple[str, str]]:
    """Give a URL over TLS for a port of this host, and the file of who certifies it."""
    with TemporaryDirectory() as folder:
        authority = certify(Path(folder))
        command = [sys.executable, "-m", "tools.soak.terminator", str(port)]
        with subprocess.Popen(
            [*command, str(Path(folder, "server.pem"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            line = process.stdout.readline() if process.stdout is not None else b""
            yield f"https://127.0.0.1:{int(line)}", authority
            process.terminate()


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, ssl.SSLError):
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()
    writer.close()


async def serve(port: int, certificate: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pipe(reader, back), pipe(there, writer))

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
