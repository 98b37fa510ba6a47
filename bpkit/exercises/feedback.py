"""What a learner sees of an outcome: HTML, and a text twin that says the same."""

from __future__ import annotations

from html import escape

import numpy as np

from bpkit.exercises.model import Entries, Outcome

_SIGN = {"right": "✓", "wrong": "✗", "not attempted": "○", "could not run": "!"}
# hues that keep their contrast as a bar and a word on white and on JupyterLab's dark background
_COLOUR = {"right": "#1a9850", "wrong": "#d9480f", "not attempted": "#7a7a7a", "could not run": "#b8860b"}
_MOST = 12  # rows and columns of a picture of entries


def _headline(outcome: Outcome) -> str:
    mistake = f": {outcome.mistake}" if outcome.mistake else ""
    return f"{outcome.status}{mistake}"


def _points(outcome: Outcome) -> str:
    return f"{outcome.points:g} of {outcome.max_points:g} point{'' if outcome.max_points == 1 else 's'}"


def _next_step(outcome: Outcome) -> str:
    return f'Stuck? bp.hint("{outcome.exercise}") opens a hint.' if outcome.status == "wrong" else ""


def _number(value: np.generic) -> str:
    return f"{value:.3g}" if np.isrealobj(value) and not isinstance(value, np.bool_) else str(value)


def as_text(outcome: Outcome) -> str:
    """The outcome in plain text, a line per thought."""
    lines = [f"{_SIGN[outcome.status]} {outcome.exercise} {outcome.name}: {_headline(outcome)} ({_points(outcome)})"]
    if outcome.status != "right":
        lines.append(outcome.message)
    lines += [f"note: {note}" for note in outcome.notes]
    if outcome.where:
        lines.append(f"{outcome.where[0].upper()}{outcome.where[1:]}.")
    if outcome.entries is not None:
        lines.append(_entries_text(outcome.entries))
    lines.append(_next_step(outcome))
    return "\n".join(line for line in lines if line)


def _entries_text(entries: Entries) -> str:
    rows = ["  " + " ".join("✗" if wrong else "·" for wrong in row[:_MOST]) for row in entries.wrong[:_MOST]]
    return "\n".join([f"Wrong entries (✗) of {entries.title}, shape {entries.wrong.shape}:", *rows])


def as_html(outcome: Outcome) -> str:
    """The outcome as a self-contained piece of HTML that takes its text colour from the page, light or dark."""
    colour = _COLOUR[outcome.status]
    parts = [
        f'<div class="bpkit-outcome" role="status" style="border-left:5px solid {colour};background:rgba(128,128,128,.09);'
        'padding:.6em 1em;margin:.3em 0;border-radius:4px;max-width:56em;line-height:1.5">',
        f'<div><span aria-hidden="true" style="color:{colour};font-weight:700">{_SIGN[outcome.status]}</span> '
        f"<b>{escape(outcome.exercise)} <code>{escape(outcome.name)}</code>: {escape(_headline(outcome))}</b>"
        f'<span style="float:right;opacity:.75">{_points(outcome)}</span></div>',
    ]
    if outcome.status != "right":
        parts.append(f"<div>{_with_code(outcome.message)}</div>")
    parts += [f"<div><i>Note: {escape(note)}.</i></div>" for note in outcome.notes]
    if outcome.where:
        parts.append(f'<div style="opacity:.85">{escape(outcome.where[0].upper() + outcome.where[1:])}.</div>')
    if outcome.entries is not None:
        parts.append(_entries_html(outcome.entries))
    if step := _next_step(outcome):
        command = f'bp.hint("{outcome.exercise}")'
        parts.append(f'<div style="opacity:.75">{_with_code(step.replace(command, f"`{command}`"))}</div>')
    return "".join([*parts, "</div>"])


def _with_code(text: str) -> str:
    """Escaped text whose `backquoted` pieces are set as code."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if k % 2 and k < len(pieces) - 1 else piece for k, piece in enumerate(pieces))


def _entries_html(entries: Entries) -> str:
    cell = "padding:.15em .6em;border:1px solid rgba(128,128,128,.35);text-align:right;font-variant-numeric:tabular-nums"
    rows = []
    for values, wrongs in zip(entries.values[:_MOST], entries.wrong[:_MOST], strict=True):
        cells = [
            f'<td style="{cell};background:rgba(217,72,15,.22)">✗ {escape(_number(value))}</td>'
            if wrong
            else f'<td style="{cell}">{escape(_number(value))}</td>'
            for value, wrong in zip(values[:_MOST], wrongs[:_MOST], strict=True)
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    cut = "" if max(entries.wrong.shape) <= _MOST else f", the first {_MOST} rows and columns"
    caption = f"Your {escape(entries.title)}{cut}; ✗ marks wrong entries"
    return (
        f'<table style="border-collapse:collapse;margin:.4em 0;font-size:90%"><caption style="caption-side:top;text-align:left;opacity:.75">{caption}</caption>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )
