# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 06 · From error to gradient: the whole algorithm
#
# You can compute the error of every neuron. A net does not learn errors, though, it learns weights and biases. This lesson turns errors into
# gradients, with two short formulas, and then puts everything together: at its end you have written backpropagation whole, for any number of
# layers, and proved your code right.
#
# **You will be able to**
#
# - derive BP4 and BP3 on a blank sheet, for one example and for a batch, and say why the batch needs one $1/m$ and where it stands;
# - write the whole algorithm without looking anything up, and check every gradient of a net against a measurement;
# - read and write the same in row convention, as most libraries and text R do;
# - say what backpropagation costs, counted in multiplications;
# - find a forgotten or doubled $1/m$ with a test that needs no calculus.
#
# **You need** the forward pass (lesson 01), the chain rule (02), BP1 (04) and BP2 (05). Gradient checking (03) is used and explained in one line.
#
# **Time** 115 minutes: about 40 of reading, the rest is yours: eight exercises and ten guesses. Pencil and paper help.
#
# **Sources.** The five steps of the algorithm are those of Ge Li's slides (P, 反向传播计算流程). Rows instead of columns, one bias for a whole layer, and
# the order of update and error are read with, and against, bp神经网络反向传播 (R). Corresponding sections elsewhere: Nielsen,
# [chapter 2](http://neuralnetworksanddeeplearning.com/chap2.html), from BP3 and BP4 to "In what sense is backpropagation a fast algorithm?"; UFLDL,
# [Multi-layer neural networks](http://ufldl.stanford.edu/tutorial/supervised/MultiLayerNeuralNetworks/); CS231n,
# [Backpropagation, intuitions](https://cs231n.github.io/optimization-2/), "Gradients for vectorized operations".

# %%
from itertools import pairwise

import numpy as np

import bpkit as bp
from bpkit.exercises import registry

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# ## Where we stand
#
# The running 2-3-2 net, its forward pass and its errors. They come from two formulas:
#
# $$\delta^L = \nabla_a C_x \odot \sigma'(z^L) \tag{BP1a}$$
#
# $$\delta^l = \left( (W^{l+1})^\top \delta^{l+1} \right) \odot \sigma'(z^l) \tag{BP2}$$

# %%
net, x, y = bp.nets.two_three_two()
cache = bp.forward(net, x)
delta_2 = (cache.a[2] - y) * bp.sigmoid.prime(cache.z[2])
delta_1 = (net.W[2].T @ delta_2) * bp.sigmoid.prime(cache.z[1])
print("a0", x.ravel(), "  a1", cache.a[1].ravel(), "  a2", cache.a[2].ravel())
print("δ1", delta_1.ravel(), "  δ2", delta_2.ravel())

# %% [markdown]
# ## Guess first: which weight counts most?
#
# The second layer has six weights:
#
# $$W^2 = \begin{pmatrix} 1 & -2 & 0.5 \\ -1.5 & 1 & 2 \end{pmatrix}$$
#
# Nudge one of them a little, and the cost moves a little. **Guess:** which of the two weights *to output 1* moves the cost more, $w^2_{12} = -2$ or
# $w^2_{13} = 0.5$?

# %%
guess = ...  # "w12" or "w13"


# %%
def cost_if(W2):
    """The cost if the second layer had the weights W2."""
    return net.cost(bp.sigmoid(W2 @ cache.a[1] + net.b[2]), y)


measured = bp.numerical_gradient(cost_if, net.W[2])
print("∂C/∂W2 measured by nudging:", str(measured).replace("\n", "\n" + 28 * " "))
print("row 2 / row 1", measured[1] / measured[0], "  error 2 / error 1", delta_2[1] / delta_2[0])
bp.beside(guess, "w13" if abs(measured[0, 2]) > abs(measured[0, 1]) else "w12")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# The smaller weight has the larger gradient. How large a weight *is* does not say how much it matters. Look at the two rows: the second is
# the first times one number, about $-1.13$. And $-1.13$ is $\delta^2_2 / \delta^2_1$. There is a table of products behind this.
#
# </details>

