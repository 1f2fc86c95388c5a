"""Where things are on the screen, and what they look like."""

from __future__ import annotations

from .colourless import COLOURLESS_CSS

BOTH = 100  # cells, below which list and details are not side by side
BREAKPOINTS = ((0, "narrow"), (BOTH, "wide"))

CSS = (
    """
#search { display: none; height: 3; }
#search.open { display: block; }
#tickets { width: 3fr; }
#detail { width: 2fr; border-left: solid $panel; }
.narrow #detail { display: none; }
.narrow.reading #detail { display: block; width: 1fr; border-left: none; }
.narrow.reading #tickets { display: none; }
.wide.alone #detail { display: none; }
ToastRack { margin-bottom: 2; }
"""
    + COLOURLESS_CSS
)
