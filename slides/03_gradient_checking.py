# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% slideshow={"slide_type": "skip"}
from itertools import pairwise

import numpy as np

import bpkit as bp
from bpkit.authoring.slide_words import power, rows, say


def C(w):
    """A cost whose slope at 2 is -0.16 exactly."""
    return 1 / (1 + w * w)


def one_sided(w, h):
    return (C(w + h) - C(w)) / h


def central(w, h):
    return (C(w + h) - C(w - h)) / (2 * h)


net, x, y = bp.nets.two_three_two()

# %% [markdown] slideshow={"slide_type": "slide"} tags=["title"]
# # Gradient checking
#
# Measure what you are going to derive
#
# Lesson 03 · 45 minutes · bring pencil and paper

# %% [markdown] slideshow={"slide_type": "notes"}
# **For whoever gives this class.** The students know the forward pass (01), partial derivatives (02) and Taylor's formula. They should leave able to say which step they
# would take and why, and to distrust a check that was too kind.
#
# Keys: Space goes on, S opens these notes in a window of their own, T switches light and dark, O shows all slides. Test the projector in both schemes.
#
# Plan: why 2 min · differences 8 · rounding and the V-curve 12 · complex step and exercise 9 · gradient and closeness 4 · kinks and fixtures 5 · recap 2.
# If you run late, leave out "How close is close?"; the lesson's notebook has it with an exercise.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## It learns. Is it right?
#
# Two programs train the same net. One has a wrong letter in its gradient.


# %% slideshow={"slide_type": "-"}
def cost_after(steps, factor):
    """Train the 2-3-2 net, with factor(z) where the slope of the hidden layer belongs."""
    trained = net
    for _ in range(steps):
        c = bp.forward(trained, x)
        d2 = (c.a[2] - y) * bp.sigmoid.prime(c.z[2])
        d1 = (trained.W[2].T @ d2) * factor(c.z[1])
        W = [d1 @ c.a[0].T, d2 @ c.a[1].T]
        trained = bp.sgd(trained, bp.Gradients((None, d1, d2), (None, *W), (None, d1, d2)), eta=1.0)
    return bp.cost_of(trained, x, y)


rows(
    ("steps", "cost, program A", "cost, program B"),
    *((steps, *(f"{cost_after(steps, factor):.4f}" for factor in (bp.sigmoid.prime, bp.sigmoid))) for steps in (0, 100, 300)),
)
say("> **Vote.** Which one is wrong?")

# %% [markdown] slideshow={"slide_type": "fragment"}
# B is. **A falling cost proves nothing.** Wanted: a judge that needs no formula.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Take the vote; it will be near half and half. Do not explain which letter: that is for lesson 11. All they need now is that the cost cannot tell.
#
# The judge is a measurement: nudge a weight, look at the cost.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"] treats="03.1"
# ## A slope from two values
#
# $$\underbrace{\frac{C(w+h) - C(w)}{h}}_{\text{one-sided}} \qquad \underbrace{\frac{C(w+h) - C(w-h)}{2h}}_{\text{central}}$$
#
# Try them where the truth is known: $C(w) = 1/(1+w^2)$, $\;C'(2) = -\tfrac{4}{25} = -0.16$.
#
# > **Guess:** $h$ from 0.1 to 0.01. By what factor does each error fall?

