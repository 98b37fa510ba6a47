# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 12 · Normalisation, residual connections, dropout
#
# Three parts that deep nets are built with. Each is a few symbols in the forward pass, and each says something about gradients that no layer so
# far could say. The first of them breaks two claims of this course, on purpose.
#
# **You will be able to**
#
# - derive the backward pass of batch and layer normalisation, path by path and in one line, and prove that both agree;
# - say which gradients are zero by construction, and what a longer $W$ does to its own gradient;
# - say what changes between training and evaluation, forward and backward;
# - explain by a product of $I + J$ why depth survives with residual connections, and measure it;
# - write dropout with its mask, forward and backward, and say what it keeps on average and what it does not.
#
# **You need** batches and broadcasting (lesson 01), products of Jacobians (02), the gradient check (03), BP2 and what depth does (05), BP3 and BP4
# (06), parameters that are used more than once (09). The VJPs of this lesson are in bpkit, too: `bp.batch_norm_vjp` and `bp.layer_norm_vjp`.
#
# **Time** 115 minutes: about 44 of reading, the rest is yours: eight exercises and four guesses.
#
# **Sources.** Batch normalisation: Ioffe and Szegedy, 2015; layer normalisation: Ba, Kiros and Hinton, 2016; residual connections: He and others, 2015
# and 2016; pre- against post-norm: Xiong and others, 2020; dropout: Srivastava and others, 2014. The five texts of this course have none of them.
# Corresponding sections elsewhere: CS231n, [Neural networks, part 2](https://cs231n.github.io/neural-networks-2/), on batch normalisation and dropout.

# %%
import numpy as np

import bpkit as bp

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# ## One neuron over the batch
#
# In lesson 08 you standardised the *data*: each pixel got mean 0 and variance 1, taken over the training set. Behind the first layer that is lost
# again, and every step of training shifts it. **Batch normalisation** does the same inside of the net, for each neuron, over the $m$ examples of the
# batch:
#
# $$\mu_j = \frac1m \sum_{x=1}^m z_{jx}, \qquad v_j = \frac1m \sum_{x=1}^m (z_{jx} - \mu_j)^2, \qquad s_j = \sqrt{v_j + \varepsilon}$$
#
# $$\hat z_{jx} = \frac{z_{jx} - \mu_j}{s_j}, \qquad u_{jx} = \gamma_j\, \hat z_{jx} + \beta_j \tag{batch norm}$$
#
# - $z$, $\hat z$ and $u$ are $(n, m)$. All else is a **column**, $(n, 1)$: one number for each neuron, from its row of $z$. numpy keeps it so with
#   `keepdims=True`.
# - The variance divides by $m$. The $m - 1$ of statistics would estimate something; here nothing is estimated.
# - $\varepsilon$ is small, often $10^{-5}$, and stands **under the root**: a row of equal numbers must not divide by 0.
# - $\gamma$ and $\beta$ are parameters, learnt as $W$ is. Without them every neuron would have to live at mean 0 and width 1.
#
# The activation function then acts on $u$, where it acted on $z$ before.

# %% [markdown]
# ### 12.1 batch_norm · • · 6 min · 1 point
#
# The forward pass: `z` is $(n, m)$, `gamma` and `beta` are $(n, 1)$, `eps` is a number. Return $u$, $(n, m)$.
#
# Stuck? `bp.hint("12.1")` in a cell of its own opens a first hint; run it again for the next.


# %%
def batch_norm(z, gamma, beta, eps):
    """γ (z - μ)/s + β, each row by its own mean and width; z (n, m), gamma, beta (n, 1) → (n, m)."""
    # BEGIN SOLUTION
    mu = z.mean(axis=1, keepdims=True)
    v = z.var(axis=1, keepdims=True)
    return gamma * (z - mu) / np.sqrt(v + eps) + beta
    # END SOLUTION


# %%
bp.check("12.1", batch_norm)

# %% [markdown]
# ## Two claims that hold no longer
#
# Go back to what this course has told you about a batch.
#
# 1. **The weighted inputs of different examples never meet.** Lesson 01: "A matrix product treats each column by itself". Lesson 05: "Nothing changes for
#    $m$ examples: a matrix product treats each column by itself, and so does $\odot$."
# 2. **One δ for each example, and that example alone decides it.** Lesson 05: "Each column is one example and has its own error". Lesson 06: "In this course
#    $\delta$ belongs to one example".
#
# Both were true of every layer that you had. Now $\mu_j$ and $s_j$ are made of a whole row of $z$: all examples of the batch meet in them. Take the
# course's net with a batch of four, and put a batch normalisation in front of the hidden layer's sigmoid, with $\gamma = 1$ and $\beta = 0$.

# %%
net, _, _ = bp.nets.two_three_two()
X = np.array([[1.0, -1.0, 0.5, 2.0], [2.0, 0.5, -1.0, 1.0]])
Y = np.array([[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]])
ONE, ZERO = np.ones((3, 1)), np.zeros((3, 1))
z1 = net.W[1] @ X + net.b[1]
print("z", str(z1).replace("\n", "\n  "))
print("u", str(bp.batch_norm(z1, ONE, ZERO)).replace("\n", "\n  "))


# %%
def normed(z):
    """Batch normalisation of the hidden layer."""
    return bp.batch_norm(z, ONE, ZERO)


def as_it_is(z):
    """No normalisation."""
    return z


def costs(z, normal):
    """C_x of each example, from the hidden layer's weighted inputs; z (3, m) → (m,)."""
    a2 = bp.sigmoid(net.W[2] @ bp.sigmoid(normal(z)) + net.b[2])
    return 0.5 * ((a2 - Y[:, : z.shape[1]]) ** 2).sum(axis=0)


# %% [markdown]
# **Guess:** nudge the weighted input of hidden neuron 1 in example 1, and nothing else. How many of the four costs $C_1, \dots, C_4$ move?