# %% [markdown]
# ## One weight
#
# Take one weight $w^l_{jk}$: **to** neuron $j$ of layer $l$, **from** neuron $k$ of layer $l-1$. Where does it enter the forward pass? In the
# weighted inputs of its own layer. Write down any of them, of neuron $i$; the sum runs over $p$, since $k$ is taken:
#
# $$z_i^l = \sum_{p=1}^{n_{l-1}} w_{ip}^l\, a_p^{l-1} + b_i^l$$
#
# - If $i \ne j$, the weight is not in it: its derivative is 0.
# - If $i = j$, the one term with $p = k$ contains it, and that term is $w^l_{jk}$ times the number $a^{l-1}_k$: its derivative is $a^{l-1}_k$.
#
# The activation $a^{l-1}_k$ does not depend on $w^l_{jk}$, for the signal goes forward only, and layer $l-1$ lies before.
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $\dfrac{\partial C_x}{\partial w^l_{jk}} = \displaystyle\sum_{i=1}^{n_l} \dfrac{\partial C_x}{\partial z^l_i}\, \dfrac{\partial z^l_i}{\partial w^l_{jk}}$ | chain rule: one term for each way from the weight to the cost |
# | 2 | $\phantom{\dfrac{\partial C_x}{\partial w^l_{jk}}} = \displaystyle\sum_{i=1}^{n_l} \delta^l_i\, \dfrac{\partial z^l_i}{\partial w^l_{jk}}$ | definition of the error |
# | 3 | $\phantom{\dfrac{\partial C_x}{\partial w^l_{jk}}} = \delta^l_j\, \dfrac{\partial z^l_j}{\partial w^l_{jk}}$ | all terms with $i \ne j$ are 0: a weight has one way out |
# | 4 | $\phantom{\dfrac{\partial C_x}{\partial w^l_{jk}}} = \delta^l_j\, a^{l-1}_k$ | the derivative computed above |
#
# The result needs no sum and no slope; both are in $\delta$ already:
#
# $$\frac{\partial C_x}{\partial w_{jk}^l} = \delta_j^l\, a_k^{l-1} \tag{BP4 in components}$$
#
# **The conditions.** $z^l_i$ is linear in the weight, so its derivative exists everywhere. What is asked beside it is what $\delta^l$ asked: that
# $C_x$ be differentiable in the weighted inputs of layer $l$.
#
# **With numbers**, for $w^2_{12}$: the error at output 1 times the activation of hidden neuron 2,
#
# $$\frac{\partial C_x}{\partial w^2_{12}} = \underbrace{-0.1272}_{\delta^2_1} \times \underbrace{0.6225}_{a^1_2} = -0.0792$$
#
# which is entry $(1, 2)$ of the table that you measured. The copy that we have of text P has $a_p$ in the last layer's formula
# where $a_q$ belongs, the neuron's own index in place of the other end's. With that index each weight of row $p$ would get the same gradient. Two indices on the left need two on the
# right.
#
# **Guess:** the second input of the net is 2. Suppose it were 0. How many of the six entries of $\partial C / \partial W^1$ would be 0?

# %%
guess = ...  # a number

# %%
x_0 = np.array([[1.0], [0.0]])
dW1 = bp.backward(net, bp.forward(net, x_0), y).W[1]
print(dW1)
bp.beside(guess, int(np.sum(dW1 == 0)))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# The column of that input is 0. A weight that carries nothing cannot have caused anything, and learns nothing from this example.
#
# </details>

# %% [markdown]
# ## A table of products
#
# Entry in row $j$, column $k$: error $j$ times activation $k$. Every error meets every activation, as in a multiplication table. A column times a
# row makes such a table:
#
# $$\left( \delta^l\, (a^{l-1})^\top \right)_{jk} = \delta^l_j\, a^{l-1}_k
# \qquad \underset{(n_l,\, n_{l-1})}{\frac{\partial C_x}{\partial W^l}} = \underset{(n_l,\, 1)}{\delta^l} \; \underset{(1,\,
# n_{l-1})}{(a^{l-1})^\top}$$
#
# It is called the **outer product**. The inner sizes are both 1, so nothing is summed; the outer sizes are those of $W^l$, row for row.

# %%
dW2 = delta_2 @ cache.a[1].T
print(dW2)
print("differs from the measured one by less than 1e-8:", bool(np.abs(dW2 - measured).max() < 1e-8))
bp.plots.show(bp.plots.outer_products(delta_2, cache.a[1]))

# %% [markdown]
# **Guess:** Ge Li's 3-3-2 net has the same hidden errors $\delta^1$ as ours (lesson 05), and its third input is $-1$. What is the gradient of its
# weight to hidden neuron 2 from input 3?

# %%
guess = ...  # a number

# %%
other, other_x, other_y = bp.nets.three_three_two()
other_dW1 = bp.backward(other, bp.forward(other, other_x), other_y).W[1]
print("its x", other_x.ravel(), "  ∂C/∂W1", str(other_dW1).replace("\n", "\n" + 28 * " "))
bp.beside(guess, round(other_dW1[1, 2], 4))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# $\delta^1_2 \times x_3 = 0.0937 \times (-1) = -0.0937$. Its columns are $\delta^1$ times 1, times 2 and times $-1$: the inputs.
#
# </details>

# %% [markdown]
# ### 06.1 weight_gradient_one · • · 6 min · 1 point
#
# The gradient of a layer's weights for one example: `delta` is $(n_l, 1)$, `a_prev` is $(n_{l-1}, 1)$; return $(n_l, n_{l-1})$.
#
# Stuck? `bp.hint("06.1")` in a cell of its own opens a first hint; run it again for the next.


# %%
def weight_gradient_one(delta, a_prev):
    """∂C/∂W of one layer, one example; delta (n, 1), a_prev (n_prev, 1) → (n, n_prev)."""
    # BEGIN SOLUTION
    return delta @ a_prev.T
    # END SOLUTION


# %%
bp.check("06.1", weight_gradient_one)

# %% [markdown]
# ## The bias
#
# The same three steps. The bias $b^l_j$ is in $z^l_j$ and in no other weighted input, and it is added there as it is: $\partial z^l_j / \partial
# b^l_j = 1$. So of the chain rule's sum one term is left, $\delta^l_j \times 1$:
#
# $$\frac{\partial C_x}{\partial b_j^l} = \delta_j^l \tag{BP3 in components}$$
#
# You may read this as a special case: a bias is a weight from a neuron that always says 1. Put $a = 1$ into BP4.
#
# This is also what $\delta$ *is*: the gradient of the bias, under another name. Nielsen introduces the error as a demon that adds a little to
# $z^l_j$; the bias is the knob with which he does it.

