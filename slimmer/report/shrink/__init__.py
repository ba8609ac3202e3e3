"""The formats of what ``slim shrink`` found."""

from slimmer.report.formats import Format, Formats

FORMATS: Formats = {
    "json": Format(
        "slimmer.report.shrink.json:render_json", "Write the report as JSON too (- for stdout)."
    ),
    "html": Format(
        "slimmer.report.shrink.html:render_html",
        "Write it as one HTML page too: used, kept unused, dropped.",
    ),
}
