"""How far the parts of an ELF file may move: blocks that stay whole, and their new places.

Source: System V ABI, chapter "Program Loading"; what the Linux kernel and the loaders of
glibc and musl demand of a segment's offset is said where it matters.
"""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from slimmer.formats import Refused
from slimmer.formats.elf.headers import PT_LOAD, Elf, Segment

PAGE: Final = 4096
LARGEST_PAGE: Final = 65536
# i386, arm, s390, x86-64 and RISC-V have one size of page, others may run with larger ones.
ONE_PAGE_SIZE: Final = frozenset({3, 22, 40, 62, 243})


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of the file that stays whole, and the multiple by which it may move."""

    start: int
    end: int
    step: int
    pinned: bool = False

    @property
    def size(self) -> int:
        """Its number of bytes."""
        return self.end - self.start

    def join(self, other: "Block") -> "Block":
        """Give the block from this start that holds both."""
        end, step = max(self.end, other.end), max(self.step, other.step)
        return Block(self.start, end, step, self.pinned or other.pinned)


class Moves:
    """The new place of each block, as far down as it may go."""

    def __init__(self, blocks: tuple[Block, ...]) -> None:
        self.blocks = blocks  # in order, apart; the first starts at 0
        self._starts = [block.start for block in blocks]
        self._solid = [block for block in blocks if block.size]
        self._solid_starts = [block.start for block in self._solid]
        self.places: list[int] = []
        self.end = 0
        for block in blocks:
            place = self.end + (block.start - self.end) % block.step
            self.places.append(block.start if block.pinned else place)
            self.end = self.places[-1] + block.size

    def moved(self, offset: int) -> int:
        """Give the new place of an offset; what is between blocks follows the lower one."""
        index = bisect_right(self._starts, offset) - 1
        return offset - self._starts[index] + self.places[index]

    def holds(self, start: int, end: int) -> bool:
        """Whether a range lies in a block; raises Refused where it is partly in one."""
        index = bisect_right(self._solid_starts, start)
        if end <= self._solid[index - 1].end:
            return True
        beyond = index < len(self._solid) and self._solid[index].start < end
        if beyond or start < self._solid[index - 1].end:
            raise Refused("a section or a table lies across the edge of a segment")
        return False


def moves(file: Elf) -> Moves:
    """Plan where everything goes that the loader sees: the headers and the segments.

    What overlaps moves together. No block moves up, so the end is never later than before.
    """
    found = [
        Block(0, file.header.ehsize, 1),
        # Kernels before 5.18 tell a program that its headers are e_phoff after its start.
        Block(*file.program_table, 1, pinned=True),
    ]
    found += [
        Block(segment.offset, segment.end, _step(file, segment))
        for segment in file.segments
        if is_in_file(segment)
    ]
    found.sort(key=lambda block: (block.start, block.end))
    joined = [found[0]]
    for block in found[1:]:
        last = joined[-1]
        if block.start < last.end or block.end == last.end:
            joined[-1] = last.join(block)
        else:
            joined.append(block)
    return Moves(tuple(joined))


def is_in_file(segment: Segment) -> bool:
    """Whether a segment's offset means something: loaders check it even of empty LOADs."""
    return segment.filesz > 0 or segment.type == PT_LOAD


def _step(file: Elf, segment: Segment) -> int:
    """Give the multiple by which a segment may move and still load wherever it did."""
    if segment.type != PT_LOAD:
        return max(1, segment.align)
    step = max(PAGE, segment.align)
    if file.header.machine in ONE_PAGE_SIZE:
        return step
    # Congruence finer than p_align lets it load on kernels with larger pages too.
    apart = segment.offset - segment.vaddr
    while step < LARGEST_PAGE and apart % (step * 2) == 0:
        step *= 2
    return step


def check_segments(file: Elf, size: int) -> None:
    """Raise Refused where the program headers of a file of this size contradict themselves."""
    loads = sorted(file.loads, key=lambda s: s.vaddr)
    if not loads or file.header.phoff < file.header.ehsize:
        raise Refused("it has no segments to load, or their headers lie in its own")
    for segment in file.segments:
        if is_in_file(segment) and max(segment.offset, segment.end) > size:
            raise Refused("a segment ends after the file")
        if segment.align & (segment.align - 1):
            raise Refused("a segment's alignment is not a power of two")
    if any(s.filesz > s.memsz for s in loads):
        raise Refused("a segment has more bytes in the file than in memory")
    if sum(s.filesz for s in file.segments) > 4 * size:
        raise Refused("its segments overlap over and over")
    for low, high in pairwise(loads):
        page = _page(file, high)
        # The later mapping decides what both see of a page, by its place in the file.
        if high.vaddr // page * page < low.vaddr + low.memsz:
            raise Refused("two segments share a page of memory")


def _page(file: Elf, segment: Segment) -> int:
    if file.header.machine in ONE_PAGE_SIZE:
        return PAGE
    return max(PAGE, min(segment.align, LARGEST_PAGE))
