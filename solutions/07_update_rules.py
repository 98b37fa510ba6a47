# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 07 · Update rules
#
# Lesson 06 gave you every gradient. A gradient says how the cost would change; it does not say what to do. This lesson does: in which direction to
# step, how far, in what order, on how many examples, with what memory, and when to stop.
#
# **You will be able to**
#
# - prove that the step against the gradient is the best short step there is, and say what it promises;
# - say from the curvature of a cost which learning rates work, which creep and which diverge;
# - write a training step that updates after all gradients are known, and show what happens if it does not;
# - add L1 and L2 penalties, cut shuffled mini-batches, and write momentum and Adam from their formulas;
# - stop for the right reason.
#
# **You need** the total differential (lesson 02) and all gradients of a net, from `backward` (06).
#
# **Time** 95 minutes: about 40 of reading, the rest is yours: eight exercises and eight guesses.
#
# **Sources.** Ge Li's slides (P) end with the update "until $J(W, b)$ is small enough", and promise a section on training methods that never comes: it
# is written here. The order of the update is read against bp神经网络反向传播 (R), which leaves L1 and L2 out. Corresponding sections elsewhere: Nielsen,
# [chapter 1](http://neuralnetworksanddeeplearning.com/chap1.html), "Learning with gradient descent", and
# [chapter 3](http://neuralnetworksanddeeplearning.com/chap3.html), "Overfitting and regularization"; UFLDL,
# [Stochastic gradient descent](http://ufldl.stanford.edu/tutorial/supervised/OptimizationStochasticGradientDescent/); CS231n,
# [Learning and evaluation](https://cs231n.github.io/neural-networks-3/).

# %%
import numpy as np

import bpkit as bp

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# ## Where we stand
#
# The running 2-3-2 net has 17 parameters. Lay all its weights and biases into one column $v = (v_1, \dots, v_n)$, here $n = 17$, and all its gradients
# into another, $\nabla C = (\partial C/\partial v_1, \dots, \partial C/\partial v_n)$, in the same order. Its length is the root of the sum of its squares,
# $\lVert \nabla C \rVert$.

# %%
net, x, y = bp.nets.two_three_two()
grads = bp.backward(net, bp.forward(net, x), y)
start = bp.cost_of(net, x, y)
gradient = np.concatenate([g.ravel() for g in (*grads.W[1:], *grads.b[1:])])
print(f"cost {start:.4f}   parameters {gradient.size}")
print(f"‖∇C‖ {np.linalg.norm(gradient):.4f}   ‖∇C‖² {gradient @ gradient:.4f}")

# %% [markdown]
# ## Guess first: how far down?
#
# Take one step against the gradient: from each parameter, take away its own gradient, times 1. The cost is 0.3939.
#
# **Guess:** by how much does it fall? All that you need stands in the output above.

# %%
guess = ...  # a number

# %%
after = bp.sgd(net, grads, eta=1.0)
bp.beside(guess, round(start - bp.cost_of(after, x, y), 4))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Close to $\lVert \nabla C \rVert^2 = 0.1661$. That a cost's fall can be read off before the step is taken is the idea of this whole lesson. It is off a
# little, because the gradient changes while you walk.
#
# </details>

# %% [markdown]
# ## Which way is down
#
# Move the parameters by $\Delta v = (\Delta v_1, \dots, \Delta v_n)$. If $C$ is differentiable at $v$, its change is, up to an error that is small against
# the length of the step, its total differential (lesson 02):
#
# $$\Delta C \approx \sum_{i=1}^{n} \frac{\partial C}{\partial v_i}\, \Delta v_i = \underset{(1,\, n)}{(\nabla C)^\top}\; \underset{(n,\, 1)}{\Delta v}$$
#
# Among all steps of one length $r$, which makes this sum smallest? Write $g$ for $\nabla C$, assume that it is not zero, and start from a length that
# you can compute in two ways.
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $0 \le \big\lVert\, \lVert g \rVert\, \Delta v + r\, g\, \big\rVert^2$ | a sum of squares is never negative |
# | 2 | $\phantom{0} = \lVert g \rVert^2\, \lVert \Delta v \rVert^2 + 2 r\, \lVert g \rVert\, \displaystyle\sum_i g_i \Delta v_i + r^2\, \lVert g \rVert^2$ | multiplied out, entry by entry: $(p_i + q_i)^2$ is $p_i^2 + 2\, p_i q_i + q_i^2$; then summed |
# | 3 | $\phantom{0} = 2 r\, \lVert g \rVert\, \Big( r\, \lVert g \rVert + \displaystyle\sum_i g_i \Delta v_i \Big)$ | the step has length $\lVert \Delta v \rVert = r$ |
# | 4 | $\displaystyle\sum_i g_i \Delta v_i \ge -r\, \lVert g \rVert$ | divided by $2 r \lVert g \rVert$, which is above 0 |
# | 5 | equality only for $\Delta v = -r\, g / \lVert g \rVert$ | then, and only then, is the length in line 1 zero |
#
# Line 4 is the **Cauchy-Schwarz inequality**. No step of length $r$ promises more than $-r \lVert g \rVert$, and one alone promises that much: straight
# against the gradient. Let its length be a fixed multiple of the gradient's, $r = \eta \lVert g \rVert$, so that flat places get short steps. Line 5 then
# reads $\Delta v = -\eta\, g$, and line 4 says what it brings:
#
# $$\Delta C \approx -\eta\, \lVert \nabla C \rVert^2 \tag{step and cost}$$
#
# $\eta > 0$ is the **learning rate**. Sorted back into layers, with $W^l$ and its gradient of one shape $(n_l, n_{l-1})$, and $b^l$ and its own $(n_l, 1)$:
#
# $$W^l \leftarrow W^l - \eta\, \frac{\partial C}{\partial W^l}, \qquad b^l \leftarrow b^l - \eta\, \frac{\partial C}{\partial b^l} \tag{update}$$
#
# This is **gradient descent**. **With numbers:** $w^2_{12} = -2$ has the gradient $-0.0792$, so with $\eta = 1$ it becomes
# $-2 - 1 \times (-0.0792) = -1.9208$. And the whole step promises $-1 \times 0.1661$. Promises hold for short steps. How short? Measure:

