"""The formats of what ``slim check`` found."""

from slimmer.report.formats import Format, Formats

FORMATS: Formats = {
    "json": Format(
        "slimmer.report.check.json:render_json", "Write the report as JSON too (- for stdout)."
    ),
    "markdown": Format(
        "slimmer.report.check.markdown:render_markdown",
        "Write the report as Markdown too (- for stdout), for a pull-request comment or GitHub's "
        "step summary.",
    ),
    "html": Format(
        "slimmer.report.check.html:render_html", "Write it as one HTML page too, packages first."
    ),
}
