# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% slideshow={"slide_type": "skip"}
import numpy as np

import bpkit as bp
from bpkit.authoring.slide_words import digits, rows, say

# %% [markdown] slideshow={"slide_type": "slide"} tags=["title"]
# # Beyond one VJP
#
# Tangents, curvature, memory, fixed points and sixteen bits: five things made of the same parts
#
# Lesson 15 · 45 minutes · bring pencil and paper

# %% [markdown] slideshow={"slide_type": "notes"}
# **For whoever gives this class.** The students know JVP and VJP (02), differences (03), backpropagation (05, 06) and the tape (10).
# They should leave knowing five tools, each with its condition: what it costs, and where it fails.
#
# Plan: duals and JVPs 11 min · Hessian times vector 11 · checkpoints 11 · fixed points 6 · float16 4 · recap 1.
# If you run late, leave out "Where it runs away"; the notebook has it.

# %% [markdown] slideshow={"slide_type": "slide"} treats="15.1"
# ## Numbers that carry their slope
#
# A value and a tangent: $a + \dot a\, \varepsilon$. One rule: $\varepsilon^2 = 0$.

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{dual product} \tag{dual product}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# And $f(a + \dot a\, \varepsilon) = f(a) + f'(a)\, \dot a\, \varepsilon$: Taylor's formula, in which every higher power is 0.

# %% [markdown] slideshow={"slide_type": "fragment"}
# > **On paper.** $(x + y) \cdot x$ at $x = 2 + 1\varepsilon$, $y = 3 - 2\varepsilon$.

