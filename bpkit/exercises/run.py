"""Run an answer on given inputs, beside the learner's code; knows no expected value.

This one file is all of bpkit that enters the grader's sandbox, so it imports nothing but numpy and the standard
library. What an answer returns leaves here as plain JSON-able data (`encode`), bounded in size; `decode` turns such
data back and trusts none of it.
"""

from __future__ import annotations

import _signal  # those of `signal` turn each number into a name and back, which takes longer than many an answer
import array
import base64
import contextlib
import functools
import inspect
import itertools
import linecache
import math
import signal
import sys
import threading
import time
import types
import warnings
from collections import deque
from collections.abc import Callable, Iterator, KeysView, Sequence, ValuesView
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

Wire = dict[str, Any]

MAX_BYTES = 4_000_000  # of one returned array
MAX_ITEMS = 10_000  # of one returned list, and in all lists of one value together
MAX_DEPTH = 6
MAX_TEXT = 2_000

PATIENCE = 3.0  # what may compute for a second may take so many seconds to do it, on a busy machine or while it waits


@dataclass(frozen=True)
class Probe:
    """Stands for a function among a case's args: a name in `PROBES` and its parameters."""

    name: str
    parameters: tuple[float, ...] = ()


@dataclass(frozen=True)
class Seed:
    """Stands for a fresh `numpy.random.Generator` among a case's args."""

    value: int


@dataclass(frozen=True)
class Shape:
    """Stands for a tuple of sizes among a case's args, which are lists otherwise."""

    sizes: tuple[int, ...]


@dataclass(frozen=True)
class Graph:
    """Stands for the last `Node` of a graph of nodes among a case's args.

    Parameters
    ----------
    nodes
        For each node its name, its value, the places of its parents in this tuple, and the gradient that it comes with.
    jacobians
        For each node the matrices, one for each parent, whose transposes carry a gradient back to that parent; None where
        the gradient itself is passed on, the same array.
    """

    nodes: tuple[tuple[str, Any, tuple[int, ...], Any], ...]
    jacobians: tuple[tuple[np.ndarray | None, ...], ...]


class Named(str):
    """The name of a node, where an answer returned the node itself."""

    __slots__ = ()


class Node:
    """A node of a graph, as an answer gets it: what it was made from, and how a gradient goes back there."""

    def __init__(self, name: str, value: Any, parents: list[Node], vjps: list[Callable[[Any], Any]], grad: Any) -> None:
        self.name, self.value, self.parents, self.vjps, self.grad = name, value, parents, vjps, grad

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Unreadable:
    """What cannot be judged as a value: says what was found instead."""

    found: str


def _linear_gradient(n: float, n_out: float, power: float, decay: float = 0.0) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """The gradient of a linear layer's quadratic cost, divided by the number of examples to some power, and that of a penalty on its weights."""
    W = np.cos(np.arange(n * n_out)).reshape(int(n_out), int(n))
    b = np.cos(np.arange(n_out))[:, None]  # or an example and its mirror image would have the same gradient
    return lambda x, y: (W @ x + b - y) @ x.T / x.shape[1] ** power + decay * W


def _bent_cost(K: float, *W0: float) -> Callable[[np.ndarray], Any]:
    """A cost whose slope at W0 does not depend on K, and that K bends as soon as steps are uneven or entries move together."""

    def C(W: np.ndarray) -> Any:
        weights = np.cos(np.arange(W.size)).reshape(W.shape)
        return np.sum(weights * np.sin(W)) + K / 2 * np.sum(W - np.reshape(W0, W.shape)) ** 2

    return C


def _sized_gradient(size: float) -> Callable[[np.ndarray], np.ndarray]:
    """The gradient of a cost that bends when its weights move by about `size`; every entry depends on all weights."""

    def gradient(w: np.ndarray) -> np.ndarray:
        c = np.cos(np.arange(w.size)).reshape(w.shape)
        u = w / size
        return c * np.cos(np.sum(c * u)) - (1.5 + c) * np.sin(u)

    return gradient