# %% slideshow={"slide_type": "fragment"}
rows(
    ("$h$", "error, one-sided", "error, central"),
    *((h, f"${power(abs(one_sided(2, h) + 0.16))}$", f"${power(abs(central(2, h) + 0.16))}$") for h in (0.1, 0.01, 0.001)),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# Ten, and a **hundred**. Same price: two values of $C$.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Draw a curve on the board with the tangent, the chord to one side and the chord to both sides. The second chord is nearly parallel to the tangent; let
# them see it before the formula says it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Why: Taylor, twice

# %% [markdown] slideshow={"slide_type": "-"} tags=["rows"]
# | | | |
# |--:|:--|:--|
# | 1 | $C(w+h) = C + h\,C' + \frac{h^2}{2} C'' + \frac{h^3}{6} C''' + \cdots$ | Taylor |
# | 2 | $C(w-h) = C - h\,C' + \frac{h^2}{2} C'' - \frac{h^3}{6} C''' + \cdots$ | odd powers change sign |
# | 3 | $C(w+h) - C(w) = h\,C' + \frac{h^2}{2} C'' + \cdots$ | line 1 less $C$ |
# | 4 | $C(w+h) - C(w-h) = 2h\,C' + \frac{h^3}{3} C''' + \cdots$ | line 1 less 2: even powers cancel |

# %% [markdown] slideshow={"slide_type": "fragment"}
# Divide line 3 by $h$, line 4 by $2h$.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Ask for line 2 before you show it: which signs change? Then for line 4: what cancels, what doubles? All derivatives are at w; C must have them.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The truncation error

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{one-sided difference}$$
#
# $$\eq{central difference}$$

# %% slideshow={"slide_type": "fragment"}
say(
    r"At $w = 2$: $C'' = \frac{22}{125}$, $C''' = -\frac{144}{625}$. For $h = 0.01$ the formulas promise "
    f"${power(0.01 / 2 * 22 / 125)}$ and ${power(0.01**2 / 6 * 144 / 625)}$; measured were ${power(abs(one_sided(2, 0.01) + 0.16))}$ and "
    f"${power(abs(central(2, 0.01) + 0.16))}$."
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# One side sees the bend. With two sides the bend cancels.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. "Truncation" because the series is cut off. Keep both formulas on the board: the right branch of the V comes from here.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## Smaller is better?
#
# A float64 has nearly 16 digits.
#
# > **Vote:** how many digits are right with $h = 10^{-13}$? Three, eight or thirteen?

# %% slideshow={"slide_type": "fragment"}
rows(
    ("$h$", "central difference", "error"),
    *(
        (f"$10^{{-{k}}}$", f"{central(2, 10.0**-k):.15f}".replace("-", "−"), f"${power(abs(central(2, 10.0**-k) + 0.16), 0)}$")
        for k in (1, 3, 5, 9, 13, 16)
    ),
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Three. At $10^{-16}$ nothing is left: 2 + 1e-16 is stored as 2. Ask where the best row is, and what the rows above and below it have in common.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What is subtracted

# %% slideshow={"slide_type": "-"}
print(f"C(1.5 + 1e-12) = {C(1.5 + 1e-12):.17f}\nC(1.5 - 1e-12) = {C(1.5 - 1e-12):.17f}")

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - The common digits vanish. What is left is the end of both numbers, and the last of it is rounding.
# - A stored $C$ is off by up to $\tfrac{\epsilon}{2} |C|$, with $\epsilon = 2^{-52} \approx 2.2 \times 10^{-16}$.
# - Two of them subtracted: off by up to $\epsilon\, |C|$.
# - $w \pm h$ are stored too: $C$ moves by up to $\tfrac{\epsilon}{2} |w\, C'|$ at each.
# - Divided by $2h$: the slope is off by up to $\dfrac{\epsilon\, (|C| + |w\, C'|)}{2h}$. **Halve $h$ and it doubles.**

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Let a student count the digits that agree. Point out that nothing went wrong in the subtraction itself: it is exact. The rounding was there before; the
# subtraction took away everything that hid it.

# %% [markdown] slideshow={"slide_type": "slide"} treats="03.4"
# ## The best step
#
# $$E(h) = \underbrace{\frac{h^2}{6} |C'''|}_{\text{truncation}} + \underbrace{\frac{\epsilon\, (|C| + |w\, C'|)}{2h}}_{\text{round-off}} \qquad
# \frac{\mathrm{d}E}{\mathrm{d}h} = \frac{h}{3} |C'''| - \frac{\epsilon\, (|C| + |w\, C'|)}{2h^2} = 0$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{best step} \tag{best step}$$

# %% slideshow={"slide_type": "fragment"}
eps = np.finfo(float).eps
h_star = (3 * eps * (0.2 + 2 * 0.16) / (2 * 144 / 625)) ** (1 / 3)
say(
    rf"For our $C$ at 2: ${power(h_star)}$. Where $|C|$, $|w\,C'|$ and $|C'''|$ are alike: near $\epsilon^{{1/3}} \approx$ ${power(eps ** (1 / 3), 0)}$. "
    "The cube root forgives: a thousandfold $C'''$ moves it by ten."
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Do the minimisation on the board: multiply by 3h² / |C'''|, take the cube root. Ask what changes for one side: h against ε/h, so a square root, near 1e-8.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The V-curve

# %% slideshow={"slide_type": "-"}
steps = np.array([float(f"{digit}e{power_}") for power_ in range(-16, 0) for digit in (1, 2, 5)])
w = np.linspace(1.5, 2.5, 41)
w32 = w.astype(np.float32)


def error(slope):
    """The median error over 41 places."""
    return np.median(np.abs(slope + 2 * w / (1 + w * w) ** 2))


curves = {
    "one-sided": [error(one_sided(w, h)) for h in steps],
    "central": [error(central(w, h)) for h in steps],
    "central, float32": [error((C(w32 + np.float32(h)) - C(w32 - np.float32(h))) / (2 * h)) for h in steps],
}
bp.plots.show(bp.plots.v_curve(steps, curves, bp.plots.figure(width=9.6, height=3.6)[1]))

# %% slideshow={"slide_type": "fragment"}
say(" · ".join(f"{name}: best near ${power(steps[np.argmin(errors)], 0)}$, error ${power(min(errors), 0)}$" for name, errors in curves.items()))

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Name the branches with them: right, slopes 1 and 2, the bend. Left, slope 1 the other way, rounding. float32 has seven digits: its left branch lies higher, and its
# best step is near 0.005.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Move the step

# %% slideshow={"slide_type": "-"}
bp.widgets.v_curve()

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Click into the picture; the arrow keys move h, ↑ and ↓ change the scheme. Three things to show: the lost digits as h shrinks; "1000 + …", where the left
# branch rises a thousandfold; relu, where the error jumps as soon as the kink lies between the points. To leave the picture, click beside it.

# %% [markdown] slideshow={"slide_type": "slide"} treats="03.5"
# ## Without a subtraction: the complex step
#
# Step at right angles to the axis, to $w + ih$ with $i^2 = -1$:
#
# $$C(w + ih) = C + ih\,C' - \frac{h^2}{2} C'' - i\,\frac{h^3}{6} C''' + \cdots$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{complex step} \tag{complex step}$$

# %% slideshow={"slide_type": "fragment"}
value = C(2 + 1e-20j)
say(rf"$h = 10^{{-20}}$: $\;C(2 + ih) = {value.real:.1f} {value.imag / 1e-20:+.4f} \times 10^{{-20}}\, i$. All digits are right.")

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["small"]
# Only for an **analytic** $C$: no `abs`, no `float(...)` on the way; Python's own `max` and `>` refuse complex numbers.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Value and slope travel in different parts of one number, so neither swallows the digits of the other. The truncation error is that of the central difference with the
# other sign; h can be so small that it does not matter.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercise"]
# ## Your turn · 6 minutes · in pairs, no computer
#
# $C(w) = w^3$ at $w = 2$, with $h = 0.1$. Given: $2.1^3 = 9.261$, $\;1.9^3 = 6.859$.
#
# 1. Before you compute: which errors do the three formulas promise? ($C'' = 6w$, $C''' = 6$.)
# 2. Compute the slope by one side, by both sides, and by a complex step. The last one needs $(2 + 0.1\,i)^3$.
# 3. Two of the three errors come out exactly as promised. Why?

# %% [markdown] slideshow={"slide_type": "notes"}
# 6 minutes: 4 to work, 2 to compare. The answer is on the next slide down.
#
# Look out for (2 + 0.1i)³ multiplied out as 8 + 0.001 i³ only: remind them of the binomial 3·4·0.1i and 3·2·(0.1i)².

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercise"]
# ## Your turn: the answer

# %% slideshow={"slide_type": "-"}
by_one, by_two, by_complex = (2.1**3 - 8) / 0.1, (2.1**3 - 1.9**3) / 0.2, ((2 + 0.1j) ** 3).imag / 0.1
rows(
    ("scheme", "promised error", "slope", "error"),
    ("one-sided", r"$\frac{0.1}{2} \cdot 12 = 0.6$", f"{by_one:.2f}", f"{by_one - 12:.2f}"),
    ("central", r"$\frac{0.01}{6} \cdot 6 = 0.01$", f"{by_two:.2f}", f"{by_two - 12:.2f}"),
    ("complex step", r"$-\frac{0.01}{6} \cdot 6 = -0.01$", f"{by_complex:.2f}", f"{by_complex - 12:.2f}".replace("-", "−")),
)

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - $(2 + 0.1\,i)^3 = 8 + 1.2\,i - 0.06 - 0.001\,i$: imaginary part $1.199$.
# - The fifth derivative of $w^3$ is 0: behind $C'''$ nothing is cut off in central difference and complex step. One side still has $\frac{h^2}{6} C''' = 0.01$ to come.

# %% [markdown] slideshow={"slide_type": "notes"}
# Ask a pair that was off by the 0.01 of the one-sided difference where it comes from: it is the next term of its own series.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"] treats="03.2"
# ## From a slope to a gradient

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{numerical gradient}$$

# %% [markdown] slideshow={"slide_type": "-"}
# $E_{jk}$ has one 1, at row $j$, column $k$. Nudge one weight, leave all others, put it back.
#
# > **Guess:** a net for digits, 784-30-10. How many forward passes?

# %% slideshow={"slide_type": "fragment"}
parameters = sum(n * (n_prev + 1) for n_prev, n in pairwise([784, 30, 10]))
passes = f"**{2 * parameters:,}** passes".replace(",", " ")
say(f"{parameters:,} weights and biases: ".replace(",", " ") + f"{passes}. Backpropagation: two or three.")
say("So measure once, on a small net, to know that the fast code is right.")

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Four slips to name: an entry that is not put back, a copy that keeps integers, a copy that keeps float32, a result in one long line. Exercise 03.2 tells them apart.

# %% [markdown] slideshow={"slide_type": "slide"} treats="03.3"
# ## How close is close?

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{relative error}$$

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - **The larger of the two** below the bar: swap $g$ and $n$, and nothing changes.
# - **A floor**: the measurement is off by $10^{-10}$, with reserve. At a tolerance of $10^{-6}$ an entry below $10^{-10} / 10^{-6} = 10^{-4}$ cannot be judged. And $0/0$ is gone.
# - **The worst entry**, and **each parameter by itself**: in one long vector a small layer drowns.

# %% slideshow={"slide_type": "fragment"}
deep, x_deep, y_deep = bp.nets.deep(5)
right = bp.backward(deep, bp.forward(deep, x_deep), y_deep).W
sizes = [np.linalg.norm(W) for W in right[1:]]
say(f"Five layers, the first layer's gradient *twice* what it should be: the long vector is off by {100 * sizes[0] / np.linalg.norm(sizes):.1f} %.")

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Ask whether 3e-12 against 1e-12 is a mistake. Nobody can tell: the measurement is no better than 1e-11. `bp.check_network` gives a row for each parameter and says
# in words how it is wrong.

# %% [markdown] slideshow={"slide_type": "slide"} treats="03.7"
# ## False alarms: kinks

# %% slideshow={"slide_type": "-"}
bp.plots.show(bp.plots.kink([-2.0, 0.4, 2.0], h=1.0, width=9.6))

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - The kink lies between the points, $|z| < h$: right formula, false alarm.
# - **Halve $h$**: a kink goes away, a wrong formula stays.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. The middle panel: 0.7 because seven tenths of the way lie on the steep piece. Ask for the value at z = 0: one half, where we agree on 0.
#
# Two more false alarms: a huge cost (round-off), and entries so tiny that only rounding is left.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"] treats="03.6"
# ## Fixtures that hide bugs


# %% slideshow={"slide_type": "-"}
def right(W, x, y):
    return (W @ x - y) @ x.T / x.shape[1]


wrong_ones = {
    "transposed": lambda W, x, y: right(W, x, y).T,
    "no $1/m$": lambda W, x, y: right(W, x, y) * x.shape[1],
    "$x$ forgotten": lambda W, x, y: (W @ x - y).mean(axis=1, keepdims=True) * np.ones(len(x)),
}
say(
    r"$C = \frac{1}{2m} \sum_x \lVert Wx - y \rVert^2$ has the gradient $\frac1m (Wx - y)\, x^\top$. Three wrong versions: transposed, without $1/m$, with $x$ forgotten."
    "\n\n> **Vote:** how many pass where all weights and inputs are 1, with one example?"
)

# %% slideshow={"slide_type": "fragment"}
rng = np.random.default_rng(0)
points = {
    "random numbers, 5 examples": ((rng.normal(size=(3, 3)), rng.normal(size=(3, 5)), rng.normal(size=(3, 5))), ""),
    "random numbers, 1 example": ((rng.normal(size=(3, 3)), rng.normal(size=(3, 1)), rng.normal(size=(3, 1))), "$m = 1$ hides a misplaced $1/m$"),
    "ones, 1 example": ((np.ones((3, 3)), np.ones((3, 1)), np.zeros((3, 1))), "symmetric, and a factor 1 is never missed"),
}


def passing(W, x, y):
    """The wrong versions that a check at this point takes for right."""

    def cost(moved):
        return np.sum((moved @ x - y) ** 2) / (2 * x.shape[1])

    return [name for name, wrong in wrong_ones.items() if bp.check_grad(cost, W, wrong(W, x, y)).ok]


rows(("fixture", "pass", "why"), *((name, f"**{len(passing(*where))}**", why) for name, (where, why) in points.items()))

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. The first row is the recipe: layers of different sizes and two of the same, random weights of order one, several examples, float64, a tight tolerance, each parameter for
# itself. Ask for each other row which slips it hides before you uncover why.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{central difference}, \qquad h^* \approx \epsilon^{1/3} \approx 6 \times 10^{-6}$$

# %% [markdown] slideshow={"slide_type": "-"} tags=["left"]
# ### Answer aloud
#
# 1. Why is $h = 10^{-12}$ worse than $10^{-5}$?
# 2. Why can the complex step use $10^{-20}$?
# 3. Three entries of a relu net fail. What do you ask first?

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# ### Classic mistakes
#
# - $h$ "as small as possible"
# - an entry that is not put back
# - one error for the whole net
# - symmetric, zero, $m = 1$ fixtures
# - a kink blamed on the formula

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Three students, one question each.
#
# 1: the common digits vanish in the subtraction, and rounding is divided by a tiny 2h. 2: nothing is subtracted. 3: does it go away with a shorter step?
#
# Homework: the notebook of lesson 03, seven exercises, under an hour; 03.6 has six claimed gradients, some of them wrong and one well hidden.
