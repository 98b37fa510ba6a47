"""Which of the layers that make an answer goes wrong first, in the order in which they are made."""

from __future__ import annotations

import re
from collections.abc import Sequence

_LAYER = re.compile(r"^(?:[^\s\[]+\[|v)(\d+)(?:\]|\.grad)$")
_BACKWARD = re.compile(r"^(?:delta|δ|g|d[A-Za-zα-ω]+)\[|\.grad$")  # errors and gradients: each is made from that of the layer behind


_FORWARD = re.compile(r"^(?:zs?|a|activations|h)\[")


def first_made(parts: Sequence[str], wrong: Sequence[str]) -> tuple[str, str]:
    """The wrong part that is made first, and what to say of that; nothing is said where there is no order among several.

    Parameters
    ----------
    parts
        The names of all parts, such as ``delta[3]``.
    wrong
        Those that are wrong, at least one.
    """
    layers = {part: int(found[1]) for part in parts if (found := _LAYER.match(part))}
    if len(layers) < len(parts) or len(set(layers.values())) < 2:
        return wrong[0], ""
    right = [part for part in parts if part not in wrong]
    # what is made of something wrong is wrong: where all layers before some are wrong and none after it, it went backwards
    turned = bool(right) and max(layers[part] for part in wrong) < min(layers[part] for part in right)
    backward = turned or all(_BACKWARD.search(part) for part in parts)
    if not backward and not all(_FORWARD.search(part) for part in parts):
        return wrong[0], ""
    first = min(wrong, key=lambda part: (-layers[part] if backward else layers[part], parts.index(part)))
    others = {layers[part] for part in wrong} - {layers[first]}
    if not others:
        return first, ""
    way = "the last one backwards" if backward else "the first one on"
    return first, f"; from {way}, it is the first that is wrong"
