"""Compiled forms: the table, and the law that an order of times which a runtime compares stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.errors import UsageError
from slimmer.model.times import dos_time, extra_of, member_ns, of_rank
from slimmer.rules.compiled import Form, Pair, load_forms, pairs_of, parse_forms, ranks

FORMS = {form.name: form for form in load_forms()}


@pytest.mark.parametrize(
    ("form", "compiled", "sources", "others"),
    [
        ("clojure", "my/app__init.class", ["my/app.clj"], ["your/app.clj", "my/app.cljs"]),
        ("clojure", "classes/my/app__init.class", ["src/my/app.clj"], ["src/app.clj"]),
        ("clojure", "a/b__init.class", ["a/b.clj"], ["a/b.cljc"]),  # RT looks for .clj first
        ("clojure", "a/b__init.class", ["a/b.cljc"], ["a/b$fn.class"]),
        ("guile", "lib/guile/3.0/site-ccache/ice/x.go", ["share/site/3.0/ice/x.scm"], ["x.go"]),
        ("asdf", "cache/app/main.fasl", ["app/main.lisp"], ["app/other.lisp"]),
        ("blade", "storage/framework/views/0a1b.php", ["views/x.blade.php"], ["public/index.php"]),
        ("cds", "app.jsa", ["lib/app.jar"], ["lib/app.zip"]),
    ],
)
def test_what_is_compared_with_what(
    form: str, compiled: str, sources: list[str], others: list[str]
) -> None:
    found = pairs_of(FORMS[form], [compiled, *sources, *others])
    assert [(pair.compiled, list(pair.sources)) for pair in found] == [(compiled, sources)]


@pytest.mark.parametrize(
    ("form", "path"),
    [
        ("bootsnap", "tmp/cache/bootsnap/compile-cache-iseq/0a/1b2c"),
        ("julia", "depot/compiled/v1.10/JSON/abc.ji"),
        ("opcache", "cache/0123/var/task/index.php.bin"),
        ("jython", "Lib/os$py.class"),
    ],
)
def test_what_slim_cannot_keep(form: str, path: str) -> None:
    assert [name for name, each in FORMS.items() if each.matches(path)] == [form]


def test_no_file_is_a_source_or_a_compiled_file_of_two_forms() -> None:
    ends = [end for form in FORMS.values() for end in form.sources]
    assert len(ends) == len(set(ends))


NAMES = ("a", "b", "x/a", "x/b", "y/a", "y/b")
TIMES = st.dictionaries(
    st.sampled_from([n + end for n in NAMES for end in ("__init.class", ".clj", ".cljc")]),
    st.integers(0, 4),
)


@given(TIMES, st.sampled_from(["clojure", "guile", "blade"]))
def test_the_order_that_a_runtime_compares_is_kept(times: dict[str, int], name: str) -> None:
    form = FORMS[name]
    paths = {_renamed(path, form): time * form.unit_ns for path, time in times.items()}
    pairs = pairs_of(form, paths)
    found = ranks(pairs, paths.__getitem__)
    for pair, source in _compared(pairs):
        now = _unpacked_ns(found.get(pair.compiled, 0)), _unpacked_ns(found.get(source, 0))
        before = paths[pair.compiled], paths[source]
        assert (now[0] > now[1], now[0] < now[1]) == (before[0] > before[1], before[0] < before[1])
        assert form.is_used(*now) == form.is_used(*before)


@given(TIMES, st.integers(1, 10**6), st.integers(0, 10**9))
def test_only_the_order_of_times_matters(times: dict[str, int], scale: int, start: int) -> None:
    form = FORMS["clojure"]
    one = ranks(pairs_of(form, times), lambda path: times[path] * form.unit_ns)
    other = ranks(pairs_of(form, times), lambda path: (times[path] * scale + start) * form.unit_ns)
    assert one == other


@given(st.integers(315_532_800, (1 << 31) - 1))
def test_a_time_comes_back_out_of_a_zip(time_s: int) -> None:
    back_s = member_ns(dos_time(time_s), extra_of(time_s)) // 10**9
    assert back_s == time_s or (time_s < 315_532_800 + 86_400 and back_s == time_s // 2 * 2)


@given(st.integers(0, (1 << 32) - 1), st.binary(max_size=24))
def test_any_fields_of_a_member_give_a_time(dos: int, extra: bytes) -> None:
    assert isinstance(member_ns(dos, extra), int)


def test_a_form_without_sources_is_refused() -> None:
    text = (
        '[form.x]\ntitle = "x"\ncompiled = ["*.x"]\ncompares = "newer"\n'
        'action = "order"\nwhy = "w"\ncure = "c"\n'
    )
    with pytest.raises(UsageError, match=r"rules/x\.toml:1: the action order needs sources"):
        parse_forms(text, "rules/x.toml")


def _renamed(path: str, form: Form) -> str:
    if form.name == "guile":
        path = path.replace("__init.class", ".go").replace(".cljc", ".sls").replace(".clj", ".scm")
        return f"site-ccache/{path}" if path.endswith(".go") else path
    if form.name == "blade":
        is_compiled = path.endswith(".class")
        stem = path.partition(".")[0]
        folder = "storage/framework/views/"
        return f"{folder}{stem.replace('/', '')}.php" if is_compiled else f"{stem}.blade.php"
    return path


def _compared(pairs: list[Pair]) -> list[tuple[Pair, str]]:
    return [(pair, source) for pair in pairs for source in pair.sources]


def _unpacked_ns(rank: int) -> int:
    time_s = of_rank(rank)
    return member_ns(dos_time(time_s), extra_of(time_s))
