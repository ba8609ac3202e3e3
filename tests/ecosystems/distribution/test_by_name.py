"""What of an image only those read who name it: tables of time zones, NSS, scripts of packages."""

from __future__ import annotations

import pytest

from slimmer.ecosystems.distribution.by_name import SERVICE_PART, is_asked, named_by, services
from slimmer.model.started import Started
from tests.ecosystems.distribution.test_uses import reached

STARTED = Started(("/app/run.sh",))
SCRIPT = {"app/run.sh": b"#!/bin/sh\n"}
ZONES = "usr/share/zoneinfo"
TZDATA = {
    "var/lib/dpkg/info/tzdata.list": (
        f"/{ZONES}/UTC\n/{ZONES}/tzdata.zi\n/{ZONES}/zone.tab\n/{ZONES}/leap-seconds.list\n"
    ).encode(),
    f"{ZONES}/tzdata.zi": b"# version",
    f"{ZONES}/zone.tab": b"DE",
    f"{ZONES}/leap-seconds.list": b"#",
}
TABLES = {path for path in TZDATA if path.startswith(ZONES)}


def test_tables_of_time_zones_go_where_nothing_names_one() -> None:
    stays = reached({**SCRIPT, **TZDATA}, STARTED)
    assert stays.isdisjoint(TABLES)
    assert f"{ZONES}/UTC" in stays


@pytest.mark.parametrize(
    "files",
    [
        {"app/main.py": b"open(f'{folder}/zone.tab')\n"},
        {"app/zones.so": b"\x7fELF\0/tzdata.zi\0"},
        {"app/app.jar": b"PK\x05\x06" + bytes(18)},
    ],
    ids=["a script", "a program", "an archive, which may"],
)
def test_they_stay_where_something_names_one(files: dict[str, bytes]) -> None:
    assert reached({**SCRIPT, **TZDATA, **files}, STARTED) >= TABLES


LIBC = ("libc.so.6", "libnss_compat.so.2", "libnss_files.so.2", "libnss_hesiod.so.2")
LIBRARIES = {
    "var/lib/dpkg/info/base.list": "".join(f"/usr/lib/{n}\n" for n in LIBC).encode() + b"/bin/sh\n",
    **{f"usr/lib/{name}": b"\0__nss_configure_lookup\0" for name in LIBC},
}
SWITCH = b"passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n"


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ({"etc/nsswitch.conf": SWITCH}, {"files"}),
        (
            {"etc/nsswitch.conf": SWITCH + b"aliases: hesiod [NOTFOUND=return]\n"},
            {"files", "hesiod"},
        ),
        ({"etc/nsswitch.conf": SWITCH.replace(b"shadow", b"#")}, {"files", "compat"}),
        ({}, {"files", "compat", "hesiod"}),
        ({"etc/nsswitch.conf": SWITCH, "app/x": b"libnss_hesiod.so.2"}, {"files", "hesiod"}),
    ],
    ids=[
        "not named",
        "named",
        "asked where a table is not named",
        "no settings",
        "a program says so",
    ],
)
def test_modules_of_the_name_service_stay_where_they_are_asked(
    files: dict[str, bytes], names: set[str]
) -> None:
    stays = reached({**SCRIPT, **LIBRARIES, **files}, STARTED)
    assert {p for p in stays if "libnss" in p} == {f"usr/lib/libnss_{n}.so.2" for n in names}


def test_who_sets_the_name_service_may_ask_any() -> None:
    asked = list(named_by("app/main", b"\x7fELF\0__nss_configure_lookup\0"))
    assert asked == [SERVICE_PART]
    assert is_asked("debian/libc6:nss-compat", SERVICE_PART)
    assert list(named_by("usr/lib/libc.so.6", b"\x7fELF\0__nss_configure_lookup\0")) == []
    assert services(SWITCH) == {":nss-files", ":nss-dns"}


INFO = "var/lib/dpkg/info"
DPKG = {
    f"{INFO}/base.list": b"/usr/bin/sh\n/usr/bin/dpkg\n",
    "usr/bin/dpkg": b"-",
    f"{INFO}/base.postinst": b"#!/bin/sh\n",
    f"{INFO}/base.triggers": b"interest x\n",
    f"{INFO}/base.md5sums": b"0  usr/bin/sh\n",
}


def test_scripts_of_packages_go_with_dpkg_which_runs_them() -> None:
    stays = reached({**SCRIPT, **DPKG}, STARTED)
    assert stays.isdisjoint({"usr/bin/dpkg", f"{INFO}/base.postinst", f"{INFO}/base.triggers"})
    assert stays >= {f"{INFO}/base.list", f"{INFO}/base.md5sums"}
    asks = {"app/run.sh": b"#!/bin/sh\ndpkg -l\n"}
    assert f"{INFO}/base.postinst" in reached({**asks, **DPKG}, STARTED)
