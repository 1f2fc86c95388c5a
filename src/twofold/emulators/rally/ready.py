"""What a client must know to use an emulator, addresses aside."""

from __future__ import annotations

import attrs

API_KEY = "_emulator00000000000000000000000000000000"
READ_ONLY_API_KEY = "_readonly00000000000000000000000000000000"
USERNAME = "robin.hale@meridian.example"
PASSWORD = "emulated"  # noqa: S105 - opens nothing but an emulator


@attrs.frozen
class Ready:
    """Credentials, and the names of the workspace and of the root of its projects."""

    api_key: str
    read_only_api_key: str
    username: str
    password: str
    workspace: str
    project: str