# %%
guess = ...  # a number from 0 to 4


# %%
def who_moves_whom(normal):
    """∂C_x/∂z of hidden neuron 1: row x, whose cost; column, whose weighted input."""
    return bp.numerical_jacobian(lambda z: costs(z, normal), z1).reshape(4, 3, 4)[:, 0]


plain, batch = who_moves_whom(as_it_is), who_moves_whom(normed)
print("plain     ", str(plain).replace("\n", "\n           "))
print("batch norm", str(batch).replace("\n", "\n           "))
bp.beside(guess, int((np.abs(batch[:, 0]) > 1e-6).sum()))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# All four. The nudge moves the mean and the width of the row, and with them the other three normalised values. Without normalisation the table is
# diagonal: who is nudged, moves. With it, the table is full.
#
# Look at the printed rows, too: row 3 of $u$ is row 1 with the sign turned. In this net row 3 of $W^1$ is $-2$ times row 1, and the normalisation
# sees no difference of size. More on that below.
#
# </details>
#
# The table also says what $\delta$ can still mean. A column has several entries now, and the gradient of the **sum** of all costs is the sum of the
# column:
#
# $$\delta_{jx} = \frac{\partial}{\partial z_{jx}} \sum_{x'} C_{x'} = \sum_{x'} \frac{\partial C_{x'}}{\partial z_{jx}}$$
#
# Without normalisation one term of that sum is not zero, so nobody had to write it. Here is what it changes. Leave example 4 out of the batch: what
# happens to $\delta$ of example 1?


# %%
def delta(normal, m):
    """The gradient of the sum of the costs at z of the hidden layer, for the first m examples."""
    return bp.complex_step(lambda z: costs(z, normal).sum(), z1[:, :m])


for name, normal in (("plain", as_it_is), ("batch norm", normed)):
    among = {m: delta(normal, m)[:, 0] for m in (4, 3)}
    print(f"{name:10s} δ of example 1 among four {among[4]}, among three {among[3]}")

# %%
bp.plots.show(bp.plots.who_moves_whom({"no normalisation": plain, "batch normalisation": batch}))

# %% [markdown]
# $\delta$ is still an array of the shape of $z$, BP2 still brings it to the layer before, and BP4 is still right for the *sum*: $W$ acts through $z$, and the
# outer products of $\delta$ and $a$ add up to the gradient. What is lost is the meaning of one column. $\delta_x\, (a_x)^\top$ is no longer the gradient of
# $C_x$, and step 2 of lesson 06's table, "BP4 for each example", cannot be said any more. Two results follow at once:
#
# - an example's gradient depends on who else is in its batch, so it is a random number even for a fixed net;
# - with $m = 1$ nothing is left: one number minus its own mean is 0.

# %% [markdown]
# ## Backward, path by path
#
# Take one neuron and drop its index $j$. Let $g_x = \partial C / \partial u_x$ be what comes back from behind, and $C$ the cost of the whole batch. If
# $C$ is a mean, its $1/m$ is in $g$. The product with $\gamma$ hands back the other factor, as every product does:
#
# $$\hat g_x = \frac{\partial C}{\partial \hat z_x} = \gamma\, g_x, \qquad \frac{\partial C}{\partial \gamma} = \sum_x g_x\, \hat z_x, \qquad
# \frac{\partial C}{\partial \beta} = \sum_x g_x$$
#
# The sums are there because one $\gamma$ serves all examples (lesson 09). Now to $z$. It stands in **three places** of $\hat z = (z - \mu)/s$: as
# itself, in $\mu$, and in $s$. Lesson 09 says what to do: give each place a copy of its own, differentiate by each, and add up.
#
# | | path | the steps on it | what comes back to $z_x$ |
# |:--|:--|:--|:--|
# | 1 | direct | $\dfrac{\partial \hat z_x}{\partial z_x} = \dfrac1s$ with $\mu$ and $s$ held fixed | $\dfrac{\hat g_x}{s}$ |
# | 2 | through $\mu$ | $\dfrac{\partial C}{\partial \mu} = -\dfrac1s \displaystyle\sum_i \hat g_i$, for $\mu$ is subtracted in *every* $\hat z_i$; then $\dfrac{\partial \mu}{\partial z_x} = \dfrac1m$ | $-\dfrac{1}{m s} \displaystyle\sum_i \hat g_i$ |
# | 3 | through $s$ | $\dfrac{\partial C}{\partial s} = -\dfrac1s \displaystyle\sum_i \hat g_i\, \hat z_i$, for $\dfrac{\partial \hat z_i}{\partial s} = -\dfrac{z_i - \mu}{s^2} = -\dfrac{\hat z_i}{s}$; then $\dfrac{\partial s}{\partial v} = \dfrac{1}{2s}$, the slope of a root; then $\dfrac{\partial v}{\partial z_x} = \dfrac2m (z_x - \mu) = \dfrac{2 s}{m} \hat z_x$ | $-\dfrac{\hat z_x}{m s} \displaystyle\sum_i \hat g_i\, \hat z_i$ |
#
# In path 3, $\varepsilon$ needs no care: it is inside of $s$. Without path 2 the result is wrong; lesson 11 let you find what happens then.
#
# <details><summary>Optional: is there a fourth path?</summary>
#
# $v$ contains $\mu$, so $z_x$ also reaches the cost through $\mu$ into $v$. That path is there, and it is zero:
#
# $$\frac{\partial v}{\partial \mu} = -\frac2m \sum_i (z_i - \mu) = 0$$
#
# for deviations from a mean add up to 0. It may be counted or forgotten.
#
# </details>
#
# The three paths for neuron 1 of our net:

# %%
g = bp.complex_step(lambda u: costs(u, as_it_is).sum(), normed(z1))[0]  # ∂C/∂u of neuron 1
z, m = z1[0], 4
s = np.sqrt(z.var() + 1e-5)
z_hat = (z - z.mean()) / s
paths = [g / s, -np.sum(g) / (m * s) * np.ones(m), -z_hat * np.sum(g * z_hat) / (m * s)]
for name, path in zip(("direct", "through μ", "through s"), paths, strict=True):
    print(f"{name:10s}", path)
print("sum       ", sum(paths))
print("measured  ", delta(normed, 4)[0])

# %% [markdown]
# ### 12.2 batch_norm_paths · ••• · 14 min · 3 points
#
# For all neurons at once: return the three paths by themselves, `[direct, through the mean, through the variance]`, each of the shape of $z$, $(n, m)$.
# `gamma` is $(n, 1)$, `g` is $\partial C / \partial u$, $(n, m)$. The path through $s$ is the one through the variance.


# %%
def batch_norm_paths(z, gamma, g, eps):
    """What comes back directly, through μ and through v; z, g (n, m), gamma (n, 1) → three (n, m)."""
    # BEGIN SOLUTION
    m = z.shape[1]
    mu = z.mean(axis=1, keepdims=True)
    s = np.sqrt(z.var(axis=1, keepdims=True) + eps)
    g_hat, z_hat = gamma * g, (z - mu) / s
    through_mean = -g_hat.sum(axis=1, keepdims=True) / (m * s) * np.ones_like(z)
    through_variance = -z_hat * (g_hat * z_hat).sum(axis=1, keepdims=True) / (m * s)
    return [g_hat / s, through_mean, through_variance]
    # END SOLUTION


# %%
bp.check("12.2", batch_norm_paths)

# %% [markdown]
# Move one example along and watch all three. The upper line has the four weighted inputs, the lower one their normalised values; the bars are the paths.

# %%
bp.widgets.normalisation_and_residuals()

# %% [markdown]
# ## The same in one line
#
# Nobody computes three arrays where one will do. Add the paths up:
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $\dfrac{\partial C}{\partial z_x} = \dfrac{\hat g_x}{s} - \dfrac{1}{m s} \displaystyle\sum_i \hat g_i - \dfrac{\hat z_x}{m s} \displaystyle\sum_i \hat g_i\, \hat z_i$ | the three paths |
# | 2 | $\phantom{\dfrac{\partial C}{\partial z_x}} = \dfrac1s \Big( \hat g_x - \dfrac1m \displaystyle\sum_i \hat g_i - \hat z_x\, \dfrac1m \displaystyle\sum_i \hat g_i\, \hat z_i \Big)$ | each has $1/s$ in it |
# | 3 | $\phantom{\dfrac{\partial C}{\partial z_x}} = \dfrac{\gamma}{s} \big( g_x - \overline{g} - \hat z_x\, \overline{g \hat z} \big)$ | a sum over $m$ is a mean, here with a bar; $\hat g = \gamma g$, and one $\gamma$ belongs to the whole row |
#
# With all neurons in their rows, bars as columns of row means:
#
# $$\delta = \frac{\gamma}{s} \odot \big( g - \overline{g} - \hat z \odot \overline{g \odot \hat z} \big) \tag{batch norm backward}$$
#
# $$\underset{(n,\, m)}{\delta} = \underset{(n,\, 1)}{\gamma / s} \odot \big( \underset{(n,\, m)}{g} - \underset{(n,\, 1)}{\overline{g}}
# - \underset{(n,\, m)}{\hat z} \odot \underset{(n,\, 1)}{\overline{g \odot \hat z}} \big)$$
#
# Nothing was left out on the way, so the two forms are equal for all numbers. As a Jacobian, the step from $z$ to $\hat z$ of one neuron is
#
# $$\frac{\partial \hat z}{\partial z} = \frac1s \Big( I - \frac1m \mathbf 1 \mathbf 1^\top - \frac1m\, \hat z\, \hat z^\top \Big)
# \tag{batch norm Jacobian}$$
#
# with shape $(m, m)$: its rows and columns are **examples**. In lesson 05 they were neurons. It is symmetric, so forward and backward use the same matrix.
#
# For $\varepsilon = 0$ you can read it. $\hat z$ has sum 0 and squared length $m$, so $\mathbf 1/\sqrt m$ and $\hat z/\sqrt m$ are two perpendicular vectors of
# length 1. Taking $\mathbf 1 \mathbf 1^\top / m$ and $\hat z \hat z^\top / m$ off $I$ removes exactly these two directions. What comes back has **no part along**
# $\mathbf 1$ and **no part along** $\hat z$:
#
# $$\sum_x \delta_x = 0 \quad \text{for any } \varepsilon, \qquad \sum_x \delta_x\, \hat z_x = 0 \quad \text{for } \varepsilon = 0$$

# %%
J = (np.eye(m) - np.ones((m, m)) / m - np.outer(z_hat, z_hat) / m) / s
measured_J = bp.numerical_jacobian(lambda v: bp.batch_norm(v.reshape(1, m), np.ones((1, 1)), 0.0)[0], z)
print("Jacobian as measured:", np.allclose(J, measured_J, rtol=1e-6, atol=1e-8))
print("the three paths and one line agree:", np.allclose(sum(paths), J @ g, rtol=1e-12, atol=1e-15))
print("|sum of δ over the batch| below 1e-12:", np.abs(delta(normed, 4).sum(axis=1)).max() < 1e-12)
print("how much J stretches in each direction, times s:", np.linalg.eigvalsh(s * J).round(4) + 0)

# %% [markdown]
# Four examples, and two of four directions are gone. In a batch of two, all are: without $\varepsilon$ nothing comes back, whatever $g$ is.

# %% [markdown]
# ### 12.3 batch_norm_backward · •• · 8 min · 2 points
#
# The whole backward pass, without a loop: return `[∂C/∂z, ∂C/∂γ, ∂C/∂β]`. Arguments as in 12.2; the last two results have the shape of $\gamma$.


