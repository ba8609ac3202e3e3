"""The formats of what ``slim build`` made."""

from slimmer.report.formats import Format, Formats

FORMATS: Formats = {
    "json": Format(
        "slimmer.report.build.json:render_json", "Write the report as JSON too (- for stdout)."
    ),
    "markdown": Format(
        "slimmer.report.build.markdown:render_markdown",
        "Write the report as Markdown too (- for stdout), for a pull-request comment or GitHub's "
        "step summary.",
    ),
    "html": Format(
        "slimmer.report.build.html:render_html",
        "Write the report as one HTML page too, with a map of every byte.",
    ),
    "sbom": Format(
        "slimmer.report.build.sbom:render_sbom",
        "Write the packages that ship as a CycloneDX bill of materials, in JSON.",
    ),
    "notices": Format(
        "slimmer.report.build.notices:render_notices",
        "Write the licences of all that ships as one text.",
    ),
}
