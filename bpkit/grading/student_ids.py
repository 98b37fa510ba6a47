"""User ids for submissions where root grades: one for each sandbox of the machine at a time.

The limit on processes counts all that an id has, in whatever sandbox they run: two sandboxes with one id would take each other's.
"""

from __future__ import annotations

import random
import socket

FIRST, COUNT = 64_000, 1_000


class StudentId:
    """A user id that no other sandbox of this network namespace has, from its making until `close`.

    Attributes
    ----------
    number
        The id, from `FIRST` on.
    """

    def __init__(self) -> None:
        self._held: socket.socket | None = None
        numbers = random.sample(range(FIRST, FIRST + COUNT), COUNT)
        self.number = next((number for number in numbers if self._hold(number)), numbers[0])

    def _hold(self, number: int) -> bool:
        """Take the id's name, which the kernel gives to one process and takes back when that ends; whether it was free."""
        name = socket.socket(socket.AF_UNIX)
        try:
            name.bind(f"\0bpkit-student-{number}")
        except OSError:
            name.close()
            return False
        self._held = name
        return True

    def close(self) -> None:
        """Leave the id to others."""
        if self._held is not None:
            self._held.close()
            self._held = None
