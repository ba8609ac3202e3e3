"""Reports: one value, several faces. Adding a face is a function and a row in FORMATS."""

from __future__ import annotations

from collections.abc import Callable

from slimmer.build.report import Report
from slimmer.report.build.html import render_html
from slimmer.report.build.json import render_json
from slimmer.report.build.markdown import render_markdown
from slimmer.report.build.text import render_text

FORMATS: dict[str, Callable[[Report], str]] = {
    "text": render_text,
    "json": render_json,
    "markdown": render_markdown,
    "html": render_html,
}
