"""Automatic differentiation: numpy arrays that remember how they were made, so that a program of theirs also runs backwards.

Compute with `Var`s as with arrays; `backward` of a result that is one number gives every Var its gradient. An operation is its
value, and for each operand its VJP: what turns g, the gradient of the result, into that of the operand. Lesson 10 derives each.

>>> x, y = Var(2.0), Var(3.0)
>>> backward((x + y) * x)
>>> print(x.grad, y.grad)
7.0 2.0
"""

import numpy as np


def _value(operand):
    return operand.value if isinstance(operand, Var) else np.asarray(operand, dtype=float)


def _made(by, value, *links):
    """A result with its links (operand, VJP). An operand that is no Var is a constant: nothing goes back to it."""
    kept = [link for link in links if isinstance(link[0], Var)]
    return Var(value, tuple(operand for operand, _ in kept), tuple(vjp for _, vjp in kept), by)


def unbroadcast(g, shape):
    """Sum g over the axes along which broadcasting repeated an array of that shape: the gradients of all its uses add up."""
    if np.shape(g) == shape:
        return g
    g = np.sum(g, axis=tuple(range(np.ndim(g) - len(shape))))
    return np.sum(g, axis=tuple(axis for axis, size in enumerate(shape) if size == 1), keepdims=True)


def _entrywise(by, f, *vjps):
    """An operation y = f(x, …) on entries that broadcast, with a VJP for each operand in terms of g, y and the operands."""

    def operation(*operands):
        xs = [_value(operand) for operand in operands]
        y = f(*xs)
        back = [lambda g, vjp=vjp, x=x: unbroadcast(vjp(g, y, *xs), x.shape) for vjp, x in zip(vjps, xs, strict=True)]
        return _made(by, y, *zip(operands, back, strict=True))

    return operation


add = _entrywise("add", np.add, lambda g, y, a, b: g, lambda g, y, a, b: g)
sub = _entrywise("sub", np.subtract, lambda g, y, a, b: g, lambda g, y, a, b: -g)
mul = _entrywise("mul", np.multiply, lambda g, y, a, b: g * b, lambda g, y, a, b: g * a)
div = _entrywise("div", np.divide, lambda g, y, a, b: g / b, lambda g, y, a, b: -g * y / b)
power = _entrywise("power", np.power, lambda g, y, a, n: g * n * a ** (n - 1), lambda g, y, a, n: g * y * np.log(a))
exp = _entrywise("exp", np.exp, lambda g, y, x: g * y)
log = _entrywise("log", np.log, lambda g, y, x: g / x)
tanh = _entrywise("tanh", np.tanh, lambda g, y, x: g * (1 - y**2))
sigmoid = _entrywise("sigmoid", lambda x: (1 + np.tanh(x / 2)) / 2, lambda g, y, x: g * y * (1 - y))
relu = _entrywise("relu", lambda x: np.maximum(x, 0), lambda g, y, x: g * (x > 0))


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
        self.value, self.grad = np.asarray(value, dtype=float), 0.0
        self.parents, self.vjps, self.made_by = parents, vjps, made_by

    __array_ufunc__ = None  # numpy leaves array + Var to Var
    __add__, __mul__, __radd__, __rmul__ = add, mul, add, mul
    __sub__, __rsub__ = sub, lambda b, a: sub(a, b)
    __truediv__, __rtruediv__ = div, lambda b, a: div(a, b)
    __matmul__, __rmatmul__ = matmul, lambda b, a: matmul(a, b)
    __pow__, __neg__ = power, lambda a: mul(a, -1.0)
    T = property(lambda a: _made("transpose", a.value.T, (a, lambda g: g.T)))

    def __repr__(self):
        return f"Var({self.value}{', made by ' * bool(self.made_by)}{self.made_by})"


def topological_order(root):
    """Every node that root rests on, each once, parents before children, root last."""
    order, seen, todo = [], set(), [(root, False)]
    while todo:
        node, parents_are_in = todo.pop()
        if parents_are_in:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            todo += [(node, True), *((parent, False) for parent in node.parents)]
    return order


def backward(root):
    """Give every node that root rests on its gradient in .grad; what an earlier call left there is forgotten."""
    if np.size(root.value) != 1:
        raise ValueError(f"backward starts from one number, found shape {np.shape(root.value)}: sum it first")
    order = topological_order(root)
    for node in order:
        node.grad = 0.0
    root.grad = np.ones_like(root.value)
    for node in reversed(order):
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            parent.grad = parent.grad + vjp(node.grad)  # not +=: the array may be the gradient of another node too
