# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 01 · Forward propagation
#
# A neural net is a function: numbers go in, numbers come out. This lesson computes one by hand, from a single neuron to a whole net with a batch of
# examples. Backpropagation will walk the same way in the opposite direction, so every sum that you set up here comes back later.
#
# **You will be able to**
#
# - compute what a net says, on paper and in numpy, for one example and for a batch;
# - read a weight's two indices in the right order, and say why they stand in that order;
# - name the shape of every array before you run anything;
# - say what an activation function is for, and write a sigmoid that survives every input;
# - say what a hidden layer can do that a single neuron cannot, and prove it;
# - count what a net has to learn.
#
# **You need** sums, matrices times columns, the exponential function; a little numpy. Lesson 00 explains how the exercises work.
#
# **Time** 75 minutes: about 35 of reading, the rest is yours: six exercises and eight guesses. Pencil and paper help.
#
# **Sources.** The order of ideas and the 3-3-2 net follow Ge Li's slides (P, section 2). Corresponding sections elsewhere: Nielsen,
# [chapter 1](http://neuralnetworksanddeeplearning.com/chap1.html), "Sigmoid neurons", and
# [chapter 2](http://neuralnetworksanddeeplearning.com/chap2.html), "Warm up"; UFLDL,
# [Multi-layer neural networks](http://ufldl.stanford.edu/tutorial/supervised/MultiLayerNeuralNetworks/); CS231n,
# [Neural networks, part 1](https://cs231n.github.io/neural-networks-1/).

# %%
import numpy as np

import bpkit as bp

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# ## One neuron
#
# This is the net of Ge Li's slides: 3 inputs, 3 hidden neurons, 2 outputs. Its numbers are fixed for the whole course.
# Each line carries a **weight**. A line is as thick as its weight is large, and dashed where the weight is negative.

# %%
net, x, y = bp.nets.three_three_two()
print("x ", x.ravel(), "  b1", net.b[1].ravel(), "  b2", net.b[2].ravel())
print("W1", str(net.W[1]).replace("\n", "\n  "))
bp.plots.show(bp.plots.network(net, values=[x[:, 0], None, None]))

# %% [markdown]
# Look at the first hidden neuron. Three lines lead to it, with the weights 0.5, $-1$ and 1. It does two things:
#
# 1. It adds up what arrives, each input times the weight of its line, and adds one more number, its **bias** 1.5. The result is its
#    **weighted input** $z$:
#
# $$z^1_1 = \underbrace{0.5}_{w^1_{11}} \times \underbrace{1}_{x_1} + \underbrace{(-1)}_{w^1_{12}} \times \underbrace{2}_{x_2}
# + \underbrace{1}_{w^1_{13}} \times \underbrace{(-1)}_{x_3} + \underbrace{1.5}_{b^1_1} = -1$$
#
# 2. It passes this number through an **activation function** $\sigma$, here the sigmoid, which squeezes it between 0 and 1. The result is its
#    **activation** $a = \sigma(z)$, and that is what the next layer gets to see:
#
# $$a^1_1 = \sigma(-1) = \frac{1}{1 + e^{1}} = 0.2689$$
#
# A weight says how much an input counts, and in which direction: a positive weight excites, a negative one inhibits. The bias is what $z$ would be
# if all inputs were 0: how ready the neuron is by itself.
#
# **Guess:** the second hidden neuron has the weights 1.5, 0.5, $-0.5$ and the bias $-2.5$. What is its weighted input? Do it on paper.

# %%
guess = ...  # a number

# %%
products = net.W[1][1] * x[:, 0]
print("weight × input:", products, "  bias:", net.b[1][1, 0])
bp.beside(guess, round(products.sum() + net.b[1][1, 0], 4))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Three products and one bias. If you got 3, the bias is missing. If you got $-4.5$, you added it once for each input.
#
# </details>

