# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 11 · Errata clinic
#
# Derivations, line by line. You find the first line that does not follow, repair it, and prove the repair. The first six are ones that people learn from, in
# print and on the web; five come from the very texts that this course is built on. The other eight nobody has told you about, and not all of them are wrong.
#
# **You will be able to**
#
# - read a derivation line by line and say which line is the first that does not follow, and why those before it hold;
# - repair it, and prove the repair with a gradient check that owes nothing to the formula;
# - say where a wrong gradient hides: for which numbers it passes a check, and how the check must be built so that it cannot;
# - tell a line that *looks* wrong from one that *is*, and say "all right" where it is.
#
# **You need** the course so far: BP1 to BP4 (lessons 04 to 06), softmax (04), gradient checking (03), updates (07), functions of matrices as nets (09).
#
# **Time** 190 minutes: two sittings. The first, 80 minutes, is the warm-up: six verdicts, six repairs and four guesses. The second, 110 minutes with the recap: eight
# verdicts, eight repairs and three guesses. In both together about 80 of reading.
#
# **Sources.** A: 读懂反向传播算法(bp算法), the passage on how the errors of two layers are related, with its readers' comments. P: Ge Li, Deep Learning
# Technology and Application, Peking University, section 4, the slides 反向传播算法推导. R: bp神经网络反向传播, section 反向传播, step 2. U: 用反向传导思想求导 (UFLDL, Chinese
# edition), examples 1 and 3. T: NumPy tutorials, Deep learning on MNIST, section 3 (repository numpy/numpy-tutorials, folder content). The formulas
# are theirs, the typesetting and every sentence are ours. Of A we have a copy without its pictures, of P one that a machine read: a slip below may be
# the copy's. The derivations of the second sitting are ours. For the right versions: Nielsen, [chapter
# 2](http://neuralnetworksanddeeplearning.com/chap2.html), on BP1 to BP4; CS231n, [Backpropagation,
# intuitions](https://cs231n.github.io/optimization-2/), "Gradients for vectorized operations"; UFLDL, [Multi-layer neural
# networks](http://ufldl.stanford.edu/tutorial/supervised/MultiLayerNeuralNetworks/).

# %%
import numpy as np

import bpkit as bp

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# ## The rules of the clinic
#
# These are good texts. They show every step, and that is why a wrong one can be found at all.
#
# **What counts as wrong.** A line claims that its left side equals its right side, given what the lines above it say. It is wrong if there is a
# counterexample: numbers for which the two sides differ. So
#
# - a definition is never wrong;
# - a line that follows from a wrong one is not the *first* wrong one;
# - a line of a program that does what it says is not wrong, even if a later line then finds something else than it needs. That later line is.
#
# **Three instruments**, from quick to certain:
#
# 1. *Letters and shapes.* An index on the left that is missing on the right; a product whose shapes do not meet; a gradient that has not the shape
#    of its variable.
# 2. *One nudge.* Take one number, move it a little, say what each line predicts.
# 3. *A gradient check* of the last line. It tells that something is wrong, not where; but after a repair it tells that nothing is.
#
# For the third there is a helper. Give it a cost, a place, and the gradient that you claim there:


# %%
def prove(cost, at, claim):
    """Check a claimed gradient, once there is one: right, or wrong and how."""
    checked = None if claim is ... else bp.check_grad(cost, at, claim)
    print(*(checked.parameters if checked else ["no claim yet: call your function in place of ..."]))


prove(lambda v: np.sum(v**3), np.array([1.0, 2.0]), np.array([3.0, 12.0]))
prove(lambda v: np.sum(v**3), np.array([1.0, 2.0]), np.array([1.0, 4.0]))

# %% [markdown]
# ## Text A: the recursion
#
# The question that text A asks at this point: given the error of layer $l+1$, what is the error of layer $l$? Its formulas were pictures and are
# lost in the copy we have. The lines below are rebuilt from its prose and from what three readers say of one line in the comments. $k$ counts
# neurons of layer $l+1$, $j$ those of layer $l$; $w_{kj}$ leads **to** $k$ **from** $j$.
#
# | | line |
# |--:|:--|
# | **1** | $\delta^l_j = \dfrac{\partial C}{\partial z^l_j}$ |
# | **2** | $\delta^l_j = \displaystyle\sum_k \frac{\partial C}{\partial z^{l+1}_k}\, \frac{\partial z^{l+1}_k}{\partial z^l_j}$ |
# | **3** | $z^{l+1}_k = \displaystyle\sum_j w^{l+1}_{kj}\, \sigma(z^l_j) + b^{l+1}_k$ |
# | **4** | $\dfrac{\partial z^{l+1}_k}{\partial z^l_j} = w^{l+1}_{kj}\, a^l_j$ |
# | **5** | $\delta^l_j = \displaystyle\sum_k \delta^{l+1}_k\, w^{l+1}_{kj}\, a^l_j$ |
# | **6** | $\delta^l = \left( (W^{l+1})^\top \delta^{l+1} \right) \odot a^l$ |

# %% [markdown]
# With sigmoid neurons a net learns by the last line, nearly as well as by BP2. Here is a layer of **tanh** neurons instead.
#
# **Guess:** of the three errors that line 6 gives below, how many have the wrong *sign*?

# %%
guess = ...  # 0, 1, 2 or 3

# %%
rng = np.random.default_rng(11)
W_next, y = rng.normal(size=(2, 3)), rng.random((2, 1))
z = np.array([[-0.8], [0.3], [1.5]])


def cost_at(z):
    """The cost behind three tanh neurons and two sigmoid ones."""
    return bp.quadratic(bp.sigmoid(W_next @ np.tanh(z)), y)


a, out = np.tanh(z), bp.sigmoid(W_next @ np.tanh(z))
delta_next = (out - y) * out * (1 - out)
published, measured = (W_next.T @ delta_next) * a, bp.numerical_gradient(cost_at, z)
print("a", a.ravel(), "\nline 6  ", published.ravel(), "\nmeasured", measured.ravel())
bp.beside(guess, int(np.sum(np.sign(published) != np.sign(measured))))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# One: that of the neuron whose activation is negative. A sigmoid's activation is always positive, and so is every slope, so with sigmoids the signs
# come out right and the cost falls. Tanh takes that crutch away. Which line is it that tanh and sigmoid should both obey, and obey only by luck?
#
# </details>

# %% [markdown]
# ### 11.1 verdict_recursion · •• · 2 min · 1 point
#
# Which is the first wrong line? Write its number, 1 to 6; write 0 if all lines are right. Every wrong verdict is answered with the reason why
# *that* line holds.

# %%
# BEGIN SOLUTION
verdict_recursion = 4
# END SOLUTION

# %%
bp.check("11.1", verdict_recursion)

# %% [markdown]
# ### 11.2 repair_recursion · •• · 4 min · 2 points
#
# Repair the recursion for a layer of tanh neurons whose forward pass kept only the activations: `W_next` is $(n_{l+1}, n_l)$, `delta_next`
# $(n_{l+1}, m)$, `a` $= \tanh(z)$ with shape $(n_l, m)$. Return $\delta^l$, $(n_l, m)$.


# %%
def repair_recursion(W_next, delta_next, a):
    """δ of a tanh layer from a; W_next (n_next, n), delta_next (n_next, m), a (n, m) → (n, m)."""
    # BEGIN SOLUTION
    return (W_next.T @ delta_next) * (1 - a**2)
    # END SOLUTION


# %%
bp.check("11.2", repair_recursion)

# %% [markdown]
# **Prove it** on the numbers above: in place of the dots call your function with `W_next`, `delta_next` and `a`.

# %%
# BEGIN SOLUTION
claim = repair_recursion(W_next, delta_next, a)
# END SOLUTION
prove(cost_at, z, claim)

# %% [markdown]
# <details><summary>The diagnosis (open when your proof says right)</summary>
#
# Line 4 differentiates line 3. Only the term of neuron $j$ contains $z_j$; its derivative is $w_{kj}$ times the *derivative* of $\sigma$ at $z_j$,
# and line 4 has $\sigma$ itself. Two readers asked whether it should not be the derivative, a third wrote down the repair; the text's prose still
# says that the error depends on how large the neuron's output is. The repaired line:
#
# $$\delta_j^l = \sigma'(z_j^l) \sum_{k=1}^{n_{l+1}} w_{kj}^{l+1}\, \delta_k^{l+1} \tag{BP2 in components}$$
#
# For tanh, with $u = e^z$ and $v = e^{-z}$: $\tanh = (u - v)/(u + v)$. The quotient rule gives $\big((u+v)^2 - (u-v)^2\big)/(u+v)^2$, so
#
# $$\tanh'(z) = 1 - \tanh^2(z) = 1 - a^2 \tag{tanh slope}$$
#
# *Popular wrong repair:* $a(1-a)$. It is the slope of another function.
#
# </details>

# %% [markdown]
# ## Text P: the last layer
#
# Ge Li's slides derive the gradients of the last layer $L$ by themselves. $J$ is the cost, $f$ an elementwise activation, one example. $w_{pq}$
# leads **to** neuron $p$ **from** neuron $q$ of the layer before. Line 6 is from the summary on the next slide.
#
# | | line |
# |--:|:--|
# | **1** | $\delta_p^{(L)} = \dfrac{\partial J}{\partial z_p^{(L)}}$ |
# | **2** | $\delta_p^{(L)} = \dfrac{\partial J}{\partial a_p^{(L)}}\, f'\!\left(z_p^{(L)}\right)$ |
# | **3** | $\dfrac{\partial J}{\partial w_{pq}^{(L)}} = \dfrac{\partial J}{\partial z_p^{(L)}}\, a_p^{(L-1)}$ |
# | **4** | $\dfrac{\partial J}{\partial w_{pq}^{(L)}} = \delta_p^{(L)}\, a_p^{(L-1)}$ |
# | **5** | $\dfrac{\partial J}{\partial b_q^{(L)}} = \dfrac{\partial J}{\partial z_p^{(L)}} = \delta_p^{(L)}$ |
# | **6** | for every layer: $\dfrac{\partial J}{\partial w_{ji}^{(l)}} = \delta_j^{(l)}\, a_i^{(l-1)}$ |

