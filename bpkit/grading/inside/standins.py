"""What stands in for bpkit, for widgets and for the notebook's front end while grading."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Iterable, Iterator
from importlib.machinery import ModuleSpec, PathFinder
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.abc import Loader, MetaPathFinder
else:  # it brings much along, and each library is copied at each fork

    class Loader: ...

    class MetaPathFinder: ...


INERT_PACKAGES = ("bpkit", "IPython", "ipykernel", "anywidget")
_INERT_WHERE_MISSING = ("ipywidgets", "traitlets")  # widgets hold values that cells go on with: the real ones work without a page
_IPYTHON = (9, 0, 0)  # the version that its stand-in tells
_BARS = ("tqdm.notebook", "tqdm.auto", "tqdm.autonotebook")  # they would draw themselves as widgets

used: list[str] = []  # dotted names of stand-ins that were called
withheld: set[str] = set()  # attributes of allowed objects that the exercise that runs now may not call, "sigmoid.prime"
touches = [0, 0]  # how often anything was asked of a stand-in, and how often by the notebook's own code


def touch() -> None:
    """Count that something was asked of a stand-in, by whoever called the caller."""
    touches[0] += 1
    touches[1] += sys._getframe(2).f_globals.get("__name__") == "__main__"


class Inert:
    """Stands for anything that grading does not need: absorbs whatever is done with it, at once and without effect."""

    def __init__(self, name: str = "", *_: Any, **__: Any) -> None:
        object.__setattr__(self, "_name", str(name))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        touch()
        return Inert(f"{self._name}.{name}"[:200])

    def __setattr__(self, name: str, value: Any) -> None:
        pass

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(used) < 100:
            used.append(self._name)
        if len(args) == 1 and not kwargs and isinstance(args[0], types.FunctionType | type):
            return args[0]  # a decorator leaves the function or class as it is
        return self

    def __getitem__(self, key: Any) -> Inert:
        touch()
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __delitem__(self, key: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        touch()
        return iter(())

    def __contains__(self, item: Any) -> bool:
        return False

    def __len__(self) -> int:
        touch()
        return 0

    def __bool__(self) -> bool:
        touch()
        return False

    def __int__(self) -> int:
        touch()
        return 0

    __index__ = __int__

    def __float__(self) -> float:
        touch()
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
        # a class may name it as its base; beside others it is none
        first = next(base for base in bases if isinstance(base, Inert))
        return (InertBase,) if self is first and not any(isinstance(base, type) for base in bases) else ()


def _absorb(self: Inert, *_: Any) -> Inert:
    return self


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift"):
    for _form in (f"__{_name}__", f"__r{_name}__"):
        setattr(Inert, _form, _absorb)
for _form in ("__neg__", "__pos__", "__abs__", "__invert__"):
    setattr(Inert, _form, _absorb)


class InertBase:
    """What a class has for its base that names a stand-in there: takes whatever its own methods do not."""

    def __init__(self, *_: Any, **named: Any) -> None:
        self.__dict__.update(named)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        touch()
        return Inert(f"{type(self).__name__}.{name}"[:200])


class _InertModule(types.ModuleType):
    """A module of which every name that it does not have is inert."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        touch()
        return Inert(f"{self.__name__}.{name}")


class Said(Inert):
    """What `check` says while grading: that the answer is right, whatever it is, so that code below goes on as it did for a right one."""

    def __init__(self, exercise: str) -> None:
        super().__init__("bpkit.check()")
        told = {"exercise": exercise, "name": "", "status": "right", "passed": True, "message": "", "mistake": None, "where": "", "notes": ()}
        self.__dict__.update(told, points=1.0, max_points=1.0, entries=None)

    def __bool__(self) -> bool:
        return True


def check(exercise_id: str = "", answer: Any = None, *, record: bool = True) -> Said:
    """Stands in for `bp.check`, which would tell a submission how it is judged."""
    if len(used) < 100:
        used.append("bpkit.check")
    return Said(str(exercise_id))


