"""Which answers leave nothing behind in the process that runs them, as their code shows: these need no process of their own."""

from __future__ import annotations

import builtins
import math
import sys
import types
from opcode import opmap
from typing import Any

_PLAIN = (type(None), bool, int, float, complex, str, bytes, type(...))
# what stores where it lasts longer than the call, or runs a module
_LASTING = frozenset(opmap[name] for name in ("STORE_GLOBAL", "DELETE_GLOBAL", "STORE_ATTR", "DELETE_ATTR", "IMPORT_NAME"))
_BUILTINS = {
    *("abs", "all", "any", "bool", "complex", "dict", "divmod", "enumerate", "filter", "float", "format", "frozenset", "int"),
    *("isinstance", "issubclass", "iter", "len", "list", "map", "max", "min", "next", "object", "pow", "print", "range", "repr"),
    *("reversed", "round", "set", "slice", "sorted", "str", "sum", "tuple", "type", "zip"),
    *(name for name, thing in vars(builtins).items() if isinstance(thing, type) and issubclass(thing, Exception)),
}
# parts of numpy that keep something, or write files
_KEEPING = {
    *("random", "seterr", "seterrcall", "setbufsize", "set_printoptions", "testing", "lib", "core", "_core", "ctypeslib", "f2py"),
    *("memmap", "save", "savez", "savez_compressed", "savetxt", "tofile", "dump", "load", "loadtxt", "genfromtxt", "fromfile"),
}
_MOST = 50  # things that are looked at


def leaves_nothing(answer: Any, driver: str, namespace: dict[str, Any], ours: types.ModuleType, plain: list[Any] | None = None) -> bool:
    """Whether running an answer surely changes nothing that the next one finds; False wherever that is not plain to see.

    Parameters
    ----------
    answer
        The learner's function or value.
    driver
        How it is run.
    namespace
        Of the notebook: what the answer's names stand for.
    ours
        What the notebook calls bpkit.
    plain
        What was looked at for other answers on the same namespace, and leaves nothing; what is looked at now joins it where the same holds.
    """
    if driver == "value":
        return _is_plain(answer)
    if driver != "call" or type(answer) is not types.FunctionType:
        return False
    np = sys.modules["numpy"]  # which is not where this package finds it when it is imported
    kept: list[Any] = []
    known = {id(thing) for thing in (np, math, ours, *(plain or ()))}
    kinds = (*_PLAIN, np.ufunc)
    todo: list[Any] = [answer]
    while todo:
        thing = todo.pop()
        if type(thing) in kinds or id(thing) in known:
            continue
        kept.append(thing)  # so that its id is no other's meanwhile
        known.add(id(thing))
        if type(thing) is types.FunctionType and len(kept) < _MOST and _keeps_nothing(thing, namespace):
            names = {name for code in codes_of(thing.__code__) for name in code.co_names}
            todo += [namespace[name] for name in names if name in namespace]
            if names & _KEEPING or not all(name in namespace or _is_harmless(name) for name in names):
                return False
        elif type(thing) is tuple and len(thing) <= _MOST:  # as a class has from Python 3.13 on: the names that its methods set
            todo += thing
        elif type(thing) is type and thing.__bases__ == (object,):
            todo += [part for name, part in vars(thing).items() if name not in ("__dict__", "__weakref__")]
        elif type(type(thing)) is type and getattr(thing, "__dict__", None) == {}:
            todo.append(type(thing))
        else:
            return False
    if plain is not None:
        plain += kept
    return True


def _keeps_nothing(function: types.FunctionType, namespace: dict[str, Any]) -> bool:
    """Whether a function, by itself, has nothing that lasts from one call to the next."""
    if function.__globals__ is not namespace or function.__closure__ or function.__dict__:
        return False
    if not all(type(default) in _PLAIN for default in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())):
        return False
    return all(_LASTING.isdisjoint(code.co_code[::2]) for code in codes_of(function.__code__))


def _is_harmless(name: str) -> bool:
    """Whether a name that the notebook does not have, an attribute or one of Python's own, acts on no more than its arguments."""
    return not name.startswith("_") and (name in _BUILTINS or not hasattr(builtins, name))


def codes_of(code: types.CodeType) -> list[types.CodeType]:
    """A function's code and that of all functions within it."""
    codes = [code]
    for each in codes:
        codes += [constant for constant in each.co_consts if isinstance(constant, types.CodeType)]
    return codes


def _is_plain(value: Any) -> bool:
    """Whether a value is one of Python's or numpy's own, of which no part can do anything when it is looked at."""
    if type(value) in (list, tuple):
        return len(value) <= _MOST and all(type(part) in _PLAIN for part in value)
    return type(value) in _PLAIN or (type(value) is sys.modules["numpy"].ndarray and not value.dtype.hasobject)