# %% [markdown]
# ### 11.3 verdict_last_layer · •• · 2 min · 1 point
#
# The first wrong line, 1 to 6, or 0.

# %%
# BEGIN SOLUTION
verdict_last_layer = 3
# END SOLUTION

# %%
bp.check("11.3", verdict_last_layer)

# %% [markdown]
# ### 11.4 repair_last_layer · •• · 4 min · 2 points
#
# Return `[dW, db]` of the last layer for $m$ examples: `delta` is $\delta^L$, $(n_L, m)$; `a_prev` is $a^{L-1}$, $(n_{L-1}, m)$. The cost is the
# mean over the examples, as everywhere in this course; `dW` is $(n_L, n_{L-1})$, `db` $(n_L, 1)$.


# %%
def repair_last_layer(delta, a_prev):
    """The last layer's gradients; delta (n, m), a_prev (n_prev, m) → [dW (n, n_prev), db (n, 1)]."""
    # BEGIN SOLUTION
    m = delta.shape[1]
    return [delta @ a_prev.T / m, delta.sum(axis=1, keepdims=True) / m]
    # END SOLUTION


# %%
bp.check("11.4", repair_last_layer)

# %% [markdown]
# **Prove it** on the running net: call your function with `delta2` and `a1`, and take its first part.

# %%
net, x, y2 = bp.nets.two_three_two()
cache = bp.forward(net, x)
a1, delta2 = cache.a[1], bp.backward(net, cache, y2).delta[2]


def cost_of_W2(W2):
    """The running net's cost if its last weights were W2."""
    return net.cost(bp.sigmoid(W2 @ a1 + net.b[2]), y2)


# BEGIN SOLUTION
claim = repair_last_layer(delta2, a1)[0]
# END SOLUTION
prove(cost_of_W2, net.W[2], claim)

# %% [markdown]
# <details><summary>The diagnosis (open when your proof says right)</summary>
#
# $z_p = \sum_q w_{pq}\, a_q + b_p$. What stands beside $w_{pq}$ is $a_q$: line 3 has $a_p$, line 4 inherits it. Line 5 has the same confusion by
# itself, $b_q$ against $\delta_p$: it is wrong whether or not line 3 is repaired. The text's own summary, line 6, is right:
#
# $$\frac{\partial C_x}{\partial w_{jk}^l} = \delta_j^l\, a_k^{l-1} \tag{BP4 in components}$$
#
# $$\frac{\partial C_x}{\partial b_j^l} = \delta_j^l \tag{BP3 in components}$$
#
# *The line that looks wrong and is right* is line 2. By the chain rule $z_p$ could reach $J$ through every output; a sum seems to be missing. With
# an elementwise $f$ all its terms but one are 0. (With a softmax they are not: lesson 04.)
#
# *Popular wrong repairs:* exchange both letters, which transposes the gradient; or multiply elementwise, which is the printed line in code.
#
# </details>

# %% [markdown]
# ## Text R: the order of a loop
#
# Text R writes examples as **rows**: $\epsilon^m$ is the weighted input of layer $m$, $\omega^m$ has a row for each neuron it comes from, $D$ is
# the last layer, $L$ the loss, here without a mean. Take one example, as the text declares its outputs: $X$ has one row. It ends in an algorithm:
#
# | | line |
# |--:|:--|
# | **1** | $y^0 = X$; for $m = 1, \dots, D$: $\epsilon^m = y^{m-1} \omega^m + b^m$ and $y^m = \mathrm{Act}_m(\epsilon^m)$; keep them all |
# | **2** | $\dfrac{\partial L}{\partial \epsilon^D} = \mathrm{Loss}'(y^D) \odot \mathrm{Act}'_D(\epsilon^D)$ |
# | **3** | for $m = D, D-1, \dots$: $\;d\omega^m = (y^{m-1})^\top\, \dfrac{\partial L}{\partial \epsilon^m}$ |
# | **4** | $db^m = \dfrac{\partial L}{\partial \epsilon^m}$ |
# | **5** | $\omega^m \leftarrow \omega^m - \alpha\, d\omega^m$ and $b^m \leftarrow b^m - \alpha\, db^m$ |
# | **6** | $\dfrac{\partial L}{\partial \epsilon^{m-1}} = \mathrm{Act}'_m(\epsilon^{m-1}) \odot \left[ \dfrac{\partial L}{\partial \epsilon^m}\, (\omega^m)^\top \right]$ |
# | **7** | in the next turn, with $m - 1$ for $m$: $\;d\omega^{m-1} = (y^{m-2})^\top\, \dfrac{\partial L}{\partial \epsilon^{m-1}}$ |

# %% [markdown]
# ### 11.5 verdict_order · •• · 3 min · 1 point
#
# The first wrong line, 1 to 7, or 0. Remember the third rule of the clinic.

# %%
# BEGIN SOLUTION
verdict_order = 6
# END SOLUTION

# %%
bp.check("11.5", verdict_order)

# %% [markdown]
# ### 11.6 repair_order · ••• · 7 min · 3 points
#
# One whole step of training, in rows, repaired. `w` and `b` are lists with `None` at index 0: `w[m]` is (neurons before, neurons), `b[m]` is (1,
# neurons). `x` is (examples, inputs), `t` the targets. **Hidden layers are tanh, the last layer is sigmoid**; the loss is
# $\tfrac12 \sum (y^D - t)^2$ over all rows and outputs, without a mean. Return `[w, b]` after the step, two new lists of the same form. `bp.tanh`
# and `bp.sigmoid` are there, with `.prime`.


# %%
def repair_order(w, b, x, t, alpha):
    """One step of gradient descent in rows; returns [new w, new b], each with None at index 0."""
    # BEGIN SOLUTION
    D, eps, y = len(w) - 1, [None], [x]
    for m in range(1, D + 1):
        eps.append(y[-1] @ w[m] + b[m])
        y.append(bp.sigmoid(eps[m]) if m == D else bp.tanh(eps[m]))
    error = [None] * D + [(y[D] - t) * bp.sigmoid.prime(eps[D])]
    for m in range(D, 1, -1):
        error[m - 1] = bp.tanh.prime(eps[m - 1]) * (error[m] @ w[m].T)
    new_w = [None] + [w[m] - alpha * y[m - 1].T @ error[m] for m in range(1, D + 1)]
    new_b = [None] + [b[m] - alpha * error[m].sum(axis=0, keepdims=True) for m in range(1, D + 1)]
    return [new_w, new_b]
    # END SOLUTION


# %%
bp.check("11.6", repair_order)

# %% [markdown]
# **Prove it.** A step shows its gradient: $(\text{old} - \text{new})/\alpha$. The cell below has a small net of the form above, as `w`, `b`, with
# two examples. Call your function with $\alpha = 1$; its first weights have moved by the gradient. Claim `w[1] - repair_order(...)[0][1]`.

# %%
w = [None, rng.normal(size=(2, 3)), rng.normal(size=(3, 2))]
b = [None, rng.normal(size=(1, 3)), rng.normal(size=(1, 2))]
rows, wanted = rng.normal(size=(2, 2)), rng.random((2, 2))


def loss_of(w1):
    """The loss over both rows if the first weights were w1."""
    return 0.5 * np.sum((bp.sigmoid(bp.tanh(rows @ w1 + b[1]) @ w[2] + b[2]) - wanted) ** 2)


# BEGIN SOLUTION
claim = w[1] - repair_order(w, b, rows, wanted, 1.0)[0][1]
# END SOLUTION
prove(loss_of, w[1], claim)

# %% [markdown]
# <details><summary>The diagnosis (open when your proof says right)</summary>
#
# Line 5 does what it says. Line 6 claims to be $\partial L / \partial \epsilon^{m-1}$, the slope of the loss of the net *that made the forward
# pass*, and that net had the old $\omega^m$. The text's own derivation, above the algorithm, has it right: there nothing has moved yet. Line 6 has
# a second slip, $\mathrm{Act}'_m$ for $\mathrm{Act}'_{m-1}$, which shows only where two layers differ in their function. Repaired:
#
# $$\frac{\partial L}{\partial \epsilon^{m-1}} = \mathrm{Act}'_{m-1}(\epsilon^{m-1}) \odot \left[ \frac{\partial L}{\partial \epsilon^m}\, (\omega^m_{\text{old}})^\top \right]$$
#
# First all gradients, then
#
# $$W^l \leftarrow W^l - \eta\, \frac{\partial C}{\partial W^l}, \qquad b^l \leftarrow b^l - \eta\, \frac{\partial C}{\partial b^l} \tag{update}$$
#
# *The line that looks wrong and is right* is line 3: in rows the activations stand on the left, transposed.
#
# *Popular wrong repair:* run the forward pass again after each layer's update. Then every layer gets a true gradient, each of another net, and the
# sum of these moves is no step of gradient descent. The error is proportional to $\alpha$: below, under "Where they hide", a loose check passes it.
#
# </details>

