# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 15 · Beyond one VJP
#
# Backpropagation is one VJP for each layer: in goes one cost, out come all its slopes. This lesson asks what else can be built from the same
# parts. How all outputs move at once. How the gradient itself moves. How to go back through a hundred layers with room for twenty. How to go
# back through a loop that nobody counted. And how to do it with numbers of sixteen bits, that hold nothing below $2^{-24}$.
#
# **You will be able to**
#
# - compute a JVP with dual numbers, and say which of JVP and VJP a Jacobian is cheaper by;
# - multiply a Hessian with a vector in three ways, without ever forming it, and say what each costs and how exact it is;
# - go back through a hundred layers with room for twenty activations, and prove that fewer are not to be had this way;
# - differentiate a fixed point without its iterations, and say when that is allowed;
# - keep small gradients alive in float16, and see when that fails.
#
# **You need** the two ends of a product of Jacobians (lesson 02), differences (03), BP2 to BP4 (05, 06) and the tape (10).
#
# **Time** 115 minutes: about 44 of reading, the rest is yours: eight exercises and nine guesses.
#
# **Sources.** Forward mode and checkpoints: Griewank and Walther, *Evaluating Derivatives*, chapters 3 and 12. Hessian times vector:
# Pearlmutter, *Fast Exact Multiplication by the Hessian* (1994). Every $\sqrt n$ layers: Chen, Xu, Zhang and Guestrin, *Training Deep Nets with
# Sublinear Memory Cost* (2016). Fixed points: Almeida (1987), Pineda (1987); Bai, Kolter and Koltun, *Deep Equilibrium Models* (2019). Half
# precision: Micikevicius and others, *Mixed Precision Training* (2018). Where backpropagation is told as one VJP: Nielsen,
# [chapter 2](http://neuralnetworksanddeeplearning.com/chap2.html); CS231n, [Backpropagation, intuitions](https://cs231n.github.io/optimization-2/).

# %%
import timeit
import tracemalloc

import numpy as np

import bpkit as bp

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# ## Numbers that carry their slope
#
# A **dual number** is a pair, written $a + \dot a\, \varepsilon$: a value $a$ and a **tangent** $\dot a$, the speed at which the value moves.
# The letter $\varepsilon$ has one rule, $\varepsilon^2 = 0$. Multiply two of them out, term by term:
#
# $$(a + \dot a\, \varepsilon)(b + \dot b\, \varepsilon) = a b + \dot a b\, \varepsilon + a \dot b\, \varepsilon + \dot a \dot b\, \varepsilon^2$$
#
# The last term is 0, by the rule. What is left has the product rule beside $\varepsilon$:
#
# $$(a + \dot a\, \varepsilon)(b + \dot b\, \varepsilon) = a b + (\dot a b + a \dot b)\, \varepsilon \tag{dual product}$$
#
# A sum adds value to value and tangent to tangent. A differentiable function $f$ of one number is extended so that the chain rule holds:
# $f(a + \dot a\, \varepsilon) = f(a) + f'(a)\, \dot a\, \varepsilon$. This is Taylor's formula, in which every power from $\varepsilon^2$ on is 0.
#
# **The tangent at the end is a JVP**: start the inputs with the tangents $\dot x$, and the outputs carry $J \dot x$. For each operation its rule says how
# fast the result moves when its operands do; going from operation to operation is the chain rule of lesson 02.
#
# <details><summary>Optional: the proof, by induction over the operations</summary>
#
# Let the program compute $v_1, v_2, \dots$, each from earlier ones by a sum, a product or such an $f$. Claim: each $v_k$ carries
# $\dot v_k = \sum_i \frac{\partial v_k}{\partial x_i}\, \dot x_i$.
#
# - For the inputs themselves it holds: $\dot x_i$ is what was put in.
# - If it holds for all that $v_k$ is made of, the rule of the operation gives
#   $\dot v_k = \sum_j \frac{\partial v_k}{\partial v_j}\, \dot v_j$, for that is what product rule, sum rule and chain rule say of one operation.
#   Put the claim in for each $\dot v_j$: $\dot v_k = \sum_i \big( \sum_j \frac{\partial v_k}{\partial v_j} \frac{\partial v_j}{\partial x_i} \big) \dot x_i$,
#   and the bracket is $\frac{\partial v_k}{\partial x_i}$, by the chain rule.
#
# </details>
#
# The condition: every operation is differentiable at the value that it meets. Nothing was made small and
# nothing was subtracted: the result is exact up to rounding. In code, for numbers and for matrices alike:


# %%
class Dual:
    """A value and its tangent, two arrays of one shape, or two numbers."""

    def __init__(self, value, tangent):
        self.value, self.tangent = value, tangent

    def __add__(a, b):
        return Dual(a.value + b.value, a.tangent + b.tangent)

    def __sub__(a, b):
        return Dual(a.value - b.value, a.tangent - b.tangent)

    def __mul__(a, b):
        return Dual(a.value * b.value, a.tangent * b.value + a.value * b.tangent)


# %% [markdown]
# **Guess:** $f(x, y) = (x + y) \cdot x$ at 2 and 3. Both inputs move, x at speed 1 and y at speed −2. At which speed does the result move?

# %%
guess = ...  # a number

# %%
x, y = Dual(2.0, 1.0), Dual(3.0, -2.0)
f = (x + y) * x
print(f"f = {f.value}, moving at {f.tangent}")
slopes = bp.numerical_gradient(lambda at: (at[0] + at[1]) * at[0], np.array([2.0, 3.0]))
print("slopes measured by nudging:", slopes)
bp.beside(guess, round(float(slopes @ [1.0, -2.0]), 4))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# $7 \cdot 1 + 2 \cdot (-2) = 3$: the slopes 7 and 2, weighted with the speeds. The dual numbers found the weighted sum in one run and never knew
# the two slopes. That is a JVP: one direction, no Jacobian.
#
# </details>

# %% [markdown]
# The complex step of lesson 03 is the same idea with $i\,h$ in the place of $\varepsilon$: its square, $-h^2$, is not 0, but with a tiny step too small
# to be noticed.
#
# ### 15.1 dual_quotient · •• · 7 min · 2 points
#
# The class cannot divide yet. Return $\frac{a + \dot a\, \varepsilon}{b + \dot b\, \varepsilon}$ as a list of two arrays: its value and its tangent. All four
# arguments are arrays of one shape; no entry of `b` is 0. Derive it from $\varepsilon^2 = 0$, without the quotient rule if you can: which dual
# number, times $b + \dot b\, \varepsilon$, is $a + \dot a\, \varepsilon$?
#
# Stuck? `bp.hint("15.1")` in a cell of its own opens a first hint.


