# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 05 · Propagating the error: BP2
#
# Lesson 04 gave you the error of the *last* layer. This lesson carries it back to every other layer, with one formula, BP2.
# It is the step that gives backpropagation its name.
#
# **You will be able to**
#
# - derive BP2 on a blank sheet, in components and in matrices, and say why each step holds;
# - compute the error of every layer of a net, and check it against a measurement;
# - read BP2 in two ways, as a sum over paths and as a product of Jacobians;
# - say from two numbers whether a small gradient means "done" or "too deep".
#
# **You need** the forward pass (lesson 01), the chain rule for several variables (02), the output error δ and BP1 (04). Calculus and matrices
# at school level.
#
# **Time** 95 minutes: about 35 of reading, the rest is yours: seven exercises and eight guesses. Pencil and paper help.
#
# **Sources.** The proof follows the path of 反向传播公式推导 (N) and of Ge Li's slides (P, section 4).
# Corresponding sections elsewhere: Nielsen, [chapter 2](http://neuralnetworksanddeeplearning.com/chap2.html), "The four fundamental
# equations" and their proof,
# and [chapter 5](http://neuralnetworksanddeeplearning.com/chap5.html) on vanishing gradients; UFLDL,
# [Multi-layer neural networks](http://ufldl.stanford.edu/tutorial/supervised/MultiLayerNeuralNetworks/), "Backpropagation algorithm";
# CS231n, [Backpropagation, intuitions](https://cs231n.github.io/optimization-2/).

# %%
import numpy as np

import bpkit as bp

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# ## Where we stand
#
# The course's small net has 2 inputs, 3 hidden neurons and 2 outputs, sigmoid everywhere, and the quadratic cost.
# You know its forward pass, and you know its output error from lesson 04:
#
# $$\delta^L = \nabla_a C_x \odot \sigma'(z^L) \tag{BP1a}$$
#
# Numbers in this course are computed unrounded and shown to four digits.
# On paper neurons count from 1; in numpy their index counts from 0.

# %%
net, x, y = bp.nets.two_three_two()
cache = bp.forward(net, x)
delta_2 = (cache.a[2] - y) * bp.sigmoid.prime(cache.z[2])
print("z1", cache.z[1].ravel(), "  a1", cache.a[1].ravel())
print("z2", cache.z[2].ravel(), "  a2", cache.a[2].ravel(), "  wanted", y.ravel())
print("δ2", delta_2.ravel())
print("W2", str(net.W[2]).replace("\n", "\n  "))

# %% [markdown]
# The first output is too low (0.4911, wanted 1), so its error is negative: raising $z^2_1$ would lower the cost. The second is too high.
#
# ## Guess first: who is to blame?
#
# The hidden neurons have activations 0.2689, 0.6225 and 0.8808. Each has an error too, $\delta^1_j = \partial C_x / \partial z^1_j$:
# how much the cost changes when *its* weighted input is nudged.
#
# **Which hidden neuron has the largest error in size?** Write your guess, then run both cells. Nothing is graded; a guess that turns out wrong
# is what you will remember.

# %%
guess = ...  # "neuron 1", "neuron 2" or "neuron 3"


# %%
def cost_if(z1):
    """The cost if the hidden layer's weighted input were z1."""
    z2 = net.W[2] @ bp.sigmoid(z1) + net.b[2]
    return net.cost(bp.sigmoid(z2), y)


