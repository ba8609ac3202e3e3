"""The formats of what ``slim diff`` found."""

from slimmer.report.formats import Format, Formats

FORMATS: Formats = {
    "json": Format(
        "slimmer.report.diff.json:render_json",
        "Write what is different as JSON too (- for stdout).",
    ),
    "markdown": Format(
        "slimmer.report.diff.markdown:render_markdown",
        "Write what is different as Markdown too (- for stdout), for a pull-request comment.",
    ),
    "html": Format(
        "slimmer.report.diff.html:render_html", "Write it as one HTML page too, packages first."
    ),
}
