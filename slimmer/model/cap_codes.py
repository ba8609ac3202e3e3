"""Codes of findings on caps, budgets and growth, and on what a project accepts."""

from __future__ import annotations

from collections.abc import Mapping

from slimmer.model.code import BOTH, CHECK, FAIL, NOTE, WARN, Code

CAPS: Mapping[str, Code] = {
    "over-unzipped": Code(FAIL, BOTH, "The zips unpack to more than the target takes."),
    "over-zipped": Code(FAIL, BOTH, "The zips together are larger than the target takes."),
    "over-layers": Code(FAIL, BOTH, "There are more layers than a function takes."),
    "over-max": Code(FAIL, BOTH, "The zips together are larger than --max."),
    "over-max-unzipped": Code(FAIL, CHECK, "The zips unpack to more than --max-unzipped."),
    "over-members": Code(FAIL, BOTH, "The zip has more members than fit without zip64."),
    "over-archive": Code(FAIL, BOTH, "The zip unpacks to more than one without zip64 can hold."),
    "over-budget": Code(FAIL, CHECK, "A component or path is larger than its budget."),
    "over-growth": Code(FAIL, CHECK, "The zips grew by more than --max-growth since the baseline."),
    "near-unzipped": Code(
        WARN, CHECK, "What the zips unpack to has reached --warn-at of the target's cap."
    ),
    "near-zipped": Code(
        WARN, CHECK, "The zips together have reached --warn-at of the most that the target takes."
    ),
    "near-layers": Code(
        WARN, CHECK, "The layers have reached --warn-at of the most that a function takes."
    ),
    "near-max": Code(WARN, CHECK, "The zips together have reached --warn-at of --max."),
    "near-max-unzipped": Code(
        WARN, CHECK, "What the zips unpack to has reached --warn-at of --max-unzipped."
    ),
    "near-budget": Code(WARN, CHECK, "A component or path has reached --warn-at of its budget."),
    "budget-elsewhere": Code(
        NOTE, CHECK, "A budget that artifacts share names nothing of these zips, but of others."
    ),
    "accepted": Code(
        NOTE, BOTH, "A warning is accepted, for the reason under [accept] in slim.toml."
    ),
    "two-versions": Code(
        WARN,
        ("check", "inspect"),
        "A folder holds metadata of two versions of one Python distribution.",
    ),
    "needs-s3": Code(NOTE, BOTH, "The zip is too large for a direct upload; deploy it through S3."),
}
