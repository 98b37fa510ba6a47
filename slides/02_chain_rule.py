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

net, x, y = bp.nets.two_three_two()
cache = bp.forward(net, x)
J1 = net.W[1]
J2 = net.W[2] @ np.diag(bp.sigmoid.prime(cache.z[1]).ravel())
J3 = ((cache.a[2] - y) * bp.sigmoid.prime(cache.z[2])).T
chain = [J1, J2, J3], [["x₁", "x₂"], ["z¹₁", "z¹₂", "z¹₃"], ["z²₁", "z²₂"], ["C"]]

# %% [markdown] slideshow={"slide_type": "slide"} tags=["title"]
# # The chain rule and Jacobians
#
# How a small change travels through functions of several variables
#
# Lesson 02 · 45 minutes · bring pencil and paper

# %% [markdown] slideshow={"slide_type": "notes"}
# **For whoever gives this class.** The students know derivatives in one variable, partial derivatives and matrix products. They should leave able to state the
# chain rule *with its conditions*, to read it as a sum over paths, and to say why reverse order is cheap when there is one output.
#
# Keys: Space goes on, S opens these notes in a window of their own, T switches light and dark, O shows all slides.
#
# Plan: fork 3 min · theorem and proof 10 · where it fails 3 · exercise 6 · Jacobians 6 · the net's paths 7 · differential 3 · order and VJP 5 · recap 1.
# If you run late, leave out the differential; the lesson's notebook has it.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"] treats="02.1"
# ## A wire that forks
#
# $u = x^2$, $v = 3x$, $z = uv$. At $x = 2$: $u = 4$, $v = 6$, $z = 24$.
#
# > **Guess.** Raise $x$ by 0.001. By how much does $z$ rise?

# %% slideshow={"slide_type": "fragment"}
rise = 2.001**2 * (3 * 2.001) - 24
say(f"Measured: {rise:.3f}. So $z$ rises **36** times as fast as $x$.")

# %% slideshow={"slide_type": "fragment"} tags=["left"]
bp.plots.show(bp.plots.path_graph([[[4.0], [3.0]], [[6.0, 4.0]]], [["x"], ["u", "v"], ["z"]], 0, bp.plots.figure(width=4.2, height=2.4)[1]))

# %% [markdown] slideshow={"slide_type": "-"} tags=["right", "middle"]
# Through $u$: $6 \times 4 = 24$
#
# Through $v$: $4 \times 3 = 12$
#
# **Along** a path multiply, **over** paths add.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Collect guesses. Frequent ones: 0.024 and 0.012 (one path only), 0.288 (the paths multiplied).
#
# Where do the slopes come from? $du/dx = 2x = 4$, $dv/dx = 3$, $\partial z/\partial u = v = 6$, $\partial z/\partial v = u = 4$. Check with $z = 3x^3$, $z' = 9x^2 = 36$.
#
# Then ask: *why* may the two be added, as if each moved alone? Leave it open. The theorem answers it, and soon after it stands a function for which it is false.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Two words that sound alike

# %% [markdown] slideshow={"slide_type": "-"} tags=["left"]
# ### Partially differentiable · 可偏导
#
# All partial derivatives exist.
#
# Each looks along **one axis**.

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# ### Differentiable · 可微
#
# Linear up to a small error, in **every direction**:
#
# $$f(y^0 + k) = f(y^0) + \sum_{j=1}^{m} p_j k_j + \varepsilon(k)\, \lVert k\rVert$$
#
# with $\varepsilon(k) \to 0$ as $k \to 0$

