# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 02 · The multivariable chain rule and Jacobians
#
# A net is functions inside functions, and every input reaches the cost on many ways. This lesson gives you the one theorem that
# backpropagation rests on, with its conditions and its proof (in a box), and shows why working from the output back is so cheap.
#
# **You will be able to**
#
# - state the chain rule with its conditions, say which step of its proof needs them, and show where it fails without them;
# - read a derivative as a sum over paths, and find it by hand in a small graph;
# - write down the Jacobian of a linear map, of an elementwise function, and of a composition;
# - say what a differential is, and why it may be written at any place of a chain;
# - say what forward and reverse order cost, and why one scalar output decides for reverse.
#
# **You need** derivatives of functions of one variable, partial derivatives, matrix products, and the forward pass (lesson 01).
#
# **Time** 105 minutes: about 45 of reading, the rest is yours: eight exercises and seven guesses. Pencil and paper help.
#
# **Sources.** The theorem, its Jacobian form and the invariance of the differential follow Ge Li's slides (P, section 3), whose one slip is put
# right; the proof is added. Corresponding sections elsewhere: Nielsen,
# [chapter 2](http://neuralnetworksanddeeplearning.com/chap2.html), "Backpropagation: the big picture", for the sum over paths;
# CS231n, [Backpropagation, intuitions](https://cs231n.github.io/optimization-2/), for circuits; UFLDL,
# [Multi-layer neural networks](http://ufldl.stanford.edu/tutorial/supervised/MultiLayerNeuralNetworks/), for where it is used.

# %%
import numpy as np

import bpkit as bp

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# <details><summary>Optional: a primer of 20 minutes, if partial derivatives and matrix products are new or long ago</summary>
#
# **A derivative is a speed.** $f(x) = x^2$ at $x = 3$: raise $x$ by a small $h$, and $f$ rises by $6h + h^2$, which is about $6h$. So $f'(3) = 6$: near 3, $f$ moves six times as fast as $x$. Four rules are enough for
# this course: $(x^n)' = n\,x^{n-1}$, $(e^x)' = e^x$, $(\log x)' = 1/x$, and $(uv)' = u'v + uv'$. For one function in another, speeds multiply: $\big(f(g(x))\big)' = f'(g(x))\, g'(x)$.
#
# *Try 1:* the derivative of $e^{3x}$; of $\frac{1}{1 + x}$ (write it as $(1 + x)^{-1}$).
#
# **A partial derivative** is the speed when **one** of several inputs moves and the others stand still. Treat these as numbers. For $f(x, y) = x^2 y + 5y$,
#
# $$\frac{\partial f}{\partial x} = 2xy \qquad (y \text{ is a number}), \qquad \frac{\partial f}{\partial y} = x^2 + 5 \qquad (x \text{ is a number}).$$
#
# At $x = 1$, $y = 2$ these are 4 and 6: raise $x$ by 0.001 and $f$ rises by about 0.004; raise $y$ instead and it rises by about 0.006. If a sum has many terms, those without the moving input give 0:
# of $w_1 x_1 + w_2 x_2 + w_3 x_3$ the derivative by $x_2$ is $w_2$.
#
# *Try 2:* both partial derivatives of $f(x, y) = x\,e^{xy}$; the derivative of $\sum_k (x_k - 1)^2$ by $x_3$.
#
# **A matrix times a column.** Row $j$ of $W$ meets the column, entry by entry, and the products add up to entry $j$ of the result:
#
# $$\begin{pmatrix} 1 & 2 & 0 \\ -1 & 3 & 1 \end{pmatrix} \begin{pmatrix} 4 \\ 5 \\ 6 \end{pmatrix} = \begin{pmatrix} 1 \cdot 4 + 2 \cdot 5 + 0 \cdot 6 \\ -4 + 15 + 6 \end{pmatrix}
# = \begin{pmatrix} 14 \\ 17 \end{pmatrix}$$
#
# A product of two matrices $AB$ does that to each column of $B$: $(AB)_{ki} = \sum_j A_{kj} B_{ji}$. **Shapes** tell what fits: $(p, m)$ times $(m, n)$ gives $(p, n)$; the two in the middle have to be equal, and
# they disappear. So $AB$ need not be $BA$, if both exist at all. The transpose $A^\top$ exchanges rows and columns, and $(AB)^\top = B^\top A^\top$.
#
# *Try 3:* $A$ is $(2, 3)$ and $B$ is $(3, 4)$. Which of $AB$, $BA$, $B^\top A^\top$, $A A^\top$ exist, and with which shapes? What is a $(1, 3)$ row times a $(3, 1)$ column, and the column times the row?
#
# In numpy: `W @ x` is the matrix product, `A.T` the transpose, `A.shape` the shape, and `*` multiplies entry by entry, which is another thing.
#
# **What you should have.**
#
# 1. $3e^{3x}$: the outer speed is $e^{3x}$, the inner one 3. And $-(1 + x)^{-2}$.
# 2. $\partial f/\partial x = e^{xy} + xy\,e^{xy}$, by the product rule; $\partial f/\partial y = x^2 e^{xy}$. And $2(x_3 - 1)$: one term holds $x_3$.
# 3. $AB$ is $(2, 4)$, $B^\top A^\top$ is $(4, 2)$, $A A^\top$ is $(2, 2)$; $BA$ does not exist. Row times column is a single number, a sum; column times row is a $(3, 3)$ table of all products.
#
# </details>

