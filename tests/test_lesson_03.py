"""What lesson 03 says in prose: its numbers come out, and its claims about nets and machines hold."""

from __future__ import annotations

import re
from fractions import Fraction
from importlib import metadata

import numpy as np
import pytest
from course_sources import source_of

import bpkit as bp
from bpkit.course.folders import find_course
from bpkit.exercises import registry

SOURCE = source_of(find_course().solutions / "03_gradient_checking.py")
PROSE = "\n\n".join(cell.text for cell in SOURCE.cells if cell.kind == "markdown")


def C(w):
    return 1 / (1 + w * w)


def test_the_slopes_and_bends_that_it_quotes_are_exact():
    w = Fraction(2)
    below = 1 + w * w
    assert -2 * w / below**2 == Fraction(-4, 25) == Fraction(-16, 100)
    second, third = (6 * w * w - 2) / below**3, 24 * w * (1 - w * w) / below**4
    assert (second, third) == (Fraction(22, 125), Fraction(-144, 625))
    for fraction in ("22/125 = 0.176", "-144/625 = -0.2304"):
        assert fraction in PROSE
    assert float(second) * 0.01 / 2 == pytest.approx(0.00088, rel=1e-12)
    assert float(-third) * 0.01**2 / 6 == pytest.approx(0.00000384, rel=1e-12)
    assert "0.00088$" in PROSE and "0.00000384$" in PROSE


def test_the_polynomials_of_its_tables_are_taylors():
    """Lines 1 to 4 of the table, and those of the complex step, on a polynomial of degree 4: nothing is left out."""
    rng = np.random.default_rng(0)
    P, w, h = np.polynomial.Polynomial(rng.normal(size=5)), 0.7, 0.3
    d = [P.deriv(k)(w) if k else P(w) for k in range(5)]
    up = d[0] + h * d[1] + h**2 / 2 * d[2] + h**3 / 6 * d[3] + h**4 / 24 * d[4]
    down = d[0] - h * d[1] + h**2 / 2 * d[2] - h**3 / 6 * d[3] + h**4 / 24 * d[4]
    assert P(w + h) == pytest.approx(up, rel=1e-13) and P(w - h) == pytest.approx(down, rel=1e-13)
    assert P(w + h) - P(w - h) == pytest.approx(2 * h * d[1] + h**3 / 3 * d[3], rel=1e-12)
    assert P(w + 1j * h).imag == pytest.approx(h * d[1] - h**3 / 6 * d[3], rel=1e-12)


def test_the_digits_that_it_counts():
    def digits(scheme, h):
        return -np.log10(abs(scheme(h) / -0.16 - 1))

    def central(h):
        return (C(2 + h) - C(2 - h)) / (2 * h)

    assert round(digits(central, 1e-13)) == round(digits(central, 1e-1)) == 3
    assert C(2 + 1e-16) - C(2 - 1e-16) == 0
    for longer, shorter in ((1e-1, 1e-3), (1e-3, 1e-5)):
        assert abs(central(longer) + 0.16) / abs(central(shorter) + 0.16) == pytest.approx(1e4, rel=0.25)
    for longer, shorter in ((1e-9, 1e-11), (1e-11, 1e-13), (1e-13, 1e-15)):
        assert 10 < abs(central(shorter) + 0.16) / abs(central(longer) + 0.16) < 1000
    steps = 10.0 ** np.arange(-14, 0, 0.25)
    w = np.linspace(1.5, 2.5, 41)
    true = -2 * w / (1 + w * w) ** 2
    best = [min(np.median(np.abs(scheme(h) / true - 1)) for h in steps) for scheme in (
        lambda h: (C(w + h) - C(w - h)) / (2 * h),
        lambda h: (C(w + h) - C(w)) / h,
    )]  # fmt: skip
    assert [round(-np.log10(error)) for error in best] == [11, 8]
    assert "Eleven digits right with two sides, eight with one." in PROSE


def test_the_best_step_is_where_the_two_bounds_together_are_least():
    eps = 2.0**-52
    assert eps ** (1 / 3) == pytest.approx(6e-6, rel=0.02)
    assert np.finfo(np.float32).eps == pytest.approx(1.2e-7, rel=0.01)

    def best(value, slope_times_w, third):
        h = np.geomspace(1e-9, 1e-2, 200_001)
        return h[np.argmin(h**2 / 6 * third + eps * (value + slope_times_w) / (2 * h))]

    assert best(0.2, 2 * 0.16, 0.2304) == pytest.approx((3 * eps * 0.52 / (2 * 0.2304)) ** (1 / 3), rel=1e-3)
    # "a function that bends a thousand times as sharply wants a step one tenth as long"
    assert best(1.0, 1.0, 1.0) / best(1.0, 1.0, 1000.0) == pytest.approx(10, rel=1e-3)


def test_the_round_off_bound_holds_only_with_the_rounding_of_both_places():
    """On values of C that are rounded once, as the bound assumes; truncation at this step is far below."""
    eps, h = 2.0**-52, 1e-7

    def stored(w):
        return float(1 / (1 + Fraction(w) ** 2))

    over = {"C alone": 0, "both": 0, "by the stored distance": 0}
    places = np.linspace(1.5, 2.5, 401)
    for w in map(float, places):
        slope = float(-2 * Fraction(w) / (1 + Fraction(w) ** 2) ** 2)
        change = stored(w + h) - stored(w - h)
        alone, both = eps * stored(w) / (2 * h), eps * (stored(w) + abs(w * slope)) / (2 * h)
        over["C alone"] += abs(change / (2 * h) - slope) > alone
        over["both"] += abs(change / (2 * h) - slope) > both
        over["by the stored distance"] += abs(change / ((w + h) - (w - h)) - slope) > alone
    assert 0.25 < over["C alone"] / len(places) < 0.4 and over["both"] == over["by the stored distance"] == 0, over
    near = np.linspace(99, 101, 4001)
    assert np.mean(np.abs(near * np.cos(near)) > np.abs(np.sin(near))) > 0.98  # "almost everywhere"


def test_what_it_says_of_comparing_complex_numbers():
    larger, smaller = 2 + 1e-20j, 1 + 5e-20j
    for refuse in (lambda: max(larger, smaller), lambda: larger > smaller):
        with pytest.raises(TypeError, match="not supported"):
            refuse()
    z = np.array([larger, smaller])
    assert np.maximum(z, 1.5).tolist() == [larger, 1.5] and (z > 1.5).tolist() == [True, False] and np.max(z) == larger
    # an error text that blames "max" would blame what works
    assert bp.complex_step(lambda v: np.maximum(v, 1.0) ** 2, 3.0) == 6.0
    with pytest.raises(ValueError, match=r"drops their imaginary part, as abs and float\(\) do"):
        bp.numerical_gradient(lambda w: np.abs(w).sum(), np.array([1.0, 2.0]), scheme="complex")


TABLE = re.search(r"^\| \| JAX .*?\n\n", PROSE, re.MULTILINE | re.DOTALL)[0].splitlines()
KINKS = {what.strip(): [cell.strip() for cell in cells] for what, *cells in (line.split("|")[1:-1] for line in TABLE if "--" not in line and line)}


def slopes_of(library):
    """What a library's own functions take, and its version; in the rows of the lesson's table, "none" where it has no such function."""
    if library == "JAX":
        jax = pytest.importorskip("jax")
        numpy, slope = jax.numpy, lambda f, z: jax.grad(f)(z)
        functions = jax.nn.relu, lambda z: numpy.maximum(z, 0.0), numpy.abs, lambda z: numpy.clip(z, -1.0, 1.0), jax.nn.elu
        version = jax.__version__
    elif library == "autograd":
        autograd = pytest.importorskip("autograd")
        numpy, slope = pytest.importorskip("autograd.numpy"), lambda f, z: autograd.grad(f)(z)
        functions = None, lambda z: numpy.maximum(z, 0.0), numpy.abs, lambda z: numpy.clip(z, -1.0, 1.0), None
        version = metadata.version("autograd")
    elif library == "PyTorch":
        torch = pytest.importorskip("torch")
        F, version = torch.nn.functional, torch.__version__.partition("+")[0]
        functions = F.relu, lambda z: torch.maximum(z, torch.zeros_like(z)), torch.abs, lambda z: z.clamp(-1, 1), F.elu

        def slope(f, z):
            place = torch.tensor(z, requires_grad=True)
            return torch.autograd.grad(f(place), place)[0]
    else:
        tensor, version = pytest.importorskip("tinygrad").Tensor, metadata.version("tinygrad")
        functions = tensor.relu, lambda z: z.maximum(0.0), tensor.abs, lambda z: z.clip(-1, 1), tensor.elu

        def slope(f, z):
            place = tensor([z])
            return f(place).sum().gradient(place)[0].item()

    places = 0.0, 0.0, 0.0, 1.0, 0.0
    return version, ["none" if f is None else f"{float(slope(f, z)):g}" for f, z in zip(functions, places, strict=True)]


