"""Codes of findings, each a row of a group; ``make docs`` writes ``docs/codes.md`` from GROUPS."""

from __future__ import annotations

from collections.abc import Mapping

from slimmer.model.cap_codes import CAPS
from slimmer.model.code import BOTH as _BOTH
from slimmer.model.code import BUILD as _BUILD
from slimmer.model.code import CHECK as _CHECK
from slimmer.model.code import DECIDED as _DECIDED
from slimmer.model.code import FAIL, NOTE, WARN, Code, Severity
from slimmer.model.code import READ as _READ
from slimmer.model.image_codes import IMAGES
from slimmer.model.start_codes import STARTS
from slimmer.model.tree_codes import TREES

__all__ = ["CODES", "GROUPS", "Code", "Severity", "codes_of"]

#: All codes by the group under which the manual lists them.
GROUPS: Mapping[str, Mapping[str, Code]] = {
    "Caps, budgets and growth": CAPS,
    "Secrets": {
        "secret": Code(
            FAIL,
            _BOTH,
            "A file holds a secret, which fails whatever --fail-on says; take it out, or let it "
            "ship with --allow-secret.",
        ),
        "secret-unsearched": Code(WARN, _BOTH, "A file could not be searched for secrets."),
        "secret-needed": Code(
            NOTE, _BOTH, "A file holds a secret that what ships needs, such as a release's cookie."
        ),
        "secret-published": Code(
            NOTE, _BOTH, "A file of a published package holds a key, which anybody can download."
        ),
        "secret-allowed": Code(
            NOTE, _BOTH, "A file ships with a secret that --allow-secret allows."
        ),
    },
    "Patterns": {
        "matches-nothing": Code(
            WARN,
            ("build", "check", "inspect"),
            "A pattern or name from an option or a setting matches nothing; fix or remove it.",
        ),
    },
    "Zips": {
        "empty-zip": Code(FAIL, _CHECK, "The zip has no member; Lambda takes no empty zip."),
        "duplicate-name": Code(FAIL, _CHECK, "Two members of the zip have the same name."),
        "encrypted": Code(FAIL, _CHECK, "A member of the zip needs a password."),
        "unsafe-name": Code(
            FAIL,
            _CHECK,
            "A member's name leads out, goes through a link or a file, or has a backslash.",
        ),
        "unsafe-kind": Code(
            FAIL,
            _CHECK,
            "A member is a device, a pipe or a socket, or its mode and its name differ in kind.",
        ),
        "unsafe-link": Code(
            FAIL, _CHECK, "A link leads out of where the zip is unpacked, or to what is no path."
        ),
        "broken-member": Code(
            FAIL, _CHECK, "A member does not unpack to the size and checksum that the zip says."
        ),
        "zip64": Code(WARN, _CHECK, "The zip is a zip64, which Lambda is not known to take."),
        "unusual-method": Code(
            FAIL, _CHECK, "A member is packed by neither deflate nor store, so nothing is measured."
        ),
        "case-collision": Code(
            WARN,
            _BUILD,
            "Two names differ only in case, and one overwrites the other on macOS or Windows.",
        ),
    },
    "Images": {
        **IMAGES,
        "image-config": Code(WARN, _DECIDED, "No zip holds an image's entry point and variables."),
        "image-left": Code(
            NOTE, _DECIDED, "Files of an image outside of /var/task are not in a function's zip."
        ),
        "image-moved": Code(
            WARN, _DECIDED, "Files name paths of the image that are others in a function's zip."
        ),
        "base-stays": Code(
            NOTE,
            _BUILD,
            "Files that would be dropped lie in layers that stay as they are (--base-layers).",
        ),
        "not-made": Code(
            WARN,
            _BUILD,
            "Devices or attributes of an image that only root can make are not in the folder.",
        ),
    },
    "Fit": {
        "glibc-too-old": Code(
            FAIL,
            _DECIDED,
            "A program needs a newer glibc than the target has; build it on the target's system.",
            (WARN,),
        ),
        "glibcxx-too-old": Code(
            FAIL, _DECIDED, "A program needs a newer libstdc++ than the target has.", (WARN,)
        ),
        "cxxabi-too-old": Code(
            FAIL, _DECIDED, "A program needs a newer C++ ABI than the target has.", (WARN,)
        ),
        "library-missing": Code(
            WARN,
            _DECIDED,
            "A program needs a library that is neither in the zips nor known to be on the target.",
        ),
        "missing-need": Code(FAIL, _CHECK, "A zip needs what no zip has.", (WARN,)),
        "library-elsewhere": Code(
            WARN, _DECIDED, "A program needs a library that lies where the loader does not look."
        ),
        "python-abi": Code(
            FAIL, _DECIDED, "An extension module is for another Python than the target's.", (WARN,)
        ),
        "editable-install": Code(
            FAIL,
            _DECIDED,
            "An editable install's code lies outside the tree; install it with pip install "
            "--target, without -e.",
        ),
        "python-path": Code(
            WARN, _DECIDED, "Python packages lie where the target does not look for them."
        ),
        "node-abi": Code(WARN, _DECIDED, "A native addon is for another Node than the target's."),
        "node-engines": Code(WARN, _DECIDED, "A package asks for another Node than the target's."),
        "node-path": Code(
            WARN, _DECIDED, "Node packages lie where the target does not look for them."
        ),
        "class-version": Code(
            FAIL,
            _DECIDED,
            "A class is compiled for a newer Java than the target's; compile with --release.",
        ),
        "bootstrap-path": Code(
            WARN, _DECIDED, "The bootstrap lies below the root of the zip, where it is not started."
        ),
        "bootstrap": Code(
            WARN,
            _BUILD,
            "The bootstrap cannot start: it has CRLF line ends, or neither a #! nor an ELF header.",
        ),
        "bootstrap-kind": Code(
            NOTE,
            _BUILD,
            "What made the bootstrap: Go, Rust, or UPX, whose programs ship as they are.",
        ),
    },
    "Native files for other machines": {
        "foreign-tree": Code(
            FAIL,
            _DECIDED,
            "All native files are for another system or processor; install the tree for Lambda.",
        ),
        "foreign-module": Code(
            FAIL,
            _DECIDED,
            "A Python extension module is only there for another system or processor.",
        ),
        "foreign-only": Code(
            WARN,
            _DECIDED,
            "A native file for another platform is dropped, and there is none for Lambda.",
        ),
        "foreign-own": Code(
            WARN,
            _DECIDED,
            "Files of the user's own are for another system, and kept; drop them with --drop if "
            "nothing reads them.",
        ),
        "two-processors": Code(
            NOTE,
            _DECIDED,
            "Native files for both processors are kept; name the function's with --arch.",
        ),
        "arm64-only": Code(
            NOTE, _DECIDED, "Native files are for arm64, and Lambda's default is x86_64."
        ),
    },
    "The user's own files": {
        "own-dropped": Code(
            NOTE,
            _DECIDED,
            "Files that no installer wrote are dropped by a component that speaks of them, or were "
            "left by a desktop or git.",
        ),
        "declared-dropped": Code(
            WARN,
            _DECIDED,
            "The user's own manifest declares a package that a component drops, since none of the "
            "user's own files names it and nothing that is kept asks for it; keep it with --keep "
            "if it runs.",
        ),
        "declared-kept": Code(
            NOTE,
            _DECIDED,
            "A package that a component drops is kept, since the user's own manifest declares it "
            "and something may ask for it; drop it with --drop if nothing runs it.",
        ),
        "typescript-kept": Code(
            NOTE,
            _DECIDED,
            "TypeScript in packages is kept, since the user's own text starts Bun, Deno or a "
            "loader, which run it.",
        ),
        "own-kept": Code(
            NOTE,
            _DECIDED,
            "Files that look like waste are kept, since no installer wrote them; drop them with "
            "--drop if nothing reads them.",
        ),
        "virtual-environment": Code(
            NOTE,
            _DECIDED,
            "A virtual environment lies in the tree; it is dropped unless something leads into it.",
            (WARN,),
        ),
        "own-repacked": Code(
            NOTE,
            _BUILD,
            "Jars that no installer wrote are repacked, since a class path loads them; all other "
            "archives of the user's own ship byte for byte.",
        ),
    },
    "Trees and dependencies": TREES,
    "Guards and links": {
        "opt-in": Code(
            NOTE,
            _DECIDED,
            "A component that only --drop switches on could drop something; its reason says when.",
        ),
        "dropped-dependency": Code(
            WARN, _DECIDED, "A kept file may call a dropped one; keep that with --keep if it does."
        ),
        "not-in-tree": Code(
            WARN,
            _DECIDED,
            "A kept file needs one that is not in the tree; add it, or put it into a layer.",
        ),
        "unreadable-source": Code(
            WARN, _DECIDED, "A source cannot be parsed, so what it imports is not known."
        ),
        "unreadable-metadata": Code(
            WARN, _READ, "Metadata cannot be parsed, so what it asks for is not known."
        ),
        "unused-library": Code(
            NOTE,
            _DECIDED,
            "No kept program is linked to a bundled library, and no kept file has its name.",
        ),
        "icu-data": Code(
            NOTE, _DECIDED, "ICU's data for all locales ships with PHP, and is its largest file."
        ),
        "package-records": Code(WARN, _DECIDED, "The records of packages do not tell of all."),
        "not-reached": Code(NOTE, _DECIDED, "Nothing reaches them; --tree-shake drops them."),
        "public-dropped": Code(NOTE, _DECIDED, "A function that is not known could use it."),
        "entry-template": Code(
            NOTE, _DECIDED, "A deployment template says what Lambda starts, or cannot be read."
        ),
        "parts-by-variable": Code(
            NOTE,
            _DECIDED,
            "Code names parts of a package, such as a service of botocore, by a variable, or "
            "cannot be read, so all of them count as reached.",
        ),
        "shrink-modules": Code(
            NOTE, _BUILD, "A Java runtime ships without the bytes of modules that no event needed."
        ),
        "shrink-stale": Code(
            WARN,
            _DECIDED,
            "A unit has changed since slim shrink saw it, or is not there; run slim shrink again.",
        ),
        "observed": Code(
            NOTE,
            _BUILD,
            "What a shrink would drop ships with recorders; files that are no modules have none.",
        ),
        "dangling-link": Code(WARN, _DECIDED, "A link leads to nothing; it is kept."),
    },
    "Transforms, archives and bytecode": {
        "not-understood": Code(
            WARN, _BUILD, "A transform cannot parse a file; it is kept as it is."
        ),
        "shaded-jars": Code(
            NOTE,
            _DECIDED,
            "A larger jar holds all of a smaller one, which the aggressive --tier drops.",
        ),
        "archives-listed": Code(
            NOTE, _BUILD, "An archive ships as it is, since a list states its checksum."
        ),
        "archives-packed": Code(
            NOTE,
            _BUILD,
            "Archives stay packed: with their members stored the zip could pass the cap.",
        ),
        "chunks-kept": Code(
            NOTE,
            _DECIDED,
            "Erlang's modules keep debug information or documentation that a release kept on "
            "purpose, or that kept code asks for.",
        ),
        "cache-unused": Code(
            NOTE,
            _BUILD,
            "The cache could not be used, or not be added to; the zip is the same without it.",
        ),
        "estimated": Code(NOTE, _BUILD, "About how large the zip will be, as --estimate asks."),
        "beams-gzipped": Code(
            NOTE,
            _BUILD,
            "Erlang's modules ship gzipped, as asked or as they would pass the cap plain; a start "
            "takes more CPU.",
        ),
    },
    "Starts": STARTS,
    "Inspection": {
        "cannot-build": Code(WARN, ("inspect",), "slim build would refuse the tree."),
    },
}

CODES: Mapping[str, Code] = {code: row for rows in GROUPS.values() for code, row in rows.items()}


def codes_of(command: str) -> tuple[str, ...]:
    """Return the codes that ``slim COMMAND`` can report, in the order of the manual."""
    return tuple(code for code, row in CODES.items() if command in row.commands)