# %% [markdown]
# ## A wire that forks
#
# Let $u = x^2$ and $v = 3x$, and $z = uv$. At $x = 2$: $u = 4$, $v = 6$, $z = 24$. Now $x$ is raised a little. It moves $z$ twice over: through $u$ and
# through $v$.
#
# **Guess:** raise $x$ by 0.001. By how much does $z$ rise?

# %%
guess = ...  # a number

# %%
rise = (2.001**2) * (3 * 2.001) - 24
bp.beside(guess, round(rise, 3))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# $z$ rises 36 times as fast as $x$. Through $u$ alone it would be 24 times, through $v$ alone 12. What arrives on the two ways **adds up**.
#
# </details>
#
# Take one way at a time. Near $x = 2$, a nudge $h$ moves $u$ by about $\frac{du}{dx} h = 2x\,h = 4h$, and a change of $u$ moves $z$ by
# $\frac{\partial z}{\partial u} = v = 6$ times as much. So this **path** carries $6 \times 4\,h = 24\,h$. The other one:
# $\frac{dv}{dx} = 3$ and $\frac{\partial z}{\partial v} = u = 4$, so $4 \times 3\,h = 12\,h$.
#
# - **Along** a path the slopes multiply: the second link passes on what the first one delivers.
# - **Over** the paths the products add up: $z$ receives both changes.
#
# In the graph below every arrow carries its local slope.

# %%
jacobians = [[[4.0], [3.0]], [[6.0, 4.0]]]
names = [["x"], ["u", "v"], ["z"]]
print("through u:", 6.0 * 4.0, "  through v:", 4.0 * 3.0, "  together:", 6.0 * 4.0 + 4.0 * 3.0)
bp.plots.show(bp.plots.path_graph(jacobians, names, 0))

# %% [markdown]
# Why may the two be added, as if each moved alone? Below stands a function for which that is **false**. So the rule needs a condition, and you will
# see which.
#
# ## The theorem
#
# **The setting.** $f$ is a real function of $m$ variables, defined on an open set $D_f \subset \mathbb{R}^m$: $z = f(y_1, \dots, y_m)$. Each $y_j$ is a function of the
# $n$ variables $x_1, \dots, x_n$, all defined on an open set $D_g \subset \mathbb{R}^n$. Together they are $g : D_g \to \mathbb{R}^m$, and its values lie in $D_f$, so
# that $z = f(g(x))$ makes sense on $D_g$.
#
# Two words that sound alike:
#
# - $g$ is **partially differentiable** (可偏导) at $x^0$: all its partial derivatives $\frac{\partial y_j}{\partial x_i}(x^0)$ exist. Each of them looks along one axis only.
#   (P calls a map 可导 where its components are 可偏导. Elsewhere 可导 often means differentiable; look which is meant.)
# - $f$ is **differentiable** (可微) at $y^0$: near $y^0$ it is a linear function up to an error that is small compared with the step, *in whatever direction the
#   step goes*. There is a row of numbers $p = (p_1, \dots, p_m)$ with
#
# $$\begin{gathered}
# f(y^0 + k) = f(y^0) + \sum_{j=1}^{m} p_j\, k_j + \varepsilon(k)\, \lVert k\rVert, \\
# \varepsilon(k) \to 0 \text{ as } k \to 0, \quad \varepsilon(0) = 0
# \end{gathered}$$
#
# Then $p_j$ is the partial derivative $\frac{\partial f}{\partial y_j}(y^0)$: take a step $k$ along axis $j$ alone, divide by its length, and let it shrink.
#
# **Theorem (chain rule).** Let $x^0 \in D_g$ and $y^0 = g(x^0)$. If
#
# 1. $g$ is partially differentiable at $x^0$, that is, **each of** $y_1, \dots, y_m$ is, and
# 2. $f$ is differentiable at $y^0$,
#
# then $z = f(g(x))$ is partially differentiable at $x^0$, and for $i = 1, \dots, n$
#
# $$\frac{\partial z}{\partial x_i} = \sum_{j=1}^{m} \frac{\partial z}{\partial y_j}\, \frac{\partial y_j}{\partial x_i} \tag{chain rule}$$
#
# where $\frac{\partial z}{\partial y_j}$ is taken at $y^0$, the others at $x^0$. If the conditions hold at every point, so does the formula.
#
# **And if $g$ is differentiable at $x^0$**, each $y_j$ in the same sense as $f$, **then so is $f \circ g$**: a composition of differentiable maps is differentiable.
# The theorem alone does not say that, for its conclusion is about steps along axes. Both are needed below and proved in the box.
#
# *A slip to know of:* where P repeats the theorem for all points, the copy that we have asks for derivatives of $y_1, \dots, y_n$. There are $m$ of them: $n$
# counts the $x$'s. With $m > n$ that condition forgets some of them, with $m < n$ it names some that do not exist.