# %% [markdown]
# ## To, then from
#
# A weight has two ends, so it needs two indices. In this course, as in most texts, the first says where it leads **to**, the second where
# it comes **from**:
#
# $$w^l_{jk}: \quad \textbf{to}\text{ neuron } j \text{ of layer } l, \quad \textbf{from}\text{ neuron } k \text{ of layer } l-1$$
#
# The superscript is the layer that it leads *to*. In code the same number is `W[l][j, k]`; on paper neurons count from 1, in numpy from 0.
#
# **Guess:** what is the weight to output 1 from hidden neuron 2? Read it off the drawing.

# %%
guess = ...  # a number

# %%
print("W2", str(net.W[2]).replace("\n", "\n  "))
bp.beside(guess, net.W[2][0, 1])

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# It stands in row 1, column 2: $w^2_{12} = -2$. If you said 1, you read the weight to output 2 from hidden neuron 2, or the weight to output 1
# from hidden neuron 1. If you said $-1.5$, you read from-to.
#
# </details>

# %% [markdown]
# It would feel more natural to write from-to, in the order in which a signal travels. Here is why nearly everybody writes it the other
# way round. With any number of inputs, the sum for one neuron is
#
# $$z_j^l = \sum_{k=1}^{n_{l-1}} w_{jk}^l\, a_k^{l-1} + b_j^l \tag{forward in components}$$
#
# It runs over $k$, the second index, and over **all** $n_{l-1}$ neurons of the layer before. $j$ stays fixed: it says whose sum this is, and whose
# bias. And "sum over the second index, times an entry with that index" is what a matrix does to a column. In from-to order the sum would run over
# the first index, and every forward formula would need a transpose.
#
# Three details that go wrong in print as well: the sum ends at $n_{l-1}$, the size of the layer *before*; the bias has the index $j$ of the neuron
# and no $k$; and it stands outside of the sum. (The copy that we have of text P lets the sum run to $n_l$ and writes $b_i$.)

# %% [markdown]
# ### 01.1 weighted_input · • · 6 min · 1 point
#
# Return $z^l_j$ for one example, as a number, with a loop over $k$. `W` is $(n_l, n_{l-1})$, `a_prev` is $a^{l-1}$ with shape $(n_{l-1}, 1)$, `b` is
# $(n_l, 1)$, and `j` is an index from 0.
#
# Stuck? `bp.hint("01.1")` in a cell of its own opens a first hint; run it again for the next.


# %%
def weighted_input(W, a_prev, b, j):
    """z of neuron j; W (n, n_prev), a_prev (n_prev, 1), b (n, 1) → a number."""
    # BEGIN SOLUTION
    z = b[j, 0]
    for k in range(W.shape[1]):
        z += W[j, k] * a_prev[k, 0]
    return z
    # END SOLUTION


# %%
bp.check("01.1", weighted_input)

