"""What a test is told of the emulator that is served for it."""

from __future__ import annotations

from typing import TypedDict

import attrs

from ..core.policy.limits import Limits
from ..emulators.rally.emulator import RallyEmulator


class Login(TypedDict):
    """What a client of ours needs to know."""

    server: str
    api_key: str
    workspace: str
    project: str
    limits: Limits


@attrs.frozen
class RallyServer:
    """A Rally emulator at an address of this machine."""

    url: str
    """Scheme, host and port."""
    emulator: RallyEmulator
    """The emulator itself, to be called without a socket."""
    api_key: str
    read_only_api_key: str
    username: str
    password: str
    workspace: str
    project: str
    limits: Limits = attrs.field(factory=Limits)
    """Shared by the clients of one test: what a server asked for in one is not heeded in the next,
    though it is at the same address, and a test that failed is kept with its client."""

    @property
    def login(self) -> Login:
        """Arguments of a client: `AsyncRallyClient(**rally_server.login)`."""
        return Login(
            server=self.url,
            api_key=self.api_key,
            workspace=self.workspace,
            project=self.project,
            limits=self.limits,
        )


def on_stage(url: str, emulator: RallyEmulator) -> RallyServer:
    """Describe an emulator that is served at an address."""
    return RallyServer(url=url, emulator=emulator, **attrs.asdict(emulator.ready))