# %% [markdown]
# ### The proof
#
# <details><summary>Optional: both proofs, line by line</summary>
#
# **The chain rule.** Fix one $i$. Only $x_i$ moves, by $h \ne 0$. Then $y$ moves by $k(h) = g(x^0 + h e_i) - g(x^0)$, where $e_i$ is the step 1 along axis $i$.
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $\dfrac{k_j(h)}{h} \to \dfrac{\partial y_j}{\partial x_i}(x^0)$ as $h \to 0$, for each $j$ | that is what a partial derivative of $y_j$ is; condition 1 |
# | 2 | $k(h) \to 0$, and $\dfrac{\lVert k(h)\rVert}{\lvert h\rvert}$ stays bounded | from 1: the quotients have limits, and $k_j(h)$ is $h$ times its quotient |
# | 3 | $\dfrac{f(y^0 + k(h)) - f(y^0)}{h} = \displaystyle\sum_{j=1}^{m} \frac{\partial f}{\partial y_j}(y^0)\, \frac{k_j(h)}{h} + \varepsilon(k(h))\, \frac{\lVert k(h)\rVert}{h}$ | condition 2 with $k = k(h)$, divided by $h$ |
# | 4 | the last term tends to 0 | from 2: $\varepsilon(k(h)) \to 0$, and its factor is bounded |
# | 5 | the right side tends to $\displaystyle\sum_{j=1}^{m} \frac{\partial f}{\partial y_j}(y^0)\, \frac{\partial y_j}{\partial x_i}(x^0)$ | 1 and 4; a finite sum of limits |
#
# The left side of 3 is the difference quotient of $z$ in $x_i$. So its limit exists and is that sum. $\blacksquare$
#
# **A composition of differentiable maps.** Now $x$ moves by a step $h$ in any direction, $h \ne 0$, and $y$ by $k = g(x^0 + h) - g(x^0)$. Write $G$ for the matrix of
# all $\frac{\partial y_j}{\partial x_i}(x^0)$ and $p$ for the row of all $\frac{\partial f}{\partial y_j}(y^0)$.
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $k = G h + r(h)\, \lVert h\rVert$ with a column $r(h) \to 0$ | $g$ is differentiable, entry by entry |
# | 2 | $\lVert k\rVert \le (M + \lVert r(h)\rVert)\, \lVert h\rVert$ with one number $M$ for all $h$ | a matrix stretches no step by more than some $M$ |
# | 3 | $f(y^0 + k) - f(y^0) = p\, k + \varepsilon(k)\, \lVert k\rVert$ | $f$ is differentiable |
# | 4 | $\phantom{f(y^0 + k) - f(y^0)} = (p\, G)\, h + \Big( p\, r(h) + \varepsilon(k)\, \dfrac{\lVert k\rVert}{\lVert h\rVert} \Big) \lVert h\rVert$ | 1 into 3 |
# | 5 | the bracket tends to 0 with $h$ | $r(h) \to 0$; by 2, $k \to 0$, and the fraction stays bounded |
#
# So $f \circ g$ is differentiable at $x^0$, and its row of slopes is $p\, G$. $\blacksquare$
#
# </details>
#
# **Where the conditions are used.** $f$ has to be differentiable because $y$ goes in whatever direction $g$ sends it, seldom along an axis; partial derivatives of
# $f$ say nothing about such steps. For $g$, partial derivatives are enough as long as we move $x$ along an axis ourselves.

# %% [markdown]
# ### Where it fails
#
# $$f(y_1, y_2) = \frac{y_1^2\, y_2}{y_1^2 + y_2^2}, \qquad f(0, 0) = 0$$
#
# On both axes $f$ is 0, so both partial derivatives at the origin exist and are 0. $f$ is even continuous there, since $\lvert f\rvert \le \lvert y_2\rvert$. Now walk through
# the origin on a diagonal: $g(t) = (t, t)$. The formula would give $0 \cdot 1 + 0 \cdot 1 = 0$.
#
# **Guess:** what is the slope of $z = f(g(t))$ at $t = 0$, measured?

# %%
guess = ...  # a number


# %%
def f(y1, y2):
    return y1**2 * y2 / (y1**2 + y2**2) if y1 or y2 else 0.0


for t in (0.1, 0.001, 0.00001):
    slope, epsilon = (f(t, t) - f(0, 0)) / t, (f(t, t) - 0) / np.hypot(t, t)
    print(f"step {t:7g}: slope {slope:.4f}, ε {epsilon:.4f}")
bp.beside(guess, round((f(1e-6, 1e-6) - f(-1e-6, -1e-6)) / 2e-6, 4))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# The slope is $\frac12$, not 0: $f(t, t) = \frac{t^3}{2t^2} = \frac t2$. Both partial derivatives exist, and the chain rule is false. The last column is $\varepsilon$, the error of the
# linear function with these slopes, 0, divided by the length of the step: $\frac{t/2}{\sqrt 2\, t} = 0.3536$. It does not shrink with the step, so $f$ is not differentiable at the origin.
#
# </details>
#
# **How to be sure.** If the partial derivatives of $f$ exist *near* $y^0$ and are continuous at $y^0$, then $f$ is differentiable there. Sums, products,
# quotients, $\exp$ and the sigmoid pass this test wherever they are defined. Nets and costs are composed of them, so they are differentiable too. Relu fails at $z = 0$ alone; what
# then is lesson 03's concern.

# %% [markdown]
# ### 02.1 fork_gradient · •• · 7 min · 2 points
#
# A circuit with two inputs, and both of them fork: $u = xy$, $v = x + y^2$, $z = u \sin v$. Return two numbers as a pair,
# $\frac{\partial z}{\partial x}$ first, then $\frac{\partial z}{\partial y}$, at the given point. Go path by path; `np.sin` and `np.cos` take radians.
#
# Stuck? `bp.hint("02.1")` in a cell of its own opens a first hint; run it again for the next.


