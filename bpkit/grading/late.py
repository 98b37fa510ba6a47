"""What a late hand-in costs.

The journal keeps the due time, the rule and the platform's times apart from what was graded, so that all three can change without grading
anything anew.
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bpkit.grading.records import Graded

_PERIODS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
_RULE = re.compile(
    r"(?P<amount>\d+(?:[.,]\d+)?)\s*(?P<unit>%|points?)(?P<of> of max)? (?:per|a|each) (?P<period>hour|day|week)"
    r"(?:,? at most (?P<most>\d+(?:[.,]\d+)?)\s*(?P<what>%|points?|hours?|days?|weeks?)?)?",
    re.IGNORECASE,
)
_RULES = "'10% per day', '10% of max per day, at most 3', '2 points per hour, at most 6 points'"


@dataclass(frozen=True)
class HandedIn:
    """When a hand-in came, as its platform tells it: ISO 8601 or "", and whether it is called late there (None: not said)."""

    at: str = ""
    late: bool | None = None


@dataclass(frozen=True)
class LateRule:
    """What each hour, day or week that has begun after the due time costs.

    Parameters
    ----------
    amount
        What one costs.
    share
        Whether that is a percentage, and not points.
    of_max
        Whether the percentage is of the possible points, and not of those reached.
    period
        ``"hour"``, ``"day"`` or ``"week"``.
    most
        How many of them count at most; infinity if all do.
    """

    amount: float
    share: bool
    of_max: bool
    period: str
    most: float = math.inf

    def begun(self, late: timedelta) -> float:
        """How many of these hours, days or weeks count."""
        return min(math.ceil(late / _PERIODS[self.period]), self.most)

    def cost(self, begun: float, reached: float, possible: float) -> float:
        """The points that so many of them cost: never more than were reached."""
        each = self.amount / 100 * (possible if self.of_max else reached) if self.share else self.amount
        return min(begun * each, reached)

    def __str__(self) -> str:
        unit = (
            f"%{' of the possible points' if self.of_max else ' of the points reached'}" if self.share else f" point{'' if self.amount == 1 else 's'}"
        )
        return f"{self.amount:g}{unit} for each {self.period}{f', at most {self.most:g} of them' if self.most < math.inf else ''}"


def rule_of(text: str) -> LateRule:
    """The rule that a text says.

    Raises
    ------
    ValueError
        If it says none; the message tells what may stand there.

    Examples
    --------
    >>> str(rule_of("10% per day, at most 3"))
    '10% of the points reached for each day, at most 3 of them'
    >>> str(rule_of("10% of max per day, at most 30%"))
    '10% of the possible points for each day, at most 3 of them'
    """
    said = _RULE.fullmatch(" ".join(text.split()))
    if said is None:
        raise ValueError(f"{text!r}, expected e.g. {_RULES}")
    amount, share, period = float(said["amount"].replace(",", ".")), said["unit"] == "%", said["period"].lower()
    if amount == 0 or (share and amount > 100):
        raise ValueError(f"{text!r}: {amount:g}{'%' if share else ' points'}, expected more than 0{' and at most 100%' if share else ''}")
    if said["of"] and not share:
        raise ValueError(f"{text!r}: points are not 'of max', expected e.g. {_RULES}")
    most, what = float((said["most"] or "inf").replace(",", ".")), (said["what"] or period).lower().rstrip("s")
    if what == ("%" if share else "point"):
        most /= amount
    elif what != period:
        raise ValueError(
            f"{text!r}: 'at most' counts {what}s, expected {period}s{'' if share else ' or points'}{' or a percentage' if share else ''}"
        )
    return LateRule(amount, share, said["of"] is not None, period, most)


def due_of(text: str) -> datetime:
    """The time that a text says; without an offset or a zone, it is this machine's.

    Raises
    ------
    ValueError
        If it says none; the message tells what may stand there.

    Examples
    --------
    >>> due_of("2031-03-03 23:59 Europe/Berlin").isoformat()
    '2031-03-03T23:59:00+01:00'
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # most classes have no due time

    time, _, zone = text.strip().rpartition(" ")
    try:
        if "/" in zone or zone == "UTC":
            return datetime.fromisoformat(time).replace(tzinfo=ZoneInfo(zone))
        if not re.search(r"\d[T ]\d", text):
            raise ValueError
        moment = datetime.fromisoformat(text.strip())
    except (ValueError, ZoneInfoNotFoundError, OSError):
        expected = "'2031-03-03 23:59', '2031-03-03 23:59+01:00' or '2031-03-03 23:59 Europe/Berlin'"
        raise ValueError(f"{text!r}, expected a date and a time, e.g. {expected}") from None
    return moment if moment.tzinfo else moment.astimezone()