@pytest.mark.parametrize("column", range(4))
def test_what_libraries_take_at_a_kink(column):
    library, said = KINKS[""][column].split()
    version, measured = slopes_of(library)
    if version != said:
        pytest.skip(f"{library} {version} is here; the lesson speaks of {said}")
    assert [row[column] for row in KINKS.values()][1:] == measured


def test_the_floor_follows_from_noise_and_tolerance():
    relative_error = registry()["03.3"].reference
    for g, n, shown in ((0.5, 0.4, 0.2), (0.0, 0.0, 0.0), (3e-12, 1e-12, 2e-8)):
        assert relative_error(np.array([g]), np.array([n])) == pytest.approx(shown, rel=1e-12)


def test_one_layer_doubled_drowns_in_the_norm():
    net, x, y = bp.nets.deep(5)
    sizes = [np.linalg.norm(W) for W in bp.backward(net, bp.forward(net, x), y).W[1:]]
    assert sizes[0] / np.linalg.norm(sizes) == pytest.approx(0.005, rel=0.15)
    assert "Half a per cent" in PROSE


def test_how_often_a_kink_is_near():
    # spread evenly over (-1, 1), |z| < h has probability h
    z = np.random.default_rng(0).uniform(-1, 1, size=1_000_000)
    assert np.mean(np.abs(z) < 0.01) == pytest.approx(0.01, rel=0.05)


def test_a_complex_step_never_crosses_the_kink():
    def relu(z):
        return z if z.real > 0 else 0 * z

    for z in (1e-9, -1e-9, 0.4):
        assert bp.complex_step(relu, z) == float(z > 0)


def test_the_claims_behave_as_the_lesson_says_of_them():
    """Two of the three right ones raise a false alarm at their own point, one wrong one none."""
    claims = {claim.letter: claim for claim in bp.six_claims()}

    def alarm(letter, W=None):
        claim = claims[letter]
        W = claim.W if W is None else W
        measured, claimed = bp.numerical_gradient(claim.C, W, 6e-6), claim.gradient(W)
        return registry()["03.3"].reference(measured, claimed) > 1e-6

    assert [letter for letter in claims if alarm(letter)] == ["A", "B", "C", "D"]
    assert alarm("F", np.random.default_rng(0).normal(size=(3, 3)))
    assert np.array_equal(claims["F"].W, claims["F"].W.T)
    for letter in "BCE":
        assert bp.check_grad(claims[letter].C, claims[letter].W, claims[letter].gradient).ok, letter
    for letter in "AD":
        assert not bp.check_grad(claims[letter].C, claims[letter].W, claims[letter].gradient).ok, letter
    assert [str(claim) for claim in bp.six_claims()] == [str(claim) for claim in claims.values()]


def test_a_claim_leaves_its_point_as_it_is():
    for claim in bp.six_claims():
        kept = claim.W.copy()
        claim.C(claim.W)
        claim.gradient(claim.W)
        np.testing.assert_array_equal(claim.W, kept)


def test_every_number_with_four_decimals_is_in_an_output():
    assert set(re.findall(r"\d+\.\d{4,}(?!\d)", PROSE)) <= {"0.00088", "0.00000384", "0.2304", "0.0001"}