# %% [markdown]
# ## From components to a matrix
#
# Write the formula down for each $j$ of the first layer. Nothing new, three sums under each other:
#
# $$\begin{aligned}
# z_1 &= w_{11}\, a_1 + w_{12}\, a_2 + w_{13}\, a_3 + b_1 \\
# z_2 &= w_{21}\, a_1 + w_{22}\, a_2 + w_{23}\, a_3 + b_2 \\
# z_3 &= w_{31}\, a_1 + w_{32}\, a_2 + w_{33}\, a_3 + b_3
# \end{aligned}$$
#
# | | step | why |
# |:--|:--|:--|
# | 1 | The weights stand in a rectangle: $j$ numbers the rows, $k$ the columns. Call it $W^l$. | names only |
# | 2 | Row $j$ of $W^l$ times the column $a^{l-1}$ is $\sum_k w^l_{jk}\, a^{l-1}_k$. | definition of the product of a matrix and a column |
# | 3 | So all the sums together are the column $W^l a^{l-1}$. | one row for each $j$ |
# | 4 | The biases form a column $b^l$, and entry $j$ is added to entry $j$. | definition of the sum of two columns |
# | 5 | $\sigma$ acts on each $z_j$ by itself: $a^l = \sigma(z^l)$ means $a_j^l = \sigma(z_j^l)$ for every $j$. | convention: a function of numbers, applied to an array, acts entry by entry |
#
# The result, for any layer:
#
# $$z^l = W^l a^{l-1} + b^l, \qquad a^l = \sigma(z^l) \tag{forward}$$
#
# With the shapes under the symbols, for one example:
#
# $$\underset{(n_l,\, 1)}{z^l} = \underset{(n_l,\, n_{l-1})}{W^l} \; \underset{(n_{l-1},\, 1)}{a^{l-1}} + \underset{(n_l,\, 1)}{b^l}
# \qquad\qquad \underset{(n_l,\, 1)}{a^l} = \sigma\big(\underset{(n_l,\, 1)}{z^l}\big)$$
#
# Read the product's shapes like dominoes: $(n_l, n_{l-1})$ and $(n_{l-1}, 1)$ meet at $n_{l-1}$, which disappears because it was summed over.
#
# ### The same with numbers
#
# $$\begin{aligned}
# z^1 &= \begin{pmatrix} 0.5 & -1 & 1 \\ 1.5 & 0.5 & -0.5 \\ -1 & 2 & 0.5 \end{pmatrix} \begin{pmatrix} 1 \\ 2 \\ -1 \end{pmatrix}
# + \begin{pmatrix} 1.5 \\ -2.5 \\ -0.5 \end{pmatrix} \\
# &= \begin{pmatrix} -2.5 \\ 3 \\ 2.5 \end{pmatrix} + \begin{pmatrix} 1.5 \\ -2.5 \\ -0.5 \end{pmatrix}
# = \begin{pmatrix} -1 \\ 0.5 \\ 2 \end{pmatrix}
# \end{aligned}$$

# %%
z1 = net.W[1] @ x + net.b[1]
print("W1 x", (net.W[1] @ x).ravel(), "  z1", z1.ravel())
print("a1", bp.sigmoid(z1).ravel())

# %% [markdown]
# ## A batch: examples as columns
#
# A net is trained on thousands of examples. Put $m$ of them side by side, one **column** each, and call the array $a^0$, with shape $(n_0, m)$. A matrix
# product treats each column by itself: column $i$ of $W a$ is $W$ times column $i$ of $a$. So the product in the formula computes $m$ examples
# at once, and not a letter has to change:
#
# $$\underset{(n_l,\, m)}{z^l} = \underset{(n_l,\, n_{l-1})}{W^l} \; \underset{(n_{l-1},\, m)}{a^{l-1}} + \underset{(n_l,\, 1)}{b^l}$$
#
# One thing is new: $b^l$ is one column, and $W^l a^{l-1}$ has $m$. The biases belong to the neurons and not to the examples, so **every** column gets the
# same $b^l$. numpy does that by itself when it finds the shapes $(n_l, m)$ and $(n_l, 1)$: an axis of size 1 is repeated. This is called
# **broadcasting**.

# %%
batch = np.array([[1.0, 0.0, 1.0], [2.0, 0.0, 0.0], [-1.0, 0.0, 0.0]])  # three examples
print(net.W[1] @ batch + net.b[1])

# %% [markdown]
# The first column is our example, with $z^1 = (-1, 0.5, 2)$. The second example is all zeros: its column is the bias. The third has only $x_1 = 1$:
# its column is the first column of $W^1$, plus the bias.
#
# **Guess:** somebody stores the biases flat, as an array of shape `(3,)` instead of `(3, 1)`, and adds it to the `(3, 3)` array above. Does numpy complain?

# %%
guess = ...  # "yes" or "no"

