"""What a shrink never drops of a used unit, wherever in a tree the unit lies."""

from __future__ import annotations

import pytest

from slimmer.shrink.never import load_hollow, load_never
from slimmer.shrink.plan import Patterns

NEVER = (
    *("numpy-2.0.dist-info/METADATA", "numpy-2.0.dist-info/RECORD", "idna/idnadata.py"),
    *("numpy-2.0.dist-info/entry_points.txt", "x.egg-info/PKG-INFO", "jre/lib/security/cacerts"),
    *("jre/conf/security/java.security", "jre/conf/security/policy/unlimited/default.policy"),
    *("jre/legal/java.base/LICENSE", "certifi/cacert.pem", "x/exceptions.py", "x/package.json"),
    *("x/static/logo.png", "x/static/icon.ico", "x/fonts/sans.ttf", "x/fonts/sans.woff2"),
    *("ebin/calendar.beam", "ebin/Elixir.Access.beam", "encodings/utf_8.py", "zoneinfo/UTC"),
)


@pytest.mark.parametrize("folder", ["", "python/", "lib/x/"])
@pytest.mark.parametrize("path", NEVER)
def test_it_stays_wherever_it_lies(folder: str, path: str) -> None:
    never = Patterns(load_never())
    assert never.holds(folder + path)
    assert not never.holds(f"{folder}x/other.py")


@pytest.mark.parametrize("folder", ["", "python/", "lib/x/"])
def test_data_that_may_be_hollow_is_named_by_its_ending(folder: str) -> None:
    hollow = Patterns(load_hollow(), but=load_never())
    assert hollow.holds(f"{folder}botocore/data/ec2/service-2.json.gz")
    assert not hollow.holds(f"{folder}x/package.json")
    assert not hollow.holds(f"{folder}x/words.txt")
    assert not hollow.holds(f"{folder}x/static/logo.png")
