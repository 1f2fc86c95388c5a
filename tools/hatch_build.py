"""The build hook: writes the blocking half before any wheel, sdist or editable install.

The build environment has neither anyio nor twofold, so the generator is loaded by its path.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class OneSourceHook(BuildHookInterface[Any]):
    """Bring every generated tree up to date with its source."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling names them
        load_generator(Path(self.root)).generate(Path(self.root))


def load_generator(root: Path) -> ModuleType:
    path = root / "src" / "twofold" / "one_source.py"
    spec = importlib.util.spec_from_file_location("one_source", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
