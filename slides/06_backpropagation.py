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
from bpkit.authoring.slide_words import digits, matrix, rows, say

net, x, y = bp.nets.two_three_two()
cache = bp.forward(net, x)
grads = bp.backward(net, cache, y)
X = np.array([[1.0, -1.0, 0.5], [2.0, 0.5, -1.0]])
Y = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
batch = bp.forward(net, X)
batch_grads = bp.backward(net, batch, Y)
d1, d2, a1 = grads.delta[1], grads.delta[2], cache.a[1]

# %% [markdown] slideshow={"slide_type": "slide"} tags=["title"]
# # From error to gradient: the whole algorithm
#
# BP3, BP4, a batch, and what it costs
#
# Lesson 06 · 45 minutes · bring pencil and paper

# %% [markdown] slideshow={"slide_type": "notes"}
# **For whoever gives this class.** The students have δ for every layer (lessons 04 and 05). They should leave able to write the five steps with every shape on a blank sheet,
# and to say where the one 1/m stands.
#
# Keys: Space goes on, S opens these notes in a window of their own, T switches light and dark, O shows all slides. Test the projector in both schemes.
#
# Plan: vote 3 min · one weight 6 · table and bias 5 · batch 6 · exercise 7 · the algorithm 7 · checks 5 · rows and cost 4 · recap 2.
# If you run late, leave out "Rows instead of columns"; the lesson's notebook has it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Which weight counts most?

# %% slideshow={"slide_type": "-"}
say(rf"""The running net's second layer, and what feeds it:

$$W^2 = {matrix(net.W[2])} \qquad a^1 = ({a1[0, 0]:.4f},\ {a1[1, 0]:.4f},\ {a1[2, 0]:.4f})$$

> **Vote.** Nudge one weight to output 1. Which moves the cost more: $w^2_{{12}} = {net.W[2][0, 1]:g}$ or $w^2_{{13}} = {net.W[2][0, 2]:g}$?""")


# %% slideshow={"slide_type": "fragment"}
def cost_if(W2):
    """The cost if the second layer had the weights W2."""
    return net.cost(bp.sigmoid(W2 @ a1 + net.b[2]), y)


measured = bp.numerical_gradient(cost_if, net.W[2])
rows(
    ("$\\partial C / \\partial w^2_{jk}$, measured", "from neuron 1", "from neuron 2", "from neuron 3"),
    *((f"to output {j + 1}", *(digits(value) for value in row)) for j, row in enumerate(measured)),
)

