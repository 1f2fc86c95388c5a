"""The build hook for hatchling: writes the blocking half before every wheel, sdist and install.

A project that has `_async` trees names it in its pyproject.toml::

    [build-system]
    requires = ["hatchling", "twofold[build]"]
    build-backend = "hatchling.build"

    [tool.hatch.build.hooks.twofold]

    [tool.twofold.one-source]
    trees = ["src/package/_async", "tests/_async"]

hatchling loads this module whenever it looks for any hook that is not its own, in whatever
environment holds twofold; so what the extra `build` installs is imported in use only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.plugin import hookimpl


class OneSourceHook(BuildHookInterface[Any]):
    """Brings every generated tree up to date, and has it packed wherever its source is."""

    PLUGIN_NAME = "twofold"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling names them
        """Generate; a source that is refused ends the build with its file and line."""
        try:
            from .one_source import RefusedError, generate, trees_of, twin
        except ImportError as error:
            raise ImportError(f'{error}: build-system.requires needs "twofold[build]"') from error
        root = Path(self.root)
        try:
            generate(root)
        except RefusedError as error:
            self.app.abort(str(error))
        # Ignored by git, hence by hatchling, unless they are said to be made by the build.
        for tree in self.packed(trees_of(root)):
            build_data["artifacts"].append(f"/{twin(PurePath(tree)).as_posix()}/")

    def packed(self, trees: Iterable[str]) -> Iterator[str]:
        """Yield the trees of which anything goes into what is built: tests may stay out of it."""
        files = [
            PurePath(file.relative_path)
            for file in self.build_config.builder.recurse_included_files()
        ]
        for tree in trees:
            if any(file.is_relative_to(tree) for file in files):
                yield tree


@hookimpl
def hatch_register_build_hook() -> type[OneSourceHook]:
    """Tell hatchling of the hook."""
    return OneSourceHook