# %%
flat = net.b[1].ravel()
print(net.W[1] @ batch + flat)
bp.beside(guess, "no" if (net.W[1] @ batch + flat).shape == (3, 3) else "yes")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# No error, and wrong numbers: numpy lines a flat array up with the *last* axis. Here that axis is the examples, so each *example* got a bias of its own.
# With 5 examples it would have complained, with one example it would have made a $(3, 3)$ array out of a column. A bias is a column: keep it $(n_l, 1)$.
#
# </details>

# %% [markdown]
# ### Rows instead of columns
#
# Text R, and much code, lay examples out as **rows**. Transpose both sides of the formula, remember that $(W a)^\top = a^\top W^\top$, and you are there:
#
# $$\underset{(m,\, n_l)}{z^\top} = \underset{(m,\, n_{l-1})}{a^\top} \; \underset{(n_{l-1},\, n_l)}{W^\top} + \underset{(1,\, n_l)}{b^\top}$$
#
# What R calls $\omega$ is $W^\top$, and its biases are rows. The numbers are the same; only never mix the two in one program.

# %%
columns = net.W[1] @ batch + net.b[1]
rows = batch.T @ net.W[1].T + net.b[1].T
print("the same numbers, transposed:", np.allclose(rows.T, columns))

# %% [markdown]
# ### 01.2 layer · • · 6 min · 2 points
#
# Return $z^l$ for a batch, without a loop: `W` $(n_l, n_{l-1})$, `a_prev` $(n_{l-1}, m)$, `b` $(n_l, 1)$ → $(n_l, m)$. In numpy `@` is the matrix product,
# `*` the product entry by entry.


# %%
def layer(W, a_prev, b):
    """z of a layer; W (n, n_prev), a_prev (n_prev, m), b (n, 1) → (n, m)."""
    # BEGIN SOLUTION
    return W @ a_prev + b
    # END SOLUTION


# %%
bp.check("01.2", layer)

# %% [markdown]
# ## What the activation is for
#
# Leave $\sigma$ out. Then a layer is $z = W a + b$ and nothing else.
#
# **Guess:** a net has 20 layers and no activation function. How many layers would do the same?

# %%
guess = ...  # a number

# %%
rng = np.random.default_rng(1)
sizes = [3, *[30] * 19, 2]
h = x  # goes through layer by layer
W_all, b_all = np.eye(3), np.zeros((3, 1))  # all layers so far, as one
for l in range(1, len(sizes)):
    W = rng.normal(size=(sizes[l], sizes[l - 1])) / np.sqrt(sizes[l - 1])
    b = rng.normal(size=(sizes[l], 1))
    h = W @ h + b
    W_all, b_all = W @ W_all, W @ b_all + b
print("layer by layer:", h.ravel())
print("as one layer:  ", (W_all @ x + b_all).ravel())
bp.beside(guess, 1 if np.allclose(h, W_all @ x + b_all) else len(sizes) - 1)

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# One. Put one layer into the next and multiply out: $W^2 (W^1 x + b^1) + b^2 = (W^2 W^1)\, x + (W^2 b^1 + b^2)$. That has the form $W x + b$ again. By
# repeating it, any number of layers collapses into one.
#
# </details>

# %% [markdown]
# So without an activation function, depth buys nothing: a change of the input by $\Delta x$ changes the output by $W \Delta x$, always the same, wherever
# you are. What depth needs is a bend between the layers: a function that is *not* a straight line. It need not be complicated. Which one you take decides
# how well the net learns, as lessons 04 and 05 will show.
#
# ### The sigmoid
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# - It lies between 0 and 1, because the denominator lies above 1. Far to the left it approaches 0, far to the right 1. It rises everywhere.
# - $\sigma(0) = \tfrac12$.
# - It is symmetric about that point: $\sigma(-z) = \dfrac{1}{1 + e^{z}} = \dfrac{e^{-z}}{e^{-z} + 1} = 1 - \dfrac{1}{1 + e^{-z}} = 1 - \sigma(z)$. The second step
#   multiplies above and below by $e^{-z}$; the third writes the numerator as $(1 + e^{-z}) - 1$.
#
# The second step shows another formula for the same function: $\sigma(z) = e^z / (1 + e^z)$.
#
# **Guess:** on paper the two are equal. What does the second one give in numpy at $z = 1000$?

