"""Lesson 10's exercises: ways of answering that their own mistakes do not cover, right ones and wrong ones."""

from __future__ import annotations

import numpy as np
import pytest
from judged import outcome_of

import bpkit as bp
from bpkit.core import tape
from bpkit.exercises import of_lesson
from bpkit.exercises.judge import Judge
from bpkit.exercises.run import run_exercise

BANK = {exercise.id: exercise for exercise in of_lesson("10")}


# ---- right


class WithClosures:
    """A result keeps a function that pushes, in place of parents and slopes."""

    def __init__(self, value):
        self.value, self.grad, self.push = value, 0, lambda: None

    def __add__(self, other):
        result = WithClosures(self.value + other.value)

        def push():
            self.grad += result.grad
            other.grad += result.grad

        result.push = push
        return result

    def __mul__(self, other):
        result = WithClosures(self.value * other.value)

        def push():
            self.grad = self.grad + other.value * result.grad
            other.grad = other.grad + self.value * result.grad

        result.push = push
        return result


class WithPairs:
    """(parent, slope) in one list; numpy numbers inside."""

    def __init__(self, value, made_from=()):
        self.value, self.made_from, self.grad = np.float64(value), list(made_from), np.zeros(())

    def __add__(self, other):
        return WithPairs(self.value + other.value, [(self, 1), (other, 1)])

    def __mul__(self, other):
        if other is self:
            return WithPairs(self.value**2, [(self, 2 * self.value)])
        return WithPairs(self.value * other.value, [(self, other.value), (other, self.value)])

    def push(self):
        for parent, slope in self.made_from:
            parent.grad = parent.grad + slope * self.grad


def recursive_with_a_set(root):
    order, seen = [], set()

    def visit(node):
        if node in seen:
            return
        seen.add(node)
        for parent in node.parents:
            visit(parent)
        order.append(node)

    visit(root)
    return order


def by_counting_children(root):
    """Kahn's way: from the root, a node when all its children have gone."""
    waiting, todo = {root: 0}, [root]
    while todo:
        for parent in todo.pop().parents:
            if parent not in waiting:
                waiting[parent] = 0
                todo.append(parent)
            waiting[parent] += 1
    order, ready = [], [root]
    while ready:
        node = ready.pop()
        order.insert(0, node)
        for parent in node.parents:
            waiting[parent] -= 1
            if waiting[parent] == 0:
                ready.append(parent)
    return tuple(order)


def matmul_by_loops(A, B, G):
    dA, dB = np.zeros_like(A), np.zeros_like(B)
    for i in range(A.shape[0]):
        for j in range(B.shape[1]):
            for k in range(A.shape[1]):
                dA[i, k] += G[i, j] * B[k, j]
                dB[k, j] += G[i, j] * A[i, k]
    return dA, dB


def unbroadcast_by_loops(G, shape):
    total = np.zeros(shape)
    for place, g in np.ndenumerate(G):
        kept = place[len(place) - len(shape) :]
        total[tuple(0 if size == 1 else i for i, size in zip(kept, shape, strict=True))] += g
    return total


def unbroadcast_axis_by_axis(G, shape):
    if G.shape == shape:
        return G
    while G.ndim > len(shape):
        G = G.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            G = G.sum(axis=axis, keepdims=True)
    return G


def backward_by_children(root):
    """What each node collects from its children, with the gradients kept apart until the end."""
    collected = {node: np.zeros_like(node.value) for node in recursive_with_a_set(root)}
    collected[root] = np.ones_like(root.value)
    for node in by_counting_children(root)[::-1]:
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            collected[parent] = collected[parent] + vjp(collected[node])
    for node, grad in collected.items():
        node.grad = grad


def backward_along_every_path(root):
    """Each path by itself: slow and right."""
    for node in recursive_with_a_set(root):
        node.grad = np.zeros_like(node.value)

    def walk(node, g):
        node.grad = node.grad + g
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            walk(parent, vjp(g))

    walk(root, np.ones((1, 1)))


