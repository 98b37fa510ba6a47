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
# Six derivations that people learn from, in print and on the web. In each at least one line does not follow. You find the first such line, repair it, and
# prove the repair. Five of the six come from the very texts that this course is built on.
#
# **You will be able to**
#
# - read a derivation line by line and say which line is the first that does not follow, and why those before it hold;
# - repair it, and prove the repair with a gradient check that owes nothing to the formula;
# - say where a wrong gradient hides: for which numbers it passes a check, and how the check must be built so that it cannot;
# - tell a line that *looks* wrong from one that *is*.
#
# **You need** the whole course: BP1 to BP4 (lessons 04 to 06), gradient checking (03), updates (07), functions of matrices as nets (09).
#
# **Time** 90 minutes: about 45 of reading, the rest is yours: six verdicts, six repairs and seven guesses.
#
# **Sources.** A: 读懂反向传播算法(bp算法), the passage on how the errors of two layers are related, with its readers' comments. P: Ge Li, Deep Learning
# Technology and Application, Peking University, section 4, the slides 反向传播算法推导. R: bp神经网络反向传播, section 反向传播, step 2. U: 用反向传导思想求导 (UFLDL, Chinese
# edition), examples 1 and 3. T: NumPy tutorials, Deep learning on MNIST, section 3 (repository numpy/numpy-tutorials, folder content). The formulas
# are theirs, the typesetting and every sentence are ours. Of A we have a copy without its pictures, of P one that a machine read: a slip below may be
# the copy's. For the right versions: Nielsen, [chapter
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
# These are good texts. They show every step, and that is why a wrong one can be found at all; a text that only states its results is safe from this
# lesson, and teaches less.
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
# Lesson 05 let a net learn with the last line: with sigmoid neurons it learnt almost as well as with BP2. Here is a layer of **tanh** neurons
# instead.
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
# The running 2-3-2 net has two outputs behind three hidden neurons, so its last layer has six weights, and $a_p$ exists for both $p$.
#
# **Guess:** line 4 gives a gradient for each of the six weights. How many of the six numbers are right?

# %%
guess = ...  # 0 to 6

# %%
net, x, y2 = bp.nets.two_three_two()
cache = bp.forward(net, x)
a1, delta2 = cache.a[1], bp.backward(net, cache, y2).delta[2]


def cost_of_W2(W2):
    """The running net's cost if its last weights were W2."""
    return net.cost(bp.sigmoid(W2 @ a1 + net.b[2]), y2)


published = np.repeat(delta2 * a1[:2], 3, axis=1)
measured = bp.numerical_gradient(cost_of_W2, net.W[2])
print("line 4\n", published, "\nmeasured\n", measured)
bp.beside(guess, int(np.isclose(published, measured, rtol=1e-5).sum()))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Two: where $p = q$, the two letters cannot be confused. In each printed row the three numbers are the same, whatever the weight comes from; in the
# measured rows they are not.
#
# </details>

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

# %%
w1, w2, b1, b2 = net.W[1].T, net.W[2].T, net.b[1].T, net.b[2].T
row, target = x.T, y2.T


def loss(w1):
    """Text R's loss of the running net, in rows."""
    return bp.quadratic(bp.sigmoid(bp.sigmoid(row @ w1 + b1) @ w2 + b2).T, target.T)


def printed_dw1(alpha):
    """What the printed loop calls dω¹: ω² has moved before line 6 reads it."""
    y1 = bp.sigmoid(row @ w1 + b1)
    error2 = (bp.sigmoid(y1 @ w2 + b2) - target) * bp.sigmoid.prime(y1 @ w2 + b2)
    moved = w2 - alpha * y1.T @ error2
    return row.T @ (bp.sigmoid.prime(row @ w1 + b1) * (error2 @ moved.T))


# %% [markdown]
# Above, the running net is turned into rows. Now let the loop find $d\omega^1$, once at each of three learning rates $\alpha$. Error means the
# distance to the measured gradient over the larger of the two lengths.
#
# **Guess:** how large is the error at $\alpha = 0.01$?

# %%
guess = ...  # a number, such as 0.5


# %%
def apart(a, b):
    """‖a - b‖ over the larger of the two norms."""
    return np.linalg.norm(a - b) / max(np.linalg.norm(a), np.linalg.norm(b))


