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
from bpkit.authoring.slide_words import matrix, rows, say

net, x, y = bp.nets.three_three_two()
cache = bp.forward(net, x)
W1, b1, W2, b2 = net.W[1], net.b[1], net.W[2], net.b[2]
z1, a1, z2, a2 = cache.z[1], cache.a[1], cache.z[2], cache.a[2]

# %% [markdown] slideshow={"slide_type": "slide"} tags=["title"]
# # Forward propagation
#
# From one neuron to a whole net, by hand and in numpy
#
# Lesson 01 · 45 minutes · bring pencil and paper

# %% [markdown] slideshow={"slide_type": "notes"}
# **For whoever gives this class.** The students know sums, matrices times columns and a little numpy. They should leave able to compute a net's answer by
# hand, to name every shape before running anything, and to say why the index of the target comes first.
#
# Keys: Space goes on, S opens these notes in a window of their own, T switches light and dark, O shows all slides. Test the projector in both schemes.
#
# Plan: one neuron 7 min · to and from 6 · matrices 7 · batch 5 · exercise 8 · activations 7 · playing and counting 4 · recap 1.
# If you run late, leave out "Rows instead of columns" and "Its relatives"; the lesson's notebook has both.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["wide-left"]
# ## A net is a function

# %% slideshow={"slide_type": "-"} tags=["left"]
bp.plots.show(bp.plots.network(net, values=[x[:, 0], None, None]))

# %% [markdown] slideshow={"slide_type": "-"} tags=["right", "middle"]
# Three numbers go in, two come out.
#
# Each line carries a **weight**: as thick as it is large, dashed where it is negative.
#
# Each circle behind the inputs is a **neuron**, with one number of its own, its **bias**.
#
# Today: what exactly comes out?

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. The net is Ge Li's: 3 inputs, 3 hidden neurons, 2 outputs. Its numbers stay the same for the whole course.
#
# Layers count from 0, and the inputs are layer 0. They compute nothing.

# %% [markdown] slideshow={"slide_type": "slide"} treats="01.1"
# ## One neuron does two things

# %% slideshow={"slide_type": "-"}
terms = [
    rf"\underbrace{{{f'({w:g})' if w < 0 else f'{w:g}'}}}_{{w^1_{{1{k + 1}}}}} \times "
    rf"\underbrace{{{f'({v:g})' if v < 0 else f'{v:g}'}}}_{{x_{k + 1}}}"
    for k, (w, v) in enumerate(zip(W1[0], x[:, 0], strict=True))
]
say(rf"""1. It **adds up** what arrives, each input times its weight, and its bias. That is its weighted input:

$$z^1_1 = {" + ".join(terms)} + \underbrace{{{b1[0, 0]:g}}}_{{b^1_1}} = {z1[0, 0]:g}$$""")

# %% slideshow={"slide_type": "fragment"}
say(rf"""2. It **bends** the result: a function $\sigma$, here the sigmoid, takes it between 0 and 1. That is its activation:

$$a^1_1 = \sigma({z1[0, 0]:g}) = \frac{{1}}{{1 + e^{{1}}}} = {a1[0, 0]:.4f}$$""")

# %% slideshow={"slide_type": "fragment"}
say(rf"> **By hand, 1 minute.** The second neuron: weights $({W1[1, 0]:g},\ {W1[1, 1]:g},\ {W1[1, 2]:g})$, bias ${b1[1, 0]:g}$. What is $z^1_2$?")

