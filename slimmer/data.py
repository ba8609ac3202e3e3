"""The data files that travel with slim: where they are, and reading them.

In an installed slim they are inside the package; in a checkout they are at its top.
"""

from __future__ import annotations

from pathlib import Path

from slimmer.errors import UsageError, reason_of
from slimmer.names import did_you_mean, printable
from slimmer.packs import Pack, parse_pack
from slimmer.secret_rules import SecretRules, parse_secret_rules
from slimmer.targets import Target, parse_targets

_SECRETS = "secrets.toml"


def rules_folder() -> Path:
    """Return the folder that holds the packs, what is secret and, in ``targets/``, the targets."""
    package = Path(__file__).parent
    inside = package / "rules"
    return inside if inside.is_dir() else package.parent / "rules"


def load_packs(folder: Path | None = None, *, rules: bool = True) -> tuple[Pack, ...]:
    """Return every pack in ``folder`` (without it: slim's own), by name.

    Without ``rules`` they are enough to name components, in a third of the time. Raises
    UsageError, with file and line, for a pack that is broken.
    """
    folder = folder or rules_folder()
    return tuple(
        parse_pack(file.stem, read_text(file), f"rules/{file.name}", rules=rules)
        for file in sorted(folder.glob("*.toml"))
        if file.name != _SECRETS
    )


def load_secret_rules(folder: Path | None = None) -> SecretRules:
    """Return what is a secret. Raises UsageError, with file and line, for rules that are broken."""
    return parse_secret_rules(read_text((folder or rules_folder()) / _SECRETS), f"rules/{_SECRETS}")


def load_targets(folder: Path | None = None) -> dict[str, Target]:
    """Return every target by its name. Raises UsageError for one that is broken."""
    folder = (folder or rules_folder()) / "targets"
    files = sorted(folder.glob("*.toml"))
    return parse_targets({f.stem: (read_text(f), f"rules/targets/{f.name}") for f in files})


def page_part(name: str) -> str:
    """Return a file that the HTML report is put together from, of ``report/page/``."""
    return (Path(__file__).parent / "report" / "page" / name).read_text("utf-8")


def find_targets(name: str) -> tuple[Target, tuple[Target, ...]]:
    """Return the target of this name, and all there are. Raises UsageError."""
    targets = load_targets()
    if name not in targets:
        raise UsageError(f"there is no target {name!r}{did_you_mean(name, targets)}")
    return targets[name], tuple(targets.values())


def read_text(file: Path) -> str:
    """Return a text file's content. Raises UsageError when it cannot be read as UTF-8."""
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except OSError as error:
        reason = reason_of(error)
        raise UsageError(
            f"{printable(str(file))}: cannot be read ({reason}); name another file"
        ) from None