# %%
print(f"w2_12: {net.W[2][0, 1]:g}, its gradient {grads.W[2][0, 1]:.4f}, stepped {after.W[2][0, 1]:.4f}\n")
print("    η    promised   measured   measured / promised")
for eta in (0.01, 0.1, 1, 10):
    change = bp.cost_of(bp.sgd(net, grads, eta=eta), x, y) - start
    promise = -eta * gradient @ gradient
    print(f"{eta:5g} {promise:11.4f} {change:10.4f} {change / promise:14.3f}")

# %% [markdown]
# The shorter the step, the better the promise is kept. At $\eta = 10$ more was promised than the cost has to give.
#
# **Guess:** throw the gradient away and step in a random direction, as far as gradient descent does with a small $\eta$. In what share of 10 000 tries
# does the cost go down, to first order? And how much does the luckiest of them promise, as a share of what the gradient's own direction does?

# %%
guess = ...  # two shares, such as "0.1 and 0.99"

# %%
rng = np.random.default_rng(0)
tries = rng.normal(size=(10_000, gradient.size))
shares = -(tries @ gradient) / np.linalg.norm(tries, axis=1) / np.linalg.norm(gradient)
down, best = (shares > 0).mean(), shares.max()
bp.beside(guess, f"{down:.2f} go down; the best promises {best:.2f} of the gradient's")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Half of all directions lead down: going down is not the art. But not one of ten thousand comes near the gradient, and this is with 17 parameters. By
# line 4 none can reach it.
#
# </details>

# %% [markdown]
# ### 07.1 gd_step · • · 4 min · 1 point
#
# The new weights after one step: `W` and `dW` of one shape $(n, k)$, `eta` a number → $(n, k)$. Make a new array: the one that you are given belongs to
# the caller, who may still need it.


# %%
def gd_step(W, dW, eta):
    """One step of gradient descent; W (n, k), dW (n, k), eta a number → new W (n, k)."""
    # BEGIN SOLUTION
    return W - eta * dW
    # END SOLUTION


# %%
bp.check("07.1", gd_step)

# %% [markdown]
# ## How far: the learning rate
#
# Near a minimum a smooth cost looks like a parabola. Take the plainest: one parameter, $C = \frac12 c\, w^2$ with **curvature** $c > 0$. Its gradient is
# $c\,w$, so a step is
#
# $$w \leftarrow w - \eta\, c\, w = (1 - \eta c)\, w$$
#
# Each step multiplies the distance to the minimum by the same factor $1 - \eta c$. Everything follows from its size:
#
# | | factor | what you see |
# |:--|:--|:--|
# | $0 < \eta c < 1$ | between 0 and 1 | walks down on one side |
# | $\eta c = 1$ | 0 | there in one step |
# | $1 < \eta c < 2$ | between -1 and 0 | jumps across and back, and still gets nearer |
# | $\eta c > 2$ | below -1 | each jump is longer than the last: **diverges** |
#
# With two parameters and $C = \frac12 (c_1 w_1^2 + c_2 w_2^2)$ each has its own factor, $1 - \eta c_1$ and $1 - \eta c_2$, but $\eta$ is one. Equal
# curvatures make a bowl; unequal ones a **ravine**. Here is one with $c_1 = 1$ along the valley and $c_2 = 25$ across.


