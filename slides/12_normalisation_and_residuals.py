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
from bpkit.authoring.slide_words import digits, label, power, rows, say

net, _, _ = bp.nets.two_three_two()
X = np.array([[1.0, -1.0, 0.5, 2.0], [2.0, 0.5, -1.0, 1.0]])
Y = np.array([[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]])
ONE, ZERO = np.ones((3, 1)), np.zeros((3, 1))
z1 = net.W[1] @ X + net.b[1]


def normed(z):
    return bp.batch_norm(z, ONE, ZERO)


def costs(z, normal):
    a2 = bp.sigmoid(net.W[2] @ bp.sigmoid(normal(z)) + net.b[2])
    return 0.5 * ((a2 - Y[:, : z.shape[1]]) ** 2).sum(axis=0)


def who_moves_whom(normal):
    return bp.numerical_jacobian(lambda z: costs(z, normal), z1).reshape(4, 3, 4)[:, 0]


plain, batch = who_moves_whom(lambda z: z), who_moves_whom(normed)

# %% [markdown] slideshow={"slide_type": "slide"} tags=["title"]
# # Normalisation, residual connections, dropout
#
# Three parts of deep nets, and two claims that break
#
# Lesson 12 · 45 minutes · bring pencil and paper

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute to begin. **For whoever gives this class.** The students know batches (01), products of Jacobians (02), BP2 and vanishing errors (05), BP4 (06) and parameters that are
# used more than once (09). They should leave able to draw the three paths of a batch normalisation and to say why $I + J$ keeps a gradient alive.
#
# Plan: two claims 9 min · three paths 9 · exercise 6 · zeros and scale 3 · evaluation and layer norm 4 · residual 8 · dropout 3 · recap 2.
# If you run late, leave out "Before or behind the sum?".

# %% [markdown] slideshow={"slide_type": "slide"} treats="12.1"
# ## One neuron over the batch
#
# Each neuron gets mean 0 and width 1 **over the examples**, then a width and a place that are learnt:

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{batch norm} \tag{batch norm}$$

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - $\mu$ and $s$ from the **row** of the neuron: shape $(n, 1)$
# - variance over $m$, not $m - 1$; $\varepsilon$ under the root, $s = \sqrt{v + \varepsilon}$
# - $\gamma$ and $\beta$: parameters, one of each for every neuron

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Write a row of four numbers on the board and normalise it together: −1, 1, 3, 5 has mean 2 and variance 5. Let them find that the results have sum 0.
#
# Ask what happens to a row of four equal numbers, and who takes care of it.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## Vote
#
# Four examples. Nudge the weighted input of **one neuron in example 1**, and nothing else.
#
# > How many of the four costs move?

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. By hands: one, two, three, four. Everything in this course so far says one. Write the counts down, say nothing.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Whose cost moves

# %% slideshow={"slide_type": "-"}
bp.plots.show(bp.plots.who_moves_whom({"no normalisation": plain, "batch normalisation": batch}))

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Read one column aloud: example 1 is nudged, and all four costs answer. The last row is the column's sum, and that is what δ means from now on: the gradient of the
# sum of all costs.
#
# Blue discs are positive, orange rings negative; areas compare.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Two claims that hold no longer

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - "A matrix product treats each column by itself" (lessons 01 and 05). True, but $\mu$ and $s$ do not.
# - "Each column is one example and has its own error" (lesson 05). Now a column of $\delta$ depends on its neighbours.

# %% slideshow={"slide_type": "fragment"}


def delta(m):
    return bp.complex_step(lambda z: costs(z, normed).sum(), z1[:, :m])[:, 0]


rows(("the batch", "$\\delta$ of example 1"), ("all four examples", digits(delta(4))), ("without example 4", f"**{digits(delta(3))}**"))

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. BP2 and BP4 still hold, for the sum of the costs. What is lost is that $\delta_x a_x^\top$ is the gradient of $C_x$.
#
# A good question: what does a batch of one give? Nothing: one number minus its own mean.

# %% [markdown] slideshow={"slide_type": "slide"} treats="12.2"
# ## z stands in three places
#
# $$\hat z_x = \frac{z_x - \mu}{s}, \qquad \hat g_x = \frac{\partial C}{\partial \hat z_x} = \gamma\, g_x$$
#
# A copy for each place (lesson 09), differentiate by each, add up:

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["rows"]
# | path | what comes back to $z_x$ |
# |:--|:--|
# | direct | $\dfrac{\hat g_x}{s}$ |
# | through $\mu$ | $-\dfrac1s \displaystyle\sum_i \hat g_i \;\cdot\; \dfrac1m$ |
# | through $s$ | $-\dfrac1s \displaystyle\sum_i \hat g_i\, \hat z_i \;\cdot\; \dfrac{1}{2s} \;\cdot\; \dfrac{2 s\, \hat z_x}{m}$ |

