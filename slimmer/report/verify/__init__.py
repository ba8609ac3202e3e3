"""The formats of what ``slim verify`` found."""

from slimmer.report.formats import Format, Formats

FORMATS: Formats = {
    "json": Format(
        "slimmer.report.verify.json:render_json", "Write the report as JSON too (- for stdout)."
    ),
}