# %% slideshow={"slide_type": "fragment"}
say(
    rf"$z^1_2 = {W1[1, 0] * x[0, 0]:g} + {W1[1, 1] * x[1, 0]:g} + {W1[1, 2] * x[2, 0]:g} - {abs(b1[1, 0]):g} = {z1[1, 0]:g}$, "
    rf"and so $a^1_2 = {a1[1, 0]:.4f}$."
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 6 minutes. Say z and a aloud many times; the whole course depends on keeping them apart. z: before the bend. a: after it.
#
# A weight says how much an input counts and in which direction. The bias is what z would be if all inputs were 0.
#
# Two wrong answers to expect: 3 (bias left out) and −4.5 (bias added once for each input). Let whoever has them say how they got there.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## To, then from

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$w^l_{jk}: \quad \textbf{to}\text{ neuron } j \text{ of layer } l, \quad \textbf{from}\text{ neuron } k \text{ of layer } l-1$$

# %% slideshow={"slide_type": "fragment"}
say(rf"""$$W^2 = {matrix(W2)}$$

> **Vote.** Which is the weight to output 1 from hidden neuron 2?""")

# %% slideshow={"slide_type": "fragment"}
say(rf"Row 1, column 2: $w^2_{{12}} = {W2[0, 1]:g}$. In code `W[2][0, 1]`: on paper neurons count from 1, in numpy from 0.")

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Vote by hands for −2, −1.5 and 1. Whoever says −1.5 has read from-to.
#
# Then ask: would from-to not be more natural, the way a signal travels? Leave the question open. The slide after next answers it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## For any layer, any neuron

# %% [markdown] slideshow={"slide_type": "-"} tags=["big", "card"]
# $$\eq{forward in components}$$

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - $j$ is fixed: whose sum, and whose bias.
# - $k$ runs over the **whole layer before**, up to $n_{l-1}$.
# - the bias stands **outside** of the sum, once.

# %% [markdown] slideshow={"slide_type": "fragment"}
# Then $a_j^l = \sigma(z_j^l)$.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Cover the slide and let them write the formula from memory, then compare letter by letter.
#
# All three details go wrong in print: our copy of Ge Li's slides lets the sum run to the size of the layer itself and gives the bias the summation index.
# Ask what a bias with index k inside of the sum would compute.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## From sums to a matrix
#
# $$\begin{aligned}
# z_1 &= w_{11}\, a_1 + w_{12}\, a_2 + w_{13}\, a_3 + b_1 \\
# z_2 &= w_{21}\, a_1 + w_{22}\, a_2 + w_{23}\, a_3 + b_2 \\
# z_3 &= w_{31}\, a_1 + w_{32}\, a_2 + w_{33}\, a_3 + b_3
# \end{aligned}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# The weights stand in a rectangle already. "Sum over the **second** index, times an entry with that index" is what a matrix does to a column:

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{forward}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# $$\underset{(n_l,\, 1)}{z^l} = \underset{(n_l,\, n_{l-1})}{W^l} \; \underset{(n_{l-1},\, 1)}{a^{l-1}} + \underset{(n_l,\, 1)}{b^l}$$
#
# **That is why to-from.** In from-to order every forward formula would need a transpose.

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. Point with the finger along row 2: the first index stays, the second runs. Row j of W meets the column a.
#
# Read the shapes like dominoes: $(n_l, n_{l-1})$ and $(n_{l-1}, 1)$ meet at $n_{l-1}$, which disappears, because it was summed over.
# σ acts on each entry by itself: that is a convention, say it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The same with numbers

# %% slideshow={"slide_type": "-"}
say(rf"""$$
z^1 = {matrix(W1)} {matrix(x)} + {matrix(b1)} = {matrix(W1 @ x)} + {matrix(b1)} = {matrix(z1)}
$$""")

# %% slideshow={"slide_type": "fragment"}
say(rf"""$$a^1 = \sigma(z^1) = {matrix(a1, "{:.4f}")}$$""")

# %% slideshow={"slide_type": "fragment"} tags=["show-code"]
np.set_printoptions(precision=4, suppress=True)
z = net.W[1] @ x + net.b[1]
print(z.ravel(), bp.sigmoid(z).ravel())

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Let one student do the second row of the product at the board. The result is the 0.5 from before.
#
# `@` is the matrix product. `*` would multiply entry by entry and sum nothing: with a column it even gives an array, of the wrong shape.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"] treats="01.2 01.4"
# ## A batch: examples as columns
#
# Put $m$ examples side by side. Column $i$ of $W a$ is $W$ times column $i$ of $a$, so not a letter changes:
#
# $$\underset{(n_l,\, m)}{z^l} = \underset{(n_l,\, n_{l-1})}{W^l} \; \underset{(n_{l-1},\, m)}{a^{l-1}} + \underset{(n_l,\, 1)}{b^l}$$
#
# The one column of biases is added to **every** column: numpy repeats an axis of size 1.

# %% [markdown] slideshow={"slide_type": "fragment"}
# > **Vote.** Three examples, three neurons. Somebody stores the biases flat, with shape `(3,)`. Will numpy complain?

# %% slideshow={"slide_type": "fragment"}
batch = np.array([[1.0, 0.0, 1.0], [2.0, 0.0, 0.0], [-1.0, 0.0, 0.0]])
right, flat = W1 @ batch + b1, W1 @ batch + b1.ravel()
say(rf"""No error: $\;$ `(3, 1)` gives ${matrix(right)}$, $\;$ `(3,)` gives ${matrix(flat)}$

Now each **example** has a bias of its own.""")

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. Most trust numpy to complain. It lines a flat array up with the last axis: each example got a bias of its own.
#
# With 5 examples it would complain, with 1 it would make a 3 × 3 array out of a column. A bias is a column, $(n_l, 1)$. Always.
#
# Ask for the meaning of the second column of the right result: an input of zeros leaves the biases.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Rows instead of columns

# %% [markdown] slideshow={"slide_type": "-"} tags=["left"]
# ### This course
#
# an example is a **column**
#
# $$z = W a + b$$
#
# $W$: to × from

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# ### Text R, and much code
#
# an example is a **row**
#
# $$z^\top = a^\top W^\top + b^\top$$
#
# $\omega = W^\top$: from × to

# %% [markdown] slideshow={"slide_type": "fragment"}
# The same numbers, transposed: $(W a)^\top = a^\top W^\top$. Know which one you read, and never mix the two.

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. PyTorch's linear layer keeps W as to × from and lays examples out as rows, so it computes with the transpose of W.
# The Rosetta page of lesson 00 has all conventions side by side.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercise"]
# ## Your turn · 6 minutes · in pairs, no computer

# %% slideshow={"slide_type": "-"}
rough = np.round(a1, 2)
say(rf"""The second layer of our net. Take $a^1$ to two digits:

$$W^2 = {matrix(W2)} \qquad b^2 = {matrix(b2)} \qquad a^1 \approx {matrix(rough)}$$

1. Before you compute: what shape has $z^2$? And for a batch of 5?
2. Compute $z^2$.
3. Without a calculator: which of the two outputs lies above $\tfrac12$?
4. Which single weight of $W^2$ would you change to switch output 2 off, and how?
""")

# %% [markdown] slideshow={"slide_type": "notes"}
# 6 minutes: 4 to work, 2 to compare. The answer is on the next slide down (press Down or Space).
#
# Walk round and look for two mistakes: sums down the columns of W (they get three numbers), and a bias added to each product.

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercise"]
# ## Your turn: the answer

# %% slideshow={"slide_type": "-"}
rough_z = W2 @ rough + b2
say(rf"""1. $(2, 1)$; for the batch $(2, 5)$.
2. $z^2 \approx {matrix(rough_z, "{:.2f}")}$, with unrounded numbers ${matrix(z2, "{:.4f}")}$.
3. $\sigma(0) = \tfrac12$ and $\sigma$ rises, so the sign of $z$ decides: only output 2. Exactly: $a^2 = ({a2[0, 0]:.4f},\ {a2[1, 0]:.4f})$.
4. The weight from hidden neuron 3, which is the most active one: at $-1$ in place of $2$, $z^2_2$ falls by $3 \times {a1[2, 0]:.2f} = {3 * a1[2, 0]:.2f}$.
""")

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Ask a pair that was wrong to say where their way left the right one.
#
# Question 4 has many answers; the point is that a weight works in proportion to the activation that it carries. That will come back as BP4.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Play with it

# %% slideshow={"slide_type": "-"}
bp.widgets.forward_pass(net, x)

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Click a neuron, drag its weights and its bias. Tasks to call out:
#
# - Bring output 1 above 0.9 with its own bias. (From about 2.75 on.)
# - Reset, and try it with the inputs alone. It cannot be done: the best the hidden layer could send is (1, 0, 1), and then z is 2 and σ(2) is 0.88.
#
# To leave the picture, click beside it; then Space goes on with the slides.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## Why bend at all?
#
# > **Guess.** A net has 20 layers and no activation function. How many layers would do the same?

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["big"]
# $$W^2 (W^1 x + b^1) + b^2 = \underbrace{(W^2 W^1)}_{\text{one matrix}} x + \underbrace{(W^2 b^1 + b^2)}_{\text{one bias}}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# **One.** Put one layer into the next and multiply out; repeat. Without a bend between the layers, depth buys nothing.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Let them multiply out on paper before you show it; it is one line, and it is the whole reason for σ.
#
# σ need not be complicated: a corner at 0 is enough (relu).

# %% [markdown] slideshow={"slide_type": "slide"} treats="01.3"
# ## The sigmoid

# %% [markdown] slideshow={"slide_type": "-"} tags=["left"]
# $$\sigma(z) = \frac{1}{1 + e^{-z}} = \frac{e^z}{1 + e^z}$$
#
# - between 0 and 1, rising
# - $\sigma(0) = \tfrac12$
# - $\sigma(-z) = 1 - \sigma(z)$

# %% slideshow={"slide_type": "-"} tags=["right", "show-code"]
with np.errstate(all="ignore"):
    e = np.exp([1.0, 1000.0])
    print(e / (1 + e))

# %% [markdown] slideshow={"slide_type": "fragment"}
# Equal on paper, not in the machine: $e^{1000}$ overflows, and $\infty / \infty$ is not a number. Take exponentials of **negative** numbers only: they become 0 at worst.

# %% [markdown] slideshow={"slide_type": "fragment"}
# > **Vote.** All inputs of our net times 1000: what do the two outputs do?

# %% slideshow={"slide_type": "fragment"}
far = bp.forward(net, 1000 * x)
say(
    rf"They become $({far.output[0, 0]:.4f},\ {far.output[1, 0]:.4f})$: "
    rf"the hidden neurons are **saturated**, $a^1 = ({', '.join(f'{value:g}' for value in far.a[1][:, 0])})$."
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Take the vote before you uncover the last line. z grows, a cannot: a neuron says no more than 1 and no less than 0.
# Remember this word, saturated: in lessons 04 and 05 it makes gradients vanish.
#
# One nan in a net turns everything after it into nan, so the overflow is no small matter. Exercise 01.3 is about it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Its relatives

# %% slideshow={"slide_type": "-"}
gallery = [bp.sigmoid, bp.tanh, bp.relu, bp.leaky_relu, bp.softplus, bp.identity]
bp.plots.show(bp.plots.activation_gallery(gallery, width=10.4))

# %% [markdown] slideshow={"slide_type": "-"} tags=["small"]
# sigmoid: the probability of yes · tanh: hidden layers around 0 · relu, leaky relu: deep nets · softplus: positive outputs · identity: any number · softmax (lesson 04): one of several classes

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. All panels have the same axes. Ask which of them saturate, and on which side.

# %% [markdown] slideshow={"slide_type": "slide"} treats="01.5 01.6"
# ## The whole net, and what it costs

# %% [markdown] slideshow={"slide_type": "-"} tags=["left"]
# $a^0 = x$, then for $l = 1, \dots, L$:
#
# $$\eq{forward}$$
#
# Keep every $z^l$ and every $a^l$: the way back needs them.

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# Parameters:
#
# $$\sum_{l=1}^{L} \left( n_l\, n_{l-1} + n_l \right)$$
#
# Multiplications: one for each weight and example.

# %% slideshow={"slide_type": "fragment"}
classic = bp.init([784, 30, 10], rng=np.random.default_rng(0))
first = classic.W[1].size + classic.b[1].size
rows(
    ("net", "layer 1", "layer 2", "together"),
    ("3-3-2", f"{W1.size} + {b1.size}", f"{W2.size} + {b2.size}", f"**{net.n_parameters}**"),
    ("784-30-10", f"{first}", f"{classic.n_parameters - first}", f"**{classic.n_parameters}**"),
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Let them count 3-3-2 aloud: lines, then circles that are not inputs. Then ask where most of 784-30-10 sits before you uncover it: nearly all
# in the first layer.
#
# Announce lesson 06: all derivatives together cost about two more passes.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{forward in components}$$
#
# $$\eq{forward}$$

# %% [markdown] slideshow={"slide_type": "-"} tags=["left"]
# ### Answer aloud
#
# 1. Why does the target's index come first?
# 2. What is a deep net without activation functions?
# 3. What can a flat bias do?

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# ### Classic mistakes
#
# - $W^\top$ for $W$; `*` for `@`
# - the bias inside of the sum
# - $\sigma$ twice, or on the input

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. Three students, one question each.
#
# 1: the sum runs over where inputs come from, and a matrix product sums over the second index. 2: one layer. 3: m = n gives wrong numbers in silence, m = 1 a matrix,
# anything else an error.
#
# Homework: the notebook of lesson 01, six exercises, about an hour. Next: the chain rule for several variables.
