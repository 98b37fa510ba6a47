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
from bpkit.authoring.slide_words import digits, power, rows, say

tape = bp.tape


net, x, y = bp.nets.two_three_two()
cache = bp.forward(net, x)
grads = bp.backward(net, cache, y)

# %% [markdown] slideshow={"slide_type": "slide"} tags=["title"]
# # From backpropagation to autodiff
#
# A program that watches a program compute, and then runs it backwards
#
# Lesson 10 · 45 minutes · bring pencil and paper

# %% [markdown] slideshow={"slide_type": "notes"}
# **For whoever gives this class.** The students know BP1 to BP4 (lessons 04 to 06) and that the gradient of a shared parameter is the sum over its uses (09). They should leave able to say what
# a node of a computation has to remember, in which order gradients are passed on, and which step of a net each of BP1 to BP4 is the VJP of.
#
# Keys: Space goes on, S opens these notes in a window of their own, T switches light and dark, O shows all slides. Test the projector in both schemes.
#
# Plan: vote and tape 4 min · adjoints 5 · what to remember, in which order 6 · exercise 7 · arrays 12 · backward pass 4 · BP1 to BP4 5 · recap 2.
# If you run late, leave out relu and "Not only formulas"; the lesson's notebook has both.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## One line, two ways
#
# $$f = (x + y) \cdot x \qquad\text{at}\qquad x = 2,\; y = 3$$
#
# > **Vote.** How fast does $f$ move with $x$: 2, 5, 7 or 10?

# %% slideshow={"slide_type": "fragment"}
measured = bp.numerical_gradient(lambda at: (at[0] + at[1]) * at[0], np.array([2.0, 3.0]))
say(f"Nudged and measured: $\\partial f/\\partial x = {measured[0]:.0f}$ and $\\partial f/\\partial y = {measured[1]:.0f}$.")

# %% [markdown] slideshow={"slide_type": "fragment"}
# There are two ways from $x$ to the result: as a factor, and inside the bracket. **Both count.**

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Hands for each number, written on the board. Those who say 5 see the factor x only, those who say 2 the bracket only, those who say 10 read off the value.
#
# Everybody here could differentiate this on paper: $2x + y$. The question of the hour is how a machine does it that has never heard of a formula and only sees numbers being added and multiplied.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["wide-left"]
# ## The tape

# %% slideshow={"slide_type": "-"} tags=["left"]
a, b = tape.Var(2.0), tape.Var(3.0)
f = (a + b) * a
bp.plots.show(bp.plots.tape(f, {"x": a, "y": b}))

# %% [markdown] slideshow={"slide_type": "-"} tags=["right", "middle"]
# A box for each step, in the order of computing.
#
# **Above**: who is used by whom.
#
# **Below**: what is passed back.
#
# $\partial$: how the result moves with this box.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Read it from left to right for the values, then from right to left: $v_2$ is the result, its gradient is 1. It gives $x$ its other factor, 5, and $v_1$ its other factor, 2.
# Then $v_1$ gives 2 to both of its terms. $x$ has collected 5 + 2.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What arrives at a quantity
#
# $v_1, \dots, v_n$ in the order of computing, $v_n$ the result. $\bar v_i$: how the result moves when $v_i$ is nudged and all after it follows.

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{adjoint} \tag{adjoint}$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["rows"]
# | | | |
# |--:|:--|:--|
# | 1 | Give each use of $v_i$ a copy of its own. | nothing changes in what is computed |
# | 2 | $\bar v_i = \displaystyle\sum_u \frac{\partial v_n}{\partial v_{i[u]}}$ | shared quantity: sum over its uses (lesson 09) |
# | 3 | $\dfrac{\partial v_n}{\partial v_{i[u]}} = \bar v_j\, \dfrac{\partial v_j}{\partial v_{i[u]}}$ | copy $u$ goes into one step, $v_j$: chain rule, one path |

# %% [markdown] slideshow={"slide_type": "notes"}
# 5 minutes. The sum runs over the direct users of $v_i$, once for each use. $\partial v_j / \partial v_i$ is the slope of that single step, its other operands held; do not let them differentiate through.
#
# This is BP2 without layers. Ask what the users of a neuron are (all neurons of the next layer), and what the slope of that step is ($w_{kj}\,\sigma'(z_j)$).
#
# Then the numbers on the board: $\bar x = \bar v_2 \cdot 5 + \bar v_1 \cdot 1 = 5 + 2$.

# %% [markdown] slideshow={"slide_type": "slide"} treats="10.1"
# ## What must a result remember?