# %%
def batch_norm_backward(z, gamma, g, eps):
    """The gradients of z (n, m), gamma (n, 1) and beta (n, 1), from that of the result, g (n, m)."""
    # BEGIN SOLUTION
    s = np.sqrt(z.var(axis=1, keepdims=True) + eps)
    z_hat = (z - z.mean(axis=1, keepdims=True)) / s
    g_bar = g.mean(axis=1, keepdims=True)
    gz_bar = (g * z_hat).mean(axis=1, keepdims=True)
    dz = gamma / s * (g - g_bar - z_hat * gz_bar)
    return [dz, (g * z_hat).sum(axis=1, keepdims=True), g.sum(axis=1, keepdims=True)]
    # END SOLUTION


# %%
bp.check("12.3", batch_norm_backward)

# %% [markdown]
# ## The bias that learns nothing
#
# By BP3 the gradient of a bias is the sum (or mean) of its row of $\delta$. You have seen that sum: it is 0 in front of a batch normalisation, for
# every weight, input and cost. Not small: zero, **by construction**. Forward you see why: a bias adds one number to the whole row, the mean
# takes it off again, and the result has never heard of it.
#
# So one leaves that bias out: $\beta$ does its work. If you keep it, nothing breaks, but a gradient check with *relative* errors then
# divides one rounding error by another.
#
# ## Longer weights, smaller gradients
#
# What else does the normalisation take off? Any positive factor. Let $c > 0$ and leave $\varepsilon$ out of it. With $cW$ for $W$, $z$ and $\mu$ and $s$ are all
# multiplied by $c$, and $\hat z$ is what it was. So the cost does not depend on the length of a row $W_j$:
#
# $$C(c\, W) = C(W) \quad \text{for all } c > 0 \tag{scale invariance}$$
#
# Differentiate this by $c$ at $c = 1$, with the chain rule, and by $W$:
#
# $$\Big\langle W,\; \frac{\partial C}{\partial W} \Big\rangle = 0, \qquad \frac{\partial C}{\partial W} (c W) = \frac1c\, \frac{\partial C}{\partial W} (W)
# \tag{scaled gradient}$$
#
# $\langle \cdot, \cdot \rangle$ is the sum of the products of entries, here of a row (and so of the whole $W$). In words: the gradient is **perpendicular** to the
# weights, and weights twice as long get half the gradient. For the second: differentiated by an entry of $W$, the left side is $c$ times the derivative at $cW$, the right side the derivative at $W$.
#
# **Guess:** train only $W^1$ in front of the batch normalisation, by plain gradient descent. No decay, no noise. What does its length do over 100 steps?

# %%
guess = ...  # "shrinks", "stays" or "grows"


# %%
def first_layer_gradient(W, c=1.0):
    """∂C/∂W of the hidden layer under a batch normalisation without ε, at c W."""

    def exact(z):
        return bp.batch_norm(z, ONE, ZERO, epsilon=0.0)

    return bp.complex_step(lambda V: costs(V @ X, exact).mean(), c * W)


W, lengths, cosines = net.W[1], [], []
for _ in range(100):
    dW = first_layer_gradient(W)
    lengths.append(np.linalg.norm(W))
    cosines.append(abs((W * dW).sum() / np.linalg.norm(W) / np.linalg.norm(dW)))
    W = W - 20.0 * dW
print("cosine of W and its gradient, largest in 100 steps, below 1e-10:", max(cosines) < 1e-10)
print(f"length of W: {lengths[0]:.4f}, after 100 steps {np.linalg.norm(W):.4f}")
print("it fell once:", np.any(np.diff(lengths) < 0))
bp.beside(guess, "grows" if np.linalg.norm(W) > lengths[0] else "stays or shrinks")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# It grows, and never falls. A step perpendicular to $W$ is the other leg of a right-angled triangle, and the new $W$ is its longest side:
# $\lVert W - \eta\, \partial C/\partial W \rVert^2 = \lVert W \rVert^2 + \eta^2 \lVert \partial C / \partial W \rVert^2$.
#
# </details>
#
# And since only the *direction* of $W$ matters, so does only the angle of a step. The gradient goes as $1/\lVert W \rVert$ and the angle as step over length,
# so the step that counts goes as $\eta / \lVert W \rVert^2$. A net that grows its weights turns its own learning rate down. Weight decay in front of a
# batch normalisation keeps no function small, for the function does not change with the length; what it keeps up is that learning rate.

# %%
base = first_layer_gradient(net.W[1])
for c in (0.5, 1.0, 2.0, 10.0):
    scaled = first_layer_gradient(net.W[1], c)
    print(f"c = {c:4.1f}: ∂C/∂W is {np.linalg.norm(scaled) / np.linalg.norm(base):.4f} times as long")

# %% [markdown]
# ### 12.4 doubled_weights · •• · 6 min · 2 points
#
# $z = W a$ goes into a batch normalisation with $\varepsilon = 0$ and $\gamma = 1$, $\beta = 0$, and the rest of the net follows. Now **all weights of this $W$ double**. By which factor is
# each of these five multiplied in size? The last one is the step of gradient descent compared with the weights, $\lVert \eta\, \partial C / \partial W \rVert / \lVert W \rVert$.
#
# Write a list of five numbers: for $\hat z$, $s$, $\partial C / \partial z$, $\partial C / \partial W$, relative step. A factor of 1 means unchanged.

# %%
# BEGIN SOLUTION
doubled_weights = [1, 2, 1 / 2, 1 / 2, 1 / 4]
# END SOLUTION

# %%
bp.check("12.4", doubled_weights)

# %% [markdown]
# **Half way.** About 60 minutes lie behind you, about 55 are left. A good place to stop for today: `bp.progress()` says tomorrow where you were.