def _cubic_gradient(n: float, bend: float) -> Callable[[np.ndarray], np.ndarray]:
    """The gradient of a cost of degree 3 in a column of n numbers, whose Hessian is not diagonal."""
    half = np.cos(np.arange(n * n)).reshape(int(n), int(n))
    return lambda w: (half + half.T) @ w + bend * w * w


# the functions that an answer can be given to work on; each factory takes the probe's parameters
PROBES: dict[str, Callable[..., Callable[..., Any]]] = {
    "bell": lambda width: lambda x: np.exp(x) / (width + x * x),
    "bent cost": _bent_cost,
    "cubic gradient": _cubic_gradient,
    "linear gradient": _linear_gradient,
    "sized gradient": _sized_gradient,
    "wave": lambda offset, slope, frequency: lambda x: offset + slope * x + np.sin(frequency * x),
}


class Lone(list[Any]):
    """A tuple of one item, as a comma after `return x` makes it; a list in all else."""


class WireError(ValueError):
    """Data from beside the learner's code that `encode` cannot have written."""


class _TooSlow(BaseException):
    """Raised inside an answer when its time is up; not an Exception, so that `except Exception` lets it through."""


# ---- values ↔ plain data ---------------------------------------------------------------------------------------


def encode(value: Any) -> Wire:
    """Turn a value into plain data; what has no plain form becomes a description of it."""
    return _encode(value, [MAX_ITEMS], MAX_DEPTH)


_FLOAT = np.dtype("<f8")


def _encode(value: Any, budget: list[int], depth: int) -> Wire:
    if type(value) is np.ndarray and value.dtype == _FLOAT and value.nbytes <= MAX_BYTES:  # what most answers return, and most inputs are
        return _written(value)
    if value is Ellipsis:
        return {"todo": True}
    if value is None:
        return {"none": True}
    if isinstance(value, str):
        return {"text": str(value)[:MAX_TEXT]}
    if isinstance(value, Probe):
        return {"probe": [value.name, list(value.parameters)]}
    if isinstance(value, Seed):
        return {"seed": value.value}
    if isinstance(value, Shape):
        return {"shape": list(value.sizes)}
    if isinstance(value, Graph):
        return {"graph": [_encode(list(part), budget, depth) for part in (value.nodes, value.jacobians)]}
    if isinstance(value, Node):
        return {"node": str(value.name)[:MAX_TEXT]}
    if isinstance(value, np.ndarray) and value.dtype == object:
        return _encode(value.tolist() if value.ndim == 0 else list(value), budget, depth)
    if isinstance(value, np.generic | np.ndarray | array.array | memoryview) or hasattr(value, "__array__"):
        return _encode_array(value)
    if isinstance(value, bool | int | float | complex):
        wire = _encode_array(value)
        return {"scalar": wire["array"]} if "array" in wire else _encode_number(value)
    if hasattr(type(value), "__float__"):  # a Fraction, a Decimal
        return _encode_number(value)
    if (isinstance(value, Sequence | KeysView | ValuesView | deque) and not isinstance(value, bytes | bytearray)) or hasattr(value, "__next__"):
        if depth == 0:
            return {"other": f"lists nested more than {MAX_DEPTH} deep"}
        items = list(itertools.islice(value, budget[0] + 1))
        budget[0] -= len(items)
        if budget[0] < 0:
            return {"other": f"a list of more than {MAX_ITEMS} items"}
        lone = isinstance(value, tuple) and len(items) == 1
        return {"lone" if lone else "list": [_encode(item, budget, depth - 1) for item in items]}
    if isinstance(value, dict):
        return {"other": "a dictionary"}
    if callable(value):
        return {"other": "a function"}
    return {"other": f"an object of type {type(value).__name__}"[:MAX_TEXT]}


def _encode_number(value: Any) -> Wire:
    """A number of a kind that numpy does not have, as the float next to it."""
    try:
        return {"scalar": _encode_array(float(value))["array"]}
    except Exception as error:
        return {"other": f"a number of type {type(value).__name__} that no float holds ({type(error).__name__})"[:MAX_TEXT]}