# %% [markdown]
# ## Text U, example 1: which variable?
#
# UFLDL's page treats a function of matrices as a net and lets backpropagation find its gradient (lesson 09). The first example: $s$ is known, $A$
# is wanted. $\delta^{(i)}$ is the slope of the first term at the input of layer $i$; $\odot 1$ is the slope of an identity activation. The text
# announces $\nabla_A F$ and ends with $\nabla_X F = A^\top I^\top 2(As - x) = A^\top 2(As - x)$. Line 5 puts this to use for what was announced; line 6, which
# adds the second term, is ours.
#
# | | line |
# |--:|:--|
# | **1** | wanted: $\nabla_A F$ of $F = \lVert As - x \rVert^2 + \gamma \lVert A \rVert^2$. The second term gives $2 \gamma A$; draw the first as a net: $z^{(2)} = As$, $z^{(3)} = As - x$, $F_1 = \sum_k (z^{(3)}_k)^2$ |
# | **2** | $\delta^{(3)} = 2 z^{(3)} = 2(As - x)$ |
# | **3** | $\delta^{(2)} = \left( I^\top \delta^{(3)} \right) \odot 1 = 2(As - x)$ |
# | **4** | $\delta^{(1)} = \left( A^\top \delta^{(2)} \right) \odot 1 = 2 A^\top (As - x)$ |
# | **5** | so the first term's gradient is $\nabla F_1 = \delta^{(1)} = 2 A^\top (As - x)$ |
# | **6** | $\nabla_A F = 2 A^\top (As - x) + 2 \gamma A$ |

# %% [markdown]
# ### 11.7 verdict_sparse · •• · 2 min · 1 point
#
# The first wrong line, 1 to 6, or 0.

# %%
# BEGIN SOLUTION
verdict_sparse = 5
# END SOLUTION

# %%
bp.check("11.7", verdict_sparse)

# %% [markdown]
# ### 11.8 repair_sparse · •• · 4 min · 2 points
#
# Return the gradient of $F(A) = \lVert AS - X \rVert^2 + \gamma \lVert A \rVert^2$ for $m$ columns at once: `A` $(n, k)$, `S` $(k, m)$, `X`
# $(n, m)$, `gamma` a number → $(n, k)$. $\lVert \cdot \rVert^2$ is the sum of all squared entries; no mean, no half.


# %%
def repair_sparse(A, S, X, gamma):
    """∇_A of ‖AS - X‖² + γ‖A‖²; A (n, k), S (k, m), X (n, m) → (n, k)."""
    # BEGIN SOLUTION
    return 2 * (A @ S - X) @ S.T + 2 * gamma * A
    # END SOLUTION


# %%
bp.check("11.8", repair_sparse)

# %% [markdown]
# **Prove it** on the numbers below: call your function with `A`, `s`, `target3` and `gamma`.

# %%
A, s, target3 = rng.normal(size=(3, 2)), rng.normal(size=(2, 1)), rng.normal(size=(3, 1))
gamma = 0.5


def F(A):
    """Text U's sparse coding objective as a function of A."""
    return np.sum((A @ s - target3) ** 2) + gamma * np.sum(A**2)


# BEGIN SOLUTION
claim = repair_sparse(A, s, target3, gamma)
# END SOLUTION
prove(F, A, claim)

# %% [markdown]
# <details><summary>The diagnosis (open when your proof says right)</summary>
#
# Lines 2 to 4 are right: $\delta^{(1)}$ is the slope at the net's *input*, which is $s$. But $A$ does not flow through this net; it is the weight
# matrix between layers 1 and 2. A weight's gradient is the error behind it times the activation before it, so line 5 must stop one step earlier and
# multiply from the right, $\delta^{(2)} s^\top$. In components: $A_{ij}$ stands in entry $i$ of $As$ only, beside $s_j$, so the slope of $F_1$ is
# $2(As - x)_i\, s_j$. Rows $i$, columns $j$:
#
# $$\frac{\partial F}{\partial A} = 2 (A s - x)\, s^\top + 2 \gamma A \tag{sparse coding, A}$$
#
# Be fair: the page says beforehand that its first two examples are about derivatives by the *input*. Read so, $\nabla_X F$ is the right formula, for $s$, and the
# slip is the announcement.
#
# *The line that looks wrong and is right* is line 2: an error that comes from nowhere. Layer 3 is the last; it squares and sums, and $2z$ is its
# slope.
#
# *Popular wrong repair:* hang $s^\top$ onto the printed line, $2A^\top(As - x)s^\top$. For a square $A$ it even has the right shape.
#
# </details>

# %% [markdown]
# ## Text U, example 3: a transpose of a transpose
#
# The third example uses $W$ twice, once as itself and once transposed. $a^{(2)} = Wx$ and $a^{(1)} = x$.
#
# | | line |
# |--:|:--|
# | **1** | $F = \lVert W^\top W x - x \rVert^2$ as a net: $z^{(2)} = Wx$, $z^{(3)} = W^\top z^{(2)}$, $z^{(4)} = z^{(3)} - x$, $F = \sum_k (z^{(4)}_k)^2$ |
# | **2** | $\delta^{(4)} = 2 \left( W^\top W x - x \right)$ |
# | **3** | $\delta^{(3)} = \left( I^\top \delta^{(4)} \right) \odot 1$ |
# | **4** | $\delta^{(2)} = \left( (W^\top)^\top \delta^{(3)} \right) \odot 1$ |
# | **5** | $\delta^{(1)} = \left( W^\top \delta^{(2)} \right) \odot 1$ |
# | **6** | the use as $W^\top$: $\;\nabla_{W^\top} F = \delta^{(3)} (a^{(2)})^\top = 2 \left( W^\top W x - x \right) (Wx)^\top$ |
# | **7** | the use as $W$: $\;\nabla_W F = \delta^{(2)} (a^{(1)})^\top = W^\top\, 2 \left( W^\top W x - x \right) x^\top$ |
# | **8** | both uses: $\;\nabla_W F = W^\top\, 2 \left( W^\top W x - x \right) x^\top + 2\, (Wx) \left( W^\top W x - x \right)^\top$ |

# %%
M, v = rng.normal(size=(4, 4)), rng.normal(size=(4, 1))


def apart(a, b):
    """‖a - b‖ over the larger of the two norms."""
    return np.linalg.norm(a - b) / max(np.linalg.norm(a), np.linalg.norm(b))


def printed_ica(W):
    """Line 8 as printed, on one column."""
    r = W.T @ W @ v - v
    return W.T @ (2 * r) @ v.T + 2 * (W @ v) @ r.T


def ica_cost(W):
    """Text U's reconstruction cost as a function of W."""
    return np.sum((W.T @ W @ v - v) ** 2)


# %% [markdown]
# Below, line 8 on a random 4×4 matrix, and on the same matrix made symmetric by adding its transpose.
#
# **Guess:** how far off is line 8 on the symmetric one?

# %%
guess = ...  # a number, such as 0.5

# %%
errors = {}
for name, W in (("as drawn", M), ("symmetric", (M + M.T) / 2)):
    errors[name] = apart(printed_ica(W), bp.numerical_gradient(ica_cost, W))
    print(f"{name:9}: error {errors[name]:.2f}, passes a check at 1e-7: {errors[name] < 1e-7}")
bp.beside(guess, "not at all" if errors["symmetric"] < 1e-7 else errors["symmetric"])

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# On a symmetric matrix the printed formula passes every check, because there no transpose shows. Whoever tested it on an identity, a covariance or
# a Gram matrix, all of them symmetric, found nothing. On a matrix that is not square it does not even run.
#
# </details>

# %% [markdown]
# ### 11.9 verdict_ica · •• · 3 min · 1 point
#
# The first wrong line, 1 to 8, or 0.

# %%
# BEGIN SOLUTION
verdict_ica = 7
# END SOLUTION

# %%
bp.check("11.9", verdict_ica)

# %% [markdown]
# ### 11.10 repair_ica · ••• · 5 min · 3 points
#
# Return the gradient of $F(W) = \lVert W^\top W X - X \rVert^2$ for $m$ columns: `W` $(p, n)$, `X` $(n, m)$ → $(p, n)$.


# %%
def repair_ica(W, X):
    """∇_W of ‖WᵀWX - X‖²; W (p, n), X (n, m) → (p, n)."""
    # BEGIN SOLUTION
    r = W.T @ W @ X - X
    return 2 * W @ r @ X.T + 2 * (W @ X) @ r.T
    # END SOLUTION


# %%
bp.check("11.10", repair_ica)

# %% [markdown]
# **Prove it** where the printed line cannot even be computed: call your function with `wide` and `v`.

# %%
wide = rng.normal(size=(2, 4))

# BEGIN SOLUTION
claim = repair_ica(wide, v)
# END SOLUTION
prove(ica_cost, wide, claim)

# %% [markdown]
# <details><summary>The diagnosis (open when your proof says right)</summary>
#
# Line 4 says what the error behind the first use is: $(W^\top)^\top \delta^{(3)}$, which is $W \delta^{(3)}$. Line 7 quotes it as
# $W^\top \delta^{(3)}$; one of the two transposes was dropped on the way. Shapes say so as well: with $W$ of shape $(p, n)$ the misfit $r$ is
# $(n, 1)$, so $W r$ exists and $W^\top r$ does not, unless $p = n$. Repaired:
#
# $$\frac{\partial F}{\partial W} = 2\, W r\, x^\top + 2\, (W x)\, r^\top, \qquad r = W^\top W x - x \tag{ICA reconstruction}$$
#
# *The line that looks wrong and is right* is line 4 itself: BP2 transposes the weights, and here the weights are a transpose already.
#
# *Popular wrong repair:* delete the odd line and keep the other use. Or double it, since $W$ is used twice; but the two uses have different
# gradients.
#
# </details>