# %%
def fork_gradient(x, y):
    """Both slopes of z = u sin v with u = xy and v = x + y²; two numbers → a pair."""
    # BEGIN SOLUTION
    u, v = x * y, x + y**2
    to_u, to_v = np.sin(v), u * np.cos(v)
    return to_u * y + to_v * 1, to_u * x + to_v * 2 * y
    # END SOLUTION


# %%
bp.check("02.1", fork_gradient)

# %% [markdown]
# ## All slopes in one matrix
#
# A function with $n$ inputs and $m$ outputs has $m \cdot n$ partial derivatives. Put them into a matrix with **a row for each output and a column for each input**: the
# **Jacobian** (雅可比矩阵) of $g$ at $x$,
#
# $$g'(x) = \frac{\partial y}{\partial x} = \begin{pmatrix}
# \frac{\partial y_1}{\partial x_1} & \cdots & \frac{\partial y_1}{\partial x_n} \\
# \vdots & & \vdots \\
# \frac{\partial y_m}{\partial x_1} & \cdots & \frac{\partial y_m}{\partial x_n}
# \end{pmatrix} \qquad \text{shape } (m, n)$$
#
# Column $i$ says what happens when $x_i$ alone is nudged. Row $j$ holds all slopes of the one output $y_j$. A function with a single output has one row; written as a
# column, that row is its gradient.
#
# Two Jacobians are enough for a net.
#
# **A linear map** $y = Wx$. In components $y_j = \sum_k w_{jk}\, x_k$, and the only term with $x_i$ in it is $w_{ji}\, x_i$. So $\frac{\partial y_j}{\partial x_i} = w_{ji}$:
#
# $$\frac{\partial (W x)}{\partial x} = W \tag{linear Jacobian}$$
#
# **A function entry by entry**, $a = \sigma(z)$. The output $a_j = \sigma(z_j)$ moves with $z_j$ alone: $\frac{\partial a_j}{\partial z_j} = \sigma'(z_j)$, and all others are 0. So the slopes stand on the
# diagonal:
#
# $$\frac{\partial \sigma(z)}{\partial z} = \mathrm{diag}\!\left(\sigma'(z)\right) \tag{elementwise Jacobian}$$
#
# For the sigmoid, $\sigma(z) = (1 + e^{-z})^{-1}$, the rule for a power and the chain rule in one variable give
#
# $$\sigma'(z) = -(1 + e^{-z})^{-2} \cdot (-e^{-z}) = \frac{1}{1 + e^{-z}} \cdot \frac{e^{-z}}{1 + e^{-z}} = \sigma(z)\,(1 - \sigma(z))$$
#
# where the last step uses $\frac{e^{-z}}{1 + e^{-z}} = 1 - \frac{1}{1 + e^{-z}}$.

# %% [markdown]
# ### 02.2 linear_jacobian · • · 6 min · 1 point
#
# The input's mean is taken off before the weights see it: $y = W (x - \bar x)$, with $\bar x = \frac1n \sum_k x_k$ taken off every entry. Return the Jacobian of $y$ with
# respect to $x$. `W` is $(m, n)$. Before you write: what do all entries of a row of it add up to? (Raise all of $x$ by the same amount.)


# %%
def linear_jacobian(W):
    """∂y/∂x of y = W(x - mean of x); W (m, n) → a row for each output, a column for each input."""
    # BEGIN SOLUTION
    return W - W.mean(axis=1, keepdims=True)
    # END SOLUTION


# %%
bp.check("02.2", linear_jacobian)

# %% [markdown]
# ### 02.3 elementwise_jacobian · • · 5 min · 1 point
#
# Return the Jacobian of $a = \sigma(z)$, sigmoid entry by entry. `z` is a column $(n, 1)$; the Jacobian is a matrix. `bp.sigmoid.prime(z)` gives
# slopes; `bp.sigmoid.jacobian` is what you are making.


# %%
def elementwise_jacobian(z):
    """∂σ(z)/∂z for the sigmoid; z (n, 1) → (n, n)."""
    # BEGIN SOLUTION
    return np.diag(bp.sigmoid.prime(z).ravel())
    # END SOLUTION


# %%
bp.check("02.3", elementwise_jacobian)

# %% [markdown]
# ## Composition is a product
#
# The sum in the chain rule runs over $j$, the index that the two factors share. Write the slopes of $z$ as a row: the sum is a row times a matrix,
#
# $$\underset{(1,\, n)}{\frac{\partial z}{\partial x}} = \underset{(1,\, m)}{\frac{\partial z}{\partial y}} \; \underset{(m,\, n)}{\frac{\partial y}{\partial x}}$$
#
# Now let $f$ have $p$ outputs, $z = (z_1, \dots, z_p)$. Each of them is a function of its own, so the theorem holds for each $z_k$, with the same $\frac{\partial y}{\partial x}$:
#
# $$\frac{\partial z_k}{\partial x_i} = \sum_{j=1}^{m} \frac{\partial z_k}{\partial y_j}\, \frac{\partial y_j}{\partial x_i}
# = \text{row } k \text{ of } f'(g(x)) \text{ times column } i \text{ of } g'(x)$$
#
# That is entry $(k, i)$ of a matrix product. All $k$ and $i$ at once:
#
# $$\begin{aligned} &(f \circ g)'(x) \\ &= f'(g(x))\, g'(x) \end{aligned} \tag{Jacobian of a composition}$$
#
# $$\underset{(p,\, n)}{(f \circ g)'(x)} = \underset{(p,\, m)}{f'(g(x))} \; \underset{(m,\, n)}{g'(x)}$$
#
# The **outer** function's matrix stands on the **left**, as $f$ does in $f(g(x))$, and it is taken at $g(x)$, the place where $f$ is applied.

