"""What lesson 08 says in words and numbers is what comes out, with the learner's own parts and with another seed."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest
from course_sources import source_of

import bpkit as bp
from bpkit.exercises import registry

SOURCE = source_of(Path(__file__).resolve().parent.parent / "solutions" / "08_training.py")
TEXT = "\n\n".join(cell.text for cell in SOURCE.cells if cell.kind == "markdown")
EYE = np.eye(10)


def defined(*names):
    """The functions of those names as the solved lesson defines them, and nothing of bpkit."""
    room = {"np": np}
    for cell in SOURCE.cells:
        for node in ast.parse(cell.solved()).body if cell.kind == "code" else ():
            if isinstance(node, ast.FunctionDef) and node.name in names:
                exec(compile(ast.Module([node], []), SOURCE.place(cell), "exec"), room)
    return [room[name] for name in names]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_the_learners_own_code_reads_97_percent_of_the_held_back_fifth(seed):
    """Every part as the lesson has it: labels, first weights, gradients, training; numpy alone."""
    one_hot, init_weights, fit, outputs, _ = defined("one_hot", "init_weights", "fit", "outputs", "gradients")
    split, rng, sizes = bp.data.digits(), np.random.default_rng(seed), [64, 100, 10]
    mean = split.train.x.mean(axis=1, keepdims=True)
    sets = [(part.x - mean, one_hot(part.labels, 10)) for part in (split.train, split.test)]
    W, b, costs = fit(rng, init_weights(rng, sizes), [None, *(np.zeros((n, 1)) for n in sizes[1:])], *sets, 0.2, 20, 10)
    said = outputs(W, b, sets[1][0])[-1].argmax(axis=0)
    assert np.mean(said == split.test.labels) >= 0.97
    assert len(costs) == 20 and costs[-1] < 0.15


def test_the_two_parts_that_the_lesson_gives_are_right():
    outputs, gradients = defined("outputs", "gradients")
    rng = np.random.default_rng(4)
    net = bp.init([6, 5, 5, 3], activation=bp.relu, output=bp.softmax, cost=bp.cross_entropy, rng=rng)
    x, y = rng.normal(size=(6, 7)), np.eye(3)[:, rng.integers(0, 3, size=7)]
    cache = bp.forward(net, x)
    grads = bp.backward(net, cache, y)
    dW, db = gradients(list(net.W), list(net.b), x, y)
    for l in (1, 2, 3):
        np.testing.assert_allclose(outputs(net.W, net.b, x)[l], cache.a[l], rtol=1e-12)
        np.testing.assert_allclose(dW[l], grads.W[l], rtol=1e-10, atol=1e-15)
        np.testing.assert_allclose(db[l], grads.b[l], rtol=1e-10, atol=1e-15)


def test_the_given_parts_and_the_stub_run_in_the_cells_that_show_the_learners_own_code():
    """The two cells cope with a fit that was not written, raises, or returns nonsense."""
    (cells,) = [[cell for cell in SOURCE.cells if "your_result" in cell.text and cell.kind == "code"]]
    outputs, _ = defined("outputs", "gradients")
    split = bp.data.digits()
    for fit, told in ((lambda *args: ..., "still returns"), (lambda *args: 1 / 0, "division by zero"), (lambda *args: 5, "does not run through")):
        said = []
        room = {"np": np, "pool": split.train, "test": split.test, "eye": EYE, "outputs": outputs, "fit": fit, "print": said.append}
        for cell in cells:
            exec(cell.text, room)
        assert told in said[0]


def mnist_cell():
    (cell,) = [cell for cell in SOURCE.cells if cell.kind == "code" and "bp.data.mnist" in cell.text]
    assert "nbval-ignore-output" in cell.tags
    return cell


class Scaled:
    """bpkit, but with MNIST made of the shipped scans, each pixel as 3 × 3 and a rim of 2."""

    def __init__(self, error=None):
        self.error = error
        self.data = self

    def __getattr__(self, name):
        return getattr(bp, name)

    def mnist(self):
        if self.error:
            raise self.error
        split = bp.data.digits()
        return type(split)(*(type(part)(self.large(part.x), part.labels) for part in (split.train, split.test)))

    def large(self, x):
        pictures = x.T.reshape(-1, 8, 8).repeat(3, axis=1).repeat(3, axis=2)
        return np.pad(pictures, ((0, 0), (2, 2), (2, 2))).reshape(len(pictures), 784).T


def test_the_classic_set_up_trains_where_there_is_a_network_and_is_skipped_where_not():
    source = mnist_cell().text.replace("epochs=30", "epochs=3")
    for error, told in (
        (None, r"784-30-10 reads [89]\d\.\d% of the 10,000 test digits"),
        (ConnectionError("MNIST is not here and x.gz cannot be fetched (no network). Put it into /home/me"), r"skipped: MNIST .* \(no network\)$"),
    ):
        said = []
        exec(source, {"np": np, "bp": Scaled(error), "eye": EYE, "print": lambda *words, said=said: said.append(" ".join(words))})
        assert len(said) == 1 and re.match(told, said[0])


def test_every_part_of_the_recipe_for_first_weights():
    """Var(w) = 2/n keeps the mean square of z, 1/n halves it in every layer, 1 multiplies it by n/2."""
    (mean_squares,) = defined("mean_squares")
    for spread, factor in ((np.sqrt(0.02), 1.0), (0.1, 0.5), (1.0, 50.0)):
        found = mean_squares(spread, layers=10, n=100)
        assert (found[9] / found[0]) ** (1 / 9) == pytest.approx(factor, rel=0.05)


def test_numbers_in_the_text():
    assert bp.init([64, 30, 10], rng=np.random.default_rng(0)).n_parameters == 2260 and "2,260 parameters" in TEXT
    split = bp.data.digits()
    assert len(split.train.labels) == 1442 and len(split.test.labels) == 355 and 1442 + 355 == 1797
    chosen = np.arange(1442) % 5 == 4
    assert np.sum(~chosen) == 1154 and "1,154 clean examples" in TEXT
    # "some pixels never change", and a hundred nines stand at the end of the sorted file
    x, labels = split.train.x[:, ~chosen], split.train.labels[~chosen]
    assert np.sum(x.std(axis=1) == 0) >= 1 and 90 < np.sum(labels == 9) < 120


def test_fit_in_the_lesson_is_what_the_bank_asks():
    exercise = registry()["08.4"]
    names = exercise.reference.__code__.co_varnames[: exercise.reference.__code__.co_argcount]
    for cell in SOURCE.cells:
        for node in ast.walk(ast.parse(cell.text)) if cell.kind == "code" else ():
            if isinstance(node, ast.FunctionDef) and node.name == "fit":
                assert tuple(arg.arg for arg in node.args.args) == names
                return
    raise AssertionError("the lesson defines no fit")


def test_it_tags_its_equations():
    assert set(re.findall(r"\\tag\{([^}]*)\}", TEXT)) == {"BP1 with cross-entropy", "spread of z", "chance cost"}


def test_relu_halves_the_mean_square_of_a_symmetric_z_and_not_of_any_balanced_one():
    """Mean 0 and as many negative as positive values: not enough."""
    for values, chances, halves in (
        ([-2.0, -1.0, 1.0, 2.0], [0.1, 0.4, 0.4, 0.1], True),
        ([-1.0, 0.5, 2.5], [1 / 2, 3 / 8, 1 / 8], False),
    ):
        z, p = np.array(values), np.array(chances)
        assert p @ z == pytest.approx(0) and p[z < 0].sum() == pytest.approx(1 / 2)
        assert (p @ np.maximum(z, 0) ** 2 == pytest.approx(p @ z**2 / 2)) == halves
    assert "symmetrically about 0" in TEXT


def test_the_width_is_chosen_on_the_validation_set_before_the_test_set_answers():
    order = [TEXT.index(heading) for heading in ("## The last choice: how wide?", "## The test, once")]
    assert order == sorted(order)
    choosing = next(cell.text for cell in SOURCE.cells if cell.text.startswith("for hidden in (30, 100)"))
    assert "validation=(x_val, y_val)" in choosing and "test" not in choosing