@dataclass(frozen=True)
class Lateness:
    """The due time, where there is one, and what it costs to miss it."""

    due: datetime | None = None
    rule: LateRule | None = None


def after(graded: Graded, kept: Collection[str], handed_in: HandedIn, lateness: Lateness) -> Graded:
    """A submission with what lateness costs it: each row bears its share, but for those in `kept`, whose points staff gave."""
    if lateness.due is None:
        return graded
    rows = list(graded.rows)
    bearing = [k for k, row in enumerate(rows) if row.exercise not in kept]
    reached, possible = (sum(getattr(rows[k], name) for k in bearing) for name in ("points", "max"))
    said, cost = _late(handed_in, lateness.due, lateness.rule, reached, possible)
    if cost:
        # hundredths that add up to what is left of the sum
        left = [round(summed * (1 - cost / reached), 2) for summed in accumulate((rows[k].points for k in bearing), initial=0.0)]
        for k, (before, now) in zip(bearing, pairwise(left), strict=True):
            rows[k] = replace(rows[k], points=round(now - before, 2))
    return replace(graded, rows=tuple(rows), problems=(*graded.problems, said) if said else graded.problems)


def _late(handed_in: HandedIn, due: datetime, rule: LateRule | None, reached: float, possible: float) -> tuple[str, float]:
    """What is said of the time, and what it costs."""
    try:
        moment = datetime.fromisoformat(handed_in.at)
    except ValueError:
        if handed_in.late is False:
            return "", 0.0
        said = "The platform calls this late, but not by how much" if handed_in.late else "When this was handed in is unknown"
        return f"{said}; nothing was taken off for it.", 0.0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=due.tzinfo)
    late = moment - due
    if late <= timedelta(0):
        return "", 0.0
    said = f"Handed in at {moment.astimezone(due.tzinfo):%Y-%m-%d %H:%M}, {_long(late)} after the due time ({due:%Y-%m-%d %H:%M})"
    if rule is None:
        return f"{said}.", 0.0
    begun = rule.begun(late)
    cost = rule.cost(begun, reached, possible)
    counted = f"{begun:g} {rule.period}{'' if begun == 1 else 's'} count{'s' if begun == 1 else ''}"
    return f"{said}. The rule is {rule}; {counted}, which is {round(cost, 2):g} of the {reached:g} points reached.", cost


def _long(late: timedelta) -> str:
    minutes = math.ceil(late / timedelta(minutes=1))
    pieces = [(minutes // 1440, "day"), (minutes % 1440 // 60, "hour"), (minutes % 60, "minute")]
    return " ".join(f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in [piece for piece in pieces if piece[0]][:2])


# ---- on the command line ------------------------------------------------------------------------------------------------


def add_late_arguments(parser: argparse.ArgumentParser) -> None:
    """The due time and its rule, for each command that writes reports; the folder keeps them."""
    parser.add_argument("--due", type=_due, metavar="TIME", help="when it was due, e.g. '2031-03-03 23:59 Europe/Berlin'; 'none' forgets it")
    parser.add_argument("--late", type=_rule, metavar="RULE", help=f"what lateness costs: {_RULES.replace('%', '%%')}; 'none' forgets it")


def _due(text: str) -> str:
    return text if text == "none" else _checked(lambda: due_of(text).isoformat())


def _rule(text: str) -> str:
    return text if text == "none" else _checked(lambda: str(rule_of(text)) and text)


def _checked(read: Callable[[], str]) -> str:
    try:
        return read()
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