# %% [markdown]
# ## A batch, and the one 1/m
#
# The cost of a batch is the mean over its $m$ examples, $C = \frac1m \sum_x C_x$. A derivative of a mean is the mean of the derivatives.
# With example $x$ in column $x$, so that $\delta^l_{jx}$ is the error of neuron $j$ in example $x$:
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $\dfrac{\partial C}{\partial w^l_{jk}} = \dfrac1m \displaystyle\sum_{x=1}^{m} \dfrac{\partial C_x}{\partial w^l_{jk}}$ | the same weight serves all examples; sums are differentiated term by term |
# | 2 | $\phantom{\dfrac{\partial C}{\partial w^l_{jk}}} = \dfrac1m \displaystyle\sum_{x=1}^{m} \delta^l_{jx}\, a^{l-1}_{kx}$ | BP4 for each example |
# | 3 | $\phantom{\dfrac{\partial C}{\partial w^l_{jk}}} = \dfrac1m \displaystyle\sum_{x=1}^{m} \delta^l_{jx}\, \big((a^{l-1})^\top\big)_{xk}$ | a transpose swaps the two indices |
# | 4 | $\phantom{\dfrac{\partial C}{\partial w^l_{jk}}} = \dfrac1m \big(\delta^l\, (a^{l-1})^\top\big)_{jk}$ | that sum over $x$ is a matrix product |
#
# So the outer product of one example becomes the matrix product of all, and the sum over the examples is inside of it:
#
# $$\frac{\partial C}{\partial W^l} = \frac{1}{m}\, \delta^l\, (a^{l-1})^\top \tag{BP4}$$
#
# $$\underset{(n_l,\, n_{l-1})}{\frac{\partial C}{\partial W^l}} = \frac1m\; \underset{(n_l,\, m)}{\delta^l} \; \underset{(m,\, n_{l-1})}{(a^{l-1})^\top}$$
#
# For the biases the second factor is 1 for every example, a column $\mathbf 1$ of $m$ ones. It sums each row of $\delta^l$:
#
# $$\frac{\partial C}{\partial b^l} = \frac{1}{m}\, \delta^l\, \mathbf{1} \tag{BP3}$$
#
# $$\underset{(n_l,\, 1)}{\frac{\partial C}{\partial b^l}} = \frac1m\; \underset{(n_l,\, m)}{\delta^l} \; \underset{(m,\, 1)}{\mathbf 1}
# \qquad \text{the mean of each row, left standing as a column}$$
#
# Here is a batch of three for our net. Its first example is the one that you know.

# %%
X = np.array([[1.0, -1.0, 0.5], [2.0, 0.5, -1.0]])
Y = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
batch = bp.forward(net, X)
grads = bp.backward(net, batch, Y)
print("δ2", str(grads.delta[2]).replace("\n", "\n  "))
print("mean of the three tables", str(grads.W[2]).replace("\n", "\n" + 24 * " "))
bp.plots.show(bp.plots.outer_products(grads.delta[2], batch.a[1]))

# %% [markdown]
# The tables of the first two examples want opposite things, and in the mean most of it cancels: what is left is what the batch agrees on.
# Note that the mean of the products is not the product of the means. You cannot average $\delta$ and $a$ first.

# %% [markdown]
# ### 06.2 weight_gradient · •• · 8 min · 2 points
#
# BP4: `delta` is $(n_l, m)$, `a_prev` is $(n_{l-1}, m)$; return $(n_l, n_{l-1})$. No loop is needed.


# %%
def weight_gradient(delta, a_prev):
    """∂C/∂W of one layer, mean over the batch; delta (n, m), a_prev (n_prev, m) → (n, n_prev)."""
    # BEGIN SOLUTION
    return delta @ a_prev.T / delta.shape[1]
    # END SOLUTION


# %%
bp.check("06.2", weight_gradient)

# %% [markdown]
# ### 06.3 bias_gradient · • · 5 min · 1 point
#
# BP3: `delta` is $(n_l, m)$; return $(n_l, 1)$, the shape of $b^l$.


# %%
def bias_gradient(delta):
    """∂C/∂b of one layer, mean over the batch; delta (n, m) → (n, 1)."""
    # BEGIN SOLUTION
    return delta.mean(axis=1, keepdims=True)
    # END SOLUTION


# %%
bp.check("06.3", bias_gradient)

# %% [markdown]
# ### Where else could the 1/m stand?
#
# In this course $\delta$ belongs to one example, and the $1/m$ stands in BP3 and BP4. Some texts let $\delta$ be the derivative of the whole cost
# $C$: then the $1/m$ stands in BP1, BP2 hands it on unchanged (it is linear in $\delta$), and BP3 and BP4 have none. Both are right. What is wrong
# is a mixture.
#
# **Guess:** somebody divides by $m$ in every step back, in BP1 and in BP2, and not in BP3 and BP4. With $m = 3$, by what factor is
# $\partial C / \partial W^1$ wrong?

# %%
guess = ...  # a number

