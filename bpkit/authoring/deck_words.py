"""What a deck says around its slides: its buttons, the speaker's window, the page that lists decks; in English and in the deck's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bpkit.errors import CourseError
from bpkit.language import SOURCE

# as the presenter writes them: on and below its buttons, in its table of keys
ON_THE_DECK = (
    *("next slide", "previous slide", "above slide", "below slide", "Resume presentation"),
    *("Keyboard Shortcuts", "KEY", "ACTION", "Next slide", "Previous slide", "Navigate left", "Navigate right", "Navigate up", "Navigate down"),
    *("Navigate without fragments", "Jump to first/last slide", "Pause", "Fullscreen", "Jump to slide", "Slide overview", "Speaker notes view"),
    "Light or dark",
)
# in the speaker's window
AT_THE_DESK = (
    *("reveal.js - Speaker View", "Loading speaker view...", "Upcoming", "Time ", "Click to Reset", "Pacing – Time to finish current slide", "Notes"),
    *("Layout", "Default", "Wide", "Tall", "Notes only"),
    "Error connecting to main window.<br>Please try closing and reopening the speaker view.",
    "Speaker view popup failed to open. Please make sure popups are allowed and reopen the speaker view.",
)
# what a deck has, for the page that lists decks
SUMS = (
    *("{n} slide", "{n} slides", "{n} slide for {minutes} minutes", "{n} slides for {minutes} minutes"),
    *("{n} exercise in class", "{n} exercises in class", "{n} live figure", "{n} live figures"),
)
_BREAKS_A_SCRIPT = re.compile(r"[`'\"\\$]")


@dataclass(frozen=True)
class Words:
    """The words of one language.

    Parameters
    ----------
    language
        Its code.
    said
        English → the same in the language; what is not there stays English.
    """

    language: str = SOURCE
    said: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, text: str, **places: object) -> str:
        """A text with its places filled in."""
        said = self.said.get(text, text)
        return said.format(**places) if places else said

    def script(self, script: str) -> str:
        """One of the presenter's scripts, with all that it shows in the language."""
        if self.language == SOURCE:
            return script
        for text in (*ON_THE_DECK, *AT_THE_DESK):
            said = self(text)
            if _BREAKS_A_SCRIPT.search(said):
                raise CourseError(f"{said!r} stands for {text!r} in a script: expected none of the signs ` ' \" \\ $ in it")
            # alone between quotes or tags, as nothing but what is shown stands
            script = re.sub(rf"(?<=[`'\">]){re.escape(text)}(?=[`'\"<])", lambda _, said=said: said, script)  # type: ignore[misc]
        # the time of day without words
        script = script.replace("hour12: true", "hour12: false").replace("0:00 AM", "0:00")
        return script.replace('<html lang="en">', f'<html lang="{self.language}">')


ENGLISH = Words()