# %% [markdown] slideshow={"slide_type": "fragment"}
# The second implies the first, with $p_j = \frac{\partial f}{\partial y_j}(y^0)$: take $k$ along axis $j$. The first does **not** imply the second.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. This is the distinction on which the theorem turns. Draw a surface on the board with a crease through the origin that both axes happen to avoid.
#
# Enough to be sure: partial derivatives that exist nearby and are continuous at the point. Sums, products, exp and sigmoid pass.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The theorem
#
# $z = f(y_1, \dots, y_m)$ on an open set; each $y_j$ a function of $x_1, \dots, x_n$: $y = g(x)$. Let $y^0 = g(x^0)$. If
#
# 1. $g$ is partially differentiable at $x^0$: **each of** $y_1, \dots, y_m$ is,
# 2. $f$ is differentiable at $y^0$,
#
# then $z = f(g(x))$ is partially differentiable at $x^0$, and

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{chain rule} \qquad i = 1, \dots, n$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["small"]
# Ge Li's slides state both conditions; our copy once has $y_1 \dots y_n$: there are $m$. With $g$ differentiable, $f \circ g$ is differentiable too.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Read the conditions aloud and ask: why does f need more than g? Take suggestions; the proof will say it.
#
# The outer slopes are taken at $y^0 = g(x^0)$, the inner ones at $x^0$. The slip: n counts the x's. With m > n, the printed condition would forget some y's.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The proof
#
# Only $x_i$ moves, by $h \ne 0$. Then $y$ moves by $k(h) = g(x^0 + h e_i) - g(x^0)$.

# %% [markdown] slideshow={"slide_type": "-"} tags=["rows"]
# | | | |
# |--:|:--|:--|
# | 1 | $\displaystyle\frac{k_j(h)}{h} \to \frac{\partial y_j}{\partial x_i}$ for each $j$ | condition 1 |
# | 2 | $k(h) \to 0$, and $\lVert k(h)\rVert / \lvert h\rvert$ stays bounded | from 1 |
# | 3 | $\displaystyle\frac{f(y^0 + k(h)) - f(y^0)}{h} = \sum_{j=1}^{m} \frac{\partial f}{\partial y_j}\, \frac{k_j(h)}{h} + \varepsilon(k(h))\, \frac{\lVert k(h)\rVert}{h}$ | condition 2, over $h$ |
# | 4 | the last term tends to $0$ | from 2 |
# | 5 | the whole tends to $\displaystyle\sum_{j=1}^{m} \frac{\partial f}{\partial y_j}\, \frac{\partial y_j}{\partial x_i}$ | from 1 and 4 |

# %% [markdown] slideshow={"slide_type": "notes"}
# 6 minutes. Write it on the board as well. Before you uncover a line, ask for it.
#
# - Line 1 is the definition of a partial derivative of each $y_j$.
# - Line 2: quotients that have limits are bounded; $k_j(h) = h \cdot k_j(h)/h \to 0$.
# - Line 3 is where f must be differentiable: $k(h)$ points wherever g sends it, seldom along an axis.
# - Line 4: a factor that tends to 0 times a bounded one.
#
# The left side of 3 is the difference quotient of z in $x_i$: so its limit exists and is the sum. For g partial derivatives are enough, since we move x along an axis ourselves.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## Where it fails
#
# $$f(y_1, y_2) = \frac{y_1^2\, y_2}{y_1^2 + y_2^2}, \qquad f(0, 0) = 0$$
#
# On both axes $f = 0$, so both partial derivatives at the origin are 0. Walk through it on the diagonal $g(t) = (t, t)$.
#
# > **Guess.** The formula says slope $0 \cdot 1 + 0 \cdot 1 = 0$. What is the slope of $f(g(t))$ at $t = 0$?


# %% slideshow={"slide_type": "fragment"}
def f(y1, y2):
    return y1**2 * y2 / (y1**2 + y2**2) if y1 or y2 else 0.0


