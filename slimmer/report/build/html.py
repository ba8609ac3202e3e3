"""The report as one HTML page that loads nothing: a map, a table and a reason for every file.

The page's own parts are the files of ``page/``; nothing of anyone else's is in it. Its policy
(Content Security Policy, level 3) lets only these very scripts and styles run, by their digests,
and forbids every request.
"""

from __future__ import annotations

from html import escape
from string import Template

from slimmer import __version__
from slimmer.build.report import Report
from slimmer.report.build.files import rows_of
from slimmer.report.build.html_data import columns_json
from slimmer.report.build.html_tables import head_html, sums_html, title_of
from slimmer.report.sheets import policy, sheet

_SCRIPTS = (  # in the order in which they need each other
    "model.js",
    "treemap.js",
    "words.js",
    "table.js",
    "state.js",
    "map.js",
    "list.js",
    "legend.js",
    "page.js",
)
_UNMEASURED = (
    "Zipped bytes are known of what is in the zip; what was dropped was not compressed, so it is "
    "not drawn here. With --measure-dropped it is."
)


def render_html(report: Report) -> str:
    """Return the page; the same bytes for the same report."""
    light, dark = sheet("page.css"), sheet("dark.css")
    script = '"use strict";\n' + "\n".join(map(sheet, _SCRIPTS))
    packed = report.artifact is not None
    return Template(sheet("page.html")).substitute(
        policy=policy([light, dark], script),
        generator=f"slim {__version__}",
        title=escape(title_of(report)),
        light=light,
        dark=dark,
        head=head_html(report),
        sums=sums_html(report),
        data=columns_json(rows_of(report), packed=packed, unmeasured=_UNMEASURED),
        script=script,
    )