# %% [markdown]
# ## A tutorial's relu
#
# NumPy's own tutorial trains a small net on MNIST: one example as a row $x$, a hidden layer of relu neurons $h$, an output $o$ without activation,
# no biases. It steps *downhill* with a plus, so its $e$ are negative slopes. We leave out its dropout and put a half before its loss, which only
# rescales $\eta$. $[\,\cdot\,]$ is 1 where the condition holds, else 0.
#
# | | line |
# |--:|:--|
# | **1** | $\mathrm{relu}(z) = [z \ge 0] \cdot z$, and $h = \mathrm{relu}(x W_1)$ |
# | **2** | the slope, found from the output: $\mathrm{relu}'(z) = [h \ge 0]$ |
# | **3** | $o = h W_2$, and downhill at the output is $e_2 = y - o$ |
# | **4** | downhill at $z = x W_1$ is $e_1 = \left( e_2 W_2^\top \right) \odot [h \ge 0]$ |
# | **5** | $W_1 \leftarrow W_1 + \eta\, x^\top e_1$ and $W_2 \leftarrow W_2 + \eta\, h^\top e_2$ |

# %% [markdown]
# **Guess:** in a net with 50 hidden relu neurons, weights drawn at random around 0, which share of the entries of $\partial C / \partial W_1$ comes
# out wrong?

# %%
guess = ...  # a share, such as 0.1

# %%
x4, W1, W2 = rng.normal(size=(1, 4)), rng.normal(size=(4, 50)), rng.normal(size=(50, 2))
goal = rng.normal(size=(1, 2))


def relu_cost(W1):
    """Half the squared distance of the tutorial's net from its goal."""
    return 0.5 * np.sum((goal - np.maximum(x4 @ W1, 0) @ W2) ** 2)


h = np.maximum(x4 @ W1, 0)
printed = -x4.T @ (((goal - h @ W2) @ W2.T) * (h >= 0))
wrong = ~np.isclose(printed, bp.numerical_gradient(relu_cost, W1), rtol=1e-5, atol=1e-7)
print("neurons that are off:", int((h == 0).sum()), "of 50; factors that are 0:", int((h < 0).sum()))
bp.beside(guess, float(wrong.mean()))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# About half: the weights of every neuron that is off. Their gradient is 0 and the printed one is not, so neurons that took no part in the answer
# are changed as if they had. The tutorial trains all the same, and its automatic tests, which run it from end to end, are green. **A program that
# runs is not a program that is checked.**
#
# </details>

# %% [markdown]
# ### 11.11 verdict_relu · •• · 2 min · 1 point
#
# The first wrong line, 1 to 5, or 0.

# %%
# BEGIN SOLUTION
verdict_relu = 2
# END SOLUTION

# %%
bp.check("11.11", verdict_relu)

# %% [markdown]
# ### 11.12 repair_relu · • · 3 min · 2 points
#
# BP2 for a relu layer, back in this course's columns and from the output alone: `W_next` $(n_{l+1}, n_l)$, `delta_next` $(n_{l+1}, m)$, `a`
# $= \mathrm{relu}(z)$, $(n_l, m)$ → $\delta^l$, $(n_l, m)$. Uphill, as always here; $\mathrm{relu}'(0) = 0$.


# %%
def repair_relu(W_next, delta_next, a):
    """δ of a relu layer from a; W_next (n_next, n), delta_next (n_next, m), a (n, m) → (n, m)."""
    # BEGIN SOLUTION
    return (W_next.T @ delta_next) * (a > 0)
    # END SOLUTION


# %%
bp.check("11.12", repair_relu)

# %% [markdown]
# **Prove it** on the tutorial's net, turned into columns: $\delta$ of the hidden layer is `repair_relu(W2.T, (h @ W2 - goal).T, h.T)`, and times
# `x4` it is the gradient for `W1.T`. Claim that, transposed: `(repair_relu(...) @ x4).T`.

# %%
# BEGIN SOLUTION
claim = (repair_relu(W2.T, (h @ W2 - goal).T, h.T) @ x4).T
# END SOLUTION
prove(relu_cost, W1, claim)

# %% [markdown]
# <details><summary>The diagnosis (open when your proof says right)</summary>
#
# The function of line 2 is given the *output* of relu, and no output is below 0: its condition always holds. With $>$ it works from the output as
# well as from $z$:
#
# $$\mathrm{relu}'(z) = [z > 0] = [a > 0] \tag{relu slope}$$
#
# *Two lines that look wrong and are right.* Line 1 has $\ge$ too: at $z = 0$ both readings give 0. Lines 3 and 5 have signs opposite to ours: minus
# the slope, then a plus. Line 4 has a transpose that ours has not, because in rows the second layer's weights have a row for each hidden neuron.
#
# *Popular wrong repair:* ask whether the *error* is positive. Relu was applied to $z$ on the way forward; an error may have either sign.
#
# </details>

# %% [markdown]
# ## What the wrong gradients do
#
# Six wrong gradients, six small experiments: each descends for 100 steps by the printed gradient, and again from the same start by the repaired one
# (`bp.clinic` has the experiments; A stands for a tanh layer as above).
#
# **Guess:** for how many of the six is the cost after 100 steps *higher* than at the start?

# %%
guess = ...  # 0 to 6

# %%
rising = 0
for key, erratum in bp.clinic.ERRATA.items():
    printed, repaired = bp.clinic.descend(key)
    rising += printed[-1] > printed[0]
    costs = f"{printed[0]:8.3f} → printed {printed[-1]:8.3f}, repaired {repaired[-1]:8.3f}"
    print(f"{key:2}  {erratum.said('title', 28)} {costs}   cosine {bp.clinic.compare(key).cosine:5.2f}")
bp.beside(guess, int(rising))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Two climb, two get stuck far from where the repaired gradient arrives, one is slower, and one cannot be told from the right one. Every one of them
# starts by going *down*: each cosine (the cosine similarity of printed and measured gradient) is above 0, so for a short step the wrong direction
# is a descent direction too. **That the cost falls proves nothing.**
#
# </details>

# %%
bp.plots.show(bp.plots.errata_training())
print("lower is better; dotted: the cost before the first step")

# %% [markdown]
# ## Where they hide
#
# Each of the six passes a gradient check on some numbers. Turn one knob, and it comes out of its hiding place:

# %%
for key, erratum in bp.clinic.ERRATA.items():
    errors = [bp.clinic.compare(key, setting).error for setting in erratum.settings]
    first = "round-off" if errors[0] < 1e-7 else f"{errors[0]:.0e}"
    ends = f"from {erratum.settings[0]:6g}: {first:9}   to {erratum.settings[-1]:4g}: {errors[-1]:.2f}"
    print(f"{key:2}  {erratum.said('knob', 27)} {ends}")
bp.plots.show(bp.plots.errata_hiding())

# %% [markdown]
# Dotted are two tolerances, $10^{-7}$ and $10^{-2}$. R passes nowhere at the first, and nearly everywhere at the second.
#
# | text | the printed gradient passes where | so a check needs |
# |:--|:--|:--|
# | A | $a = \sigma'(z)$; nearly so for sigmoids far below 0 | activations of both signs and all sizes |
# | P | all neurons before the layer are equally active | random activations, never all ones |
# | R | a loose tolerance, or only the last layer is looked at | $10^{-7}$, and every parameter by itself |
# | U1 | $A$ and $S$ are the identity, or numbers and equal | a shape that is not square |
# | U3 | $W$ is symmetric | a matrix that is not symmetric, one that is not square |
# | T | every neuron is on | neurons that are on and neurons that are off |
#
# Now take the bench: pick an erratum with the buttons or ↑ ↓, turn its knob with ← →. Say before each move whether a check will pass.

# %%
bp.widgets.errata_bench()

# %% [markdown]
# <details><summary>Optional: the rest of the list</summary>
#
# The five texts have more slips than these, and public courses have their own. You have met them where their subject was:
#
# | text | printed | should be | lesson |
# |:--|:--|:--|:--|
# | A | a gradient of 0 at a minimum is "vanishing" | converged is not vanished | 05 |
# | N, P | BP1 with $\odot\, \sigma'$ for any last layer | a softmax needs its Jacobian | 04 |
# | P, our copy | sums to $n_l$, biases $b_i$ in $z_j$ | sums to $n_{l-1}$, $b_j$ | 01 |
# | P, our copy | $y_1 \dots y_n$ differentiable | $y_1 \dots y_m$ | 02 |
# | R | a loop down to $\epsilon^0$; no sum over a batch; L1, L2 "regression" | errors back only for $m \ge 2$, gradients for all $m$; sum the rows; regularisation | 05, 06, 07 |
# | U | $V s s^\top$ where entries are squared | $V(s \odot s)$ | 09 |
# | U | $n_l$ called a number of neurons; $I$ called a unit vector | the last layer; the identity matrix | 09 |
# | public courses | $1/m$ in every layer | once, where gradients are formed | 06 |
# | public courses | checks at $10^{-2}$; a check that passes 0 against 0; ones sent into a softmax | $10^{-7}$; refuse what was not tried; random numbers | 03, 04 |
#
# **When you find one yourself**: quote the line and its place; give the smallest numbers for which it fails; give the line that should stand there,
# and the check that it passes. Two readers of text A did the first, a third did the last.
#
# </details>
#
# That ends the first sitting.

# %% [markdown]
# ## Second sitting: nobody has told you
#
# The first six slips stand in texts that the course names, and some of their repairs you had met before. These eight are new. We composed them; none
# is quoted from anybody. But each slip is one that people make, in notes, in code, in reviews.
#
# Three things are different now:
#
# - **Not every derivation is wrong.** How many are right from the first line to the last, we do not say. A 0 has to be earned like any other number.
# - The subjects belong to nets that come later: you need none of them beforehand. Line 1 says all that is computed.
# - After each verdict you write the right gradient, whatever you found. Its name begins with `repair_`, also where there may be nothing to repair.
#
# Where $g$ or $G$ is the slope of $C$ at some result, your proof uses the cost $\sum g \odot (\text{result})$: it has this very slope, and no other
# part of $C$ has a say.

