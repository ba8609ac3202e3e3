"""Data and libraries of a system that only those read who name them, though no header says so.

Tables about time zones (``tzdata.zi``, ``zone.tab``) are opened by their own names, while a zone is
opened by a name that ``TZ`` gives. The C library opens a module of its name service for each
service that ``nsswitch.conf`` names (nsswitch.conf(5)).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimmer.ecosystems.distribution.sought import sought
from slimmer.paths import name_of

_ZONES = "usr/share/zoneinfo/"
#: Time zones that count leap seconds, which none of POSIX does.
_RIGHT = f"{_ZONES}right/"
RIGHT_PART = ":right"
_ZONES_RIGHT = b"zoneinfo/right"
_TABLES = frozenset(
    f"{_ZONES}{name}"
    for name in (
        *("tzdata.zi", "leapseconds", "leap-seconds.list"),
        *("zone.tab", "zone1970.tab", "zonenow.tab", "iso3166.tab"),
    )
)
TABLES_PART = ":tables"
_TABLE = sought(
    rb"tzdata\.zi|leap-?seconds|zone(?:1970|now)?\.tab|iso3166\.tab",
    *(b"tzdata.zi", b"leap", b".tab"),
)
#: What holds code that is not looked into.
_ARCHIVES = (
    *(".jar", ".war", ".ear", ".zip", ".whl", ".egg", ".pex", ".pyz"),
    *(".phar", ".ez", ".asar", ".dll", ".exe"),
)
_SERVICE = re.compile(
    r"(?:usr/)?lib(?:64)?/(?:[a-z0-9_]+-linux-[a-z0-9]+/)?libnss_([a-z0-9]+)\.so\.2"
)
SERVICE_PART = ":nss-"
_SAID = sought(
    rb"libnss_([a-z0-9]+)|(__nss_configure_lookup)", b"libnss_", b"__nss_configure_lookup"
)
_C_LIBRARY = ("libnss_", "libc.so", "libc-")
SWITCH = "etc/nsswitch.conf"
#: What the C library has inside, and what it asks where the file does not name these tables.
_ALWAYS = ("files", "dns")
_BY_DEFAULT = {"passwd": "compat", "group": "compat", "shadow": "compat"}
_ROW = re.compile(rb"(?m)^[ \t]*([a-z_]+):(.*)$")


def part_of_system(path: str) -> str:
    """Return what of its package such a file is; empty for another."""
    if path.startswith(_RIGHT):
        return RIGHT_PART
    if path in _TABLES:
        return TABLES_PART
    found = _SERVICE.fullmatch(path)
    return f"{SERVICE_PART}{found[1]}" if found and found[1] not in _ALWAYS else ""


def named_by(path: str, data: bytes) -> Iterator[str]:
    """Yield what a file asks for; what the C library says of its own name service is none."""
    if _ZONES_RIGHT in data:
        yield RIGHT_PART
    if _TABLE.is_in(data):
        yield TABLES_PART
    if _SAID.may_be_in(data) and not name_of(path).startswith(_C_LIBRARY):
        for service, any_ in set(_SAID.pattern.findall(data)):
            yield SERVICE_PART if any_ else f"{SERVICE_PART}{service.decode('ascii')}"


def unseen_in(path: str) -> tuple[str, ...]:
    """Return what a file may ask for that is not looked into."""
    return (TABLES_PART,) if path.endswith(_ARCHIVES) else ()


def is_asked(part: str, kind: str) -> bool:
    """Return whether a part is of a kind that was asked for."""
    return part.endswith(kind) or (kind == SERVICE_PART and kind in part)


def services(switch: bytes | None) -> frozenset[str]:
    """Return the kinds of what ``nsswitch.conf`` names; without the file it may be any."""
    if switch is None:
        return frozenset((SERVICE_PART,))
    rows = {found[1].decode(): found[2] for found in _ROW.finditer(switch)}
    said = {
        word for row in rows.values() for word in re.findall(r"[a-z0-9]+", row.decode("latin-1"))
    }
    said |= {by for table, by in _BY_DEFAULT.items() if table not in rows}
    return frozenset(f"{SERVICE_PART}{service}" for service in said)
