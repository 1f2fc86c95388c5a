"""Other programs, run to their end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from os import PathLike
from subprocess import DEVNULL, PIPE, CompletedProcess

from anyio import BrokenResourceError, CancelScope, EndOfStream, move_on_after, open_process
from anyio.abc import ByteReceiveStream, ByteSendStream, Process

from .tasks import unwrapped_task_group

__all__ = ["run_process"]

PATIENCE = 5.0  # seconds a process is given to end by itself, before it is killed


async def run_process(
    argv: Sequence[str],
    *,
    input: bytes | None = None,
    check: bool = True,
    cwd: str | PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
) -> CompletedProcess[bytes]:
    """Run a program to its end and return what it wrote.

    Without `input` it reads an empty file, never the terminal.  If cancelled it is asked to
    terminate, and killed if it does not within five seconds; it has ended before this returns.
    With `check` an exit code other than 0 raises `subprocess.CalledProcessError`.
    """
    stdin = DEVNULL if input is None else PIPE
    process = await open_process(argv, stdin=stdin, cwd=cwd, env=env)
    output, errors = bytearray(), bytearray()
    async with process:
        try:
            async with unwrapped_task_group() as tasks:
                tasks.start_soon(drain, process.stdout, output)
                tasks.start_soon(drain, process.stderr, errors)
                tasks.start_soon(feed, process.stdin, input)
                code = await process.wait()
        except BaseException:
            await end(process)
            raise
    done = CompletedProcess(argv, code, bytes(output), bytes(errors))
    if check:
        done.check_returncode()
    return done


async def drain(stream: ByteReceiveStream | None, into: bytearray) -> None:
    assert stream is not None  # noqa: S101 - both are pipes
    with suppress(EndOfStream):
        while True:
            into += await stream.receive()


async def feed(stream: ByteSendStream | None, input: bytes | None) -> None:
    if stream is None or input is None:
        return
    # A program may end, or close its input, without having read all of it.
    with suppress(BrokenResourceError, OSError):
        await stream.send(input)
    with suppress(BrokenResourceError, OSError):
        await stream.aclose()


async def end(process: Process) -> None:
    """End a process, gently if it lets us; wait until it has ended."""
    with suppress(ProcessLookupError):
        process.terminate()
    with move_on_after(PATIENCE, shield=True):
        await process.wait()
        return
    with suppress(ProcessLookupError):
        process.kill()
    with CancelScope(shield=True):
        await process.wait()