# %% slideshow={"slide_type": "fragment"}
x, y = (2.0, 1.0), (3.0, -2.0)
total = (x[0] + y[0], x[1] + y[1])
value, tangent = total[0] * x[0], total[1] * x[0] + total[0] * x[1]
say(
    rf"${total[0]:g} {total[1]:+g}\varepsilon$ times $2 + 1\varepsilon$: ${value:g} {tangent:+g}\varepsilon$. Nothing was made small, nothing subtracted."
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. Multiply out at the board, all four terms, and strike the one with ε². The product rule stands there without having been put in.
#
# Who knows the complex step: i h in the place of ε. Its square is not 0, but too small to be seen.

# %% [markdown] slideshow={"slide_type": "slide"} treats="15.2"
# ## A layer that moves
#
# Activations, weights and biases all move:
#
# $$\eq{layer JVP} \tag{layer JVP}$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["bullets"]
# - BP2: back through $(W^l)^\top$, **then** the slope. Here: forward through $W^l$, **then** the slope.
# - A tangent needs the values of its own layer. **Nothing is kept.**
# - An error must wait for the end, with every activation kept.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Ask for the three terms before you show them: what moves in z? A product of two things that move has two terms.
#
# The last two points are the reason for the third part of the hour.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"] treats="15.3"
# ## How many passes is a Jacobian?
#
# One JVP: a column. One VJP: a row.
#
# > **Vote.** 3 inputs, 50 outputs: 3, 50 or 150 passes? And an elementwise activation of 100 neurons?

# %% slideshow={"slide_type": "fragment"}
rows(
    ("$f$", "JVPs", "VJPs", "cheapest"),
    ("3 inputs, 50 outputs", 3, 50, "**3 JVPs**"),
    ("a cost of 1000 weights", 1000, 1, "**1 VJP**"),
    ("100 neurons, elementwise", 1, 1, "**1**, with a vector of ones"),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# Test one against the other, with no differences at all: $u^\top (J v) = (J^\top u)^\top v$.

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. The third row surprises: most say 100. A diagonal matrix times a vector of ones holds the whole diagonal. A tridiagonal Jacobian
# takes three; let them find out why (exercise 15.3).

# %% [markdown] slideshow={"slide_type": "slide"} treats="15.4"
# ## The gradient moves, too
#
# The Hessian of a million weights has $10^{12}$ entries. Nobody forms it. What is needed is $H v$:
#
# $$\eq{HVP} \tag{HVP}$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["bullets"]
# - **nudge** the gradient: a difference of two gradients;
# - **push** tangents through its program: forward over reverse;
# - **pull** a gradient back through its program: reverse over reverse, for $H v = \nabla(\nabla C^\top v)$ where $H$ is symmetric.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. A gradient is a function with as many outputs as inputs, and one direction is asked: a JVP. That it is a VJP too
# is Schwarz: second derivatives that are continuous do not depend on their order.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"] treats="11.27 11.28"
# ## A million times the vector, the same step
#
# $$H v \approx \frac{\nabla C(w + t v) - \nabla C(w - t v)}{2 t}$$
#
# > **Guess.** With $t = 10^{-5}$ it is good to eight digits. Somebody passes $10^6\, v$. How many are left?


# %% slideshow={"slide_type": "fragment"}
def gradient(w):
    """Of a cost that is curved in all directions together."""
    c = np.cos(np.arange(6))
    return c * np.cos(np.sum(c * w)) - (1.5 + c) * np.sin(w)


w, v = np.linspace(0.3, 1.2, 6), np.array([1.0, -0.5, 0.8, 0.3, -1.2, 0.6])


def good(size, t):
    found = (gradient(w + t * size * v) - gradient(w - t * size * v)) / (2 * t)
    want = size * np.imag(gradient(w + 1e-30j * v)) / 1e-30
    return np.abs(found - want).max() < 1e-8 * np.abs(want).max()


names = {True: "eight digits", False: "not eight digits"}
rows(
    ("vector", "$t = 10^{-5}$", "$t = 10^{-5}$ / its size"),
    *((name, names[good(size, 1e-5)], names[good(size, 1e-5 / size)]) for name, size in (("$10^{-9} v$", 1e-9), ("$v$", 1.0), ("$10^6 v$", 1e6))),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# What counts is how far $w$ moves: $t \lVert v \rVert$. Divide the step by the size of the vector.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Lesson 03's V-curve, with the movement in place of the step. The large vector leaves the region where the cost is nearly a parabola;
# for the tiny one the two gradients agree in nearly all digits.

# %% [markdown] slideshow={"slide_type": "slide"} treats="15.5"
# ## Each line gets its tangent
#
# $C = \tfrac12 \lVert W_2 \tanh(W_1 x) - y \rVert^2$. Pearlmutter's $\mathcal{R}$: the derivative along $v$.

# %% [markdown] slideshow={"slide_type": "-"}
# | the gradient's line | its tangent |
# |:--|:--|
# | $a = \tanh(W_1 x)$ | $\mathcal{R}a = (1 - a \odot a) \odot (V_1 x)$ |
# | $\delta_2 = W_2 a - y$ | two terms: what moves? |
# | $W_2^\top \delta_2$ | two terms |
# | $\delta_1 = (1 - a \odot a) \odot (W_2^\top \delta_2)$ | two terms |
# | $\delta_1 x^\top$ and $\delta_2 a^\top$ | one, and two |

# %% [markdown] slideshow={"slide_type": "fragment"}
# Products of matrices: 5 for the gradient, 10 for a difference of two, **13** for either exact way. However many weights there are.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Fill the second row together; the rest is exercise 15.5. Each product costs one more product for each of its factors that moves.
# 5 products and 8 moving factors: 13. Going back through the tape of the gradient costs the same, for a VJP goes to each of the same 8 factors.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## A test, and what it misses
#
# $u^\top (H v) = v^\top (H u)$: no difference in it. Two programmers forget a term each:
#
# - A: $W_2$ does not move on the way back;
# - B: the slope $1 - a \odot a$ does not move.
#
# > **Vote.** Whom does the symmetry test find? Both, neither, A, B?

# %% [markdown] slideshow={"slide_type": "fragment"}
# **A alone.** A's term has a partner elsewhere, and one without the other is not symmetric. B's term is symmetric by itself: what is left without it is a
# symmetric matrix that is not the Hessian.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Measured in the notebook. Necessary, not sufficient: the same moral as a cost that falls (lesson 05).
# B's share of $u^\top H v$ is a sum of products in which the tangents of z along u and along v stand side by side.

# %% [markdown] slideshow={"slide_type": "slide"} treats="15.6"
# ## Room for twenty of a hundred
#
# 1. First pass: keep $a^0, a^k, a^{2k}, \dots, a^n$.
# 2. Segment by segment, the last first: compute what lies inside again, and hold it.
# 3. Go back through it; drop it, and the checkpoint at its end.

# %% slideshow={"slide_type": "-"} tags=["left"]
bp.plots.show(bp.plots.held_activations(16, (1,), width=5.4))

# %% slideshow={"slide_type": "-"} tags=["right"]
bp.plots.show(bp.plots.held_activations(16, (4,), width=5.4))

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Blue: kept from the first pass. Hatched orange: computed again. Let somebody say what happens at one place of the right picture, and count a
# column with the whole class: never more than 8.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Why the square root
#
# $$\eq{checkpoints} \tag{checkpoints}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# Complete the square:
#
# $$\eq{square root rule} \tag{square root rule}$$

# %% slideshow={"slide_type": "fragment"}
ks = (1, 2, 5, 10, 20, 50, 100)
rows(("$n = 100$, $k$", *ks), ("held", *(100 // k + k for k in ks)), ("again", *(100 - 100 // k for k in ks)))

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Ask for the proof before you show it: a sum of two numbers whose product is n. A square is never negative.
# A fifth of the memory for less than one forward pass more. At both ends nothing is saved.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercise"]
# ## Your turn: 10 layers, a checkpoint every 3
#
# Alone, then in pairs. Write down, step by step, which activations are held.
#
# - How many at most, input and output counted?
# - How many steps are done again?
#
# Then the same for 11 layers and $k = 10$. This is exercise 15.6.

# %% [markdown] slideshow={"slide_type": "notes"}
# 5 minutes. Kept: 0, 3, 6, 9, 10. The last segment has nothing inside: 5 held. When it is done 10 goes, and 7, 8 come: 6 held, and that is the most.
# Again: 2 for each of three full segments, 6 in all.
#
# 11 and 10: kept 0, 10, 11; in the last segment nothing inside; then 11 goes and 1 to 9 come: 11 held, 9 again.

# %% [markdown] slideshow={"slide_type": "slide"} treats="15.7"
# ## Back through a loop that nobody counted
#
# A layer that is an equation: $a = f(a, \theta)$. Move $\theta$, with $J = \frac{\partial f}{\partial a}$ and $B = \frac{\partial f}{\partial \theta}$:

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - $\mathrm{d}a = J\, \mathrm{d}a + B\, \mathrm{d}\theta$: the activation moves on both sides;
# - $(I - J)\, \mathrm{d}a = B\, \mathrm{d}\theta$;
# - $g^\top \mathrm{d}a = g^\top (I - J)^{-1} B\, \mathrm{d}\theta = u^\top B\, \mathrm{d}\theta$.

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{fixed point VJP} \tag{fixed point VJP}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# **Condition** (implicit function theorem): $f$ continuously differentiable, $I - J$ invertible at the fixed point.

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. No iteration is in it: how a was found does not matter, and only its end is kept. Unrolling sums g + Jᵀg + (Jᵀ)²g + …, which is the
# same u where the layer contracts, and needs an activation for each term.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Where it runs away
#
# One neuron, $a = \tanh(w a)$. Its fixed point 0 has the slope $\frac{1}{1 - w}$ by what is added to $w a$.

# %% slideshow={"slide_type": "-"}
lines = []
for w in (0.5, 0.99, -2.5):
    a = 0.1
    for _ in range(3000):
        a = np.tanh(w * a)
    lines.append((digits(w, 2), "ends at the fixed point" if abs(a) < 1e-8 else "runs away", digits(1 / (1 - w), 2)))
rows(("$w$", "iterating", "slope of the fixed point"), *lines)

# %% [markdown] slideshow={"slide_type": "fragment"}
# $w = -2.5$: unrolling diverges, the fixed point has a gradient all the same. $w = 1$: $I - J = 0$, and there is none.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Two conditions that are mixed up all the time: that iterating contracts (for finding the point this way), and that I − J be invertible (for
# differentiating it). Neither is the other.

# %% [markdown] slideshow={"slide_type": "slide"} treats="15.8"
# ## Sixteen bits
#
# float16: nothing between 0 and $2^{-24}$, nothing above 65504. A gradient of at most $2^{-25}$ **becomes 0**, and nobody is told.

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{loss scaling} \tag{loss scaling}$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["bullets"]
# - Going back is linear: scale the loss, and every gradient is scaled.
# - A **power of two** changes the exponent and no digit.
# - Infinite or nan: skip the step, halve $s$. Four good steps in a row: double it.
# - Divide by $s$ in a **wider** format, or all is lost again.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Ask why 1024 and not 1000. Rounding up or down depends on the digits alone, and 1024 leaves them: every step rounds as it would have, as long
# as no number leaves the normal range.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Which layers learn nothing?

# %% slideshow={"slide_type": "-"}
bp.widgets.loss_scale()

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Click into the picture; the arrow keys move the scale. Ask at scale 1 which layers learn nothing. Then to the right until all is blue, and on until
# something overflows: there the rule would skip a step.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## To take home

# %% [markdown] slideshow={"slide_type": "-"}
# | tool | costs | fails where |
# |:--|:--|:--|
# | JVP by duals | two or three passes, no memory | there are many inputs and one output |
# | Hessian times vector | 13 products for 5 | a factor that moves is forgotten |
# | checkpoints | less than one forward pass more | nowhere: the gradient is the same |
# | fixed point VJP | one linear system | $I - J$ is not invertible |
# | loss scale | a product and a division | it is taken off in float16 |

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. At home: the notebook's exercises 15.4 and 15.5 first, for they need the most time.