# %%
def descend(start, eta, mu=0.0, steps=30, c=(1.0, 25.0)):
    """The path of gradient descent on ½ (c1 w1² + c2 w2²); mu comes later in the lesson."""
    w, v = np.array(start, dtype=float), np.zeros(2)
    path = [w]
    for _ in range(steps):
        v = mu * v - eta * np.multiply(c, w)
        w = w + v
        path.append(w)
    return np.array(path)


def height(path, c=(1.0, 25.0)):
    """The cost at each point of a path."""
    return np.sum(c * path**2, axis=1) / 2


# %% [markdown]
# **Guess:** start at $(-9, 1.5)$, where the cost is 68.6, and take 30 steps. Which $\eta$ ends lowest: 0.02, 0.075 or 0.082?

# %%
guess = ...  # 0.02, 0.075 or 0.082

# %%
paths = {f"η = {eta:g}": descend((-9, 1.5), eta) for eta in (0.02, 0.075, 0.082)}
for name, path in paths.items():
    print(f"{name:10s} cost {height(path)[0]:.1f} → {height(path)[-1]:.3g}")
bp.plots.show(bp.plots.descent(paths, (1, 25)))
bp.beside(guess, min(paths, key=lambda name: height(paths[name])[-1]))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# 0.02 is across the valley at once and then creeps along it: its factor there is $1 - 0.02 = 0.98$. 0.075 jumps from side to side, each jump shorter by
# $1 - 1.875 = -0.875$, and makes better way along. 0.082 is a tenth longer, and too long: $1 - 2.05 = -1.05$.
#
# </details>
#
# - **The steepest direction sets the limit**: $\eta < 2 / c_{\max}$, here $2/25 = 0.08$. A cost that grows from step to step means: $\eta$ is too large.
# - **The flattest sets the time**: below that limit its factor is above $1 - 2 c_{\min}/c_{\max}$.
# - The best single $\eta$ makes both factors equally small in size, $1 - \eta c_{\min} = \eta c_{\max} - 1$. So $\eta = 2/(c_{\min} + c_{\max})$, and the
#   common factor is $(\kappa - 1)/(\kappa + 1)$ with $\kappa = c_{\max}/c_{\min}$. For $\kappa = 25$ that is 0.923 a step; for $\kappa = 1000$ it is 0.998.
#
# Ravines are the rule in nets: one weight moves all examples, another hardly any. Most of what follows is about walking in ravines.

# %% [markdown]
# ## Only when all gradients are known
#
# Text R gives the way back as a loop over the layers, from the last to the first. In each pass it computes the layer's gradients, **updates the layer's
# weights**, and then sends the error on through them, to the layer before.
#
# Lesson 06 measured what that does: the last layer's gradient is right, for it is computed before anything moves. Those before it are off, in proportion to
# $\eta$, so little that a gradient check with a loose tolerance lets them pass.
#
# BP2 was proved with the weights that made the forward pass, the very ones. So a training step has two phases: **first compute, then change**. The same
# goes for the order of the layers and for weights and biases: all gradients belong to one net, the old one.

# %% [markdown]
# ### 07.2 train_step · •• · 10 min · 3 points
#
# One training step for sigmoid layers and the quadratic cost: `W` and `b` are lists with `None` at index 0, `x` is $(n_0, m)$, `y` is $(n_L, m)$. Return
# `[new_W, new_b]`, two lists of the same form, and leave the old ones as they are. Bring your `backprop` of 06.5 into this cell, or write the way back anew.
# You may call `bp.sigmoid`.


# %%
def train_step(W, b, x, y, eta):
    """One step of gradient descent: the lists W, b → the new lists [W, b]."""
    # BEGIN SOLUTION
    L, a = len(W) - 1, [x]
    for l in range(1, L + 1):
        a.append(bp.sigmoid(W[l] @ a[l - 1] + b[l]))
    delta = [None] * (L + 1)
    delta[L] = (a[L] - y) * a[L] * (1 - a[L])
    for l in range(L - 1, 0, -1):
        delta[l] = (W[l + 1].T @ delta[l + 1]) * a[l] * (1 - a[l])
    new_W, new_b = list(W), list(b)
    for l in range(1, L + 1):
        new_W[l] = W[l] - eta * delta[l] @ a[l - 1].T / x.shape[1]
        new_b[l] = b[l] - eta * delta[l].mean(axis=1, keepdims=True)
    return [new_W, new_b]
    # END SOLUTION


# %%
bp.check("07.2", train_step)

