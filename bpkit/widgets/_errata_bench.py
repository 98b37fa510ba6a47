"""A lab bench for six printed gradients: turn the knob from where an error hides to where it shows."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exhibits.clinic import ERRATA, Erratum, compare
from bpkit.exhibits.readable import number
from bpkit.widgets._base import CourseWidget, can_plot, module, style, table

TIGHT, LOOSE = 1e-7, 1e-2
_FLOOR = 1e-8  # closer than that is round-off, which differs between machines


class ErrataBench(CourseWidget):
    """What `errata_bench` returns."""

    _esm = module("errata_bench")
    _css = style("forward_pass", "saturation", "errata_bench")
    _texts = ("source", "of", "printed", "repaired", "knob", "hides")

    def __init__(self, state: dict[str, Any], still: str = "") -> None:
        super().__init__(state)
        self._still = still

    def picture(self) -> str:
        return self._still or super().picture()

    def in_words(self) -> str:
        return as_text(self.state)


def errata_bench(erratum: str = "U3") -> ErrataBench:
    """Pick an erratum and turn its knob: the published gradient, the repaired one and a measured one, entry beside entry.

    Parameters
    ----------
    erratum : str
        Which to start with, one of `bpkit.exhibits.clinic.ERRATA`.

    Returns
    -------
    ErrataBench
        Shows itself in a notebook; `str()` says every error in words, `.to_html()` is the same for any page.

    Raises
    ------
    ValueError
        If there is no such erratum.

    Examples
    --------
    >>> print(str(errata_bench()).splitlines()[3])
    R   learning rate α              1.00·10⁻⁴  4.18·10⁻⁶  1.00  0.0417   0.999  round-off
    """
    return ErrataBench(state(erratum), _still())


def _still() -> str:
    if not can_plot():
        return ""
    from bpkit import plots

    return plots.picture(plots.errata_hiding()).html


def state(erratum: str) -> dict[str, Any]:
    """Every erratum at every setting, as JSON.

    Parameters
    ----------
    erratum : str
        Which to start with.

    Returns
    -------
    dict
        "start", its place among "errata"; each of these has its texts, "settings" and for each setting a "trial" with
        "published", "repaired" and "measured" (rows of numbers), "error", "repairedError" and "cosine".
    """
    if erratum not in ERRATA:
        raise ValueError(f"errata_bench: no erratum is called {erratum!r}; expected one of: {', '.join(ERRATA)}")
    return {
        "label": "Six printed gradients on the bench",
        "start": list(ERRATA).index(erratum),
        "tight": TIGHT,
        "loose": LOOSE,
        "floor": _FLOOR,
        "errata": [_erratum(each) for each in ERRATA.values()],
        "steps": [{"title": "Turn the knob", "say": ""}],
    }


def _erratum(erratum: Erratum) -> dict[str, Any]:
    texts = ("key", "title", "source", "of", "printed", "repaired", "knob", "hides")
    return {
        **{name: getattr(erratum, name) for name in texts},
        "settings": list(erratum.settings),
        "trials": [*map(_trial(erratum), erratum.settings)],
    }


def _trial(erratum: Erratum) -> Any:
    def at(setting: float) -> dict[str, Any]:
        found = compare(erratum.key, setting)
        return {
            "published": _rows(found.published),
            "repaired": _rows(found.corrected),
            "measured": _rows(found.numerical),
            "error": _three_digits(max(found.error, _FLOOR)),
            "repairedError": _three_digits(max(found.repaired_error, _FLOOR)),
            "cosine": round(found.cosine, 4),
        }

    return at


def _rows(array: np.ndarray) -> list[list[float]]:
    """Rounded to what three methods agree on; a rounded 0 has no sign."""
    return (np.round(array, 7) + 0.0).tolist()


def _three_digits(value: float) -> float:
    return float(f"{value:.3g}")


_COLUMNS = ("", "knob", "from", "error", "to", "error", "cosine", "repaired")


def as_text(state: dict[str, Any]) -> str:
    """Each erratum at the ends of its knob, as a table."""
    rows = [list(_COLUMNS)]
    for erratum in state["errata"]:
        first, last = erratum["trials"][0], erratum["trials"][-1]
        ends = (number(erratum["settings"][0]), _told(first["error"]), number(erratum["settings"][-1]), _told(last["error"]))
        rows.append([erratum["key"], erratum["knob"], *ends, number(last["cosine"]), _told(last["repairedError"])])
    return table(rows, left=2)


def _told(error: float) -> str:
    return number(error) if error > _FLOOR else "round-off"