# %% [markdown]
# ## Case 7: batch normalisation
#
# One neuron, $m$ examples: its weighted inputs $z_1, \dots, z_m$ are brought to mean 0 and variance 1 over the batch, with a small $\varepsilon$ to
# keep the root off 0. Then comes a learnt scale $\gamma$ and a learnt shift $\beta$.
#
# | | line |
# |--:|:--|
# | **1** | $\mu = \frac1m \sum_i z_i$, $\;v = \frac1m \sum_i (z_i - \mu)^2$, $\;s = \sqrt{v + \varepsilon}$, $\;\hat z_i = (z_i - \mu)/s$, $\;y_i = \gamma \hat z_i + \beta$; with $g_i = \partial C/\partial y_i$: $\;d_i = \dfrac{\partial C}{\partial \hat z_i} = \gamma\, g_i$ |
# | **2** | the variance does not feel the mean: $\;\dfrac{\partial v}{\partial \mu} = -\dfrac2m \displaystyle\sum_i (z_i - \mu) = 0$ |
# | **3** | so what is left is the path through $s$: $\;\dfrac{\partial \hat z_i}{\partial z_j} = \dfrac1s \left( [i = j] - \dfrac{\hat z_i\, \hat z_j}{m} \right)$ |
# | **4** | $\dfrac{\partial C}{\partial z_j} = \displaystyle\sum_i d_i\, \frac{\partial \hat z_i}{\partial z_j} = \dfrac1s \left( d_j - \hat z_j\, \frac1m \sum_i d_i\, \hat z_i \right)$ |
# | **5** | $\dfrac{\partial C}{\partial \gamma} = \displaystyle\sum_i g_i\, \hat z_i$ and $\dfrac{\partial C}{\partial \beta} = \displaystyle\sum_i g_i$ |

# %% [markdown]
# ### 11.13 verdict_batch_norm · •• · 3 min · 1 point
#
# Line 1 to 5, or 0.

# %%
# BEGIN SOLUTION
verdict_batch_norm = 3
# END SOLUTION

# %%
bp.check("11.13", verdict_batch_norm)

# %% [markdown]
# ### 11.14 repair_batch_norm · ••• · 6 min · 3 points
#
# Return $\partial C / \partial z$ for $n$ neurons: `z` and `g` are $(n, m)$, `gamma` is $(n, 1)$, `epsilon` a number → $(n, m)$. Each neuron (row)
# is normalised over the examples.


# %%
def repair_batch_norm(z, gamma, g, epsilon):
    """∂C/∂z; z (n, m), gamma (n, 1), g (n, m) = ∂C/∂y → (n, m)."""
    # BEGIN SOLUTION
    centred = z - z.mean(axis=1, keepdims=True)
    s = np.sqrt((centred**2).mean(axis=1, keepdims=True) + epsilon)
    z_hat, d = centred / s, gamma * g
    return (d - d.mean(axis=1, keepdims=True) - z_hat * (d * z_hat).mean(axis=1, keepdims=True)) / s
    # END SOLUTION


# %%
bp.check("11.14", repair_batch_norm)

# %% [markdown]
# **Prove it**: claim `repair_batch_norm(z, scale, g, eps)`.

# %%
z, g = rng.normal(size=(2, 5)), rng.normal(size=(2, 5))
scale, eps = np.array([[1.5], [0.5]]), 0.1


def batch_cost(z):
    """Σ g ⊙ y for two neurons and five examples; β drops out of every slope."""
    u = z - np.mean(z, 1, keepdims=True)
    return np.sum(g * scale * u / np.sqrt(np.mean(u**2, 1, keepdims=True) + eps))


# BEGIN SOLUTION
claim = repair_batch_norm(z, scale, g, eps)
# END SOLUTION
prove(batch_cost, z, claim)

# %% [markdown]
# <details><summary>The diagnosis (open when your proof says right)</summary>
#
# Line 2 is true and says less than it seems: $v$ does not feel $\mu$. But $\mu$ also stands in $z_i - \mu$, where every example meets it. Line 3
# forgets this path and holds the mean fast. With it,
#
# $$\frac{\partial \hat z_i}{\partial z_j} = \frac1s \left( [i = j] - \frac1m - \frac{\hat z_i\, \hat z_j}{m} \right)$$
#
# and so
#
# $$\frac{\partial C}{\partial z_j} = \frac1s \Big( d_j - \frac1m \sum_i d_i - \hat z_j\, \frac1m \sum_i d_i\, \hat z_i \Big)$$
#
# *Looks wrong, is right:* line 2: a derivative that is 0 for every batch.
#
# *Popular wrong repair:* give the mean its path, and then take $s$ for a constant. Each of the two paths alone is wrong; the same shift of all $z$
# and the same stretch of all $z$ must both be without effect (the stretch, but for $\varepsilon$).
#
# </details>

# %% [markdown]
# ## Case 8: a convolution
#
# A kernel of $K$ numbers slides over a signal of $n$ numbers. Wherever it lies inside, entry by entry is multiplied and added up.
#
# | | line |
# |--:|:--|
# | **1** | $y_i = \sum_{a=0}^{K-1} k_a\, x_{i+a}$ for $i = 0, \dots, n - K$; $\;g_i = \dfrac{\partial C}{\partial y_i}$ |
# | **2** | $\dfrac{\partial y_i}{\partial x_t} = k_{t-i}$ if $0 \le t - i < K$, else 0 |
# | **3** | $\dfrac{\partial C}{\partial x_t} = \sum_i g_i\, k_{t-i}$, over the $i$ for which $k$ has that place |
# | **4** | lay $K - 1$ zeros to either side of $g$ and call it $\hat g$, so that $\hat g_j = g_{j-K+1}$. Then it is the forward pass again: $\;\dfrac{\partial C}{\partial x_t} = \sum_{a=0}^{K-1} k_a\, \hat g_{t+a}$ |
# | **5** | $\dfrac{\partial C}{\partial k_a} = \sum_i g_i\, x_{i+a}$ |
# | **6** | so that, too, is the forward pass again: $g$ slides over $x$ as if it were the kernel |

# %% [markdown]
# ### 11.15 verdict_convolution · •• · 3 min · 1 point
#
# Line 1 to 6, or 0.

# %%
# BEGIN SOLUTION
verdict_convolution = 4
# END SOLUTION

# %%
bp.check("11.15", verdict_convolution)

# %% [markdown]
# ### 11.16 repair_convolution · ••• · 7 min · 3 points
#
# Now in two dimensions: $y_{ij} = \sum_{a,b} k_{ab}\, x_{i+a,\, j+b}$ wherever the kernel lies inside. Return `[dx, dk]`: `x` is $(h, w)$, `k`
# $(p, q)$, `g` $= \partial C/\partial y$ has shape $(h - p + 1,\, w - q + 1)$.


# %%
def repair_convolution(x, k, g):
    """[∂C/∂x, ∂C/∂k]; x (h, w), k (p, q), g (h - p + 1, w - q + 1)."""
    # BEGIN SOLUTION
    dx, dk = np.zeros(x.shape), np.zeros(k.shape)
    rows, columns = g.shape
    for a, b in np.ndindex(k.shape):
        dx[a : a + rows, b : b + columns] += k[a, b] * g
        dk[a, b] = np.sum(g * x[a : a + rows, b : b + columns])
    return [dx, dk]
    # END SOLUTION


# %%
bp.check("11.16", repair_convolution)

# %% [markdown]
# **Prove it**: claim the first part of your answer for `image`, `kernel` and `g`.

# %%
image, kernel, g = rng.normal(size=(5, 4)), rng.normal(size=(3, 2)), rng.normal(size=(3, 3))


