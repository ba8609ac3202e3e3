"""The pages of tables: lines break where people would break them, and units are in number."""

from __future__ import annotations

import re

import pytest

from slimmer.report.page import NUMBER, PLAIN, folded, whole_words


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("slim build --tier aggressive", ["slim", "build", "--tier", "aggressive"]),
        ("python/botocore:ec2 (1.4 MB), 12", ["python/botocore:ec2", "(1.4\xa0MB),", "12"]),
        (
            "botocore/data/sagemaker/2017-07-24/service-2.json.gz",
            ["botocore/", "data/", "sagemaker/", "2017-07-24/", "service-2.json.gz"],
        ),
        ("a<b-c> & d", ["a&lt;b-c&gt;", "&amp;", "d"]),
    ],
)
def test_a_line_breaks_inside_no_word_and_before_no_unit(text: str, lines: list[str]) -> None:
    """What stands in a box of its own is never broken by a browser while it fits a line."""
    html = whole_words(text)
    boxed = re.sub(r'<span class="word">(.*?)</span>', r"\1", html)
    assert boxed.replace("<wbr>", " ").split(" ") == lines
    boxes = re.findall(r'<span class="word">(.*?)</span>', html)
    assert set(boxes) >= {line for line in lines if "-" in line or "/" in line}


def test_on_a_narrow_screen_one_is_one_file() -> None:
    rows = [("a", "1", "0 B"), ("b", "2", "1 B"), ("c", "-1", "1 B")]
    html = folded("Files", (("name", PLAIN), ("files", NUMBER), ("unzipped", NUMBER)), rows)
    assert re.findall(r'data-name="(\w+)">([^<]*)', html) == [
        *(("file", "1"), ("unzipped", "0 B")),
        *(("files", "2"), ("unzipped", "1 B")),
        *(("file", "-1"), ("unzipped", "1 B")),
    ]