def _encode_array(value: Any) -> Wire:
    try:
        array = np.array(value, subok=False, order="C")
    except Exception as error:
        return {"other": f"an object of type {type(value).__name__} that numpy cannot read ({type(error).__name__})"}
    if array.dtype.kind not in "biufc":
        return {"other": f"an array of dtype {array.dtype}"[:MAX_TEXT]}
    if array.dtype.itemsize > 16 or array.dtype == np.longdouble:
        array = array.astype(complex if array.dtype.kind == "c" else float)
    if array.nbytes > MAX_BYTES:
        return {"other": f"an array of shape {array.shape}, {array.nbytes / 1e6:.0f} MB"}
    return _written(array.astype(array.dtype.newbyteorder("<"), copy=False))


def _written(array: np.ndarray) -> Wire:
    return {"array": [array.dtype.str, list(array.shape), base64.b64encode(array.tobytes()).decode("ascii")]}


def decode(wire: Any) -> Any:
    """Turn what came back into a value; an `Unreadable` where a value had no plain form.

    Raises
    ------
    WireError
        If the data is not of the form that `encode` writes for what an answer returns. A stand-in is not: making what it
        stands for would let its parameters decide what that costs.
    """
    return _decode(wire, [MAX_ITEMS], MAX_DEPTH + 1, stand_ins=False)


def decode_input(wire: Any) -> Any:
    """Turn one of a case's args back into a value, and a stand-in into what it stands for.

    Raises
    ------
    WireError
        If the data is not of the form that `encode` writes.
    """
    return _decode(wire, [MAX_ITEMS], MAX_DEPTH + 1, stand_ins=True)


def _decode(wire: Any, budget: list[int], depth: int, stand_ins: bool) -> Any:
    if not isinstance(wire, dict) or len(wire) != 1 or depth == 0:
        raise WireError("expected one tagged value")
    ((tag, body),) = wire.items()
    match tag, body:
        case "array", [str(dtype), list(shape), str(data)]:
            return _decode_array(dtype, shape, data)
        case "scalar", [str(dtype), [], str(data)]:
            return _decode_array(dtype, [], data).item()
        case "todo", True:
            return Ellipsis
        case "none", True:
            return None
        case "text", str() if len(body) <= MAX_TEXT:
            return body
        case "node", str() if len(body) <= MAX_TEXT:
            return Named(body)
        case "other", str() if len(body) <= 2 * MAX_TEXT:
            return Unreadable(body)
        case "seed", int() if stand_ins:
            return np.random.default_rng(body)
        case "probe", [str(name), list(parameters)] if stand_ins and name in PROBES:
            return PROBES[name](*parameters)
        case "shape", list() if stand_ins and all(type(n) is int for n in body):
            return tuple(body)
        case "graph", [nodes, jacobians] if stand_ins:
            return _decode_graph(*(_decode(part, budget, depth - 1, stand_ins) for part in (nodes, jacobians)))
        case "list" | "lone", list():
            budget[0] -= len(body)
            if budget[0] < 0:
                raise WireError(f"more than {MAX_ITEMS} items")
            if tag == "lone" and len(body) != 1:
                raise WireError("a tuple of one item that does not have one")
            items = [_decode(item, budget, depth - 1, stand_ins) for item in body]
            return Lone(items) if tag == "lone" else items
    raise WireError(f"no value has the form {str(tag)[:40]!r}")


def _decode_array(dtype: str, shape: list[Any], data: str) -> np.ndarray:
    if dtype[1:2] not in ("b", "i", "u", "f", "c") or len(dtype) > 4 or len(shape) > 32 or len(data) > 2 * MAX_BYTES:
        raise WireError("an array of a kind that is not sent")
    if not all(type(n) is int and n >= 0 for n in shape):
        raise WireError("an array whose shape is not a list of sizes")
    try:
        plain = np.dtype(dtype)
        raw = base64.b64decode(data, validate=True)
    except (TypeError, ValueError) as error:
        raise WireError("an array that does not decode") from error
    if plain.hasobject or math.prod(shape) * plain.itemsize != len(raw):
        raise WireError("an array whose bytes do not fill its shape")
    return np.frombuffer(raw, dtype=plain).reshape(shape).copy()


