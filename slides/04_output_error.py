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
a2, z2 = cache.a[2], cache.z[2]
slopes = bp.sigmoid.prime(z2)
delta_2 = (a2 - y) * slopes
z3, wanted = np.array([[1.0], [2.0], [0.5]]), np.array([[1.0], [0.0], [0.0]])
a3, J3 = bp.softmax(z3), bp.softmax.jacobian(z3)

# %% [markdown] slideshow={"slide_type": "slide"} tags=["title"]
# # The output error: BP1
#
# How wrong is the answer, neuron by neuron?
#
# Lesson 04 · 45 minutes · bring pencil and paper

# %% [markdown] slideshow={"slide_type": "notes"}
# **For whoever gives this class.** The students know the forward pass (01), the chain rule and Jacobians (02) and gradient checks (03).
# They should leave with one proof that they can write (BP1), one warning (an elementwise slope is wrong for softmax) and one cancellation (δ = a − y).
#
# Keys: Space goes on, S opens these notes in a window of their own, T switches light and dark, O shows all slides. Test the projector in both schemes.
#
# Plan: cost and slopes 4 min · δ 3 · slope of the sigmoid 4 · BP1 6 · exercise 6 · softmax 11 · cross-entropy 9 · recap 2.
# If you run late, leave out "Without the matrix" and the third way; the lesson's notebook has both.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["wide-left"]
# ## How far is the answer from the target?

# %% slideshow={"slide_type": "-"} tags=["left"]
bp.plots.show(bp.plots.network(net, values=[a[:, 0] for a in cache.a], edge_labels=False))

# %% slideshow={"slide_type": "-"} tags=["right", "middle"]
say(rf"""
Says $({a2[0, 0]:.4f},\ {a2[1, 0]:.4f})$, wanted $(1, 0)$.

$$C_x = \tfrac12 \sum_{{j=1}}^{{n_L}} (a^L_j - y_j)^2$$

Half the squared distance: $\tfrac12 \times {np.linalg.norm(a2 - y):.4f}^2 = {net.cost(a2, y):.4f}$
""")

# %% [markdown] slideshow={"slide_type": "-"} tags=["small"]
# One example $x$. For $m$ examples, the mean of $C_x$.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Both answer and target are points; the cost is half of the squared distance. Ask why the square (no root, no signs) and why the half (wait for the derivative).
#
# Keep the words apart: sigmoid and softmax are activations, they make the answer. The cost compares it. One of our source texts calls sigmoid a loss function.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## What a derivative tells a weight

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - **Sign** of $\partial C_x / \partial w$: positive, raise $w$ and the cost rises: so *down*.
# - **Size**: how much the cost changes per unit of $w$. Which weight matters; not how far to go.

# %% [markdown] slideshow={"slide_type": "-"}
# > **Vote.** Of the six weights into layer 2: which has the steepest cost?