def slide_cost(image, kernel):
    """Σ g ⊙ y, where y is the kernel slid over the image."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.sum(g * np.einsum("ijab,ab->ij", windows, kernel))


# BEGIN SOLUTION
claim = repair_convolution(image, kernel, g)[0]
# END SOLUTION
prove(lambda x: slide_cost(x, kernel), image, claim)

# %% [markdown]
# <details><summary>The diagnosis (open when your proof says right)</summary>
#
# Line 3 has $k_{t-i}$: as $i$ grows, the index of $k$ falls. Line 4 lets both grow. Put in what $\hat g$ is: with $i = t + a - K + 1$ the entry
# beside $\hat g_{t+a}$ must be $k_{t-i} = k_{K-1-a}$, the kernel turned round:
#
# $$\frac{\partial C}{\partial x_t} = \sum_{a=0}^{K-1} k_{K-1-a}\, \hat g_{t+a}$$
#
# *Looks wrong, is right:* line 6: $g_i$ and $x_{i+a}$ run the same way, so nothing is turned.
#
# *Popular wrong repair:* turn both round, "because it is a convolution"; or transpose the kernel. In two dimensions the kernel is turned in its rows
# **and** its columns, which is no transpose. A loop that adds to the window it has read needs no turning at all: `dx[window] += k[a, b] * g`.
#
# </details>

# %% [markdown]
# ## Case 9: a table that is read by token
#
# A text is a list of $n$ tokens, each the number of a word, and a table $E$ has a row of $d$ numbers for each word. The first layer of a language
# net looks rows up. Programs stand in some lines; they are numpy's.
#
# | | line |
# |--:|:--|
# | **1** | $X_i = E_{t_i}$: row $i$ of $X$ is the row of the table that token $t_i$ names; $\;G = \dfrac{\partial C}{\partial X}$ |
# | **2** | $X = T E$, where $T_{iw} = [t_i = w]$ |
# | **3** | $\dfrac{\partial C}{\partial E} = T^\top G$ |
# | **4** | row by row: $\;\dfrac{\partial C}{\partial E_w} = \displaystyle\sum_{i:\, t_i = w} G_i$, and 0 for a word that no token names |
# | **5** | as a loop: `dE = np.zeros_like(E)`, then for every $i$: `dE[t[i]] += G[i]` |
# | **6** | the same without a loop: `dE = np.zeros_like(E)`, then `dE[t] += G` |
# | **7** | a step: `E -= eta * dE` |

# %% [markdown]
# ### 11.17 verdict_embedding · •• · 3 min · 1 point
#
# Line 1 to 7, or 0. Here a line of program is wrong if it does not compute what the lines above it ask for.

# %%
# BEGIN SOLUTION
verdict_embedding = 6
# END SOLUTION

# %%
bp.check("11.17", verdict_embedding)

# %% [markdown]
# ### 11.18 repair_embedding · • · 3 min · 1 point
#
# `t` is an array of $n$ integers, `G` is $(n, d)$, `words` the number of rows of the table. Return $\partial C / \partial E$, (words, $d$).


# %%
def repair_embedding(t, G, words):
    """∂C/∂E; t (n,) integers, G (n, d) = ∂C/∂X → (words, d)."""
    # BEGIN SOLUTION
    dE = np.zeros((words, G.shape[1]))
    for i, token in enumerate(t):
        dE[token] += G[i]
    return dE
    # END SOLUTION


# %%
bp.check("11.18", repair_embedding)

# %% [markdown]
# **Prove it**: claim `repair_embedding(text, G, 4)`.

# %%
text, table, G = np.array([2, 0, 2, 3, 2]), rng.normal(size=(4, 3)), rng.normal(size=(5, 3))


def lookup_cost(table):
    """Σ G ⊙ X, where X holds the rows that the text names."""
    return np.sum(G * table[text])


# BEGIN SOLUTION
claim = repair_embedding(text, G, 4)
# END SOLUTION
prove(lookup_cost, table, claim)

# %% [markdown]
# <details><summary>The diagnosis (open when your proof says right)</summary>
#
# `dE[t] += G` reads all the rows `dE[t]` first, adds, and then writes them back one after another. A word that comes twice is read twice as 0, and
# its second sum overwrites the first. It is `=` where `+=` was written. Right are the loop, $T^\top G$, and
#
# ```python
# np.add.at(dE, t, G)
# ```
#
# *Looks wrong, is right:* line 3: a matrix product for a lookup. It costs more, and is the definition.
#
# *Popular wrong repair:* divide by the number of times that a word comes. A word's row is used again and again; lesson 09's theorem says sum, not mean.
#
# </details>

# %% [markdown]
# ## Case 10: attention
#
# $n$ queries, $m$ keys and $m$ values, a token in each **row**: $Q$ is $(n, d)$, $K$ $(m, d)$, $V$ $(m, e)$. Each query gets a mean of the values,
# weighted by how well it fits each key.
#
# | | line |
# |--:|:--|
# | **1** | $S = \dfrac{Q K^\top}{\sqrt d}$, $\;P$ = softmax of each row of $S$, $\;O = PV$; $\;G = \dfrac{\partial C}{\partial O}$ |
# | **2** | $\dfrac{\partial C}{\partial V} = P^\top G$ |
# | **3** | $D = \dfrac{\partial C}{\partial P} = G V^\top$ |
# | **4** | $H_{ij} = \dfrac{\partial C}{\partial S_{ij}} = P_{ij} \left( D_{ij} - r_i \right)$ with $r_i = \displaystyle\sum_c G_{ic}\, O_{ic}$ |
# | **5** | back through the product of queries and keys: $\;\dfrac{\partial C}{\partial Q} = H K$ |
# | **6** | and $\;\dfrac{\partial C}{\partial K} = H^\top Q$ |

# %% [markdown]
# ### 11.19 verdict_attention · •• · 3 min · 1 point
#
# Line 1 to 6, or 0.

# %%
# BEGIN SOLUTION
verdict_attention = 5
# END SOLUTION

# %%
bp.check("11.19", verdict_attention)

# %% [markdown]
# ### 11.20 repair_attention · ••• · 7 min · 3 points
#
# Return `[dQ, dK, dV]`. Shapes as above, `G` $= \partial C / \partial O$ is $(n, e)$. `bp.softmax` is there; it takes columns.


# %%
def repair_attention(Q, K, V, G):
    """[∂C/∂Q, ∂C/∂K, ∂C/∂V]; Q (n, d), K (m, d), V (m, e), G (n, e)."""
    # BEGIN SOLUTION
    root = np.sqrt(Q.shape[1])
    P = bp.softmax((Q @ K.T / root).T).T
    D = G @ V.T
    H = P * (D - (P * D).sum(axis=1, keepdims=True))
    return [H @ K / root, H.T @ Q / root, P.T @ G]
    # END SOLUTION


# %%
bp.check("11.20", repair_attention)

# %% [markdown]
# **Prove it** for the keys: claim the second part.

# %%
Q, K = rng.normal(size=(4, 3)), rng.normal(size=(2, 3))
V, G = rng.normal(size=(2, 5)), rng.normal(size=(4, 5))


def attention_cost(Q, K, V):
    """Σ G ⊙ O; bp.softmax works down columns, so the scores are turned twice."""
    return np.sum(G * (bp.softmax((Q @ K.T / np.sqrt(Q.shape[1])).T).T @ V))


# BEGIN SOLUTION
claim = repair_attention(Q, K, V, G)[1]
# END SOLUTION
prove(lambda K: attention_cost(Q, K, V), K, claim)

# %% [markdown]
# <details><summary>The diagnosis (open when your proof says right)</summary>
#
# $H$ is the slope at $S$, and $S$ is the product **divided by** $\sqrt d$. Line 5 goes back through the product and leaves the division out; so does
# line 6:
#
# $$\frac{\partial C}{\partial Q} = \frac{H K}{\sqrt d}, \qquad \frac{\partial C}{\partial K} = \frac{H^\top Q}{\sqrt d}$$
#
# For the matrices that make queries and keys this is a learning rate $\sqrt d$ times too large, and such a net trains. For what lies before them the
# direction is wrong as well.
#
# *Looks wrong, is right:* line 4. $\sum_k P_{ik} D_{ik} = \sum_k P_{ik} \sum_c G_{ic} V_{kc} = \sum_c G_{ic} O_{ic}$: exchange the two sums.
#
# *Popular wrong repair:* put the root into $G$, or into every line. Then $\partial C/\partial V$ is wrong, which was right.
#
# </details>

# %% [markdown]
# ## Case 11: cross-entropy with smoothed labels
#
# Some soften their targets, so that a net is not driven to be ever more sure. There are $n$ classes; $y$ is one-hot; $\alpha$ is a small number.
#
# | | line |
# |--:|:--|
# | **1** | $p = \mathrm{softmax}(z)$, $\;C = -\displaystyle\sum_{k=1}^{n} q_k \ln p_k$ with smoothed targets $q_k = (1 - \alpha)\, y_k + \dfrac{\alpha}{n}\, (1 - y_k)$ |
# | **2** | $\dfrac{\partial \ln p_k}{\partial z_j} = [k = j] - p_j$ |
# | **3** | $\delta_j = \dfrac{\partial C}{\partial z_j} = -\displaystyle\sum_k q_k \left( [k = j] - p_j \right)$ |
# | **4** | and so, as for any targets of a softmax: $\;\delta_j = p_j - q_j$ |
# | **5** | a check: to add a number to all $z_j$ changes no $p_k$, so $\displaystyle\sum_j \delta_j = 0$ |
# | **6** | a second check: with $\alpha = 0$ it is the $\delta$ without smoothing, $p_j - y_j$ |

# %% [markdown]
# ### 11.21 verdict_smoothing · •• · 3 min · 1 point
#
# Line 1 to 6, or 0.

# %%
# BEGIN SOLUTION
verdict_smoothing = 4
# END SOLUTION

# %%
bp.check("11.21", verdict_smoothing)

# %% [markdown]
# ### 11.22 repair_smoothing · •• · 4 min · 2 points
#
# Return $\delta$ for $m$ examples: `z` and `Y` are $(n, m)$, `alpha` a number → $(n, m)$. The cost is the one of line 1, as it stands. No $1/m$.


# %%
def repair_smoothing(z, Y, alpha):
    """δ at the output; z (n, m), one-hot Y (n, m) → (n, m)."""
    # BEGIN SOLUTION
    q = (1 - alpha) * Y + alpha / len(Y) * (1 - Y)
    return bp.softmax(z) * q.sum(axis=0) - q
    # END SOLUTION


# %%
bp.check("11.22", repair_smoothing)

# %% [markdown]
# **Prove it**: claim `repair_smoothing(z, y, 0.3)`.

# %%
z, y = rng.normal(size=(4, 1)), np.eye(4)[:, [1]]


def smooth_cost(z):
    """The cost of line 1 with α = 0.3."""
    return -np.sum((0.7 * y + 0.3 / 4 * (1 - y)) * np.log(bp.softmax(z)))


# BEGIN SOLUTION
claim = repair_smoothing(z, y, 0.3)
# END SOLUTION
prove(smooth_cost, z, claim)

# %% [markdown]
# <details><summary>The diagnosis (open when your proof says right)</summary>
#
# Split the sum of line 3. The term $k = j$ gives $-q_j$; the rest gives $p_j \sum_k q_k$. Lesson 04's $a - y$ drops that last sum, for targets that add
# up to 1, and 04.8 kept it for counts. These add up to $1 - \alpha/n$: the right class was left without its own share of $\alpha$. For **this** cost
#
# $$\delta_j = p_j \sum_k q_k - q_j \tag{softmax error for any targets}$$
#
# Line 5 would have told: the printed $\delta$ add up to $\alpha/n$.
#
# *Looks wrong, is right:* line 1. It may not be the smoothing that its author had in mind, $q_k = (1 - \alpha)\, y_k + \alpha/n$. But a definition
# is never wrong.
#
# *Popular wrong repair:* to mend the definition. That gives a right gradient, of another cost; a check against line 1 refuses it.
#
# </details>

# %% [markdown]
# ## Case 12: a recurrent net, piece by piece
#
# One weight matrix $W$ is used at every moment $t$: the state $h_t$ comes from the state before and from an input $x_t$, and has a cost of its own.
# For long sequences somebody wants to save memory, and cuts after moment $\tau$.
#
# | | line |
# |--:|:--|
# | **1** | $h_t = \tanh(z_t)$ with $z_t = W h_{t-1} + x_t$ for $t = 1, \dots, T$; the cost is $C = A + B$ with $A = \displaystyle\sum_{t \le \tau} C_t(h_t)$ and $B = \displaystyle\sum_{t > \tau} C_t(h_t)$ |
# | **2** | with $g_t = \dfrac{\partial C_t}{\partial h_t}$ and $\delta_t = \dfrac{\partial C}{\partial z_t}$: $\;\delta_t = \left( g_t + W^\top \delta_{t+1} \right) \odot (1 - h_t^2)$, and $\delta_{T+1} = 0$ |
# | **3** | $\dfrac{\partial C}{\partial W} = \displaystyle\sum_{t=1}^{T} \delta_t\, h_{t-1}^\top$ |
# | **4** | for the first piece line 2 is started at $\tau$, as if nothing came after: $\;\delta^A_{\tau+1} = 0$ and $\dfrac{\partial A}{\partial W} = \displaystyle\sum_{t \le \tau} \delta^A_t\, h_{t-1}^\top$ |
# | **5** | for the second piece $h_\tau$ is what the first has computed, a number that is known: $\;\dfrac{\partial B}{\partial W} = \displaystyle\sum_{t > \tau} \delta_t\, h_{t-1}^\top$ |
# | **6** | so, with the memory of one piece at a time: $\;\dfrac{\partial C}{\partial W} = \dfrac{\partial A}{\partial W} + \dfrac{\partial B}{\partial W}$, exactly the sum of lines 4 and 5 |

# %% [markdown]
# ### 11.23 verdict_truncated · •• · 3 min · 1 point
#
# Line 1 to 6, or 0.

# %%
# BEGIN SOLUTION
verdict_truncated = 5
# END SOLUTION

# %%
bp.check("11.23", verdict_truncated)

# %% [markdown]
# ### 11.24 repair_truncated · ••• · 7 min · 3 points
#
# Return $\partial B / \partial W$, exactly. `W` is $(n, n)$; `h` is $(n, T + 1)$ with $h_t$ in column $t$, $h_0$ included; `g` is $(n, T)$ with
# $g_t$ in column $t - 1$; `tau` is $\tau$.


# %%
def repair_truncated(W, h, g, tau):
    """∂B/∂W; W (n, n), h (n, T + 1), g (n, T), 0 < tau < T → (n, n)."""
    # BEGIN SOLUTION
    dW, back = np.zeros(W.shape), np.zeros(len(W))
    for t in range(g.shape[1], 0, -1):
        if t > tau:
            back = back + g[:, t - 1]
        delta = back * (1 - h[:, t] ** 2)
        dW += np.outer(delta, h[:, t - 1])
        back = W.T @ delta
    return dW
    # END SOLUTION


# %%
bp.check("11.24", repair_truncated)

# %% [markdown]
# **Prove it**: claim `repair_truncated(W, run_through(W), g, 2)`.

# %%
W, inputs, g = 0.7 * rng.normal(size=(3, 3)), rng.normal(size=(3, 5)), rng.normal(size=(3, 5))


def run_through(W):
    """h_0 = 0, h_1, …, h_5 as columns."""
    h = [np.zeros(3)]
    for x in inputs.T:
        h.append(np.tanh(W @ h[-1] + x))
    return np.stack(h, axis=1)


def second_piece(W):
    """B for τ = 2: the costs of moments 3, 4 and 5."""
    return np.sum(g[:, 2:] * run_through(W)[:, 3:])


# BEGIN SOLUTION
claim = repair_truncated(W, run_through(W), g, 2)
# END SOLUTION
prove(second_piece, W, claim)

# %% [markdown]
# <details><summary>The diagnosis (open when your proof says right)</summary>
#
# $h_\tau$ is a number that is known, and it is a function of $W$. Nudge $W$, and it moves, and $B$ with it. Line 5 holds it fast. The way back has
# to run to the first moment, with no more costs on its way:
#
# $$\begin{aligned} \frac{\partial B}{\partial W} &= \sum_{t=1}^{T} \delta^B_t\, h_{t-1}^\top, \\ \delta^B_t &= \left( W^\top \delta^B_{t+1} \right) \odot (1 - h_t^2) \text{ for } t \le \tau \end{aligned}$$
#
# What lines 4 and 5 describe is **truncated** backpropagation through time. It is useful, it saves memory, and it is not exact, as line 6 says it is.
#
# *Looks wrong, is right:* line 4: it cuts the net off, but on the side where $A$ does not see it.
#
# *Popular wrong repair:* to let one error over the cut, $W^\top \delta_{\tau+1}$ into moment $\tau$, and stop there. That is nearer, and as little
# exact.
#
# </details>

# %% [markdown]
# ## Case 13: layer normalisation
#
# As in case 7, numbers are brought to mean 0 and variance 1. But now each **example** is normalised by itself, over its $n$ neurons: what it becomes
# does not depend on who else is in the batch.
#
# | | line |
# |--:|:--|
# | **1** | each example, a column $x$ of $n$ numbers, by itself: $\mu$ is its mean, $v$ its variance, $s = \sqrt{v + \varepsilon}$, $\;\hat x_i = (x_i - \mu)/s$, $\;y_i = \gamma_i \hat x_i + \beta_i$; $\;\gamma$ and $\beta$ serve all columns; $\;g_i = \partial C/\partial y_i$ |
# | **2** | $\dfrac{\partial C}{\partial \gamma_i}$ is the sum of $g_i\, \hat x_i$ over all columns, and $\dfrac{\partial C}{\partial \beta_i}$ that of $g_i$ |
# | **3** | with $d_i = \dfrac{\partial C}{\partial \hat x_i} = \gamma_i\, g_i$ and $\dfrac{\partial s}{\partial x_j} = \dfrac{\hat x_j}{n}$, in which the mean plays no part |
# | **4** | $\dfrac{\partial \hat x_i}{\partial x_j} = \dfrac1s \left( [i = j] - \dfrac1n - \dfrac{\hat x_i\, \hat x_j}{n} \right)$ |
# | **5** | so, in each column: $\;\dfrac{\partial C}{\partial x_j} = \dfrac1s \left( d_j - \frac1n \sum_i d_i - \hat x_j\, \frac1n \sum_i d_i\, \hat x_i \right)$ |
# | **6** | a check: in each column $\sum_j \partial C/\partial x_j = 0$ |

# %% [markdown]
# ### 11.25 verdict_layer_norm · •• · 3 min · 1 point
#
# Line 1 to 6, or 0.

# %%
# BEGIN SOLUTION
verdict_layer_norm = 0
# END SOLUTION

# %%
bp.check("11.25", verdict_layer_norm)

# %% [markdown]
# ### 11.26 repair_layer_norm · •• · 5 min · 2 points
#
# Return `[dx, dγ]` for $m$ examples: `x` and `g` are $(n, m)$, `gamma` is $(n, 1)$, `epsilon` a number; `dx` is $(n, m)$, `dγ` $(n, 1)$.


# %%
def repair_layer_norm(x, gamma, g, epsilon):
    """[∂C/∂x, ∂C/∂γ]; x (n, m), gamma (n, 1), g (n, m) = ∂C/∂y."""
    # BEGIN SOLUTION
    centred = x - x.mean(axis=0)
    s = np.sqrt((centred**2).mean(axis=0) + epsilon)
    x_hat, d = centred / s, gamma * g
    dx = (d - d.mean(axis=0) - x_hat * (d * x_hat).mean(axis=0)) / s
    return [dx, (g * x_hat).sum(axis=1, keepdims=True)]
    # END SOLUTION


# %%
bp.check("11.26", repair_layer_norm)

# %% [markdown]
# **Prove it**: claim the first part for `x`, `scale`, `G` and `eps`.

# %%
x, G = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
scale = rng.uniform(0.5, 2, size=(4, 1))


def layer_cost(x):
    """Σ G ⊙ y for four neurons and three examples."""
    u = x - np.mean(x, 0)
    return np.sum(G * scale * u / np.sqrt(np.mean(u**2, 0) + eps))


# BEGIN SOLUTION
claim = repair_layer_norm(x, scale, G, eps)[0]
# END SOLUTION
prove(layer_cost, x, claim)

# %% [markdown]
# <details><summary>The diagnosis (open when your proof says right)</summary>
#
# **Nothing is wrong.** Every line holds for every $x$, $\gamma$, $G$ and $\varepsilon$, and your check has confirmed line 5.
#
# *Three lines look wrong.* Line 2 has no $1/m$: it came in with $g$. Line 3 drops the mean, as line 2 of case 7 did; it speaks of $s$ alone, and
# line 4 then has the mean's own path, $-1/n$. Line 5 keeps $\gamma$ under the sums: over a batch one neuron's $\gamma$ may be taken out, down a
# column each number has its own.
#
# *Popular wrong repair* of what is right: to take the two means over the batch, since one has seen it so for batch normalisation. Then one example's
# gradient depends on the others, and its output does not.
#
# If you wrote a line's number here: for that line, work out both sides once more with numbers. To say "right" takes as much work as to find a fault.
#
# </details>

# %% [markdown]
# ## Case 14: a Hessian times a vector
#
# The Hessian $H$ of a cost of $n$ parameters has $n^2$ entries, more than fit into memory. Often $Hv$ is all that is wanted. Somebody gets it from
# two gradients.
#
# | | line |
# |--:|:--|
# | **1** | $g(w) = \nabla C(w)$, $\;H$ its Jacobian at $w$; wanted is $Hv$. A step along $v$ itself would be long where $v$ is long, so take its direction $u = v / \lVert v \rVert$ and $\varphi(t) = g(w + t\, u)$ |
# | **2** | by the chain rule $\varphi'(0) = H v$ |
# | **3** | central differences: $\;\varphi'(0) = \dfrac{\varphi(h) - \varphi(-h)}{2h} + O(h^2)$ |
# | **4** | so $\;H v \approx \dfrac{g(w + h\, u) - g(w - h\, u)}{2h}$: two gradients, and no matrix |
# | **5** | a check: $H$ is symmetric, so $a^\top (H b) = b^\top (H a)$ for any $a$ and $b$ |

# %% [markdown]
# ### 11.27 verdict_curvature · •• · 3 min · 1 point
#
# Line 1 to 5, or 0.

# %%
# BEGIN SOLUTION
verdict_curvature = 2
# END SOLUTION

# %%
bp.check("11.27", verdict_curvature)

# %% [markdown]
# ### 11.28 repair_curvature · •• · 4 min · 2 points
#
# `grad` is a function: it takes parameters $(n, 1)$ and returns their gradient $(n, 1)$. Return $Hv$ at `w` from two calls of it, a step of length
# `h` to either side. (On the cost that checks you, central differences are exact.)


# %%
def repair_curvature(grad, w, v, h):
    """Hv by central differences of the gradient; w and v (n, 1) → (n, 1)."""
    # BEGIN SOLUTION
    length = np.linalg.norm(v)
    u = v / length
    return length * (grad(w + h * u) - grad(w - h * u)) / (2 * h)
    # END SOLUTION


# %%
bp.check("11.28", repair_curvature)

# %% [markdown]
# **Prove it.** $Hv$ is itself a gradient: that of $g(w)^\top v$ with $v$ held fast. Claim `repair_curvature(grad, w, v, 1e-3)`.

# %%
half, w, v = rng.normal(size=(3, 3)), rng.normal(size=(3, 1)), rng.normal(size=(3, 1))


def grad(w):
    """The gradient of a cost of degree 3 in three parameters."""
    return (half + half.T) @ w + 0.5 * w**2


# BEGIN SOLUTION
claim = repair_curvature(grad, w, v, 1e-3)
# END SOLUTION
prove(lambda w: np.sum(grad(w) * v), w, claim)

# %% [markdown]
# <details><summary>The diagnosis (open when your proof says right)</summary>
#
# $\varphi$ runs along $u$, so the chain rule gives $\varphi'(0) = Hu$, and $v = \lVert v \rVert\, u$:
#
# $$H v = \lVert v \rVert\, H u \approx \lVert v \rVert\, \frac{g(w + h\, u) - g(w - h\, u)}{2h}$$
#
# Line 2 has the letter of what is wanted, not of what line 1 differentiates.
#
# *Looks wrong, is right:* line 3: nothing in it asks how long $v$ is.
#
# *Popular wrong repair:* to multiply by the length **and** step along $v$ itself. Or to divide by it: "v was normalised, so the result is".
#
# </details>

# %% [markdown]
# ## Where these hide
#
# For seven of the eight there are numbers on which a check passes the printed line. Three of them in numbers; guess first. The kernel $(1, 2, 1)$
# smooths a picture or a signal.
#
# **Guess:** how far off is line 4 of case 8 on it, and on $(1, 2, 4)$? (As the distance over the larger length.)

# %%
guess = ...  # two numbers, such as (0.5, 0.5)

# %%
rng = np.random.default_rng(11)
g, errors = rng.normal(size=6), []
for k in (np.array([1.0, 2.0, 1.0]), np.array([1.0, 2.0, 4.0])):
    right = bp.numerical_gradient(lambda x, k=k: g @ np.correlate(x, k), np.zeros(8))
    errors.append(float(apart(np.correlate(np.pad(g, 2), k), right)))
    print(k, "error", "round-off" if errors[-1] < 1e-7 else f"{errors[-1]:.2f}")
bp.beside(guess, tuple(round(error, 2) for error in errors))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# A symmetric kernel is the same turned round. Most kernels that smooth are symmetric; so is every kernel of one entry.
#
# </details>
#
# Next, a text of 1000 tokens, drawn at random from 200 words.
#
# **Guess:** which share of the length of the right $\partial C / \partial E$ is left in `dE[t] += G`?

# %%
guess = ...  # a share, such as 0.9

# %%
rng = np.random.default_rng(11)
t, G = rng.integers(200, size=1000), rng.normal(size=(1000, 8))
right, printed = np.zeros((200, 8)), np.zeros((200, 8))
np.add.at(right, t, G)
printed[t] += G
same = np.isclose(right, printed).all(axis=1) & np.isin(np.arange(200), t)
print("words that are named:", len(set(t.tolist())), "of 200; rows that are right:", int(same.sum()))
bp.beside(guess, f"{np.linalg.norm(printed) / np.linalg.norm(right):.2f}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Only words that come once have a right row. All others keep one of some five tokens, and the length shrinks by about $\sqrt 5$. Nothing complains:
# every shape is right.
#
# </details>
#
# Last, a recurrent net of 30 neurons over 40 moments, with a cost at the last moment only. The way back is stopped after some moments. Its weights
# are once scaled by 0.5, once by 1.5 (times $1/\sqrt{30}$).
#
# **Guess:** stopped after 10 moments, how far off is $\partial C/\partial W$ for each?

# %%
guess = ...  # two numbers, such as (0.1, 0.1)

# %%
missed, rng = [], np.random.default_rng(11)
for size in (0.5, 1.5):
    W, h = size * rng.normal(size=(30, 30)) / np.sqrt(30), [np.zeros(30)]
    for _ in range(40):
        h.append(np.tanh(W @ h[-1] + rng.normal(size=30)))
    back, dW, sums = rng.normal(size=30), np.zeros((30, 30)), {}
    for t in range(40, 0, -1):
        delta = back * (1 - h[t] ** 2)
        dW = dW + np.outer(delta, h[t - 1])
        back, sums[41 - t] = W.T @ delta, dW
    missed.append([float(apart(sums[steps], dW)) for steps in (1, 5, 10, 20)])
    print(f"scale {size}: off after 1, 5, 10, 20 moments:", *(f"{off:.0e}" for off in missed[-1]))
bp.beside(guess, tuple(f"{off[2]:.0e}" for off in missed))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Where the error dies out quickly, truncation costs next to nothing. Where it does not, a good part of the gradient lies beyond the cut, also after
# ten moments. "Exact" was false in both; whether it matters is a question to measure.
#
# </details>
#
# | case | the printed line passes where |
# |--:|:--|
# | 7 | the $d_i$ of the batch add up to 0 |
# | 8 | the kernel is the same turned round |
# | 9 | no word comes twice |
# | 10 | $d = 1$ |
# | 11 | $\alpha = 0$ |
# | 12 | $\tau = 1$ and $h_0 = 0$: then $h_\tau$ does not hold $W$ |
# | 14 | $v$ has length 1 |
#
# A test that somebody writes in a hurry has such numbers: one token, $d = 1$, a unit vector, $\alpha = 0$.

# %% [markdown]
# ## Recap
#
# Repaired lines, on one card; the last is of the second sitting.

# %%
by_lesson = ["BP2 in components", "BP4 in components", "BP3 in components", "update", "sparse coding, A"]
of_the_clinic = ["ICA reconstruction", "softmax error for any targets"]
bp.equations.card("tanh slope", "relu slope", *by_lesson, *of_the_clinic)

# %% [markdown]
# **Answer aloud**, then open.
#
# <details><summary>1. A net trains well with your new gradient. What do you know?</summary>
#
# That the gradient's direction has something to do with the right one: most steps went down. Nothing more. Of the six wrong gradients of the
# first sitting, all go down at first, and three of them to the very end.
#
# </details>
# <details><summary>2. A gradient passes a check at 1e-7 on the identity matrix. What do you know?</summary>
#
# That it is right there. The identity is symmetric, square, and has equal entries where it counts: a forgotten transpose, a swapped index and a
# wrong variable all pass on it. Check again on a random matrix that is not square.
#
# </details>
# <details><summary>3. Which line do you call the first wrong one, if line 5 changes a variable that line 6 needs unchanged?</summary>
#
# Line 6: line 5 does what it says, line 6 claims to be a derivative and is not. The repair may touch either: compute first, or keep the old value.
#
# </details>

# %% [markdown]
# **Classic mistakes** of the clinic itself
#
# - to call a line wrong because it is written in another convention: rows, downhill signs, a sum with the same letter;
# - to stop at the last line, where the harm shows, and not at the first, where it was done;
# - to repair until the shapes fit: a transpose here, an $s^\top$ there. Shapes are necessary, not sufficient;
# - to prove the repair on the numbers on which the printed line passed;
# - to look for a fault until one is found, also where there is none.
#
# **What comes next.** Some of the nets whose gradients you judged here you will build now. Lesson 12 normalises, leaves paths open around layers,
# and drops neurons by chance; your own repairs are its first formulas.

# %% [markdown]
# ## Words
#
# In English and Chinese. `bp.words()` lists those of the whole course.

# %%
bp.words("11")

# %% [markdown]
# **Sources.** A: 读懂反向传播算法(bp算法). P: Ge Li, Deep Learning Technology and Application, Peking University. R: bp神经网络反向传播. U: 用反向传导思想求导 (UFLDL). T:
# NumPy tutorials, Deep learning on MNIST.