# %%
def dual_quotient(a, a_dot, b, b_dot):
    """(a + a_dot ε) / (b + b_dot ε), entry by entry; four arrays of one shape → [value, tangent]."""
    # BEGIN SOLUTION
    value = a / b
    return [value, (a_dot - value * b_dot) / b]
    # END SOLUTION


# %%
bp.check("15.1", dual_quotient)

# %% [markdown]
# ## A layer that moves
#
# One layer, $z^l = W^l a^{l-1} + b^l$ and $a^l = \sigma(z^l)$. Let everything in it move: the activations that come in, the weights, the biases. In
# components, by the rules for sums and products:
#
# $$\dot z^l_j = \sum_k w^l_{jk}\, \dot a^{l-1}_k + \sum_k \dot w^l_{jk}\, a^{l-1}_k + \dot b^l_j, \qquad \dot a^l_j = \sigma'(z^l_j)\, \dot z^l_j$$
#
# The first sum is row $j$ of $W^l \dot a^{l-1}$, the second row $j$ of $\dot W^l a^{l-1}$. As matrices, with the shapes below:
#
# $$\dot a^l = \sigma'(z^l) \odot \left( W^l \dot a^{l-1} + \dot W^l a^{l-1} + \dot b^l \right) \tag{layer JVP}$$
#
# $$\underset{(n_l,\, m)}{\dot a^l} = \underset{(n_l,\, m)}{\sigma'(z^l)} \odot \big( \underset{(n_l,\, n_{l-1})}{W^l}\,
# \underset{(n_{l-1},\, m)}{\dot a^{l-1}} + \underset{(n_l,\, n_{l-1})}{\dot W^l}\, \underset{(n_{l-1},\, m)}{a^{l-1}} + \underset{(n_l,\, 1)}{\dot b^l} \big)$$
#
# Compare BP2. There the error goes back through $(W^l)^\top$ and then meets the slope; here the tangent goes forward through $W^l$, and then meets
# it. And look at what has to be remembered: **nothing**. The tangents of a layer need the values of that layer alone, so that both
# can be forgotten together. A VJP must wait for the end, with every activation kept.
#
# ### 15.2 layer_jvp · •• · 6 min · 2 points
#
# A layer with $\sigma = \tanh$, whose slope is $1 - \tanh^2$. `W` and `W_dot` are (n, n_prev), `b` and `b_dot` (n, 1), `a` and `a_dot`, the
# activations before the layer, (n_prev, m). Return a list of two arrays (n, m): value and tangent of $\tanh(W a + b)$.


# %%
def layer_jvp(W, b, a, W_dot, b_dot, a_dot):
    """tanh(W a + b) and its tangent; W (n, n_prev), b (n, 1), a (n_prev, m) → [value, tangent]."""
    # BEGIN SOLUTION
    value = np.tanh(W @ a + b)
    return [value, (1 - value**2) * (W @ a_dot + W_dot @ a + b_dot)]
    # END SOLUTION


# %%
bp.check("15.2", layer_jvp)

# %% [markdown]
# ## How many passes is a Jacobian?
#
# For $f$ from $\mathbb{R}^n$ to $\mathbb{R}^m$ the Jacobian $J$ is $(m, n)$. One JVP with $\dot x = e_i$, 1 at place $i$ and 0 elsewhere, gives
# column $i$. One VJP with $g = e_j$ gives row $j$. So all of $J$ costs $n$ JVPs or $m$ VJPs, and no way that knows nothing else about $J$ is
# cheaper.
#
# <details><summary>Optional: why no fewer will do</summary>
#
# Suppose that $p < n$ JVPs and $q < m$ VJPs were made. There is a $v \ne 0$ at right angles to all $p$ directions, and a $u \ne 0$ at right angles to
# all $q$ gradients. Then $J + u v^\top$ gives the same answers as $J$ to all of them: they cannot tell the two apart.
#
# </details>
#
# **Guess:** a net with 3 inputs, 20 hidden neurons and 50 outputs. What is the smallest number of passes for its Jacobian, and of which kind?

# %%
guess = ...  # such as "7 JVPs"

# %%
rng = np.random.default_rng(15)
W1, W2, at = rng.normal(size=(20, 3)), rng.normal(size=(50, 20)), rng.normal(size=(3, 1))
slope = 1 - np.tanh(W1 @ at) ** 2


def push(v):
    return W2 @ (slope * (W1 @ v))  # JVP: (3, 1) → (50, 1)


def pull(g):
    return W1.T @ (slope * (W2.T @ g))  # VJP: (50, 1) → (3, 1)


columns = np.hstack([push(e[:, None]) for e in np.eye(3)])
rows = np.hstack([pull(e[:, None]) for e in np.eye(50)]).T
print("the same Jacobian:", np.allclose(columns, rows), " shape", columns.shape)
bp.beside(guess, f"{min(columns.shape)} JVPs, against {max(columns.shape)} VJPs")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Three: one for each input. The picture of lesson 02 turned round. A cost is the other extreme, one output and a million inputs, and that is why
# nets are trained backwards.
#
# </details>
#
# The two are transposes of each other, so $u^\top (J v) = (J^\top u)^\top v$ for every $u$ and $v$. This one number tests a JVP against a VJP
# without any differences. And a Jacobian that is known to be mostly 0 costs less: where two columns have no row in common, one JVP along the sum
# of their directions holds both.

# %%
u, v = rng.normal(size=(50, 1)), rng.normal(size=(3, 1))
print("u·(J v) equals (Jᵀu)·v:", np.isclose((u.T @ push(v)).item(), (pull(u).T @ v).item(), rtol=1e-12))
z = rng.normal(size=(6, 1))
J = np.diag(1 - np.tanh(z).ravel() ** 2)
at_once = (1 - np.tanh(z) ** 2) * np.ones((6, 1))
print("a diagonal Jacobian from one JVP, v all ones:", np.allclose(np.diag(at_once.ravel()), J))

# %% [markdown]
# ### 15.3 passes · •• · 6 min · 2 points
#
# What is the smallest number of passes (JVPs or VJPs, whichever is cheaper) that always suffices? Write seven numbers, for (a) to (g).
#
# | | what is wanted | what is known of it |
# |:--|:--|:--|
# | (a) | the gradient of a cost | 1000 weights |
# | (b) | the Jacobian of $f$ | 3 inputs, 1000 outputs |
# | (c) | the Jacobian of $f$ | 50 inputs, 20 outputs |
# | (d) | how the outputs of $f$ move along one given direction | 1000 inputs, 1000 outputs |
# | (e) | the Jacobian of an activation function | elementwise, 100 neurons |
# | (f) | the Jacobian of $f$ | 100 inputs and outputs; output $j$ depends on inputs $j-1$, $j$, $j+1$ alone |
# | (g) | the Hessian of a cost; a pass is one product with the Hessian | 40 weights |

