# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 14 · Weights used again: convolution and recurrence
#
# A dense layer has a weight for each pair of neurons. The two oldest ways to need fewer weights use the same ones again: at every place of a
# picture, or at every moment of a sequence. For both you know the one theorem that is needed. It is lesson 09's: the gradient of a shared
# parameter is the sum over its uses.
#
# **You will be able to**
#
# - write a convolution as a matrix, and get its three gradients from that matrix and from the theorem;
# - say what stride, padding and pooling send back, also where two entries of a tile are equal;
# - train a small convolutional net that reads digits better than a dense one with more weights;
# - derive backpropagation through time, and say what truncation leaves out and what clipping changes;
# - tell from a recurrent matrix whether errors vanish or explode.
#
# **You need** BP2 and the Jacobian of a layer (lesson 05), training on digits (08), and the theorem on shared parameters (09). Calculus and matrices at school
# level; eigenvalues are used once.
#
# **Time** 110 minutes: about 40 of reading, the rest is yours: eight exercises and five guesses.
#
# **Sources.** The theorem is that of 用反向传导思想求导 (U), proved in lesson 09. Corresponding sections elsewhere: CS231n,
# [Convolutional networks](https://cs231n.github.io/convolutional-networks/); UFLDL,
# [Convolutional neural network](http://ufldl.stanford.edu/tutorial/supervised/ConvolutionalNeuralNetwork/); Nielsen,
# [chapter 6](http://neuralnetworksanddeeplearning.com/chap6.html). Convolutional nets for digits: LeCun, Bottou, Bengio and Haffner (1998). Stride and padding:
# Dumoulin and Visin, *A guide to convolution arithmetic for deep learning* (2016). Backpropagation through time: Werbos (1990); truncated: Williams and Peng (1990).
# Vanishing, exploding, clipping: Pascanu, Mikolov and Bengio, *On the difficulty of training recurrent neural networks* (2013).

# %%
import numpy as np

import bpkit as bp

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# ## Convolution along a line
#
# Take an input $x$ of $n$ numbers and a **kernel** $k$ of $q$ weights. Lay the kernel on the input, multiply, add up; move on by one place, do it again.
# Indices in this lesson count from 0, as in numpy:
#
# $$z_i = \sum_{u=0}^{q-1} k_u\, x_{i+u}, \qquad i = 0, \dots, n - q \tag{convolution}$$
#
# $$\underset{(n-q+1,)}{z} \qquad \underset{(q,)}{k} \qquad \underset{(n,)}{x}$$
#
# The kernel has to lie on the input with all of its weights, so there are $n - q + 1$ places. Every output uses the same $q$ weights: that is all that makes
# this layer a special one.
#
# **A word about the word.** Mathematics calls this **cross-correlation**. Its convolution turns the kernel round first. The usual libraries of nets leave the kernel
# as it is and say convolution, and so does this lesson. For a net that learns its kernel the two can do the same; for a formula that you copy, they are two formulas.

# %%
k, x = np.array([1.0, 2.0, -1.0]), np.array([3.0, 0.0, 1.0, 2.0, -2.0, 1.0])
z = np.array([k @ x[i : i + 3] for i in range(4)])
turned = np.array([k[::-1] @ x[i : i + 3] for i in range(4)])
print("laid on as it is", z, "    np.correlate:", np.correlate(x, k, "valid"))
print("turned round    ", turned, "  np.convolve: ", np.convolve(x, k, "valid"))

# %% [markdown]
# ## A matrix with shared entries
#
# Each $z_i$ is a sum of inputs with factors, so $z$ is a matrix times $x$. Row $i$ belongs to output $i$. In it the input $x_{i+u}$ stands with the weight $k_u$:
#
# $$\begin{aligned} &z = T x, \\ &t_{i,\, i+u} = k_u, \\ &0 \text{ elsewhere} \end{aligned} \tag{convolution as a matrix}$$
#
# with $T$ of shape $(n - q + 1,\, n)$. It is a dense layer's weight matrix with two peculiarities: most entries are zero and stay zero, and the others are
# shared. Everything that you know of dense layers holds for it.

# %%
T = np.zeros((4, 6))
for i in range(4):
    T[i, i : i + 3] = k
print(T)
print("T x", T @ x)
bp.plots.show(bp.plots.weights_used_again(k, 6))

# %% [markdown]
# ### 14.1 convolution_matrix · •• · 7 min · 2 points
#
# Return the matrix $T$ for a kernel `k` of shape $(q,)$ and inputs of `n` numbers: shape $(n - q + 1,\, n)$.
#
# Stuck? `bp.hint("14.1")` in a cell of its own opens a first hint.


# %%
def convolution_matrix(k, n):
    """The matrix T with T @ x the convolution of x with k; k (q,), n a number → (n - q + 1, n)."""
    # BEGIN SOLUTION
    T = np.zeros((n - len(k) + 1, n))
    for i in range(len(T)):
        T[i, i : i + len(k)] = k
    return T
    # END SOLUTION


# %%
bp.check("14.1", convolution_matrix)

