"""The course's named equations, each written once: in our notation, in each source text's, and as a numeric check.

Every formula that a lesson or a deck tags, e.g. ``\\tag{BP2}``, is one of these; a test compares them. A lesson's equations stand in the
module of its number.
"""

from bpkit.equations.model import CONVENTIONS, Equation, Form
from bpkit.equations.registry import EQUATIONS, named
from bpkit.equations.show import SYMBOLS, card, differences, rosetta

__all__ = ["CONVENTIONS", "EQUATIONS", "SYMBOLS", "Equation", "Form", "card", "differences", "named", "rosetta"]