def _decode_graph(rows: Any, jacobians: Any) -> Node:
    nodes: list[Node] = []
    try:
        for (name, value, places, grad), matrices in zip(rows, jacobians, strict=True):
            nodes.append(Node(name, value, [nodes[k] for k in places], [_vjp(J) for J in matrices], grad))
        return nodes[-1]
    except (TypeError, ValueError, IndexError) as error:
        raise WireError("a graph whose parts do not fit together") from error


def _vjp(J: np.ndarray | None) -> Callable[[Any], Any]:
    # a single number stands for a column of it, so that a root's gradient may be the plain 1
    return (lambda g: g) if J is None else lambda g: J.T @ (np.zeros((len(J), 1)) + g)


# ---- inputs -----------------------------------------------------------------------------------------------------


class Inputs:
    """A case's encoded args, read once: what holds numbers and texts alone is kept, and every call gets copies of it."""

    def __init__(self, wires: Sequence[Wire]) -> None:
        self.wires = wires
        self.kept = {k: decode_input(wire) for k, wire in enumerate(wires) if _is_kept(wire)}
        self.graphs = [k for k, wire in enumerate(wires) if "graph" in wire]
        self.generators = [k for k, wire in enumerate(wires) if "seed" in wire]
        self.plain = [k for k, wire in enumerate(wires) if not wire.keys() & {"probe", "seed", "shape", "graph"}]

    def fresh(self) -> list[Any]:
        """The args of one call."""
        return [_copied(self.kept[k]) if k in self.kept else decode_input(wire) for k, wire in enumerate(self.wires)]

    def changed(self, args: Sequence[Any], k: int) -> bool:
        """Whether a call has changed the arg that it got at place `k`."""
        return not (k in self.kept and _same(args[k], self.kept[k])) and bool(encode(args[k]) != self.wires[k])


def _is_kept(wire: Wire) -> bool:
    return all(map(_is_kept, wire["list"])) if "list" in wire else wire.keys() <= {"array", "scalar", "text", "none"}


def _copied(value: Any) -> Any:
    if type(value) is np.ndarray:
        return value.copy()
    return [_copied(item) for item in value] if type(value) is list else value


def _same(value: Any, kept: Any) -> bool:
    """Whether a value is plainly what it was, to the bit; what is not may still be."""
    if type(kept) is np.ndarray:
        return type(value) is np.ndarray and (value.dtype, value.shape) == (kept.dtype, kept.shape) and value.tobytes() == kept.tobytes()
    if type(kept) is list:
        return type(value) is list and len(value) == len(kept) and all(map(_same, value, kept))
    return value is kept


# ---- running ----------------------------------------------------------------------------------------------------


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Interrupt the block when it has computed for `seconds`, or `PATIENCE` times as long has passed.

    So it does not depend on what else the machine does whether an answer is too slow. Without effect in other threads than
    the main one; and where there are no timers, as in a browser, what one call of a compiled function takes cannot be cut short.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    if not hasattr(signal, "setitimer"):
        with _watched(seconds):
            yield
        return

    def stop(signum: int, frame: object) -> None:
        raise _TooSlow

    timers = ((signal.ITIMER_PROF, signal.SIGPROF, seconds), (signal.ITIMER_REAL, signal.SIGALRM, PATIENCE * seconds))
    before = [(_signal.signal(number, stop), _signal.setitimer(timer, limit)) for timer, number, limit in timers]
    try:
        yield
    finally:
        for timer, _, _ in timers:
            _signal.setitimer(timer, 0)
        for (timer, number, _), (handler, rest) in zip(timers, before, strict=True):
            _signal.signal(number, handler)
            if rest[0]:  # the caller has one of its own
                _signal.setitimer(timer, *rest)


_TOOL = 4  # of those that sys.monitoring knows, one that no debugger, profiler or coverage takes