# %% [markdown]
# ## Back to the input: the transpose
#
# Let $\delta$ be the error of $z$, $\delta_i = \partial F / \partial z_i$. Lesson 09 says what a product sends back to its right factor: $T^\top \delta$. Nothing
# new is needed. But nobody builds $T$; so read off what its transpose does.
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $\dfrac{\partial F}{\partial x_j} = \displaystyle\sum_{i} \dfrac{\partial F}{\partial z_i}\, \dfrac{\partial z_i}{\partial x_j} = \sum_i \delta_i\, t_{ij}$ | chain rule; $x_j$ stands in $z_i$ with the factor $t_{ij}$ |
# | 2 | $\phantom{\dfrac{\partial F}{\partial x_j}} = \displaystyle\sum_{i} \delta_i\, k_{j-i}$, where $0 \le j - i \le q - 1$ | $t_{i,\, i+u} = k_u$ with $i + u = j$ |
# | 3 | $\phantom{\dfrac{\partial F}{\partial x_j}} = \displaystyle\sum_{u=0}^{q-1} k_u\, \delta_{j-u}$, with $\delta = 0$ outside of its places | sum over $u = j - i$ in place of $i$ |
# | 4 | $\phantom{\dfrac{\partial F}{\partial x_j}} = \displaystyle\sum_{u=0}^{q-1} k_{q-1-u}\, \delta_{j-(q-1)+u}$ | the same terms, counted from the other end |
#
# Line 3 is the result:
#
# $$\frac{\partial F}{\partial x_j} = \sum_{u=0}^{q-1} k_u\, \delta_{j-u}, \qquad \delta_i = 0 \text{ unless } 0 \le i \le n - q \tag{convolution, to the input}$$
#
# Line 4 says how to see it. It has the form of a convolution again, with $j$ running on: put $q - 1$ zeros before and behind $\delta$, **turn the kernel round**,
# and lay it on. This is called a **full** correlation, for every place counts at which kernel and $\delta$ touch. The turn is no extra rule. It is the
# transpose: along a row of $T$ the weights run forwards, down a column they run backwards.

# %%
delta = np.array([1.0, -2.0, 0.5, 3.0])
padded = np.pad(delta, 2)
turned = np.array([k[::-1] @ padded[j : j + 3] for j in range(6)])
print("Tᵀ δ                 ", T.T @ delta)
print("turned kernel, full  ", turned)
measured = bp.numerical_gradient(lambda v: delta @ np.correlate(v, k, "valid"), x)
print("measured             ", measured)

# %% [markdown]
# **Guess:** somebody forgets to turn the kernel. Three kernels are at hand for a test: $(1, 2, 1)$, $(1, 0, -1)$ and $(1, 2, -1)$. Which of them notice?

# %%
guess = ...  # such as "the first and the third"

# %%
noticed = []
for kernel in ([1.0, 2.0, 1.0], [1.0, 0.0, -1.0], [1.0, 2.0, -1.0]):
    right = np.correlate(np.pad(delta, 2), kernel[::-1], "valid")
    wrong = np.correlate(np.pad(delta, 2), kernel, "valid")
    noticed += [] if np.allclose(right, wrong) else [kernel]
    if np.allclose(wrong, -right):
        print(kernel, "gives every entry with the wrong sign")