# %% [markdown] slideshow={"slide_type": "-"} tags=["left"]
# - its **value**,
# - its **parents**: what it was made from,
# - for each parent the **slope** of the step,
# - the **gradient** that has arrived so far.
#
# Python lets a class say what `+` and `*` mean. The program that computes stays as it is.

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# | step | slopes |
# |:--|:--|
# | $a + b$ | $1$ and $1$ |
# | $a \cdot b$ | $b$ and $a$ |
# | $\sigma(a)$ | $\sigma'(a)$ |
#
# Where gradients arrive: **add**. A second use must not overwrite the first.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Uncover nothing before they have named the four things. Exercise 10.1 of the notebook is this class; its most frequent mistake is `=` for `+=`.
#
# Ask for $x \cdot x$: two uses by one step. The slopes are x and x, and both arrive.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## In which order?
#
# `v = x`, then 30 times `v = v + v`. Let every node pass on at once whatever it gets.
#
# > **Guess:** how many times is something passed on?

# %% slideshow={"slide_type": "fragment"}
v = tape.Var(1.0)
for _ in range(30):
    v = v + v
pushes = sum(2**k for k in range(1, 31))
once = sum(len(node.parents) for node in bp.topological_order(v))
say(f"Each path by itself: ${power(pushes)}$ times. Each node once, when it is **complete**: {once} times.")

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Passing on at once is right, it sums over all paths; and every step doubles their number. What paths have in common must be summed before it is passed on: the idea behind δ.
#
# Complete means: everybody who used the node has passed on to it.

# %% [markdown] slideshow={"slide_type": "slide"} treats="10.2"
# ## A topological order
#
# All nodes that the result rests on, each once, **parents before children**.

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - The order of computing is one. It can be found again from the parents alone: *first my parents, then myself, and never twice*.
# - Walk it **from its end**: every user of a node comes before the node. So the node is complete when its turn comes.

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["small"]
# Pass on too early, and parts are passed on twice. Walk from the front, and the inputs pass on nothing.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Let a student say why such an order exists: nothing can be computed from itself. Draw a long and a short way to the same input on the board, and let them find an order that is wrong.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercise", "wide-left"]
# ## Your turn · 6 minutes · in pairs, no computer

# %% slideshow={"slide_type": "-"} tags=["left"]
w, u = tape.Var(2.0), tape.Var(3.0)
h = w * u
s = h + w
g = s * h
bp.plots.show(bp.plots.tape(g, {"w": w, "x": u, "h": h, "s": s, "f": g}, gradients=False))

# %% [markdown] slideshow={"slide_type": "-"} tags=["right", "middle"]
# 1. In which order do the boxes pass on?
# 2. Fill in all five gradients.
# 3. Somebody writes `=` for `+=`. Which gradients are wrong then?

# %% [markdown] slideshow={"slide_type": "notes"}
# 6 minutes: 4 to work, 2 to compare. The answer is on the next slide down (press Down or Space).
#
# Two boxes are used twice, w and h. Walk round and look whether they wait with h until s has passed on to it.
#
# For those who are done: check it with the formula $f = w^2 x^2 + w^2 x$.

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercise", "wide-left"]
# ## Your turn: the answer

# %% slideshow={"slide_type": "-"} tags=["left"]
bp.plots.show(bp.plots.tape(g, {"w": w, "x": u, "h": h, "s": s, "f": g}))

# %% [markdown] slideshow={"slide_type": "-"} tags=["right", "middle"]
# $f$, then $s$, then $h$. The inputs have nothing to pass on.
#
# With `=`: $h$ keeps only what came last, so $h$, $w$ and $x$ are wrong. No error message.

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. $\bar s = h = 6$. $\bar h = s + \bar s = 8 + 6 = 14$. $\bar w = \bar s + \bar h\, x = 6 + 42 = 48$. $\bar x = \bar h\, w = 28$.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"] treats="10.7"
# ## From numbers to arrays
#
# A node for each matrix, not for each entry. Its gradient has **its shape**. And the slope?
#
# $Z = WX$ with $W$ of shape $(30, 784)$ and 10 examples.
#
# > **Guess:** how many entries has the Jacobian $\partial Z / \partial W$?

# %% slideshow={"slide_type": "fragment"}
say(f"${power(300 * 23520)}$, nearly all of them 0. What we need is its transpose times $\\bar Z$: one product, {30 * 10 * 784:,} multiplications.")

# %% [markdown] slideshow={"slide_type": "fragment"}
# So a node remembers, for each parent, a **function**: from $\bar Y$ to what the parent gets. The vector-Jacobian product, **VJP**.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. 300 outputs times 23,520 inputs. Each output depends on one row of W only.
#
# The VJP is known from lesson 02. An engine is a list of operations, each with its value and its VJPs.