# %% [markdown]
# ## Penalties: L2 and L1
#
# Text R's update carries the remark that L1 and L2 are left out (it calls them 回归, regression; the word is 正则化, **regularisation**). They add a price on
# large weights to the cost. A bias has no price: it shifts a neuron and does not make it more sensitive to its inputs.
#
# **L2** adds $\frac{\lambda}{2} \sum w^2$, summed over all weights, with a strength $\lambda \ge 0$. Differentiate with respect to one weight: all other
# terms of the sum are constant, and its own gives $\frac{\lambda}{2} \cdot 2 w = \lambda w$. (The $\frac12$ is there to meet the 2.) In matrices, all
# terms of shape $(n_l, n_{l-1})$:
#
# $$W^l \leftarrow W^l - \eta \left( \frac{\partial C}{\partial W^l} + \lambda\, W^l \right) \tag{update with L2}$$
#
# Sorted otherwise it reads $(1 - \eta\lambda)\, W^l - \eta\, \partial C/\partial W^l$: each weight first shrinks by the same *share*. Hence the name
# **weight decay**.
#
# **L1** adds $\lambda \sum \lvert w \rvert$. The slope of $\lvert w \rvert$ is $+1$ for $w > 0$ and $-1$ for $w < 0$, whatever the size of $w$. At $w = 0$
# there is a kink and no derivative; we agree on 0 there, as for relu. In one word, $\mathrm{sign}(w)$:
#
# $$W^l \leftarrow W^l - \eta \left( \frac{\partial C}{\partial W^l} + \lambda\, \mathrm{sign}(W^l) \right) \tag{update with L1}$$
#
# So L1 takes the same *amount* from each weight.
#
# **Guess:** no data, only the penalty: three weights 2, 0.5 and -0.1, and $\eta\lambda = 0.03$. After 100 steps, what has L1 made of the third one?

# %%
guess = ...  # a number

# %%
l1 = l2 = np.array([2.0, 0.5, -0.1])
for t in range(1, 101):
    l1, l2 = l1 - 0.03 * np.sign(l1), l2 - 0.03 * l2
    if t in (1, 5, 20, 100):
        print(f"after {t:3d} steps   L1 {np.round(l1, 3)}   L2 {np.round(l2, 3)}")
bp.beside(guess, round(l1[2], 3))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Not 0: the step has a fixed size, so it jumps over 0 and back, for ever, and stays within 0.03 of it. (Exact zeros take a rule that stops at 0.) L1 takes
# every weight down to about 0 in a number of steps that you can count; L2 slows down as a weight gets small, and hits hardest where weights are large.
#
# </details>

# %% [markdown]
# ### 07.3 l2_step · •• · 6 min · 1 point
#
# One step with L2. `W` and `dW` are $(n, k)$, `b` and `db` are $(n, 1)$, `eta` and `lam` numbers. `dW` and `db` are the gradients of the cost *without*
# the penalty. Return `[new_W, new_b]`.


# %%
def l2_step(W, b, dW, db, eta, lam):
    """One step with the penalty lam/2 · Σ w²; returns [new W (n, k), new b (n, 1)]."""
    # BEGIN SOLUTION
    return [W - eta * (dW + lam * W), b - eta * db]
    # END SOLUTION


# %%
bp.check("07.3", l2_step)

# %% [markdown]
# ### 07.4 l1_step · • · 5 min · 1 point
#
# The same with L1, for the weights alone: `W` and `dW` are $(n, k)$ → $(n, k)$. A weight may be exactly 0.


# %%
def l1_step(W, dW, eta, lam):
    """One step with the penalty lam · Σ |w|; W (n, k), dW (n, k) → new W (n, k)."""
    # BEGIN SOLUTION
    return W - eta * (dW + lam * np.sign(W))
    # END SOLUTION


# %%
bp.check("07.4", l1_step)

# %% [markdown]
# ## Fewer examples, more steps: mini-batches
#
# $C$ is a mean over the training examples, so its gradient is a mean of their gradients (the one $1/m$ of lesson 06). A mean can be estimated from a
# sample. Take $s$ of the $N$ examples at random, a **mini-batch**, and step along the mean of *their* gradients: **stochastic gradient descent**.
#
# - It is right on average: each example has the same chance to be in the batch, so the mean over all possible batches is the full gradient.
# - It is noisy. For $s$ independent draws from numbers with standard deviation $\tau$, the mean has $\tau/\sqrt{s}$. (Variances add, $s \tau^2$; the mean
#   divides by $s$, its variance by $s^2$.) Four times the work buys half the noise.
#
# Look at it on the 8×8 digits, which lesson 08 is about: 1442 examples, a fresh 64-20-10 net with softmax and cross-entropy, the gradient of its first layer.

# %%
digits = bp.data.digits().train
images, targets = digits.x, np.eye(10)[:, digits.labels]
rng = np.random.default_rng(1)
fresh = bp.init([64, 20, 10], output=bp.softmax, cost=bp.cross_entropy, rng=rng)


def gradient_on(chosen):
    """∂C/∂W1 of the fresh net, on the chosen examples."""
    return bp.backward(fresh, bp.forward(fresh, images[:, chosen]), targets[:, chosen]).W[1]