# %% [markdown]
# ## Training and evaluation
#
# A net that is *used* gets one example, and a batch of one leaves nothing. So in training the layer also keeps a **running mean** and a **running
# variance** of what it saw, a little of each batch:
#
# $$r_\mu \leftarrow (1 - \alpha)\, r_\mu + \alpha\, \mu, \qquad r_v \leftarrow (1 - \alpha)\, r_v + \alpha\, v \qquad (\text{often } \alpha = 0.1)$$
#
# They are no parameters: no gradient flows to them. (Some libraries store the $v$ of statistics there, with $m - 1$.) In evaluation
# they stand where $\mu$ and $v$ stood:
#
# $$u_{jx} = \gamma_j\, \frac{z_{jx} - r_{\mu j}}{\sqrt{r_{vj} + \varepsilon}} + \beta_j, \qquad
# \frac{\partial C}{\partial z_{jx}} = \frac{\gamma_j}{\sqrt{r_{vj} + \varepsilon}}\; g_{jx} \tag{evaluation mode}$$
#
# Backward, only path 1 is left, for nothing that is subtracted or divided by moves with $z$. One $z$, one $u$: both claims hold again.

# %%
rng = np.random.default_rng(12)
r_mean, r_var = np.zeros((3, 1)), np.ones((3, 1))
for _ in range(200):
    z = net.W[1] @ rng.normal(size=(2, 16)) + net.b[1]
    r_mean = 0.9 * r_mean + 0.1 * z.mean(axis=1, keepdims=True)
    r_var = 0.9 * r_var + 0.1 * z.var(axis=1, keepdims=True)


def evaluation(z):
    """Batch normalisation with the running numbers."""
    return (z - r_mean) / np.sqrt(r_var + 1e-5)


print("who moves whom", str(who_moves_whom(evaluation)).replace("\n", "\n              "))
print("example 1 alone, in training  ", normed(z1[:, :1]).ravel() + 0)
print("example 1 alone, in evaluation", evaluation(z1[:, :1]).ravel())
print("bias gradient, in evaluation  ", delta(evaluation, 4).sum(axis=1))

# %% [markdown]
# The last line says that the bias in front has a gradient again, in evaluation. "Zero by construction" is a statement about a mode. Two
# slips come from mixing the modes: evaluating in training mode (an answer that depends on the neighbours in the batch), and training in evaluation mode
# (path 1 alone: a wrong gradient of the training cost).
#
# ## Layer normalisation: the other axis
#
# **Layer normalisation** takes mean and variance of a *column*: one example, over its $n$ neurons.
#
# $$\mu_x = \frac1n \sum_{j=1}^n z_{jx}, \quad v_x = \frac1n \sum_{j=1}^n (z_{jx} - \mu_x)^2, \quad
# u_{jx} = \gamma_j\, \frac{z_{jx} - \mu_x}{\sqrt{v_x + \varepsilon}} + \beta_j \tag{layer norm}$$
#
# The three paths are the same with $j$ for $x$ and $n$ for $m$. One thing is not. $\gamma_j$ differs from entry to entry of what is averaged now,
# so step 3 above may not pull it out of the mean: $\hat g = \gamma \odot g$ stays whole.
#
# $$\delta = \frac1s \odot \big( \hat g - \overline{\hat g} - \hat z \odot \overline{\hat g \odot \hat z} \big), \qquad \hat g = \gamma \odot g
# \tag{layer norm backward}$$
#
# Bars are **column** means, and $s$ is a row: $(1, m)$. $\gamma$ and $\beta$ still belong to neurons and serve all examples: their gradients sum along the rows, as before.
#
# No example meets another, so both claims hold. The layer does the same in training and in evaluation, and takes a batch of one. That is why nets on
# sequences, where batches are uneven, have layer normalisation. And scale invariance holds too, for the whole matrix $W$ with its biases, no longer row by row.


# %%
def layer_normed(z):
    """Layer normalisation of the hidden layer."""
    return bp.layer_norm(z, ONE, ZERO)


print("who moves whom", str(who_moves_whom(layer_normed)).replace("\n", "\n              "))
columns = np.abs(delta(layer_normed, 4).sum(axis=0)).max()
print("largest |sum of δ over the neurons| of an example below 1e-12:", columns < 1e-12)

# %% [markdown]
# ### 12.5 layer_norm_backward · •• · 8 min · 2 points
#
# Return `[∂C/∂z, ∂C/∂γ, ∂C/∂β]` for layer normalisation. `z` and `g` are $(n, m)$, `gamma` is $(n, 1)$; $g = \partial C / \partial u$.


# %%
def layer_norm_backward(z, gamma, g, eps):
    """The gradients of z (n, m), gamma (n, 1) and beta (n, 1), from that of the result, g (n, m)."""
    # BEGIN SOLUTION
    s = np.sqrt(z.var(axis=0, keepdims=True) + eps)
    z_hat = (z - z.mean(axis=0, keepdims=True)) / s
    g_hat = gamma * g
    gz_bar = (g_hat * z_hat).mean(axis=0, keepdims=True)
    dz = (g_hat - g_hat.mean(axis=0, keepdims=True) - z_hat * gz_bar) / s
    return [dz, (g * z_hat).sum(axis=1, keepdims=True), g.sum(axis=1, keepdims=True)]
    # END SOLUTION


# %%
bp.check("12.5", layer_norm_backward)

# %% [markdown]
# ### 12.6 zero_gradients · •• · 7 min · 2 points
#
# Which of these are **zero by construction**: zero for all weights, data and costs? $z = W a + b$ goes into the normalisation, unless the line says
# something else, and then through activation functions and more layers. Write the letters as text, such as `"BC"`.
#
# | | gradient | where |
# |:--|:--|:--|
# | **A** | $\partial C / \partial b$ | batch normalisation, training |
# | **B** | $\partial C / \partial b$ | batch normalisation, evaluation |
# | **C** | $\partial C / \partial b$ | batch normalisation, training, but of $\mathrm{relu}(W a + b)$ |
# | **D** | $\partial C / \partial \beta$ | batch normalisation, training |
# | **E** | the weights from an input that is 0.7 in every example of the batch | batch normalisation, training |
# | **F** | $\partial C / \partial b_j$ of each neuron | layer normalisation |
# | **G** | $\sum_j \partial C / \partial b_j$ | layer normalisation |
# | **H** | $\partial C / \partial W$ | batch normalisation, training, a batch of one |

