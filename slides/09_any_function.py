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
from bpkit.authoring.slide_words import label, matrix, rows, say

net, x, y = bp.nets.two_three_two()
coding, penalty, ica, form = bp.objectives.all_four()
A, s, V, W = coding["A"].value, coding["s"].value, penalty["V"].value, net.W[1]

# %% [markdown] slideshow={"slide_type": "slide"} tags=["title"]
# # Backpropagation as a way of thinking
#
# Any function of matrices is a net
#
# Lesson 09 · 45 minutes · bring pencil and paper

# %% [markdown] slideshow={"slide_type": "notes"}
# **For whoever gives this class.** The students know the chain rule with its conditions (02), gradient checks (03), BP2 and BP4 (05, 06).
# They should leave able to draw a function of matrices as a net and to write its gradient down from the drawing, and able to prove the theorem on shared parameters.
#
# Keys: Space goes on, S opens these notes in a window of their own, T switches light and dark, O shows all slides.
#
# Plan: vote 2 min · recipe and steps 7 · sparse coding 6 · topographic penalty 4 · shared parameters and proof 10 · ICA 5 · exercise 6 · the nets in motion 1 · recap 2.
# If you run late, leave out the topographic penalty; the lesson's notebook has it whole.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## Can this be right?
#
# A wiki page, read by many, announces the gradient **with respect to the matrix $A$** of
#
# $$\lVert A s - x \rVert^2$$
#
# and arrives at
#
# $$A^\top\, 2 (A s - x)$$

# %% slideshow={"slide_type": "-"}
say(f"> **Vote.** $A$ is ${A.shape[0]} \\times {A.shape[1]}$, $s$ is ${s.shape[0]} \\times {s.shape[1]}$. Can it be right?")