# %% [markdown]
# **Guess:** how far is the gradient on 10 random examples from the gradient on all 1442, as a multiple of the full gradient's length?

# %%
guess = ...  # a number, such as 0.1

# %%
full, off = gradient_on(np.arange(1442)), {}
for size in (10, 40, 160, 640):
    draws = [gradient_on(rng.permutation(1442)[:size]) - full for _ in range(40)]
    off[size] = np.mean([np.linalg.norm(d) for d in draws]) / np.linalg.norm(full)
    print(f"{size:4d} examples: off by {off[size]:.2f} times the full gradient's length")
bp.beside(guess, round(off[10], 1))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# The error is longer than the gradient itself! And each step down the table takes four times the examples and halves it (at 640 a little more, since
# nearly half of all examples are in).
#
# </details>
#
# Is such a gradient good for anything? Give both kinds of training one **epoch**, which is one look at every example: one step with all of them, or 145
# steps with 10 each.

# %%
runs, settings = {}, {"epochs": 1, "eta": 0.5, "progress": False}
for name, size in (("1442 at once", 1442), ("100 at a time", 100), ("10 at a time", 10)):
    trained, costs, rng = fresh, [bp.cost_of(fresh, images, targets)], np.random.default_rng(0)
    for _ in range(5):
        trained, _ = bp.fit(trained, images, targets, batch_size=size, rng=rng, **settings)
        costs.append(bp.cost_of(trained, images, targets))
    runs[name] = costs
    print(f"{name:13s} cost {costs[0]:.2f}, after 1 epoch {costs[1]:.2f}, after 5 {costs[5]:.2f}")

# %%
bp.plots.show(bp.plots.cost_by_step(runs, xlabel="epochs: looks at every example"))

# %% [markdown]
# The same work, and the noisy steps are far ahead, because there are so many of them: their errors point everywhere and cancel, what they have in common
# adds up. So an epoch goes: shuffle the examples, cut them into batches, take a step for each. Shuffling matters: data often comes sorted by class, and a
# batch of nothing but sevens teaches "seven".

# %% [markdown]
# ### 07.5 minibatches · •• · 8 min · 2 points
#
# Cut the indices $0 \dots m-1$ into shuffled batches: return a list of index arrays, `size` in each, the remainder in a shorter last one. Every index
# comes once. `rng` is a generator as `np.random.default_rng` makes it; all chance must come from it, so that a training run can be repeated. (Here `m` counts all
# examples.)


# %%
def minibatches(rng, m, size):
    """Shuffled indices 0 … m-1 in batches of `size`; the last may be shorter."""
    # BEGIN SOLUTION
    order = rng.permutation(m)
    return [order[start : start + size] for start in range(0, m, size)]
    # END SOLUTION


# %%
bp.check("07.5", minibatches)

# %% [markdown]
# ## A step that remembers: momentum
#
# In the ravine, plain descent goes back and forth across the valley, where the gradient changes its sign at each step, and creeps along it, where the
# gradient keeps its sign. A memory can tell the two apart. Give each weight a **velocity** $v$, of the weight's shape, 0 at first:
#
# $$v \leftarrow \mu\, v - \eta\, \frac{\partial C}{\partial W^l}, \qquad W^l \leftarrow W^l + v \tag{momentum}$$
#
# $\mu$, with $0 \le \mu < 1$, says how much of the velocity survives a step. With gradients $g_1, g_2, \dots$ and $v_0 = 0$, put the rule into itself:
#
# $$v_t = -\eta\, g_t + \mu\, v_{t-1} = -\eta\, (g_t + \mu\, g_{t-1} + \mu^2 g_{t-2} + \dots + \mu^{t-1} g_1)$$
#
# - **Along the valley** all $g_k$ are about the same $g$. The geometric series gives $v \to -\eta\, g / (1 - \mu)$.
# - **Across it** they alternate, $g, -g, g, \dots$, and so does the series: $v \to \mp \eta\, g / (1 + \mu)$.
#
# **Guess:** with $\mu = 0.9$, how many times as long are the steps along the valley in the end, compared with plain descent? And those across?

# %%
guess = ...  # two numbers, such as "2 and 0.5"

# %%
along = across = 0.0
for t in range(200):
    along, across = 0.9 * along - 1.0, 0.9 * across - (-1.0) ** t
