"""What is asked of the user, one question a screen; each answers with a value, or None."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, TypeVar

from rich.console import RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.events import Resize
from textual.renderables.background_screen import BackgroundScreen
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from .beneath import Beneath
from .html_text import without_controls

T = TypeVar("T")

SHARE = 0.9  # of the screen's height, for the box of a question; as below
FRAME = 3  # lines of its frame and its title

LEAVE: list[BindingType] = [("escape", "leave", "Leave")]


class Question(ModalScreen[T | None]):
    """A box in the middle of the screen; escape leaves it without an answer."""

    BINDINGS: ClassVar[list[BindingType]] = LEAVE
    DEFAULT_CSS = """
    Question { align: center middle; }
    Question > Vertical {
        width: 72; max-width: 100%; height: auto; max-height: 90%;
        border: round $primary; background: $surface; padding: 0 1;
    }
    Question Label { height: 1; }
    Question OptionList { height: auto; border: none; }
    Question TextArea { height: 1fr; max-height: 20; }
    Question VerticalScroll { height: auto; }
    Question .wrong { color: $text-error; }
    Question .hint { color: $text-muted; }
    """

    LONG: ClassVar[str] = ""
    """What of it may be long: it takes what the rest leaves, so that its last line can be seen."""
    MOST: ClassVar[int] = 30
    """Lines of that at most."""
    REST: ClassVar[int] = FRAME
    """Lines of all else."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title_text = without_controls(title)
        self._beneath = Beneath()

    def render(self) -> RenderableType:
        """Draw what lies beneath; the box in the middle draws itself."""
        drawn = super().render()
        if not isinstance(drawn, BackgroundScreen):
            return drawn
        self._beneath.screen = drawn
        return self._beneath

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Label(Text(self.title_text, style="bold", no_wrap=True, overflow="ellipsis"))
            yield from self.body()

    def body(self) -> ComposeResult:
        raise NotImplementedError

    def on_resize(self, event: Resize) -> None:
        if self.LONG:
            room = int(event.size.height * SHARE) - self.REST
            self.query_one(self.LONG).styles.max_height = max(1, min(self.MOST, room))

    def action_leave(self) -> None:
        self.dismiss(None)


class Choose(Question[str]):
    """One of several, found by typing a part of it.

    `options` are values and what is said of them.  None: they are still to come, see `offer`.
    """

    LONG, MOST, REST = "OptionList", 16, FRAME + 3

    def __init__(self, title: str, options: Iterable[tuple[str, str]] | None) -> None:
        super().__init__(title)
        self._options = None if options is None else list(options)
        self._found: list[str] = []
        self.trouble = ""
        """Why there is nothing to choose from."""

    def body(self) -> ComposeResult:
        yield Input(placeholder="part of it")
        yield OptionList()

    def on_mount(self) -> None:
        self._fill("")

    def offer(self, options: Iterable[tuple[str, str]]) -> None:
        self._options = list(options)
        self._fill_again()

    def refuse(self, trouble: str) -> None:
        """Show why there is nothing to choose from."""
        self.trouble = trouble
        self._fill_again()

    def _fill_again(self) -> None:
        if self.is_current:
            self._fill(self.query_one(Input).value)

    def on_input_changed(self, event: Input.Changed) -> None:
        self._fill(event.value)

    def on_input_submitted(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None and self._found:
            self.dismiss(self._found[at])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if self._found:
            self.dismiss(self._found[event.option_index])

    def on_key(self, event: object) -> None:
        """Move through the options while the cursor stays in the text."""
        key = getattr(event, "key", "")
        if key in ("down", "up") and self.query_one(Input).has_focus:
            options = self.query_one(OptionList)
            (options.action_cursor_down if key == "down" else options.action_cursor_up)()

    def _fill(self, part: str) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        if self._options is None:
            said = self.trouble or "asking the server ..."
            options.add_option(Option(Text(without_controls(said)), disabled=True))
            return
        found = [pair for pair in self._options if part.lower() in pair[1].lower()]
        self._found = [value for value, _ in found]
        if not found:
            options.add_option(Option("nothing of that name", disabled=True))
            return
        options.add_options(Option(Text(without_controls(said))) for _, said in found)
        options.highlighted = 0


class Ask(Question[str]):
    """A line of text; `check` returns what it means, or raises ValueError saying what is wrong."""

    def __init__(
        self, title: str, value: str = "", check: Callable[[str], object] = str, hint: str = ""
    ) -> None:
        super().__init__(title)
        self._value, self._check, self._hint = value, check, hint

    def body(self) -> ComposeResult:
        yield Input(self._value)
        yield Static(self._hint, classes="hint", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        try:
            self._check(event.value)
        except ValueError as error:
            said = self.query_one(".hint", Static)
            said.add_class("wrong")
            said.update(str(error))
        else:
            self.dismiss(event.value)


HINT = "ctrl+s sends it, escape leaves it"
SURE = "escape again throws away what you wrote, ctrl+s sends it"


class Write(Question[str]):
    """A text of several lines; one that was changed is left with two escapes in a row."""

    BINDINGS: ClassVar[list[BindingType]] = [*LEAVE, ("ctrl+s", "send", "Send")]

    def __init__(self, title: str, value: str = "", draft: str = "") -> None:
        super().__init__(title)
        self._value, self._draft = value, draft
        self._is_sure = False

    def body(self) -> ComposeResult:
        yield TextArea(self._draft or self._value)
        yield Static(HINT, classes="hint")

    @property
    def text(self) -> str:
        return self.query_one(TextArea).text

    def action_send(self) -> None:
        self.dismiss(self.text)

    def action_leave(self) -> None:
        if self._is_sure or self.text == self._value:
            self.dismiss(None)
        else:
            self._ask_again(is_sure=True)

    def on_text_area_changed(self) -> None:
        self._ask_again(is_sure=False)

    def _ask_again(self, *, is_sure: bool) -> None:
        self._is_sure = is_sure
        hint = self.query_one(".hint", Static)
        hint.set_class(is_sure, "wrong")
        hint.update(SURE if is_sure else HINT)


class Read(Question[None]):
    """Something to read."""

    LONG = "VerticalScroll"
    BINDINGS: ClassVar[list[BindingType]] = [*LEAVE, ("q,enter", "leave", "Leave")]

    def __init__(self, title: str, text: Text) -> None:
        super().__init__(title)
        self._text = text

    def body(self) -> ComposeResult:
        with VerticalScroll():
            yield Static(self._text, markup=False)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Text:
    """Return rows as text, each column as wide as its widest cell."""
    lines = [titles, *rows]
    widths = [max(len(row[column]) for row in lines) for column in range(len(titles))]
    text = Text()
    for number, row in enumerate(lines):
        cells = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        text.append(f"{cells.rstrip()}\n", "bold" if number == 0 else "none")
    return text
