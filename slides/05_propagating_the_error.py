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

net, x, y = bp.nets.two_three_two()
cache = bp.forward(net, x)
grads = bp.backward(net, cache, y)
z1, delta_1, delta_2 = cache.z[1][:, 0], grads.delta[1][:, 0], grads.delta[2][:, 0]
slope = bp.sigmoid.prime(z1)
W2 = net.W[2]

# %% [markdown] slideshow={"slide_type": "slide"} tags=["title"]
# # Propagating the error: BP2
#
# From the error of the last layer to the error of every layer
#
# Lesson 05 · 45 minutes · bring pencil and paper

# %% [markdown] slideshow={"slide_type": "notes"}
# **For whoever gives this class.** The students know the forward pass (01), the chain rule for several variables (02), and δ with BP1 (04).
# They should leave able to write the proof of BP2 on a blank sheet. Everything else serves that.
#
# Keys: Space goes on, S opens these notes in a window of their own, T switches light and dark, O shows all slides. Test the projector in both schemes.
#
# Plan: vote and measurement 4 min · one link 4 · proof 9 · numbers and exercise 9 · matrices 6 · depth 9 · recap 2; two are left for questions.
# If you run late, leave out "Why: a product of Jacobians" and "Two readings"; the lesson's notebook has both.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["wide-left"]
# ## What the outputs did wrong

# %% slideshow={"slide_type": "-"} tags=["left"]
bp.plots.show(bp.plots.network(net, values=[a[:, 0] for a in cache.a], edge_labels=False))

# %% slideshow={"slide_type": "-"} tags=["right", "middle"]
say(rf"""
The course's small net says $({cache.a[2][0, 0]:.4f},\ {cache.a[2][1, 0]:.4f})$.
It should say $(1, 0)$. By lesson 04,

$$\eq{{BP1a}}$$

$\delta^2 = ({delta_2[0]:.4f},\ {delta_2[1]:.4f})$

Output 1 should rise, output 2 fall.
""")

# %% slideshow={"slide_type": "fragment"}
say(f"> **Vote.** Which hidden neuron has the largest error? Activations: {', '.join(digits(a) for a in cache.a[1][:, 0])}.")

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Ask one student to say in words what δ is: how much the cost of this example changes when the neuron's weighted input z is nudged.
# It is taken at z, not at a, for the reason given in lesson 04.
#
# Then take the vote by hands, for neurons 1, 2 and 3, and write the counts on the board. Most rooms vote for neuron 3, since it is the most active.
# Do not comment. Those who have committed themselves will remember.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Nudge each neuron and measure


# %% slideshow={"slide_type": "-"}
def cost_if(z1):
    """The cost if the hidden layer's weighted input were z1."""
    return net.cost(bp.sigmoid(W2 @ bp.sigmoid(z1) + net.b[2]), y)