bp.beside(guess, f"{abs(along):.2f} along, {abs(across):.2f} across")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# $1/(1 - 0.9) = 10$ and $1/(1 + 0.9) = 0.53$. What agrees adds up, what alternates is damped.
#
# </details>
#
# But a ball that keeps its speed also rolls past the minimum. How fast does it come to rest? On the parabola $C = \frac12 c\, w^2$ its distance from the
# minimum shrinks in the long run by the factor $\sqrt\mu$ a step, **whatever the curvature**, as long as
#
# $$(1 - \sqrt{\mu})^2 \le \eta c \le (1 + \sqrt{\mu})^2$$
#
# <details><summary>Optional: where the root comes from, and what happens at the ends of the range</summary>
#
# The last move was $v_t = w_t - w_{t-1}$, so one step is
#
# $$w_{t+1} = w_t + \mu\, (w_t - w_{t-1}) - \eta c\, w_t = (1 + \mu - \eta c)\, w_t - \mu\, w_{t-1}$$
#
# Try $w_t = r^t$: it fits if $r^2 - (1 + \mu - \eta c)\, r + \mu = 0$. The two roots of a quadratic equation multiply to its last term, here $\mu$. If they
# are a complex pair, both have the same size, so $\lvert r \rvert = \sqrt{\mu}$. They are complex when $(1 + \mu - \eta c)^2 < 4\mu$: inside the range.
#
# At its ends the two roots are one, $r = \sqrt\mu$ or $r = -\sqrt\mu$. Then $t\, r^t$ fits as well as $r^t$, and $w_t = (\alpha + \beta t)\, r^t$ with two numbers
# $\alpha$, $\beta$ from the start. The factor $t$ makes it slower at first; from one step to the next $w$ still shrinks by a factor that tends to $\sqrt\mu$.
#
# </details>
#
# For the ravine, take $\sqrt\mu = \frac23$ and $\eta = \frac19$: then $c = 1$ and $c = 25$ lie on the two ends, and the distance falls like $t\,(\frac23)^t$.
# Plain descent at its best had $0.923^t$.

# %%
paths = {
    "η = 2/26, plain": descend((-9, 1.5), eta=2 / 26),
    "η = 1/9, μ = 4/9": descend((-9, 1.5), eta=1 / 9, mu=4 / 9),
    "η = 1/9, μ = 0.9": descend((-9, 1.5), eta=1 / 9, mu=0.9),
}
for name, path in paths.items():
    print(f"{name:17s} cost {height(path)[0]:.1f} → {height(path)[-1]:.1g} in 30 steps")
bp.plots.show(bp.plots.descent(paths, (1, 25)))

# %% [markdown]
# Too much memory is slow again: with $\mu = 0.9$ the factor is $\sqrt{0.9} = 0.949$, and the ball swings back and forth in the valley. $\mu = 0.9$ is right for
# ravines that are about 1400 times as steep across as along, and in nets there are such.
#
# **Play.** Find the largest $\eta$ that does not diverge on the ravine, first at $\mu = 0$, then at $\mu = 0.5$: it has grown to $2(1 + \mu)/c_{\max}$. Then
# find the fewest steps.

# %%
bp.widgets.descent()

# %% [markdown]
# ### 07.6 momentum_step · •• · 8 min · 2 points
#
# `W`, `v` and `dW` are $(n, k)$; `eta` and `mu` are numbers. Return `[new_W, new_v]`, both $(n, k)$, by the formula above. Some texts write the velocity with the
# other sign, or with $\eta$ outside; here it is added.


# %%
def momentum_step(W, v, dW, eta, mu):
    """One step with momentum; returns [new W (n, k), new v (n, k)]."""
    # BEGIN SOLUTION
    v = mu * v - eta * dW
    return [W + v, v]
    # END SOLUTION


# %%
bp.check("07.6", momentum_step)

# %% [markdown]
# ## A step length for each weight: Adam
#
# One $\eta$ for all weights is the root of the trouble with ravines. Adam gives each its own. It keeps two running means of a weight's gradient, of the
# gradient itself and of its square (entry by entry, both of the weights' shape, both 0 at first):
#
# $$u \leftarrow \beta_1 u + (1 - \beta_1)\, \frac{\partial C}{\partial W^l}, \qquad s \leftarrow \beta_2 s + (1 - \beta_2) \left( \frac{\partial C}{\partial W^l} \right)^2 \tag{Adam's means}$$
#
# Usual values are $\beta_1 = 0.9$ and $\beta_2 = 0.999$. Unrolled like the velocity, $u = (1 - \beta_1) \sum_{k=1}^t \beta_1^{t-k} g_k$ after $t$ steps. The
# weights of this sum add up to $(1 - \beta_1)(1 + \beta_1 + \dots + \beta_1^{t-1}) = 1 - \beta_1^t$, which is less than 1: the start at 0 pulls the mean
# towards 0. Divide by it, and the weights add up to 1:
#
# $$u \,/\, (1 - \beta_1^t) = \frac{\sum_{k=1}^{t} \beta_1^{t-k} g_k}{\sum_{k=1}^{t} \beta_1^{t-k}} \tag{bias correction}$$
#
# The same for $s$. (This bias has nothing to do with a neuron's.) The step is the corrected mean, over the root of the corrected mean square, entry by entry:
#
# $$W^l \leftarrow W^l - \eta\, \frac{u \,/\, (1 - \beta_1^t)}{\left( \sqrt{s \,/\, (1 - \beta_2^t)} + \epsilon \right)} \tag{Adam}$$
#
# $\epsilon$, usually $10^{-8}$, stands outside of the root and keeps the quotient finite where all gradients were 0.
#
# **Guess:** the running net's largest gradient is 7.9 times its smallest, in size. In Adam's first step, with $\eta = 0.1$, how far does the first of them move
# its weight, and how far the second?