# %% [markdown] slideshow={"slide_type": "notes"}
# 6 minutes, the heart of the class. For each path ask two questions. Who is moved by this number? (μ: every example, so a sum.) How much does my $z_x$ move this number?
# (μ: one $m$-th.)
#
# In the third row the factors are ∂C/∂s, the slope of the root, the slope of the square. The 2 and the ½ cancel: that is where most go wrong.

# %% [markdown] slideshow={"slide_type": "slide"} treats="12.3"
# ## In one line
#
# Each path has $1/s$ in it, and a sum over $m$ is a mean:

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{batch norm backward} \tag{batch norm backward}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# $$\eq{batch norm Jacobian} \tag{batch norm Jacobian}$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["bullets"]
# - rows and columns of this Jacobian are **examples**
# - two directions are taken off: a **common shift** and a **common stretch** of the row

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. The Jacobian is symmetric, so forward and backward use the same matrix. Both directions make sense without any formula: shift the row, and the mean takes it off;
# stretch it, and the width takes it off.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercise"]
# ## Your turn · 6 minutes · in pairs, no computer
#
# One neuron, $m = 4$, $\gamma = 1$, $\varepsilon = 0$: $\;\hat z = (-1, 1, -1, 1)$, $\;s = 2$, $\;g = (4, 0, 0, 0)$.
#
# 1. Before you compute: what do the four entries of $\partial C / \partial z$ add up to?
# 2. Compute them.
# 3. Now the batch is $\hat z = (-1, 1)$, with $g = (4, 0)$. What comes back?

# %% [markdown] slideshow={"slide_type": "notes"}
# 6 minutes: 4 to work, 2 to compare. Walk round and look for a gradient that is zero for examples 2 to 4: path 1 alone.
#
# A pair that is early may choose another g and find which ones give nothing.

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercise"]
# ## Your turn: the answer

# %% slideshow={"slide_type": "-"}
z_hat, g = np.array([-1.0, 1.0, -1.0, 1.0]), np.array([4.0, 0.0, 0.0, 0.0])
back = (g - g.mean() - z_hat * (g * z_hat).mean()) / 2
rows(
    ("", "1", "2", "3", "4"),
    ("$g$", *(f"{digits(v, 0)}" for v in g)),
    ("less its mean", *(f"{digits(v, 0)}" for v in g - g.mean())),
    ("less the part along $\\hat z$", *(f"{digits(v, 0)}" for v in 2 * back)),
    ("over $s$", *(f"**{digits(v, 0)}**" for v in back)),
)

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - They add up to **0**, whatever $g$ is: no common shift.
# - With two examples both directions are gone: **nothing** comes back.

# %% [markdown] slideshow={"slide_type": "notes"}
# Examples 1 and 3 have the same ẑ and opposite gradients: they are pulled apart, for nothing else is left to be moved.

# %% [markdown] slideshow={"slide_type": "slide"} treats="12.6 12.4"
# ## Zero by construction
#
# A bias shifts its whole row. The mean takes the shift off again:
#
# $$\frac{\partial C}{\partial b_j} = \sum_x \delta_{jx} = 0 \qquad \text{in front of a batch normalisation, in training}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# And a factor on $W$ stretches its row, which the width takes off:

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{scaled gradient}$$

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Draw it: W as an arrow, its gradient at a right angle. A step along the other leg makes the hypotenuse longer: under plain gradient descent |W| only grows, and so the
# effective step, η over |W| squared, only shrinks.
#
# Ask: does weight decay in front of a batch norm make the function simpler? It cannot: the function does not depend on the length.

# %% [markdown] slideshow={"slide_type": "slide"} treats="12.5"
# ## Training, evaluation, layers

