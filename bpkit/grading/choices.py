"""What staff choose about the reports of a graded folder; the folder keeps it, and nothing is graded anew when it changes."""

from __future__ import annotations

import argparse

# how a choice is kept: its key in the journal, which is also its name among the parsed arguments
PARTIAL, SOLUTIONS = "partial", "with_solutions"
CHOICES = (PARTIAL, SOLUTIONS)


def add_choice_arguments(parser: argparse.ArgumentParser) -> None:
    """The choices, each with its opposite; what is not said stays as the folder has it, and is "no" in a new one."""
    parser.add_argument(
        "--partial",
        dest=PARTIAL,
        action=argparse.BooleanOptionalAction,
        help="points for the parts and cases of a wrong answer that are right, in the exercises that `bpkit exercises` marks so",
    )
    parser.add_argument(
        "--with-solutions", dest=SOLUTIONS, action="store_true", default=None, help="after the deadline: the course's solutions on the feedback pages"
    )
    parser.add_argument("--without-solutions", dest=SOLUTIONS, action="store_false", help="no solutions on the feedback pages any more")


def chosen(args: argparse.Namespace) -> dict[str, bool]:
    """What was said on the command line."""
    return {choice: value for choice in CHOICES if (value := getattr(args, choice)) is not None}