def backward_in_place_on_own_arrays(root):
    order = bp.topological_order(root)
    for node in order:
        node.grad = np.zeros_like(node.value)
    root.grad += 1.0
    for node in order[::-1]:
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            parent.grad += vjp(node.grad)
    return root


def started_with_a_plain_1(root):
    order = recursive_with_a_set(root)
    for node in order:
        node.grad = 0.0
    root.grad = 1.0
    for node in reversed(order):
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            parent.grad = parent.grad + vjp(node.grad)


def log_sum_exp_by_loops(z, g):
    columns = []
    for x in range(z.shape[1]):
        e = np.exp(z[:, x] - max(z[:, x]))
        columns.append(g[0, x] * e / sum(e))
    return np.array(columns).T


RIGHT_WAYS = {
    "10.1": [WithClosures, WithPairs],
    "10.2": [recursive_with_a_set, by_counting_children, bp.topological_order, lambda root: iter(recursive_with_a_set(root))],
    "10.3": [
        matmul_by_loops,
        lambda A, B, G: [np.einsum("ij,kj->ik", G, B), np.einsum("ik,ij->kj", A, G)],
        lambda A, B, G: ((B @ G.T).T, (G.T @ A).T),
    ],
    "10.4": [unbroadcast_by_loops, unbroadcast_axis_by_axis, tape.unbroadcast],
    "10.5": [
        lambda z, G: np.where(z > 0, G, 0),
        lambda z, G: G * (np.maximum(z, 0) > 0),
        lambda z, G: bp.relu.vjp(z, bp.relu(z), G),
        lambda z, G: [[g if x > 0 else 0 for x, g in zip(xs, gs, strict=True)] for xs, gs in zip(z, G, strict=True)],
    ],
    "10.6": [backward_by_children, backward_along_every_path, backward_in_place_on_own_arrays, started_with_a_plain_1, tape.backward],
    "10.7": [
        log_sum_exp_by_loops,
        lambda z, g: g * bp.softmax(z),
        lambda z, g: g / np.sum(np.exp(z[None, :, :] - z[:, None, :]).clip(max=1e300), axis=1),
    ],
}


@pytest.mark.parametrize(("exercise_id", "answer"), [(i, way) for i, ways in RIGHT_WAYS.items() for way in ways])
@pytest.mark.filterwarnings("ignore:overflow")
def test_other_right_ways_pass_without_notes(exercise_id, answer):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.notes) == ("right", ()), outcome.message


FLOAT32 = {
    "10.3": lambda A, B, G: matmul_by_loops(*(part.astype(np.float32) for part in (A, B, G))),
    "10.4": lambda G, shape: unbroadcast_axis_by_axis(G.astype(np.float32), shape),
    "10.5": lambda z, G: np.where(z > 0, G, 0).astype(np.float32),
    "10.7": lambda z, g: log_sum_exp_by_loops(z.astype(np.float32), g.astype(np.float32)),
}


@pytest.mark.parametrize("exercise_id", FLOAT32)
def test_float32_is_told_not_failed(exercise_id):
    outcome = outcome_of(exercise_id, FLOAT32[exercise_id])
    # a sum of nothing is rounded once, and that may leave an entry as it was
    assert outcome.passed and "float32" in outcome.notes[0]


# ---- wrong in ways that the bank does not list, or written otherwise than the bank writes them


def closures(push_add=None, push_mul=None):
    class Var(WithClosures):
        def __add__(self, other):
            return self._made(self.value + other.value, other, push_add or (lambda a, b, g: (a + g, b + g)), 1, 1)

        def __mul__(self, other):
            rule = push_mul or (lambda a, b, g: (a + other.value * g, b + self.value * g))
            return self._made(self.value * other.value, other, rule, other.value, self.value)

        def _made(self, value, other, rule, *_):
            result = Var(value)

            def push():
                self.grad, other.grad = rule(self.grad, other.grad, result.grad)

            result.push = push
            return result

    return Var