# %% [markdown]
# ### 02.4 chain · • · 5 min · 1 point
#
# A net keeps what its layers say, not the last one alone. Let $y = g(x)$ and $z = f(y)$, and let the output be both, $z$ above $y$. `J_outer` is the Jacobian of $f$ at $y$, `J_inner`
# that of $g$ at $x$. Return the Jacobian of $x \mapsto (z, y)$, with the rows of $z$ first.


# %%
def chain(J_outer, J_inner):
    """The Jacobian of x ↦ (z, y), z above y, from those of f, (p, m), and g, (m, n) → (p + m, n)."""
    # BEGIN SOLUTION
    return np.vstack([J_outer @ J_inner, J_inner])
    # END SOLUTION


# %%
bp.check("02.4", chain)

# %% [markdown]
# ### The same with numbers: polar coordinates
#
# A point at distance $r$ from the origin, in direction $t$, has the coordinates $x = r \cos t$ and $y = r \sin t$. Let $z = x^2 + y^2$, whose Jacobian is the row $(2x, 2y)$.
#
# **Guess:** $r = 2$, $t = 0.5$. What are $\frac{\partial z}{\partial r}$ and $\frac{\partial z}{\partial t}$? Do you need to compute anything?

# %%
guess = ...  # two numbers, such as (1, 2)


# %%
def z_of(polar):
    r, t = polar
    return (r * np.cos(t)) ** 2 + (r * np.sin(t)) ** 2


measured = bp.numerical_gradient(z_of, np.array([2.0, 0.5]))
bp.beside(guess, np.round(measured, 4) + 0.0)

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# $z$ is the squared distance $r^2$: its slope is $2r = 4$ in $r$, and 0 in $t$, for turning the point does not change its distance.
#
# </details>
#
# The chain rule has to find the same: a row $(2x, 2y)$ times a 2×2 matrix. That matrix is yours to find. Then check by hand that the product is $(4, 0)$; the two paths
# from $t$ to $z$ cancel.

# %% [markdown]
# ### 02.5 polar_jacobian · •• · 7 min · 2 points
#
# Return the Jacobian of $(r, t) \mapsto (x, y) = (r \cos t,\; r \sin t)$, a 2×2 array. Inputs are $r, t$ in this order, outputs $x, y$.


# %%
def polar_jacobian(r, t):
    """∂(x, y)/∂(r, t) for x = r cos t and y = r sin t; two numbers → (2, 2)."""
    # BEGIN SOLUTION
    return np.array([[np.cos(t), -r * np.sin(t)], [np.sin(t), r * np.cos(t)]])
    # END SOLUTION


# %%
bp.check("02.5", polar_jacobian)

# %% [markdown]
# **Half way.** About 55 minutes lie behind you, about 50 are left. A good place to stop for today: `bp.progress()` says tomorrow where you were.

# %% [markdown]
# ## A net as a graph of paths
#
# Take the course's net, 2-3-2, with sigmoid everywhere and the cost $C = \frac12 \sum_k (a^2_k - y_k)^2$ of one example. From the input to the cost it is a chain of three steps,
# $x \to z^1 \to z^2 \to C$. (A superscript is a layer here, not a square.) Each step is a Jacobian:
#
# | step | in components | Jacobian | shape |
# |:--|:--|:--|:--|
# | $z^1 = W^1 x + b^1$ | $\frac{\partial z^1_j}{\partial x_i} = w^1_{ji}$ | $J_1 = W^1$ | $(3, 2)$ |
# | $z^2 = W^2 \sigma(z^1) + b^2$ | $\frac{\partial z^2_k}{\partial z^1_j} = w^2_{kj}\, \sigma'(z^1_j)$ | $J_2 = W^2\, \mathrm{diag}(\sigma'(z^1))$ | $(2, 3)$ |
# | $C = \frac12 \sum_k (\sigma(z^2_k) - y_k)^2$ | $\frac{\partial C}{\partial z^2_k} = (a^2_k - y_k)\, \sigma'(z^2_k)$ | $J_3$, a row | $(1, 2)$ |
#
# The biases are constants and have slope 0. In the second step a composition is at work, a linear map after an elementwise function: the product of the two Jacobians that
# you found. In the third, only the term with index $k$ moves with $z^2_k$; the 2 of the square cancels the $\frac12$.

# %%
net, x, y = bp.nets.two_three_two()
cache = bp.forward(net, x)
J1 = net.W[1]
J2 = net.W[2] @ np.diag(bp.sigmoid.prime(cache.z[1]).ravel())
J3 = ((cache.a[2] - y) * bp.sigmoid.prime(cache.z[2])).T
for name, J in (("J1", J1), ("J2", J2), ("J3", J3)):
    print(name, J.shape, str(J).replace("\n", "\n" + " " * 10))

# %% [markdown]
# **Guess:** on how many paths does $x_1$ reach the cost?

# %%
guess = ...  # a number