measured = bp.numerical_gradient(cost_if, cache.z[1])
print("∂C/∂z1 measured by nudging:", measured.ravel())
bp.beside(guess, f"neuron {np.argmax(np.abs(measured)) + 1}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Neuron 3 is the most active and has the *smallest* error. Being active is not the same as being responsible. BP2 will say why.
#
# </details>
#
# These three numbers cost us six forward passes, two for each neuron. For a net with a million neurons that is out of the question.
# We want all errors of a layer at once, from what is already known: the errors of the layer after it.

# %% [markdown]
# ## One link: from one z to the next
#
# Take one neuron $j$ of layer $l$ and one neuron $k$ of layer $l+1$. The forward pass says how $z^{l+1}_k$ is made. To keep the neuron that
# we nudge
# apart from the index that runs through the sum, call the latter $i$:
#
# $$z_k^{l+1} = \sum_{i=1}^{n_l} w_{ki}^{l+1}\, \sigma(z_i^l) + b_k^{l+1}$$
#
# (Text N sums over $j$ and then differentiates by $z^l_j$, one letter for both. Its result is right.)
#
# Differentiate with respect to $z^l_j$, term by term:
#
# - the terms with $i \ne j$ do not contain $z^l_j$: their derivative is 0;
# - $b^{l+1}_k$ does not contain it either: 0;
# - the term $i = j$ is the constant $w^{l+1}_{kj}$ times $\sigma(z^l_j)$: its derivative is $w^{l+1}_{kj}\, \sigma'(z^l_j)$.
#
# So one link carries a nudge of $z^l_j$ on with the factor
#
# $$\frac{\partial z_k^{l+1}}{\partial z_j^l} = w_{kj}^{l+1}\, \sigma'(z_j^l)$$
#
# It has two parts, because the link has two parts: $z^l_j$ moves its own activation (slope $\sigma'(z^l_j)$), and the activation moves
# $z^{l+1}_k$ (weight $w^{l+1}_{kj}$: **to** $k$ **from** $j$). Every symbol here is a single number.
#
# **Guess:** on our net, raise $z^1_2$ from 0.5 to 0.51. The weight to output 1 from hidden neuron 2 is $-2$. By how much does $z^2_1$ change?

# %%
guess = ...  # a number

# %%
nudged = cache.z[1].copy()
nudged[1, 0] += 0.01
change = (net.W[2] @ bp.sigmoid(nudged) + net.b[2] - cache.z[2])[0, 0]
bp.beside(guess, round(change, 4))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Weight times slope times nudge: $-2 \times 0.2350 \times 0.01 = -0.0047$. If you said $-0.02$, you moved the activation by 0.01. But $z$ was
# moved, and the activation follows only at the slope $\sigma'(0.5) = 0.2350$.
#
# </details>

# %% [markdown]
# ### 05.1 dz_next_dz · • · 5 min · 1 point
#
# Return $\partial z^{l+1}_k / \partial z^l_j$ for sigmoid neurons, as a number. `W_next` is $W^{l+1}$ with shape $(n_{l+1}, n_l)$, `z` is
# $z^l$ with shape $(n_l, 1)$,
# `k` and `j` are indices from 0. `bp.sigmoid.prime(z)` gives slopes.
#
# Stuck? `bp.hint("05.1")` in a cell of its own opens a first hint; run it again for the next. Every exercise has three.


# %%
def dz_next_dz(W_next, z, k, j):
    """How fast z_k of the next layer moves with z_j; W_next (n_next, n), z (n, 1) → a number."""
    # BEGIN SOLUTION
    return W_next[k, j] * bp.sigmoid.prime(z[j, 0])
    # END SOLUTION


# %%
bp.check("05.1", dz_next_dz)

# %% [markdown]
# ## All links: the proof in components
#
# Fix one example $x$, a layer $l < L$ and a neuron $j$ in it. Everything that $z^l_j$ does to the cost, it does through layer $l+1$: through
# **all** $n_{l+1}$
# weighted inputs of that layer, for neuron $j$ feeds every one of them. So $C_x$ is a function of $z^{l+1}_1, \dots, z^{l+1}_{n_{l+1}}$,
# and each of these is a function of $z^l_j$. That is the situation of the chain rule of lesson 02.
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $\delta^l_j = \dfrac{\partial C_x}{\partial z^l_j}$ | definition of the error |
# | 2 | $\phantom{\delta^l_j} = \displaystyle\sum_{k=1}^{n_{l+1}} \dfrac{\partial C_x}{\partial z^{l+1}_k}\, \dfrac{\partial z^{l+1}_k}{\partial z^l_j}$ | chain rule: one term for each way from $z^l_j$ to $C_x$ |
# | 3 | $\phantom{\delta^l_j} = \displaystyle\sum_{k=1}^{n_{l+1}} \delta^{l+1}_k\, \dfrac{\partial z^{l+1}_k}{\partial z^l_j}$ | the first factor is the definition of the error again, one layer on |
# | 4 | $\phantom{\delta^l_j} = \displaystyle\sum_{k=1}^{n_{l+1}} \delta^{l+1}_k\, w^{l+1}_{kj}\, \sigma'(z^l_j)$ | the link that you computed in 05.1 |
# | 5 | $\phantom{\delta^l_j} = \sigma'(z^l_j) \displaystyle\sum_{k=1}^{n_{l+1}} w^{l+1}_{kj}\, \delta^{l+1}_k$ | $\sigma'(z^l_j)$ does not depend on $k$ and leaves the sum |
#
# The last line is the result:
#
# $$\delta_j^l = \sigma'(z_j^l) \sum_{k=1}^{n_{l+1}} w_{kj}^{l+1}\, \delta_k^{l+1} \tag{BP2 in components}$$
#
# **The conditions.** The chain rule asks that $C_x$ be differentiable as a function of layer $l+1$, and that each $z^{l+1}_k$ have a derivative
# with respect to $z^l_j$. With sigmoid both hold everywhere. With relu the second fails at $z^l_j = 0$ exactly; there we *agree* on
# $\sigma'(0) = 0$.

# %% [markdown]
# ### The same with numbers
#
# For hidden neuron $j = 2$: the errors of the two outputs come back along the weights that lead to them from neuron 2, are summed, and are
# then scaled
# by its own slope.
#
# $$\begin{aligned} \delta^1_2 &= \underbrace{0.2350}_{\sigma'(0.5)} \times \big( \underbrace{(-2)}_{w^2_{12}} \times \underbrace{(-0.1272)}_{\delta^2_1}
# + \underbrace{1}_{w^2_{22}} \times \underbrace{0.1443}_{\delta^2_2} \big) \\ &= 0.2350 \times 0.3986 = 0.0937 \end{aligned}$$
#
# Now for all three. The last two columns are BP2 and the nudges from the start of the lesson.

# %%
print(" j   via output 1   via output 2     sum      slope      δ       nudged")
for j in range(3):
    via = [net.W[2][k, j] * delta_2[k, 0] for k in range(2)]
    slope = bp.sigmoid.prime(cache.z[1][j, 0])
    row = f"{via[0]:11.4f} {via[1]:14.4f} {sum(via):11.4f} {slope:9.4f} {slope * sum(via):9.4f}"
    print(f" {j + 1} {row} {measured[j, 0]:9.4f}")

# %% [markdown]
# Read the rows:
#
# - **Neuron 1**: both outputs ask for the same direction, so the two paths add up.
# - **Neuron 3**: they ask for opposite directions and partly cancel. And its slope is only 0.1050: at $z = 2$ the sigmoid is nearly flat. That
#   is why the most active neuron has the smallest error: pushing it hardly moves anything any more.

# %% [markdown]
# ### 05.2 hidden_error_sum · •• · 10 min · 2 points
#
# Compute $\delta^l$ straight from the components, with loops over $j$ and $k$. `W_next` is $(n_{l+1}, n_l)$, `delta_next` is $(n_{l+1}, m)$, `z` is
# $(n_l, m)$; return $(n_l, m)$. Each column is one example and has its own error: a row such as `delta_next[k]` holds all $m$ examples at once.


# %%
def hidden_error_sum(W_next, delta_next, z):
    """δ of this layer, in loops; W_next (n_next, n), delta_next (n_next, m), z (n, m) → (n, m)."""
    # BEGIN SOLUTION
    delta = np.zeros_like(z)
    for j in range(z.shape[0]):
        for k in range(delta_next.shape[0]):
            delta[j] += W_next[k, j] * delta_next[k] * bp.sigmoid.prime(z[j])
    return delta
    # END SOLUTION


# %%
bp.check("05.2", hidden_error_sum)

# %% [markdown]
# ## The same as matrices
#
# The sum runs over $k$, the **first** index of $w^{l+1}_{kj}$. A matrix times a column sums over the matrix's **second** index. So
# swap the two:
# the entry in row $j$, column $k$ of the transpose is $(W^{l+1})^\top_{jk} = w^{l+1}_{kj}$, and
#
# $$\sum_{k=1}^{n_{l+1}} w^{l+1}_{kj}\, \delta^{l+1}_k = \sum_{k=1}^{n_{l+1}} (W^{l+1})^\top_{jk}\, \delta^{l+1}_k
# = \text{entry } j \text{ of } (W^{l+1})^\top \delta^{l+1}$$
#
# That is where the transpose comes from: the forward pass sums over where a weight comes *from*, the backward pass over where it leads *to*.
# The factor $\sigma'(z^l_j)$ belongs to entry $j$ alone, so it multiplies entry by entry:
#
# $$\delta^l = \left( (W^{l+1})^\top \delta^{l+1} \right) \odot \sigma'(z^l) \tag{BP2}$$
#
# With the shapes under the symbols:
#
# $$\underset{(n_l,\, m)}{\delta^l} = \big( \underset{(n_l,\, n_{l+1})}{(W^{l+1})^\top} \; \underset{(n_{l+1},\, m)}{\delta^{l+1}} \big)
# \odot \underset{(n_l,\, m)}{\sigma'(z^l)}$$
#
# Nothing changes for $m$ examples: a matrix product treats each column by itself, and so does $\odot$. There is no $1/m$ here. It comes once,
# in lesson 06, when the errors become gradients.
#
# **Guess:** suppose layers $l$ and $l+1$ both have 3 neurons and somebody forgets the transpose. Does numpy complain?

# %%
guess = ...  # "yes" or "no"

# %%
rng = np.random.default_rng(5)
W, delta_next, z = rng.normal(size=(3, 3)), rng.normal(size=(3, 1)), rng.normal(size=(3, 1))
slopes = bp.sigmoid.prime(z)
print("with the transpose:", (W.T @ delta_next * slopes).ravel())
print("without           :", (W @ delta_next * slopes).ravel())
bp.beside(guess, "no" if (W @ delta_next).shape == z.shape else "yes")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Shapes catch this mistake only where layers differ in size. That is why every check in this course uses a square case *and* a non-square one.
#
# </details>

# %% [markdown]
# ### 05.3 hidden_error · •• · 8 min · 3 points
#
# BP2 in matrix form, without a loop. Shapes as in 05.2: `W_next` $(n_{l+1}, n_l)$, `delta_next` $(n_{l+1}, m)$, `z` $(n_l, m)$ → $(n_l, m)$.


# %%
def hidden_error(W_next, delta_next, z):
    """δ of this layer by BP2; W_next (n_next, n), delta_next (n_next, m), z (n, m) → (n, m)."""
    # BEGIN SOLUTION
    return (W_next.T @ delta_next) * bp.sigmoid.prime(z)
    # END SOLUTION


# %%
bp.check("05.3", hidden_error)

# %% [markdown]
# ## Down the whole net
#
# BP1 gives $\delta^L$. BP2 gives $\delta^{L-1}$ from it, then $\delta^{L-2}$ from that, and so on down to $\delta^1$. There it stops: layer 0
# is the
# input, has no $z^0$, and needs no error. (Text R lets its loop run one step further, into an $\epsilon^0$ that does not exist.)
#
# The picture shows one step of it. An edge is as thick as $|w\,\delta|$, what it carries back; its colour is the sign.

# %%
grads = bp.backward(net, cache, y)
print("δ2", grads.delta[2].ravel())
print("δ1", grads.delta[1].ravel())
bp.plots.show(bp.plots.error_flow(net, cache, grads))

# %% [markdown]
# **Guess:** Ge Li's slides use a net with 3 inputs, 3 hidden neurons and 2 outputs. Give it our second layer, and a first layer whose
# weighted inputs come out the same, $-1$, 0.5 and 2. Which of its hidden errors differ from ours?

# %%
guess = ...  # "none", "all", or which

# %%
other, other_x, other_y = bp.nets.three_three_two()
other_cache = bp.forward(other, other_x)
other_delta = bp.backward(other, other_cache, other_y).delta
print("3-3-2: z1", other_cache.z[1].ravel(), "  δ1", other_delta[1].ravel())
differ = ~np.isclose(other_delta[1], grads.delta[1])
bp.beside(guess, "none" if not differ.any() else f"{differ.sum()} of them")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# None. BP2 looks at $z^l$, at $W^{l+1}$ and at $\delta^{l+1}$, and at nothing else: how the weighted input came about does not matter. What
# lies before the layer will enter in lesson 06,
# when errors become gradients of weights.
#
# </details>
#
# Step through it yourself: the buttons, or the left and right arrow keys, go layer by layer. At each step say what comes next *before* you press.

# %%
bp.widgets.error_flow(net, x, y)

# %% [markdown]
# ### 05.4 all_errors · ••• · 12 min · 3 points
#
# Return the list of all errors. `W` and `z` are lists with `None` at index 0: `W[l]` is $(n_l, n_{l-1})$, `z[l]` is $(n_l, m)$, for $l = 1
# \dots L$. `delta_L`
# is the error of the last layer, $(n_L, m)$. Return a list of the same length: `delta[0]` is `None`, `delta[l]` is $(n_l, m)$. List index = layer.


# %%
def all_errors(W, z, delta_L):
    """Every layer's error, from the last to the first; returns [None, delta[1], …, delta[L]]."""
    # BEGIN SOLUTION
    delta = [None] * len(z)
    delta[-1] = delta_L
    for l in range(len(z) - 2, 0, -1):
        delta[l] = (W[l + 1].T @ delta[l + 1]) * bp.sigmoid.prime(z[l])
    return delta
    # END SOLUTION


# %%
bp.check("05.4", all_errors)

# %% [markdown]
# ## The proof, closed book
#
# ### 05.5 proof_order · •• · 8 min · 2 points
#
# Here are the steps of the proof, shuffled. Without looking back: in which order does each step rest only on what stands before it? More than
# one order is right.
# Write the letters as text, such as `"HGFEDCBA"`.
#
# | | step |
# |:--|:--|
# | **A** | The slope does not depend on $k$: $\delta^l_j = \Big(\sum_k w^{l+1}_{kj}\,\delta^{l+1}_k\Big)\,\sigma'(z^l_j)$. |
# | **B** | Recognise the next layer's error: $\delta^l_j = \sum_k \delta^{l+1}_k\,\dfrac{\partial z^{l+1}_k}{\partial z^l_j}$. |
# | **C** | Differentiate; only the term $i = j$ contains $z^l_j$: $\dfrac{\partial z^{l+1}_k}{\partial z^l_j} = w^{l+1}_{kj}\,\sigma'(z^l_j)$. |
# | **D** | Take the definition: $\delta^l_j = \dfrac{\partial C_x}{\partial z^l_j}$. |
# | **E** | Read all $j$ at once; the sum is row $j$ of a matrix product: $\delta^l = \big((W^{l+1})^{\mathsf T}\delta^{l+1}\big) \odot \sigma'(z^l)$. |
# | **F** | Let every path count: $\delta^l_j = \sum_k \dfrac{\partial C_x}{\partial z^{l+1}_k}\,\dfrac{\partial z^{l+1}_k}{\partial z^l_j}$. |
# | **G** | Write out one weighted input: $z^{l+1}_k = \sum_i w^{l+1}_{ki}\,\sigma(z^l_i) + b^{l+1}_k$. |
# | **H** | Put the derivative in: $\delta^l_j = \sum_k \delta^{l+1}_k\,w^{l+1}_{kj}\,\sigma'(z^l_j)$. |

# %%
# BEGIN SOLUTION
proof_order = "DFBGCHAE"
# END SOLUTION

# %%
bp.check("05.5", proof_order)

# %% [markdown]
# ## What depth does
#
# Each step of BP2 multiplies. After many steps, a factor below 1 leaves next to nothing, and a factor above 1
# grows without bound. Measure it: a net with 20 layers of 30 sigmoid neurons, weights drawn with standard deviation $1/\sqrt{30}$, so that a sum of 30 products keeps the size of what goes in.
#
# **Guess:** how large is $\lVert\delta^1\rVert$ as a fraction of $\lVert\delta^{20}\rVert$? ($\lVert\cdot\rVert$: root of the sum of squared
# entries.)

# %%
guess = ...  # a number, such as 0.1

# %%
deep, x_deep, y_deep = bp.nets.deep(20)
delta = bp.backward(deep, bp.forward(deep, x_deep), y_deep).delta
for l in (20, 15, 10, 5, 1):
    print(f"layer {l:2d}: ‖δ‖ = {np.linalg.norm(delta[l]):.1e}")
bp.beside(guess, f"{np.linalg.norm(delta[1]) / np.linalg.norm(delta[20]):.1e}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# If the last error were a kilometre long, the first would measure a nanometre. This is the **vanishing gradient**.
#
# </details>
# To see where it vanishes, compare each layer with the next:

# %% [markdown]
# ### 05.6 gradient_ratio · • · 5 min · 1 point
#
# `delta` is a list with `delta[0]` `None` and `delta[l]` of shape $(n_l, m)$. Return the array of $\lVert\delta^l\rVert /
# \lVert\delta^{l+1}\rVert$ for $l = 1 \dots L-1$,
# layer 1 first: $L - 1$ numbers. Size is the root of the sum of squares of all entries, `np.linalg.norm(delta[l])`.


# %%
def gradient_ratio(delta):
    """By what factor the error changes in each step back; returns L - 1 numbers."""
    # BEGIN SOLUTION
    sizes = np.array([np.linalg.norm(d) for d in delta[1:]])
    return sizes[:-1] / sizes[1:]
    # END SOLUTION


# %%
bp.check("05.6", gradient_ratio)

# %% [markdown]
# ## Why: a product of Jacobians
#
# Write the link factors $\partial z^{l+1}_k / \partial z^l_j = w^{l+1}_{kj}\, \sigma'(z^l_j)$ of 05.1 into one matrix, row $k$, column $j$:
# the **Jacobian** of the step from
# $z^l$ to $z^{l+1}$. In column $j$ every entry has the same slope $\sigma'(z^l_j)$, and multiplying by a diagonal matrix from the right
# scales columns:
#
# $$J^l = \frac{\partial z^{l+1}}{\partial z^l} = W^{l+1}\, \mathrm{diag}\!\left(\sigma'(z^l)\right) \tag{layer Jacobian}$$
#
# $$\begin{gathered} \underset{(n_{l+1},\, n_l)}{J^l} = \underset{(n_{l+1},\, n_l)}{W^{l+1}} \; \underset{(n_l,\, n_l)}{\mathrm{diag}(\sigma'(z^l))}
# \\ \text{for one example: each column has its own slopes, so its own } J^l \end{gathered}$$
#
# Step 3 of the proof, $\delta^l_j = \sum_k \delta^{l+1}_k\, J^l_{kj}$, sums over the rows of $J^l$: it is the transposed Jacobian times the
# next error. So
#
# $$\delta^l = (J^l)^\top \delta^{l+1} = \left( W^{l+1}\, \mathrm{diag}(\sigma'(z^l)) \right)^\top \delta^{l+1}
# = \mathrm{diag}(\sigma'(z^l))\, (W^{l+1})^\top \delta^{l+1}$$
#
# Transposing turned the product around and left the diagonal matrix as it is; and $\mathrm{diag}(v)\, u = v \odot u$. That is BP2 once more.

# %% [markdown]
# ### 05.7 layer_jacobian · •• · 8 min · 2 points
#
# Return $J^l = \partial z^{l+1} / \partial z^l$ for one example: `W_next` $(n_{l+1}, n_l)$, `z` $(n_l, 1)$ → $(n_{l+1}, n_l)$. Sigmoid neurons.


# %%
def layer_jacobian(W_next, z):
    """∂z of the next layer / ∂z of this one; W_next (n_next, n), z (n, 1) → (n_next, n)."""
    # BEGIN SOLUTION
    return W_next * bp.sigmoid.prime(z).T
    # END SOLUTION


# %%
bp.check("05.7", layer_jacobian)

# %% [markdown]
# ## Two readings of BP2
#
# Put BP2 into itself until only the output error is left:
#
# $$\delta^l = (J^l)^\top (J^{l+1})^\top \cdots (J^{L-1})^\top\, \delta^L \tag{BP2 unrolled}$$
#
# **As a product of Jacobians.** The forward pass near this $x$ is, to first order, multiplication by $J^{L-1} \cdots J^{l+1} J^l$. The error
# goes back through the
# transposes, in the opposite order.
#
# **As a sum over paths.** Multiply the product out. Each term picks one neuron in every layer on the way: a path. For two steps,
#
# $$\delta^l_i = \sum_{j} \sum_{k} \; \underbrace{\sigma'(z^l_i)\, w^{l+1}_{ji}}_{\text{link } i \to j} \;
# \underbrace{\sigma'(z^{l+1}_j)\, w^{l+2}_{kj}}_{\text{link } j \to k} \; \delta^{l+2}_k$$
#
# A path is worth the product of its links, and the error is the sum over all paths. The first reading is how to compute, the second how to think.
#
# **Guess:** how many paths lead from one neuron of layer 1 to the outputs of the 20-layer net, 30 neurons wide?

# %%
guess = ...  # a number, such as 1e6

# %%
layers_ahead = deep.sizes[2:]
print("matrix products in BP2:", len(layers_ahead))
bp.beside(guess, f"{np.prod(layers_ahead, dtype=float):.1e}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Nineteen layers follow, each with 30 neurons to choose from: $30^{19}$ paths. At a billion paths a second that is longer than the age of the
# universe.
# BP2 sums them all in 19 products, because paths that share their end share the work: the sum behind neuron $k$ is formed once, is called
# $\delta_k$,
# and serves every neuron before it.
#
# </details>
#
# For our net the product has one factor. Measure it by nudging each $z^1_j$, and send the output error back through its transpose:

# %%
J1 = bp.numerical_jacobian(lambda z1: net.W[2] @ bp.sigmoid(z1) + net.b[2], cache.z[1]).reshape(2, 3)
print(J1)
print("J1ᵀ δ2 ", (J1.T @ delta_2).ravel())
print("δ1     ", grads.delta[1].ravel())

# %% [markdown]
# ## How fast it vanishes
#
# How much can one factor $\mathrm{diag}(\sigma')\, (W^{l+1})^\top$ do to the length of an error? Two things act.
#
# **The slopes.** With $a = \sigma(z)$, $\sigma'(z) = a(1-a) = \tfrac14 - (a - \tfrac12)^2$. So $\sigma' \le \tfrac14$, and $\tfrac14$ is
# reached at $a = \tfrac12$ only.
#
# **The weights.** Entry $j$ of $(W^{l+1})^\top \delta^{l+1}$ is a sum of $n$ products. For independent weights of mean 0 and standard
# deviation $s/\sqrt{n}$, its square is
# $\tfrac{s^2}{n} \lVert\delta^{l+1}\rVert^2$ on average (the mixed terms average to 0). There are $n$ such entries, so the length is
# multiplied by about $s$.
#
# Together, a step back multiplies the error by about
#
# $$\frac{\lVert\delta^l\rVert}{\lVert\delta^{l+1}\rVert} \approx s \cdot \big(\text{root mean square of } \sigma'(z^l)\big)$$
#
# For sigmoid at $s = 1$ that is at most $\tfrac14$ a layer. This is an estimate: it treats weights and errors as independent. What is
# *certain* is a bound. With
# $\lVert W\rVert_2$ the largest factor by which $W$ stretches any vector,
#
# $$\lVert\delta^l\rVert \;\le\; \tfrac14\, \lVert W^{l+1}\rVert_2\, \lVert\delta^{l+1}\rVert \qquad \text{(sigmoid, any weights)}$$

# %%
bound = np.prod([np.linalg.norm(W, 2) / 4 for W in deep.W[2:]])
print(f"certain : ‖δ1‖/‖δ20‖ ≤ {bound:.0e}")
print(f"estimate: about {0.25**19:.0e}")
print(f"measured: {np.linalg.norm(delta[1]) / np.linalg.norm(delta[20]):.0e}")

# %% [markdown]
# **Guess:** multiply every weight by 4. The factor was about $\tfrac14$ per layer. What will it be?

# %%
guess = ...  # a number


# %%
def per_layer(activation, s):
    """Of a 20-layer net: the factor per layer, measured; the same, estimated; ‖δ‖ by layer."""
    net, x, y = bp.nets.deep(20, activation=activation, scale=s)
    cache = bp.forward(net, x)
    delta = bp.backward(net, cache, y).delta
    sizes = np.sqrt([np.sum(d**2) for d in delta[1:]]) / np.linalg.norm(delta[20])
    slopes = [activation.prime(z) for z in cache.z[1:20]]
    return sizes[0] ** (1 / 19), s * np.sqrt(np.mean(np.square(slopes))), sizes


bp.beside(guess, round(per_layer(bp.sigmoid, 4)[0], 2))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Not 1: larger weights make larger $|z|$, and there the sigmoid is flatter. What the weights win, the slopes lose in part.
#
# </details>
# Relu has slope 1 or 0, whatever the size of $z$. Compare:

# %%
curves = {}
nets = [(bp.sigmoid, 1), (bp.sigmoid, 4), (bp.relu, 1), (bp.relu, np.sqrt(2)), (bp.relu, 2)]
print("                       measured  estimated")
for activation, s in nets:
    measured, estimated, sizes = per_layer(activation, s)
    label = f"{activation.name}, s = {s:.3g}"
    curves[label] = sizes
    print(f"{label:22s} {measured:8.2f} {estimated:9.2f}")

# %%
bp.plots.show(bp.plots.gradient_by_depth(curves, ylabel="‖δ of layer l‖ / ‖δ of layer 20‖"))

# %% [markdown]
# - On the logarithmic axis the curves are nearly straight lines: the same factor at every layer.
# - The estimate is right within 7 % in all five nets. Scale and slope explain what you see.
# - Relu at $s = \sqrt 2$ keeps the error's size: half of its slopes are 1, so their root mean square is $\sqrt{1/2}$, and $\sqrt 2 \cdot
#   \sqrt{1/2} = 1$.
#   That is the reason behind the usual initialisation for relu. Lesson 08 uses it.
# - Above it the error **explodes**: at $s = 2$ it grows with every layer, by about $\sqrt 2$.

# %% [markdown]
# ## Converged is not vanished
#
# Text A calls a gradient near zero at a minimum "the vanishing gradient problem". These are two different things. Below, two nets whose first
# layer has the *same* tiny gradient.
# One is the 2-3-2 net, trained until it fits a target. The other is a fresh sigmoid net with 12 layers that has learnt nothing.


# %%
def four_numbers(net, x, y):
    """‖∂C/∂W1‖, the cost, ‖δL‖ and ‖δ1‖/‖δL‖ of a net on its examples."""
    cache = bp.forward(net, x)
    grads = bp.backward(net, cache, y)
    first, last = np.linalg.norm(grads.delta[1]), np.linalg.norm(grads.delta[-1])
    return np.array([np.linalg.norm(grads.W[1]), net.cost(cache.a[-1], y), last, first / last])


# %% [markdown]
# **Guess:** three numbers besides the gradient are at hand: the cost, $\lVert\delta^L\rVert$ and $\lVert\delta^1\rVert /
# \lVert\delta^L\rVert$. Which of them tell the two
# nets apart, and how?

# %%
guess = ...  # in words

# %%
fresh = four_numbers(*bp.nets.deep(12))
trained, target = net, np.array([[0.8], [0.2]])
while four_numbers(trained, x, target)[0] > fresh[0]:
    trained = bp.sgd(trained, bp.backward(trained, bp.forward(trained, x), target), eta=0.5)
converged = four_numbers(trained, x, target)
names = np.array(["‖∂C/∂W1‖", "cost", "‖δL‖", "‖δ1‖/‖δL‖"])
print("           ", *(f"{name:>10}" for name in names))
print("converged  ", *(f"{number:10.0e}" for number in converged))
print("vanished   ", *(f"{number:10.0e}" for number in fresh))
bp.beside(guess, " and ".join(names[np.abs(np.log10(converged / fresh)) > 3]))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# - **Converged**: the output error itself is gone, there is nothing to send back. What is sent back arrives: the ratio is of the order of 1.
# - **Vanished**: the output error is large and the cost is high. The error dies on its way: the ratio is tiny.
#
# For the first, stop. For the second, change the net: activation, scale of the weights, depth.
#
# </details>

# %% [markdown]
# ## Recap
#
# The equations of this lesson, on one card.

# %%
bp.equations.card("BP1a", "BP2 in components", "BP2", "layer Jacobian", "BP2 unrolled")

# %% [markdown]
# **Answer aloud**, then open.
#
# <details><summary>1. Why does BP2 have a sum, and over what?</summary>
#
# A nudge of $z^l_j$ reaches the cost through every neuron $k$ of the next layer. The chain rule adds up what arrives on all these ways, so
# the sum runs over $k$.
#
# </details>
# <details><summary>2. Why is W transposed, and why is the product with σ' not a matrix product?</summary>
#
# The sum runs over the first index of $w_{kj}$, where the weight leads to; a matrix product sums over the second, so the matrix is transposed
# first.
# The slope $\sigma'(z^l_j)$ belongs to neuron $j$ alone: it mixes nothing, so it multiplies entry by entry.
#
# </details>
# <details><summary>3. A first-layer gradient is 1e-9. What do you look at before you say "vanishing"?</summary>
#
# At the cost and the output error. If these are small too, training has converged. If they are large and $\lVert\delta^1\rVert /
# \lVert\delta^L\rVert$ is tiny, the gradient has vanished.
#
# </details>

# %% [markdown]
# **Classic mistakes**
#
# - $\sigma'(a)$ in place of $\sigma'(z)$: the slope is taken where $\sigma$ was applied, at $z$.
# - $W$ for $W^\top$: shapes catch it only where layers differ in size.
# - the slope of layer $l+1$ in place of layer $l$: the slope belongs to the layer you arrive at.
# - $W^l$ for $W^{l+1}$: the error comes back through the weights that *leave* the layer.
# - `=` for `+=` in a loop over paths: only the last path counts.
#
# **What comes next.** You have an error for every neuron. Lesson 06 turns errors into gradients of weights and biases (BP3, BP4), puts the
# one $1/m$ in its place,
# and assembles the whole algorithm.

# %% [markdown]
# ## Words
#
# In English and Chinese. `bp.words()` lists those of the whole course.

# %%
bp.words("05")

# %% [markdown]
# **Sources.** N: 反向传播公式推导. A: 读懂反向传播算法(bp算法). R: bp神经网络反向传播. U: 用反向传导思想求导 (UFLDL). P: Ge Li, Deep Learning Technology and Application, Peking
# University.
# How each of them writes BP2:

# %%
bp.equations.rosetta("BP2 in components", "BP2")

# %% [markdown]
# **Next:** [06 · From error to gradient: the whole algorithm](06_backpropagation.ipynb)