# %%
guess = ...  # a number, or what else

# %%
with np.errstate(over="ignore", invalid="ignore"):  # numpy would warn
    e = np.exp(np.array([1.0, 1000.0]))
    fraction = e / (1 + e)
print("z = 1   :", e[0].round(4), "/", (1 + e[0]).round(4), "=", fraction[0].round(4))
bp.beside(guess, fraction[1])

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# `nan`, not a number. float64 ends near $10^{308}$; $e^{1000}$ is about $10^{434}$ and becomes infinite, and infinity divided by infinity is nothing in particular.
# One `nan` in a net turns everything after it into `nan`.
#
# </details>

# %% [markdown]
# The cure is to take the exponential of negative numbers only: it becomes 0 at worst. For $z \ge 0$ use $1 / (1 + e^{-z})$, for $z < 0$ the other
# form. (The first form alone happens to come out right at $-1000$ as well: $1 / \infty = 0$. numpy only warns.)

# %% [markdown]
# ### 01.3 sigmoid · •• · 6 min · 2 points
#
# Return $\sigma(z)$ entry by entry, for an array of any shape, right at $\pm 1000$ as well as between. `z` may hold whole numbers; the result holds
# floats. Without `bp.sigmoid`, this once.


# %%
def sigmoid(z):
    """σ(z), entry by entry; any shape → the same shape."""
    # BEGIN SOLUTION
    e = np.exp(-np.abs(z))  # never above 1
    return np.where(z >= 0, 1, e) / (1 + e)
    # END SOLUTION


# %%
bp.check("01.3", sigmoid)

# %% [markdown]
# ### Its relatives, and what each is for
#
# | | formula | values | used for |
# |:--|:--|:--|:--|
# | sigmoid | $1 / (1 + e^{-z})$ | 0 to 1 | an output that is a probability of yes; a gate that opens or shuts |
# | tanh | $(e^z - e^{-z}) / (e^z + e^{-z}) = 2\sigma(2z) - 1$ | $-1$ to 1 | hidden layers whose values should lie around 0 |
# | relu | $\max(z, 0)$ | 0 and up | hidden layers of deep nets: cheap, and its slope is 1 wherever it is on |
# | leaky relu | $z$ if $z > 0$, else $0.01 z$ | all | as relu, without neurons that are off for good |
# | softplus | $\ln(1 + e^z)$ | above 0 | a relu without a corner; an output that must be positive |
# | identity | $z$ | all | the output layer when any number may come out |
# | softmax | $e^{z_j} / \sum_i e^{z_i}$ | 0 to 1, sum 1 | an output layer that chooses one of several classes |
#
# All but the last act on each neuron by itself. Softmax mixes the neurons of its layer; lesson 04 is about what that changes.

# %%
activations = [bp.sigmoid, bp.tanh, bp.relu, bp.leaky_relu, bp.softplus, bp.identity]
at = np.array([-3.0, -1.0, 0.0, 1.0, 3.0])
print(" " * 11, "".join(f"{f'z = {z:g}':>9}" for z in at))
for activation in activations:
    print(f"{activation.name:12}" + "".join(f"{value:9.4f}" for value in activation(at)))
bp.plots.show(bp.plots.activation_gallery(activations))