# %% slideshow={"slide_type": "fragment"}
claim = A.T @ (2 * (A @ s - x))
say(
    f"The result is ${claim.shape[0]} \\times {claim.shape[1]}$: the shape of $s$. **A gradient has the shape of what it belongs to.** "
    "The formula is right, for $s$. Reading shapes is the cheapest check there is."
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Vote by hands before you uncover the answer. Many will start to compute; those who look at shapes are done in a second.
#
# The page is 用反向传导思想求导 of the UFLDL wiki. Its idea is excellent, and this hour follows it. It has five slips, three of them in the gradients; those show at once on a matrix that is
# neither square nor symmetric. That is the second theme of the hour: how to choose an example on which an error cannot hide.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The recipe
#
# $F$ turns matrices into one number, in steps. A box for each array, an arrow for each **use** of an array: a net. For each array $v$ let
#
# $$\delta_v = \frac{\partial F}{\partial v}, \quad \text{of the shape of } v$$

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - **Name** every array on the way to $F$.
# - **Forward**: compute them, keep them.
# - **Backward**: start with $\delta_F = 1$; each use of an array sends something back to it.
# - **Add** at each array what its uses send back.

# %% [markdown] slideshow={"slide_type": "fragment"}
# $\lVert v \rVert^2$: squares of **all** entries, summed. $F$ is a sum: no $1/m$ in this hour.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. The δ of the earlier lessons is the special case $v = z^l$. Nothing else is new but the freedom: the arrays may have any shape, the steps may be squares, roots, products.
#
# The last point, adding, is used now and proved in the middle of the hour. Say so.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What a product sends back: $Z = A S$
#
# $$z_{ie} = \sum_j a_{ij}\, s_{je}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# $s_{je}$ stands in column $e$, in every row $i$:
#
# $$\frac{\partial F}{\partial s_{je}} = \sum_i (\delta_Z)_{ie}\, a_{ij} \qquad\text{so}\qquad \underset{(k,\, m)}{\delta_S} = \underset{(k,\, n)}{A^\top}\, \underset{(n,\, m)}{\delta_Z}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# $a_{ij}$ stands in row $i$, in every column $e$:
#
# $$\frac{\partial F}{\partial a_{ij}} = \sum_e (\delta_Z)_{ie}\, s_{je} \qquad\text{so}\qquad \underset{(n,\, k)}{\delta_A} = \underset{(n,\, m)}{\delta_Z}\, \underset{(m,\, k)}{S^\top}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# BP2 without the slope, BP4 without the mean.

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. The only derivation with indices in this hour; do it on the board. Before each sum ask: in which entries of Z does this entry stand? The answer says which index is summed.
#
# Let the class find the matrix form from the shapes alone: of $A$, $\delta_Z$ and a transpose there is one product of shape $(k, m)$.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The other steps

# %% [markdown] slideshow={"slide_type": "-"} tags=["rows"]
# | step | sends back | why |
# |:--|:--|:--|
# | $v = f(u)$, entry by entry | $f'(u) \odot \delta_v$ | $u_i$ reaches $v_i$ only |
# | $v = u \odot w$ | to $u$: $w \odot \delta_v$, to $w$: $u \odot \delta_v$ | the other factor is the slope |
# | $v = u - x$, $x$ given | $\delta_v$ | slope 1 |
# | $F = \sum v$ | $1$ in every entry | slope 1 |
# | $M = W^\top$ | $\delta_M^\top$ | $m_{ji} = w_{ij}$: another place |

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. Uncover row by row and let somebody say the middle column first. The last row will be needed for ICA; half of the class will have forgotten it by then.

# %% [markdown] slideshow={"slide_type": "slide"} treats="09.1"
# ## Sparse coding, by its code
#
# $F = \lVert A s - x \rVert^2 + \gamma \lVert A \rVert^2$: data $x$ from a few columns of a dictionary $A$; the code $s$ says how much of each.

# %% slideshow={"slide_type": "-"} tags=["rows"]
number = {key: ", ".join(f"{value:g}" for value in coding[key].gradient.ravel()) for key in ("q", "r", "z", "s")}
rows(
    ("array", "shape", "what comes back", "numbers"),
    ("$q = r \\odot r$", "$(n, m)$", "$1$ in every entry", f"${number['q']}$"),
    ("$r = z - x$", "$(n, m)$", "$2 r \\odot \\delta_q = 2r$", f"${number['r']}$"),
    ("$z = A s$", "$(n, m)$", "$\\delta_r = 2r$", f"${number['z']}$"),
    ("$s$", "$(k, m)$", "$A^\\top \\delta_z$", f"${number['s']}$"),
)

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{sparse coding, s}$$

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Draw the net on the board while you go: s, z, r, q, F in a row, arrows to the right, and what comes back under each arrow. The numbers are those of the course's 2-3-2 net: its second
# weights as A, the weighted inputs of its hidden layer as s.
#
# Why does the penalty send nothing to s? No arrow leads from s to it.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["wide-left"] treats="09.2"
# ## The same net, by its dictionary: two uses

# %% slideshow={"slide_type": "-"}
bp.plots.show(bp.plots.objective(coding))

# %% [markdown] slideshow={"slide_type": "fragment"}
# $$\eq{sparse coding, A}$$

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Upper cells: values. Lower cells: gradients, always of the same shape. The thick green frame: used more than once.
#
# Ask first: what comes back to A? From z the error times what came in, transposed (BP4). From P twice A times γ. A nudge of A goes both ways at once, so both count. Check one entry with the class:
# row 1, column 1: −4 times −1 is 4, plus 0.2.

# %% [markdown] slideshow={"slide_type": "slide"} treats="09.3"
# ## A price on groups
#
# $F = \sum \sqrt{V (s \odot s) + \epsilon}$: whole groups of $s$ are switched off together; $V$ has a row for each group.

# %% [markdown] slideshow={"slide_type": "-"} tags=["rows"]
# | array | shape | what comes back |
# |:--|:--|:--|
# | $t = \sqrt p$ | $(g, m)$ | $1$ in every entry |
# | $p = u + \epsilon$ | $(g, m)$ | $\tfrac12\, p^{-1/2}$ |
# | $u = V q$ | $(g, m)$ | the same |
# | $q = s \odot s$ | $(n, m)$ | $V^\top$ times that: entries collect from their groups |
# | $s$ | $(n, m)$ | that times $2 s$, entry by entry: $\tfrac12$ and 2 cancel |

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{topographic penalty}$$

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. The text prints $V s s^\top$ for the squares. With a column s that is a matrix: for our numbers 2 by 3, and three of its six entries are negative under the root. Let somebody say what
# $s s^\top$ is before you do.
#
# Why the ε? Without it the root has no slope at 0. It comes back as a condition in a moment.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## Who notices $V$ for $V^\top$?
#
# Somebody forgets the transpose. Three tests: $V$ of $2 \times 3$; random $3 \times 3$; symmetric $3 \times 3$.

# %% slideshow={"slide_type": "fragment"}
random = np.random.default_rng(9).uniform(size=(3, 3))
lines = []
for name, G in (("$2 \\times 3$", V), ("random $3 \\times 3$", random), ("symmetric $3 \\times 3$", random + random.T)):
    right = (G.T @ (G @ s**2 + 0.1) ** -0.5) * s
    if G.shape[0] != G.shape[1]:
        lines.append((name, "the shapes do not fit: **noticed**"))
        continue
    wrong = (G @ (G @ s**2 + 0.1) ** -0.5) * s
    error = np.linalg.norm(wrong - right) / np.linalg.norm(right)
    told = label("noticed") if error > 1e-6 else label("hidden")
    lines.append((name, f"relative error {error:.2f}: **{told}**"))
rows(("test", "result"), *lines)

# %% [markdown] slideshow={"slide_type": "fragment"}
# Test on a square matrix that is **not symmetric**, and on one that is **not square**.

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. Grouping matrices are often symmetric in practice: "i is in j's group" usually goes both ways. So the natural test data are the worst.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## One matrix, two places
#
# Tie the weights of the 2-3-2 net: $W^2 = (W^1)^\top$. `bp.backward` finds a gradient for each layer.
#
# > **Vote.** The gradient of the one matrix is: the last layer's, the mean of both, or the sum?

# %% slideshow={"slide_type": "fragment"}


def tied(W):
    """The 2-3-2 net with its first weights, transposed, in the second layer."""
    return bp.Network((None, W, W.T), net.b, net.activations, net.cost)


grads = bp.backward(tied(W), bp.forward(tied(W), x), y)
one, two = grads.W[1], grads.W[2].T
measured = bp.numerical_gradient(lambda v: bp.cost_of(tied(v), x, y), W)
rows(
    ("claim", "off from the measured gradient by at most"),
    *(
        (name, f"{np.abs(claim - measured).max():.4f}")
        for name, claim in (("the last layer's", two), ("the mean", (one + two) / 2), ("**the sum**", one + two))
    ),
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Vote, then uncover. "The mean" always gets votes: people think of sharing as dividing. A nudge of W is felt at both places; to first order the effects add up; nothing is divided.
#
# The second gradient is turned back before it is added: that use was transposed.

# %% [markdown] slideshow={"slide_type": "slide"} treats="09.4"
# ## The theorem
#
# $F(W_{[1]}, \dots, W_{[U]})$: a place for each use. $G(W) = F(W, \dots, W)$.
#
# **If $F$ is differentiable at $(W, \dots, W)$**, as a function of all its entries together, then $G$ is differentiable at $W$; its gradient, on the left, is

# %% [markdown] slideshow={"slide_type": "-"} tags=["big", "card"]
# $$\eq{shared parameter}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# Where a use is transposed:
#
# $$\eq{transposed use} \tag{transposed use}$$

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. Read it aloud in words: the gradient of a parameter that is used several times is the sum of the gradients at its uses, each taken as if the others were held.
#
# The text states it and asks its readers for the proof. So we prove it.

# %% [markdown] slideshow={"slide_type": "slide"} treats="09.6"
# ## The proof

# %% [markdown] slideshow={"slide_type": "-"} tags=["rows"]
# | | | |
# |--:|:--|:--|
# | 1 | $G = F \circ c, \quad c(W) = (W, \dots, W)$ | $c$ copies, $F$ uses |
# | 2 | $c$ is differentiable | it is linear |
# | 3 | $\displaystyle\frac{\partial G}{\partial w_{ij}} = \sum_{u} \sum_{k,l} \frac{\partial F}{\partial w_{[u]kl}}\, \frac{\partial w_{[u]kl}}{\partial w_{ij}}$ | chain rule: $F$ by assumption, $c$ by 2 |
# | 4 | $\displaystyle\frac{\partial w_{[u]kl}}{\partial w_{ij}} = 1$ if $k = i,\ l = j$, else $0$ | a copy's entry: $w_{[u]kl} = w_{kl}$ |
# | 5 | $\displaystyle\frac{\partial G}{\partial w_{ij}} = \sum_{u} \frac{\partial F}{\partial w_{[u]ij}}$ | of the sum over $k, l$ one term is left |
# | 6 | all $i, j$ at once: the theorem | every term has the shape of $W$ |

# %% [markdown] slideshow={"slide_type": "notes"}
# 5 minutes. Line by line, and ask for each before you uncover it. The chain rule (lesson 02) has two conditions: the inner function is differentiable at the point, and the outer one at the image. Say which line
# provides which.
#
# Then cover the slide; 90 seconds in pairs to write it from memory. Exercise 09.6 asks for it again, with the steps shuffled.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## Does the condition matter?
#
# $$F(u, v) = \frac{u^2 v}{u^2 + v^2}, \qquad F(0, 0) = 0$$
#
# $F$ is zero on both axes, so both partial derivatives at the origin are 0.
#
# > **Guess:** the slope of $G(w) = F(w, w)$ at $w = 0$?

# %% [markdown] slideshow={"slide_type": "fragment"}
# $$G(w) = \frac{w^3}{2 w^2} = \frac{w}{2} \qquad\text{slope } \tfrac12, \text{ and } 0 + 0 \ne \tfrac12$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# Partial derivatives are not enough: $F$ must be **differentiable**. Sums, products, squares, roots of positive numbers are. That is why $\epsilon$ stands under the root.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Where does the proof break? At line 3: the chain rule needs F differentiable at the point. Along the diagonal F moves to first order, along the axes it does not; no linear map does that.
#
# If there is time: batch (one W for every example), one bias for a whole layer (text R), convolutions, recurrent nets are all this theorem. In code: `+=`.

# %% [markdown] slideshow={"slide_type": "slide"} treats="09.5"
# ## ICA: rebuild $x$ from $h = W x$
#
# $F = \lVert W^\top W x - x \rVert^2$, with $h = W_{[1]} x$, $\ y = W_{[2]}^\top h$, $\ r = y - x$

# %% [markdown] slideshow={"slide_type": "-"} tags=["rows"]
# | array | shape | what comes back |
# |:--|:--|:--|
# | $y$ | $(n, m)$ | $2r$ |
# | $W_{[2]}^\top$ | $(n, k)$ | $\delta_y h^\top = 2 r (W x)^\top$ |
# | $W_{[2]}$ | $(k, n)$ | turned back: $2 (W x) r^\top$ |
# | $h$ | $(k, m)$ | $(W_{[2]}^\top)^\top \delta_y = 2 W r$ |
# | $W_{[1]}$ | $(k, n)$ | $\delta_h x^\top = 2 W r\, x^\top$ |

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{ICA reconstruction}$$

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. Two places to slow down. Row 3: the use was transposed, its gradient is turned back. Row 4: forward the step multiplies by $W^\top$, so backward by the transpose **of that**, which is W.
# The text slips exactly there.
#
# Then add rows 3 and 5. Ask for the shapes of both before anybody adds them.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The slip that a symmetric matrix hides
#
# The text prints $W^\top\, 2 r\, x^\top$ where $W\, 2 r\, x^\top$ belongs.

# %% slideshow={"slide_type": "-"}
rng = np.random.default_rng(4)
square, sample = rng.normal(size=(4, 4)), rng.normal(size=(4, 3))
lines = [(f"${W.shape[0]} \\times {W.shape[1]}$", "the shapes do not fit")]
for name, M in (("random $4 \\times 4$", square), ("symmetric $4 \\times 4$", square + square.T)):
    r = M.T @ M @ sample - sample
    printed = 2 * M.T @ r @ sample.T + 2 * (M @ sample) @ r.T
    true = bp.complex_step(lambda v: np.sum((v.T @ v @ sample - sample) ** 2), M)
    lines.append((name, f"{np.linalg.norm(printed - true) / max(np.linalg.norm(printed), np.linalg.norm(true)):.2f}"))
rows(("$W$", "relative error of the printed gradient"), *lines)

# %% [markdown] slideshow={"slide_type": "fragment"}
# With $W = I$ even the residual is 0: **every** formula that it is multiplied with passes.

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. Ask before you show: on which of the three does the printed formula pass a gradient check? This is why the checks of the course run on a square matrix that is not symmetric and on one that is not square.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercise"]
# ## Your turn · 6 minutes · in pairs, no computer
#
# $$F = \mathrm{tr}(X^\top A X) = \sum X \odot (A X), \qquad X \; (n, p), \quad A \; (n, n), \text{ not symmetric}$$
#
# 1. Name the arrays and draw the net. How often is $X$ used?
# 2. Walk back. What does each use of $X$ get, in which shape?
# 3. Many books say $2AX$. When are they right?

# %% slideshow={"slide_type": "-"}
turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
say(f"4. For those who are done: what is the gradient for $A = {matrix(turn)}$, and why?")

# %% [markdown] slideshow={"slide_type": "notes"}
# 6 minutes: 4 to work, 2 to compare. The answer is on the next slide down.
#
# Look for two mistakes: one use only, mostly the outer one; and $A \delta_Y$ for $A^\top \delta_Y$. Ask those who are wrong to try their formula on question 4.

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercise"] treats="09.7"
# ## Your turn: the answer

# %% slideshow={"slide_type": "-"} tags=["left"]
bp.plots.show(bp.plots.objective(form))

# %% [markdown] slideshow={"slide_type": "-"} tags=["right", "middle"]
# $\delta_Q = 1$, $\quad \delta_Y = X$
#
# The factor $X$ gets $Y = A X$.
#
# The $X$ inside $Y$ gets $A^\top \delta_Y = A^\top X$.
#
# $$\eq{quadratic form}$$
#
# $2AX$ if and only if $A X = A^\top X$, for every $X$: $A$ symmetric.

# %% [markdown] slideshow={"slide_type": "-"}
# Question 4: $A + A^\top = 0$. A column is at a right angle to its own quarter turn, so $F = 0$ for every $X$.

# %% [markdown] slideshow={"slide_type": "notes"}
# The answer belongs to the six minutes before. Let a pair that had one use only say where the other one is in the picture.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Walk back through all four

# %% slideshow={"slide_type": "-"}
bp.widgets.objectives()

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. Choose ICA. Before each step somebody says what comes back and in which shape. At W press ↓ to see each use alone. To leave the picture, click beside it; then Space goes on with the slides.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{shared parameter} \qquad \delta_S = A^\top \delta_Z \qquad \delta_A = \delta_Z\, S^\top$$

# %% [markdown] slideshow={"slide_type": "-"} tags=["left"]
# ### Answer aloud
#
# 1. What does a product send back to its two factors?
# 2. Why do uses add up, and what has to hold?
# 3. A formula passes a check with $W = I$. What has been shown?

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# ### Classic mistakes
#
# - right formula, wrong array: read shapes
# - $W$ for $W^\top$, or the reverse
# - one use forgotten, or doubled
# - $s s^\top$ for $s \odot s$

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Three students, one question each.
#
# 1: $A^\top \delta_Z$ and $\delta_Z S^\top$, each in the shape of its factor. 2: the chain rule through the copying map; the function of all places together must be differentiable at the point. 3: little; on a symmetric
# matrix a transpose does not show, and with the identity the residual is zero.
#
# Homework: the notebook of lesson 09, seven exercises, an hour; and a function of the student's own, checked with `bp.check_grad`. Next: a program that does all of this by itself.