# %% slideshow={"slide_type": "fragment"}
by_weight = bp.numerical_gradient(lambda W2: net.cost(bp.sigmoid(W2 @ cache.a[1] + net.b[2]), y), net.W[2])
rows(
    ("$\\partial C_x / \\partial w^2_{jk}$, measured", *(f"from $k = {k + 1}$, says {digits(cache.a[1][k, 0])}" for k in range(3))),
    *((f"to $j = {j + 1}$", *(f"**{digits(v)}**" if abs(v) == np.abs(by_weight).max() else digits(v) for v in by_weight[j])) for j in range(2)),
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Let them argue from the picture: output 2 is off by more, hidden neuron 3 is the most active. Show the table; row 1 is all negative (output 1 should rise).
#
# Point at the ratio within each row: it is the ratio of the hidden activations. Do not explain; lesson 06 will.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## δ, and why at $z$
#
# $$\delta^l_j = \frac{\partial C_x}{\partial z^l_j}$$

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - Every weight and bias of neuron $j$ acts through $z_j$, **one step away**: $\;\partial z_j / \partial b_j = 1,\;\; \partial z_j / \partial w_{jk} = a_k$. From $\delta_j$ the gradients follow with one factor.
# - $z_j$ belongs to neuron $j$ **alone**. Outputs may depend on each other, weighted inputs of a layer never do.

# %% [markdown] slideshow={"slide_type": "fragment"}
# "Error" is a name. δ is a derivative: how much the cost reacts when we nudge $z_j$.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Ask: "If I nudge the bias of output 1 by 0.01 instead of its z, what changes?" Nothing: the bias is added straight into z.
#
# The second reason sounds like hair-splitting until softmax comes, twenty minutes from now. Say that it will pay.

# %% [markdown] slideshow={"slide_type": "slide"} treats="04.1"
# ## First link: how $a$ moves with $z$
#
# $\sigma(z) = u^{-1}$ with $u = 1 + e^{-z}$

# %% [markdown] slideshow={"slide_type": "-"} tags=["rows"]
# | | | |
# |--:|:--|:--|
# | 1 | $\sigma'(z) = -u^{-2} \cdot u'$ | chain rule |
# | 2 | $\phantom{\sigma'(z)} = -u^{-2} \cdot (-e^{-z})$ | derivative of $e^{-z}$ |
# | 3 | $\phantom{\sigma'(z)} = \displaystyle\frac1u \cdot \frac{u - 1}{u}$ | signs cancel; $e^{-z} = u - 1$ |
# | 4 | $\phantom{\sigma'(z)} = \displaystyle\frac1u \left(1 - \frac1u\right)$ | divide, and read $\tfrac1u = a$ |

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{sigmoid slope} \tag{sigmoid slope}$$

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. The classic mistake is to put z into it: z(1 − z). The rule is about the activation. It saves work, too: the forward pass has a already.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Sure of itself means flat

# %% slideshow={"slide_type": "-"}
bp.plots.show(bp.plots.activation_and_slope(bp.sigmoid, bp.plots.figure(width=9.0, height=4.2)[1], at=[-4, 0, 2]))

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. Ask for the largest slope before you point: a quarter, at z = 0. At z = −4 it is 0.018: whatever happens to z there, a hardly notices.

# %% [markdown] slideshow={"slide_type": "slide"} treats="04.3"
# ## BP1: the proof, for elementwise outputs

# %% [markdown] slideshow={"slide_type": "-"} tags=["rows"]
# | | | |
# |--:|:--|:--|
# | 1 | $\delta^L_j = \displaystyle\frac{\partial C_x}{\partial z^L_j}$ | definition |
# | 2 | $\phantom{\delta^L_j} = \displaystyle\sum_{i=1}^{n_L} \frac{\partial C_x}{\partial a^L_i}\, \frac{\partial a^L_i}{\partial z^L_j}$ | chain rule: every output is a way to the cost |
# | 3 | $\phantom{\delta^L_j} = \displaystyle\frac{\partial C_x}{\partial a^L_j}\, \frac{\partial a^L_j}{\partial z^L_j}$ | elementwise: $a_i$ contains no $z_j$ for $i \ne j$ |
# | 4 | $\phantom{\delta^L_j} = \displaystyle\frac{\partial C_x}{\partial a^L_j}\, \sigma'(z^L_j)$ | $a^L_j = \sigma(z^L_j)$ |

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{BP1} \tag{BP1}$$

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. Write it on the board line by line and ask for each reason. Line 3 is the one to underline: it is the only place where "elementwise" is used.
# In fifteen minutes we go back to line 2 and drop line 3.
#
# Conditions: the cost differentiable in all outputs together, each output differentiable in z.

# %% [markdown] slideshow={"slide_type": "slide"} treats="04.2"
# ## The whole layer, with numbers

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{BP1a} \tag{BP1a}$$

# %% slideshow={"slide_type": "-"}
measured = bp.numerical_gradient(lambda v: net.cost(bp.sigmoid(v), y), z2)[:, 0]
rows(
    ("output", "$a_j - y_j$", "slope $\\sigma'(z_j)$", "$\\delta_j$ by BP1", "measured"),
    *((j + 1, digits((a2 - y)[j, 0]), digits(slopes[j, 0]), f"**{digits(delta_2[j, 0])}**", digits(measured[j])) for j in range(2)),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# Quadratic cost: $\nabla_a C_x = a - y$, for the 2 of the square meets the ½. Too low is negative: raise $z$, and the cost falls.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Shapes: every factor is $(n_L, m)$, entry meets entry. There is no 1/m here; it comes once, in lesson 06.
#
# The last column is a central difference that never saw the formula.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercise"]
# ## Your turn · 5 minutes · in pairs, no computer

# %% slideshow={"slide_type": "-"}
pair = np.array([0.0, -4.0])
said, slope = bp.sigmoid(pair), bp.sigmoid.prime(pair)
say(f"""Two sigmoid neurons should both say 1. Quadratic cost.

| | $z$ | says |
|:--|:--|:--|
| neuron A | 0 | {digits(said[0])} |
| neuron B | −4 | {digits(said[1])} |

1. Before you compute: which one has the larger error in size?
2. Compute both slopes and both errors. Two digits are enough.
3. Which one learns faster? Is that what you want?
""")

# %% [markdown] slideshow={"slide_type": "notes"}
# 5 minutes: 3 to work, 2 to compare. The answer is on the next slide down (press Down or Space).
#
# Take the vote for question 1 by hands first. Walk round and look for the slope taken at a in place of z (they compute a slope of σ(0.5)).

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercise"]
# ## Your turn: the answer

# %% slideshow={"slide_type": "-"}
rows(
    ("", "$a - y$", "slope $a(1-a)$", "$\\delta$"),
    *((f"neuron {name}", digits(s - 1), digits(p), f"**{digits((s - 1) * p)}**") for name, s, p in zip("AB", said, slope, strict=True)),
)

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - B is wrong by nearly twice as much, and its error is seven times smaller.
# - B is **saturated**: sure of itself, flat, and slow, *because* it is far off.

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. Let somebody who voted for B say what surprised them. Leave the problem open: the cure comes at the end of the class.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["wide-left"] treats="04.4"
# ## Outputs that share: softmax

# %% slideshow={"slide_type": "-"} tags=["left"]
raised = bp.softmax(z3 + np.array([[0.0], [0.0], [1.0]]))
bp.plots.show(bp.plots.shares({"z = (1, 2, 0.5)": a3, "z₃ raised by 1": raised}, wanted=2))

# %% [markdown] slideshow={"slide_type": "-"} tags=["right", "middle"]
# $$a_j = \frac{e^{z_j}}{\sum_{k=1}^{n} e^{z_k}}$$
#
# Positive, and they sum to 1.

# %% [markdown] slideshow={"slide_type": "fragment"}
# Nobody touched $z_1$ and $z_2$. Every output depends on every $z$: **line 3 of the proof is gone.**

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Positive by the exponential, sum 1 by the division. Only differences of z count: subtract the largest of the column, and nothing overflows.

# %% [markdown] slideshow={"slide_type": "slide"} treats="04.5"
# ## All its slopes
#
# With $s = \sum_k e^{z_k}$: $\;a_i = e^{z_i} / s\;$ and $\;\partial s / \partial z_j = e^{z_j}$. Quotient rule:

# %% [markdown] slideshow={"slide_type": "-"} tags=["rows"]
# | | | |
# |:--|:--|:--|
# | $i \ne j$ | $\displaystyle\frac{\partial a_i}{\partial z_j} = \frac{0 \cdot s - e^{z_i}\, e^{z_j}}{s^2} = -a_i\, a_j$ | the numerator contains no $z_j$ |
# | $i = j$ | $\displaystyle\frac{\partial a_j}{\partial z_j} = \frac{e^{z_j} \cdot s - e^{z_j}\, e^{z_j}}{s^2} = a_j - a_j\, a_j$ | now it does |

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{softmax Jacobian} \tag{softmax Jacobian}$$

# %% slideshow={"slide_type": "fragment"}
body = r" \\ ".join(" & ".join(f"{v:.4f}" for v in row) for row in J3)
say(rf"At $z = (1, 2, 0.5)$: $\begin{{pmatrix}} {body} \end{{pmatrix}}$ Each column sums to 0: what one gains, the others lose.")

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. Let the class do the case i ≠ j; it has one line. Then ask what changes for i = j.
#
# Popular half-truths: only the diagonal (as if it were a sigmoid), only the outer product, the sign beside the diagonal. The column sum catches all three.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"] treats="04.7"
# ## BP1 for outputs that mix
#
# Line 2 of the proof, whole: a sum over the *rows* of the Jacobian, so transposed.

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{BP1 with mixing} \tag{BP1 with mixing}$$

# %% slideshow={"slide_type": "-"}
say(
    f"> **Vote.** Outputs {', '.join(digits(v) for v in a3[:, 0])}, class 1 wanted, quadratic cost. "
    f"Output 3 should be 0 and is {digits(a3[2, 0])}: too high. Is $\\delta_3$ positive or negative?"
)

# %% slideshow={"slide_type": "fragment"}
found = bp.numerical_gradient(lambda v: bp.quadratic(bp.softmax(v), wanted), z3)[:, 0]
say(rf"Measured: $\delta = ({found[0]:.4f},\ {found[1]:.4f},\ {found[2]:.4f})$. **Negative**: *raising* $z_3$ lowers the cost.")

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Nearly everybody votes positive. Let it stand for a moment, then go on: the next slide adds up the paths.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Three ways from $z_3$ to the cost

# %% slideshow={"slide_type": "-"}
off = (a3 - wanted)[:, 0]
rows(
    ("through output", "slope $\\partial a_i / \\partial z_3$", "$a_i - y_i$", "product"),
    *((i + 1, digits(J3[i, 2]), digits(off[i]), digits(J3[i, 2] * off[i])) for i in range(3)),
    ("**sum**", "", "", f"**{digits(J3[:, 2] @ off)}**"),
)

# %% slideshow={"slide_type": "fragment"}
say(
    f"The rule entry by entry sees the last row only: {digits(J3[2, 2] * off[2])}, the **wrong sign**. Output 2 is wrong by far more, and raising $z_3$ takes from it."
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. This is the warning of the class: BP1 with ⊙ is for elementwise activations only. Two well-read texts (N, P) print it without the condition; text A treats softmax apart.

# %% [markdown] slideshow={"slide_type": "slide"} treats="04.6"
# ## Without the matrix

# %% [markdown] slideshow={"slide_type": "-"}
# $$\big(\mathrm{diag}(a) - a\,a^\top\big)\, g = a \odot g - a\,(a^\top g), \qquad a^\top g = \textstyle\sum_i a_i g_i \text{: one number}$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{softmax VJP} \tag{softmax VJP}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# $g$ less its mean, **weighted with the probabilities**; then times $a$. All $g$ equal gives 0: a test with $g = 1$ passes every formula that does that, such as $g$ less its *plain* mean.

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. Thousand classes: a million entries for each example, or one sum. In code the mistake is `g.mean()`; it has to be the weighted mean.

# %% [markdown] slideshow={"slide_type": "slide"} treats="04.8 11.21 11.22"
# ## A cost that fits: cross-entropy
#
# How surprised should a net be that class $w$ was wanted, if it gave it $a_w$?
#
# $$C_x = -\log a_w = -\sum_{j=1}^{n} y_j \log a_j$$

# %% [markdown] slideshow={"slide_type": "-"} tags=["rows"]
# | | | |
# |--:|:--|:--|
# | 1 | $\log a_j = z_j - \log \sum_k e^{z_k}$ | logarithm of a fraction |
# | 2 | $C_x = -\sum_j y_j z_j + \log \sum_k e^{z_k}$ | $\sum_j y_j = 1$ |
# | 3 | $\delta_j = -y_j + \displaystyle\frac{e^{z_j}}{\sum_k e^{z_k}}$ | derivative of $\log s$ is $s'/s$ |

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{BP1 with cross-entropy} \tag{BP1 with cross-entropy}$$

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. The idea of the proof: take the logarithm before you differentiate; it undoes the exponential. Before line 3 ask for a guess with the numbers of the last vote: outputs 0.2312, 0.6285, 0.1402, class 1 wanted. The errors come out as −0.7688, 0.6285, 0.1402.
# No slope, no Jacobian.
#
# Line 2 is also how programs compute it: no logarithm of 0 can occur.

# %% [markdown] slideshow={"slide_type": "slide"} treats="04.9"
# ## Ask for it: the sigmoid's cost
#
# Demand $\delta = a - y$. BP1 says $\delta = \dfrac{\partial C_x}{\partial a}\, a(1-a)$. So

# %% [markdown] slideshow={"slide_type": "fragment"}
# $$\frac{\partial C_x}{\partial a} = \frac{a - y}{a(1-a)} = -\frac{y}{a} + \frac{1-y}{1-a}$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$C_x = -\big[\, y \log a + (1-y) \log(1-a) \,\big]$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# **Binary cross-entropy**, one for each yes-or-no output. The slope is gone because the cost was made to cancel it.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Nothing is pulled out of a hat here: we say which error we want, and integrate. Check the partial fractions aloud: $-y(1-a) + (1-y)a = a - y$.
#
# A sigmoid is a softmax over z and 0, so this is the same cost for two classes. The lesson's third way multiplies −y/a by the Jacobian.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Drag $z$, compare the slopes

# %% slideshow={"slide_type": "-"}
bp.widgets.saturation(z=-4, y=1)

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Click into the picture; drag, or use the arrow keys; Home and End go to the ends. Before each move a student says what the two numbers will do.
# The ratio is 1/σ′(z): 4 in the middle, thousands at the ends. To leave the picture, press Escape or click beside it; then Space goes on with the slides.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## One neuron learns


# %% slideshow={"slide_type": "-"}
def outputs(cost, steps=300, eta=0.15):
    """What the neuron says before the first step and after each; input 1, target 0."""
    w = b = 2.0
    told = []
    for _ in range(steps + 1):
        z = np.array([[w + b]])
        a = bp.sigmoid(z)
        told.append(a[0, 0])
        delta = cost.output_error(z, a, np.zeros((1, 1)), bp.sigmoid)[0, 0]
        w, b = w - eta * delta, b - eta * delta
    return np.array(told)


runs = {"quadratic": outputs(bp.quadratic), "cross-entropy": outputs(bp.binary_cross_entropy)}
bp.plots.show(bp.plots.outputs_by_step(runs, target=0, width=9.0))

# %% slideshow={"slide_type": "fragment"}
say(
    f"Below 0.5 after **{np.argmax(runs['quadratic'] < 0.5)}** steps and after **{np.argmax(runs['cross-entropy'] < 0.5)}**. Same start, same step length."
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Weight and bias start at 2, the input is 1, so it says 0.98 and should say 0. Collect guesses for both numbers before you show the line.
#
# The limit: only the last layer is cured. In hidden layers σ′ stays in the formula, as the next lesson shows.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home

# %% [markdown] slideshow={"slide_type": "-"}
# | output | cost | $\delta^L$ |
# |:--|:--|:--|
# | sigmoid | quadratic | $(a - y) \odot a \odot (1 - a)$ |
# | softmax | quadratic | $J^\top (a - y)$, the whole Jacobian |
# | sigmoid, softmax | their cross-entropy | $a - y$ |

# %% [markdown] slideshow={"slide_type": "-"} tags=["left"]
# ### Answer aloud
#
# 1. Why is δ taken at $z$?
# 2. When is $\odot\, \sigma'$ allowed?
# 3. An output says 0.999 and should say 0. How does it learn?

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# ### Classic mistakes
#
# - $z(1-z)$, $\sigma'(a)$; $y - a$
# - $\odot$ for a softmax's Jacobian
# - an extra $\sigma'$ on $a - y$

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Three students, one question each.
#
# 1: gradients are one factor away, and z belongs to one neuron. 2: when each output depends on its own z only. 3: quadratic cost: slowly, its error contains
# a(1 − a), about 0.001; cross-entropy: at full speed.
#
# Homework: the notebook of lesson 04, nine exercises, about an hour. Next: from the output error to the error of every layer, BP2.
