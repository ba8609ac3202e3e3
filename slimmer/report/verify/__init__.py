"""The formats of what ``slim verify`` found."""

from slimmer.report.formats import Format, Formats

FORMATS: Formats = {
    "json": Format(
        "slimmer.report.verify.json:render_json", "Write the report as JSON too (- for stdout)."
    ),
    "markdown": Format(
        "slimmer.report.verify.markdown:render_markdown",
        "Write the report as Markdown too (- for stdout), for a pull-request comment.",
    ),
}