steps = (0.1, 0.001, 0.00001)
rows(
    ("step $t$", *(f"{t:f}".rstrip("0") for t in steps)),
    ("slope $f(t, t) / t$", *(digits(f(t, t) / t) for t in steps)),
    ("$\\varepsilon = f(t, t) / \\lVert (t, t)\\rVert$", *(digits(f(t, t) / np.hypot(t, t)) for t in steps)),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# The slope is $\tfrac12$. $\varepsilon$ does not shrink: $f$ has both partial derivatives and is **not differentiable** at the origin.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. $f(t,t) = t^3 / 2t^2 = t/2$. f is even continuous there ($|f| \le |y_2|$): continuity does not save the rule.
#
# Nets made of sums, products, exp and sigmoid have no such point. Relu has one kind, $z = 0$.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercise"]
# ## Your turn · 6 minutes · in pairs, no computer
#
# $y_1 = x_1 + x_2^2$, $\quad y_2 = x_1 x_2$, $\quad z = y_1 y_2$. At $x_1 = 1$, $x_2 = 2$:
#
# 1. Draw the graph and write the six slopes on its arrows.
# 2. Find $\frac{\partial z}{\partial x_1}$ and $\frac{\partial z}{\partial x_2}$, path by path.
# 3. Multiply $z$ out as a function of $x_1, x_2$ and check.

# %% [markdown] slideshow={"slide_type": "notes"}
# 6 minutes: 4 to work, 2 to compare. The answer is on the next slide down.
#
# Walk round and look for: the outer slopes taken at x (1, 2) in place of y (5, 2); the two outer slopes exchanged ($\partial z/\partial y_1$ is $y_2$); $x_2^2$ differentiated as $x_2$.

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercise"]
# ## Your turn: the answer

# %% slideshow={"slide_type": "-"} tags=["left"]
inner, outer = np.array([[1.0, 4.0], [2.0, 1.0]]), np.array([[2.0, 5.0]])
bp.plots.show(bp.plots.path_graph([inner, outer], [["x₁", "x₂"], ["y₁", "y₂"], ["z"]], ax=bp.plots.figure(width=4.2, height=2.4)[1]))

# %% slideshow={"slide_type": "-"} tags=["right", "middle"]
slopes = (outer @ inner)[0]
rows(
    ("", "through $y_1$", "through $y_2$", "sum"),
    *((f"$\\partial z / \\partial x_{i + 1}$", *(f"{outer[0, j]:g} × {inner[j, i]:g}" for j in range(2)), f"**{slopes[i]:g}**") for i in range(2)),
)

# %% [markdown] slideshow={"slide_type": "-"}
# Check: $z = x_1^2 x_2 + x_1 x_2^3$, so $2 x_1 x_2 + x_2^3 = 12$ and $x_1^2 + 3 x_1 x_2^2 = 13$.

# %% [markdown] slideshow={"slide_type": "notes"}
# Ask a pair that was wrong where their way left the right one. The notebook's exercise 02.6 continues with this function.

# %% [markdown] slideshow={"slide_type": "slide"} treats="02.2 02.3 02.5"
# ## All slopes in one matrix
#
# The **Jacobian**: a row for each output, a column for each input.
#
# $$g'(x) = \frac{\partial y}{\partial x} = \begin{pmatrix} \frac{\partial y_1}{\partial x_1} & \cdots & \frac{\partial y_1}{\partial x_n} \\ \vdots & & \vdots \\ \frac{\partial y_m}{\partial x_1} & \cdots & \frac{\partial y_m}{\partial x_n} \end{pmatrix} \qquad (m, n)$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# Two are enough for a net:
#
# $$\eq{linear Jacobian} \qquad\qquad \eq{elementwise Jacobian}$$

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Linear: $y_j = \sum_k w_{jk} x_k$; the only term with $x_i$ is $w_{ji} x_i$. Elementwise: $a_j$ moves with $z_j$ alone, so everything off the diagonal is 0.
#
# Ask for the shape of the Jacobian of a cost: one row. Written as a column it is the gradient.

# %% [markdown] slideshow={"slide_type": "slide"} treats="02.4"
# ## Composition is a product
#
# The sum runs over $j$, the index that both factors share: row $k$ times column $i$.
#
# $$\frac{\partial z_k}{\partial x_i} = \sum_{j=1}^{m} \frac{\partial z_k}{\partial y_j}\, \frac{\partial y_j}{\partial x_i}$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{Jacobian of a composition}$$
#
# $$(p, n) = (p, m)\,(m, n)$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# The **outer** function stands on the **left**, and its slopes are taken at $g(x)$.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. If f has several outputs, apply the theorem to each $z_k$ by itself; the inner Jacobian is the same for all.
#
# Common slip: the order. With square matrices numpy will not notice.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Our net, as three Jacobians

# %% [markdown] slideshow={"slide_type": "-"}
# | step | Jacobian | shape |
# |:--|:--|:--|
# | $z^1 = W^1 x + b^1$ | $J_1 = W^1$ | $(3, 2)$ |
# | $z^2 = W^2 \sigma(z^1) + b^2$ | $J_2 = W^2\, \mathrm{diag}(\sigma'(z^1))$ | $(2, 3)$ |
# | $C = \frac12 \sum_k (\sigma(z^2_k) - y_k)^2$ | $J_3$: $(a^2_k - y_k)\, \sigma'(z^2_k)$ | $(1, 2)$ |

# %% [markdown] slideshow={"slide_type": "fragment"}
# > **Guess.** On how many paths does $x_1$ reach the cost?

# %% [markdown] slideshow={"slide_type": "fragment"}
# $3 \times 2 \times 1 = 6$. The choices multiply from layer to layer. Each path is one term of
#
# $$\frac{\partial C}{\partial x_i} = \sum_{j=1}^{3} \sum_{k=1}^{2} \frac{\partial C}{\partial z_k^2}\, \frac{\partial z_k^2}{\partial z_j^1}\, \frac{\partial z_j^1}{\partial x_i}$$

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. $J_2$ is a composition: linear after elementwise. In $J_3$ only the term k moves with $z_k^2$, and the 2 of the square cancels the ½.
#
# A superscript is a layer, not a power. The double sum is the chain rule, applied twice.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Six paths, one sum

# %% slideshow={"slide_type": "-"}
bp.plots.show(bp.plots.path_shares(*chain, 0))

# %% slideshow={"slide_type": "fragment"}
nudged = bp.numerical_gradient(lambda moved: bp.cost_of(net, moved, y), x)[0, 0]
say(f"Product of matrices: $J_3 J_2 J_1 = ({(J3 @ J2 @ J1)[0, 0]:.4f}, \\; {(J3 @ J2 @ J1)[0, 1]:.4f})$. By nudging $x_1$: ${nudged:.4f}$.")

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Each bar starts where the one before it ended. Ask: which single path matters most, and which slope along it is largest?
# (Through hidden neuron 2 to output 1: 1.5 times −0.47 times −0.127.) A path can be negative and the derivative positive.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A derivative is a sum over paths

# %% slideshow={"slide_type": "-"}
bp.widgets.paths(*chain)

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Click into the picture; left and right go from input to input, up and down from path to path. Stop before the last step and ask: which numbers would you form
# first, to do as little work as possible? Then show "From C back": each number is formed once and serves every path that passes it. That is backpropagation.
#
# To leave the picture, click beside it; then Space goes on with the slides.

# %% [markdown] slideshow={"slide_type": "slide"} treats="02.6"
# ## The differential does not care where you stand

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{total differential}$$

# %% [markdown] slideshow={"slide_type": "-"}
# $\mathrm{d}z = \big(f'(y)\, g'(x)\big)\, \mathrm{d}x = f'(y)\, \big(g'(x)\, \mathrm{d}x\big) = f'(y)\, \mathrm{d}y$: the same form, whether $y$ is free or not (一阶全微分的形式不变性).

# %% slideshow={"slide_type": "fragment"}
dx = np.array([[0.01], [-0.02]])
dz1 = J1 @ dx
dz2 = J2 @ dz1
rows(
    ("one step of $x$", "change of the cost"),
    ("$J_3 J_2 J_1\\, \\mathrm{d}x$, written at $x$", digits((J3 @ J2 @ J1 @ dx).item(), 6)),
    ("$J_3 J_2\\, \\mathrm{d}z^1$, written at $z^1$", digits((J3 @ J2 @ dz1).item(), 6)),
    ("$J_3\\, \\mathrm{d}z^2$, written at $z^2$", digits((J3 @ dz2).item(), 6)),
    ("the change of $C$ itself", digits(bp.cost_of(net, x + dx, y) - bp.cost_of(net, x, y), 6)),
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Three reasons in a row: the composition's Jacobian, brackets may be moved, dy is the differential of y. Here g has to be differentiable too.
#
# Only the first order is invariant. Second order: $z = y^2$, $y = x^2$ at $x = 1$, dx = 0.1 gives 0.08 with y free and 0.12 through x.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"] treats="02.7"
# ## Brackets change the price
#
# $(p, q)$ times $(q, r)$ costs $p\,q\,r$ multiplications. $A$ and $B$ are 1000×1000, $v$ is a column.
#
# > **Guess.** How many times as many multiplications as $A(Bv)$ does $(AB)v$ take?

# %% slideshow={"slide_type": "fragment"}
n = 1000
ratio = (n**3 + n**2) / (2 * n**2)
say(f"$10^9 + 10^6$ against $2 \\times 10^6$: **{ratio:.0f} times** as many. Begin at the thin end, and everything stays thin.")

# %% [markdown] slideshow={"slide_type": "fragment"}
# For $J = J_L \cdots J_2 J_1$: **forward** starts at the inputs, **reverse** at the outputs. A cost is *one* output: the thin end is at the back.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Exercise 02.7 of the notebook counts both orders for any sizes.

# %% [markdown] slideshow={"slide_type": "slide"} treats="02.8"
# ## Never form the matrix

# %% [markdown] slideshow={"slide_type": "-"} tags=["left"]
# ### JVP, forward
#
# $$\eq{JVP}$$
#
# One pass: one **column**, all outputs for one input.

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# ### VJP, reverse
#
# $$\eq{VJP}$$
#
# One pass: one **row**, all inputs for one output.

# %% slideshow={"slide_type": "fragment"}
passes = []
v = np.ones((1, 1))
for name, J in (("$z^2$", J3), ("$z^1$", J2), ("$x$", J1)):
    v = J.T @ v
    passes.append((f"slopes of $C$ at {name}", ", ".join(digits(value) for value in v.ravel())))
rows(("one VJP through our net", ""), *passes)

# %% [markdown] slideshow={"slide_type": "fragment"}
# A million weights, one cost: **one** VJP, or a million JVPs. The price is memory: the forward pass must be kept.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. The transpose: slopes of a number stand in a row; written as a column, the product turns round.
#
# The lines of the table are what the widget showed in its last step. In lesson 04 those at a z get a name: the error δ. Elementwise functions need no matrix:
# $\mathrm{diag}(s)\, v = s \odot v$.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{chain rule} \qquad\qquad \eq{Jacobian of a composition}$$

# %% [markdown] slideshow={"slide_type": "-"} tags=["left"]
# ### Answer aloud
#
# 1. What must $f$ and $g$ satisfy, and why not the same?
# 2. A quantity feeds three others. What happens to the slopes that come back?
# 3. Why does training go backwards through a net?

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# ### Classic mistakes
#
# - `=` for `+=` at a fork
# - outer slope taken at $x$, not at $g(x)$
# - rows and columns exchanged
# - a VJP begun at the wrong end

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute, three students, one question each.
#
# 1: g partial derivatives, f differentiable: we move x along an axis, g moves y in any direction. 2: each times the slope of its own link, then added.
# 3: one cost, many weights: one row, one VJP.
#
# Homework: the notebook of lesson 02, eight exercises, about 50 minutes. Next: lesson 03, checking any derivative by measuring it.