# %% [markdown]
# ## The whole net
#
# A net is its layers, one after the other. Start with $a^0 = x$, then apply the two formulas for $l = 1, 2, \dots, L$; what comes out is $a^L$. Written
# as one expression, for our two layers,
#
# $$a^2 = \sigma\big(W^2\, \sigma(W^1 x + b^1) + b^2\big)$$
#
# This nesting is the reason why the chain rule will be needed. Through our net, with $a^1$ from above:
#
# $$\begin{aligned}
# z^2 &= \begin{pmatrix} 1 & -2 & 0.5 \\ -1.5 & 1 & 2 \end{pmatrix} \begin{pmatrix} 0.2689 \\ 0.6225 \\ 0.8808 \end{pmatrix}
# + \begin{pmatrix} 0.5 \\ -1 \end{pmatrix} = \begin{pmatrix} -0.0356 \\ 0.9806 \end{pmatrix} \\
# a^2 &= \begin{pmatrix} 0.4911 \\ 0.7272 \end{pmatrix}
# \end{aligned}$$
#
# Check the first one by hand: $0.2689 - 2 \times 0.6225 + 0.5 \times 0.8808 + 0.5 = -0.0357$. The last digit differs because the course computes with unrounded
# numbers and only shows four digits.

# %%
cache = bp.forward(net, x)
for l in (1, 2):
    print(f"z{l}", cache.z[l].ravel(), f"  a{l}", cache.a[l].ravel())
bp.plots.show(bp.plots.network(net, values=[a[:, 0] for a in cache.a]))

# %% [markdown]
# `bp.forward` keeps every $z$ and every $a$ in a **cache**, though only the last one is the answer. Keep this in mind: the backward pass will need all of them.
#
# **Guess:** multiply all three inputs by 1000. What do the two outputs do: grow by about 1000, stay as they are, or something else?

# %%
guess = ...  # in words, or two numbers

