"""What a shrink makes of the project's own trees: bytes before and after, and its CPU.

Each tree is built, shrunk with its events, built again with what the shrink wrote, and run
beside the original.
"""

from __future__ import annotations

import resource

from bench.each import each
from trees import proofs

#: Most bytes that are asked for, at the default tier and level 12.
ASKED = {
    "OTP and Elixir layer": 3_600_000,
    "Mix release": 4_500_000,
    "Node application": 6_500_000,
    "JRE and Clojure uberjar": 20_000_000,
    proofs.EIGHT: 82_000_000,
    proofs.EIGHT_USES: 82_000_000,
    proofs.NODE_API: 6_500_000,
}
_OPTIONS = ((), ("--within-units",), ("--within-units", "--guard-drops"))


def main() -> None:
    for name, folder in each("shrink", (*proofs.TREES, *proofs.USES)):
        with proofs.laid_out(name, folder) as laid:
            _measure(name, laid)


def _measure(name: str, laid: proofs.Laid) -> None:
    before = _built(name, laid)
    for options in _OPTIONS:
        start_s = _cpu_s()
        said = proofs.shrink(name, laid, *options)
        took_s = _cpu_s() - start_s
        after = _built(name, laid, "--shrink", "slim.shrink.toml")
        done, _ = proofs.verify(name, laid)
        title = " ".join((name, *options))
        print(f"shrink, {title}: {after}, asked {ASKED[name]:,}, before {before}")
        amounts = said.strip().splitlines()[-4:]
        print(f"  {took_s:.0f} CPU s; {'; '.join(amounts)}")
        print(f"  {done.stdout.strip().splitlines()[-1]}", flush=True)


def _built(name: str, laid: proofs.Laid, *options: str) -> str:
    """Return the bytes of the zip and of what is in it, without bytecode where it has a limit."""
    pyc = ("--pyc", "drop") if name.startswith(proofs.EIGHT) else ()
    (artifact,) = proofs.build(name, laid, "--level", "12", *pyc, *options)["artifacts"]
    return f"{artifact['zip_bytes']:,} B ({artifact['unzipped_bytes']:,} unzipped)"


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