# %%
m = X.shape[1]
d2 = (batch.a[2] - Y) * bp.sigmoid.prime(batch.z[2]) / m
d1 = (net.W[2].T @ d2) * bp.sigmoid.prime(batch.z[1]) / m
print("∂C/∂W2: factor", round(np.mean(d2 @ batch.a[1].T / grads.W[2]), 4))
print("∂C/∂W1: factor", round(np.mean(d1 @ X.T / grads.W[1]), 4))
bp.beside(guess, round(np.mean(d1 @ X.T / grads.W[1]), 4))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# The last layer is right, the one before it has one $1/m$ too many, the one before that would have two. The net learns, ever more slowly towards
# the front, and looks like one with vanishing gradients. With a batch of one nothing is wrong: $1/1 = 1$. **Test with $m > 1$.**
#
# </details>

# %% [markdown]
# ### One bias for a whole layer
#
# In text R a bias is a row, one number for each neuron. As a variant ("综合") it has a single bias $b^l$ for the layer, a number, added to every neuron's weighted input. It reaches the cost through all
# $n_l$ neurons, and every way counts: this time the sum of the chain rule keeps all its terms, each with slope 1.
#
# $$\frac{\partial C}{\partial b^l} = \frac{1}{m} \sum_{x=1}^{m} \sum_{j=1}^{n_l} \delta_{jx}^l \tag{BP3 with one bias}$$
#
# Over the neurons it is a **sum**, because ways add up. Over the examples it is a **mean**, because the cost is one. The same thought will be
# needed wherever something is shared (lesson 09).

# %% [markdown]
# ### 06.4 scalar_bias_gradient · •• · 5 min · 1 point
#
# `delta` is $(n_l, m)$. All $n_l$ neurons share one bias. Return the derivative of the cost with respect to it, a number.


# %%
def scalar_bias_gradient(delta):
    """∂C/∂b where a whole layer shares the number b; delta (n, m) → a number."""
    # BEGIN SOLUTION
    return delta.sum() / delta.shape[1]
    # END SOLUTION


# %%
bp.check("06.4", scalar_bias_gradient)

# %% [markdown]
# **Half way.** About 45 minutes lie behind you, about 70 are left. A good place to stop for today: `bp.progress()` says tomorrow where you were.

# %% [markdown]
# ## The whole algorithm
#
# Everything is there. Ge Li's slides name five steps:
#
# | | step | formula | shapes |
# |:--|:--|:--|:--|
# | 1 | **forward**, $l = 1 \dots L$; keep every $z^l$ and $a^l$ | $z^l = W^l a^{l-1} + b^l, \quad a^l = \sigma(z^l)$ | $(n_l, m)$ |
# | 2 | **error of the last layer**, BP1 | $\delta^L = (a^L - y) \odot \sigma'(z^L)$ for the quadratic cost | $(n_L, m)$ |
# | 3 | **errors backwards**, BP2, $l = L-1 \dots 1$ | $\delta^l = \big((W^{l+1})^\top \delta^{l+1}\big) \odot \sigma'(z^l)$ | $(n_l, m)$ |
# | 4 | **gradients**, BP4 and BP3, every $l$ | $\delta^l (a^{l-1})^\top / m$ and the mean of $\delta^l$ over its columns | those of $W^l$ and $b^l$ |
# | 5 | **update**, when all gradients are known; again from 1 until the cost is small enough | $W^l \leftarrow W^l - \eta\, \partial C/\partial W^l$ | lesson 07 |
#
# Text A makes it three, its 三部曲: the errors $\delta$ first, and from them $\partial C/\partial w$ and $\partial C/\partial b$; the fuse (导火索) that sets them off is $\delta^L$. P ends with all of it in one line,
# its core formula (反向传播核心算式), here in our letters and for one example:
#
# $$w_{jk}^l \leftarrow w_{jk}^l - \eta\, \Big( \sum_{i=1}^{n_{l+1}} \delta_i^{l+1}\, w_{ij}^{l+1}\; \sigma'(z_j^l) \Big)\, a_k^{l-1}$$
#
# It holds for hidden layers; the last one takes BP1 for the bracket. (P announces it for $w_{ij}$ and writes $w_{ji}$, to $j$ from $i$, everywhere after.)
#
# Steps 3 and 4 may take turns, layer by layer. Step 5 may not come between them; you will see why.
#
# One layer's gradient needs two things from two directions: $a^{l-1}$, which the forward pass brought, and $\delta^l$, which comes back. This is
# why the forward pass must keep its arrays, and why training takes more memory than asking.
#
# Step through one whole step, with $\eta = 1$. Press ↓ to walk through the entries of a new array, or click one: the dashed frames show the entries
# that it was made of. **Before each step, say which two arrays it will need.**

# %%
bp.widgets.full_step(net, X, Y, eta=1.0)

# %% [markdown]
# ### 06.5 backprop · ••• · 20 min · 5 points
#
# Write it. Sigmoid in every layer, quadratic cost $C_x = \frac12 \lVert a^L - y \rVert^2$. `W` and `b` are lists with `None` at index 0; `x` is
# $(n_0, m)$, `y` is $(n_L, m)$. Return `[dW, db]`: two lists like `W` and `b`, `None` at index 0, and at index $l$ the gradient with respect to
# `W[l]` and to `b[l]`. You may call `bp.sigmoid` and `bp.sigmoid.prime`.
#
# Build it in the order of the table. If the check says that a layer is right and the one before it is not, the fault is in the step between them.


