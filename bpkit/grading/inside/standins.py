"""What stands in for bpkit, for widgets and for the notebook's front end while grading."""

from __future__ import annotations

import importlib
import types
from collections.abc import Iterator
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any

INERT_PACKAGES = ("bpkit", "IPython", "ipywidgets", "anywidget", "google")

used: list[str] = []  # dotted names of stand-ins that were called
touches = [0]  # how often anything was asked of a stand-in
withheld: set[str] = set()  # attributes of allowed objects that the exercise that runs now may not call, "sigmoid.prime"


class Inert:
    """Stands for anything that grading does not need: absorbs whatever is done with it, at once and without effect."""

    def __init__(self, name: str = "", *_: Any, **__: Any) -> None:
        object.__setattr__(self, "_name", str(name))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        touches[0] += 1
        return Inert(f"{self._name}.{name}"[:200])

    def __setattr__(self, name: str, value: Any) -> None:
        pass

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(used) < 100:
            used.append(self._name)
        if len(args) == 1 and not kwargs and isinstance(args[0], types.FunctionType):
            return args[0]  # a decorator leaves the function as it is
        return self

    def __getitem__(self, key: Any) -> Inert:
        touches[0] += 1
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __delitem__(self, key: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        touches[0] += 1
        return iter(())

    def __contains__(self, item: Any) -> bool:
        return False

    def __len__(self) -> int:
        touches[0] += 1
        return 0

    def __bool__(self) -> bool:
        touches[0] += 1
        return False

    def __int__(self) -> int:
        touches[0] += 1
        return 0

    __index__ = __int__

    def __float__(self) -> float:
        touches[0] += 1
        return 0.0

    def __enter__(self) -> Inert:
        return self

    def __exit__(self, *_: Any) -> None:
        pass

    def __format__(self, spec: str) -> str:
        return ""

    def __repr__(self) -> str:
        return f"<{self._name}: not here while grading>"

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = object.__hash__
    __lt__ = __le__ = __gt__ = __ge__ = __eq__

    def __mro_entries__(self, bases: Any) -> tuple[type, ...]:
        return ()  # a class may name it as its base


def _absorb(self: Inert, *_: Any) -> Inert:
    return self


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift"):
    for _form in (f"__{_name}__", f"__r{_name}__"):
        setattr(Inert, _form, _absorb)
for _form in ("__neg__", "__pos__", "__abs__", "__invert__"):
    setattr(Inert, _form, _absorb)


class _InertModule(types.ModuleType):
    """A module of which every name that it does not have is inert."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        touches[0] += 1
        return Inert(f"{self.__name__}.{name}")


class StandIns(MetaPathFinder, Loader):
    """Finds bpkit's allowed parts, and something inert for the rest of it and for what belongs to a notebook's front end."""

    def __init__(self, sources: dict[str, str], names: dict[str, str], guarded: frozenset[str] = frozenset()) -> None:
        self.sources, self.names, self.guarded = sources, names, guarded

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname.split(".")[0] not in INERT_PACKAGES:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        return _InertModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        if module.__name__ in self.sources:
            exec(compile(self.sources[module.__name__], f"<{module.__name__}>", "exec"), module.__dict__)
        if module.__name__ == "bpkit":
            for name, home in self.names.items():
                setattr(module, name, getattr(importlib.import_module(home), name))
            for name in self.guarded:
                _guard(module, *name.split("."))


def _guard(module: types.ModuleType, owner: str, attribute: str) -> None:
    """Let a method of an allowed object be inert while it is withheld, also where it was given another name before."""
    kind, name = type(getattr(module, owner)), f"{owner}.{attribute}"
    method = getattr(kind, attribute)

    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        return Inert(f"bpkit.{name}")(*args, **kwargs) if name in withheld else method(self, *args, **kwargs)

    setattr(kind, attribute, guarded)