# %% slideshow={"slide_type": "fragment"}
ratio = measured[1, 0] / measured[0, 0]
say(
    f"The **smaller** weight. And the second row is the first times {digits(ratio, 2)}, in every column. "
    f"That is $\\delta^2_2 / \\delta^2_1 = {digits(d2[1, 0])} / ({digits(d2[0, 0])})$."
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Vote by hands. Most choose the −2: it is large. How large a weight is does not say how much it matters.
#
# The last line is the hook: six measured numbers with so much order in them. Ask what the columns have to do with each other, too: they are in the ratio of the activations.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Where does $w_{jk}^l$ enter?
#
# Any weighted input of its layer; $p$ runs through the layer before:
#
# $$z_i^l = \sum_{p=1}^{n_{l-1}} w_{ip}^l\, a_p^{l-1} + b_i^l$$

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - $i \ne j$: the weight is not in it, so $0$;
# - $i = j$: one term has it, $w_{jk}^l\, a_k^{l-1}$, so $a_k^{l-1}$.

# %% [markdown] slideshow={"slide_type": "fragment"}
# A neuron has many ways to the cost. **A weight has one way out: its own neuron.**

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Ask before each bullet: is the weight in this sum? Insist on the two different indices j and i; with one letter for both nobody sees why terms vanish.
#
# Somebody may ask whether $a_k^{l-1}$ depends on the weight. No: the signal goes forward only.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## BP4, derived

# %% [markdown] slideshow={"slide_type": "-"} tags=["rows"]
# | | | |
# |--:|:--|:--|
# | 1 | $\displaystyle\frac{\partial C_x}{\partial w_{jk}^l} = \sum_{i=1}^{n_l} \frac{\partial C_x}{\partial z_i^l}\, \frac{\partial z_i^l}{\partial w_{jk}^l}$ | chain rule |
# | 2 | $\phantom{\displaystyle\frac{\partial C_x}{\partial w_{jk}^l}} = \displaystyle\sum_{i=1}^{n_l} \delta_i^l\, \frac{\partial z_i^l}{\partial w_{jk}^l}$ | definition of the error |
# | 3 | $\phantom{\displaystyle\frac{\partial C_x}{\partial w_{jk}^l}} = \delta_j^l\, a_k^{l-1}$ | only $i = j$ is left, with slope $a_k^{l-1}$ |

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{BP4 in components} \tag{BP4 in components}$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["small"]
# A printed text has $\partial J / \partial w_{pq} = \delta_p\, a_p$ for the last layer. Two indices on the left need two on the right: $a_q$.

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. On the board, line by line, asked before shown. Then: why has this formula no sum and no slope, when BP2 had both? The sum has one term. The slope is inside of δ, which is taken at z.
#
# The printed slip is in our copy of Ge Li's slides; a machine may have made it. Ask what it would do to a row of W: every weight in the row would get the same gradient.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["wide-left"] treats="06.1"
# ## A table of products

# %% slideshow={"slide_type": "-"} tags=["left"]
bp.plots.show(bp.plots.outer_products(d2, a1, width=7.0))

# %% [markdown] slideshow={"slide_type": "-"} tags=["right", "middle"]
# Every error meets every activation: a column times a row.
#
# $$\underset{(n_l,\, n_{l-1})}{\frac{\partial C_x}{\partial W^l}} = \underset{(n_l,\, 1)}{\delta^l} \; \underset{(1,\, n_{l-1})}{(a^{l-1})^\top}$$
#
# It is called the **outer product**.

# %% [markdown] slideshow={"slide_type": "fragment"}
# > What if an activation is 0?

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Read one cell aloud: error 1 times activation 3. Compare with the measured table from the vote; it is the same.
#
# The outer product. The inner sizes are 1, so nothing is summed. Ask: what if an activation is 0? Its whole column is 0: a weight that carries nothing learns nothing.

# %% [markdown] slideshow={"slide_type": "slide"} treats="06.3 06.4"
# ## The bias

# %% [markdown] slideshow={"slide_type": "-"}
# $b_j^l$ is in $z_j^l$ alone, with slope $1$:

# %% [markdown] slideshow={"slide_type": "-"} tags=["big", "card"]
# $$\eq{BP3 in components}$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["bullets"]
# - BP4 with $a = 1$: a bias is a weight from a neuron that always says 1.
# - So $\delta$ had a meaning all the time: it **is** the gradient of the bias.

# %% [markdown] slideshow={"slide_type": "fragment"}
# One bias $b^l$ for a whole layer? Then every neuron is a way, and ways add up: $\;\sum_j \delta_j^l$.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Let them say the derivation themselves before the formula is shown; it is the last slide with a 1 in place of a.
#
# The shared bias is text R's variant. Sum over the neurons, mean over the examples: this distinction comes back in lesson 09 with every shared parameter.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["wide-left"] treats="06.2"
# ## A batch: the mean of the tables

# %% slideshow={"slide_type": "-"} tags=["left"]
bp.plots.show(bp.plots.outer_products(batch_grads.delta[2], batch.a[1]))

# %% [markdown] slideshow={"slide_type": "-"} tags=["right", "middle"]
# $C = \dfrac1m \displaystyle\sum_x C_x$, so its gradient is the mean of the examples' gradients.
#
# Examples 1 and 2 want opposite things. In the mean most of it cancels.

# %% [markdown] slideshow={"slide_type": "fragment"}
# > The mean of the products is **not** the product of the means. Do not average $\delta$ and $a$ first.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Compare signs in the first two tables. What a batch learns is what its examples agree on.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The sum is inside of the matrix product
#
# $$\frac1m \sum_{x=1}^{m} \delta_{jx}^l\, a_{kx}^{l-1} = \frac1m \sum_{x=1}^{m} \delta_{jx}^l\, \big((a^{l-1})^\top\big)_{xk}$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{BP4} \tag{BP4}$$
#
# $$\eq{BP3} \tag{BP3}$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["bullets"]
# - $\delta$ belongs to one example: **no** $1/m$ in BP1, none in BP2.
# - The $1/m$ stands **here**, once.
# - $\mathbf 1$ is a column of $m$ ones: the mean of each row of $\delta^l$, left standing as a column.

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. Shapes aloud: $(n_l, m)$ times $(m, n_{l-1})$: the examples are the inner index, and vanish. That is all that happens to them.
#
# The commonest mistakes of all are made here: no 1/m, 1/m in δ and here, 1/m at each layer. None of them shows with a batch of one. Ask: a colleague divides in every step back; what happens
# to the first of ten layers? Too small by $m^9$: it looks like a vanishing gradient.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercise"]
# ## Your turn · 7 minutes · in pairs, no computer

# %% slideshow={"slide_type": "-"}
given_d = np.array([[0.2, -0.4], [0.1, 0.1]])
given_a = np.array([[1.0, 0.5], [0.0, 1.0], [-1.0, 2.0]])
say(rf"""Two examples, as columns. A layer of 2 neurons, fed by 3:

$$\delta = {matrix(given_d)} \qquad a_{{\text{{before}}}} = {matrix(given_a)}$$

1. Which shapes will the gradients of $W$ and $b$ have?
2. Compute both.
3. Somebody gives every example twice, four columns in all. What changes? And if the code has no $1/m$?
""")

# %% [markdown] slideshow={"slide_type": "notes"}
# 7 minutes: 5 to work, 2 to compare. The answer is on the next slide down.
#
# Walk round and look for: the transposed table (3 × 2), the 1/2 forgotten, row sums of δ taken along the wrong way.

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercise"] treats="06.7"
# ## Your turn: the answer

# %% slideshow={"slide_type": "-"}
answer_W, answer_b = given_d @ given_a.T / 2, given_d.mean(axis=1, keepdims=True)
say(rf"""1. $(2, 3)$ and $(2, 1)$: those of $W$ and $b$.
2. $\dfrac{{\partial C}}{{\partial W}} = \dfrac12\, \delta\, a^\top = \dfrac12 {matrix(given_d @ given_a.T)} = {matrix(answer_W)}$

   $\dfrac{{\partial C}}{{\partial b}}$: the mean of each row, ${matrix(answer_b)}$
3. Nothing: twice the sum, over twice as many. Without $1/m$ the gradient **doubles**: a test that needs no calculus.
""")

# %% [markdown] slideshow={"slide_type": "notes"}
# Keep question 3: it is a test for real code. A right gradient stays, a sum doubles, a mean that was divided twice is halved. Exercise 06.7 in the notebook.

# %% [markdown] slideshow={"slide_type": "slide"} treats="06.5"
# ## The whole algorithm

# %% [markdown] slideshow={"slide_type": "-"} tags=["rows"]
# | | | | |
# |--:|:--|:--|:--|
# | 1 | **forward** | $z^l = W^l a^{l-1} + b^l, \quad a^l = \sigma(z^l)$ | keep all |
# | 2 | **BP1** | $\delta^L = (a^L - y) \odot \sigma'(z^L)$ | quadratic cost |
# | 3 | **BP2** | $\delta^l = \big((W^{l+1})^\top \delta^{l+1}\big) \odot \sigma'(z^l)$ | $l = L-1 \dots 1$ |
# | 4 | **BP4, BP3** | $\delta^l (a^{l-1})^\top / m, \quad \delta^l\, \mathbf 1 / m$ | every $l$ |
# | 5 | **update** | $W^l \leftarrow W^l - \eta\, \partial C / \partial W^l$ | **all** known |

# %% [markdown] slideshow={"slide_type": "fragment"}
# A layer's gradient needs $a^{l-1}$ from the front and $\delta^l$ from the back. This is why the forward pass keeps its arrays.

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. Cover the slide and let pairs write the five lines with all shapes; then compare. This is the sheet that they should be able to fill at the exam.
#
# The steps are those of Ge Li's slides. Steps 3 and 4 may take turns; step 5 may not come between them. The slide after next shows why.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Watch one step

# %% slideshow={"slide_type": "-"}
bp.widgets.full_step(net, X[:, :2], Y[:, :2], eta=1.0)

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. The batch is the first two of the three examples. Click into the picture; ← and → go from step to step, ↑ and ↓ from entry to entry; dashed frames show what an entry was made of. To leave it, click beside it; then Space goes on.
#
# Before each step a student says which arrays it will need. At BP4 walk along one row: the same row of δ, another row of a each time. At the end: the cost has fallen.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Update last
#
# A printed loop changes $W^m$ and **then** sends the error back through it. With the changed weights,

# %% [markdown] slideshow={"slide_type": "-"}
# $$\big(W^2 - \eta\, \tfrac{\partial C}{\partial W^2}\big)^{\!\top} \delta^2 \odot \sigma'(z^1)
# = \delta^1 \;-\; \eta\, \big(\tfrac{\partial C}{\partial W^2}\big)^{\!\top} \delta^2 \odot \sigma'(z^1)$$

# %% slideshow={"slide_type": "fragment"}
rng = np.random.default_rng(6)
small, x_8, y_8 = bp.init([5, 4, 3], rng=rng), rng.normal(size=(5, 8)), rng.uniform(size=(3, 8))
c = bp.forward(small, x_8)
right = bp.backward(small, c, y_8)
off = []
for eta in (1.0, 0.1, 0.01, 0.001):
    wrong = (((small.W[2] - eta * right.W[2]).T @ right.delta[2]) * bp.sigmoid.prime(c.z[1])) @ x_8.T / 8
    off.append((f"{eta:g}", f"{100 * np.linalg.norm(wrong - right.W[1]) / np.linalg.norm(right.W[1]):.2g} %"))
rows(("net 5-4-3, 8 examples: $\\eta$", *(eta for eta, _ in off)), ("$\\partial C/\\partial W^1$ is off by", *(part for _, part in off)))

# %% [markdown] slideshow={"slide_type": "fragment"}
# Proportional to $\eta$: a check with a tolerance of one percent passes it, a tight one never. The last layer is always right.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. The text is bp神经网络反向传播; its own derivation needs the old weights. The error was defined for the net that made the forward pass; through changed weights it is the error of no net at all.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Is your code right?

# %% slideshow={"slide_type": "-"}
cost_start = bp.cost_of(net, X, Y)


def cost_after(for_W, for_b):
    """Twenty steps with gradients that are wrong by a factor."""
    trained = net
    for _ in range(20):
        g = bp.backward(trained, bp.forward(trained, X), Y)
        W, b = (None, *(for_W * dW for dW in g.W[1:])), (None, *(for_b * db for db in g.b[1:]))
        trained = bp.sgd(trained, bp.Gradients(g.delta, W, b), eta=0.5)
    return bp.cost_of(trained, X, Y)


rows(
    ("cost, 20 steps", "starts at", "ends at"),
    ("right", digits(cost_start), digits(cost_after(1, 1))),
    ("Anna: no $1/m$ in BP4, $m = 3$", digits(cost_start), digits(cost_after(3, 1))),
    ("Ben: $y - a$ for $a - y$", digits(cost_start), digits(cost_after(-1, -1))),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# Anna is **faster than right**. Her cost will never tell her. A check does, parameter by parameter:

# %% slideshow={"slide_type": "fragment"}
claimed = bp.Gradients(batch_grads.delta, (None, *(3 * dW for dW in batch_grads.W[1:])), batch_grads.b)
rows(
    ("parameter", "verdict"),
    *((p.name, f"{p.status}{': ' + p.message if p.message else ''}") for p in bp.check_network(net, X, Y, claimed).parameters),
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Vote first: whose cost rises? Ben's alone. Too large a gradient is like a larger η, as long as it goes well.
#
# Per parameter, for two reasons: large gradients would hide an error in small ones, and the verdict says where to look. `bp.check_network` is in the notebook.

# %% [markdown] slideshow={"slide_type": "slide"} treats="06.6"
# ## Rows instead of columns
#
# One example a row: transpose both sides, $(AB)^\top = B^\top A^\top$.

# %% [markdown] slideshow={"slide_type": "-"} tags=["rows"]
# | | columns | rows |
# |:--|:--|:--|
# | forward | $z^l = W^l a^{l-1} + b^l$ | $\epsilon^l = y^{l-1} w^l + b^l$ |
# | BP2 | $\big((W^l)^\top \delta^l\big) \odot \sigma'(z^{l-1})$ | $\big(\delta^l (w^l)^\top\big) \odot \sigma'(\epsilon^{l-1})$ |
# | BP4 | $\delta^l (a^{l-1})^\top / m$ | $(y^{l-1})^\top \delta^l / m$ |
# | BP3 | mean of each row | mean of each column |

# %% [markdown] slideshow={"slide_type": "fragment"}
# > A file holds a layer as an array (784, 30). Which convention?

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Nothing new is derived. (784, 30) is from-to: rows; ours would be (30, 784). Before you use somebody's formulas, ask for one shape.
#
# Text R forgets the batch: it prints db as the error itself, which has a row for each example.

# %% [markdown] slideshow={"slide_type": "slide"} treats="06.8"
# ## What it costs
#
# In layer $l$ each of these takes $n_l \cdot n_{l-1} \cdot m$ multiplications:

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - forward: $W^l a^{l-1}$
# - BP4: $\delta^l (a^{l-1})^\top$
# - BP2: $(W^l)^\top \delta^l$. Not for $l = 1$: nobody asks for the error of the inputs.

# %% slideshow={"slide_type": "fragment"}
lines = []
for name, sizes in {"784-30-10": (784, 30, 10), "4 layers of 100": 5 * (100,), "20 layers of 30": 21 * (30,)}.items():
    weights = np.multiply(sizes[1:], sizes[:-1])
    there, back = int(weights.sum()), int(2 * weights.sum() - weights[0])
    parameters = there + sum(sizes[1:])
    lines.append((name, f"{there:,}", f"{back:,}", f"**{back / there:.2f}**", f"{2 * parameters:,}"))
rows(("net, one example", "forward", "backward", "ratio", "forward passes to nudge every parameter"), *lines)

# %% [markdown] slideshow={"slide_type": "fragment"}
# All gradients together cost **less than two more forward passes**, however many weights there are.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Guess the ratio for 784-30-10 first: most say 2. It is 1.01, for nearly all weights are in the first layer, whose error product is left out.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{BP4} \qquad\qquad \eq{BP3}$$

# %% [markdown] slideshow={"slide_type": "-"} tags=["left"]
# ### Answer aloud
#
# 1. Why has BP4 no sum over neurons and no slope?
# 2. Where does the $1/m$ stand? How do you find one too many?
# 3. Why must the update wait?

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# ### Classic mistakes
#
# - $a^l$ for $a^{l-1}$; $a\,\delta^\top$ for $\delta\, a^\top$
# - $1/m$ forgotten, doubled, at each layer
# - flat biases; sums over neurons
# - the update inside of the loop

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Three students, one question each.
#
# 1: a weight has one way out, and δ is taken at z, so the slope is in it. 2: in BP3 and BP4; give every example twice, or check with m > 1. 3: the error goes back through the weights that made the forward pass.
#
# Homework: the notebook of lesson 06, eight exercises, about an hour and a quarter; 06.5 is the whole algorithm. Next: what to do with a gradient.