# %%
# BEGIN SOLUTION
passes = [1, 3, 20, 1, 1, 3, 40]
# END SOLUTION

# %%
bp.check("15.3", passes)

# %% [markdown]
# ## A Hessian times a vector
#
# How does the *gradient* move when the weights move? Collect all weights of a net in one column $w$ of $N$ numbers. The **Hessian** $H$ is the
# Jacobian of the gradient:
#
# $$H_{ij} = \frac{\partial}{\partial w_j} \frac{\partial C}{\partial w_i}, \qquad H \text{ is } (N, N)$$
#
# For a million weights it has $10^{12}$ entries, and nobody forms it. But most uses need only $Hv$ for some $v$: how curved the cost is
# along a step, Newton's method, the largest eigenvalue, which bounds the learning rate. And $Hv$ is a JVP, that of the gradient:
#
# $$H v = \frac{\mathrm{d}}{\mathrm{d}t} \nabla C(w + t v) \Big\vert_{t = 0} \tag{HVP}$$
#
# Where the second derivatives are continuous, $H$ is symmetric (Schwarz). Then row and column are the same, and $Hv$ is a VJP too:
# $Hv = H^\top v = \nabla \big( \nabla C(w)^\top v \big)$, the gradient of one number. So there are three ways: nudge the gradient, push
# tangents through its program, or pull a gradient back through its program.
#
# The net for this section: $C = \tfrac12 \lVert W_2 \tanh(W_1 x) - y \rVert^2$, summed over the examples, no biases. Its gradient by BP1 to BP4
# is five products of matrices. It is written so that it takes arrays, complex numbers, duals, and the Vars of lesson 10:


# %%
def gradient(W1, W2, x, y, tanh):
    """∂C/∂W1 and ∂C/∂W2 of ½‖W2 tanh(W1 x) - y‖²; (8, 5) and (4, 8)."""
    a = tanh(W1 @ x)
    delta2 = W2 @ a - y
    back = W2.T @ delta2
    return (back - back * a * a) @ x.T, delta2 @ a.T  # delta1 = back ⊙ (1 - a²)


rng = np.random.default_rng(15)
W, V = ([rng.normal(size=shape) / 2 for shape in ((8, 5), (4, 8))] for _ in range(2))
x, y = rng.normal(size=(5, 10)), rng.normal(size=(4, 10))
stepped = gradient(W[0] + 1e-30j * V[0], W[1] + 1e-30j * V[1], x, y, np.tanh)
exact = [part.imag / 1e-30 for part in stepped]  # by a complex step of the gradient: to compare with

# %% [markdown]
# ### First way: a difference of gradients
#
# $$H v \approx \frac{\nabla C(w + t v) - \nabla C(w - t v)}{2 t}$$
#
# By Taylor's formula the error is about $\tfrac{t^2}{6}$ times the gradient's third derivative along $v$, and it grows with $t^2 \lVert v \rVert^3$: what counts
# is how far $w$ moves, $t \lVert v \rVert$. Rounding adds about $\epsilon \lVert \nabla C \rVert / t$. As in lesson 03 the best *movement* is near
# $\epsilon^{1/3}$, some $10^{-5}$ of the size of $w$. The best *step* $t$ is that divided by the size of $v$.


# %%
def digits(found, want):
    """How many digits of the largest entry are right; never less than 0."""
    error = max(np.abs(f - e).max() for f, e in zip(found, want, strict=True))
    return max(0, round(-np.log10(error / max(np.abs(e).max() for e in want) + 1e-17)))


def difference(t, V):
    forwards = gradient(W[0] + t * V[0], W[1] + t * V[1], x, y, np.tanh)
    backwards = gradient(W[0] - t * V[0], W[1] - t * V[1], x, y, np.tanh)
    return [(f - b) / (2 * t) for f, b in zip(forwards, backwards, strict=True)]


# %%
scaled = {size: [size * part for part in V] for size in (1e-9, 1.0, 1e6)}
wanted = {size: [size * part for part in exact] for size in scaled}
found = {size: digits(difference(1e-5, scaled[size]), wanted[size]) for size in scaled}
mended = {size: digits(difference(1e-5 / size, scaled[size]), wanted[size]) for size in scaled}

# %% [markdown]
# **Guess:** with `t = 1e-5` the difference is good to eight digits and more for this vector. Somebody passes a million times the vector, with the same `t`. How
# many digits are right?

# %%
guess = ...  # a number of digits

# %%
for size in scaled:
    print(f"{size:.0e} v: good to 8 digits with t = 1e-5: {found[size] >= 8!s:5}", end="  ")
    print(f"with t = 1e-5 / {size:.0e}: {mended[size] >= 8}")
bp.beside(guess, found[1e6])

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# None. The weights moved by about 10, and the gradient there has nothing to do with the slope here. For a tiny vector it fails at the other end: the two
# gradients agree in nearly all digits. Divide the step by the size of the vector, and all three are good.
#
# </details>

# %% [markdown]
# ### 15.4 hvp_difference · •• · 8 min · 3 points
#
# `gradient` is a function: the gradient of a cost at an array of weights. `w` and `v` have one shape. Return $Hv$ by a central difference, an array of that
# shape, with an error below $10^{-6}$ of the largest entry, **whatever the sizes** of `w` and `v`: each may be large or tiny, and `v` may be 0.
# The cost bends on the scale of the larger of 1 and the largest entry of `w`.


# %%
def hvp_difference(gradient, w, v):
    """H v from two gradients; w and v of one shape → the same shape."""
    # BEGIN SOLUTION
    if not v.any():
        return np.zeros_like(w)
    t = 1e-5 * max(1.0, np.abs(w).max()) / np.abs(v).max()
    return (gradient(w + t * v) - gradient(w - t * v)) / (2 * t)
    # END SOLUTION


# %%
bp.check("15.4", hvp_difference)

# %% [markdown]
# ### Second way: forward over reverse
#
# The gradient is a program like any other. Run it with duals: $W$ starts with the tangent $V$, the data with 0, and what comes out carries $Hv$ as its
# tangent. The class needs two more operations, which follow the product rule as before, and tanh:


# %%
def dual_matmul(a, b):
    return Dual(a.value @ b.value, a.tangent @ b.value + a.value @ b.tangent)


