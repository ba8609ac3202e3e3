"""What holds of times: which of two files is newer is the same in the tree and in its zip."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from slimmer.inputs.zip_tree import open_zip
from slimmer.rules.compiled import ORDER, load_forms, pairs_of
from tests.support.command import slim
from tests.support.trees import write_tree

PATHS = (
    *(f"{folder}a{end}" for folder in ("", "x/") for end in ("__init.class", ".clj", ".cljc")),
    *("lib/ccache/m.go", "lib/m.scm", "other/m.scm"),
    *("s.fasl", "s.lisp"),
    *("storage/framework/views/1.php", "views/a.blade.php", "views/b.blade.php"),
)
TIMES = st.dictionaries(
    st.sampled_from(PATHS), st.integers(400_000_000, 400_000_004), min_size=2, max_size=len(PATHS)
)


@given(TIMES)
@settings(max_examples=12)
def test_a_runtime_uses_in_a_zip_what_it_uses_in_the_tree(times_s: dict[str, int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tree = write_tree(Path(folder) / "tree", {path: path for path in times_s})
        for path, time_s in times_s.items():
            os.utime(tree / path, (time_s, time_s))
        assert slim("build", "tree", "-o", "a.zip", "--level", "1", cwd=Path(folder)).code == 0
        zipped = open_zip(Path(folder) / "a.zip")
        shipped = {path for path in times_s if path in zipped.tree.by_path}
        assert shipped == set(times_s)
        for form in load_forms():
            for pair in pairs_of(form, shipped) if form.action == ORDER else ():
                for source in pair.sources:
                    before = times_s[pair.compiled] * 10**9, times_s[source] * 10**9
                    now = zipped.mtime_ns(pair.compiled), zipped.mtime_ns(source)
                    assert form.is_used(*now) == form.is_used(*before), (pair.compiled, source)
                    assert (now[0] > now[1]) == (before[0] > before[1])
