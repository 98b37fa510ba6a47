"""Imports `random` so that its generator stays as it is in forked processes. To be imported before whatever else imports it.

It would draw a new state in each of them. That takes a third of a millisecond, a hand-in is ten processes, and what it
gets would depend on chance.
"""

from __future__ import annotations

import os

_register = os.register_at_fork
os.register_at_fork = lambda **_: None
try:
    import random

    random.seed(0)
finally:
    os.register_at_fork = _register
