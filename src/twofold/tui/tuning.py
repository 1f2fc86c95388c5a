"""Have it otherwise: the keys, the theme, which tickets are read; from now on and the next time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from ..errors import ArgumentError
from ..rally.kinds import Kind, kinds_named
from .asking import Option
from .keys import ACTIONS, NAMES, SCHEMES, keys_of
from .panels import pressed
from .preferences import READABLE, THEME, Preferences, at_home, called, preferences_path, save
from .screens import Ask
from .views import following, many

if TYPE_CHECKING:
    from .app import RallyApp

KEY: Option = ("key", "Keys: one of your own ...")
TYPES: Option = ("types", "Tickets: which types are read ...")
HINT = "Separated by commas, such as f9,ctrl+r.  Nothing: those of the scheme."


class Tuning:
    """What one application's user prefers."""

    def __init__(self, app: RallyApp, preferences: Preferences) -> None:
        self._app = app
        self.preferences = preferences
        self.keys = keys_of(preferences.scheme, preferences.keys)

    def acts(self) -> Mapping[str, Callable[[], object]]:
        return {"theme": self.next_theme, "settings": self.settings}

    def begin(self) -> None:
        """Have it as it is preferred; a theme that is chosen anywhere is kept."""
        app, wanted = self._app, self.preferences.theme
        app.set_keymap(dict(self.keys))
        app.theme = wanted if wanted in app.available_themes else THEME
        app.theme_changed_signal.subscribe(app, lambda theme: self._chosen(theme.name))
        if self.preferences.trouble:
            app.notify(self.preferences.trouble, severity="warning", timeout=15, markup=False)

    def _chosen(self, theme: str) -> None:
        if theme != self.preferences.theme and theme == self._app.theme:
            self.prefer(theme=theme)

    def next_theme(self) -> None:
        self.prefer(theme=following(self._themes, self._app.theme))
        self._app.notify(f"Theme {self._app.theme}", markup=False)

    @property
    def _themes(self) -> list[str]:
        return sorted(self._app.available_themes)

    def prefer(self, **changes: Any) -> None:
        """Have it otherwise from now on, unless a key would mean two things."""
        wanted = attrs.evolve(self.preferences, **changes)
        try:
            self.keys = keys_of(wanted.scheme, wanted.keys)
        except ArgumentError as error:
            said = f"Not changed: {error}. Give it another key first."
            self._app.notify(said, severity="error", timeout=15, markup=False)
            return
        self.preferences = wanted
        self._app.set_keymap(dict(self.keys))
        self._app.theme = wanted.theme
        self._save()

    def _save(self) -> None:
        try:
            save(self.preferences)
        except OSError as error:
            said = f"Not saved: {error.strerror}: {error.filename}"
            self._app.notify(said, severity="error", markup=False)
        else:
            self.preferences = attrs.evolve(self.preferences, trouble="")

    def settings(self) -> None:
        """Ask what is to be otherwise."""
        now = {f"scheme {self.preferences.scheme}", f"theme {self._app.theme}"}
        keys = [(f"scheme {name}", f"Keys: {name}") for name in SCHEMES]
        themes = [(f"theme {name}", f"Theme: {name}") for name in self._themes]
        options = [
            (value, f"{said} (now)" if value in now else said)
            for value, said in (*keys, KEY, TYPES, *themes)
        ]
        title = f"Settings, kept in {at_home(preferences_path())}"
        self._app.asking.one_of(title, options, self._answered)

    def _answered(self, said: str) -> None:
        what, _, value = said.partition(" ")
        match what:
            case "key":
                self.own_key()
            case "types":
                self.types()
            case _:
                self.prefer(**{what: value})

    def own_key(self) -> None:
        """Ask which action is to have another key, and which."""
        actions = [(each.name, f"{each.text}: {pressed(self.keys, each)}") for each in ACTIONS]
        self._app.asking.one_of("Which action", actions, self._ask_key)

    def _ask_key(self, action: str) -> None:
        def answered(said: str | None) -> None:
            if said is not None:
                self.prefer(keys=self._with_key(action, said))

        def check(said: str) -> None:
            keys_of(self.preferences.scheme, self._with_key(action, said))

        title = f"Keys of: {NAMES[action].text}"
        self._app.push_screen(Ask(title, self.keys[action], check, HINT), answered)

    def _with_key(self, action: str, keys: str) -> Mapping[str, str]:
        others = {name: own for name, own in self.preferences.keys.items() if name != action}
        return {**others, action: keys.strip()} if keys.strip() else others

    def types(self) -> None:
        """Ask which types of tickets are read, one after another until it is left."""
        read = self.preferences.kinds
        every = dict.fromkeys([*READABLE, *read])
        options = [
            (called(kind), f"[{'x' if kind in read else ' '}] {many(kind.path)}") for kind in every
        ]
        self._app.asking.one_of("Which types are read", options, partial(self._turn, read))

    def _turn(self, read: tuple[Kind, ...], name: str) -> None:
        (kind,) = kinds_named(name)
        wanted = [each for each in read if each != kind] if kind in read else [*read, kind]
        if wanted:
            self.prefer(types=tuple(map(called, wanted)))
            self._app.reading.read_kinds(self.preferences.kinds)
        else:
            self._app.notify("At least one type is read", severity="warning")
        self.types()