def dual_tanh(a):
    y = np.tanh(a.value)
    return Dual(y, (1 - y * y) * a.tangent)


Dual.__matmul__ = dual_matmul
Dual.T = property(lambda a: Dual(a.value.T, a.tangent.T))
moving = [Dual(w, v) for w, v in zip(W, V, strict=True)]
still = [Dual(part, np.zeros_like(part)) for part in (x, y)]
forward_over_reverse = [part.tangent for part in gradient(*moving, *still, dual_tanh)]
print("as the complex step, to 13 digits:", digits(forward_over_reverse, exact) >= 13)

# %% [markdown]
# Pearlmutter writes this by hand and calls it the **R-operator**: $\mathcal{R}\{f(w)\} = \frac{\mathrm{d}}{\mathrm{d}t} f(w + t v) \big|_{t=0}$, with
# $\mathcal{R}\{w\} = v$ and $\mathcal{R}\{x\} = 0$. Below every line of forward and backward pass stands the line of its tangent. That is how
# a library does it where speed counts, and it is the next exercise.
#
# ### 15.5 hvp_net · ••• · 15 min · 4 points
#
# The net above, with the **mean** over the examples: $C = \tfrac{1}{2m} \lVert W_2 \tanh(W_1 x) - y \rVert^2$. `x` and `y` have m columns; `V1` and `V2`
# have the shapes of `W1` and `W2`. Return the list of the two parts of $Hv$, in these shapes. Write arrays only: first
# the lines of the gradient, then their tangents.


# %%
def hvp_net(W1, W2, x, y, V1, V2):
    """H v of the mean cost; v is V1 and V2 → [part of W1, part of W2]."""
    # BEGIN SOLUTION
    m = x.shape[1]
    a = np.tanh(W1 @ x)
    delta2 = W2 @ a - y
    back = W2.T @ delta2
    Ra = (1 - a**2) * (V1 @ x)
    Rdelta2 = W2 @ Ra + V2 @ a
    Rback = W2.T @ Rdelta2 + V2.T @ delta2
    Rdelta1 = (1 - a**2) * Rback - 2 * a * Ra * back
    return [Rdelta1 @ x.T / m, (Rdelta2 @ a.T + delta2 @ Ra.T) / m]
    # END SOLUTION


# %%
bp.check("15.5", hvp_net)

# %% [markdown]
# ### Third way: reverse over reverse
#
# Let the tape of lesson 10 record the gradient's program, multiply the result by $V$ and add up. That is one number, $\nabla C^\top v$, and its gradient
# is $Hv$. What does each way cost? Count the products of matrices, the bulk of the work.

# %%
tape = bp.tape
w1, w2 = tape.Var(W[0]), tape.Var(W[1])
G1, G2 = gradient(w1, w2, x, y, tape.tanh)
slope_along_v = tape.sum(G1 * V[0]) + tape.sum(G2 * V[1])
tape.backward(slope_along_v)
print("as the complex step, to 13 digits:", digits([w1.grad, w2.grad], exact) >= 13)
products = [node for node in tape.topological_order(slope_along_v) if node.made_by == "matmul"]
print("one gradient:", len(products), "products;  a difference of two:", 2 * len(products))
print("reverse over reverse:", len(products) + sum(len(node.parents) for node in products))
movable = sum(len(node.parents) for node in products)  # a term for each operand that moves
print("forward over reverse:", len(products) + movable)

# %% [markdown]
# | | products of matrices | exact | remembers |
# |:--|:--|:--|:--|
# | difference of gradients | 10: two gradients | to some nine digits, if the step fits | as one gradient |
# | forward over reverse | 13: a term more for each operand that moves | to rounding | as one gradient, twice |
# | reverse over reverse | 13: a VJP for each operand that moves | to rounding | the whole program of the gradient |
#
# One product with the Hessian costs about as much as two or three gradients, **however many weights there are**.
#
# ### A test without a Hessian, and what it misses
#
# $H$ is symmetric, so $u^\top (H v) = v^\top (H u)$ for all $u$, $v$. That is a check of an HVP without a single difference. But is it enough?
# Two programmers forget a term each. One takes the $W_2$ that the error comes back through for a constant: "the forward pass has seen to it". The other takes
# the slope in delta1 for a constant.


# %%
def hvp_that_forgets(what, v):
    """Forward over reverse, in which one use stands still."""
    w1, w2, data, target = *(Dual(w, part) for w, part in zip(W, v, strict=True)), *still
    a = dual_tanh(w1 @ data)
    delta2 = w2 @ a - target
    back = (Dual(w2.value, 0 * w2.value) if what == "the weight" else w2).T @ delta2
    held = Dual(a.value, 0 * a.value) if what == "the slope" else a
    return [((back - back * held * held) @ data.T).tangent, (delta2 @ a.T).tangent]


def dot(one, other):
    return sum(np.sum(a * b) for a, b in zip(one, other, strict=True))


U = [rng.normal(size=part.shape) for part in V]

# %% [markdown]
# **Guess:** which of the two does the symmetry test find?

# %%
guess = ...  # "both", "neither", "the weight" or "the slope"

# %%
caught = []
for what in ("nothing", "the weight", "the slope"):
    left, right = dot(U, hvp_that_forgets(what, V)), dot(V, hvp_that_forgets(what, U))
    is_hessian = digits(hvp_that_forgets(what, V), exact) >= 8
    print(f"forgets {what:11} u·(Hv) = v·(Hu): {np.isclose(left, right)!s:6} is Hv: {is_hessian}")
    caught += [what] if not np.isclose(left, right) else []
bp.beside(guess, " and ".join(caught))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# The weight alone. The forgotten weight is one half of a pair: on the way back $\dot W_2$ meets an error, in the gradient of $W_2$ the same error meets
# a moving activation. One half without the other is not symmetric. The slope's term is symmetric by itself. Leave it out, and what remains is a
# symmetric matrix too, but no longer $H$. Symmetry is necessary, not sufficient: compare with a difference as well.
#
# </details>
#
# <details><summary>Optional: why the slope's term is symmetric by itself</summary>
#
# Its share of $u^\top H v$ is $-2 \sum \dot z_u \odot \dot z_v \odot a \odot \sigma'(z) \odot (W_2^\top \delta_2)$, summed over all entries, with
# $\dot z_u$ and $\dot z_v$ the tangents of $z$ along $u$ and $v$. Swap $u$ and $v$ and it stays.
#
# </details>

# %% [markdown]
# **Half way.** About 65 minutes lie behind you, about 50 are left. A good place to stop for today: `bp.progress()` says tomorrow where you were.