measured = bp.numerical_gradient(cost_if, cache.z[1])[:, 0]
rows(
    ("hidden neuron", "$z^1_j$", "activation $a^1_j$", "$\\partial C_x / \\partial z^1_j$, measured"),
    *((j + 1, digits(z1[j], 1), digits(cache.a[1][j, 0]), f"**{digits(measured[j])}**") for j in range(3)),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# The **most active** neuron has the **smallest** error. Active is not the same as responsible.

# %% [markdown] slideshow={"slide_type": "fragment"}
# Price: two forward passes a neuron. A layer of a million neurons: two million passes.
#
# **Wanted:** all errors of a layer at once, from the errors of the layer after it.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Compare with the counts on the board. Nobody has to explain yet; say only that we will be able to read the reason off a formula.
#
# The measurement is a central difference on z: cost at z + h minus cost at z - h, over 2h. It will be our judge for the rest of the hour:
# every formula has to give these three numbers.

# %% [markdown] slideshow={"slide_type": "slide"} treats="05.1"
# ## One link: from $z_j^l$ to $z_k^{l+1}$
#
# The forward pass; $i$ runs through the layer, $j$ is the neuron that we nudge:
#
# $$z_k^{l+1} = \sum_{i=1}^{n_l} w_{ki}^{l+1}\, \sigma(z_i^l) + b_k^{l+1}$$
#
# Differentiate by $z_j^l$, term by term:

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - terms with $i \ne j$: no $z_j^l$ in them, so $0$;
# - the bias: no $z_j^l$ in it, so $0$;
# - the term $i = j$: a constant $w_{kj}^{l+1}$ times $\sigma(z_j^l)$, so $w_{kj}^{l+1}\, \sigma'(z_j^l)$.

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\frac{\partial z_k^{l+1}}{\partial z_j^l} = w_{kj}^{l+1}\, \sigma'(z_j^l) \qquad\text{(one link)}$$

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. This is the only derivative in the whole proof, so go slowly. Before each bullet ask: does this term contain $z_j^l$?
#
# Insist on the order of the indices: $w_{kj}$ leads **to** k **from** j. Say it each time you point at it; the transpose will come from nowhere else.
#
# The link has two parts: z moves its own activation (slope σ'), the activation moves the next z (weight). A question that finds sleepers:
# "At which layer's z is σ' taken?" At layer l, where we nudge.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Every way counts

# %% slideshow={"slide_type": "-"} tags=["left", "middle"]
only = [None, None, np.where(np.arange(3) == 1, W2, 0.0)]
bp.plots.show(
    bp.plots.network(net, edge_values=only, edge_labels=False),
    alt="The 2-3-2 net with only the two edges drawn wide that lead from hidden neuron 2 to the two outputs.",
)

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# Neuron $j$ feeds **all** $n_{l+1}$ neurons of the next layer, and reaches the cost in no other way.
#
# So $C_x$ is a function of $z_1^{l+1}, \dots, z_{n_{l+1}}^{l+1}$, and each of these is a function of $z_j^l$.
#
# The chain rule of lesson 02:
#
# $$\eq{chain rule}$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["small"]
# Needed: $C_x$ differentiable in all $z_k^{l+1}$ together, each $z_k^{l+1}$ differentiable in $z_j^l$. For sigmoid both hold. For relu not at $z = 0$; there we agree on slope $0$.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Translate the chain rule aloud: z becomes the cost, the y_j become the weighted inputs of the next layer, x_i becomes our one z.
#
# The picture shows hidden neuron 2 and its two ways out. If somebody asks "what about the later layers?": the error of layer l+1 already contains all of them.
# That is the whole trick.

# %% [markdown] slideshow={"slide_type": "slide"} treats="05.5"
# ## The proof
#
# One example $x$, a layer $l < L$, a neuron $j$ in it.

# %% [markdown] slideshow={"slide_type": "-"} tags=["rows"]
# | | | |
# |--:|:--|:--|
# | 1 | $\delta_j^l = \displaystyle\frac{\partial C_x}{\partial z_j^l}$ | definition of the error |
# | 2 | $\phantom{\delta_j^l} = \displaystyle\sum_{k=1}^{n_{l+1}} \frac{\partial C_x}{\partial z_k^{l+1}}\, \frac{\partial z_k^{l+1}}{\partial z_j^l}$ | chain rule: every way counts |
# | 3 | $\phantom{\delta_j^l} = \displaystyle\sum_{k=1}^{n_{l+1}} \delta_k^{l+1}\, \frac{\partial z_k^{l+1}}{\partial z_j^l}$ | the definition again, one layer on |
# | 4 | $\phantom{\delta_j^l} = \displaystyle\sum_{k=1}^{n_{l+1}} \delta_k^{l+1}\, w_{kj}^{l+1}\, \sigma'(z_j^l)$ | the one link that we computed |
# | 5 | $\phantom{\delta_j^l} = \sigma'(z_j^l) \displaystyle\sum_{k=1}^{n_{l+1}} w_{kj}^{l+1}\, \delta_k^{l+1}$ | $\sigma'(z_j^l)$ does not depend on $k$ |

# %% [markdown] slideshow={"slide_type": "notes"}
# 6 minutes. Write it on the board as well, line by line, and let the slide follow. Before you uncover a line, ask for it.
#
# Where students stumble:
#
# - Line 2: "why a sum?" Because a nudge of $z_j^l$ moves all $z_k^{l+1}$ at once. Point back to the two wide edges.
# - Line 3: nothing is computed here. A name is recognised: the error of neuron k of layer l+1. This is what makes it a recursion.
# - Line 5: k is the summation index, j is fixed; whatever has only a j in it leaves the sum.
#
# Then cover the slide and let them write it from memory, 90 seconds, in pairs.

# %% [markdown] slideshow={"slide_type": "slide"} treats="05.2"
# ## BP2, in components

# %% [markdown] slideshow={"slide_type": "-"} tags=["big", "card"]
# $$\eq{BP2 in components}$$

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - **Collect**: the errors of all neurons that $j$ feeds, each times the weight that leads there.
# - **Scale** by the neuron's own slope: how much does it still give way?
# - Known beforehand: $z_j^l$ from the forward pass, $\delta_k^{l+1}$ from the step before. So start at the last layer and go back.

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. Let a student read the formula aloud without symbols: "my error is my slope times the weighted sum of the errors of those I feed".
#
# The direction of travel is the name of the algorithm: forward for z, backward for δ.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The same with numbers: hidden neuron 2

# %% slideshow={"slide_type": "-"}
say(rf"""$$
\delta_2^1 = \underbrace{{{slope[1]:.4f}}}_{{\sigma'({z1[1]:.1f})}} \times \Big(
\underbrace{{({W2[0, 1]:.0f})}}_{{w_{{12}}^2}} \times \underbrace{{({delta_2[0]:.4f})}}_{{\delta_1^2}} +
\underbrace{{{W2[1, 1]:.0f}}}_{{w_{{22}}^2}} \times \underbrace{{{delta_2[1]:.4f}}}_{{\delta_2^2}} \Big)
= {slope[1]:.4f} \times {W2[:, 1] @ delta_2:.4f} = {delta_1[1]:.4f}
$$""")

# %% slideshow={"slide_type": "fragment"}
rows(
    ("$j$", "via output 1", "via output 2", "sum", "slope $\\sigma'(z^1_j)$", "$\\delta^1_j$ by BP2", "measured"),
    *(
        (
            j + 1,
            *(digits(W2[k, j] * delta_2[k]) for k in range(2)),
            digits(W2[:, j] @ delta_2),
            digits(slope[j]),
            f"**{digits(slope[j] * (W2[:, j] @ delta_2))}**",
            digits(measured[j]),
        )
        for j in range(3)
    ),
)

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - Neuron 1: both outputs ask for the same direction; the ways add up.
# - Neuron 3: the ways partly cancel, and its slope is the smallest. At $z = 2$ the sigmoid is nearly flat: push it, and little moves.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. All numbers are computed unrounded and shown to four digits.
#
# Walk one row of the table with the finger: two shares, their sum, times the slope. The last column is the measurement from the beginning; the formula
# never saw it. Now collect the debt from the vote: why has the most active neuron the smallest error?

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercise"]
# ## Your turn · 6 minutes · in pairs, no computer

# %% slideshow={"slide_type": "-"}
given = np.array([0.2, -0.1])
say(rf"""Same net, same input, another target: suppose the output errors were $\delta^2 = ({given[0]:.1f},\ {given[1]:.1f})$. What is $\delta^1$?

$$
W^2 = \begin{{pmatrix}} {W2[0, 0]:g} & {W2[0, 1]:g} & {W2[0, 2]:g} \\ {W2[1, 0]:g} & {W2[1, 1]:g} & {W2[1, 2]:g} \end{{pmatrix}}
\qquad \sigma'(z^1) = ({slope[0]:.4f},\ {slope[1]:.4f},\ {slope[2]:.4f})
$$

1. Before you compute: which sign will $\delta^1_2$ have, and why?
2. Compute all three. Two digits are enough.
3. Somebody leaves the slopes out. Which of the three signs change, and why?
""")

# %% [markdown] slideshow={"slide_type": "notes"}
# 6 minutes: 4 to work, 2 to compare. The answer is on the next slide down (press Down or Space).
#
# Walk round and look for two mistakes: the sum over the wrong index (a row of W instead of a column: they get two numbers, or use three weights of one row),
# and the slope of the wrong neuron.
#
# For question 1 take the vote again. For question 3: the slope is positive, so it never changes a sign.

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercise"]
# ## Your turn: the answer

# %% slideshow={"slide_type": "-"}
sums = W2.T @ given
rows(
    ("$j$", "down column $j$ of $W^2$", "sum", "times slope", "$\\delta^1_j$"),
    *(
        (
            j + 1,
            f"${W2[0, j]:g} \\times {given[0]:g} + {f'({W2[1, j]:g})' if W2[1, j] < 0 else f'{W2[1, j]:g}'} \\times ({given[1]:g})$",
            digits(sums[j], 2),
            digits(slope[j]),
            f"**{digits(sums[j] * slope[j])}**",
        )
        for j in range(3)
    ),
)

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - Neuron 2 feeds output 1, which should fall, with a negative weight; and output 2, which should rise, with a positive one. Both ask it to **rise**: its error is negative.
# - A slope of a sigmoid is positive: it changes sizes, never signs.

# %% [markdown] slideshow={"slide_type": "notes"}
# Ask a pair that was wrong to say where their path left the right one; it is more useful than a pair that was right.

# %% [markdown] slideshow={"slide_type": "slide"} treats="05.3"
# ## As matrices: where the transpose comes from
#
# The sum in BP2 runs over $k$, the **first** index of $w_{kj}^{l+1}$: where the weight leads **to**.
#
# A matrix times a column sums over the matrix's **second** index. So swap the two: $(W^{l+1})^\top_{jk} = w_{kj}^{l+1}$.

# %% [markdown] slideshow={"slide_type": "fragment"}
# $$\sum_{k=1}^{n_{l+1}} w_{kj}^{l+1}\, \delta_k^{l+1} = \sum_{k=1}^{n_{l+1}} (W^{l+1})^\top_{jk}\, \delta_k^{l+1}
# = \text{entry } j \text{ of } (W^{l+1})^\top \delta^{l+1}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# The factor $\sigma'(z_j^l)$ belongs to entry $j$ alone: entry by entry, $\odot$.

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{BP2} \tag{BP2}$$

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Forward sums over where a weight comes **from**, backward over where it leads **to**. Same weights, other index: that is all the transpose means.
#
# Read the shapes aloud: $(n_l, n_{l+1})$ times $(n_{l+1}, m)$ gives $(n_l, m)$, the shape of $z^l$. Columns are examples; nothing changes for m of them,
# because a matrix product treats each column by itself. There is no 1/m here: it comes once, in lesson 06.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## Who notices a forgotten transpose?
#
# Two layers of 3 neurons. Somebody writes `W @ delta` for `W.T @ delta`. Will numpy complain?

# %% slideshow={"slide_type": "fragment"} tags=["show-code"]
rng = np.random.default_rng(5)
W, delta = rng.normal(size=(3, 3)), rng.normal(size=(3, 1))
slopes = bp.sigmoid.prime(rng.normal(size=(3, 1)))
np.set_printoptions(precision=4, suppress=True)
print("with   ", (W.T @ delta * slopes).ravel())
print("without", (W @ delta * slopes).ravel())

# %% [markdown] slideshow={"slide_type": "fragment"}
# No error, wrong numbers. Shapes catch it only where layers differ in size. Test a gradient on a square layer **and** on another one.

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. Let them answer before you go on. Many trust the shapes; on equal layers shapes are no witness.
#
# This is why every check in the course runs on a square and on a non-square case.

# %% [markdown] slideshow={"slide_type": "slide"} treats="05.4"
# ## Watch it go back

# %% slideshow={"slide_type": "-"}
bp.widgets.error_flow(net, x, y)

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Click into the picture; Next and Back, or the arrow keys, go layer by layer; click a neuron to see its sum. Before each step a student says
# what comes next. To leave the picture, click beside it; then Space goes on with the slides.
#
# It stops at layer 1: the input has no z and needs no error.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"] treats="05.6"
# ## What depth does
#
# 20 layers of 30 sigmoid neurons. Weights drawn with standard deviation $1/\sqrt{30}$.
#
# > **Guess:** how large is $\lVert\delta^1\rVert$, as a fraction of $\lVert\delta^{20}\rVert$?

# %% slideshow={"slide_type": "fragment"}
deep, x_deep, y_deep = bp.nets.deep(20)
delta = bp.backward(deep, bp.forward(deep, x_deep), y_deep).delta

rows(
    ("layer", *(f"{l}" for l in (20, 15, 10, 5, 1))),
    ("$\\lVert\\delta^l\\rVert$", *(f"${power(np.linalg.norm(delta[l]))}$" for l in (20, 15, 10, 5, 1))),
)
say(
    rf"$\lVert\delta^1\rVert \,/\, \lVert\delta^{{20}}\rVert = {power(np.linalg.norm(delta[1]) / np.linalg.norm(delta[20]))}$. A kilometre has become a nanometre."
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# The **vanishing gradient**: nineteen factors, each a little below $\tfrac14$.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Collect guesses and write the extremes on the board. The size is the root of the sum of squared entries.
#
# The weights are scaled so that a sum of 30 products keeps the size of what goes in: it is not small weights that do this.

# %% [markdown] slideshow={"slide_type": "slide"} treats="05.7"
# ## Why: a product of Jacobians
#
# Write all links of one step into a matrix, row $k$, column $j$:
#
# $$\eq{layer Jacobian} \tag{layer Jacobian}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# Line 3 of the proof sums over its rows, so $\delta^l = (J^l)^\top \delta^{l+1}$. All the way down:
#
# $$\eq{BP2 unrolled} \tag{BP2 unrolled}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# Slopes of a sigmoid: $\sigma' = a(1-a) = \tfrac14 - (a - \tfrac12)^2 \le \tfrac14$. Weights of standard deviation $s/\sqrt n$ multiply a length by about $s$.
#
# $$\frac{\lVert\delta^l\rVert}{\lVert\delta^{l+1}\rVert} \approx s \cdot \big(\text{root mean square of } \sigma'(z^l)\big)$$

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. The diagonal matrix stands on the right because it scales columns: column j belongs to the neuron we come from, and carries its slope.
# Transposed it stands on the left: $\mathrm{diag}(\sigma')\,(W)^\top$, which is BP2 with ⊙ written as a matrix.
#
# The last line is an estimate: it treats weights and errors as independent. The bound that always holds for a sigmoid is a quarter of the largest stretch of W.
#
# Why "about s": entry j of $W^\top \delta$ is a sum of n products of mean 0, so its square averages $s^2/n$ times $\lVert\delta\rVert^2$, and there are n entries.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Two readings of the same product

# %% [markdown] slideshow={"slide_type": "-"} tags=["left"]
# ### How to compute it
#
# Right to left, a matrix times a column each time: the error steps back through the transposes.

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# ### How to think of it
#
# Multiply it out: one term for each **path** through the net, worth the product of its links.

# %% slideshow={"slide_type": "fragment"}
paths = 30.0**19
years = paths / 1e9 / (365.25 * 24 * 3600)
say(rf"""From one neuron of layer 1 to the outputs of the 20-layer net, 30 wide: $30^{{19}} = {power(paths)}$ paths.
At a billion paths a second: ${power(years, 0)}$ years. BP2: **{20 - 1} matrix products**.""")

# %% [markdown] slideshow={"slide_type": "fragment"}
# Paths that share their end share the work. The sum behind neuron $k$ is formed once, is called $\delta_k$, and serves every neuron before it.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Ask for the number of paths before you show it: nineteen layers follow, each with 30 neurons to choose from.
#
# This is what is clever about backpropagation. The chain rule is old; naming the shared sums is the algorithm.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Vanish, hold, explode

# %% slideshow={"slide_type": "-"}
nets = ((bp.sigmoid, 1.0, "1"), (bp.sigmoid, 4.0, "4"), (bp.relu, 1.0, "1"), (bp.relu, np.sqrt(2), "√2"), (bp.relu, 2.0, "2"))
curves, estimates = {}, []
for activation, s, name in nets:
    deep, x_deep, y_deep = bp.nets.deep(20, activation=activation, scale=s)
    c = bp.forward(deep, x_deep)
    sizes = np.array([np.linalg.norm(d) for d in bp.backward(deep, c, y_deep).delta[1:]])
    curves[f"{activation.name}, s = {name}:  × {(sizes[0] / sizes[-1]) ** (1 / 19):.2f} a layer"] = sizes / sizes[-1]
    estimates.append(s * np.sqrt(np.mean([np.square(activation.prime(z)) for z in c.z[1:20]])))
bp.plots.show(bp.plots.gradient_by_depth(curves, bp.plots.figure(width=9.6, height=3.7)[1], ylabel="‖δ of layer l‖ / ‖δ of layer 20‖"))

# %% slideshow={"slide_type": "fragment"}
said = ", ".join(f"{estimate:.2f}" for estimate in estimates)
say(
    f"Estimated from scale and slopes, in the same order: {said}. Relu at $s = \\sqrt 2$ keeps the size: half of its slopes are 1, and $\\sqrt 2 \\cdot \\sqrt{{1/2}} = 1$."
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. The axis is logarithmic: straight lines mean the same factor at every layer.
#
# Larger weights help sigmoid only in part: they push z outwards, where the slope is smaller. Relu's slope is 1 or 0, whatever the size of z; half of them are 1,
# their root mean square is √½, and √2 · √½ = 1. That is the reason behind the usual initialisation for relu (lesson 08).

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Converged is not vanished
#
# Two nets with the same tiny gradient in layer 1. Which two numbers tell them apart?


# %% slideshow={"slide_type": "fragment"}
def four_numbers(net, x, y):
    cache = bp.forward(net, x)
    grads = bp.backward(net, cache, y)
    first, last = np.linalg.norm(grads.delta[1]), np.linalg.norm(grads.delta[-1])
    return np.linalg.norm(grads.W[1]), net.cost(cache.a[-1], y), last, first / last


fresh = four_numbers(*bp.nets.deep(12))
trained, target = net, np.array([[0.8], [0.2]])
while four_numbers(trained, x, target)[0] > fresh[0]:
    trained = bp.sgd(trained, bp.backward(trained, bp.forward(trained, x), target), eta=0.5)
rows(
    ("", "$\\lVert\\partial C/\\partial W^1\\rVert$", "cost", "$\\lVert\\delta^L\\rVert$", "$\\lVert\\delta^1\\rVert / \\lVert\\delta^L\\rVert$"),
    ("2-3-2, trained", *(f"${power(value, 0)}$" for value in four_numbers(trained, x, target))),
    ("12 layers, fresh", *(f"${power(value, 0)}$" for value in fresh)),
)

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - **Converged**: the output error itself is gone, and what is sent back arrives. Stop.
# - **Vanished**: the output error is large, and dies on its way. Change activation, scale or depth.

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. A widely read text calls a small gradient at a minimum "the vanishing gradient problem". A student who has seen this table will not.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{BP2 in components}$$
#
# $$\eq{BP2}$$

# %% [markdown] slideshow={"slide_type": "-"} tags=["left"]
# ### Answer aloud
#
# 1. Why is there a sum, and over what?
# 2. Why is $W$ transposed, and why $\odot$?
# 3. A gradient is $10^{-9}$. What do you look at before you say "vanishing"?

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# ### Classic mistakes
#
# - $\sigma'(a)$ for $\sigma'(z)$
# - $W$ for $W^\top$; $W^l$ for $W^{l+1}$
# - the next layer's slope for one's own

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Three students, one question each.
#
# 1: a nudge of $z_j^l$ reaches the cost through every neuron k of the next layer; the sum runs over k. 2: the sum runs over the first index of $w_{kj}$, a matrix
# product over the second; the slope belongs to one neuron and mixes nothing. 3: at the cost and the output error; small means converged, large means vanished.
#
# Homework: the notebook of lesson 05, seven exercises, about an hour; 05.5 puts this proof's steps in order, 05.3 is BP2 in one line.
# Next: from δ to the gradients of weights and biases, BP3 and BP4.