# %%
guess = ...  # two numbers

# %%
stepped, state = bp.adam(net, grads, eta=0.1)
olds, news = ((*n.W[1:], *n.b[1:]) for n in (net, stepped))
moves = np.concatenate([(new - old).ravel() for old, new in zip(olds, news, strict=True)])
sizes = np.abs(gradient)
print(f"largest / smallest gradient: {sizes.max() / sizes.min():.1f}")
bp.beside(guess, f"{abs(moves[sizes.argmax()]):.4f} and {abs(moves[sizes.argmin()]):.4f}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# All 17 move by 0.1. At $t = 1$ the corrected means are $g$ and $g^2$, so the step is $\eta\, g/\lvert g \rvert$: the gradient's sign, times $\eta$.
# Multiply the cost by 1000, and Adam's steps stay as they are, but for what $\epsilon$ does: nothing to be seen while gradients are far above $10^{-8}$. So its $\eta$ is not a rate but a length, and good values differ from those of plain descent.
#
# </details>
#
# Without the correction, would the first steps be too short? The mean is too small by $1 - \beta_1^t$, the root by $\sqrt{1 - \beta_2^t}$, and it is the
# quotient that counts:

# %%
for t in (1, 5, 10, 100, 1000):
    ratio = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
    print(f"t = {t:4d}: uncorrected step / corrected step = {ratio:.2f}")

# %% [markdown]
# Too long, and by how much: more than 6 times at the tenth step, and that is when the means have seen next to nothing.

# %% [markdown]
# ### 07.7 adam_step · ••• · 10 min · 3 points
#
# `W`, `mean`, `square` and `dW` are $(n, k)$; `mean` and `square` are $u$ and $s$ from before this gradient; `t` counts this step already, the first has `t = 1`; the rest are
# numbers. Return `[new_W, new_mean, new_square]`, the means as the next step needs them: not corrected.


# %%
def adam_step(W, mean, square, dW, t, eta, beta1, beta2, eps):
    """One step of Adam; returns [new W, new mean, new square], each (n, k)."""
    # BEGIN SOLUTION
    mean = beta1 * mean + (1 - beta1) * dW
    square = beta2 * square + (1 - beta2) * dW**2
    step = mean / (1 - beta1**t) / (np.sqrt(square / (1 - beta2**t)) + eps)
    return [W - eta * step, mean, square]
    # END SOLUTION


# %%
bp.check("07.7", adam_step)

# %% [markdown]
# ## Slower towards the end: schedules
#
# Noisy gradients do not let a constant $\eta$ settle. Take $C = \frac12 w^2$ and a gradient with noise $\xi$ of mean 0 and variance 1, independent at each
# step: $w \leftarrow w - \eta\,(w + \xi)$. Then the mean of $w^2$ comes to rest at $\eta / (2 - \eta)$.
#
# <details><summary>Optional: why there</summary>
#
# $w \leftarrow (1 - \eta)\, w - \eta\, \xi$. Square and average; the mixed term averages to 0:
#
# $$\overline{w^2} \leftarrow (1 - \eta)^2\, \overline{w^2} + \eta^2$$
#
# It comes to rest where both sides agree: $\overline{w^2} = \eta^2 / (1 - (1 - \eta)^2) = \eta / (2 - \eta)$.
#
# </details>
#
# A large $\eta$ is soon there and stays high; a
# small one gets deeper and takes long. A **schedule** takes both: large first, then smaller. Three of many: drop it at some step, let it fall like
# $1/t$, or along a cosine.
#
# **Guess:** 200 steps from $w = 5$. Constant 0.5 ends at a mean cost of about $\frac12 \cdot 0.5/1.5 = 0.17$, constant 0.05 at about 0.013. What does
# $\eta_t = 0.5/(1 + t/2)$ reach?

# %%
guess = ...  # a number


# %%
def mean_cost(eta_at, steps=200, runs=2000):
    """The mean of ½ w² over many noisy runs, before the first step and after each."""
    rng, w = np.random.default_rng(0), np.full(runs, 5.0)
    costs = [np.mean(w**2) / 2]
    for t in range(steps):
        w = w - eta_at(t) * (w + rng.normal(size=runs))
        costs.append(np.mean(w**2) / 2)
    return costs


schedules = {"constant 0.5": lambda t: 0.5, "constant 0.05": lambda t: 0.05}
schedules["0.5 / (1 + t/2)"] = lambda t: 0.5 / (1 + t / 2)
curves = {name: mean_cost(eta_at) for name, eta_at in schedules.items()}
bp.beside(guess, round(curves["0.5 / (1 + t/2)"][-1], 4))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Far below both: fast at first, then averaging the noise away. Steps that fall like $1/t$ turn $w$ into a mean over all noise so far.
#
# </details>

# %%
for name, costs in curves.items():
    told = ", ".join(f"{costs[t]:6.4f} after {t}" for t in (10, 50, 200))
    print(f"{name:16s} mean cost {told} steps")
bp.plots.show(bp.plots.cost_by_step(curves, ylabel="mean cost"))

# %% [markdown]
# ## When to stop
#
# P's procedure ends when the cost is "small enough". Nobody knows beforehand how small that is. What you can see is whether it still falls. And it must be looked at with
# patience, for a noisy cost goes up now and then. A rule that works:
#
# > Let the last `patience` epochs be the window. Stop if the best cost within the window is not lower, by more than `tol`, than the best before it.
#
# Two traps. The difference has a **sign**: a cost that *rises* has changed a lot, and it is all the more time to stop. And a cost that stands still says nothing about why:
# it may have converged, or its gradient may have vanished (lesson 05). Which cost to watch, that of the training examples or of held-back ones, is a
# matter of lesson 08.

# %% [markdown]
# ### 07.8 should_stop · •• · 6 min · 1 point
#
# `history` is the list of costs, one for each epoch, oldest first; `tol` and `patience` are numbers above 0. Return `True` to stop by the rule above, `False` to go
# on. With `patience` epochs or fewer there is nothing to compare yet: go on.


# %%
def should_stop(history, tol, patience):
    """Whether the last `patience` epochs brought no progress of more than tol."""
    # BEGIN SOLUTION
    if len(history) <= patience:
        return False
    return min(history[:-patience]) - min(history[-patience:]) <= tol
    # END SOLUTION


# %%
bp.check("07.8", should_stop)

# %% [markdown]
# ## Recap
#
# The equations of this lesson, on one card.

# %%
steps = "step and cost", "update", "update with L2", "update with L1"
bp.equations.card(*steps, "momentum", "Adam's means", "bias correction", "Adam")

# %% [markdown]
# **Answer aloud**, then open.
#
# <details><summary>1. Why against the gradient, and why not always further?</summary>
#
# Of all steps of one length it lowers the total differential most (Cauchy-Schwarz). That is the change to first order; a long step leaves the place where
# the gradient was taken. On a parabola the cost grows as soon as $\eta$ passes $2/c_{\max}$.
#
# </details>
# <details><summary>2. What does momentum do across a ravine, and what along it?</summary>
#
# Across, gradients alternate and cancel in the velocity. Along, they agree and add up, to $1/(1-\mu)$ times a plain step.
#
# </details>
# <details><summary>3. A cost falls, then jumps about at one height. What do you change, and what would you change if it grew?</summary>
#
# It jumps about because the gradients are noisy: a smaller $\eta$ from here on, or larger batches. If it grows from step to step, $\eta$ is too large for
# the steepest direction.
#
# </details>

# %% [markdown]
# **Classic mistakes**
#
# - the update inside the loop that goes back: every layer but the last gets a wrong gradient, by an amount that shrinks with $\eta$ and hides;
# - a parameter changed in place, while somebody else still holds the array;
# - the penalty on biases, or its 2 left beside the $\frac12$;
# - mini-batches cut from sorted data, or shuffled once and never again;
# - the last examples in no batch;
# - a velocity or a running mean that is not carried over to the next step;
# - Adam's correction with $t$ from 0, which divides by 0;
# - stopping when the cost *changes* little, unsigned.
#
# **What comes next.** You have all parts. Lesson 08 puts them together: how to begin, what to watch, and a classifier of real handwritten digits.

# %% [markdown]
# ## Words
#
# In English and Chinese. `bp.words()` lists those of the whole course.

# %%
bp.words("07")

# %% [markdown]
# **Sources.** N: 反向传播公式推导. A: 读懂反向传播算法(bp算法). R: bp神经网络反向传播. U: 用反向传导思想求导 (UFLDL). P: Ge Li, Deep Learning Technology and Application, Peking
# University. Momentum: Polyak (1964). Adam: Kingma and Ba (2015), who name the means $m$ and $v$. How each text writes the update:

# %%
bp.equations.rosetta("update")

# %% [markdown]
# **Next:** [08 · Training a real classifier](08_training.ipynb)
