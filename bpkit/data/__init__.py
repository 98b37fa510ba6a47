"""Data to learn from: small sets that are made, scans that are shipped, and MNIST where there is a network."""

from bpkit.data._digits import Examples, Split, digits
from bpkit.data._mnist import mnist, read_idx
from bpkit.data._toy import spirals, xor

__all__ = ["Examples", "Split", "digits", "mnist", "read_idx", "spirals", "xor"]