# %% [markdown] slideshow={"slide_type": "slide"} treats="10.3"
# ## Through a product: $Y = AB$

# %% [markdown] slideshow={"slide_type": "-"} tags=["rows"]
# | | | |
# |--:|:--|:--|
# | 1 | $y_{ij} = \displaystyle\sum_p a_{ip}\, b_{pj}$ | the product |
# | 2 | $\dfrac{\partial y_{ij}}{\partial a_{ip}} = b_{pj}$ | other rows of $Y$ do not contain $a_{ip}$ |
# | 3 | $\bar a_{ip} = \displaystyle\sum_j \bar y_{ij}\, b_{pj} = \sum_j \bar y_{ij}\, (B^\top)_{jp}$ | $a_{ip}$ is used in all entries of row $i$ |

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{matmul VJP} \tag{matmul VJP}$$

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. Line 3 is the adjoint formula: m users, one for each column j. Let them do the same for B; the sum then runs over i, the rows.
#
# Shapes: $(n, k) = (n, m)(m, k)$ and $(k, m) = (k, n)(n, m)$. Unless the matrices are square there is no other way to multiply. On square ones nobody objects to a missing transpose.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## You know this rule already
#
# Our net: $Y = W^2 a^1$ and $\bar Y = \delta^2$.

# %% slideshow={"slide_type": "-"}
G, W2, a1 = grads.delta[2], net.W[2], cache.a[1]
rows(
    ("", "by the rule", "by lessons 05 and 06"),
    (r"$\bar W = \delta^2 (a^1)^\top$", digits(G @ a1.T), f"BP4: {digits(grads.W[2])}"),
    (
        r"$(W^2)^\top \delta^2$, then $\odot\, \sigma'(z^1)$",
        digits(W2.T @ G * bp.sigmoid.prime(cache.z[1])),
        f"BP2: {digits(grads.delta[1])}",
    ),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# **BP4 and BP2 are the two halves of one product's VJP.**

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Ask before you show the table: which formula is $\bar W$, which is $\bar a$?

# %% [markdown] slideshow={"slide_type": "slide"} treats="10.4"
# ## Broadcasting is a fork
#
# $Z = WX + b$: numpy acts as if $b$ were copied into all $m$ columns. A copy is a use. Uses add up.

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{broadcast VJP} \tag{broadcast VJP}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# That is the sum in **BP3**. Nobody chose it: broadcasting did.

# %% [markdown] slideshow={"slide_type": "fragment"}
# | operand | result | sum over |
# |:--|:--|:--|
# | $(3, 1)$ | $(3, 5)$ | axis 1, which stays, with size 1 |
# | $(4,)$ | $(3, 4)$ | axis 0, which goes |
# | $(3, 1)$ | $(2, 3, 4)$ | axis 0, which goes; then the last, which stays |

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. First ask for the gradient of b when $\bar Z$ has rows (1, 2, 3, 4), (0, -1, 0, 1), (½, ½, ½, ½): 10, 0, 2. Sums, not means. The 1/m of BP3 comes from the cost.
#
# Two rules of numpy, undone in reverse: axes put in front go, stretched axes stay with size 1. Exercise 10.4.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"] treats="10.5"
# ## A famous line
#
# $$\eq{elementwise VJP} \tag{elementwise VJP}$$
#
# For relu, somebody writes `G * (a >= 0)`, with the **output** `a`.
#
# > **Guess:** which share of the entries is wrong?

# %% slideshow={"slide_type": "fragment"}
rng = np.random.default_rng(10)
z, G = rng.normal(size=(100, 100)), rng.normal(size=(100, 100))
share = np.mean(G * (bp.relu(z) >= 0) != G * (z > 0))
say(f"{share:.0%}: every entry with $z < 0$. An output of relu is never below 0, so the mask is always true.")

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. The line stands in public course material. With > it would be right. At z = 0 this course takes the slope 0.

# %% [markdown] slideshow={"slide_type": "slide"} treats="10.6"
# ## The backward pass
#
# 1. **Clean up**: every gradient is 0.
# 2. **Seed**: the result's gradient is 1.
# 3. **Pass on**, from the result back, each node once, **adding** up.

# %% [markdown] slideshow={"slide_type": "fragment"}
# | left out or wrong | what you see |
# |:--|:--|
# | no cleaning up | right the first time, wrong the second |
# | seed is the result's value | every gradient scaled |
# | `=` for `+=` | wrong only where something is used twice |
# | one array for two nodes, `+=` in place | wrong somewhere else |

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. None of the four raises an error. Ask for each row which test would find it: two calls in a row; a value other than 1; a fork; two nodes that share an array.
#
# Not even twice: $(x \cdot x) \cdot x$ at 2 has the gradient 12; a second call without cleaning gives 32, since the node in between keeps its part too.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Watch it: a weight that is used twice

# %% slideshow={"slide_type": "-"}
w, u = tape.Var(0.5), tape.Var(2.0)
C = 0.5 * (tape.tanh(w * tape.tanh(w * u)) - 1.0) ** 2
bp.widgets.tape(C, {"w": w, "x": u, "C": C})

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. Click into the picture; Next and Back, or the arrow keys. Before each step a student says who is next. A dashed box is still waiting for a user. To leave the picture, click beside it; then Space goes on.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## BP1 to BP4 fall out

# %% [markdown] slideshow={"slide_type": "-"}
# | step of the forward pass | its VJP | in this course |
# |:--|:--|:--|
# | $a^L = \sigma(z^L)$ | $\bar z^L = \bar a^L \odot \sigma'(z^L)$ | BP1 |
# | $W^l a^{l-1}$, to $a^{l-1}$; then $\sigma$ | $\bar z^{l-1} = (W^l)^\top \bar z^l \odot \sigma'(z^{l-1})$ | BP2 |
# | $+\,b^l$, copied | $\bar b^l$: row sums of $\bar z^l$ | BP3 |
# | $W^l a^{l-1}$, to $W^l$ | $\bar W^l = \bar z^l (a^{l-1})^\top$ | BP4 |

# %% slideshow={"slide_type": "fragment"}
W = [None, *(tape.Var(weights) for weights in net.W[1:])]
z1 = W[1] @ x + net.b[1]
C = 0.5 * tape.sum((tape.sigmoid(W[2] @ tape.sigmoid(z1) + net.b[2]) - y) ** 2)
tape.backward(C)
rows(
    ("our net, forwards only", "tape", "lessons 05, 06"),
    ("gradient of $z^1$", digits(z1.grad), f"$\\delta^1$: {digits(grads.delta[1])}"),
    ("gradient of $W^1$, first row", digits(W[1].grad[0]), f"BP4: {digits(grads.W[1][0])}"),
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Cover the last column and let them name each row. δ was defined as $\partial C_x / \partial z$; the gradient of the node z is that.
#
# With m examples the cost divides by m at its end, and every gradient on the tape carries it from there: $\bar z = \delta / m$. The course keeps δ per example and puts the 1/m into BP3 and BP4. Other bookkeeping, same gradients.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## Not only formulas
#
# The tape records what **happened**: loops, branches, as many steps as it took. Newton's square root:

# %% slideshow={"slide_type": "-"} tags=["show-code"]
c, root, steps = tape.Var(2.0), tape.Var(1.0), 0
while abs(root.value**2 - c.value) > 1e-12:
    root, steps = (root + c / root) / 2, steps + 1
tape.backward(root)

# %% slideshow={"slide_type": "fragment"}
say(
    f"{steps} steps: the root is ${float(root.value):.4f}$, its slope in $c$ is ${float(c.grad):.4f}$. By formula $1/(2\\sqrt 2) = {1 / (2 * np.sqrt(2)):.4f}$"
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# PyTorch and JAX are such tapes, with compiled operations. The price of all gradients: a few forward passes of work, and **what the VJPs need, kept** until the way back.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. There is no derivative rule for `while`. Ask who would have dared.
#
# `requires_grad` makes a Var, `.backward()` is the backward pass, `zero_grad` cleans up, because PyTorch keeps the gradients of parameters on purpose.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{adjoint} \qquad\qquad \eq{matmul VJP}$$

# %% [markdown] slideshow={"slide_type": "-"} tags=["left"]
# ### Answer aloud
#
# 1. What does a node remember?
# 2. Why the reverse of a topological order?
# 3. Where does BP3's sum come from, where BP2's transpose?

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# ### Classic mistakes
#
# - `=` for `+=` where gradients arrive
# - gradients of an earlier call kept
# - relu's mask with `>=` from its output
# - a bias gradient of shape $(n, m)$

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Three students, one question each.
#
# 1: value, parents, VJPs, gradient. Why no Jacobian? It is huge and mostly zeros, and only its product with the gradient is needed. 2: a node passes on its whole gradient once, so all its users must have passed on before.
# 3: copies of the bias add up; BP2 and BP4 are the two VJPs of one matrix product.
#
# Homework: the notebook of lesson 10, seven exercises, a good hour; they end with an engine in fewer than 130 lines. Next: lesson 11, printed derivations, most of them wrong in one line.