# %%
def backprop(W, b, x, y):
    """All gradients of the mean cost: [dW, db], lists by layer with None at index 0."""
    # BEGIN SOLUTION
    L, m = len(W) - 1, x.shape[1]
    z, a, delta, dW, db = ([None] * (L + 1) for _ in range(5))
    a[0] = x
    for l in range(1, L + 1):
        z[l] = W[l] @ a[l - 1] + b[l]
        a[l] = bp.sigmoid(z[l])
    delta[L] = (a[L] - y) * bp.sigmoid.prime(z[L])
    for l in range(L - 1, 0, -1):
        delta[l] = (W[l + 1].T @ delta[l + 1]) * bp.sigmoid.prime(z[l])
    for l in range(1, L + 1):
        dW[l], db[l] = delta[l] @ a[l - 1].T / m, delta[l].mean(axis=1, keepdims=True)
    return [dW, db]
    # END SOLUTION


# %%
bp.check("06.5", backprop)

# %% [markdown]
# ## Is it right? Check the whole net
#
# That a net learns proves nothing (lesson 05). A gradient check does: move each weight and each bias a little, see how the cost moves, and compare
# with the gradient, **parameter by parameter**. `bp.check_network` does that for a whole net, fast, since moving one weight moves one $z$ alone:

# %%
report = bp.check_network(net, X, Y, grads)
print("right:", report.ok, "  largest relative error below 1e-12:", report.relative_error < 1e-12)

# %% [markdown]
# Why by parameter? One verdict over all numbers would let the large gradients hide an error in the small ones. And a verdict by parameter says
# where to look. Two people's gradients of our net:


# %%
def verdicts(W, b):
    """What the check says about claimed gradients, one line for each parameter."""
    for p in bp.check_network(net, X, Y, bp.Gradients(grads.delta, W, b)).parameters:
        print(f"  {p}")


print("Anna:")
verdicts([None, grads.W[1] * 3, grads.W[2] * 3], grads.b)
print("Ben:")
verdicts([None, -grads.W[1], -grads.W[2]], [None, -grads.b[1], -grads.b[2]])

# %% [markdown]
# Anna forgot the $1/m$ in BP4. Ben took $y - a$ for $a - y$ in BP1, and BP2 and BP4 handed the sign on.
#
# **Guess:** both train for 20 steps, with $\eta = 0.5$. Whose cost rises?

# %%
guess = ...  # "Anna's", "Ben's", "both" or "neither"

# %%
costs = {}
for name, for_W, for_b in (("right", 1, 1), ("Anna", 3, 1), ("Ben", -1, -1)):
    trained = net
    for _ in range(20):
        g = bp.backward(trained, bp.forward(trained, X), Y)
        W, b = (None, *(for_W * dW for dW in g.W[1:])), (None, *(for_b * db for db in g.b[1:]))
        trained = bp.sgd(trained, bp.Gradients(g.delta, W, b), eta=0.5)
    costs[name] = bp.cost_of(trained, X, Y)
start = bp.cost_of(net, X, Y)
print(f"start {start:.4f}; after 20 steps:", *(f"{name} {cost:.4f}" for name, cost in costs.items()))
bp.beside(guess, " and ".join(f"{name}'s" for name, cost in costs.items() if cost > start))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Anna's cost falls *faster* than with the right gradient: too large a gradient is like a larger $\eta$, as long as it goes well. She will notice
# when she changes the batch size and nothing works any more. Ben walks uphill and notices at once. The mistakes that the cost does not show are the
# ones to check for.
#
# </details>

# %% [markdown]
# ### On which net?
#
# Lesson 03 chose its fixtures with care. Here is what that is worth. The bank of exercise 06.5 holds more than two dozen wrong versions of backpropagation, each with one slip that learners make:
# a transpose, a $1/m$, a slope left out. Run a strict check, $10^{-7}$ for each parameter, on all of them, and change nothing but the net and the data.


# %%
def survives(answer, net, x, y):
    """Whether a strict check on this net takes a wrong gradient for a right one."""
    right = bp.backward(net, bp.forward(net, x), y)
    try:
        dW, db = answer(list(net.W), list(net.b), x, y)
        pairs = zip((*dW[1:], *db[1:]), (*right.W[1:], *right.b[1:]), strict=True)
        return all(g.shape == n.shape and np.abs(g - n).max() <= 1e-7 * np.abs(n).max() for g, n in pairs)
    except (ValueError, IndexError):
        return False  # it does not even run: nobody overlooks that


# %%
def fixture(sizes, m, weights=None):
    """A random net and data; `weights` makes the weights of a layer from their shape."""
    rng = np.random.default_rng(0)
    draw = weights or (lambda n, n_prev: rng.normal(size=(n, n_prev)))
    W = [draw(n, n_prev) for n_prev, n in pairwise(sizes)]
    b = [rng.normal(size=(n, 1)) for n in sizes[1:]]
    net = bp.Network((None, *W), (None, *b), (None, *[bp.sigmoid] * len(W)), bp.quadratic)
    return net, rng.normal(size=(sizes[0], m)), rng.uniform(size=(sizes[-1], m))


# %% [markdown]
# The wrong versions come out of the course's bank:

# %%
wrong_ones = [slip.answer for slip in registry()["06.5"].mistakes if slip.slips == 1]
print(len(wrong_ones), "wrong versions of backpropagation")

