# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 10 · From backpropagation to autodiff
#
# So far you differentiated by hand: first one kind of net, then one objective after the other. Each time the work was the same. In this
# lesson you hand that work to the machine. You write an engine that watches a program compute, and then runs it backwards: whatever the
# program was, out come all its gradients. This is automatic differentiation, autodiff for short. PyTorch and JAX are such engines, and yours will rest on the same few ideas.
#
# **You will be able to**
#
# - say what a program must remember so that it can be differentiated, and write it down as a class;
# - derive the rule by which a gradient goes back through a product of matrices, through broadcasting, through relu and through log Σ exp;
# - put the nodes of any computation in an order in which gradients are complete when they are passed on;
# - write the backward pass, and find the four mistakes that make it wrong without an error message;
# - show that BP1 to BP4 are what such an engine does when the program is a net.
#
# **You need** the chain rule and VJPs (lesson 02), BP1 to BP4 (04 to 06), and the sum over all uses of a shared parameter (09).
#
# **Time** 110 minutes: about 40 of reading, the rest is yours: seven exercises and eleven guesses.
#
# **Sources.** That backpropagation is a way to differentiate anything that can be drawn as a net is the thought of
# 用反向传导思想求导 (U); here it becomes a program. The theory under the name of reverse mode: Griewank and Walther, *Evaluating Derivatives*,
# chapter 3; a survey: Baydin, Pearlmutter, Radul and Siskind, *Automatic Differentiation in Machine Learning* (2018). Corresponding sections
# elsewhere: CS231n, [Backpropagation, intuitions](https://cs231n.github.io/optimization-2/), with its gates and staged computation; Nielsen,
# [chapter 2](http://neuralnetworksanddeeplearning.com/chap2.html), "The backpropagation algorithm"; UFLDL,
# [Deriving gradients using the backpropagation idea](http://ufldl.stanford.edu/wiki/index.php/Deriving_gradients_using_the_backpropagation_idea).

# %%
import inspect

import numpy as np

import bpkit as bp

tape = bp.tape  # the finished engine, for comparison
np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# ## A computation that remembers
#
# Begin with numbers. Take $f = (x + y) \cdot x$ at $x = 2$, $y = 3$, computed in two steps as a machine does it:
#
# $$v_1 = x + y = 5, \qquad v_2 = v_1 \cdot x = 10$$
#
# **Guess:** how fast does $f$ move with $x$?

# %%
guess = ...  # a number

# %%
measured = bp.numerical_gradient(lambda at: (at[0] + at[1]) * at[0], np.array([2.0, 3.0]))
print("∂f/∂x, ∂f/∂y measured by nudging:", measured)
bp.beside(guess, round(measured[0], 4))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# 7. If you said 5, you saw only the factor $x$; if you said 2, only the $x$ inside $v_1$. There are two ways from $x$ to the result, and both count.
#
# </details>

# %% [markdown]
# ### What arrives at a quantity
#
# Let a program compute $v_1, v_2, \dots, v_n$ one after the other, each from some of those before it; inputs are the ones computed from nothing. $v_n$ is the
# result. Write $\bar v_i$ for the derivative of the result with respect to $v_i$: nudge $v_i$, let everything *after* it follow, and watch $v_n$.
# It is called the **adjoint** of $v_i$, or its gradient. Every symbol here is one number. Then
#
# $$\bar{v}_i = \sum_{j:\, i \to j} \bar{v}_j\, \frac{\partial v_j}{\partial v_i} \tag{adjoint}$$
#
# The sum runs over all $v_j$ that are computed *directly* from $v_i$, once for each use, and $\partial v_j / \partial v_i$ is the slope of
# that one step, its other operands held. The proof:
#
# | | step | why |
# |:--|:--|:--|
# | 1 | Give each use of $v_i$ a copy of its own, $v_{i[1]}, v_{i[2]}, \dots$, all of the same value. | the program computes the same as before |
# | 2 | $\bar v_i = \displaystyle\sum_u \frac{\partial v_n}{\partial v_{i[u]}}$ | a shared quantity's gradient is the sum over its uses: the theorem of lesson 09 |
# | 3 | $\dfrac{\partial v_n}{\partial v_{i[u]}} = \bar v_j\, \dfrac{\partial v_j}{\partial v_{i[u]}}$ | copy $u$ goes into one step only, say $v_j$; so whatever it does, it does through $v_j$: chain rule with one path |
# | 4 | Put 3 into 2. | that is the formula |
#
# **The conditions**: each step is differentiable at the values it meets. Then the whole program is, since a composition of differentiable maps is (lesson 02). Where one is not, as relu at 0, a slope is agreed on.
#
# This is BP2 without layers. It says how to compute, too: start with $\bar v_n = 1$, since the result moves with itself at speed 1, and go back; when you arrive
# at $v_i$ every $\bar v_j$ on the right is known.

