"""The widget of lesson 15. TODO: let the learner move what the lesson is about."""

from __future__ import annotations

from typing import Any

from bpkit.exhibits.readable import number
from bpkit.widgets._base import CourseWidget, can_plot, module


class BeyondOneVjp(CourseWidget):
    """What `beyond_one_vjp` returns."""

    _esm = module("beyond_one_vjp")

    def picture(self) -> str:
        if not can_plot():
            return super().picture()
        from bpkit import plots

        return plots.picture(plots.beyond_one_vjp()).html

    def __str__(self) -> str:
        return "\n".join([self.state["label"], *(step["say"] for step in self.state["steps"])])


def beyond_one_vjp(largest: int = 3) -> BeyondOneVjp:
    """Move the factor of y = c x.

    Parameters
    ----------
    largest : int
        The largest factor, from 1 to 9.

    Returns
    -------
    BeyondOneVjp
        Shows itself in a notebook; `str()` says it in words, `.to_html()` is the same for any page.

    Examples
    --------
    >>> print(str(beyond_one_vjp()).splitlines()[-1])
    With the factor 3.00 the line y = c x ends at 3.00.
    """
    return BeyondOneVjp(state(largest))


def state(largest: int) -> dict[str, Any]:
    """Every factor with its words, as JSON.

    Raises
    ------
    ValueError
        If the largest factor is out of reach.
    """
    if not 1 <= largest <= 9:
        raise ValueError(f"beyond_one_vjp: largest is {largest}, expected a whole number from 1 to 9")
    steps = [{"title": f"c = {c}", "say": f"With the factor {number(c)} the line y = c x ends at {number(c)}."} for c in range(1, largest + 1)]
    return {"label": "The line y = c x", "largest": largest, "steps": steps}