# %%
# BEGIN SOLUTION
zero_gradients = "AEGH"
# END SOLUTION

# %%
bp.check("12.6", zero_gradients)

# %% [markdown]
# ## Residual connections: I + J
#
# Lesson 05 left you with a product: going back through $L$ layers multiplies the error by $L$ transposed Jacobians, and what is below 1 dies out.
# A **residual connection** changes one thing. A block computes what is to be *added*:
#
# $$a^l = a^{l-1} + F^l(a^{l-1}) \tag{residual block}$$
#
# with any $F^l$ that keeps the shape $(n, m)$; here $F^l(a) = \tanh(W^l a + b^l)$. The sum has two inputs, and its Jacobian for one example is the sum of theirs. With
# $J^l = \mathrm{diag}(\tanh')\, W^l$ for the branch,
#
# $$\frac{\partial a^l}{\partial a^{l-1}} = I + J^l, \qquad g^{l-1} = g^l + (J^l)^\top g^l \tag{residual gradient}$$
#
# where $g^l = \partial C / \partial a^l$, $(n, m)$. In components: $a_j^{l-1}$ reaches $a_j^l$ straight, with slope 1, and every $a_k^l$ through the
# branch. Two sets of paths; the chain rule adds up. Now put it into itself, all the way down:
#
# $$g^0 = (I + J^1)^\top (I + J^2)^\top \cdots (I + J^L)^\top\, g^L \tag{residual product}$$
#
# Multiply this out. Each factor offers $I$ or $J^l$, so there are $2^L$ terms, one for each *set of blocks* that a path really goes through:
#
# $$g^0 = g^L + \sum_l (J^l)^\top g^L + \sum_{k < l} (J^k)^\top (J^l)^\top g^L + \cdots + (J^1)^\top \cdots (J^L)^\top g^L$$
#
# The last term is the whole plain net. The first is the error of the last layer itself, carried past everything. In a plain net the one term that there is has $L$ factors;
# here most terms are short, and **no factor that is small can kill the first one**. (Other terms could cancel it, as for $J = -I$; nothing pushes a random $J$ there.)


# %%
def slopes_on_the_way(L, s, skip, n=30, m=10):
    """W and tanh' of each block of a random net."""
    rng = np.random.default_rng(0)
    W = [s / np.sqrt(n) * rng.normal(size=(n, n)) for _ in range(L)]
    a, slopes = rng.normal(size=(n, m)), []
    for V in W:
        h = np.tanh(V @ a)
        a, slopes = skip * a + h, [*slopes, 1 - h**2]
    return W, slopes, rng.normal(size=(n, m))


# %%
def survives(L, s, skip):
    """‖g⁰‖/‖gᴸ‖, measured, and as estimated from the slopes."""
    W, slopes, g = slopes_on_the_way(L, s, skip)
    last, estimate = np.linalg.norm(g), 1.0
    for V, slope in zip(W[::-1], slopes[::-1], strict=True):
        g = skip * g + V.T @ (slope * g)
        estimate *= np.sqrt(skip + s**2 * np.mean(slope**2))
    return np.linalg.norm(g) / last, estimate


# %% [markdown]
# **Guess:** 100 blocks of 30 neurons, weights of standard deviation $0.5/\sqrt{30}$. In the plain net $\lVert g^0 \rVert$ is $10^{-31}$ of $\lVert g^{100} \rVert$. With
# the residual connections, how many times $\lVert g^{100} \rVert$ is it?

# %%
guess = ...  # a number, such as 1e-5

# %%
print("            plain: measured  estimated   residual: measured  estimated")
for L in (10, 30, 100):
    numbers = (*survives(L, 0.5, 0), *survives(L, 0.5, 1))
    print("{:3d} layers        {:9.1e} {:10.1e}           {:9.1f} {:10.1f}".format(L, *numbers))
bp.beside(guess, round(survives(100, 0.5, 1)[0], 1))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# About 20 times as long: it does not vanish, it grows a little. The plain net loses 31 powers of ten with the same weights.
#
# </details>
#
# The estimate: if $J$ stretches an error by about $f$, a block multiplies its length by $\sqrt{1 + f^2}$, where a plain layer multiplies by $f$. For small $f$
# that is nearly 1, against nearly nothing.
#
# <details><summary>Optional: where the root comes from, and what is certain</summary>
#
# $\lVert g + J^\top g \rVert^2 = \lVert g \rVert^2 + 2 \langle g, J^\top g \rangle + \lVert J^\top g \rVert^2$, and the middle term is about 0 where $J$ has nothing
# to do with $g$. That is lesson 05's estimate, one term longer. For a bound, let $q = \lVert J \rVert_2 < 1$ be the largest factor by which $J$ stretches anything. Then
#
# $$(1 - q)\, \lVert g \rVert \;\le\; \lVert g + J^\top g \rVert \;\le\; (1 + q)\, \lVert g \rVert$$
#
# </details>
#
# The price is on the other side: $\sqrt{1 + f^2} > 1$, so deep residual nets tend to *explode*, forward and backward, unless something holds them. That is
# where normalisation comes back in.

# %% [markdown]
# ### 12.7 residual_errors · •• · 11 min · 3 points
#
# Blocks $a^l = a^{l-1} + h^l$ with $h^l = \tanh(W^l a^{l-1} + b^l)$, for $l = 1 \dots L$. `W` and `h` are lists with `None` at index 0, `W[l]` is $(n, n)$, `h[l]` is $(n, m)$,
# as the forward pass kept it; `g` is $\partial C / \partial a^L$. Return the list of all $g^l = \partial C / \partial a^l$, for $l = 0 \dots L$. The input has an entry: it is `g[0]`.