bp.beside(guess, f"{len(noticed)} of three: {noticed}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# A kernel that reads the same from both ends hides the slip. The difference kernel does not: turned round it is its own negative, so everything comes out with
# the wrong sign, and whoever then "repairs" the sign has two mistakes. Test with a kernel that has no symmetry at all.
#
# </details>

# %% [markdown]
# ## Pictures
#
# A picture has rows and columns, and the kernel has, too. Two indices in place of one, nothing else:
#
# $$z_{ij} = \sum_{u} \sum_{v} K_{uv}\, x_{i+u,\, j+v} \qquad\qquad \frac{\partial F}{\partial x_{ij}} = \sum_{u} \sum_{v} K_{uv}\, \delta_{i-u,\, j-v}$$
#
# Round in both directions is a turn by 180 degrees: `K[::-1, ::-1]`. Examples stand in the last axis, as columns did: $x$ is $(\text{height},\, \text{width},\, m)$.
#
# **Channels.** A layer has several kernels, $c_{\text{out}}$ of them, and its input may have several channels, $c_{\text{in}}$, such as the results of the kernels before.
# Every pair of channels has its own kernel, and an output channel is the sum over the input channels plus one bias:
#
# $$\underset{(c_{\text{out}},\, \text{rows},\, \text{columns},\, m)}{z_o} = \sum_{c} K_{oc} \star x_c + b_o, \qquad \underset{(c_{\text{out}},\, c_{\text{in}},\, \text{height},\, \text{width})}{K}$$
#
# where $\star$ stands for the sum above. Between channels this is a dense layer: back to channel $c$, sum over $o$. `bp.convolution` does all of it.

# %%
rng = np.random.default_rng(14)
image, K = rng.normal(size=(1, 5, 6, 2)), rng.normal(size=(1, 1, 3, 2))
error = rng.normal(size=(1, 3, 5, 2))


def picture_cost(v):
    return np.sum(error * bp.convolution(v, K, np.zeros((1, 1))))


full = np.pad(error[0], ((2, 2), (1, 1), (0, 0)))[None]  # the kernel's rows and columns, less one
by_turning = bp.convolution(full, K[:, :, ::-1, ::-1], np.zeros((1, 1)))
print("shape of the input:", by_turning.shape)
print("turned by 180°, full: right", np.allclose(by_turning, bp.numerical_gradient(picture_cost, image)))

# %% [markdown]
# ### 14.2 convolution_input_vjp · •• · 9 min · 2 points
#
# One kernel, one channel: `K` $(\text{height},\, \text{width})$ and `delta` $(\text{rows},\, \text{columns},\, m)$, the error of the outputs. Return the error of
# the input: $(\text{rows} + \text{height} - 1,\; \text{columns} + \text{width} - 1,\; m)$. A block such as `dx[u : u + rows, v : v + columns]` takes whole images at once.


# %%
def convolution_input_vjp(K, delta):
    """The error of the input; K (height, width), delta (rows, columns, m)."""
    # BEGIN SOLUTION
    rows, columns, m = delta.shape
    height, width = K.shape
    dx = np.zeros((rows + height - 1, columns + width - 1, m))
    for u in range(height):
        for v in range(width):
            dx[u : u + rows, v : v + columns] += K[u, v] * delta
    return dx
    # END SOLUTION


# %%
bp.check("14.2", convolution_input_vjp)

# %% [markdown]
# ## Back to the kernel: the theorem
#
# Now the weights. Along the line, $k_u$ is used once in each $z_i$. Give each use a name of its own, $k_{[i]u}$ for the weight that stands in output $i$:
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $z_i = \displaystyle\sum_u k_{[i]u}\, x_{i+u}$ | a place of its own for each use |
# | 2 | $\dfrac{\partial F}{\partial k_{[i]u}} = \delta_i\, x_{i+u}$ | this copy stands in $z_i$ alone, with the factor $x_{i+u}$ |
# | 3 | $\dfrac{\partial F}{\partial k_u} = \displaystyle\sum_i \dfrac{\partial F}{\partial k_{[i]u}} = \sum_i \delta_i\, x_{i+u}$ | shared parameter (lesson 09): sum over the uses |
#
# The condition of the theorem holds: sums of products are differentiable. So
#
# $$\frac{\partial F}{\partial k_u} = \sum_{i} \delta_i\, x_{i+u} \tag{convolution, to the kernel}$$
#
# This is $\delta$ laid on $x$: a correlation with **nothing turned**. In matrices: BP4 without its mean gives $\delta x^\top$ for all entries of $T$; those that are the
# same weight stand on one diagonal, and are summed. The bias is used at every place, with factor 1: it gets $\sum_i \delta_i$. And all of it is summed over examples too,
# which share the kernel as well.

# %%
outer = np.outer(delta, x)  # a gradient for every entry of T, as if none were shared
diagonals = np.array([np.trace(outer, offset=u) for u in range(3)])
measured = bp.numerical_gradient(lambda v: delta @ np.correlate(x, v, "valid"), k)
print("sums along diagonals of δ xᵀ", diagonals)
print("δ laid on x                 ", np.correlate(x, delta, "valid"))
print("measured                    ", measured)

# %% [markdown]
# Step through it on a picture: forwards, back to the input, back to the kernel. Say at each place what comes next *before* you press → .

# %%
bp.widgets.weights_used_again()

# %% [markdown]
# ## Stride and padding
#
# Two settings change the places. With **padding** $p$, zeros are put around the input, $p$ on each side. With **stride** $s$, the kernel moves on by $s$:
#
# $$z_i = \sum_u k_u\, \tilde x_{s i + u}, \qquad \tilde x = (0, \dots, 0,\, x_0, \dots, x_{n-1},\, 0, \dots, 0)$$
#
# The last place has to end within the padded input: $s i + q \le n + 2p$. If $n + 2p \ge q$, the number of whole $i \ge 0$ that satisfy it is
#
# $$\text{places} = \left\lfloor \frac{n + 2p - q}{s} \right\rfloor + 1 \tag{output size}$$
#
# **Backwards** both are matrices, so both are transposed. Let $P$ put the zeros around and $S$ keep each $s$-th row. Then $z = S\, T P\, x$, and
#
# $$\frac{\partial F}{\partial x} = P^\top T^\top S^\top \delta$$
#
# - $S^\top$ puts $s - 1$ zeros between neighbours of $\delta$: it is **dilated**. Places left out, also behind the last, have no error.
# - $T^\top$ is the full correlation with the turned kernel.
# - $P^\top$ **crops**: what arrives at the zeros around is dropped. They are constants.
#
# The kernel meets the same dilated $\delta$: $\partial F / \partial k_u = \sum_i \delta_i\, \tilde x_{si+u}$.
#
# **Guess:** $n = 8$ inputs, a kernel of $q = 3$, stride 2, no padding, and an error that is nowhere 0. Which inputs are sure to get gradient 0?

# %%
guess = ...  # such as "none", or "the first"

# %%
one = np.arange(8.0).reshape(1, 1, 8, 1)
kernel = k.reshape(1, 1, 1, 3)
strided = bp.convolution(one, kernel, np.zeros((1, 1)), stride=2)
error = np.array([1.0, 2.0, 4.0]).reshape(strided.shape)
back = bp.convolution_vjp(one, kernel, error, stride=2)[0].ravel()
print("places:", strided.size, "  back to the input:", back)
bp.beside(guess, f"input {np.flatnonzero(back == 0)}, counted from 0")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# The last one. The three places begin at 0, 2 and 4, and the last ends at 6. When $n + 2p - q$ is no multiple of $s$, the end of the padded input is seen by no place. The output size rounds
# down without a word, and the gradient says what happened.
#
# </details>
#
# Dilate, lay on, crop: the same by hand, with padding 1.

# %%
delta = np.array([1.0, -2.0, 0.5, 3.0])
dilated = np.zeros(2 * 4 - 1)
dilated[::2] = delta
by_hand = np.correlate(np.pad(dilated, 2), k[::-1], "valid")[1:]  # Pᵀ: without the zero in front
around = np.pad(one, ((0, 0), (0, 0), (1, 1), (0, 0)))
by_bpkit, _, _ = bp.convolution_vjp(around, kernel, delta.reshape(1, 1, 4, 1), stride=2)
print("dilated δ", dilated)
print("by hand  ", by_hand)
print("bpkit    ", by_bpkit.ravel()[1:-1])

# %% [markdown]
# ### 14.3 convolution_kernel_vjp · •• · 10 min · 3 points
#
# The gradient of one kernel of shape `shape`, from images `x` $(\text{height},\, \text{width},\, m)$, padded already, and `delta` $(\text{rows},\, \text{columns},\, m)$. Places lie
# `stride` apart in both directions.


# %%
def convolution_kernel_vjp(x, delta, shape, stride):
    """The gradient of the kernel, of shape `shape`; x (height, width, m), delta (rows, columns, m)."""
    # BEGIN SOLUTION
    rows, columns, _ = delta.shape
    dK = np.zeros(shape)
    for u in range(shape[0]):
        for v in range(shape[1]):
            met = x[u : u + stride * rows : stride, v : v + stride * columns : stride]
            dK[u, v] = np.sum(met * delta)
    return dK
    # END SOLUTION


# %%
bp.check("14.3", convolution_kernel_vjp)

# %% [markdown]
# ## Pooling, and its ties
#
# After a convolution, neighbouring numbers say much the same. **Pooling** keeps one number for each tile of $r \times r$ of them.
#
# **Mean pooling** is a sum with equal factors, so each entry gets $\delta / r^2$ back. It is a convolution with stride $r$ whose weights are constants.
#
# **Max pooling** takes the largest. Nudge an entry that is not the largest, and nothing happens: slope 0. Nudge the largest: slope 1. So all of $\delta$ goes to one
# entry of the tile, and none to the others.
#
# Where two entries are equal and the largest, there is a kink, as for relu at 0 (lesson 03). This is no rare accident: after relu, whole tiles are 0. Look at a tie
# from both sides:

# %%
tile = np.array([[2.0, 2.0], [1.0, 0.0]]).reshape(1, 2, 2, 1)
for h in (0.01, -0.01):
    moved = tile.copy()
    moved[0, 0, 1, 0] += h
    slope = (bp.max_pool(moved) - 2.0).item() / h + 0.0
    print(f"the other 2 moved by {h:+.2f}: slope of the maximum {slope:.0f}")
back = bp.max_pool_vjp(tile, np.ones((1, 1, 1, 1)))
print("bpkit sends back", back[0, :, :, 0].tolist())

# %% [markdown]
# Upwards the slope is 1, downwards 0. Nobody is right here; there are agreements. bpkit gives all of it to the **first of the equals, row by row**. What a tile sends back adds up to $\delta$ then,
# as it does without a tie.
#
# <details><summary>Optional: what libraries agree on</summary>
#
# Measured on a tile of four equal numbers, in the versions named; what the first entry gets, and the others:
#
# | | PyTorch 2.13.0 | JAX 0.10.2 | autograd 1.9.1 |
# |:--|--:|--:|--:|
# | max pooling | 1, 0, 0, 0 | 1, 0, 0, 0 | has none |
# | maximum of an array | ¼ each | ¼ each | ¼ each |
#
# So the same library may do one thing in its pooling and another in its maximum. At a tie, two right programs can differ.
#
# </details>

# %% [markdown]
# ### 14.4 max_pool_vjp · •• · 9 min · 2 points
#
# `x` is $(\text{height},\, \text{width},\, m)$, `size` divides height and width, `g` $(\text{height} / \text{size},\, \text{width} / \text{size},\, m)$ is what comes back to the
# maxima. Return what goes on to `x`, in its shape. Of several equal maxima the first gets it, row by row.


# %%
def max_pool_vjp(x, g, size):
    """The error of x; x (height, width, m), g (height / size, width / size, m)."""
    # BEGIN SOLUTION
    dx = np.zeros(x.shape)
    for i, j, e in np.ndindex(*g.shape):
        tile = x[i * size : (i + 1) * size, j * size : (j + 1) * size, e]
        u, v = divmod(np.argmax(tile), size)
        dx[i * size + u, j * size + v, e] = g[i, j, e]
    return dx
    # END SOLUTION


# %%
bp.check("14.4", max_pool_vjp)

# %% [markdown]
# ## A net that reads digits
#
# Lesson 08's scans have 8 × 8 pixels. Its net, 64-30-10 with relu and softmax, sees them as a column of 64: whether two pixels are neighbours is nothing that it is told.
# Now tell it. Twelve kernels of 3 × 3 with padding 1, relu, max pooling by 2, and a dense layer with softmax:
#
# | | array | shape | weights |
# |:--|:--|:--|--:|
# | 1 | picture $x$ | $(1, 8, 8, m)$ | |
# | 2 | $z = K \star x + b$, and $a = \max(z, 0)$ | $(12, 8, 8, m)$ | $12 \cdot 9 + 12$ |
# | 3 | pooled, written as columns | $(192, m)$ | |
# | 4 | softmax of $W \cdot \text{pooled} + c$ | $(10, m)$ | $10 \cdot 192 + 10$ |
#
# Backwards, line by line: $\delta = a^L - y$, over $m$ for the mean; $W^\top \delta$, put back into tiles; the pooling's VJP; relu's slope; the two correlations. Everything is there.

# %%
split = bp.data.digits()
pool, test, eye = split.train, split.test, np.eye(10)


def shown(params, x):
    """Relu of the convolution, what pooling keeps of it as columns, and the shares of softmax."""
    K, b, W, c = params
    a = np.maximum(bp.convolution(x, K, b, padding=1), 0)
    columns = bp.max_pool(a).reshape(W.shape[1], -1)
    return a, columns, bp.softmax(W @ columns + c)


# %%
def gradients(params, x, y):
    """The gradients of the mean cross-entropy, by the lines above, from the last to the first."""
    K, _, W, _ = params
    a, columns, shares = shown(params, x)
    delta = (shares - y) / y.shape[1]
    to_tiles = (W.T @ delta).reshape(len(K), 4, 4, -1)
    dz = bp.max_pool_vjp(a, to_tiles) * (a > 0)
    _, dK, db = bp.convolution_vjp(x, K, dz, padding=1)
    return dK, db, delta @ columns.T, delta.sum(axis=1, keepdims=True)


# %% [markdown]
# First the check, on a smaller net and two scans, then the training.


# %%
def new_params(rng, kernels=12):
    """Kernels and weights with the variances of lesson 08, biases 0."""
    K = rng.normal(size=(kernels, 1, 3, 3)) * np.sqrt(2 / 9)
    W = rng.normal(size=(10, 16 * kernels)) / np.sqrt(16 * kernels)
    return [K, np.zeros((kernels, 1)), W, np.zeros((10, 1))]


def mean_cost(params, x, y):
    """Mean cross-entropy of the net."""
    return -np.sum(y * np.log(shown(params, x)[-1])) / y.shape[1]


few, few_y = pool.x[:, :2].reshape(1, 8, 8, 2), eye[:, pool.labels[:2]]
small = new_params(np.random.default_rng(3), kernels=2)
by_lines = list(gradients(small, few, few_y))
print(bp.check_grad(lambda p: mean_cost(p, few, few_y), small, by_lines, progress=False).ok)


# %%
def train(params, x, labels, rng, epochs=20, eta=0.3, by=gradients):
    """Stochastic gradient descent, 32 scans a step; the learning rate falls to 0 in a straight line."""
    for epoch in range(epochs):
        order = rng.permutation(len(labels))
        for start in range(0, len(labels), 32):
            batch = order[start : start + 32]
            pictures = x[:, batch].reshape(1, 8, 8, -1)
            steps = by(params, pictures, eye[:, labels[batch]])
            rate = eta * (1 - epoch / epochs)
            params = [p - rate * step for p, step in zip(params, steps, strict=True)]
    return params


# %% [markdown]
# Beside it, lesson 08's net. To be fair it goes through the same `train`, with the same steps and the same falling rate.


# %%
def dense_net(params):
    """Lesson 08's net of these weights and biases."""
    W1, b1, W2, b2 = params
    return bp.Network((None, W1, W2), (None, b1, b2), (None, bp.relu, bp.softmax), bp.cross_entropy)


def new_dense(rng):
    """Its first weights and biases."""
    last = {"output": bp.softmax, "cost": bp.cross_entropy}
    net = bp.init([64, 30, 10], activation=bp.relu, **last, rng=rng)
    return [net.W[1], net.b[1], net.W[2], net.b[2]]


# %%
def dense_gradients(params, x, y):
    """Its gradients, for pictures."""
    net = dense_net(params)
    grads = bp.backward(net, bp.forward(net, x.reshape(64, -1)), y)
    return grads.W[1], grads.b[1], grads.W[2], grads.b[2]


def misread(params):
    """The share of the test set that a net of either kind misreads."""
    pictures, convolutional = test.x.reshape(1, 8, 8, -1), params[0].ndim == 4
    said = shown(params, pictures)[-1] if convolutional else bp.predict(dense_net(params), test.x)
    return np.mean(said.argmax(axis=0) != test.labels)


# %% [markdown]
# The dense net has 2,260 weights and biases and reads about 97 of 100 test digits. **Guess:** how many weights and biases has the convolutional net? And for ten mistakes of the
# dense net on the test digits, how many does it make?

# %%
guess = ...  # two numbers

# %%
by_conv, by_dense = [], []
for seed in (0, 1, 2):
    rng = np.random.default_rng(seed)
    conv = train(new_params(rng), pool.x, pool.labels, rng)
    by_conv.append(misread(conv))
    rng = np.random.default_rng(seed)
    dense = train(new_dense(rng), pool.x, pool.labels, rng, by=dense_gradients)
    by_dense.append(misread(dense))
sizes = [sum(p.size for p in params) for params in (conv, dense)]
print("weights and biases: convolutional {:,}, dense {:,}".format(*sizes))
print("at least 97 % read by the convolutional net:", np.mean(by_conv) <= 0.03)
less = np.mean(by_conv) <= 0.9 * np.mean(by_dense)
bp.beside(guess, f"{sizes[0]:,}; at most 9 for ten" if less else f"{sizes[0]:,}; more than 9 for ten")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Fewer weights, and fewer mistakes; both nets are measured as the mean of three starts on scans that neither of them has seen. How many fewer changes with starts and rates, for of so few scans
# either net misreads only a handful. What a kernel learns at one place it knows at all places. A dense net has to learn it at each of them.
#
# </details>
#
# The same with your own code: eight kernels, trained by **your** two functions on 320 scans, against the dense net on the same scans. It takes some seconds, for your functions see one kernel at a time.
# Nothing below rests on this cell.


# %% tags=["yours"]
def your_gradients(params, x, y):
    """As `gradients`, with your max_pool_vjp and your convolution_kernel_vjp."""
    K, _, W, _ = params
    a, columns, shares = shown(params, x)
    delta = (shares - y) / y.shape[1]
    to_tiles = (W.T @ delta).reshape(len(K), 4, 4, -1)
    dz = [max_pool_vjp(a[o], to_tiles[o], 2) * (a[o] > 0) for o in range(len(K))]
    around = np.pad(x[0], ((1, 1), (1, 1), (0, 0)))
    dK = np.array([convolution_kernel_vjp(around, one, (3, 3), 1) for one in dz])
    db, dc = np.sum(dz, axis=(1, 2, 3))[:, None], delta.sum(axis=1, keepdims=True)
    return dK[:, None], db, delta @ columns.T, dc


# %% tags=["yours"]
try:
    few_scans, how = (pool.x[:, :320], pool.labels[:320]), {"epochs": 12, "eta": 0.5}
    rng = np.random.default_rng(0)
    mine = misread(train(new_params(rng, 8), *few_scans, rng, by=your_gradients, **how))
    rng = np.random.default_rng(0)
    theirs = misread(train(new_dense(rng), *few_scans, rng, by=dense_gradients, **how))
    print(f"your net reads more of the test set than the dense one: {mine < theirs}")
except Exception:
    print("your max_pool_vjp or your convolution_kernel_vjp is not ready: come back later")

# %% [markdown]
# **Half way.** About 60 minutes lie behind you, about 50 are left. A good place to stop for today: `bp.progress()` says tomorrow where you were.

# %% [markdown]
# ## The same weights at every moment
#
# A sequence comes one moment after the other: $x_1, x_2, \dots, x_T$. A **recurrent** net keeps a **state** $h_t$ and makes it anew at every moment, from the input and from the
# state before, with the same weights each time:
#
# $$h_t = \tanh(z_t), \qquad z_t = W x_t + U h_{t-1} + b \tag{recurrent state}$$
#
# $$\underset{(n_h,\, m)}{h_t} \qquad \underset{(n_x,\, m)}{x_t} \qquad \underset{(n_h,\, n_x)}{W} \qquad \underset{(n_h,\, n_h)}{U} \qquad \underset{(n_h,\, 1)}{b}$$
#
# Write the moments one above the other, and a deep net stands there: $T$ layers, one for each moment. It is **unrolled**. Two things differ from lesson 05: every layer has an input of its own,
# and all layers have the *same* $W$, $U$ and $b$.
#
# Let the cost $C$ depend on any of the states, and let $g_t$ be what it sends to $h_t$ directly: the slope of $C$ by $h_t$ with the other states held. With $\delta_t = \partial C / \partial z_t$:
#
# | | step | why |
# |:--|:--|:--|
# | 1 | give each use a name: $z_t = W_{[t]} x_t + U_{[t]} h_{t-1} + b_{[t]}$ | a place for each use, as in the theorem |
# | 2 | $\dfrac{\partial C}{\partial h_t} = g_t + U^\top \delta_{t+1}$, with $\delta_{T+1} = 0$ | $h_t$ is used twice: by the cost, and in $z_{t+1}$ through the product with $U$ |
# | 3 | $\delta_t = \left( g_t + U^\top \delta_{t+1} \right) \odot (1 - h_t \odot h_t)$ | entry by entry through tanh, whose slope is one minus the square of its value |
# | 4 | $\dfrac{\partial C}{\partial U_{[t]}} = \delta_t\, h_{t-1}^\top$ | this copy is a factor in $z_t$ alone, beside $h_{t-1}$ |
# | 5 | $\dfrac{\partial C}{\partial U} = \displaystyle\sum_{t=1}^{T} \delta_t\, h_{t-1}^\top$ | shared parameter: sum over the uses |
#
# Line 3 is BP2 with time for depth, and one more term, for a state can enter the cost by itself:
#
# $$\delta_t = \left( g_t + U^\top \delta_{t+1} \right) \odot (1 - h_t \odot h_t), \qquad \delta_{T+1} = 0 \tag{BPTT}$$
#
# Line 5, with the same for the two others:
#
# $$\frac{\partial C}{\partial U} = \sum_{t} \delta_t\, h_{t-1}^\top, \qquad \frac{\partial C}{\partial W} = \sum_{t} \delta_t\, x_t^\top, \qquad \frac{\partial C}{\partial b} = \sum_{t} \delta_t \mathbf{1} \tag{BPTT, weights}$$
#
# with $\mathbf{1}$ a column of $m$ ones, which sums over the examples. As before there is no $1/m$: the mean belongs to $C$, and so to $g_t$. This is **backpropagation through time**, BPTT. Time runs
# backwards in it, since depth does.


# %%
def sequence(T, U, m=4, seed=1):
    """Inputs and states of a net with random W and inputs, and its W and b."""
    rng, n = np.random.default_rng(seed), len(U)
    W, b = rng.normal(size=(n, 3)) / 2, np.zeros((n, 1))
    x, h = [None, *rng.normal(size=(T, 3, m))], [np.zeros((n, m))]
    for t in range(1, T + 1):
        h.append(bp.recurrent_cell(x[t], h[-1], W, U, b))
    return x, h, W, b


def with_radius(rho, n=8):
    """A random n × n matrix whose largest eigenvalue has the size rho."""
    U = np.random.default_rng(14).normal(size=(n, n))
    return rho / np.abs(np.linalg.eigvals(U)).max() * U


# %%
U = with_radius(0.9)
x, h, W, b = sequence(5, U)
g = np.random.default_rng(2).normal(size=h[5].shape)  # C = Σ g ∘ h5: the last state alone


def last_state_cost(U):
    state = h[0]
    for t in range(1, 6):
        state = bp.recurrent_cell(x[t], state, W, U, b)
    return np.sum(g * state)


delta, dU = g * (1 - h[5] ** 2), 0
for t in range(5, 0, -1):
    dU = dU + delta @ h[t - 1].T
    delta = (U.T @ delta) * (1 - h[t - 1] ** 2)
print("BPTT agrees with a measurement:", np.allclose(dU, bp.complex_step(last_state_cost, U)))

# %% [markdown]
# ### 14.5 bptt · ••• · 14 min · 4 points
#
# Lists by time: `x` is `[None, x1, …, xT]`, `h` is `[h0, h1, …, hT]`, the states of tanh, and `g` is `[None, g1, …, gT]`, what the cost sends to each state directly. Return `dW`, `dU`
# and `db`. `h0` need not be zero.


# %%
def bptt(x, h, U, g):
    """dW (n_h, n_x), dU (n_h, n_h) and db (n_h, 1), summed over moments and examples."""
    # BEGIN SOLUTION
    dW, dU, db = np.zeros((len(U), len(x[1]))), np.zeros(U.shape), np.zeros((len(U), 1))
    carried = 0.0
    for t in range(len(x) - 1, 0, -1):
        delta = (1 - h[t] ** 2) * (g[t] + carried)
        dW += delta @ x[t].T
        dU += delta @ h[t - 1].T
        db += delta.sum(axis=1, keepdims=True)
        carried = U.T @ delta
    return dW, dU, db
    # END SOLUTION


# %%
bp.check("14.5", bptt)

# %% [markdown]
# ## Truncation: not the gradient
#
# A sequence of ten thousand moments is a net of ten thousand layers, and all of its states have to be kept. So one goes back a few moments only and stops: **truncated** BPTT. The state
# where it stops is treated as a constant. It was not one: it was made with $U$.
#
# What is left out is a sum that you can write down. If the cost looks at the last state alone, line 5 has $T$ terms, and truncation after $\tau$ steps keeps the last $\tau$ of them:
#
# $$\frac{\partial C}{\partial U} = \underbrace{\sum_{t = T - \tau + 1}^{T} \delta_t\, h_{t-1}^\top}_{\text{kept}} \; + \; \underbrace{\sum_{t = 1}^{T - \tau} \delta_t\, h_{t-1}^\top}_{\text{left out}}$$
#
# If errors vanish on their way, the second sum is small. Otherwise it need not be.


# %%
def terms(T, U):
    """The terms of ∂C/∂U for C = Σ g ∘ hT, from the last moment to the first, and the size of each δ."""
    x, h, W, _ = sequence(T, U)
    g, found, sizes = np.random.default_rng(2).normal(size=h[T].shape), [], []
    for t in range(T, 0, -1):
        sizes.append(np.linalg.norm(g * (1 - h[t] ** 2)))
        _, g, _, dU, _ = bp.recurrent_cell_vjp(x[t], h[t - 1], W, U, h[t], g)
        found.append(dU)
    return np.array(found), np.array(sizes)


# %% [markdown]
# **Guess:** 30 moments, and a net whose matrix has a largest eigenvalue of size 1.3. Truncated after 5 steps: how large is the part left out, measured against the whole gradient?

# %%
guess = ...  # a share, such as 0.1

# %%
shares = {}
for rho in (0.5, 1.3):
    parts, _ = terms(30, with_radius(rho))
    whole = parts.sum(axis=0)
    for tau in (1, 5, 10):
        kept = parts[:tau].sum(axis=0)
        shares[rho, tau] = np.linalg.norm(whole - kept) / np.linalg.norm(whole)
        cosine = np.sum(kept * whole) / (np.linalg.norm(kept) * np.linalg.norm(whole))
        left_out = f"left out {shares[rho, tau]:.2f} of the length"
        print(f"radius {rho}, {tau:2d} steps: {left_out}, cosine {cosine:.2f}")
bp.beside(guess, round(shares[1.3, 5], 2))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# What is left out is longer than the gradient itself, and what is kept points away from it: the cosine is −0.42. Ten steps are better, and still far off. With radius 0.5, five steps leave out a hundredth.
#
# </details>
#
# Is the truncated sum the gradient of some *other* cost? A gradient has one property that can be tested: by Schwarz, $\partial^2 C / \partial u\, \partial w = \partial^2 C / \partial w\, \partial u$. Take the smallest recurrent
# net without tanh, $h_t = u\, h_{t-1} + w\, x_t$ with $h_0 = 0$, the cost $h_3$, and truncate after one step:
#
# $$\text{kept for } u: \; h_2 = u w x_1 + w x_2 \qquad\qquad \text{kept for } w: \; x_3$$
#
# The first, differentiated by $w$, gives $u x_1 + x_2$. The second, by $u$, gives 0. They differ, so **no cost at all** has these two as its gradient. It can still be a useful direction. But no check against a cost will
# ever pass, and a program whose truncated gradient "fails by a little" is not a program with a small mistake.

# %% [markdown]
# ### 14.6 truncated_slope · •• · 7 min · 2 points
#
# With pencil: $h_t = u\, h_{t-1} + x_t$, $h_0 = 0$, $x_1 = -3$, $x_2 = 2$, $x_3 = 1$, and $u = \tfrac12$. The cost is $h_3$. Write two numbers in brackets: the slope $\partial h_3 / \partial u$, and what truncation after
# one step makes of it, that is with $h_2$ held constant. Compare their signs.

# %%
# BEGIN SOLUTION
truncated_slope = [-1.0, 0.5]
# END SOLUTION

# %%
bp.check("14.6", truncated_slope)

# %% [markdown]
# ## Vanish or explode
#
# Put BPTT into itself, with the cost at the last state alone. With $D_t$ the diagonal matrix of the slopes of moment $t$:
#
# $$\delta_{t} = D_t\, U^\top D_{t+1}\, U^\top \cdots D_{T-1}\, U^\top\, \delta_T$$
#
# It is "BP2 unrolled" of lesson 05. There, each layer had a matrix of its own. Here the **same** matrix comes again and again, so what it does once it does to the power of the distance in time.
#
# **Certain.** Slopes of tanh are at most 1, so no $D_t$ makes a column longer. With $\sigma_1$ the largest singular value of $U$, the largest factor by which $U$ or $U^\top$ stretches any column,
#
# $$\lVert \delta_t \rVert \le \sigma_1^{\,T - t}\, \lVert \delta_T \rVert$$
#
# If $\sigma_1 < 1$, errors vanish, whatever the inputs are.
#
# **Without tanh**, $\delta_t = (U^\top)^{T-t} \delta_T$, and in the long run the eigenvalues decide. Let $\rho$, the **spectral radius**, be the largest size of an eigenvalue of $U$. If $\rho < 1$, all powers go to 0. If $\rho > 1$,
# nearly every error grows beyond all bounds; nearly, for it needs a share in the growing direction. At $\rho = 1$ the powers stay bounded, or grow like a power of the time.
#
# Always $\rho \le \sigma_1$, and between the two lies a surprise.
#
# **Guess:** $U = \begin{pmatrix} 0.5 & 10 \\ 0 & 0.5 \end{pmatrix}$, no tanh, and the error $(1, 0)$ of length 1. How long is it after 2 moments, and after 30?

# %%
guess = ...  # two numbers

# %%
jump = np.array([[0.5, 10.0], [0.0, 0.5]])
lengths = [np.linalg.norm(np.linalg.matrix_power(jump.T, t) @ [1.0, 0.0]) for t in range(31)]
radius = np.abs(np.linalg.eigvals(jump)).max()
print(f"largest singular value {np.linalg.norm(jump, 2):.2f}, radius {radius:.2f}")
print("after 0, 1, 2, 5, 10, 30 moments:", " ".join(f"{lengths[t]:.2g}" for t in (0, 1, 2, 5, 10, 30)))
bp.beside(guess, f"{lengths[2]:.2g} and {lengths[30]:.1g}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# First it becomes ten times as long, then it dies: the singular value speaks of one step, the radius of many. An error that vanishes in the long run can still be large at the distance that matters to you.
#
# </details>
#
# With tanh, slopes below 1 pull errors down on top of it. Three nets of 8 neurons, 30 moments, the matrix scaled to three radii:

# %%
curves = {}
for rho in (0.5, 1.0, 3.0):
    curves[f"radius {rho}"] = terms(30, with_radius(rho))[1][::-1]  # the first moment first
    first, final = curves[f"radius {rho}"][[0, -1]]
    free = np.linalg.norm(np.linalg.matrix_power(with_radius(rho), 29), 2)
    said = f"‖δ‖ of moment 30 {final:.1f}, of moment 1 {first:.0e}"
    print(f"radius {rho}: {said}; without tanh it could be multiplied by {free:.0e}")
bp.plots.show(bp.plots.gradient_by_depth(curves, ylabel="‖δ‖ of moment t", title="Layer l is moment t"))

# %% [markdown]
# In the first two nets errors vanish. In the third they **explode**: on their way back from moment 30 to moment 1 they become more than a hundred times as long. Without tanh it could be $2 \cdot 10^{14}$ times; large states make tanh flat, and its
# slopes hold most of that back. How much they hold back depends on the inputs, so nobody can promise it.

# %% [markdown]
# ### 14.7 long_run · •• · 8 min · 2 points
#
# No tanh, many moments, an error with a share in every direction. For each $U$: does $(U^\top)^k \delta$ **v**anish, **e**xplode (grow beyond all bounds, however slowly), or do **n**either?
#
# $$A = \begin{pmatrix} 0.9 & 0 \\ 0.7 & -0.8 \end{pmatrix} \quad B = \begin{pmatrix} 0.5 & 10 \\ 0 & 0.5 \end{pmatrix} \quad C = \begin{pmatrix} 0.6 & -0.8 \\ 0.8 & 0.6 \end{pmatrix}$$
#
# $$D = \begin{pmatrix} 1 & 1 \\ 0 & 1 \end{pmatrix} \quad E = \begin{pmatrix} 0.7 & -0.8 \\ 0.8 & 0.7 \end{pmatrix} \quad F = \begin{pmatrix} 0.8 & 0.5 \\ 0.3 & 0.6 \end{pmatrix}$$
#
# Write six letters as text, for A to F in this order, such as `"VENVEN"`. Think first; then compute, if you like.

# %%
# BEGIN SOLUTION
long_run = "VVNEEE"
# END SOLUTION

# %%
bp.check("14.7", long_run)

# %% [markdown]
# ## Clipping
#
# Where errors explode, one step of descent can throw the weights far away. The usual remedy is to **clip by the norm**. Let $G$ be the whole gradient, all its arrays as one long column, and $\theta$ a limit:
#
# $$G' = \min\!\left( 1,\; \frac{\theta}{\lVert G \rVert} \right) G \tag{clipping by norm}$$
#
# Every entry is multiplied by the same number, so the direction stays, and the length is at most $\theta$. The order of the entries' sizes stays, too. What changes is the size, and that is no detail: $G'$ is no gradient of $C$ any
# more where it was clipped, and a smaller cost is promised for small steps along it only, as ever. Clipping each entry by itself keeps the signs and turns the direction:

# %%
G = np.array([30.0, 0.4, -0.3])
by_norm = min(1, 1.0 / np.linalg.norm(G)) * G
by_entry = np.clip(G, -1, 1)
for name, clipped in (("by the norm", by_norm), ("by entries ", by_entry)):
    cosine = clipped @ G / (np.linalg.norm(clipped) * np.linalg.norm(G))
    print(f"{name}: length {np.linalg.norm(clipped):.2f}, cosine {cosine:.2f}, {clipped}")

# %% [markdown]
# Clipping does nothing against vanishing: what has not arrived cannot be made longer. Against that helps another net, one whose state goes on by a sum in place of a product.

# %% [markdown]
# ### 14.8 clip_by_norm · • · 6 min · 2 points
#
# `grads` is a list of arrays, whose entries may all be 0, and `limit` a positive number. Return a list of arrays: the whole gradient, clipped by its
# norm. Leave the list as it was.


# %%
def clip_by_norm(grads, limit):
    """The gradient shortened to the limit where it is longer; a list of arrays → a list of arrays."""
    # BEGIN SOLUTION
    norm = np.sqrt(sum(np.sum(grad**2) for grad in grads))
    return [limit / max(norm, limit) * grad for grad in grads]
    # END SOLUTION


# %%
bp.check("14.8", clip_by_norm)

# %% [markdown]
# ## Recap
#
# The equations of this lesson, on one card.

# %%
bp.equations.card(
    "convolution",
    "convolution as a matrix",
    "convolution, to the input",
    "convolution, to the kernel",
    "output size",
    "recurrent state",
    "BPTT",
    "BPTT, weights",
    "clipping by norm",
)

# %% [markdown]
# **Answer aloud**, then open.
#
# <details><summary>1. Why is the kernel turned on the way to the input, and not for its own gradient?</summary>
#
# To the input goes the transpose of $T$. Along a row of $T$ the weights run forwards, down a column backwards. The kernel's gradient is a sum over uses: at each place $\delta_i$ meets the entry that the weight met, so $\delta$ is laid on
# $x$ as it is.
#
# </details>
# <details><summary>2. What do stride and padding send back?</summary>
#
# A stride leaves places out: their error is 0, so zeros go between the entries of $\delta$. Padding puts constants around: what arrives there is dropped.
#
# </details>
# <details><summary>3. A gradient check of truncated BPTT fails. Where is the mistake?</summary>
#
# In the expectation. Truncation leaves out the terms of earlier moments, and what is left is in general not the gradient of any cost. Check the untruncated sum, then truncate.
#
# </details>

# %% [markdown]
# **Classic mistakes**
#
# - the kernel not turned on the way to the input, or turned where nothing is turned;
# - `=` for `+=` where patches overlap, and over moments;
# - a mean over places or moments where uses are summed;
# - the stride on the kernel's index in place of the output's;
# - $\delta$ to every one of several equal maxima: more goes back than came;
# - $h_t$ for $h_{t-1}$ beside $\delta_t$, and $U$ for $U^\top$;
# - the cost's own share $g_t$ forgotten, or overwritten by what comes from later;
# - truncated BPTT called the gradient;
# - each array clipped by its own norm: the direction is gone.
#
# **What comes next.** One VJP after the other gave all gradients so far. Lesson 15 goes beyond: products with the Hessian, forward mode, memory for time, and fixed points.

# %% [markdown]
# ## Words
#
# In English and Chinese. `bp.words()` lists those of the whole course.

# %%
bp.words("14")

# %% [markdown]
# **Sources.** U: 用反向传导思想求导 (UFLDL). N: 反向传播公式推导. R: bp神经网络反向传播. P: Ge Li, Deep Learning Technology and Application, Peking University.
# How each of them would write the two gradients of a convolution, and BPTT:

# %%
bp.equations.rosetta("convolution, to the kernel", "BPTT")

# %% [markdown]
# **Next:** [15 · Beyond one VJP](15_beyond_one_vjp.ipynb)
