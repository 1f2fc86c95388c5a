"""What an engine raises, by what the server may have done."""

from __future__ import annotations

from ....errors import Effect, ServerError, TwofoldError
from ...request import Request
from .refusals import Malformed, TooLarge


def unreachable(request: Request, error: Exception) -> TwofoldError:
    """No byte was sent.  A certificate that is refused once is refused again; else it may pass."""
    return ServerError(
        f"{request.origin} cannot be reached: {described(error)}",
        effect=Effect.NONE,
        transient="CERTIFICATE_VERIFY_FAILED" not in str(error) and not was_ended_here(error),
    )


def lost(request: Request, error: Exception) -> TwofoldError:
    """The request was sent, at least in part, and no complete answer came back."""
    return ServerError(
        f"the answer of {request.origin} was lost: {described(error)}",
        effect=Effect.UNKNOWN,
        transient=not was_ended_here(error),
    )


def was_ended_here(error: Exception) -> bool:
    """Tell whether the client was closed: whoever did so wants no other try.

    What the system itself says of an aborted connection has a number.
    """
    return isinstance(error, ConnectionAbortedError) and error.errno is None


def silent(request: Request, seconds: float) -> TwofoldError:
    """The server said nothing for too long."""
    return lost(request, TimeoutError(f"silent for {seconds:g} s"))


def failure(request: Request, status: int, error: Exception) -> TwofoldError:
    """The answer is refused, and would be a second time; or it is lost, and might not be."""
    if isinstance(error, Malformed | TooLarge):
        return ServerError(
            f"the answer of {request.origin} is refused: {error}",
            status=status or None,
            effect=Effect.UNKNOWN,
        )
    return lost(request, error)


def described(error: Exception) -> str:
    return f"{error}" or type(error).__name__