# %%
def residual_errors(W, h, g):
    """∂C/∂a of every layer of a residual net; W[l] (n, n), h[l], g (n, m) → [g[0], …, g[L]]."""
    # BEGIN SOLUTION
    errors = [None] * (len(W) - 1) + [g]
    for l in range(len(W) - 1, 0, -1):
        branch = W[l].T @ ((1 - h[l] ** 2) * errors[l])
        errors[l - 1] = errors[l] + branch
    return errors
    # END SOLUTION


# %%
bp.check("12.7", residual_errors)

# %% [markdown]
# ## Before or behind the sum?
#
# Put a layer normalisation $N$ into each block. There are two places, and both have been used in well-known nets:
#
# $$\begin{aligned} \text{post-norm: } a^l &= N\big(a^{l-1} + F^l(a^{l-1})\big), \\ \text{pre-norm: } a^l &= a^{l-1} + F^l\big(N(a^{l-1})\big) \end{aligned}$$
#
# Post-norm keeps every $a^l$ at one size, but a norm stands in the way of *every* path: no term of the product is free any more. Pre-norm leaves the identity
# free and lets $a^l$ grow. Its norms divide by that growing size, so block $l$ has a $J$ that gets smaller with $l$. Measure 100 blocks, at three sizes of
# weights:


# %%
def gradient_kept(kind, s, L=100, n=30, m=10):
    """‖g⁰‖/‖gᴸ‖ of a random net with L blocks."""
    rng, one, kept = np.random.default_rng(0), np.ones((n, 1)), []
    W = [s / np.sqrt(n) * rng.normal(size=(n, n)) for _ in range(L)]
    a = rng.normal(size=(n, m))
    for V in W:
        h = np.tanh(V @ (bp.layer_norm(a, one, 0 * one) if kind == "pre-norm" else a))
        total = h if kind == "plain" else a + h
        kept.append((V, a, h, total))
        a = bp.layer_norm(total, one, 0 * one) if kind == "post-norm" else total
    g = last = rng.normal(size=(n, m))
    for block in reversed(kept):
        g = one_block_back(kind, one, *block, g)
    return np.linalg.norm(g) / np.linalg.norm(last)


# %%
def one_block_back(kind, one, V, a, h, total, g):
    """From the gradient behind a block to the one before it."""
    if kind == "post-norm":
        g = bp.layer_norm_vjp(total, one, g)[0]
    branch = V.T @ ((1 - h**2) * g)
    if kind == "pre-norm":
        branch = bp.layer_norm_vjp(a, one, branch)[0]
    return branch if kind == "plain" else g + branch


# %%
print("‖g⁰‖/‖g¹⁰⁰‖   s = 0.5     s = 1     s = 2")
for kind in ("plain", "residual", "post-norm", "pre-norm"):
    print(f"{kind:10s}", *(f"{gradient_kept(kind, s):9.1e}" for s in (0.5, 1.0, 2.0)))
by_depth = {L: gradient_kept("pre-norm", 1.0, L) for L in (25, 100, 400)}
print("pre-norm, s = 1, by depth:", *(f"{L}: {ratio:.1f} " for L, ratio in by_depth.items()))

# %% [markdown]
# Read it by columns. With small weights everything but the plain net is fine. With large ones post-norm grows by four powers of ten, as the residual net without any norm does, and
# pre-norm stays within two. Its last line shows why: four times the depth is less than three times the gradient. So it grows about as a *power* of the depth, where a product of equal
# factors would have been taken to the fourth power.
#
# <details><summary>Optional: why a power</summary>
#
# Where $a^l$ grows like $\sqrt l$, block $l$ has $f \sim 1/\sqrt l$, and $\prod_l \sqrt{1 + c/l}$ grows like $L^{c/2}$.
#
# </details>
#
# This is what gradients say at the start, for random nets. It does not say which net ends up better.

# %% [markdown]
# ## Dropout
#
# **Dropout** switches neurons off at random while the net is trained: each with the chance $p$, anew for each example and each step. Then no neuron can rely on one other
# neuron to be there. Let $r$ be the **mask**, an array of the shape of $a$ with 1 for "kept" and 0 for "dropped":
#
# $$\tilde a = \frac{r \odot a}{1 - p}, \qquad r_{jx} = 1 \text{ with chance } 1 - p, \text{ else } 0 \tag{dropout}$$
#
# $$\underset{(n,\, m)}{\tilde a} = \underset{(n,\, m)}{r} \odot \underset{(n,\, m)}{a} \,/\, (1 - p)$$
#
# Why divide? Take one entry; $a$ is fixed, $r$ is the chance.
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $\mathbb E[r] = (1 - p) \cdot 1 + p \cdot 0 = 1 - p$ | the mean of a 0-or-1 |
# | 2 | $\mathbb E[\tilde a] = \dfrac{a\, \mathbb E[r]}{1 - p} = a$ | **the mean is kept**: the next layer gets what it gets without dropout, on average |
# | 3 | $\mathrm{Var}[r] = \mathbb E[r^2] - \mathbb E[r]^2 = (1 - p) - (1 - p)^2 = p (1 - p)$ | $r^2 = r$ |
# | 4 | $\mathrm{Var}[\tilde a] = \dfrac{a^2\, \mathrm{Var}[r]}{(1 - p)^2} = \dfrac{p}{1 - p}\, a^2$ | a factor leaves a variance squared: **noise is added**, more where $a$ is large |
#
# This is *inverted* dropout: the scaling is done in training, and evaluation does nothing at all. In the other way, training drops only and evaluation multiplies by
# $1 - p$. In both, evaluation has the mean of training; a mixture of both is off by a factor in every layer.
#
# **Backward.** Once the mask is drawn, it is a number like any other, and $\tilde a$ is $a$ times a diagonal matrix. So the gradient gets the **same mask** and the same factor:
#
# $$\frac{\partial C}{\partial a} = \frac{r \odot g}{1 - p}, \qquad g = \frac{\partial C}{\partial \tilde a} \tag{dropout backward}$$
#
# The forward pass has to keep $r$. Another draw of the same kind would be a different function's gradient. A dropped neuron hands back 0, so its weights learn nothing from
# this example: each example trains one of the $2^n$ thinner nets, and all of them share their weights. $r$ gets no gradient; it is no function of anything.
#
# Our net has three hidden neurons, so there are eight masks, and with $p = \frac12$ all are equally likely. You can compute every mean exactly.
#
# **Guess:** drop hidden neurons and average over all eight masks. What comes out as it does without dropout: $z^2$, $a^2$, both, or neither?

