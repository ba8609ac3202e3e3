"""Reports: one value, several faces. Adding a face is a function and a row in FORMATS."""

from __future__ import annotations

from collections.abc import Callable

from slimmer.report.html import render_html
from slimmer.report.json import render_json
from slimmer.report.markdown import render_markdown
from slimmer.report.summary import Report
from slimmer.report.text import render_text

FORMATS: dict[str, Callable[[Report], str]] = {
    "text": render_text,
    "json": render_json,
    "markdown": render_markdown,
    "html": render_html,
}