# %% [markdown]
# ### The same with numbers
#
# $x$ goes into two steps, $v_1 = x + y$ and $v_2 = v_1 \cdot x$:
#
# $$\begin{gathered}
# \bar v_2 = 1 \qquad \bar v_1 = \underbrace{1}_{\bar v_2} \cdot \underbrace{2}_{x} = 2 \\
# \bar x = \underbrace{1}_{\bar v_2} \cdot \underbrace{5}_{v_1} + \underbrace{2}_{\bar v_1} \cdot \underbrace{1}_{\text{slope of a sum}} = 7
# \qquad \bar y = \underbrace{2}_{\bar v_1} \cdot 1 = 2
# \end{gathered}$$
#
# Draw the steps in the order of computing and you have a **tape**; the same drawing without the order is called a computational graph. An arc above says who is used by whom; an arc below carries a gradient back.

# %%
x, y = tape.Var(2.0), tape.Var(3.0)
f = (x + y) * x
tape.backward(f)
print("gradients from the tape:", x.grad, y.grad)
bp.plots.show(bp.plots.tape(f, {"x": x, "y": y}))

# %% [markdown]
# What does a result have to remember, so that this works? Its value; which quantities it was made from, its **parents**; and for each of them the slope of the step.
# Python lets a class say what `+` and `*` mean for its objects, so the program that computes can stay as it is.

# %% [markdown]
# ### 10.1 Var · •• · 14 min · 3 points
#
# Complete the class. `a + b` and `a * b` return a new `Var` with its value, its two parents, and a slope for each of them. `push` adds to the `grad` of
# each parent what comes from this node. The check computes with your class, sets the last result's `grad` to 1 and lets every node push, the last one first.


# %%
class Var:
    """A number that remembers its parents and how fast it moves with each of them."""

    def __init__(self, value, parents=(), slopes=()):
        self.value, self.parents, self.slopes, self.grad = value, parents, slopes, 0.0

    def __add__(self, other):
        # BEGIN SOLUTION
        return Var(self.value + other.value, (self, other), (1.0, 1.0))
        # END SOLUTION

    def __mul__(self, other):
        # BEGIN SOLUTION
        return Var(self.value * other.value, (self, other), (other.value, self.value))
        # END SOLUTION

    def push(self):
        # BEGIN SOLUTION
        for parent, slope in zip(self.parents, self.slopes, strict=True):
            parent.grad += slope * self.grad
        # END SOLUTION


# %%
bp.check("10.1", Var)

# %% [markdown]
# ## In which order?
#
# A node may push only when its own gradient is complete, that is, when everything made from it has pushed. Otherwise it passes on a part, and later
# has to pass on the rest.
#
# One could leave the order to a recursion: every node pushes to its parents, and each of them at once pushes on what it got. That is right: it walks every path from
# the result to the inputs, and sums.
#
# **Guess:** the program `v = x`, then 30 times `v = v + v`, has 31 nodes. How many pushes does that recursion make?

# %%
guess = ...  # a number, such as 1e3

# %%
v = tape.Var(1.0)
for _ in range(30):
    v = v + v