# %% [markdown]
# ## Room for twenty of a hundred
#
# Backpropagation holds every activation until the error comes back. For $n$ layers that is $a^0$ to $a^n$: $n + 1$ arrays. **Checkpoints** trade memory
# for work:
#
# 1. In the first pass keep $a^0, a^k, a^{2k}, \dots$ and $a^n$. They cut the net into segments of $k$ layers (the last may be shorter).
# 2. Go back segment by segment, the last first. Compute the activations *inside* the segment again, from the checkpoint at its beginning, and hold them.
# 3. Go back through its layers. Drop what lies inside it, and the checkpoint at its end.
#
# Let $k$ divide $n$. After the first pass $\frac{n}{k} + 1$ activations are held. The last segment adds the $k - 1$ inside it, and no later moment
# holds more, for each segment that is done takes its end with it. Each segment does $k - 1$ steps again. So
#
# $$\text{held} = \frac{n}{k} + k, \qquad \text{again} = n - \frac{n}{k} \tag{checkpoints}$$
#
# Which $k$ holds least? Complete the square, with $(\sqrt k)^2 = k$ and $\sqrt k \cdot \sqrt{n / k} = \sqrt n$:
#
# $$k + \frac{n}{k} = 2 \sqrt n + \left( \sqrt k - \sqrt{n / k} \right)^2 \tag{square root rule}$$
#
# The square is never negative, and 0 where $k = n / k$, that is $k = \sqrt n$. So of the $k$ that divide $n$ none holds less than $2 \sqrt n$, and that is reached where $\sqrt n$ is a
# whole number. That is the proof. (The other $k$ follow below.)
#
# **Guess:** $n = 100$. Plain backpropagation holds 101. How many are held with the best $k$, and how many of the 100 steps are done again?

# %%
guess = ...  # two numbers

# %%
for k in (1, 2, 5, 10, 20, 50, 100):
    print(f"k = {k:3d}: held {100 // k + k:3d}, again {100 - 100 // k:2d}")
