"""The formats of what ``slim inspect`` found."""

from slimmer.report.formats import Format, Formats

FORMATS: Formats = {
    "json": Format(
        "slimmer.report.inspect.json:render_json", "Write all of it as JSON too (- for stdout)."
    ),
    "html": Format(
        "slimmer.report.inspect.html:render_html", "Write it as one HTML page too, packages first."
    ),
}