pushes = sum(2**k for k in range(1, 31))  # 2 from the result, and twice as many with each step back
print("pushes in a good order:", sum(len(node.parents) for node in bp.topological_order(v)))
bp.beside(guess, f"{pushes:.1e}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Two billion, against 60. Every step doubles the number of paths. It is the sum over paths of lesson 05 once more, and the remedy is the same: what paths have in common is
# summed once, before it is passed on.
#
# </details>
#
# A **topological order** is a list of all nodes that the result rests on, each once, in which parents stand before their children. There always is one: the order of computing.
# Go through it **backwards**, and whoever uses a node has its turn before the node: its gradient is complete when it pushes.
#
# Nobody has to write that order down while computing. It can be found afterwards, from the parents alone.

# %% [markdown]
# ### 10.2 topological_order · •• · 10 min · 2 points
#
# `root` is a node, and `root.parents` is a list of nodes, with parents of their own; a node without parents has an empty list. Return the list of all nodes that `root` rests on, and `root` itself:
# each node once, parents before children. More than one order is right. Nodes can be put into a set and compared with `is`.


# %%
def topological_order(root):
    """Every node that root rests on, each once, parents before children; root comes last."""
    # BEGIN SOLUTION
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(root)
    return order
    # END SOLUTION


# %%
bp.check("10.2", topological_order)

# %% [markdown]
# ## From numbers to arrays
#
# A net computes with matrices. The formula above holds for every entry of them, but nobody wants a node for each entry. So let a node be an array. Its gradient $\bar A$ is
# the array of the gradients of its entries: **same shape as $A$**. What takes the place of the slope?
#
# All partial derivatives of a step make its Jacobian. **Guess:** $Z = WX$ with $W$ of shape (30, 784) and 10 examples. How many entries does
# the Jacobian of $Z$ with respect to $W$ have?

# %%
guess = ...  # a number, such as 1e5

# %%
n, n_prev, m = 30, 784, 10
print("entries of Z:", n * m, "  entries of W:", n * n_prev)
print("multiplications in one product of (30, 10) and (10, 784):", n * m * n_prev)
bp.beside(guess, f"{n * m * n * n_prev:.1e}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Seven million numbers, nearly all of them 0, for one layer of a small net. Nobody ever needs them: what is needed is the product of their transpose with $\bar Z$, and that is one product of small matrices.
#
# </details>
#
# So a step from $A$ to $Y$ remembers, for each operand, not its Jacobian but a *function*: the one that takes $\bar Y$ to what it contributes to $\bar A$. That function is the
# vector-Jacobian product of lesson 02, **VJP** for short:
#
# $$\bar a_{ik} \mathrel{+}= \sum_{\text{entries } y \text{ of } Y} \bar y\, \frac{\partial y}{\partial a_{ik}}$$
#
# An engine is a list of operations, each with its value and its VJPs. You need four of them.

# %% [markdown]
# ## Through a product of matrices
#
# $Y = AB$ with $A$ $(n, k)$ and $B$ $(k, m)$. In components, with $i = 1 \dots n$ and $j = 1 \dots m$:
#
# $$y_{ij} = \sum_{p=1}^{k} a_{ip}\, b_{pj}$$
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $\dfrac{\partial y_{ij}}{\partial a_{ip}} = b_{pj}$, and $\dfrac{\partial y_{i'j}}{\partial a_{ip}} = 0$ for $i' \ne i$ | one term of the sum has $a_{ip}$ in it; other rows of $Y$ do not contain row $i$ of $A$ |
# | 2 | $\bar a_{ip} = \displaystyle\sum_{j=1}^{m} \bar y_{ij}\, b_{pj}$ | adjoint: $a_{ip}$ goes into the $m$ entries of row $i$ |
# | 3 | $\phantom{\bar a_{ip}} = \displaystyle\sum_{j=1}^{m} \bar y_{ij}\, (B^\top)_{jp}$ | a matrix product sums over neighbouring indices, so $B$ is turned |
# | 4 | $\bar b_{pj} = \displaystyle\sum_{i=1}^{n} a_{ip}\, \bar y_{ij} = \sum_{i=1}^{n} (A^\top)_{pi}\, \bar y_{ij}$ | the same for $b_{pj}$, which goes into the $n$ entries of column $j$ |
#
# $$\bar{A} = \bar{Y}\, B^\top, \quad \bar{B} = A^\top\, \bar{Y} \tag{matmul VJP}$$
#
# $$\underset{(n,\,k)}{\bar A} = \underset{(n,\,m)}{\bar Y}\; \underset{(m,\,k)}{B^\top} \qquad \underset{(k,\,m)}{\bar B} = \underset{(k,\,n)}{A^\top}\; \underset{(n,\,m)}{\bar Y}$$
#
# The shapes alone leave no other way to multiply, unless the matrices are square.
#
# **Guess:** in the running net let the product be $W^2 a^1$ and let $\bar Y = \delta^2$. Which two formulas of this course does the rule turn into?

# %%
guess = ...  # in words

# %%
net, x, y = bp.nets.two_three_two()
cache = bp.forward(net, x)
grads = bp.backward(net, cache, y)
W2, a1, G = net.W[2], cache.a[1], grads.delta[2]
back = W2.T @ G * bp.sigmoid.prime(cache.z[1])
print("G a1ᵀ          ", (G @ a1.T).ravel())
print("∂C/∂W2 by BP4  ", grads.W[2].ravel())
print("W2ᵀ G ⊙ σ'(z1) ", back.ravel())
print("δ1 by BP2      ", grads.delta[1].ravel())
same = np.allclose(G @ a1.T, grads.W[2]) and np.allclose(back, grads.delta[1])
bp.beside(guess, "BP4, and BP2 without its slope" if same else "none")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# $\bar W = \delta\, a^\top$ is BP4, and $\bar a = W^\top \delta$ is BP2 but for the factor $\sigma'(z)$. You derived them in two lessons; here they are the two halves of one rule.
#
# </details>

# %% [markdown]
# ### 10.3 matmul_vjp · •• · 8 min · 2 points
#
# `A` is $(n, k)$, `B` is $(k, m)$, `G` is $\bar Y$ for $Y = AB$, so $(n, m)$. Return the pair $\bar A$, $\bar B$.


# %%
def matmul_vjp(A, B, G):
    """How G, the gradient of A @ B, goes back; A (n, k), B (k, m), G (n, m) → (n, k), (k, m)."""
    # BEGIN SOLUTION
    return G @ B.T, A.T @ G
    # END SOLUTION


# %%
bp.check("10.3", matmul_vjp)

# %% [markdown]
# **Half way.** About 50 minutes lie behind you, about 60 are left. A good place to stop for today: `bp.progress()` says tomorrow where you were.

# %% [markdown]
# ## Through broadcasting
#
# $Z = WX + b$ adds a column $b$ $(n, 1)$ to a matrix $(n, m)$. numpy acts as if $b$ were copied into every column.
#
# **Guess:** $\bar Z$ is the matrix below. What is $\bar b$?

# %%
guess = ...  # three numbers

# %%
G = np.array([[1.0, 2.0, 3.0, 4.0], [0.0, -1.0, 0.0, 1.0], [0.5, 0.5, 0.5, 0.5]])
b = np.array([[0.1], [0.2], [0.3]])
measured = bp.numerical_gradient(lambda b: np.sum(G * (np.zeros((3, 4)) + b)), b)
print(G)
bp.beside(guess, measured.ravel().round(4))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# The sum of each row. Not the mean: $b_j$ is used $m$ times, and every use moves the result.
#
# </details>
#
# A copy is a use. With $y_{jx} = b_j$ for every column $x$, each slope is 1 and the adjoint formula has $m$ terms:
#
# $$\bar{b}_j = \sum_{x=1}^{m} \bar{Y}_{jx} \tag{broadcast VJP}$$
#
# That is BP3, and this is why BP3 has a sum over the examples: nobody chose it, broadcasting did. The $1/m$ of BP3 comes from the cost, as always.
#
# In general numpy broadcasts by two rules. It puts axes of size 1 **in front** of the array that has fewer, and it **stretches** axes of size 1. So to come back
# from $\bar Y$ to the shape of the operand, first sum over the axes that were put in front, and they are gone; then sum over the axes that were stretched, and they stay, with size 1.
#
# | operand | broadcast to | sum over | and then over |
# |:--|:--|:--|:--|
# | (3, 1) | (3, 5) | – | axis 1, kept |
# | (4,) | (3, 4) | axis 0, dropped | – |
# | (3, 1) | (2, 3, 4) | axis 0, dropped | last axis, kept |
# | () | (2, 3) | both axes, dropped | – |

# %% [markdown]
# ### 10.4 unbroadcast · ••• · 10 min · 2 points
#
# `G` is the gradient of a result, and `shape` (a tuple) the shape of an operand that was broadcast to `G.shape`. Return the operand's gradient, of that `shape`. Where nothing was
# broadcast, that is `G` itself.


# %%
def unbroadcast(G, shape):
    """Sum G over what broadcasting copied; returns an array of the given shape."""
    # BEGIN SOLUTION
    G = np.sum(G, axis=tuple(range(G.ndim - len(shape))))
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return np.sum(G, axis=stretched, keepdims=True)
    # END SOLUTION


# %%
bp.check("10.4", unbroadcast)

# %% [markdown]
# ## Through each entry by itself
#
# $A = \sigma(Z)$, entry by entry: $a_{jx}$ depends on $z_{jx}$ and on nothing else. The adjoint formula has one term, and all entries together are
#
# $$\bar{z} = \bar{a} \odot \sigma'(z) \tag{elementwise VJP}$$
#
# For relu the slope is 1 where $z > 0$ and 0 where $z < 0$. At $z = 0$ it has none; this course agrees on 0. So the VJP of relu lets some gradients pass and stops the others.
#
# One line goes round in public courses: `G * (a >= 0)` with the *output* `a = relu(z)`. **Guess:** on random $z$, what share of the entries of $\bar z$ does it get wrong?

# %%
guess = ...  # between 0 and 1

# %%
rng = np.random.default_rng(10)
z, G = rng.normal(size=(100, 100)), rng.normal(size=(100, 100))
wrong = G * (bp.relu(z) >= 0) != G * (z > 0)
bp.beside(guess, round(np.mean(wrong), 2))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Every entry with a negative $z$, so about half. An output of relu is never below 0, so the condition is always true. With `>` in place of `>=` the output would do as well as $z$.
#
# </details>

# %% [markdown]
# ### 10.5 relu_vjp · • · 5 min · 1 point
#
# `z` and `G` have the same shape; `G` is the gradient of relu(z). Return the gradient of `z`, with numpy alone. The slope at 0 is 0.


# %%
def relu_vjp(z, G):
    """How G goes back through relu; z (n, m), G (n, m) → (n, m)."""
    # BEGIN SOLUTION
    return G * (z > 0)
    # END SOLUTION


# %%
bp.check("10.5", relu_vjp)

# %% [markdown]
# ## The backward pass
#
# Now the nodes hold arrays: `node.value`, `node.parents`, and in place of slopes `node.vjps`, a list of functions, one for each parent. `vjp(g)` takes the gradient of the node to what the parent gets from it.
# The backward pass is three lines of thought:
#
# 1. **Clean up.** Every gradient becomes 0.
# 2. **Seed.** The root's gradient becomes 1. The root is one number, such as a cost; that is why a whole net needs one pass.
# 3. **Push**, from the root back, each node when it is complete.
#
# **Guess:** $f = (x \cdot x) \cdot x$ at $x = 2$ has $\partial f/\partial x = 12$. Somebody leaves out the first step and calls `backward` twice. What does $x$ hold
# after the second call?

# %%
guess = ...  # a number


# %%
x, square = 2.0, 4.0  # square = x · x, f = square · x
grad = {"square": 0.0, "x": 0.0}
for call in (1, 2):
    grad["square"] += 1.0 * x  # f pushes; its own gradient is 1
    grad["x"] += 1.0 * square
    grad["x"] += grad["square"] * 2 * x  # square pushes, to x twice
    print(f"after call {call}:", grad)
bp.beside(guess, grad["x"])

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Neither 12 nor 24. The node in between, $x \cdot x$, kept its 2, got another 2, and pushed all 4 again. So $x$ holds 12 from the first call and 20 from the second.
#
# PyTorch does keep the gradients of parameters, on purpose, so that several small batches can be added up, and every training loop there has to call `zero_grad`. Those of the nodes in between it does not keep.
#
# </details>
#
# One more trap has no error message. A VJP may return the very array that it was given: that of a sum does. Then two nodes hold *one* array, and `parent.grad += ...` on the one changes the other.
# `parent.grad = parent.grad + ...` makes a new array.

# %% [markdown]
# ### 10.6 backward · ••• · 12 min · 3 points
#
# `root` is a node whose value is one number. Set `node.grad` of every node that `root` rests on, `root` included: an array of the shape of `node.value`. The nodes may hold gradients of an earlier call.
# `bp.topological_order(root)` gives the order; your own from 10.2 does as well. There is nothing to return.


# %%
def backward(root):
    """Give every node that root rests on its gradient, ∂root/∂node, in node.grad."""
    # BEGIN SOLUTION
    order = bp.topological_order(root)
    for node in order:
        node.grad = np.zeros_like(node.value)
    root.grad = np.ones_like(root.value)
    for node in reversed(order):
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            parent.grad = parent.grad + vjp(node.grad)
    # END SOLUTION


# %%
bp.check("10.6", backward)

# %% [markdown]
# Watch one. A weight $w$ is used twice: $C = \tfrac12 \big(\tanh(w \tanh(w x)) - 1\big)^2$ is a tiny recurrent net, two steps with the same weight. Step with the buttons or the arrow keys. Before each
# step say who pushes next, and who is still waiting.

# %%
w, x = tape.Var(0.5), tape.Var(2.0)
C = 0.5 * (tape.tanh(w * tape.tanh(w * x)) - 1.0) ** 2
bp.widgets.tape(C, {"w": w, "x": x, "C": C})

# %% [markdown]
# ## One function with a rule of its own
#
# Cross-entropy after softmax is the logarithm of a sum of exponentials. For one column $z$ and a one-hot target $y$ whose 1 stands at $c$,
#
# $$C_x = -\log \frac{e^{z_c}}{\sum_k e^{z_k}} = \log \sum_k e^{z_k} - z_c = \log \sum_k e^{z_k} - y^\top z$$
#
# An engine could build that from exp, sum and log. **Guess:** what does it give for $z = (1000, 999)$?

# %%
guess = ...  # a number

# %%
z = np.array([[1000.0], [999.0]])
with np.errstate(over="ignore"):
    naive = np.log(np.sum(np.exp(z)))
print("as it stands:", naive)
bp.beside(guess, f"{tape.log_sum_exp(z).value[0, 0]:.4f}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# $e^{1000}$ is beyond float64: the value is infinite, and the gradient would be infinite divided by infinite. Yet the answer is about 1000.3133. Take out the largest entry $t$ first: $\log \sum_k e^{z_k} = t + \log \sum_k e^{z_k - t}$, and no exponent is above 0.
#
# </details>
#
# So this function gets a VJP of its own, and it is one that you know. With $s = \sum_k e^{z_k}$ and $v = \log s$:
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $\dfrac{\partial v}{\partial z_j} = \dfrac{1}{s} \cdot \dfrac{\partial s}{\partial z_j}$ | chain rule, derivative of the logarithm |
# | 2 | $\phantom{\dfrac{\partial v}{\partial z_j}} = \dfrac{e^{z_j}}{\sum_k e^{z_k}}$ | one term of $s$ has $z_j$ in it, and it is its own derivative |
# | 3 | $\phantom{\dfrac{\partial v}{\partial z_j}} = \mathrm{softmax}(z)_j$ | by name |
#
# $$\bar{z} = \bar{v}\, \mathrm{softmax}(z) \tag{log-sum-exp VJP}$$
#
# For $m$ columns each has its own $\bar v$. And the cross-entropy above has the gradient $\mathrm{softmax}(z) - y$, the $a - y$ of lesson 04: this time nothing had to cancel.

# %% [markdown]
# ### 10.7 log_sum_exp_vjp · •• · 8 min · 2 points
#
# `z` is $(n, m)$; log Σ exp is taken down each column, so its gradient `g` is $(1, m)$. Return the gradient of `z`, $(n, m)$. It must hold where $z$ is near 1000 and near -1000, and the columns may lie far apart. numpy alone, please.


# %%
def log_sum_exp_vjp(z, g):
    """How g goes back through log Σ exp of each column; z (n, m), g (1, m) → (n, m)."""
    # BEGIN SOLUTION
    e = np.exp(z - np.max(z, axis=0, keepdims=True))
    return g * e / np.sum(e, axis=0, keepdims=True)
    # END SOLUTION


# %%
bp.check("10.7", log_sum_exp_vjp)

# %% [markdown]
# ## BP1 to BP4 fall out
#
# You have all the parts. Put together, with a few more operations written as you wrote these, they are `bp.tape`. Read it: it is one file, and nothing in it is new to you.

# %%
source = inspect.getsource(tape)
print("lines in all:", "fewer than 130" if len(source.splitlines()) < 130 else "too many")
print(source[source.index("add = ") : source.index("def matmul")])

# %% [markdown]
# Each line is an operation: its name, its value, and a VJP for each operand, in terms of the gradient $g$ and the value $y$.
#
# Now write the running net as you would write it on the first day, forwards only, with `Var`s for weights and biases.

# %%
net, x, y = bp.nets.two_three_two()
W = [None, *(tape.Var(weights) for weights in net.W[1:])]
b = [None, *(tape.Var(bias) for bias in net.b[1:])]
z1 = W[1] @ x + b[1]
z2 = W[2] @ tape.sigmoid(z1) + b[2]
C = 0.5 * tape.sum((tape.sigmoid(z2) - y) ** 2)
print(f"cost {C.value:.4f}, recorded in {len(bp.topological_order(C))} nodes")

# %% [markdown]
# **Guess:** after `tape.backward(C)`, what does `z1.grad` hold?

# %%
guess = ...  # in words, or a symbol

# %%
tape.backward(C)
grads = bp.backward(net, bp.forward(net, x), y)
print("z2  tape", z2.grad.ravel(), "  δ2", grads.delta[2].ravel())
print("z1  tape", z1.grad.ravel(), "  δ1", grads.delta[1].ravel())
print("b1  tape", b[1].grad.ravel(), "  BP3", grads.b[1].ravel())
print("W1  tape", W[1].grad.ravel())
print("    BP4 ", grads.W[1].ravel())
bp.beside(guess, "δ1" if np.allclose(z1.grad, grads.delta[1]) else "something else")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# The error of layer 1. $\delta^l$ was defined as $\partial C_x / \partial z^l$, and the gradient of the node $z^l$ is that.
#
# </details>
#
# Nobody told the tape about layers, errors or BP2. Each formula is the VJP of one step:
#
# | step of the forward pass | what its VJP does | in this course |
# |:--|:--|:--|
# | $C = \tfrac12 \lVert a^L - y \rVert^2$ | $\bar a^L = a^L - y$ | $\nabla_a C_x$ |
# | $a^L = \sigma(z^L)$ | $\bar z^L = \bar a^L \odot \sigma'(z^L)$ | BP1 |
# | $W^l a^{l-1}$, for $W^l$ | $\bar W^l = \bar z^l (a^{l-1})^\top$ | BP4 |
# | $W^l a^{l-1}$, for $a^{l-1}$ | $\bar a^{l-1} = (W^l)^\top \bar z^l$ | BP2, first half |
# | $a^{l-1} = \sigma(z^{l-1})$ | $\bar z^{l-1} = \bar a^{l-1} \odot \sigma'(z^{l-1})$ | BP2, second half |
# | $+\, b^l$, copied into $m$ columns | $\bar b^l = $ row sums of $\bar z^l$ | BP3 |
#
# With $m$ examples the cost is a mean, its last step divides by $m$, and every gradient carries that $1/m$ from the start: `z1.grad` is then $\delta^1 / m$. This course keeps $\delta$ per example and puts the $1/m$ into BP3 and BP4. Same gradients, other bookkeeping.

# %% [markdown]
# ## Your own tape reads digits
#
# Now train with it: the digits of lesson 08, and no line of backpropagation. Each operation below is a node made from a VJP that you wrote; what you did not write, such as the
# product with $y$, comes from `bp.tape`. As long as one of 10.3 to 10.7 is open, this says so and waits.

# %% tags=["yours"]
answers = {"10.3": matmul_vjp, "10.4": unbroadcast, "10.5": relu_vjp, "10.6": backward}
answers["10.7"] = log_sum_exp_vjp
tried = {number: bp.check(number, answer, record=False) for number, answer in answers.items()}
missing = [number for number, outcome in tried.items() if not outcome.passed]


# %%
def node(value, *links):
    """A node of the tape with its links, each an operand and its VJP."""
    return tape.Var(value, [operand for operand, _ in links], [vjp for _, vjp in links])


# %% tags=["yours"]
def dense(W, a, b):
    """W a + b, by your 10.3 and 10.4."""
    to_W = (W, lambda g: matmul_vjp(W.value, a.value, g)[0])
    to_a = (a, lambda g: matmul_vjp(W.value, a.value, g)[1])
    product = node(W.value @ a.value, to_W, to_a)
    to_b = (b, lambda g: unbroadcast(g, b.value.shape))
    return node(product.value + b.value, (product, lambda g: g), to_b)


def cost_on(x, y, W, b):
    """Cross-entropy of a relu net with softmax, a column an example; by your 10.5 and 10.7."""
    z1 = dense(W[0], tape.Var(x), b[0])
    a1 = node(np.maximum(z1.value, 0), (z1, lambda g: relu_vjp(z1.value, g)))
    z2 = dense(W[1], a1, b[1])
    total = node(tape.log_sum_exp(z2.value).value, (z2, lambda g: log_sum_exp_vjp(z2.value, g)))
    return tape.sum(total - tape.sum(y * z2, 0)) / x.shape[1]


# %% tags=["yours"]
def step(x, y, W, b, eta=0.2):
    """One step of gradient descent; by your 10.6."""
    backward(cost_on(x, y, W, b))
    for parameter in (*W, *b):
        parameter.value = parameter.value - eta * parameter.grad


# %% tags=["yours"]
digits, targets, rng = bp.data.digits(), np.eye(10), np.random.default_rng(0)
known, new = digits.train, digits.test
how = {"activation": bp.relu, "output": bp.softmax, "cost": bp.cross_entropy}
start = bp.init([64, 30, 10], rng=rng, **how)
W, b = ([tape.Var(p) for p in each[1:]] for each in (start.W, start.b))
for _ in range(0 if missing else 12):
    order = rng.permutation(known.labels.size)
    for batch in np.split(order, range(32, order.size, 32)):
        step(known.x[:, batch], targets[:, known.labels[batch]], W, b)

# %% tags=["yours"]
values = [[None, *(parameter.value for parameter in each)] for each in (W, b)]
says = bp.predict(bp.Network(*values, start.activations, start.cost), new.x).argmax(axis=0)
if missing:
    print("Open:", *missing, "- your tape waits.")
else:
    right = np.mean(says == new.labels)
    print(f"of {says.size} digits that it never saw, more than 94 in 100 right: {right > 0.94}")

# %% [markdown]
# Change the net: a third layer, another activation. The forward lines are all that changes. The way back is found.

# %% [markdown]
# ## Beyond nets
#
# Lesson 09 took two pages to differentiate the ICA objective $F = \lVert W^\top W x - x \rVert^2$, and text U has a slip in it. The tape needs the objective:

# %%
rng = np.random.default_rng(9)
W, x = tape.Var(rng.normal(size=(2, 4))), rng.normal(size=(4, 1))
r = W.T @ (W @ x) - x
tape.backward(tape.sum(r**2))
by_hand = 2 * W.value @ r.value @ x.T + 2 * (W.value @ x) @ r.value.T
print("tape   ", W.grad.ravel())
print("by hand", by_hand.ravel())

# %% [markdown]
# Nor does it have to be a formula. The tape records what *happened*: loops, branches, a different number of steps for different inputs. Below, a square root by Newton's method, which goes on until it is good enough.
#
# **Guess:** how fast does the result move with $c$ at $c = 2$? There is no derivative rule for a `while`.

# %%
guess = ...  # a number

# %%
c, root, steps = tape.Var(2.0), tape.Var(1.0), 0
while abs(root.value**2 - c.value) > 1e-12:
    root, steps = (root + c / root) / 2, steps + 1
tape.backward(root)
print("√2 =", root.value.round(4), "after", steps, "steps")
print("nodes on the tape:", len(bp.topological_order(root)))
bp.beside(guess, round(float(c.grad), 4))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# $1/(2\sqrt 2) = 0.3536$, the derivative of the square root, from a loop that never heard of it.
#
# </details>

# %% [markdown]
# ## What it costs
#
# Reverse mode gives all gradients for the price of a few forward passes: each step back is about as much work as the step itself, once for each operand (lesson 06 counted the multiplications). The price is memory. A VJP needs
# values of its step: a product its factors, a sigmoid its result, a sum none. What they need must stay until the backward pass has used it. Our engine keeps **every** value,
# needed or not; that is its choice.
#
# **Guess:** the classic net 784-30-10 has 23,860 parameters. It computes the cost of 100 examples. How many numbers besides parameters are kept for the way back, the input of
# the first product among them?

# %%
guess = ...  # a number

# %%
rng = np.random.default_rng(0)
big = bp.init([784, 30, 10], rng=rng)
parameters = [tape.Var(p) for pair in zip(big.W[1:], big.b[1:], strict=True) for p in pair]
x = a = rng.random((784, 100))
for W, b in zip(parameters[::2], parameters[1::2], strict=True):
    a = tape.sigmoid(W @ a + b)
C = tape.sum((a - rng.random((10, 100))) ** 2) / 200
nodes = [node for node in bp.topological_order(C) if node.parents]
print({f"{node.made_by} {node.value.shape}": node.value.size for node in nodes[:4]}, "…")
computed = sum(node.value.size for node in nodes)
print(f"computed: {computed:,}; the input, which the first product's VJP needs: {x.size:,}")
bp.beside(guess, computed + x.size)

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# 92,402: the 100 inputs themselves, three arrays for each layer (product, sum, activation) and a few for the cost. It grows with depth and with the number of examples, while the number of parameters stays. Large models therefore throw some values away and
# compute them again on the way back: checkpointing.
#
# </details>
#
# And one warning. The tape holds arrays, not copies. Change an array *in place* between forward and backward, and the VJPs meet numbers that were never computed with:

# %%
x = tape.Var(np.array([1.0, 2.0]))
f = tape.sum(x * x)
x.value += 10  # an update in place, too early
tape.backward(f)
print("f was computed at (1, 2); its gradient there is (2, 4). The tape says", x.grad)

# %% [markdown]
# It is text R's mistake in a new dress: the weights were overwritten before all gradients were known.

# %% [markdown]
# ## The same net in PyTorch and in JAX
#
# Both are tapes. PyTorch records while you compute, as ours does. JAX runs your function once on stand-ins that record, and gives you the gradient *function*. If one of them is installed, the cell below computes the same gradient with it; if not, it says so.

# %% tags=["nbval-ignore-output"]
net, x, y = bp.nets.two_three_two()
try:
    import torch

    W = [torch.tensor(weights, requires_grad=True) for weights in net.W[1:]]
    a = torch.tensor(x)
    for weights, bias in zip(W, net.b[1:], strict=True):
        a = torch.sigmoid(weights @ a + torch.tensor(bias))
    (0.5 * ((a - torch.tensor(y)) ** 2).sum()).backward()
    print("PyTorch", W[0].grad.numpy().ravel())
except ImportError:
    print("PyTorch is not installed here; pip install torch")
print("bpkit  ", bp.backward(net, bp.forward(net, x), y).W[1].ravel())

# %% tags=["nbval-ignore-output"]
try:
    import jax

    jax.config.update("jax_enable_x64", True)

    def cost(W):
        a = x
        for weights, bias in zip(W, net.b[1:], strict=True):
            a = jax.nn.sigmoid(weights @ a + bias)
        return 0.5 * ((a - y) ** 2).sum()

    print("JAX    ", np.asarray(jax.grad(cost)(list(net.W[1:]))[0]).ravel())
except ImportError:
    print("JAX is not installed here; pip install jax")

# %% [markdown]
# What you built has the same parts under other names:
#
# | here | PyTorch | JAX |
# |:--|:--|:--|
# | `Var` | a tensor with `requires_grad=True` | a tracer |
# | `parents` and `vjps` | `grad_fn` and its `next_functions` | the recorded function, transposed |
# | `backward(root)` | `root.backward()` | `jax.grad(f)`, `jax.vjp` |
# | cleaning up | `zero_grad()`, for parameters | not needed: gradients are returned |
# | a VJP of one's own | `torch.autograd.Function` | `jax.custom_vjp` |
#
# What they add is speed: compiled operations, graphics processors, many operations fused into one. The mathematics is in your hands.

# %% [markdown]
# ## Recap
#
# The equations of this lesson, on one card.

# %%
bp.equations.card("adjoint", "matmul VJP", "broadcast VJP", "elementwise VJP", "log-sum-exp VJP")

# %% [markdown]
# **Answer aloud**, then open.
#
# <details><summary>1. What does a node have to remember, and why is a VJP better than a Jacobian?</summary>
#
# Its value, its parents, and for each parent the VJP. A Jacobian has an entry for every pair of an output and an input and is mostly zeros; only its product with the gradient is ever needed, and the VJP computes that product alone.
#
# </details>
# <details><summary>2. Why must the nodes push in the reverse of a topological order?</summary>
#
# A node passes on its whole gradient, once. So everything made from it has to push before it. In a topological order its users stand after it; from the end back they come first.
#
# </details>
# <details><summary>3. Where do BP3's sum, BP4's outer product and BP2's transpose come from?</summary>
#
# The sum: the bias is copied into every column, and gradients of copies add up. The outer product and the transpose: the two VJPs of one matrix product, for its left and for its right factor.
#
# </details>

# %% [markdown]
# **Classic mistakes**
#
# - `=` for `+=` where gradients arrive: without accumulation only the last use counts.
# - pushing before the gradient is complete: parts are passed on twice.
# - gradients of an earlier call left in the nodes; and those in between are forgotten most often.
# - the result's value, or 0, as its own gradient. It is 1.
# - one array as the gradient of two nodes, changed in place.
# - $\bar A = \bar Y B$: on square matrices no shape objects.
# - a bias gradient of shape $(n, m)$: broadcasting not undone.
# - relu's mask taken with `>=` from its output: always true.
# - $e^{1000}$: log Σ exp without its shift.
#
# **What comes next.** You can derive, write and check a gradient, and you know how machines find it. Lesson 11 hands you fourteen derivations. Not all of them hold. Find the line.

# %% [markdown]
# ## Words
#
# In English and Chinese. `bp.words()` lists those of the whole course.

# %%
bp.words("10")

# %% [markdown]
# **Sources.** U: 用反向传导思想求导 (UFLDL). R: bp神经网络反向传播. Griewank and Walther, Evaluating Derivatives (2008). Baydin and others, Automatic Differentiation in Machine Learning, JMLR 18 (2018).
# How the source texts would write the two rules that carry everything else:

# %%
bp.equations.rosetta("adjoint", "matmul VJP")

# %% [markdown]
# **Next:** [11 · Errata clinic](11_errata_clinic.ipynb)
