"""What an engine raises, by what the server may have done."""

from __future__ import annotations

from ....errors import Effect, ServerError, TwofoldError
from ...request import Request
from .refusals import Malformed, TooLarge


def unreachable(request: Request, error: Exception) -> TwofoldError:
    """No byte was sent.  A certificate that is refused once is refused again; all else may pass."""
    return ServerError(
        f"{request.origin} cannot be reached: {described(error)}",
        effect=Effect.NONE,
        transient="CERTIFICATE_VERIFY_FAILED" not in str(error),
    )


def lost(request: Request, error: Exception) -> TwofoldError:
    """The request was sent, at least in part, and no complete answer came back."""
    return ServerError(
        f"the answer of {request.origin} was lost: {described(error)}",
        effect=Effect.UNKNOWN,
        transient=True,
    )


def refused_to_wait(request: Request, seconds: float) -> TwofoldError:
    """The server was silent for too long."""
    return lost(request, TimeoutError(f"silent for {seconds:g} s"))


def malformed(request: Request, error: Malformed) -> TwofoldError:
    """What came back is not HTTP: it would not be, a second time."""
    return ServerError(f"the answer of {request.origin} is refused: {error}", effect=Effect.UNKNOWN)


def too_large(request: Request, status: int, error: TooLarge) -> TwofoldError:
    message = f"{request.origin} answered with {error}"
    return ServerError(message, status=status or None, effect=Effect.UNKNOWN)


def described(error: Exception) -> str:
    return f"{error}" or type(error).__name__
