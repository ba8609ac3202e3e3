"""Work that two processes share comes to what one makes of it, whatever becomes of the other."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from slimmer.parallel import shared
from tests.support.threads import another_thread

COUNT = 500
MANY = 1_000_000  # bytes, of which a few are worth a second process
COSTS = [number * MANY for number in range(COUNT)]
EXPECTED = [(number, "x" * number) for number in range(COUNT)]
PARENT = os.getpid()


def work(number: int) -> tuple[int, str]:
    return number, "x" * number


def killed(number: int) -> tuple[int, str]:
    if os.getpid() != PARENT and number < COUNT // 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return work(number)


def failing(number: int) -> tuple[int, str]:
    if os.getpid() != PARENT:
        raise MemoryError
    return work(number)


@pytest.mark.parametrize("work", [work, killed, failing])
def test_all_is_done_and_in_order(work: Callable[[int], tuple[int, str]]) -> None:
    assert shared(COSTS, work) == EXPECTED


def test_one_process_does_it_alone() -> None:
    with another_thread():
        assert shared(COSTS, failing) == EXPECTED


def test_both_take_part() -> None:
    def slow(number: int) -> int:
        return sum(range(200_000)) and os.getpid() + 0 * number

    if len(os.sched_getaffinity(0)) > 1:
        assert len(set(shared([MANY] * 200, slow))) == 2


def test_what_is_raised_reaches_the_caller() -> None:
    def broken(number: int) -> int:
        return 1 // (number - 77)

    with pytest.raises(ZeroDivisionError):
        shared(COSTS, broken)