class AddsItself(WithPairs):
    def __add__(self, other):
        return AddsItself(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return self.value * other.value


class NoValue:
    def __init__(self, value):
        self.values, self.grad = value, 0.0

    def __add__(self, other):
        return NoValue(self.values + other.values)

    __mul__ = __add__

    def push(self):
        pass


class Slips(WithPairs):
    """Two mistakes: the slopes are left out, and a name is mistyped in one method."""

    def __add__(self, other):
        return Slips(self.value + other.number, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return Slips(self.value * other.value, [(self, 1.0), (other, 1.0)])


class Unfinished(WithPairs):
    def __mul__(self, other):
        return ...


def numbers(root):
    return [node.value for node in recursive_with_a_set(root)]


def parents_alone(root):
    return [*root.parents, root]


def told_apart_by_value(root):
    order = []

    def visit(node):
        if not any(np.array_equal(node.value, other.value) for other in order):
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(root)
    return order


def level_by_level(root):
    order, level = [], [root]
    while level:
        order += dict.fromkeys(node for node in level if node not in order)
        level = [parent for node in level for parent in node.parents]
    return order[::-1]


def level_by_level_with_repeats(root):
    order, level = [], [root]
    while level:
        order += [node for node in level if node not in order]
        level = [parent for node in level for parent in node.parents]
    return order[::-1]


def never_ends(root):
    order = []
    while order is not None:
        pass


def seeded(seed):
    def answer(root):
        backward_in_place_on_own_arrays(root)
        for node in recursive_with_a_set(root):
            node.grad = seed * node.grad

    return answer


def one_for_all(root):
    for node in recursive_with_a_set(root):
        node.grad = 1.0


def only_the_inputs_get_one(root):
    kept = {node: node.grad for node in recursive_with_a_set(root)}
    backward_in_place_on_own_arrays(root)
    for node in kept:
        if node.parents:
            node.grad = kept[node]


def returns_them(root):
    return [np.zeros_like(node.value) for node in recursive_with_a_set(root)]


def shifted_by_rows(z, g):
    e = np.exp(z - z.max(axis=1)[:, None])
    return g * e / sum(e)


def two_axes_in_front_at_most(G, shape):
    for _ in range(min(2, G.ndim - len(shape))):
        G = G.sum(axis=0)
    return G.sum(axis=tuple(axis for axis, n in enumerate(shape) if n == 1), keepdims=True)


def mean_along_the_stretched_axes(G, shape):
    while G.ndim > len(shape):
        G = G.sum(axis=0)
    for axis, n in enumerate(shape):
        G = G.mean(axis=axis, keepdims=True) if n == 1 else G
    return G


BEYOND_THE_BANK = [
    (
        "10.1",
        closures(push_add=lambda a, b, g: (g, g), push_mul=lambda a, b, g: (g, g)),
        "wrong",
        "= for +=; slopes of a product 1",
        "Two slips at once",
    ),
    ("10.1", closures(push_mul=lambda a, b, g: (a + g, b + g)), "wrong", "x·x counted once; slopes of a product 1", "Two slips at once"),
    ("10.1", AddsItself, "wrong", "raised", "a * b is float64, expected a AddsItself"),
    ("10.1", NoValue, "wrong", "raised", "no attribute 'value'"),
    ("10.1", Slips, "wrong", "raised", "other.number"),
    ("10.1", Unfinished, "not attempted", None, "A method of Var still returns `...`"),
    ("10.1", WithClosures(2.0), "wrong", "not a function", "expected a class. Give the class itself"),
    ("10.2", told_apart_by_value, "wrong", None, "misses v"),
    ("10.2", level_by_level, "wrong", "parents after children", "long way and a short way"),
    ("10.2", level_by_level_with_repeats, "wrong", None, "stands"),
    ("10.2", lambda root: recursive_with_a_set(root)[::-1], "wrong", "back to front", "root last"),
    ("10.2", parents_alone, "wrong", None, "misses v"),
    ("10.2", numbers, "wrong", None, "the nodes themselves"),
    ("10.2", lambda root: None, "wrong", None, "the nodes themselves"),
    ("10.2", lambda root: [*recursive_with_a_set(root), "w"], "wrong", None, "'w', which is not a node"),
    ("10.2", lambda root: set(recursive_with_a_set(root)), "wrong", None, "the nodes themselves"),
    ("10.3", lambda A, B, G: -np.array([1.0]) * matmul_by_loops(A, B, G)[0], "wrong", "shape", "expected a list of 2 items"),
    ("10.3", lambda A, B, G: [4 * part for part in matmul_by_loops(A, B, G)], "wrong", None, "4 ×"),
    ("10.3", lambda A, B, G: [matmul_by_loops(A, B, G)[0], -matmul_by_loops(A, B, G)[1]], "wrong", None, "the gradient of A is right"),
    ("10.3", lambda A, B, G: (G * B.T, A.T * G), "wrong", None, "the gradient of A is not right"),
    ("10.3", lambda A, B, G: (G @ B, G.T @ A), "wrong", "gradient of A untransposed; gradient of B transposed", "Two slips at once"),
    ("10.3", lambda A, B, G: (A @ G, G @ B), "wrong", "swapped and untransposed", "made from B"),
    ("10.3", lambda A, B, G: (G @ B.T, A.T @ G.T[::-1].T), "wrong", None, "the gradient of A is right"),
    ("10.4", lambda G, shape: G.reshape(shape), "wrong", "raised", "cannot reshape"),
    ("10.4", lambda G, shape: G.sum(axis=1, keepdims=True), "wrong", "shape", "it has shape (3, 1), expected shape (3, 3)"),
    ("10.4", lambda G, shape: 2 * unbroadcast_by_loops(G, shape), "wrong", None, "2 ×"),
    ("10.4", lambda G, shape: unbroadcast_by_loops(G, shape).tolist() and None, "wrong", "returned None", "`return`"),
    ("10.5", lambda z, G: np.where(z > 0, 1, 0.01) * G, "wrong", "leaky", "a hundredth"),
    ("10.5", lambda z, G: np.where(z > 0, 1, 0.2) * G, "wrong", None, "is not right"),
    ("10.5", lambda z, G: 1.0 * (z >= 0), "wrong", "passes at 0; G left out", "Two slips at once"),
    ("10.5", lambda z, G: bp.relu.prime(z), "wrong", "G left out", ""),
    ("10.5", lambda z, G: G[z > 0], "wrong", "shape", "expected shape"),
    ("10.5", lambda z, G: np.multiply(G, z > 0, out=G), "wrong", "input mutated", "changes G"),
    ("10.6", seeded(2.0), "wrong", None, "2 ×"),
    ("10.6", seeded(-1.0), "wrong", None, "-1 ×"),
    ("10.6", one_for_all, "wrong", "shape", "v0.grad"),
    ("10.6", only_the_inputs_get_one, "wrong", "shape", "a single number"),
    ("10.6", returns_them, "wrong", "shape", "v0.grad"),
    ("10.6", lambda: None, "wrong", "wrong arguments", "(root)"),
    ("10.3", lambda A, B, G: (G @ np.linalg.pinv(B), A.T @ G), "wrong", "gradient of A through a pseudo-inverse", "undo the product"),
    ("10.3", lambda A, B, G: (G @ B.T, A.T @ (A @ B)), "wrong", "the product for G in B's gradient", "where G belongs"),
    ("10.3", lambda A, B, G: (G @ B.T, A.T @ (A @ B - G)), "wrong", None, "the gradient of B is not right"),
    ("10.4", mean_along_the_stretched_axes, "wrong", "mean along the stretched axes", "those that it stretched you average"),
    ("10.5", lambda z, G: G * (z > z.mean()), "wrong", "above the mean for above 0", "whatever the others are"),
    ("10.5", lambda z, G: G * (z > 1e-4), "wrong", "a tolerance above 0", "compare with 0 itself"),
    ("10.5", lambda z, G: G * ((z > 0) & (z < 1)), "wrong", "cut off above 1", "no upper limit"),
    ("10.5", lambda z, G: G * ((z > 0) & (z < 6)), "wrong", "cut off where z is large", "no upper limit"),
    ("10.5", lambda z, G: G * (z > np.median(z)), "wrong", None, "is not right"),
    ("10.5", lambda z, G: G * (z > 0) * (np.abs(G) > 0.1), "wrong", None, "is not right"),
    ("10.4", two_axes_in_front_at_most, "wrong", "shape", "(2, 2, 3, 3)"),
    ("10.7", lambda z, g: -2 * g * bp.softmax(z), "wrong", None, "-2 ×"),
    ("10.7", lambda z, g: (g * bp.softmax(z)).T, "wrong", None, "transpose"),
    ("10.7", lambda z, g: g * bp.softmax(z) / 4, "wrong", None, "1/4 ×"),
    ("10.7", lambda z, g: g[0] * bp.softmax(z)[0], "wrong", "shape", "expected shape"),
    ("10.7", shifted_by_rows, "wrong", "shift along the rows", "largest entry of each row"),
]


@pytest.mark.parametrize(("exercise_id", "answer", "status", "mistake", "words"), BEYOND_THE_BANK)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_answers_beyond_the_bank_are_refused_with_a_message_that_helps(exercise_id, answer, status, mistake, words):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == (status, mistake), outcome.message
    assert words in outcome.message


def test_mistakes_written_otherwise_are_still_named():
    overwrites = closures(push_add=lambda a, b, g: (g, g), push_mul=None)
    assert "the gradient is not right" in outcome_of("10.1", overwrites).message

    def keeps(root):
        for node in reversed(bp.topological_order(root)):
            node.grad = node.grad + (1.0 if node is root else 0.0)
            for parent, vjp in zip(node.parents, node.vjps, strict=True):
                parent.grad = parent.grad + vjp(node.grad)

    assert outcome_of("10.6", keeps).mistake == "the root's own gradient kept too"


# ---- graphs: what an answer changes, what stays from call to call, and the order that it takes


def with_a_default(root, seen=set()):  # noqa: B006 - a learner's slip
    if root in seen:
        return []
    seen.add(root)
    return [node for parent in root.parents for node in with_a_default(parent)] + [root]


def marked(root):
    if getattr(root, "seen", False):
        return []
    root.seen = True
    return [node for parent in root.parents for node in marked(parent)] + [root]


def marked_and_unmarked(root):
    order = marked(root)
    for node in order:
        del node.seen
    return order


def marked_anew_each_time(root):
    mark = object()

    def visit(node):
        if getattr(node, "mark", None) is mark:
            return []
        node.mark = mark
        return [other for parent in node.parents for other in visit(parent)] + [node]

    return visit(root)


def empties_parents(root):
    order = []

    def visit(node):
        while node.parents:
            visit(node.parents.pop())
        if node not in order:
            order.append(node)

    visit(root)
    return order


def gradients_as_marks(root):
    order = by_counting_children(root)
    for node in order:
        node.grad = "seen"
    return order


def push_all(order, root, push):
    for node in recursive_with_a_set(root):
        node.grad = np.zeros_like(node.value)
    root.grad = np.ones_like(root.value)
    for node in order:
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            push(node, parent, vjp)


def adds(node, parent, vjp):
    parent.grad = parent.grad + vjp(node.grad)


def overwrites(node, parent, vjp):
    parent.grad = vjp(node.grad)


def first_comes_first(node, parent, vjp):
    if not parent.grad.any():
        parent.grad = vjp(node.grad)


def by_index(node, parent, vjp):
    parent.grad = parent.grad + node.vjps[node.parents.index(parent)](node.grad)


def halves(node, parent, vjp):
    parent.grad = (parent.grad + vjp(node.grad)) / 2


def breadth_first(root):
    order = [root]
    for node in order:
        order += [parent for parent in dict.fromkeys(node.parents) if parent not in order]
    return order


def depth_first_from_the_root(root):
    order, todo = [], [root]
    while todo:
        node = todo.pop()
        if node not in order:
            order.append(node)
            todo += node.parents
    return order


def backwards(root):
    return by_counting_children(root)[::-1]


def back_with_marks(root):
    push_all(marked(root)[::-1], root, adds)


def back_emptying_parents(root):
    for node in recursive_with_a_set(root):
        node.grad = np.zeros_like(node.value)
    root.grad = np.ones_like(root.value)
    for node in backwards(root):
        while node.parents:
            adds(node, node.parents.pop(), node.vjps.pop())


def back_counting_on_the_nodes(root):
    nodes = recursive_with_a_set(root)
    for node in nodes:
        node.grad, node.waiting = np.zeros_like(node.value), 0
    for node in nodes:
        for parent in node.parents:
            parent.waiting += 1
    root.grad, ready = np.ones_like(root.value), [root]
    while ready:
        node = ready.pop()
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            adds(node, parent, vjp)
            parent.waiting -= 1
            ready += [parent] * (parent.waiting == 0)


def back_with_a_stack(root):
    for node in recursive_with_a_set(root):
        node.grad = np.zeros_like(node.value)
    root.grad, todo = np.ones_like(root.value), [root]
    while todo:
        node = todo.pop()
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            adds(node, parent, vjp)
            todo.append(parent)


def in_order(order, push):
    return lambda root: push_all(order(root), root, push)


@pytest.mark.parametrize(
    ("exercise_id", "answer", "status", "mistake"),
    [
        ("10.2", with_a_default, "wrong", "not repeatable"),
        ("10.2", marked, "wrong", "not repeatable"),
        ("10.2", marked_and_unmarked, "right", None),
        ("10.2", marked_anew_each_time, "right", None),
        ("10.2", empties_parents, "wrong", "input mutated"),
        ("10.2", gradients_as_marks, "wrong", "input mutated"),
        ("10.2", lambda root: [node.name for node in by_counting_children(root)], "wrong", None),
        ("10.6", back_with_marks, "wrong", "not repeatable"),
        ("10.6", back_emptying_parents, "wrong", "input mutated"),
        ("10.6", back_counting_on_the_nodes, "right", None),
        ("10.6", in_order(backwards, adds), "right", None),
        ("10.6", in_order(lambda root: recursive_with_a_set(root)[::-1], overwrites), "wrong", "= for +="),
        ("10.6", in_order(backwards, overwrites), "wrong", "= for +="),
        ("10.6", in_order(backwards, first_comes_first), "wrong", "only the first to arrive"),
        ("10.6", in_order(breadth_first, adds), "wrong", "late arrivals not passed on"),
        ("10.6", in_order(depth_first_from_the_root, adds), "wrong", "late arrivals not passed on"),
        ("10.6", back_with_a_stack, "wrong", "pushed before complete"),
        ("10.6", in_order(backwards, by_index), "wrong", "the same VJP for both uses"),
        ("10.6", in_order(backwards, halves), "wrong", None),
        ("10.6", in_order(breadth_first, overwrites), "wrong", None),
    ],
)
def test_graphs_are_watched_and_causes_named_in_any_order(exercise_id, answer, status, mistake):
    with_a_default.__defaults__[0].clear()
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == (status, mistake), outcome.message


def test_only_what_the_mistake_is_visits_twice():
    every_way = next(m.answer for m in BANK["10.2"].mistakes if m.name == "visits twice")
    assert outcome_of("10.2", every_way).mistake == "visits twice"
    once_more = outcome_of("10.2", lambda root: [*recursive_with_a_set(root), root])
    assert once_more.mistake is None and "2 times" in once_more.message


@pytest.mark.parametrize(
    ("shift", "mistake"),
    [
        (lambda z: z.max(axis=0), None),
        (lambda z: z.max(axis=0) - 1, None),
        (lambda z: np.median(z, axis=0), "wrong"),
        (lambda z: z.mean(axis=0), "shift by the column's mean"),
        (lambda z: z.min(axis=0), "shift by the column's smallest entry"),
        (lambda z: z.max(), "one shift for all columns"),
        (lambda z: z.mean(), "one shift for all columns, their mean"),
        (lambda z: z.min(), "one shift for all columns, their smallest entry"),
        (lambda z: z.max() if abs(z).max() > 500 else 0.0, "one shift for all columns"),
        (lambda z: np.where(z.max() > 500, z.max(axis=0), 0.0), None),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_every_shift_that_overflows_somewhere_is_refused(shift, mistake):
    outcome = outcome_of("10.7", lambda z, g: g * np.exp(z - shift(z)) / np.exp(z - shift(z)).sum(axis=0))
    assert outcome.passed == (mistake is None)
    assert outcome.mistake == mistake or mistake == "wrong", outcome.message


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (lambda G, shape: unbroadcast_by_loops(G, shape), None),
        (lambda G, shape: np.sum(G, axis=tuple(k for k in range(-G.ndim, 0) if k < -len(shape) or shape[k] == 1)).reshape(shape), None),
        (lambda G, shape: (G.sum(axis=0) if G.ndim > len(shape) else G).sum(axis=tuple(k for k, n in enumerate(shape) if n == 1), keepdims=True), 1),
        (lambda G, shape: unbroadcast_by_loops(G, shape) if shape.count(1) < 2 else G.sum(axis=shape.index(1), keepdims=True), 2),
    ],
)
def test_several_axes_at_once_are_asked_for(answer, mistake):
    outcome = outcome_of("10.4", answer)
    assert outcome.passed == (mistake is None)
    assert mistake != 1 or outcome.mistake == "one leading axis only"


def test_a_loop_that_never_ends_is_stopped():
    judge = Judge.drawn(BANK["10.2"], 3)
    records = run_exercise(never_ends, "call", judge.wire_cases, 0.05)
    assert judge(records).mistake == "too slow"


def _class_with_slopes(slopes):
    class Number:
        def __init__(self, value, parents=(), slopes=()):
            self.value, self.parents, self.slopes, self.grad = value, parents, slopes, 0.0

        def __add__(self, other):
            return type(self)(self.value + other.value, (self, other), (1.0, 1.0))

        def __mul__(self, other):
            return type(self)(self.value * other.value, (self, other), slopes(self.value, other.value))

        def push(self):
            for parent, slope in zip(self.parents, self.slopes, strict=True):
                parent.grad += slope * self.grad

    return Number


def _pass(to_parent):
    def backward(root):
        order = bp.topological_order(root)
        for node in order:
            node.grad = np.zeros_like(node.value)
        root.grad = np.ones_like(root.value)
        for node in reversed(order):
            for k, (parent, vjp) in enumerate(zip(node.parents, node.vjps, strict=True)):
                parent.grad = parent.grad + to_parent(node, k) * vjp(node.grad)

    return backward


def _shares_less(off):
    return lambda z, g: g * (np.exp(z - z.max(axis=0)) / np.exp(z - z.max(axis=0)).sum(axis=0) - off(z))


def _from_the_left(G, shape):
    padded = tuple(shape) + (1,) * (G.ndim - len(shape))
    return np.resize(G.sum(axis=tuple(k for k, n in enumerate(padded) if n == 1)), tuple(shape))


def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


NAMED_AND_NEAR = [
    ("10.1", _class_with_slopes(lambda a, b: tuple(a * b / v if v else 0.0 for v in (a, b))), "slopes by division"),
    ("10.1", _class_with_slopes(lambda a, b: (b, a)), "right"),
    ("10.1", _class_with_slopes(lambda a, b: tuple(a * b / v if v > 0 else 0.0 for v in (a, b))), None),
    ("10.3", lambda A, B, G: ((A := G @ B.T), A.T @ G), "A overwritten by its gradient"),
    ("10.3", lambda A, B, G: ((B := A.T @ G) is None or G @ B.T, B), "B overwritten by its gradient"),
    ("10.3", lambda A, B, G: (G @ B.T, (A + G @ B.T).T @ G), None),
    ("10.4", lambda G, shape: G.reshape((*shape, -1)).sum(axis=-1), "copies taken to lie side by side"),
    ("10.4", lambda G, shape: np.moveaxis(G.reshape((-1, *shape)), 0, -1).sum(axis=-1), None),
    ("10.4", _from_the_left, "shapes lined up from the left"),
    ("10.4", lambda G, shape: -_from_the_left(G, shape), None),
    ("10.6", _pass(lambda node, k: 1 / len(node.parents)), "shared out among the parents"),
    ("10.6", _pass(lambda node, k: 1 / (k + 1)), None),
    ("10.7", _shares_less(lambda z: z == z.max(axis=0)), "1 taken off at the largest entry"),
    ("10.7", _shares_less(lambda z: z == z.min(axis=0)), None),
    ("10.5", lambda z, G: G * np.minimum(np.maximum(z, 0), 1), "z for the slope, up to 1"),
    ("10.5", lambda z, G: G * np.clip(z, 0, 0.5), None),
    ("10.7", lambda z, g: g - g * softmax(z), "1 less the softmax"),
    ("10.7", lambda z, g: g * (2 - softmax(z)), None),
]


@pytest.mark.parametrize(("exercise_id", "answer", "mistake"), NAMED_AND_NEAR)
def test_odd_ways_back_are_named_and_what_is_near_them_is_not(exercise_id, answer, mistake):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.passed or outcome.mistake) == (True if mistake == "right" else mistake), outcome.message


def test_the_first_copy_taken_as_often_as_there_are_is_told_and_the_last_is_not_called_it():
    def one_copy(place):
        def answer(G, shape):
            copies = G.size // int(np.prod(tuple(shape)))
            while G.ndim > len(shape):
                G = G[place]
            for axis, n in enumerate(shape):
                G = np.take(G, [place], axis=axis) if n == 1 else G
            return G * copies

        return answer

    assert outcome_of("10.4", one_copy(0)).mistake == "first copy as often as there are"
    assert outcome_of("10.4", one_copy(-1)).mistake is None


def test_an_axis_in_front_goes_even_where_it_has_size_1():
    def unbroadcast(stop):
        def answer(G, shape):
            while G.ndim > len(shape) and not stop(G, shape):
                G = G.sum(axis=0)
            return G if G.size == np.prod(shape) else G.sum(axis=tuple(k for k, n in enumerate(shape) if n == 1), keepdims=True)

        return answer

    assert outcome_of("10.4", unbroadcast(lambda G, shape: G.size == np.prod(shape))).status == "wrong"
    assert outcome_of("10.4", unbroadcast(lambda G, shape: False)).status == "right"


def test_one_row_is_not_the_largest_of_every_column():
    def vjp(largest):
        def answer(z, g):
            with np.errstate(over="ignore", invalid="ignore"):
                e = np.exp(z - largest(z))
                return g * e / e.sum(axis=0)

        return answer

    wrong = (lambda z: z[0], lambda z: z[1], lambda z: z[-1], lambda z: np.maximum(z[0], z[-1]))
    assert [outcome_of("10.7", vjp(largest)).status for largest in wrong] == ["wrong"] * len(wrong)
    assert outcome_of("10.7", vjp(lambda z: z.max(axis=0))).status == "right"


def test_parents_told_apart_by_their_values_are_wrong_where_two_are_equal():
    def var(told_apart):
        class Var(_class_with_slopes(lambda a, b: (b, a))):
            def push(self):
                named = {told_apart(parent): parent for parent in self.parents}
                for parent, slope in zip(self.parents, self.slopes, strict=True):
                    named[told_apart(parent)].grad += slope * self.grad

        return Var

    assert [outcome_of("10.1", var(key)).status for key in (lambda parent: parent.value, id)] == ["wrong", "right"]
