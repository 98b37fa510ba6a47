"""Makes the pages of the public names of bpkit, from their docstrings: English in every edition."""

from __future__ import annotations

import inspect
import re
from types import ModuleType
from typing import Any

import bpkit

_AS_IT_STANDS = re.compile(r"`+[^`]*`+|[|*]")


def api_pages() -> dict[str, str]:
    """The public names of `bpkit`: file name → reStructuredText. One page for each module whose names learners write after `bp.`."""
    values = {name: getattr(bpkit, name) for name in bpkit.__all__}
    modules = {name: value for name, value in values.items() if inspect.ismodule(value)}
    names = [f"api/{name}" for name in modules]
    listed = "\n".join(f"   bp.{name} <{name}>" for name in modules)
    own = "\n".join(_entry("bpkit", name, value) for name, value in values.items() if name not in modules)
    head = _titled("The names of bp", "Lessons begin with ``import bpkit as bp``; these are the names after ``bp.``.")
    pages = {"api/index": f"{head}\n.. toctree::\n   :maxdepth: 1\n\n{listed}\n\n{own}"}
    for page, (name, module) in zip(names, modules.items(), strict=True):
        says = inspect.cleandoc(module.__doc__ or "")
        pages[page] = _titled(f"bp.{name}", says) + "\n".join(_entry(module.__name__, *each) for each in _public(module).items())
    return pages


def _public(module: ModuleType) -> dict[str, Any]:
    listed = getattr(module, "__all__", None)
    if listed is None:
        listed = [name for name, value in vars(module).items() if name[0] != "_" and getattr(value, "__module__", None) == module.__name__]
    return {name: getattr(module, name) for name in listed}


def _titled(title: str, says: str) -> str:
    return f"{title}\n{'=' * len(title)}\n\n{says}\n\n"


def _entry(module: str, name: str, value: Any) -> str:
    if inspect.isclass(value):
        return f".. autoclass:: {module}.{name}\n   :members:\n"
    if callable(value) and inspect.isroutine(value):
        return f".. autofunction:: {module}.{name}\n"
    if type(value).__module__.startswith("bpkit."):
        return f".. autodata:: {module}.{name}\n   :no-value:\n"
    # a table or a tuple has the docstring of its type, which says nothing of it
    return f".. py:data:: {module}.{name}\n"


def as_restructured_text(lines: list[str]) -> None:
    """Escape, in place, what our docstrings mean as it stands: |z| is an absolute value and * a product.

    Examples
    --------
    >>> lines = ["the largest |z|, ``a * b`` or c *d"]
    >>> as_restructured_text(lines)
    >>> print(lines[0])
    the largest \\|z\\|, ``a * b`` or c \\*d
    """
    example = False
    for number, line in enumerate(lines):
        example = bool(line.strip()) and (example or line.lstrip().startswith(">>>"))
        # an argument `*names` of a numpydoc section is escaped by napoleon
        if not example and not re.match(r"\s*\*+\w+( :|$)", line):
            lines[number] = _AS_IT_STANDS.sub(lambda found: found[0] if found[0][0] == "`" else f"\\{found[0]}", line)