measured = bp.numerical_gradient(loss, w1)
for alpha in (1.0, 0.1, 0.01):
    print(f"α = {alpha:4}: error of dω¹ {apart(printed_dw1(alpha), measured):.1e}")
bp.beside(guess, f"{apart(printed_dw1(0.01), measured):.1e}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# The error is proportional to $\alpha$. At the learning rates people use it lies below $10^{-2}$, and a check with that tolerance passes it. The
# last layer is right at every $\alpha$; so a check of the last layer alone passes always.
#
# </details>

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
# sum of these moves is no step of gradient descent. The loop's range has a fault, too: at $m = 1$ it asks for $\epsilon^0$, which does not exist. Lines 3 to 5
# are needed for every $m$ down to 1, line 6 for $m \ge 2$ only. And with several rows line 4 breaks the shape rule: b has one row, so the rows have to be summed.
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
# **Guess:** let $A$ be 3×2 and $s$ 2×1. What shape has the right side of line 5?

# %%
guess = ...  # two numbers, such as (1, 1)

# %%
A, s, target3 = rng.normal(size=(3, 2)), rng.normal(size=(2, 1)), rng.normal(size=(3, 1))
gamma = 0.5


def F(A):
    """Text U's sparse coding objective as a function of A."""
    return np.sum((A @ s - target3) ** 2) + gamma * np.sum(A**2)


print("A has shape", A.shape, "and so has its measured gradient:", bp.numerical_gradient(F, A).shape)
bp.beside(guess, (2 * A.T @ (A @ s - target3)).shape)

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# It has the shape of $s$. That is no accident: a gradient has the shape of its variable, and this *is* a gradient, of another variable.
#
# </details>

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
# **Prove it** on the numbers above: call your function with `A`, `s`, `target3` and `gamma`.

# %%
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
# With its dropout switched on the tutorial has a second slip: the forward pass doubles every neuron that stays, the way back does not double its
# error. That halves the first layer's learning rate, and nothing shows it.
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
    print(f"{key:2}  {erratum.title:28} {costs}   cosine {bp.clinic.compare(key).cosine:5.2f}")
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
    print(f"{key:2}  {erratum.knob:27} {ends}")
bp.plots.show(bp.plots.errata_hiding())

# %% [markdown]
# Dotted are two tolerances, $10^{-7}$ and $10^{-2}$. Read off:
#
# - A, P, U1 and U3 pass at one setting of their knob only, but it is one that people like to test on: all equal, the identity, a symmetric matrix.
# - T passes on a whole range: as long as every neuron is on.
# - R passes nowhere at $10^{-7}$, and nearly everywhere at $10^{-2}$.
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
# That is how every exercise of this course draws its inputs. Now take the bench: pick an erratum with the buttons or ↑ ↓, turn its knob with ← →,
# and watch which entries are off. Say before each move whether a check will pass.

# %%
bp.widgets.errata_bench()

# %% [markdown]
# ## The rest of the list
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

# %% [markdown]
# ## Recap
#
# The repaired lines, on one card.

# %%
by_lesson = ["BP2 in components", "BP4 in components", "BP3 in components", "update", "sparse coding, A"]
bp.equations.card("tanh slope", "relu slope", *by_lesson, "ICA reconstruction")

# %% [markdown]
# **Answer aloud**, then open.
#
# <details><summary>1. A net trains well with your new gradient. What do you know?</summary>
#
# That the gradient's direction has something to do with the right one: most steps went down. Nothing more. Of the six wrong gradients of this
# lesson, all go down at first, and three of them to the very end.
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
# - to prove the repair on the numbers on which the printed line passed.
#
# **What comes next.** Nothing is left that you have to take on trust: you can derive every gradient, write it, and check it, and you know what a
# check is worth. Take the next paper that you read, choose its central gradient, and do to it what you did here.

# %% [markdown]
# ## Words
#
# In English and Chinese. `bp.words()` lists those of the whole course.

# %%
bp.words("11")

# %% [markdown]
# **Sources.** A: 读懂反向传播算法(bp算法). P: Ge Li, Deep Learning Technology and Application, Peking University. R: bp神经网络反向传播. U: 用反向传导思想求导 (UFLDL). T:
# NumPy tutorials, Deep learning on MNIST.