# %% [markdown]
# **Guess:** the smallest net there is, 1-1-1, one example, random weights. How many of the wrong versions pass
# the check?

# %%
guess = ...  # a number

# %%
fixtures = {
    "4-3-3-3-2, 5 examples": fixture([4, 3, 3, 3, 2], 5),
    "the same, 1 example": fixture([4, 3, 3, 3, 2], 1),
    "3-3-3-3, W the identity": fixture([3, 3, 3, 3], 5, np.eye),
    "4-3-3-3-2, W zero": fixture([4, 3, 3, 3, 2], 5, lambda n, n_prev: np.zeros((n, n_prev))),
    "1-1-1, 5 examples": fixture([1, 1, 1], 5),
    "1-1-1, 1 example": fixture([1, 1, 1], 1),
}
passed = {name: sum(survives(one, *where) for one in wrong_ones) for name, where in fixtures.items()}
for name, count in passed.items():
    print(f"{name:24s} {count:2d} of {len(wrong_ones)} wrong gradients pass")
bp.beside(guess, count)

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# With one example, every misplaced $1/m$ is invisible: $m = 1$. With $W = I$ or a 1-1-1 net a forgotten transpose is, for the matrix is
# symmetric. With
# $W = 0$ nothing comes back through the weights, so whatever is wrong on that way multiplies a zero.
#
# </details>

# %% [markdown]
# ## Update last
#
# Text R writes the algorithm as one loop from the last layer to the first. Each turn computes the gradients of a layer, **changes its weights**,
# and then computes the error of the layer before, with the changed weights. Its own derivation needs the old ones: the error was defined for the
# net that made the forward pass. How much does it matter? Put the changed weights into BP2, with $\eta$ for R's $\alpha$:
#
# $$\big(W^2 - \eta\, \tfrac{\partial C}{\partial W^2}\big)^{\!\top} \delta^2 \odot \sigma'(z^1)
# = \underbrace{\big((W^2)^\top \delta^2\big) \odot \sigma'(z^1)}_{\delta^1}
# \;-\; \eta\, \big(\tfrac{\partial C}{\partial W^2}\big)^{\!\top} \delta^2 \odot \sigma'(z^1)$$
#
# **Guess:** a net 5-4-3 and a batch of 8. At $\eta = 1$ the first layer's gradient is off by some fraction of its size. What happens to the
# fraction when you divide $\eta$ by 10?

# %%
guess = ...  # "nothing", "it is divided by 10", …

# %%
rng = np.random.default_rng(6)
small, x_8, y_8 = bp.init([5, 4, 3], rng=rng), rng.normal(size=(5, 8)), rng.uniform(size=(3, 8))
c = bp.forward(small, x_8)
right = bp.backward(small, c, y_8)
errors = {}
for eta in (1.0, 0.1, 0.01, 0.001):
    changed = small.W[2] - eta * right.W[2]
    wrong = ((changed.T @ right.delta[2]) * bp.sigmoid.prime(c.z[1])) @ x_8.T / 8
    errors[eta] = np.linalg.norm(wrong - right.W[1]) / np.linalg.norm(right.W[1])
    print(f"η = {eta:<5g}  ∂C/∂W1 is off by {errors[eta]:.1e} of its size")
