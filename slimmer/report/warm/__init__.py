"""The formats of what ``slim warm`` made."""

from slimmer.report.formats import Format, Formats

FORMATS: Formats = {
    "json": Format(
        "slimmer.report.warm.json:render_json", "Write the report as JSON too (- for stdout)."
    ),
}