@contextmanager
def _watched(seconds: float) -> Iterator[None]:
    """The same without a timer: Python looks at the clock whenever a loop goes round or a function begins; since Python 3.12."""
    monitoring = getattr(sys, "monitoring", None)
    if monitoring is None or monitoring.get_tool(_TOOL):
        yield
        return
    mine, computed, began = threading.get_ident(), time.process_time(), time.perf_counter()
    turns = itertools.count()
    # what runs while the block is left
    exempt = (__file__, contextlib.__file__)

    def look(code: types.CodeType, *_: int) -> None:
        if next(turns) % 64:  # the clock takes longer than a short loop does
            return
        late = time.process_time() - computed > seconds or time.perf_counter() - began > PATIENCE * seconds
        if late and code.co_filename not in exempt and threading.get_ident() == mine:
            raise _TooSlow

    events = (monitoring.events.JUMP, monitoring.events.PY_START)
    monitoring.use_tool_id(_TOOL, "bpkit")
    try:
        for event in events:
            monitoring.register_callback(_TOOL, event, look)
        monitoring.set_events(_TOOL, sum(events))
        yield
    finally:
        monitoring.set_events(_TOOL, 0)
        for event in events:
            monitoring.register_callback(_TOOL, event, None)
        monitoring.free_tool_id(_TOOL)


def _run_program(Variable: Any, inputs: Sequence[float], steps: Sequence[Sequence[Any]]) -> Any:
    """Compute with an answer's class, then let every result push its gradient on, the last one first.

    A step is an operation, "+" or "*", and the places of its two operands among the inputs and earlier results. Returns
    the value and the gradient of every input and result.
    """
    made: list[Any] = [Variable(float(number)) for number in inputs]
    for operation, left, right in steps:
        if made[-1] is Ellipsis:
            return ...
        result = made[left] + made[right] if operation == "+" else made[left] * made[right]
        if result is not Ellipsis and not hasattr(result, "push"):
            raise TypeError(f"a {operation} b is {type(result).__name__}, expected a {getattr(Variable, '__name__', 'variable')}")
        made.append(result)
    if made[-1] is Ellipsis:
        return ...
    made[-1].grad = 1.0
    for each in reversed(made):
        if each.push() is Ellipsis:
            return ...
    return [np.array([each.value for each in made], dtype=float), np.array([each.grad for each in made], dtype=float)]


def _gradients(answer: Any, root: Node) -> Any:
    """Call an answer that leaves its result in the nodes; returns the gradient of each, by name."""
    nodes, todo = {root.name: root}, [root]
    while todo:
        for parent in todo.pop().parents:
            if parent.name not in nodes:
                nodes[parent.name] = parent
                todo.append(parent)
    return ... if answer(root) is Ellipsis else [nodes[name].grad for name in sorted(nodes)]


# how an answer is used where calling it and taking what it returns is not all
DRIVERS: dict[str, Callable[..., Any]] = {
    "call": lambda answer, *args: answer(*args),
    "program": _run_program,
    "gradients": _gradients,
}


# what numpy says where an array stands for a number: the first refuses those of one element too, the last two let them pass with a warning
_NO_NUMBER = ("only 0-dimensional arrays can be converted", "only length-1 arrays can be converted", "array with ndim > 0 to a scalar")
_RAISES = np.lib.NumpyVersion(np.__version__) >= "2.4.0"
ARRAY_FOR_NUMBER = "an array stands where a single number belongs"


def _describe_exception(error: BaseException, answer: Any) -> Wire:
    """The exception's type and message, and the line of the learner's code, a function's or a class's, that raised it."""
    codes = [getattr(part, "__code__", None) for part in (answer, *getattr(answer, "__dict__", {}).values())]
    files = {code.co_filename for code in codes if code is not None}
    line, trace = "", error.__traceback__
    while trace is not None:
        if (file := trace.tb_frame.f_code.co_filename) in files:
            line = linecache.getline(file, trace.tb_lineno).strip()
        trace = trace.tb_next
    try:
        message = str(error)
        cause = f"{message} {error.__cause__ or ''}"
    except Exception:
        message = cause = ""
    if any(words in cause for words in _NO_NUMBER):
        return {"type": "TypeError", "message": ARRAY_FOR_NUMBER, "line": line[:200]}
    return {"type": type(error).__name__[:80], "message": message[:400], "line": line[:200]}


