"""The CPU that it takes to decide a Java tree of 90,000 classes, all of them reached."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from trees import maven

CLASSES = 90_000
DECIDE = """
import sys, time
from pathlib import Path
from slimmer.config.settings import Settings
from slimmer.decide.decide import decide_tree
from slimmer.decide.question import ask
from slimmer.inputs.folder import scan

start = time.process_time()
settings = Settings(tree_shake=True, target="lambda-image")
decision = decide_tree(ask(scan(Path(sys.argv[1])), settings))
print(time.process_time() - start, len(decision.reach.unreached))
"""


def main() -> None:
    """Print the CPU seconds, scan and packs with them."""
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch)
        classes, jars = _laid(tree)
        run = [sys.executable, "-c", DECIDE, str(tree)]
        out = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()
    print(f"classes: {classes:,} in {jars} jars decided in {float(out[0]):.1f} s of CPU")


def _laid(tree: Path) -> tuple[int, int]:
    """Lay jars of the AWS SDK into a tree, with a script that starts Java with all of them."""
    (tree / "lib").mkdir()
    classes, names = 0, list[str]()
    for jar in sorted(maven.libraries("sdk").glob("*.jar")):
        if classes < CLASSES:
            (tree / "lib" / jar.name).write_bytes(jar.read_bytes())
            with zipfile.ZipFile(jar) as archive:
                classes += sum(name.endswith(".class") for name in archive.namelist())
            names.append(f"/opt/lib/{jar.name}")
    bootstrap = tree / "bootstrap"
    bootstrap.write_text(f"#!/bin/sh\nexec java -cp {':'.join(names)} shop.core\n")
    bootstrap.chmod(0o755)
    return classes, len(names)
