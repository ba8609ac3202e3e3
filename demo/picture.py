"""Take a picture of the manual: `python -m demo.picture REPORT.html PICTURE.png`."""

import argparse
import sys
from pathlib import Path

from trees import Unavailable, chromium


def picture(report: Path, dest: Path) -> None:
    """Write what a person sees who opens the report."""
    with chromium.started() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="light")
        page.goto(report.resolve().as_uri())
        if page.locator("script").count():  # the page of a build draws its map
            page.wait_for_selector("html[data-ready]")
        page.screenshot(path=dest)


def main() -> None:
    """Take the picture."""
    parser = argparse.ArgumentParser(prog="python -m demo.picture", description=main.__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("dest", type=Path)
    options = parser.parse_args()
    try:
        picture(options.report, options.dest)
    except Unavailable as reason:
        sys.exit(f"No Chromium here: {reason}")


if __name__ == "__main__":
    main()
