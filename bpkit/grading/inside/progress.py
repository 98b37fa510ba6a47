"""Where a submission's processes are, in memory that they share with the one that oversees them."""

from __future__ import annotations

import mmap
import struct


def shared_page() -> mmap.mmap:
    """Memory for a `Progress`; to be had before the filter of system calls is there, which denies it."""
    return mmap.mmap(-1, mmap.PAGESIZE)


class Progress:
    """Where the runner is, in memory that init sees and that its processes share.

    The phase; the cell and statement; the slot that is being filled; a flag for each slot that is full. Each exercise has a slot.
    """

    CELLS, EXERCISES, FINISHED = range(3)

    def __init__(self, page: mmap.mmap, slots: int) -> None:
        self._page, self.slots = page, slots
        page[:] = bytes(len(page))
        self.at(self.CELLS)

    def at(self, phase: int, cell: int = -1, statement: int = -1, slot: int = -1) -> None:
        struct.pack_into("<4i", self._page, 0, phase, cell, statement, slot)

    def done(self, slot: int) -> None:
        self._page[64 + slot] = 1

    def get(self) -> tuple[int, int, int, int]:
        return struct.unpack_from("<4i", self._page, 0)

    def full(self) -> list[int]:
        return [slot for slot in range(self.slots) if self._page[64 + slot]]
