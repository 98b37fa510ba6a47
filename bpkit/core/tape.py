"""Automatic differentiation: numpy arrays that remember how they were made, so that a program of theirs also runs backwards.

Compute with `Var`s as with arrays; `backward` of a result that is one number gives every Var its gradient. An operation is its
value, and for each operand its VJP: what turns g, the gradient of the result, into that of the operand. Lesson 10 derives each.

>>> x, y = Var(2.0), Var(3.0)
>>> backward((x + y) * x)
>>> print(x.grad, y.grad)
7.0 2.0
"""

import operator
from functools import partial

import numpy as np
from numpy import float64


def _value(operand):
    """An array of floats; a single number as numpy's own float, with which numpy computes faster than with an array of one number."""
    return operand.value if isinstance(operand, Var) else operand if type(operand) is float64 else np.asarray(operand, dtype=float)[()]


def _made(by, value, *links):
    """A result with its links (operand, VJP). An operand that is no Var is a constant: nothing goes back to it."""
    kept = [link for link in links if isinstance(link[0], Var)]
    return Var(value, tuple(operand for operand, _ in kept), tuple(vjp for _, vjp in kept), by)


def unbroadcast(g, shape):
    """Sum g over the axes along which broadcasting repeated an array of that shape: the gradients of all its uses add up."""
    if getattr(g, "shape", ()) == shape:
        return g
    g = np.sum(g, axis=tuple(range(np.ndim(g) - len(shape))))
    return np.sum(g, axis=tuple(axis for axis, size in enumerate(shape) if size == 1), keepdims=True)


def _entrywise(by, f, first, second=None):
    """An operation y = f(x, …) on entries that broadcast, with a VJP for each operand in terms of y, the operands and g."""

    def one(a):
        y = f(x := a.value if type(a) is Var else _value(a))
        return Var(y, (a,), (partial(first, y, x),), by) if isinstance(a, Var) else Var(y, made_by=by)

    def two(a, b):
        both = type(a) is type(b) is Var
        y = f(x := a.value if both else _value(a), w := b.value if both else _value(b))
        if both and type(y) is float64:  # two numbers: quickly, for they are many, and nothing was repeated
            return Var(y, (a, b), (partial(first, y, x, w), partial(second, y, x, w)), by)
        return _made(by, y, (a, lambda g: unbroadcast(first(y, x, w, g), x.shape)), (b, lambda g: unbroadcast(second(y, x, w, g), w.shape)))

    return two if second else one


add = _entrywise("add", operator.add, lambda y, a, b, g: g, lambda y, a, b, g: g)
sub = _entrywise("sub", operator.sub, lambda y, a, b, g: g, lambda y, a, b, g: -g)
mul = _entrywise("mul", operator.mul, lambda y, a, b, g: g * b, lambda y, a, b, g: g * a)
div = _entrywise("div", operator.truediv, lambda y, a, b, g: g / b, lambda y, a, b, g: -g * y / b)
# x⁰ has slope 0 at 0 too, and so has 0ⁿ at every n > 0
power = _entrywise("power", np.power, lambda y, a, n, g: g * n * a ** (n - (n != 0)), lambda y, a, n, g: g * y * np.log(a + (a == 0)))
exp = _entrywise("exp", np.exp, lambda y, x, g: g * y)
log = _entrywise("log", np.log, lambda y, x, g: g / x)
tanh = _entrywise("tanh", np.tanh, lambda y, x, g: g * (1.0 - y * y))
sigmoid = _entrywise("sigmoid", lambda x: (1 + np.tanh(x / 2)) / 2, lambda y, x, g: g * y * (1 - y))
relu = _entrywise("relu", lambda x: np.maximum(x, 0.0), lambda y, x, g: g * (x > 0))


def matmul(a, b):
    A, B = _value(a), _value(b)
    if A.ndim != 2 or B.ndim != 2:
        raise ValueError(f"matmul takes two matrices, found shapes {A.shape} and {B.shape}")
    return _made("matmul", A @ B, (a, lambda g: g @ B.T), (b, lambda g: A.T @ g))


def sum(a, axis=None):
    """Of all entries, or down the columns (axis 0), along the rows (axis 1); a summed axis stays, with size 1."""
    x = _value(a)
    return _made("sum", np.sum(x, axis, keepdims=axis is not None), (a, lambda g: np.broadcast_to(g, x.shape)))


def log_sum_exp(a):
    """log Σ exp(x) down each column; shifted by the column's largest entry, so that nothing overflows."""
    x, top = _value(a), _value(a).max(axis=0, keepdims=True)
    y = top + np.log(np.exp(x - top).sum(axis=0, keepdims=True))
    return _made("log_sum_exp", y, (a, lambda g: g * np.exp(x - y)))


class Var:
    """An array, the Vars that it was made from, how a gradient goes back to each of them, and the gradient that has arrived."""

    def __init__(self, value, parents=(), vjps=(), made_by=""):
        self.value, self.grad = value if type(value) is float64 else _value(value), 0.0
        self.parents, self.vjps, self.made_by = parents, vjps, made_by

    __slots__, __array_ufunc__ = ("__dict__", "__weakref__", "grad", "made_by", "parents", "value", "vjps"), None  # numpy leaves array + Var to Var
    __add__, __mul__, __radd__, __rmul__ = add, mul, add, mul
    __sub__, __rsub__, __truediv__, __rtruediv__ = sub, lambda b, a: sub(a, b), div, lambda b, a: div(a, b)
    __matmul__, __rmatmul__ = matmul, lambda b, a: matmul(a, b)
    __pow__, __rpow__, __neg__ = power, lambda n, a: power(a, n), lambda a: mul(a, -1.0)
    T = property(lambda a: _made("transpose", a.value.T, (a, lambda g: g.T)))

    def __repr__(self):
        return f"Var({self.value}{', made by ' * bool(self.made_by)}{self.made_by})"


def topological_order(root):
    """Every node that root rests on, each once, parents before children, root last."""
    order, seen, todo = [], set(), [root]
    while todo:
        if (node := todo.pop()) is None:  # the parents of the node below are in
            order.append(todo.pop())
        elif node not in seen:
            seen.add(node)
            todo += (node, None, *node.parents)
    return order


def backward(root):
    """Give every node that root rests on its gradient in .grad; what an earlier call left there is forgotten."""
    if np.size(root.value) != 1:
        raise ValueError(f"backward starts from one number, found shape {np.shape(root.value)}: sum it first")
    for node in (order := topological_order(root)):
        node.grad = 0.0
    root.grad = np.ones_like(root.value)[()]
    for node in reversed(order):
        if len(node.parents) != len(node.vjps):
            raise ValueError(f"{node} has {len(node.parents)} parents, expected as many VJPs, found {len(node.vjps)}")
        for parent, vjp in zip(node.parents, node.vjps):  # noqa: B905 - counted above: a strict zip is felt with single numbers
            parent.grad = parent.grad + vjp(node.grad)  # not +=: the array may be the gradient of another node too