class _Then(Loader):
    """Loads a module as another loader does, and then changes it."""

    def __init__(self, loader: Any, change: Any) -> None:
        self.loader, self.change = loader, change

    def create_module(self, spec: ModuleSpec) -> Any:
        return self.loader.create_module(spec)

    def exec_module(self, module: types.ModuleType) -> None:
        self.loader.exec_module(module)
        self.change(module)


def _pool_of_threads(module: Any) -> None:
    """The sandbox has no memory that processes share, which the locks of a pool of processes need."""
    queues, threading = importlib.import_module("multiprocessing.queues"), importlib.import_module("threading")
    locks = types.SimpleNamespace(Lock=threading.Lock)
    context = types.SimpleNamespace(SimpleQueue=lambda: queues.SimpleQueue(ctx=locks))
    make, wait = module.Pool.__init__, module.Pool._wait_for_updates

    class Pool(module.ThreadPool):
        def __init__(self, processes: Any = None, initializer: Any = None, initargs: Any = (), *_: Any, **__: Any) -> None:
            make(self, min(processes or 4, 4), initializer, initargs, None, context)

        _wait_for_updates = staticmethod(wait)  # found by the name of this class, which takes the other's place

    module.Pool = module.ThreadPool = Pool


def _executor_of_threads(module: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    class ProcessPoolExecutor(ThreadPoolExecutor):
        def __init__(self, max_workers: Any = None, mp_context: Any = None, initializer: Any = None, initargs: Any = (), **_: Any) -> None:
            super().__init__(min(max_workers or 4, 4), initializer=initializer, initargs=initargs)

    module.ProcessPoolExecutor = ProcessPoolExecutor


_CHANGED = {"multiprocessing.pool": _pool_of_threads, "concurrent.futures.process": _executor_of_threads}


class StandIns(MetaPathFinder, Loader):
    """Finds bpkit's allowed parts, and something inert for the rest of it and for what belongs to a notebook's front end."""

    def __init__(self, sources: dict[str, str], names: dict[str, str]) -> None:
        self.sources, self.names = sources, names

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        root = fullname.split(".")[0]
        if root in INERT_PACKAGES or fullname in _BARS or (root in _INERT_WHERE_MISSING and PathFinder.find_spec(root) is None):
            return ModuleSpec(fullname, self, is_package=True)
        if fullname in _CHANGED and (spec := PathFinder.find_spec(fullname, path)) is not None:
            spec.loader = _Then(spec.loader, _CHANGED[fullname])
            return spec
        return None

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        return types.ModuleType(spec.name) if spec.name in _BARS else _InertModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        if module.__name__ in self.sources:
            exec(compile(self.sources[module.__name__], f"<{module.__name__}>", "exec", dont_inherit=True), module.__dict__)
        elif module.__name__ in _BARS:
            bars = importlib.import_module("tqdm")
            module.__dict__.update(tqdm=bars.tqdm, trange=bars.trange, tqdm_notebook=bars.tqdm, tnrange=bars.trange)
        elif module.__name__ == "IPython":
            module.__dict__.update(__version__=".".join(map(str, _IPYTHON)), version_info=(*_IPYTHON, ""))
        elif module.__name__ == "anywidget" and PathFinder.find_spec("ipywidgets") is not None:
            module.__dict__["AnyWidget"] = importlib.import_module("ipywidgets").DOMWidget
        if module.__name__ == "bpkit":
            module.__dict__["check"] = check
            for name, home in self.names.items():
                setattr(module, name, getattr(importlib.import_module(home), name))


def guard_all(module: types.ModuleType, names: Iterable[str]) -> None:
    """Guard each of these attributes of allowed objects, "sigmoid.prime"."""
    for name in sorted(names):
        _guard(module, *name.split("."))


def _guard(module: types.ModuleType, owner: str, attribute: str) -> None:
    """Let a method of an allowed object be inert while it is withheld, also where it was given another name before."""
    kind, name = type(getattr(module, owner)), f"{owner}.{attribute}"
    method = getattr(kind, attribute)

    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        return Inert(f"bpkit.{name}")(*args, **kwargs) if name in withheld else method(self, *args, **kwargs)

    setattr(kind, attribute, guarded)
