"""What the site's generator does not do by itself: colours for code, and docstrings' `::`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pygments.formatters import HtmlFormatter

# In docstrings a paragraph that ends with two colons is followed by code, or is nothing but that.
LEADS_TO_CODE = re.compile(r'(?<=:):</p>(?=\s*<(?:div class="highlight"|pre)>)')
LEFT_ALONE = re.compile(r'<p>::</p>(?=\s*<(?:div class="highlight"|pre)>)')


def on_page_content(html: str, **_: Any) -> str:
    """Show one colon before code, or none."""
    return LEADS_TO_CODE.sub("</p>", LEFT_ALONE.sub("", html))


def on_post_build(config: Mapping[str, Any], **_: Any) -> None:
    """Write the colours of code, which the theme lacks."""
    styles = str(HtmlFormatter(style="default").get_style_defs(".highlight"))
    Path(config["site_dir"], "code.css").write_text(styles, encoding="utf-8")