# %%
guess = ...  # "z2", "a2", "both" or "neither"

# %%
p, a1 = 0.5, bp.sigmoid(net.W[1] @ X[:, :1] + net.b[1])
masks = np.array([[[i], [j], [k]] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
z2 = net.W[2] @ (masks * a1 / (1 - p)) + net.b[2]
z_without = net.W[2] @ a1 + net.b[2]
print("z2: mean over the masks", z2.mean(axis=0).ravel(), " without", z_without.ravel())
a2, a_without = bp.sigmoid(z2), bp.sigmoid(z_without)
print("a2: mean over the masks", a2.mean(axis=0).ravel(), " without", a_without.ravel())
variance = (net.W[2] ** 2) @ (p / (1 - p) * a1**2)
print("variance of z2         ", z2.var(axis=0).ravel(), " by step 4", variance.ravel())
same = [np.allclose(f(z2).mean(axis=0), f(z_without)) for f in (lambda z: z, bp.sigmoid)]
names = {(True, True): "both", (True, False): "z2", (False, True): "a2", (False, False): "neither"}
bp.beside(guess, names[tuple(same)])

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# $z^2$ only. A mean goes through anything linear: $\mathbb E[W \tilde a + b] = W a + b$. It does not go through $\sigma$. So the net that you evaluate is *not* the mean of the
# nets that you trained; it is an approximation of it, exact where everything behind the dropout is linear.
#
# </details>
#
# Now backward, for one mask of the eight: with the same mask, and with another one.

# %%
mask, other = masks[5], masks[3]


def dropped_cost(a):
    """The cost of example 1 with the mask on the hidden layer."""
    return net.cost(bp.sigmoid(net.W[2] @ (mask * a / (1 - p)) + net.b[2]), Y[:, :1])


a2 = bp.sigmoid(net.W[2] @ (mask * a1 / (1 - p)) + net.b[2])
g = net.W[2].T @ ((a2 - Y[:, :1]) * a2 * (1 - a2))
print("mask", mask.ravel(), " measured  ", bp.complex_step(dropped_cost, a1).ravel() + 0)
print("             the same mask", (mask * g / (1 - p)).ravel() + 0)
print("             another mask ", (other * g / (1 - p)).ravel() + 0)

# %% [markdown]
# ### 12.8 dropout · • · 6 min · 1 point
#
# Forward and backward for a mask that is given: return `[the dropped a, ∂C/∂a]`. `a`, `mask` and `g` are $(n, m)$, `mask` has a 1 where a neuron is kept; `p` is the chance
# to be dropped; `g` is the gradient of the dropped `a`.


# %%
def dropout(a, mask, p, g):
    """Inverted dropout and its backward pass; a, mask, g (n, m), p a number → two (n, m)."""
    # BEGIN SOLUTION
    factor = mask / (1 - p)
    return [factor * a, factor * g]
    # END SOLUTION


# %%
bp.check("12.8", dropout)

# %% [markdown]
# ## Recap

# %%
bp.equations.card(
    "batch norm",
    "batch norm backward",
    "evaluation mode",
    "layer norm backward",
    "scaled gradient",
    "residual gradient",
    "residual product",
    "dropout backward",
)

# %% [markdown]
# **Answer aloud**, then open.
#
# <details><summary>1. Why does the backward pass of a batch normalisation have three terms, and what does each take off?</summary>
#
# $z$ stands in three places. The direct path scales by $\gamma/s$. The path through the mean takes off the mean of what arrives, for a common shift of the row changes nothing.
# The path through the variance takes off the part along $\hat z$, for a common stretch changes nothing.
#
# </details>
# <details><summary>2. Does your batch's δ of example 1 depend on example 2?</summary>
#
# With batch normalisation in training, yes: both meet in mean and variance. In evaluation and with layer normalisation, no: each column is computed from itself.
#
# </details>
# <details><summary>3. Why can 100 residual blocks not lose the gradient as 100 plain layers do?</summary>
#
# The product of $I + J$ has a term without any $J$: the error of the last layer, handed on as it is. In the product of $J$ alone each term has 100 factors.
#
# </details>

# %% [markdown]
# **Classic mistakes**
#
# - mean and variance taken for constants in training: path 1 alone.
# - $\gamma$ pulled out of the means of a layer normalisation. For a batch normalisation that is right.
# - a sum over the wrong axis: statistics of a batch along the rows, of a layer along the columns, and $\partial C / \partial \gamma$ along the rows for both.
# - evaluating in training mode, so that an answer depends on its neighbours.
# - the slope of the branch put on the identity, too.
# - a new mask in the backward pass, or the factor $1/(1 - p)$ in one direction only.
#
# **What comes next.** Here examples met by accident, as it were. In lesson 13 things meet on purpose: attention lets every position of a sequence look at every other, and its
# blocks are made of this lesson's residual connections and layer normalisations.

# %% [markdown]
# ## Words
#
# In English and Chinese. `bp.words()` lists those of the whole course.

# %%
bp.words("12")

# %% [markdown]
# **Next:** [13 · Attention](13_attention.ipynb)