bp.beside(guess, f"it is divided by {errors[1.0] / errors[0.1]:.0f}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# The error is proportional to $\eta$, as the formula says, and the last layer is always right. With a small $\eta$ a check with a tolerance of one
# percent passes it. That is how such an order survives in print. A tight check, parameter by parameter, finds it at any $\eta$.
#
# </details>

# %% [markdown]
# Text R's loop has a second slip: it runs down to layer 1 and computes the error of the layer before in every turn, so at the end the error of
# layer 0, for which there is no $\epsilon^0$. The error goes back $L - 1$ times, not $L$ times.

# %% [markdown]
# ## Rows instead of columns
#
# Text R, and most libraries, put one example in each **row**. Nothing new has to be derived: transpose both sides of every equation. A transposed
# product is the product of the transposes in the opposite order, $(AB)^\top = B^\top A^\top$. Write $y = a^\top$ for the outputs, $w = W^\top$ for
# the weights, and call $\delta^\top$ the error again, as R does with $\partial L / \partial \epsilon$:
#
# | | columns | transposed, in rows | shapes in rows |
# |:--|:--|:--|:--|
# | forward | $z^l = W^l a^{l-1} + b^l$ | $\epsilon^l = y^{l-1} w^l + b^l$ | $(m, n_{l-1})$ times $(n_{l-1}, n_l)$ |
# | BP2 | $\delta^{l-1} = (W^l)^\top \delta^l \odot \sigma'(z^{l-1})$ | $\delta^{l-1} = \delta^l (w^l)^\top \odot \sigma'(\epsilon^{l-1})$ | $(m, n_l)$ times $(n_l, n_{l-1})$ |
# | BP4 | $\frac1m\, \delta^l (a^{l-1})^\top$ | $\frac1m\, (y^{l-1})^\top \delta^l$ | $(n_{l-1}, m)$ times $(m, n_l)$ |
# | BP3 | mean of each row of $\delta^l$ | mean of each column of $\delta^l$ | $(1, n_l)$ |
#
# Remarks:
#
# - R goes from one weight to a matrix by way of one *column* of it: $\partial L/\partial \omega_{\cdot j} = (\partial L/\partial \epsilon_j)\, (y^{l-1})^\top$, all weights into neuron
#   $j$. Column beside column, that is the table's BP4 for one example.
# - R writes its loss as $Loss(y_i)$, without the target. Read it as $Loss(y_i, t_i)$ with $t$ held: else nothing says what the net should answer.
# - There is still a transpose in BP2, and it is not the one that you wrote before: $w^\top = W$. Both conventions go forward without one and back
#   with one.
# - Text R declares its outputs with one row, $1 \times size(m)$, although its data matrix has $n$. For one example db is the error itself, as
#   printed. For $n$ rows that breaks the shape rule: db would have $n$ rows and b has one. They have to be summed (divided by $n$ if the cost is a mean).
# - With sigmoid the slope needs no $\epsilon$: $\sigma'(\epsilon) = y\,(1 - y)$. Implementations that keep the outputs alone use this.
#
# **Guess:** a file holds the first layer of a 784-30-10 net as an array of shape (784, 30). Which convention?

# %%
guess = ...  # "rows" or "columns"

# %%
w = np.zeros((784, 30))
image_as_row, image_as_column = np.zeros((1, 784)), np.zeros((784, 1))
print("row times w fits:   ", image_as_row.shape[1] == w.shape[0])
print("w times column fits:", w.shape[1] == image_as_column.shape[0])
bp.beside(guess, "rows" if image_as_row.shape[1] == w.shape[0] else "columns")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# From 784, to 30, in that order: rows. Ours would be (30, 784), to-from. Before you use somebody's formulas or files, ask for one shape.
#
# </details>

# %% [markdown]
# ### 06.6 row_backward · ••• · 12 min · 3 points
#
# One layer's step back, in row convention, sigmoid in the layer before: `delta` is the error of this layer, $(m, n)$; `y_prev` holds the outputs of
# the layer before, $(m, n_{prev})$; `w` is $(n_{prev}, n)$. Return `[dw, db, delta_prev]`: the mean gradient of `w`, that of the biases as a row
# $(1, n)$, and the error of the layer before, $(m, n_{prev})$.


# %%
def row_backward(delta, y_prev, w):
    """[dw, db, delta_prev] with examples as rows; delta (m, n), y_prev (m, n_prev), w (n_prev, n)."""
    # BEGIN SOLUTION
    dw = y_prev.T @ delta / len(delta)
    db = delta.mean(axis=0, keepdims=True)
    delta_prev = (delta @ w.T) * y_prev * (1 - y_prev)
    return [dw, db, delta_prev]
    # END SOLUTION


# %%
bp.check("06.6", row_backward)

# %% [markdown]
# ## A test without calculus
#
# Give every example twice. The mean cost stays what it was, so its gradient must stay what it was:
#
# $$\frac{1}{2m} \sum_{x} (C_x + C_x) = \frac{1}{m} \sum_{x} C_x$$
#
# **Guess:** and if somebody's code has no $1/m$ at all? By what factor does their gradient change when every example is given twice?

# %%
guess = ...  # a number

# %%
twice = bp.backward(net, bp.forward(net, np.hstack([X, X])), np.hstack([Y, Y]))
sums = grads.delta[2] @ batch.a[1].T
sums_twice = twice.delta[2] @ np.hstack([batch.a[1], batch.a[1]]).T
print("with 1/m:", round(np.linalg.norm(twice.W[2]) / np.linalg.norm(grads.W[2]), 4))
bp.beside(guess, round(np.linalg.norm(sums_twice) / np.linalg.norm(sums), 4))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# A sum doubles. With $1/m$ twice, the gradient is halved. The test needs no second formula and no differences, works for any net and any cost that
# is a mean, and names the mistake. Keep it among your tests.
#
# </details>

# %% [markdown]
# ### 06.7 duplicated_ratio · •• · 6 min · 1 point
#
# You get a function `gradient(x, y)`, which returns the gradient of some net as an array, and a batch: `x` $(n_0, m)$, `y` $(n_L, m)$. Give it the
# batch with every example twice. Return the norm of that gradient (`np.linalg.norm`) divided by the norm of the gradient of the batch itself.


# %%
def duplicated_ratio(gradient, x, y):
    """‖gradient‖ of the batch with every example twice, over ‖gradient‖ of the batch."""
    # BEGIN SOLUTION
    twice = gradient(np.concatenate([x, x], axis=1), np.concatenate([y, y], axis=1))
    return np.linalg.norm(twice) / np.linalg.norm(gradient(x, y))
    # END SOLUTION


# %%
bp.check("06.7", duplicated_ratio)

# %% [markdown]
# ## What it costs
#
# Nearly all of the work is in matrix products. An $(n, k)$ matrix times a $(k, m)$ matrix takes $n \cdot k \cdot m$ multiplications: $n \cdot m$
# entries, each a sum of $k$ products. In layer $l$:
#
# | | product | multiplications |
# |:--|:--|:--|
# | forward | $W^l a^{l-1}$ | $n_l \cdot n_{l-1} \cdot m$ |
# | BP4 | $\delta^l (a^{l-1})^\top$ | $n_l \cdot m \cdot n_{l-1}$, the same number |
# | BP2 | $(W^l)^\top \delta^l$, for the layer before | $n_{l-1} \cdot n_l \cdot m$, the same number again |
#
# Each product of the forward pass has two partners on the way back. But for $l = 1$ one of them is missing: nobody asks for the error of the inputs.
#
# **Guess:** for a net 784-30-10, how many times the multiplications of the forward pass does the backward pass take?

# %%
guess = ...  # a number

# %%
ratios = {}
for name, sizes in {"784-30-10": (784, 30, 10), "4 layers of 100": 5 * (100,)}.items():
    weights = np.multiply(sizes[1:], sizes[:-1])
    there, back = weights.sum(), 2 * weights.sum() - weights[0]
    ratios[name] = round(back / there, 2)
    print(f"{name:16s} forward {there:6d}  backward {back:6d}  ratio {ratios[name]:.2f}")
bp.beside(guess, ratios["784-30-10"])

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# For 784-30-10 about as many: nearly all weights are in the first layer, whose error product is left out. In a deep net of equal layers the ratio
# goes towards 2. It never passes 2. **All gradients together cost at most two forward passes more**, however many weights there are.
#
# </details>

# %% [markdown]
# Nudging each of the 23,860 parameters of that net in both directions takes 47,720 forward passes. Backpropagation takes one forward pass, and a
# backward pass that costs about one more.

# %%
parameters = 784 * 30 + 30 + 30 * 10 + 10
print(f"{parameters:,} parameters, {2 * parameters:,} forward passes to nudge them all")

# %% [markdown]
# ### 06.8 flops · •• · 10 min · 2 points
#
# `sizes` lists the number of neurons by layer, the inputs first; `m` is the number of examples. Return `[forward, backward]`: how many
# multiplications the matrix products of each pass take. Leave out $\odot$, biases and the division by $m$.


# %%
def flops(sizes, m):
    """[forward, backward]: multiplications in the matrix products of each pass."""
    # BEGIN SOLUTION
    products = [n * n_prev * m for n, n_prev in zip(sizes[1:], sizes[:-1], strict=True)]
    return [sum(products), 2 * sum(products) - products[0]]
    # END SOLUTION


# %%
bp.check("06.8", flops)

# %% [markdown]
# ## Recap
#
# The whole of backpropagation on one card.

# %%
bp.equations.card("forward", "BP1a", "BP2", "BP3", "BP4")

# %% [markdown]
# **Answer aloud**, then open.
#
# <details><summary>1. BP2 has a sum over neurons and a slope. Why has BP4 neither?</summary>
#
# A weight enters one weighted input, so there is one way to the cost and nothing to sum. And the slope is in $\delta$: the error is taken at $z$,
# behind which the weight stands with the factor $a$ alone.
#
# </details>
# <details><summary>2. Where does the 1/m stand, and how do you find one too many?</summary>
#
# In the gradients of weights and biases, once; $\delta$ belongs to one example. Give every example twice: a right gradient stays, a sum doubles, a
# doubled $1/m$ halves it. Or check with $m > 1$.
#
# </details>
# <details><summary>3. Why must the update wait until all gradients are known?</summary>
#
# The error goes back through the weights that made the forward pass. Through changed weights it is the error of no net at all, off by an amount
# proportional to $\eta$.
#
# </details>

# %% [markdown]
# **Classic mistakes**
#
# - $a^l$ for $a^{l-1}$ in BP4: what counts is what came *in* along the weight.
# - $a\,\delta^\top$ for $\delta\, a^\top$: the transposed table fits wherever two layers are of equal size.
# - $1/m$ forgotten, doubled, or once at each layer. With $m = 1$ none of them shows.
# - biases as a flat array: $(n,)$ spreads over the rows when it meets a column.
# - the sum over neurons where each neuron has a bias of its own, or the mean over neurons where they share one.
# - the update inside of the loop that goes back.
# - column formulas on row data. Ask for one shape first.
#
# **What comes next.** You have the gradient of every parameter. Lesson 07 is about what to do with it: the step, its length, momentum, and when to
# stop.

# %% [markdown]
# ## Words
#
# In English and Chinese. `bp.words()` lists those of the whole course.

# %%
bp.words("06")

# %% [markdown]
# **Sources.** N: 反向传播公式推导. A: 读懂反向传播算法(bp算法). R: bp神经网络反向传播. U: 用反向传导思想求导 (UFLDL). P: Ge Li, Deep Learning Technology and Application, Peking
# University.
#
# ## Rosetta: the whole algorithm
#
# The tables of lesson 00, extended: the five steps as each text writes them, in the order in which they run. Read one column of letters from top to bottom
# and you have that text's algorithm. The remarks say what is put right, and "our translation" marks what a text leaves out. Three things to look for:
#
# - **Where is the 1/m?** N, A and P treat one example, so they need none. R has a batch as rows and leaves the sum over them out.
# - **Which bias?** R has a row of them, as we have a column; in R's variant a layer has one for all its neurons, and the gradient is "BP3 with one bias".
# - **When is the update?** After the last gradient. R prints it inside of the loop.

# %%
way_there = "forward", "BP1 with mixing", "BP1a", "BP2"
gradients = "BP3 in components", "BP3 with one bias", "BP3", "BP4 in components", "BP4"
bp.equations.rosetta(*way_there, *gradients, "update")

# %% [markdown]
# **Next:** [07 · Update rules](07_update_rules.ipynb)