# %%
far = bp.forward(net, 1000 * x)
print("z1", far.z[1].ravel(), "  a1", far.a[1].ravel())
bp.beside(guess, f"they become {far.output[0, 0]:.4f} and {far.output[1, 0]:.4f}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# The weighted inputs grow, but a hidden neuron cannot say more than 1 or less than 0: it is **saturated**. So $a^1 = (0, 1, 1)$, whatever the factor, and
# $z^2 = (-2 + 0.5 + 0.5,\ 1 + 2 - 1) = (-1, 2)$. Larger inputs change nothing any more. Remember this when gradients vanish.
#
# </details>

# %% [markdown]
# Now move things yourself. Drag the inputs; click a neuron to see its sum, then drag its weights and its bias. Everything after it follows at once.
# Three tasks:
#
# - Bring output 1 above 0.9 with nothing but its own bias.
# - Put it back (*Reset*), and do it with one input alone. Can you?
# - Set one weight to 0. What has lost its effect, and on what?

# %%
bp.widgets.forward_pass(net, x)

# %% [markdown]
# <details><summary>What you may have found (open after trying)</summary>
#
# - The bias alone does it: from about 2.75 on, $\sigma(z^2_1)$ is above 0.9.
# - No input can. The best that the hidden layer could send is $a^1 = (1, 0, 1)$, and then $z^2_1 = 1 + 0.5 + 0.5 = 2$ and $\sigma(2) = 0.8808$. Whatever lies
#   before the hidden layer passes through it, and it says nothing beyond 0 and 1.
# - A weight of 0 cuts one line. Its neuron still works on all other lines; it has no effect only on the one neuron that the line led to, and on what
#   that neuron alone passes on.
#
# </details>

# %% [markdown]
# ### 01.4 shapes · • · 4 min · 1 point
#
# A net with the layers 4-3-2, so 4 inputs, 3 hidden neurons and 2 outputs, gets a batch of $m = 5$ examples. Write the shapes of these eight arrays
# as one list of eight pairs, in this order: $W^1, b^1, z^1, a^1, W^2, b^2, z^2, a^2$. For example, $a^0$ would be `(4, 5)`.

# %%
# BEGIN SOLUTION
shapes = [(3, 4), (3, 1), (3, 5), (3, 5), (2, 3), (2, 1), (2, 5), (2, 5)]
# END SOLUTION

# %%
bp.check("01.4", shapes)

# %% [markdown]
# ### 01.5 forward · •• · 10 min · 3 points
#
# The whole forward pass, with sigmoid in every layer. `W` and `b` are lists with `None` at index 0; `x` is $(n_0, m)$. Return two lists, `zs` and
# `activations`, in which list index = layer: `zs[0]` is `None` and `activations[0]` is `x`. Use `bp.sigmoid`.


# %%
def forward(W, b, x):
    """All weighted inputs and activations; returns ([None, z1, …, zL], [x, a1, …, aL])."""
    # BEGIN SOLUTION
    zs, activations = [None], [x]
    for l in range(1, len(W)):
        zs.append(W[l] @ activations[l - 1] + b[l])
        activations.append(bp.sigmoid(zs[l]))
    return zs, activations
    # END SOLUTION


# %%
bp.check("01.5", forward)

# %% [markdown]
# ## What a hidden layer buys
#
# Four points, two answers: $y = 1$ where exactly one of $x_1, x_2$ is 1. This is **XOR**, "the one or the other". One sigmoid neuron says more than one half where
# $w_1 x_1 + w_2 x_2 + b > 0$: on one side of a straight line.
#
# **Guess:** the best single neuron there is: how many of the four points does it get right?

# %%
guess = ...  # 0 to 4

# %%
x4, y4 = bp.data.xor()
rng = np.random.default_rng(2)
neurons = rng.normal(size=(20000, 3))  # w1, w2, b of twenty thousand neurons
right = ((neurons[:, :2] @ x4 + neurons[:, 2:] > 0) == y4).sum(axis=1)
bp.beside(guess, int(right.max()))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Three, and more tries would not have found a fourth. All four would need
#
# $$b \le 0, \qquad w_1 + b > 0, \qquad w_2 + b > 0, \qquad w_1 + w_2 + b \le 0.$$
#
# Add the two in the middle: $w_1 + w_2 + 2b > 0$, so $w_1 + w_2 + b > -b \ge 0$. That contradicts the last one.
#
# </details>
#
# Two hidden neurons are enough. The first says "at least one", the second "both", and the output takes the first without the second:

# %%
W1, b1 = np.array([[10.0, 10.0], [10.0, 10.0]]), np.array([[-5.0], [-15.0]])
W2, b2 = np.array([[10.0, -10.0]]), np.array([[-5.0]])
two_layers = bp.Network([None, W1, W2], [None, b1, b2], [None, bp.sigmoid, bp.sigmoid])
one_layer = bp.Network([None, W1[:1]], [None, b1[:1]], [None, bp.sigmoid])
print("wanted", y4.ravel(), "  the net says", bp.predict(two_layers, x4).ravel())
print("one of its hidden neurons alone", bp.predict(one_layer, x4).ravel())
nets = {"one neuron: a line": one_layer, "two hidden neurons: a band": two_layers}
bp.plots.show(bp.plots.boundary(nets, x4, y4))

# %% [markdown]
# Each hidden neuron draws a line of its own, and the output layer joins half-planes to a band. More neurons join more of them, to shapes as fine as you like. That is
# what hidden layers are for: they turn the input into numbers among which a straight cut is enough. Here somebody chose the weights by thinking. Training will find them by derivatives.

# %% [markdown]
# ## Counting
#
# What does training have to find? Between layer $l-1$ and layer $l$ there is a line from each neuron to each neuron: $n_l\, n_{l-1}$ weights. Each neuron
# of layer $l$ has one bias: $n_l$. The inputs have none, they compute nothing. So the number of **parameters** is
#
# $$\sum_{l=1}^{L} \left( n_l\, n_{l-1} + n_l \right)$$
#
# For the 3-3-2 net: $(9 + 3) + (6 + 2) = 20$.
#
# The same count tells what a forward pass costs: each weight is used in one multiplication for each example, so a batch takes $m$ times as many
# multiplications as there are weights. Hold on to that number. In lesson 06 you will find that *all* derivatives together cost at most twice as much again.
#
# **Guess:** a classic net for handwritten digits has 784 inputs (28 × 28 pixels), 30 hidden neurons and 10 outputs. Which share of its parameters
# belongs to the first layer?

# %%
guess = ...  # such as 0.5

# %%
digits = bp.init([784, 30, 10], rng=np.random.default_rng(0))
first, second = (digits.W[l].size + digits.b[l].size for l in (1, 2))
print("layer 1:", first, "  layer 2:", second, "  together:", digits.n_parameters)
bp.beside(guess, round(first / digits.n_parameters, 4))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Nearly all of it. Products of layer sizes count, and 784 × 30 is far more than 30 × 10.
#
# </details>

# %% [markdown]
# ### 01.6 count_parameters · • · 5 min · 1 point
#
# `sizes` is a list such as `[3, 3, 2]`, layer 0 first. Return the number of weights and biases.


# %%
def count_parameters(sizes):
    """How many weights and biases a net with these layers has; a list → a number."""
    # BEGIN SOLUTION
    return sum(sizes[l] * sizes[l - 1] + sizes[l] for l in range(1, len(sizes)))
    # END SOLUTION


# %%
bp.check("01.6", count_parameters)

# %% [markdown]
# ## Recap
#
# The equations of this lesson, on one card.

# %%
bp.equations.card("forward in components", "forward")

# %% [markdown]
# **Answer aloud**, then open.
#
# <details><summary>1. Why does the index of the target stand first in a weight?</summary>
#
# Because the sum of a neuron runs over where its inputs come from, and a matrix product sums over the second index. To-from makes the forward formula
# $W a + b$, without a transpose.
#
# </details>
# <details><summary>2. What happens to a deep net without activation functions?</summary>
#
# It collapses into a single layer: one layer put into the next multiplies out to $W x + b$ again.
#
# </details>
# <details><summary>3. You add a bias of shape (n,) to an array of shape (n, m). What can happen?</summary>
#
# If $m = n$, silently wrong numbers: each example gets a bias, where each neuron should. If $m = 1$, a matrix comes out in place of a column. Otherwise
# numpy refuses. As a column, $(n, 1)$, it is right for any $m$.
#
# </details>

# %% [markdown]
# **Classic mistakes**
#
# - $w_{kj}$ for $w_{jk}$, or $W^\top$ for $W$: shapes catch it only where the layers differ in size.
# - `*` for `@`: entry by entry, nothing is summed.
# - the bias inside of the sum: it is added once for each input.
# - a flat bias: right shape by chance, wrong numbers.
# - $\sigma$ applied to what has been through it already, or to the input.
# - forgetting $a^0$ in the list of activations: every index is off by one.
# - $e^z / (1 + e^z)$ at large $z$: `nan`.
#
# **What comes next.** You can compute what a net says. To teach it, you need to know how its answer changes with each of its numbers: a derivative through
# many nested functions at once. Lesson 02 is about the rule for that, the chain rule for several variables.

# %% [markdown]
# ## Words
#
# In English and Chinese. `bp.words()` lists those of the whole course.

# %%
bp.words("01")

# %% [markdown]
# **Sources.** N: 反向传播公式推导. A: 读懂反向传播算法(bp算法). R: bp神经网络反向传播. U: 用反向传导思想求导 (UFLDL). P: Ge Li, Deep Learning Technology and Application, Peking
# University. How each of them writes the forward pass; R has examples as rows, and in U the weights carry the number of the layer that they leave:

# %%
bp.equations.rosetta("forward in components", "forward")

# %% [markdown]
# **Next:** [02 · The multivariable chain rule and Jacobians](02_chain_rule.ipynb)
