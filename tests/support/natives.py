"""First bytes of native files of other systems, and what slim decides on trees that hold them."""

import struct
import zlib
from typing import Unpack

from slimmer.decide.decide import Decision
from slimmer.ecosystems.context import Deployment
from slimmer.inputs.base import LayerFile
from slimmer.model.forms import DeployedAs
from slimmer.model.rules import Action
from slimmer.targets import load_targets
from tests.support.decide import Choices, decide
from tests.support.elves import program
from tests.support.trees import MemorySource

TARGETS = load_targets()

X86_64, AARCH64, ARM, X86, BPF = 62, 183, 40, 3, 247
LINUX = program("libc.so.6")
LINUX_ARM64 = program("libc.so.6", machine=AARCH64)
MUSL = program("libc.musl-x86_64.so.1")
MACOS = struct.pack("<IIII", 0xFEEDFACF, 0x0100000C, 0, 6) + bytes(100)
MACOS_FAT = (
    struct.pack(">II", 0xCAFEBABE, 2)
    + b"".join(struct.pack(">IIIII", machine, 0, 0, 0, 0) for machine in (0x01000007, 0x0100000C))
    + bytes(100)
)
AIX = struct.pack(">2HLQ2HL", 0x01F7, 5, 0, 0, 120, 0x3002, 0) + bytes(100)
WINDOWS = (
    b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + struct.pack("<H", 0x8664) + bytes(90)
)


def decided(
    files: dict[str, bytes],
    target: str = "lambda",
    keep: str = "",
    drop: str = "",
    beside: tuple["Zip", ...] = (),
    deployed_as: DeployedAs | None = None,
    **choices: Unpack[Choices],
) -> Decision:
    """Return the decision on these files for a target, with these zips beside the artifact."""
    targets = tuple(TARGETS.values())
    place = Deployment(TARGETS[target], targets, beside, deployed_as=deployed_as)
    return decide(files, keep=keep, drop=drop, target=target, deployment=place, **choices)


class Zip(MemorySource):
    """A zip beside the artifact, as the guards see it."""

    def __init__(self, name: str, files: dict[str, bytes]):
        super().__init__(files)
        self.name = name
        self.zip_bytes = self.unzipped_bytes = sum(map(len, files.values()))
        self.placed: dict[str, LayerFile | None] = {
            path: LayerFile(len(data), zlib.crc32(data), executable=False)
            for path, data in files.items()
        }


def dropped(decision: Decision) -> dict[str, str]:
    """Return what is dropped, and by which component."""
    return {
        path: verdict.rule.component
        for path, verdict in decision.verdicts.items()
        if verdict.action is Action.DROP and verdict.rule
    }


def said(decision: Decision) -> list[str]:
    """Return what was found, as ``severity code: message``.

    Not what nothing reaches, nor what a function could use: in small trees hardly anything is.
    """
    told = (f for f in decision.findings if f.code not in ("not-reached", "public-dropped"))
    return [f"{f.severity.value} {f.code}: {f.message}" for f in told]