best = min((k for k in range(1, 101) if 100 % k == 0), key=lambda k: 100 // k + k)
bp.beside(guess, f"{100 // best + best} held, {100 - 100 // best} steps again (k = {best})")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# A fifth of the memory for less than one forward pass more. At both ends, k = 1 and k = 100, all 101 are held: with k = 100 the one
# segment is the whole net. Its 99 steps are done again and nothing is saved.
#
# </details>

# %% [markdown]
# ### 15.6 checkpoint_counts · •• · 8 min · 2 points
#
# For any `n` and a `k` from 1 to `n`, also where `k` does **not** divide `n` and the last segment is shorter, return a list of two whole numbers: the
# largest number of activations that is held at once (input and output count too), and the number of steps done again. The rules are the three above, to the letter.


# %%
def checkpoint_counts(n, k):
    """n layers, a checkpoint every k → [most held at once, steps done again]."""
    # BEGIN SOLUTION
    segments = -(-n // k)
    last = n - (segments - 1) * k
    return [segments + max(last, k - 1), n - segments]
    # END SOLUTION


# %%
bp.check("15.6", checkpoint_counts)

# %% [markdown]
# ### Measured
#
# Now do it: 100 layers $a^l = \tanh(W^l a^{l-1})$, without biases. `held` maps a layer's number to its activation.


# %%
def first_pass(W, x, k):
    """The activations that are kept: a[0], a[k], a[2k], …, a[n]; W[l] leads to layer l, W[0] is None."""
    n, a, held = len(W) - 1, x, {0: x}
    for l in range(1, n + 1):
        a = np.tanh(W[l] @ a)
        if l % k == 0 or l == n:
            held[l] = a
    return held


def recompute(W, held, start, end):
    """Fill in what lies inside a segment; how many steps that took."""
    for l in range(start + 1, end):
        held[l] = np.tanh(W[l] @ held[l - 1])
    return max(0, end - start - 1)


# %%
def backward_from(W, held, g, k):
    """∂C/∂W of every layer, from g = ∂C/∂a[n]; and the two counts."""
    n, most, again = len(W) - 1, len(held), 0
    dW = [None] * (n + 1)
    for start in reversed(range(0, n, k)):
        end = min(start + k, n)
        again += recompute(W, held, start, end)
        most = max(most, len(held))
        for l in range(end, start, -1):
            delta = (1 - held.pop(l) ** 2) * g
            dW[l] = delta @ held[l - 1].T
            g = W[l].T @ delta
    return dW, most, again


# %% [markdown]
# `tracemalloc` measures the bytes that are in use, numpy's included. Its highest level, as a share of the level of plain backpropagation, does not
# depend on the machine. Beside it stands the share by the formula.

# %%
n, rng = 100, np.random.default_rng(15)
weights = [None, *(rng.normal(size=(8, 8)) / np.sqrt(8) for _ in range(n))]
x, g = rng.normal(size=(2, 8, 3000))
print("  k  held  again  share  measured  same gradients")
for k in (1, 2, 4, 10, 25, 50, 100):
    tracemalloc.start()
    dW, most, again = backward_from(weights, first_pass(weights, x, k), g, k)
    level = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    if k == 1:
        plain, plain_level = dW, level
    same = all(np.allclose(a, b, rtol=1e-12) for a, b in zip(dW[1:], plain[1:], strict=True))
    print(f"{k:3d} {most:5d} {again:6d} {most / 101:6.1f} {level / plain_level:9.1f}  {same}")

# %% [markdown]
# The counts are those of the formula, and the memory follows them. At k = 10 the whole backward pass gets by with a fifth, and the gradients are the
# same: what was computed again is what was there before. Now the $k$ that do not divide $n$, by the same code on arrays of one number, and the time:


# %%
def least_held(n):
    """The fewest activations that any k from 1 to n holds, and the k that do."""
    tiny, one = [None, *n * [np.eye(1)]], np.ones((1, 1))
    held = {k: backward_from(tiny, first_pass(tiny, one, k), one, k)[1] for k in range(1, n + 1)}
    return min(held.values()), [k for k in held if held[k] == min(held.values())]


def seconds(k):
    """The shortest of five runs, forward and backward."""

    def once():
        backward_from(weights, first_pass(weights, x, k), g, k)

    return min(timeit.repeat(once, number=1, repeat=5))


# %%
for layers in (5, 100):
    least, ks = least_held(layers)
    print(f"{layers} layers: 2√n is {2 * layers**0.5:.1f}; at least {least} held, with k =", *ks)
print("k = 10 takes less than twice as long as k = 1:", seconds(10) < 2 * seconds(1))

# %% [markdown]
# With 100 layers nothing beats 20. With 5 layers a shorter last segment makes room: $k = 2$ holds 4, and $2 \sqrt 5$ is more.
#
# <details><summary>Optional: where √n is a whole number, no k at all holds less</summary>
#
# If $k$ does not divide $n$, there are at least $\frac{n + 1}{k}$ segments, for $k$ times their number is a whole number above $n$. When the last of them is done, one activation is held for each,
# and the full segment before it adds its $k - 1$: together at least $\frac{n + 1}{k} + k - 1$. By the square above, with $n + 1$ for $n$, that is no less than $2 \sqrt{n + 1} - 1$, so above
# $2 \sqrt n - 1$. And a whole number above $2 \sqrt n - 1$ is at least $2 \sqrt n$.
#
# </details>
#
# The picture shows 16 layers, plain and with k = 4. Time runs to the right; a row is coloured while its activation is held.

# %%
for k in (1, 4):
    print(f"16 layers, k = {k}: held {16 // k + k}, again {16 - 16 // k}")
bp.plots.show(bp.plots.held_activations(16, (1, 4)))

# %% [markdown]
# ## Back through a loop that nobody counted
#
# Some layers are given by an equation. Their activation is the $a$ that the layer leaves as it is, a **fixed point**:
#
# $$a = f(a, \theta), \qquad \text{here} \quad a = \tanh(W a + U x)$$
#
# with one column for $a$ and one for $x$, and $\theta$ for all that is not $a$. To find it, put an $a$ in and take what comes out, again and again.
# How does the fixed point move when $\theta$ moves? You could go back through all iterations and hold each of them. There is a better way.
#
# **The theorem** (implicit function theorem). Let $F(a, \theta) = a - f(a, \theta)$ be continuously differentiable near a place where
# $F(a, \theta) = 0$, and let $I - J$ be invertible there, with $J = \frac{\partial f}{\partial a}$. Then near this place there is exactly one $a(\theta)$ with
# $F(a(\theta), \theta) = 0$, and it is continuously differentiable.
#
# Given that, move $\theta$ by $\mathrm{d}\theta$ and write $B = \frac{\partial f}{\partial \theta}$:
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $\mathrm{d}a = J\, \mathrm{d}a + B\, \mathrm{d}\theta$ | total differential of $a = f(a, \theta)$: $a$ moves on both sides |
# | 2 | $(I - J)\, \mathrm{d}a = B\, \mathrm{d}\theta$ | both $\mathrm{d}a$ on one side |
# | 3 | $\mathrm{d}a = (I - J)^{-1} B\, \mathrm{d}\theta$ | $I - J$ is invertible: the condition |
# | 4 | $g^\top \mathrm{d}a = g^\top (I - J)^{-1} B\, \mathrm{d}\theta$ | $g$ is the gradient that arrives at $a$, $(n, 1)$ |
# | 5 | $\phantom{g^\top \mathrm{d}a} = u^\top B\, \mathrm{d}\theta$ with $u^\top = g^\top (I - J)^{-1}$ | a name for what does not depend on $\mathrm{d}\theta$ |
#
# Multiply $u^\top (I - J) = g^\top$ out and transpose. That is a linear system for $u$; then one ordinary step back through the layer, with $u$ for $g$:
#
# $$(I - J)^\top u = g, \qquad \bar \theta = B^\top u \tag{fixed point VJP}$$
#
# For the layer above: $\delta = (1 - a \odot a) \odot u$, then $\bar W = \delta\, a^\top$, $\bar x = U^\top \delta$, as in lesson 06. How $a$ was found
# does not enter, and no iteration is kept.

# %%
rng = np.random.default_rng(19)
n, inputs = 4, 3
Wf, U = rng.normal(size=(n, n)), rng.normal(size=(n, inputs))
Wf *= 0.9 / np.linalg.norm(Wf, 2)
x, g = rng.normal(size=(inputs, 1)) / 2, rng.normal(size=(n, 1))


def iterate(W, x, steps):
    a = np.zeros((n, 1))
    for _ in range(steps):
        a = np.tanh(W @ a + U @ x)
    return a


a = iterate(Wf, x, 300)
J = (1 - a**2) * Wf  # row j scaled by the slope of neuron j
print("a is left as it is:", np.allclose(np.tanh(Wf @ a + U @ x), a, atol=1e-14))
print(f"norm of W {np.linalg.norm(Wf, 2):.2f}, of J {np.linalg.norm(J, 2):.2f}", end=", ")
print(f"largest eigenvalue of J in size {np.abs(np.linalg.eigvals(J)).max():.2f}")

# %% [markdown]
# Where $\lVert J \rVert_2 \le q < 1$ everywhere, $f$ **contracts**: each iteration multiplies the distance to the fixed point by $q$ at most
# (Banach), and $I - J$ is invertible. Here $\lVert W \rVert_2$ is 0.90 and slopes are at most 1.
#
# **Unrolled.** Going back through the last $K$ iterations sums $u_K = g + J^\top g + \dots + (J^\top)^{K-1} g$, if the iterations have settled. What is
# missing shrinks like $q^K$.
#
# <details><summary>Optional: why</summary>
#
# Multiply by $I - J^\top$: all cancels but $(I - J^\top)\, u_K = g - (J^\top)^K g$, and $g = (I - J^\top)\, u$. So
# $u - u_K = (J^\top)^K u$, and each factor multiplies the length by $q$ at most.
#
# </details>
#
# **Guess:** to be good to six digits, through how many iterations must you go back? (The solved system needs none.)

# %%
guess = ...  # a number

# %%
solved = np.linalg.solve(np.eye(n) - J.T, g)
u, needed = np.zeros((n, 1)), None  # u is g after one iteration
for K in range(1, 61):
    u = g + J.T @ u
    error = np.abs(u - solved).max() / np.abs(solved).max()
    needed = K if needed is None and error < 1e-6 else needed
    if K in (1, 5, 20, 60):
        print(f"{K:2d} iterations back: error below 1e-2: {error < 1e-2!s:5}  below 1e-6: {error < 1e-6}")
nudged = bp.numerical_gradient(lambda moved: np.sum(g * iterate(Wf, moved, 300)), x)
print("Uᵀδ", (U.T @ ((1 - a**2) * solved)).ravel(), " by nudging x:", nudged.ravel())
bp.beside(guess, needed)

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# More than thirty. In the long run the error shrinks by the largest eigenvalue of $J$ in size, 0.69, at each iteration, and $0.69^{33}$ is some $5 \cdot 10^{-6}$ (what
# stands in front of it makes up the rest). Unrolling holds one activation for each iteration; the system is solved with the last one alone.
#
# </details>
#
# ### Where it does not contract
#
# Give $W$ an eigenvalue below $-1$, beyond what the slopes can tame. The fixed point is still there, but iterating runs away from it. Newton's method finds it:
# it solves $(I - J)(a' - a) = f(a) - a$.

# %%
w = np.ones((n, 1)) / 2
Wr, x_small = Wf / 4 - 2.5 * w @ w.T, x / 10


def newton(x):
    a = np.zeros((n, 1))
    for _ in range(30):
        moved = np.tanh(Wr @ a + U @ x)
        a = a + np.linalg.solve(np.eye(n) - (1 - moved**2) * Wr, moved - a)
    return a


a = newton(x_small)
late = iterate(Wr, x_small, 500)
print("fixed point found:", np.allclose(np.tanh(Wr @ a + U @ x_small), a, atol=1e-14))
print("iterating reaches it:", np.allclose(iterate(Wr, x_small, 501), a))
print("it jumps back and forth:", np.allclose(iterate(Wr, x_small, 502), late))

# %% [markdown]
# **Guess:** has that fixed point a gradient? And which of the two finds it, unrolling or solving?

# %%
guess = ...  # "neither", "both", "unrolling" or "solving"

# %%
slope, u = 1 - a**2, g.copy()
J = slope * Wr
for _ in range(40):
    u = g + J.T @ u
solved = np.linalg.solve(np.eye(n) - J.T, g)
nudged = bp.numerical_gradient(lambda moved: np.sum(g * newton(moved)), x_small)
verdicts = {"unrolling": np.allclose(U.T @ (slope * u), nudged, atol=1e-7)}
verdicts["solving"] = np.allclose(U.T @ (slope * solved), nudged, atol=1e-7)
print(f"largest eigenvalue of J in size: {np.abs(np.linalg.eigvals(J)).max():.2f}")
print("agrees with nudging:", verdicts)
bp.beside(guess, " and ".join(name for name, good in verdicts.items() if good))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Solving. The theorem asks that $I - J$ be invertible, and that holds: no eigenvalue of $J$ is 1. That iterations converge it does not ask. Unrolled,
# the powers of $J^\top$ grow without bound.
#
# </details>
#
# And where $I - J$ is **not** invertible there may be no gradient at all. One neuron, $a = \tanh(w a + x)$ at $x = 0$, where $a = 0$ is a fixed point
# and its slope by $x$ is $\frac{1}{1 - w}$. As $w$ comes near 1 the gradient grows without bound; at $w = 1$ it has none, and beyond it the
# equation has three solutions.

# %%
for strength in (0.0, 0.9, 0.99, 0.999):
    print(f"w = {strength:5.3f}: da/dx = {1 / (1 - strength):6.0f}")
starts = np.array([-2.0, -0.1, 0.0, 0.1, 2.0])
for strength in (0.9, 1.5):
    a = starts.copy()
    for _ in range(2000):
        a = np.tanh(strength * a)
    print(f"w = {strength}: iterating ends at", sorted({float(round(value, 3)) + 0.0 for value in a}))

# %% [markdown]
# ### 15.7 fixed_point_vjp · •• · 10 min · 3 points
#
# `a` is a fixed point of $a = \tanh(W a + U x)$, already found; `g`, of its shape (n, 1), is the gradient that arrives at it. `W` is (n, n), `U` (n, k),
# `x` (k, 1). Return the list of the gradients of `W` and of `x`. The system has one solution; iterating need not converge.


# %%
def fixed_point_vjp(W, U, x, a, g):
    """The VJP of the fixed point a = tanh(W a + U x) → [gradient of W (n, n), gradient of x (k, 1)]."""
    # BEGIN SOLUTION
    slope = 1 - a**2
    u = np.linalg.solve(np.eye(len(a)) - W.T * slope.T, g)
    delta = slope * u
    return [delta @ a.T, U.T @ delta]
    # END SOLUTION


# %%
bp.check("15.7", fixed_point_vjp)

# %% [markdown]
# ## Sixteen bits
#
# A float16 has a sign, 5 bits for the exponent and 10 for the digits behind the leading 1. Its normal numbers are $\pm 1.d_1 \dots d_{10} \times 2^e$ with
# $-14 \le e \le 15$; the largest is 65504. Below $2^{-14}$ the leading 1 is given up: the **subnormal** numbers are the whole multiples of
# $2^{-24}$, and below half of that there is only 0. (Half itself, $2^{-25}$, is a tie, and ties go to the even neighbour, 0.) A number that falls to
# 0 so has met **underflow**. From 65520 on, half a step beyond the largest, a number meets **overflow**: it becomes an infinity.

# %%
with np.errstate(over="ignore", invalid="ignore"):
    for name, number in (("2^-24", 2.0**-24), ("2^-25", 2.0**-25), ("1.5 · 2^-25", 1.5 * 2.0**-25)):
        print(f"{name:12} becomes {np.float16(number) / np.float64(2.0**-24):.0f} · 2^-24")
    for number in (65504, 65519, 65520):
        print(f"{number} becomes {float(np.float16(number)):g}")
    print("inf - inf is", np.float16(70000) - np.float16(70000))

# %% [markdown]
# Weights and activations have sizes near 1 and come to no harm. Gradients are another matter: lesson 05 saw them shrink layer by layer. Go
# back through a sigmoid net of 12 layers, and round what each step finds to float16. (Sums are formed in more digits and rounded once.)

# %%
deep, x_deep, y_deep = bp.nets.deep(12)
cache = bp.forward(deep, x_deep)


def half_backward(scale):
    """∂(scale · C)/∂W of every layer, rounded to float16 at each step."""
    m, z = x_deep.shape[1], cache.z
    delta = (scale / m * (cache.a[12] - y_deep) * bp.sigmoid.prime(z[12])).astype(np.float16)
    dW = [None] * 13
    for l in range(12, 0, -1):
        dW[l] = (delta.astype(float) @ cache.a[l - 1].T).astype(np.float16)
        if l > 1:
            back = (deep.W[l].T @ delta.astype(float)).astype(np.float16)
            delta = back * bp.sigmoid.prime(z[l - 1]).astype(np.float16)
    return dW


# %% [markdown]
# **Guess:** what part of the first layer's weight gradients is 0 afterwards, in percent?

# %%
guess = ...  # 0 to 100

# %%
lost = [round(100 * np.mean(part == 0)) for part in half_backward(1.0)[1:]]
print("percent zeros by layer:", lost)
kept = bp.backward(deep, cache, y_deep).W[1:]
print("zeros in float64:", sum(np.sum(part == 0) for part in kept))
bp.beside(guess, lost[0])

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# All of it. The first layers get no gradient, none at all, and will never learn, while nothing reports an error. In float64 not one of these
# numbers is 0.
#
# </details>
#
# ### One factor at the beginning
#
# The remedy is one multiplication. BP2 to BP4 are linear in $\delta^L$: if the loss is multiplied by $s$, so is $\delta^L$, and with it every
# gradient. Multiply before going back, and divide what arrives:
#
# $$\frac{\partial C}{\partial w} = \frac{1}{s}\, \frac{\partial (s C)}{\partial w} \tag{loss scaling}$$
#
# In exact arithmetic that changes nothing. In float16 it moves all gradients up, away from $2^{-24}$. Does the scale itself cost digits?
#
# **Guess:** two scales, 1000 and 1024. Multiply a thousand float16 numbers by each, then by their slopes, and take the scale off in float64. With which of them
# is the result, to the last bit, the one without a scale?

# %%
guess = ...  # "both", "neither", "1000" or "1024"

# %%
rng = np.random.default_rng(15)
numbers = rng.uniform(0.1, 1.0, 1000).astype(np.float16)
slopes = rng.uniform(0.1, 1.0, 1000).astype(np.float16)
plain, unchanged = (numbers * slopes).astype(float), []
for s in (1000, 1024):
    same = ((numbers * np.float16(s)) * slopes).astype(float) / s == plain
    print(f"s = {s}: unchanged {np.mean(same):.0%}")
    unchanged += [str(s)] if same.all() else []
bp.beside(guess, " and ".join(unchanged))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# 1024 is a power of two. It changes the exponent and leaves all digits; and whether a product is rounded up or down depends on digits alone. So
# every step gives 1024 times what it gave, **as long as no number leaves the normal range**, before or after. 1000 has digits of its own, so
# each number is rounded once more.
#
# </details>

# %%
print("   s    percent zeros by layer, 1 to 12                    all finite")
for exponent in (0, 4, 8, 12, 16, 24):
    with np.errstate(over="ignore", invalid="ignore"):
        dW = half_backward(2.0**exponent)[1:]
    zeros = " ".join(f"{100 * np.mean(part == 0):3.0f}" for part in dW)
    print(f"2^{exponent:<4d} {zeros}    {all(np.isfinite(part).all() for part in dW)}")

# %% [markdown]
# From $2^{12}$ on every layer has its gradient, and at $2^{24}$ the largest numbers overflow. So there is a window, and its upper end is easy to notice: look
# for infinities and nan. That gives a rule that finds its scale by itself:
#
# - **not finite anywhere**: leave the weights alone, halve $s$, start counting good steps anew;
# - **finite**: divide by $s$ *in a wider format*, step, count; after four good steps in a row (in practice two thousand) double $s$.
#
# Why a wider format? Divided in float16, the gradients would fall below $2^{-24}$ again. The weights are kept in it too, for a small step would be lost
# beside them. Watch the rule, from a scale that is much too large:

# %%
scale, good, seen = 2.0**24, 0, []
for _ in range(24):
    with np.errstate(over="ignore", invalid="ignore"):
        finite = all(np.isfinite(part).all() for part in half_backward(scale)[1:])
    seen.append(f"{int(np.log2(scale))}{'' if finite else '!'}")
    scale, good = (scale, good + 1) if finite else (scale / 2, 0)
    if good == 4:
        scale, good = 2 * scale, 0
print("log2 of s, ! where a step was skipped:", " ".join(seen))

# %% [markdown]
# It falls until nothing overflows, and then feels its way along the upper end, at one skipped step in five here. Move the scale yourself: the bars are all weight gradients of the net, by
# size; the window is float16. Arrow keys work too.

# %%
bp.widgets.loss_scale()

# %% [markdown]
# ### 15.8 loss_scale_step · •• · 8 min · 3 points
#
# One step of that rule. `W` is in float64. `g`, of the same shape, is the float16 gradient of `scale` times the loss. `good` counts the good steps in
# a row *before* this one, 0 to 3; `eta` is the learning rate. Return a list of three: the new `W`, the scale and the count for the next step. The
# fourth good step doubles the scale and sets the count back to 0.


# %%
def loss_scale_step(W, g, scale, good, eta):
    """A step from half-precision gradients; W float64, g float16, of one shape → [W, scale, good]."""
    # BEGIN SOLUTION
    if not np.isfinite(g).all():
        return [W, scale / 2, 0]
    W = W - eta * g.astype(np.float64) / scale
    return [W, 2 * scale, 0] if good == 3 else [W, scale, good + 1]
    # END SOLUTION


# %%
bp.check("15.8", loss_scale_step)

# %% [markdown]
# ## Recap
#
# The equations of this lesson, on one card.

# %%
names = ["dual product", "layer JVP", "HVP", "checkpoints", "square root rule"]
bp.equations.card(*names, "fixed point VJP", "loss scaling")

# %% [markdown]
# **Answer aloud**, then open.
#
# <details><summary>1. Why is a gradient computed by VJPs, and a Hessian times a vector by a JVP of that?</summary>
#
# A cost has one output and many inputs: one VJP is enough, where JVPs would have to be as many as the weights. The gradient has as many outputs as inputs, and only one
# direction is asked: one JVP is enough.
#
# </details>
# <details><summary>2. A net of 400 layers: how many activations does checkpointing hold at best, and what does it cost?</summary>
#
# $2 \sqrt{400} = 40$ instead of 401, with a checkpoint every 20 layers. All steps but those that end at a checkpoint are done twice: $400 - 20$.
#
# </details>
# <details><summary>3. What does the VJP of a fixed point need from the iterations that found it?</summary>
#
# Nothing but their end. Its condition is that $I - J$ be invertible there, not that the iterations contract.
#
# </details>

# %% [markdown]
# **Classic mistakes**
#
# - a term lost in a product of two things that move: $\dot W a$ in the forward pass, $\dot W^\top \delta$ on the way back.
# - the slope held still in a Hessian times a vector. The symmetry test does not see it.
# - one fixed step in a difference of gradients: right for a vector of size 1, wrong for all others.
# - $I - J$ for its transpose in the VJP of a fixed point, and one iteration taken for all of them.
# - the loss scale taken off in float16: what it saved is lost again.
# - only nan looked for, and not infinities, or the other way round.
#
# **What comes next.** The course ends here. You can derive a gradient, doubt it, measure it, and make room for it. Take a text that prints a backward pass,
# find the line that is wrong, and say why.

# %% [markdown]
# ## Words
#
# In English and Chinese. `bp.words()` lists those of the whole course.

# %%
bp.words("15")