def _snapshot(root: Node, gradients: bool) -> list[tuple[Any, ...]]:
    """Each node of a graph with a copy of what belongs to the caller; its gradient too, unless the answer is to set it."""
    nodes = [root]
    for node in nodes:
        nodes += [parent for parent in node.parents if parent not in nodes]
    return [(node, node.name, encode(node.value), list(node.parents), list(node.vjps), encode(node.grad) if gradients else None) for node in nodes]


def _changed(before: Sequence[tuple[Any, ...]]) -> bool:
    """Whether a node is not as it was. A mark that an answer keeps on it is no change: a second call shows whether it does harm."""
    for node, name, value, parents, vjps, grad in before:
        now = vars(node)
        lists = [now.get("parents"), now.get("vjps")]
        if lists != [parents, vjps] or now.get("name") != name or encode(now.get("value")) != value:
            return True
        if grad is not None and encode(now.get("grad")) != grad:
            return True
    return False


def _call(answer: Any, driver: str, inputs: Inputs, seconds: float, graphs: dict[int, Node]) -> Wire:
    """One call: what it returned or raised, which of its inputs it changed, and from which generators it drew nothing.

    A graph at one of the places in `graphs` is taken from there, others are put there.
    """
    if driver == "value":
        return {"returned": encode(answer), "mutated": []}
    if not callable(answer):
        return {"uncallable": encode(answer)}
    args = inputs.fresh()
    for k in inputs.graphs:
        args[k] = graphs.setdefault(k, args[k])
    before = {k: _snapshot(root, driver != "gradients") for k, root in graphs.items()}
    if driver != "program" and not _takes(answer, len(args)):
        try:
            inspect.signature(answer).bind(*args)
        except TypeError:
            return {"signature": str(inspect.signature(answer))[:200]}
        except ValueError:
            pass  # a builtin or numpy function without a signature: the call itself will tell
    try:
        with time_limit(seconds), _no_array_for_number():
            returned = encode(DRIVERS[driver](answer, *args))
    except _TooSlow:
        return {"too_slow": seconds}
    except (Exception, SystemExit) as error:
        return {"raised": _describe_exception(error, answer)}
    if driver == "gradients":  # or a second call that does nothing would find what the first has left
        for node, *_ in (row for rows in before.values() for row in rows):
            node.grad = 0.0
    return {
        "returned": returned,
        "mutated": [k for k in inputs.plain if inputs.changed(args, k)] + [k for k in before if _changed(before[k])],
        "undrawn": [k for k in inputs.generators if not _drawn(args[k], decode_input(inputs.wires[k]))],
    }


def _takes(answer: Any, count: int) -> bool:
    """Whether so many arguments can surely be given to an answer by place, as its code tells; where not, its signature has to be asked."""
    if type(answer) is not types.FunctionType or answer.__dict__:
        return False
    code = answer.__code__
    needed = code.co_argcount - len(answer.__defaults__ or ())
    return needed <= count <= code.co_argcount and not code.co_kwonlyargcount


def _no_array_for_number() -> AbstractContextManager[Any]:
    """Where an array stands for a number, raise: numpy before 2.4 only warns, and an answer gets one grade by all of them."""
    return nullcontext() if _RAISES else _warning_as_error()


@contextmanager
def _warning_as_error() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("error", ".*with ndim > 0 to a scalar", DeprecationWarning)
        yield


def _drawn(generator: np.random.Generator, fresh: np.random.Generator) -> bool:
    """Whether something was drawn from a generator, or generators were spawned from it, which leaves its state as it was."""
    here, there = generator.bit_generator, fresh.bit_generator
    spawned = (getattr(each.seed_seq, "n_children_spawned", 0) for each in (here, there))
    return here.state != there.state or len(set(spawned)) > 1


_NARROW_NAMES = frozenset({"float32", "float16", "single", "half", "complex64", "csingle"})
_NARROW_CODES = _NARROW_NAMES | {"f", "e", "f2", "f4", "<f2", "<f4"}
_NARROW_TYPES = (np.float32, np.float16, np.complex64)
_NARROW = frozenset(map(np.dtype, _NARROW_TYPES))
# what most names of an answer stand for, and says nothing of how it computes
_SILENT = frozenset({types.ModuleType, types.BuiltinFunctionType, types.NoneType, np.ufunc, bool, int, float, str})