# %% slideshow={"slide_type": "-"}
rows(
    ("", "mean and variance of", "backward", "do examples meet?"),
    ("batch norm, training", "the row: all examples", "three paths", "**yes**"),
    ("batch norm, evaluation", "running numbers, from training", "path 1 alone", "no"),
    ("layer norm, always", "the column: all neurons of one example", "three paths, $\\gamma$ inside", "no"),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# $$\eq{layer norm backward}$$

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. Ask which exercise-like slip each row invites: evaluation forgotten (answers depend on neighbours), path 1 in training, γ pulled out of the column's mean.
#
# γ and β are summed over the examples in every row of the table.

# %% [markdown] slideshow={"slide_type": "slide"} treats="12.7"
# ## A way around
#
# Going back through $L$ layers is a product of $L$ Jacobians (lesson 05). Let each block compute what is **added**:

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{residual gradient} \tag{residual gradient}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# $$\eq{residual product} \tag{residual product}$$
#
# Multiplied out: $2^L$ terms, one for each set of blocks that a path goes through. The first is $g^L$ itself.

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. Draw three blocks in a row with a way around each, and let them count the ways from one end to the other: eight.
#
# In the plain net there is one way, through everything. Here most ways are short, and one of them meets no J at all.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## One hundred blocks

# %% slideshow={"slide_type": "skip"}


def kept(kind, s, L=100, n=30, m=10):
    rng, one, forward = np.random.default_rng(0), np.ones((n, 1)), []
    W = [s / np.sqrt(n) * rng.normal(size=(n, n)) for _ in range(L)]
    a = rng.normal(size=(n, m))
    for V in W:
        h = np.tanh(V @ (bp.layer_norm(a, one, 0 * one) if kind == "pre-norm" else a))
        total = h if kind == "plain" else a + h
        forward.append((V, a, h, total))
        a = bp.layer_norm(total, one, 0 * one) if kind == "post-norm" else total
    g = last = rng.normal(size=(n, m))
    for V, a, h, total in reversed(forward):
        g = bp.layer_norm_vjp(total, one, g)[0] if kind == "post-norm" else g
        branch = V.T @ ((1 - h**2) * g)
        branch = bp.layer_norm_vjp(a, one, branch)[0] if kind == "pre-norm" else branch
        g = branch if kind == "plain" else g + branch
    return np.linalg.norm(g) / np.linalg.norm(last)


# %% slideshow={"slide_type": "-"}
say(
    f"The plain net, weights of standard deviation $0.5/\\sqrt{{30}}$: $\\lVert g^0 \\rVert / \\lVert g^{{100}} \\rVert = {power(kept('plain', 0.5))}$."
)
say("> With a way around each block, the same weights: how much?")

# %% slideshow={"slide_type": "fragment"}
say(f"**{kept('residual', 0.5):.0f}**: about $\\sqrt{{1 + f^2}}$ for each block, where the plain net has $f$.")

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Collect powers of ten. Then ask what the price is: the root is above 1, so these nets grow, forward and backward.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Before or behind the sum?

# %% slideshow={"slide_type": "-"}
scales = (0.5, 1.0, 2.0)
kinds = {"residual": label("residual"), "post-norm": label("post-norm"), "pre-norm": label("pre-norm")}
rows(
    ("$\\lVert g^0 \\rVert / \\lVert g^{100} \\rVert$", *(f"$s = {s:g}$" for s in scales)),
    *((name, *(f"{value:,.0f}" if (value := kept(kind, s)) > 100 else digits(value, 1) for s in scales)) for kind, name in kinds.items()),
)

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["bullets"]
# - **post-norm**, $N(a + F(a))$: a norm stands in every path
# - **pre-norm**, $a + F(N(a))$: the identity is free, and later branches count less, for they are divided by an $a$ that grows

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Pre-norm grows as a power of the depth, not exponentially. These are random nets at the start; the table does not say which ends up better.

# %% [markdown] slideshow={"slide_type": "slide"} treats="12.8"
# ## Dropout: one mask, both ways

# %% [markdown] slideshow={"slide_type": "-"}
# $$\eq{dropout} \tag{dropout}$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{dropout backward} \tag{dropout backward}$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["bullets"]
# - $\mathbb E[\tilde a] = a$, and $\mathrm{Var}[\tilde a] = \frac{p}{1 - p}\, a^2$: the mean is kept, noise is added
# - the mean goes through $W$, not through $\sigma$: the net in evaluation is not the mean of the nets in training

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. The mask is drawn once and kept. A new mask in the backward pass is the gradient of another function.
#
# Ask why we divide by 1 − p and not at the end: because then evaluation needs no thought.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - Count the places where a quantity stands; each is a path.
# - What a layer cannot see, its gradient cannot have: no shift, no stretch.
# - Say which mode you are in before you say what a gradient is.
# - Give the gradient a way with nothing on it.
# - Whatever was drawn at random in the forward pass is kept for the backward pass.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. At home: the notebook, exercises 12.1 to 12.8. Lesson 13 builds attention blocks of these parts.