# %%
names = [["x₁", "x₂"], ["z¹₁", "z¹₂", "z¹₃"], ["z²₁", "z²₂"], ["C"]]
bp.beside(guess, len(J2[0]) * len(J3[0]))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Three neurons to choose from in the first layer, two in the second, one cost: $3 \times 2 \times 1 = 6$. The numbers of choices multiply, so with every layer that you add, the paths
# become many times more.
#
# </details>
#
# Apply the chain rule twice, and the double sum has one term for each path, the product of its three slopes. In general letters:
#
# $$\frac{\partial z}{\partial x_i} = \sum_{j} \sum_{k} \frac{\partial z}{\partial u_k}\, \frac{\partial u_k}{\partial y_j}\, \frac{\partial y_j}{\partial x_i} \tag{sum over paths}$$

# %%
print("path                  slopes                       product")
total = 0.0
for j in range(3):
    for k in range(2):
        slopes = np.array([J1[j, 0], J2[k, j], J3[0, k]])
        total += slopes.prod()
        path = f"x₁ → z¹{'₁₂₃'[j]} → z²{'₁₂'[k]} → C"
        print(path, " ".join(f"{slope:8.4f}" for slope in slopes), f"{slopes.prod():11.4f}")
nudged = bp.numerical_gradient(lambda moved: bp.cost_of(net, moved, y), x)[0, 0]
print(f"sum {total:.4f}, as a matrix product {(J3 @ J2 @ J1)[0, 0]:.4f}, by nudging x₁ {nudged:.4f}")

# %% [markdown]
# Two pictures of these six terms: the graph with its slopes, and what each path contributes, one after the other up to the sum. Blue is positive, orange and dashed negative.

# %%
print("∂C/∂x₁ =", round(total, 4))
bp.plots.show(bp.plots.path_graph([J1, J2, J3], names, 0))
bp.plots.show(bp.plots.path_shares([J1, J2, J3], names, 0))

# %% [markdown]
# Now light the paths up yourself. Next and Back, or the left and right arrow keys, go from input to input; up and down go from path to path. Before you open the last step, "From C
# back", say which numbers you would form first if you had to do as little work as possible.

# %%
bp.widgets.paths([J1, J2, J3], names)

# %% [markdown]
# **Gradients add at forks.** Seen from the output back, a quantity that feeds several others *collects*: what comes back from each of them is added (`+=` in code). To overwrite
# (`=`) is to forget all paths but the last.
#
# The last step of the widget is the idea of backpropagation. Six paths lead through $z^1_2$, $z^1_1$ and $z^1_3$, two through each; but what lies behind $z^1_2$ is the same for all that arrive there. It is summed once, as
# $\frac{\partial C}{\partial z^1_2}$, and serves $x_1$ and $x_2$ alike.

# %% [markdown]
# ## The differential does not care where you stand
#
# Write $\mathrm{d}y$ for a small step of $y$, a column, and $\mathrm{d}z$ for the linear part of the change of $z$: the **total differential** (全微分)
#
# $$\mathrm{d}z = f'(y)\, \mathrm{d}y = \sum_{j=1}^{m} \frac{\partial z}{\partial y_j}\, \mathrm{d}y_j \qquad y \text{ free: each entry moves as you like}$$
#
# What if $y$ is not free, but an intermediate variable $y = g(x)$, moved by a step $\mathrm{d}x$? Let $f$ be differentiable at $y$ and, for this section, $g$ differentiable at $x$. Then
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $\mathrm{d}z = (f \circ g)'(x)\, \mathrm{d}x$ | $f \circ g$ is differentiable, as both are, and this is its differential |
# | 2 | $\phantom{\mathrm{d}z} = \big(f'(y)\, g'(x)\big)\, \mathrm{d}x$ | Jacobian of a composition |
# | 3 | $\phantom{\mathrm{d}z} = f'(y)\, \big(g'(x)\, \mathrm{d}x\big)$ | matrix products may be bracketed either way |
# | 4 | $\phantom{\mathrm{d}z} = f'(y)\, \mathrm{d}y$ | $\mathrm{d}y = g'(x)\, \mathrm{d}x$ is the differential of $y$ |
#
# Line 4 reads like the formula for a free $y$. In one line:
#
# $$\mathrm{d}z = f'(y)\, \mathrm{d}y = f'(y)\, g'(x)\, \mathrm{d}x, \qquad y = g(x) \tag{total differential}$$
#
# This is the **invariance of the first-order total differential** (一阶全微分的形式不变性). You may cut a chain at any place and write the change of the cost there, without asking what moved it.
# On our net, for a step of $x$, at three places:

# %%
dx = np.array([[0.01], [-0.02]])
dz1 = J1 @ dx
dz2 = J2 @ dz1
print(f"at x : {(J3 @ J2 @ J1 @ dx).item():.6f}")
print(f"at z1: {(J3 @ J2 @ dz1).item():.6f}")
print(f"at z2: {(J3 @ dz2).item():.6f}")
print(f"the change of C itself: {bp.cost_of(net, x + dx, y) - bp.cost_of(net, x, y):.6f}")