def names_float32(answer: Any) -> bool:
    """Whether an answer, or what it calls of the learner's own, computes with float32: only where it does may its numbers be so coarse."""
    todo: list[Any] = [answer]
    seen: set[int] = set()
    while todo and len(seen) < 1000:
        thing = todo.pop()
        if type(thing) in _SILENT or id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, np.generic | np.ndarray | np.dtype):
            if np.dtype(getattr(thing, "dtype", thing)) in _NARROW:
                return True
            continue
        if isinstance(thing, types.CodeType):
            if _NARROW_NAMES.intersection(thing.co_names) or _NARROW_CODES.intersection(c for c in thing.co_consts if isinstance(c, str)):
                return True
            todo += [constant for constant in thing.co_consts if isinstance(constant, types.CodeType | tuple)]
        elif isinstance(thing, tuple):
            if any(isinstance(item, str) and item in _NARROW_CODES for item in thing):
                return True
        elif isinstance(thing, types.FunctionType):
            names = _all_names(thing.__code__)
            todo += [thing.__code__, *(thing.__globals__[name] for name in names if name in thing.__globals__)]
            todo += [*(thing.__defaults__ or ()), *(_content(cell) for cell in thing.__closure__ or ())]
        elif isinstance(thing, types.MethodType):
            todo.append(thing.__func__)
        elif isinstance(thing, functools.partial):
            todo += [thing.func, *thing.args, *thing.keywords.values()]
        elif isinstance(thing, type):
            if any(thing is narrow for narrow in _NARROW_TYPES):  # a class may say that it equals anything
                return True
            if getattr(thing, "__module__", None) not in ("builtins", "numpy"):
                todo += list(vars(thing).values())
    return False


def _all_names(code: types.CodeType) -> set[str]:
    inner = (constant for constant in code.co_consts if isinstance(constant, types.CodeType))
    return set(code.co_names).union(*(_all_names(constant) for constant in inner))


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # still empty
        return None


def encode_case(args: Sequence[Any]) -> list[Wire]:
    """A case's args as plain data."""
    return [encode(arg) for arg in args]


def run_case(answer: Any, driver: str, case: Inputs, seconds: float) -> Wire:
    """Run an answer on one case, once; the record is as those of `run_exercise`."""
    return _call(answer, driver, case, seconds, {})


def run_exercise(answer: Any, driver: str, wire_cases: Sequence[Sequence[Wire] | Inputs], seconds: float) -> list[Wire]:
    """Run an answer on every case.

    Parameters
    ----------
    answer
        The learner's function or class, or for ``driver="value"`` the learner's value.
    driver
        How to run it: ``"value"``, or a name in `DRIVERS`.
    wire_cases
        For each case its encoded args (`encode_case`), or these read once for many answers. Every call gets fresh copies.
    seconds
        The time that one call may compute (see `time_limit`).

    Returns
    -------
    list of dict
        A record per case: ``returned`` (encoded) with ``mutated`` (positions of changed inputs) and ``undrawn`` (positions of
        generators that nothing was drawn from), or ``raised``, ``too_slow``,
        ``signature``, ``uncallable``. After the first ``too_slow`` no further case is run. The last record
        has ``narrow`` (whether the answer uses float32 on the way) and ``again``: the first case's value from a second call, with the same
        nodes where there are some, to see whether the answer repeats.
    """
    records: list[Wire] = []
    first: dict[int, Node] = {}
    cases = [case if isinstance(case, Inputs) else Inputs(case) for case in wire_cases]
    for case in cases:
        record = _call(answer, driver, case, seconds, {} if records else first)
        records.append(record)
        if "too_slow" in record:
            return records
    if any("returned" in record for record in records) and driver != "value":
        records[-1]["narrow"] = names_float32(answer)
    if records and driver != "value" and "returned" in records[0]:
        again = _call(answer, driver, cases[0], seconds, first)
        records[-1]["again"] = again.get("returned", {"none": True})
    return records
