"""Small changes of an exercise's reference solution, each of which some case has to refuse."""

from __future__ import annotations

import ast
import copy
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpkit.exercises.judge import Judge
from bpkit.exercises.model import Exercise

_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
}
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


_TOLERANCE = 1e-3  # that somebody adds to a limit


@dataclass(frozen=True)
class Mutants:
    """How many changes of a reference were tried, and those that no case refused."""

    tried: int
    survivors: tuple[str, ...]


def _changes(node: ast.AST) -> Iterator[tuple[str, ast.AST | None]]:
    """What can stand in a node's place, each with its name; None where it goes."""
    match node:
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in _OPERATORS:
            changed = copy.deepcopy(node)
            changed.op = _OPERATORS[type(op)]()
            yield "operator", changed
        case ast.Compare(ops=[op]) if type(op) in _COMPARISONS:
            yield "comparison", ast.Compare(node.left, [_COMPARISONS[type(op)]()], node.comparators)
            if isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
                for far in (_TOLERANCE, -_TOLERANCE):
                    yield "tolerance", ast.Compare(node.left, [op], [ast.BinOp(node.comparators[0], ast.Add(), ast.Constant(far))])
        case ast.UnaryOp(op=ast.USub() | ast.Not()):
            yield "sign", node.operand
        case ast.Attribute(attr="T", ctx=ast.Load()):
            yield "transpose", node.value
        case ast.Constant(value=bool() as value):
            yield "constant", ast.Constant(not value)
        case ast.Constant(value=int() as value):  # an index, an axis, a factor
            yield "constant", ast.Constant(value + 1)
            if value == 1:
                yield "constant", ast.Constant(0)
        case ast.Constant(value=float() as value):
            yield "constant", ast.Constant(2 * value + 1)
        case ast.Return(value=ast.expr() as value):
            yield "sign", ast.Return(ast.UnaryOp(ast.USub(), value))
    match node:
        case ast.AugAssign(target=target, value=value):
            yield "= for +=", ast.Assign([target], value)
            yield "statement dropped", None
        case ast.Assign() | ast.Expr(value=ast.Call()):
            yield "statement dropped", None


class _Replace(ast.NodeTransformer):
    """Puts another node in the place of the one with a number, in the order in which the tree is walked."""

    def __init__(self, old: ast.AST, new: ast.AST | None) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        if node is self.old:
            return ast.Pass() if self.new is None else self.new
        return self.generic_visit(node)


def _source(reference: Any) -> ast.AST | None:
    """The statement that defines a function or class; None where there is none to be read. A lambda is taken out of its call."""
    try:
        text = textwrap.dedent(inspect.getsource(reference))
        if reference.__name__ != "<lambda>":
            return ast.parse(text).body[0]
        call = ast.parse(f"dict({text.strip().rstrip(',')})")
        return ast.Assign([ast.Name("reference", ast.Store())], next(node for node in ast.walk(call) if isinstance(node, ast.Lambda)))
    except (OSError, TypeError, SyntaxError, IndexError, StopIteration):
        return None


def mutants(reference: Any) -> Iterator[tuple[str, Any]]:
    """Changed copies of a function or class, each with the name that says what was changed: line, kind, new line."""
    tree = _source(reference)
    if tree is None:
        return
    namespace = dict(vars(inspect.getmodule(reference) or object()))
    made = "reference" if reference.__name__ == "<lambda>" else reference.__name__
    for place, node in enumerate(list(ast.walk(tree))):
        if place == 0:
            continue
        for kind, new in _changes(node):
            whole = copy.deepcopy(tree)
            old = list(ast.walk(whole))[place]
            changed = ast.fix_missing_locations(_Replace(old, new).visit(whole))
            name = f"{kind}, {ast.unparse(node).splitlines()[0]} → {'nothing' if new is None else ast.unparse(new).splitlines()[0]}"
            scope = dict(namespace)
            exec(compile(ast.Module([changed], []), f"<mutant of {made}>", "exec"), scope)
            yield name, scope[made]


def try_mutants(exercise: Exercise, seed: int = 0) -> Mutants:
    """Judge each mutant of an exercise's reference; those that `Exercise.equivalent` gives a reason for are not tried."""
    judge, survivors, tried = Judge.drawn(exercise, seed), [], 0
    for name, answer in mutants(exercise.reference) if exercise.kind == "function" else ():
        if name in exercise.equivalent:
            continue
        tried += 1
        with np.errstate(all="ignore"):  # what a mutant divides by or takes the root of says nothing about the bank
            passed = judge.passes(judge.run(answer))
        if passed:
            survivors.append(name)
    return Mutants(tried, tuple(survivors))