# %% [markdown]
# The first three agree to the last digit. The last line is the change itself; the differential is its linear part, and the rest shrinks faster than the step.
#
# **Guess:** is the *second* differential invariant too? Take $z = y^2$ and $y = x^2$, at $x = 1$ with $\mathrm{d}x = 0.1$. With $y$ free, $\mathrm{d}^2 z = 2\,(\mathrm{d}y)^2$, and $\mathrm{d}y = 2x\,\mathrm{d}x = 0.2$ makes it 0.08. Through $x$,
# $z = x^4$ and $\mathrm{d}^2 z = 12 x^2 (\mathrm{d}x)^2$.

# %%
guess = ...  # "the same" or "another number"

# %%
free, through_x = 2 * 0.2**2, 12 * 0.1**2
bp.beside(guess, "the same" if np.isclose(free, through_x) else f"another number: {through_x:.2f}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# $y$ bends with $x$, and a second derivative notices: the missing $0.04$ is $f'(y)\, \mathrm{d}^2 y = 2y \cdot 2\,(\mathrm{d}x)^2$. Only the first-order form is invariant. It is the one that
# backpropagation needs.
#
# </details>

# %% [markdown]
# ### 02.6 differential · •• · 7 min · 2 points
#
# Let $y_1 = x_1 + x_2^2$, $y_2 = x_1 x_2$, and $z = y_1 y_2$. (Here $x_2^2$ is a square.) Stand at $x^0 = (1, 2)$. Return $\mathrm{d}z$ for the step `dx`, a column $(2, 1)$: first
# $\mathrm{d}y = g'(x^0)\, \mathrm{d}x$, then $\mathrm{d}z = f'(y^0)\, \mathrm{d}y$. The result is one number.


# %%
def differential(dx):
    """dz at x⁰ = (1, 2) for a step dx (2, 1), through y; → a number."""
    # BEGIN SOLUTION
    x1, x2 = 1.0, 2.0
    y1, y2 = x1 + x2**2, x1 * x2
    dy = np.array([[1, 2 * x2], [x2, x1]]) @ dx
    return y2 * dy[0, 0] + y1 * dy[1, 0]
    # END SOLUTION


# %%
bp.check("02.6", differential)

# %% [markdown]
# ## In which order?
#
# For a chain of $L$ steps with sizes $n_0, n_1, \dots, n_L$, the Jacobian of the whole is
#
# $$J = J_L\, J_{L-1} \cdots J_2\, J_1, \qquad J_l \text{ of shape } (n_l, n_{l-1})$$
#
# Brackets do not change the product. They change the price. A $(p, q)$ matrix times a $(q, r)$ matrix has $p\,r$ entries, and each is a sum of $q$ products: $p\,q\,r$ multiplications.
#
# **Guess:** $A$ and $B$ are 1000×1000, $v$ is a column of 1000. How many times as many multiplications as $A(Bv)$ does $(AB)v$ take?

# %%
guess = ...  # a number

# %%
n = 1000
matrix_first = n * n * n + n * n * 1
vector_first = n * n * 1 + n * n * 1
bp.beside(guess, matrix_first / vector_first)

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# About 500 times. $AB$ alone costs $10^9$ multiplications; a matrix times a column costs $10^6$. Begin at the thin end, and everything stays thin.
#
# </details>
#
# Two orders have names:
#
# - **Forward**: from the inputs. $J_2 J_1$ first, then $J_3$ times the result, and so on. What you carry always has $n_0$ columns.
# - **Reverse**: from the output. $J_L J_{L-1}$ first, then the result times $J_{L-2}$, and so on. What you carry always has $n_L$ rows.

# %% [markdown]
# ### 02.7 multiplications · ••• · 9 min · 2 points
#
# `sizes` is the list $[n_0, n_1, \dots, n_L]$ with $L \ge 2$, `mode` is `"forward"` or `"reverse"`. Return how many multiplications of numbers it takes to form $J_L \cdots J_1$ in
# that order. Only multiplications count, and no entry is known to be 0.


# %%
def multiplications(sizes, mode):
    """The multiplications in J_L … J_1; sizes [n_0, …, n_L], mode "forward" or "reverse" → int."""
    # BEGIN SOLUTION
    total = 0
    if mode == "forward":
        for l in range(2, len(sizes)):
            total += sizes[l] * sizes[l - 1] * sizes[0]
    else:
        for l in range(len(sizes) - 2, 0, -1):
            total += sizes[-1] * sizes[l] * sizes[l - 1]
    return total
    # END SOLUTION


# %%
bp.check("02.7", multiplications)

# %% [markdown]
# ## Never form the matrix
#
# Often nobody wants $J$ itself, but $J$ applied to one vector. There are two sides to apply it from.
#
# **From the right: a Jacobian-vector product, JVP.** Which change of the outputs follows from one change of the inputs?
#
# $$\mathrm{d}y = g'(x)\, \mathrm{d}x \tag{JVP}$$
#
# Carry $\mathrm{d}x$ through the chain, $J_1$ first. With $\mathrm{d}x = e_i$ you get **column** $i$ of $J$: all outputs, for one input.
#
# **From the left: a vector-Jacobian product, VJP.** A number $z$ depends on $y$ with known slopes $\nabla_y z$; what are its slopes with respect to $x$? The chain rule in matrix form, with
# slopes of a number written as a column instead of a row, so that the product is transposed and turns round:
#
# $$\nabla_x z = g'(x)^\top\, \nabla_y z \tag{VJP}$$
#
# $$\underset{(n,\, 1)}{\nabla_x z} = \underset{(n,\, m)}{g'(x)^\top} \; \underset{(m,\, 1)}{\nabla_y z}$$
#
# Carry the column through the chain from its end, $J_L^\top$ first. With $e_k$ you get **row** $k$ of $J$: one output, for all inputs. Either way a link costs one multiplication for each entry of its Jacobian.
#
# **Guess:** a net with 784 inputs ends in one cost. You want all 784 slopes $\frac{\partial C}{\partial x_i}$. How many JVPs would it take, and how many VJPs?

# %%
guess = ...  # two numbers, such as (10, 20)

# %%
inputs, outputs = 784, 1
bp.beside(guess, f"{inputs} JVPs, one for each input; {outputs} VJP, one for each output")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# That is the whole secret. A cost has one output, so $J$ has one row, and **one** pass from the end finds all of it. Weights are inputs of the cost as well: with a million of them it is still one
# pass. Forward order would take a million.
#
# </details>
#
# On our net: one VJP against two JVPs.

# %%
v = np.ones((1, 1))  # the slope of C with respect to itself
for J in (J3, J2, J1):
    v = J.T @ v
    print("back:   ", v.ravel())
for i in range(2):
    print(f"forward, e{i + 1}:", (J3 @ (J2 @ (J1 @ np.eye(2)[:, [i]]))).ravel())

# %% [markdown]
# - The lines of the VJP on the way are the numbers in the last step of the widget: the slopes of the cost at $z^2$, at $z^1$, at $x$. Lesson 04 gives those at a $z$ a name, the **error** $\delta$.
# - **The price of reverse order is memory.** $J_2$ needs $z^1$, $J_3$ needs $z^2$: all of the forward pass has to be kept until the way back passes by. That is what `cache` is for.
# - **With few inputs and many outputs it is the other way round**: for a curve in space, one input and three outputs, one JVP finds all slopes.
# - $\mathrm{diag}(s)\, v$ is $s \odot v$: an elementwise function needs no matrix. That is how $\odot$ comes into the equations of backpropagation.

# %% [markdown]
# ### 02.8 vjp_chain · •• · 9 min · 3 points
#
# `jacobians` is the list $[J_1, \dots, J_L]$ in the order of the forward pass, `J_l` of shape $(n_l, n_{l-1})$; `v` is a column $(n_L, 1)$. Return $(J_L \cdots J_1)^\top v$, a column $(n_0, 1)$, without ever multiplying
# two matrices: each product is a matrix times a column.


# %%
def vjp_chain(jacobians, v):
    """(J_L … J_1)ᵀ v from [J_1, …, J_L] and v (n_L, 1) → (n_0, 1), always a column in hand."""
    # BEGIN SOLUTION
    for J in reversed(jacobians):
        v = J.T @ v
    return v
    # END SOLUTION


# %%
bp.check("02.8", vjp_chain)

# %% [markdown]
# ## Recap
#
# The equations of this lesson, on one card.

# %%
equations = "chain rule", "sum over paths", "linear Jacobian", "elementwise Jacobian"
bp.equations.card(*equations, "Jacobian of a composition", "total differential", "JVP", "VJP")

# %% [markdown]
# **Answer aloud**, then open.
#
# <details><summary>1. What does the chain rule ask of f and of g, and why is that not the same?</summary>
#
# $g$ needs partial derivatives, $f$ has to be differentiable. We move one $x_i$ at a time, so $g$ is only ever asked along an axis. But $y$ then moves in a direction that $g$ chooses, and only
# differentiability says something about every direction.
#
# </details>
# <details><summary>2. A quantity feeds three others. What happens to the three slopes that come back to it?</summary>
#
# Each is multiplied by the slope of its own link, and the three products are added.
#
# </details>
# <details><summary>3. Why does training a net go backwards through it?</summary>
#
# There is one cost and there are many weights. The Jacobian of the cost has one row, and a VJP finds a whole row in one pass from the output. Forward, each pass finds one column, the slope for a single weight.
#
# </details>

# %% [markdown]
# **Classic mistakes**
#
# - `=` for `+=` where a wire forks: only the last path counts.
# - multiplying paths with each other. Along a path: product. Over paths: sum.
# - the inner factor forgotten, or the outer derivative taken at $x$ in place of $g(x)$.
# - a Jacobian with rows and columns exchanged. Rows are outputs.
# - $g'(x)\, f'(y)$ for $f'(y)\, g'(x)$: outer function, left factor.
# - a vector of slopes where its diagonal matrix is meant; a full matrix built where $\odot$ would do.
# - a VJP begun at the inputs' end. Equal sizes hide it.
#
# **What comes next.** You can differentiate by hand. Lesson 03 shows how to check any derivative by measuring it, and how far to trust the measurement. Then lesson 04 begins the way back, at the output.

# %% [markdown]
# ## Words
#
# In English and Chinese. `bp.words()` lists those of the whole course.

# %%
bp.words("02")

# %% [markdown]
# **Sources.** P: Ge Li, Deep Learning Technology and Application, Peking University, section 3 (预备知识-多元复合函数求导). N: 反向传播公式推导. A: 读懂反向传播算法(bp算法). R: bp神经网络反向传播. U: 用反向传导思想求导 (UFLDL).
# How each of them writes the chain rule and the differential:

# %%
bp.equations.rosetta("chain rule", "total differential")

# %% [markdown]
# **Next:** [03 · Gradient checking](03_gradient_checking.ipynb)
