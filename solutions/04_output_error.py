# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 04 · The output error: BP1
#
# A net has answered, and the answer is wrong. This lesson says *how* wrong, neuron by neuron, in a number that everything before the last
# layer can be computed from: the output error δ. Backpropagation starts here.
#
# **You will be able to**
#
# - read off the sign and the size of a derivative which way a weight should go, and how much it matters;
# - say what δ is, and why it is taken at $z$ and not at $a$;
# - derive BP1, in components and in matrices, for outputs that stand alone (sigmoid) and for outputs that share (softmax);
# - explain why a badly wrong sigmoid learns slowly under the quadratic cost, and derive the cost that cures it, in three ways.
#
# **You need** the forward pass (lesson 01), the chain rule and Jacobians (02), gradient checking (03).
#
# **Time** 105 minutes: about 40 of reading, the rest is yours: nine exercises and seven guesses. Pencil and paper help.
#
# **Sources.** BP1 and the choice of $z$ follow 反向传播公式推导 (N); the meaning of ∂C/∂w, and sigmoid against softmax, 读懂反向传播算法 (A), put right
# where it slips. Corresponding sections elsewhere: Nielsen, [chapter 2](http://neuralnetworksanddeeplearning.com/chap2.html), "The four
# fundamental equations", and [chapter 3](http://neuralnetworksanddeeplearning.com/chap3.html), "The cross-entropy cost function"; UFLDL,
# [Softmax Regression](http://ufldl.stanford.edu/tutorial/supervised/SoftmaxRegression/); CS231n,
# [Linear classification](https://cs231n.github.io/linear-classify/), "Softmax classifier".

# %%
import numpy as np

import bpkit as bp

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# ## The cost as a distance
#
# The course's small net should answer $y = (1, 0)$. It says $a^2 = (0.4911,\ 0.7272)$. Both are points of the plane, and the plainest measure of
# "how wrong" is how far apart they are. The **quadratic cost** of one example $x$ takes half the square of that distance:
#
# $$C_x = \tfrac12 \lVert a^L - y \rVert^2 = \tfrac12 \sum_{j=1}^{n_L} (a^L_j - y_j)^2$$
#
# The square gets rid of the root; the ½ will meet a 2 when we differentiate. It is 0 for the right answer, and positive for every other. For
# $m$ examples the cost is the mean, $C = \tfrac1m \sum_x C_x$. In this lesson we stay with $C_x$, one example at a time: the $\tfrac1m$ comes
# once, in lesson 06.

# %%
net, x, y = bp.nets.two_three_two()
cache = bp.forward(net, x)
print("z2", cache.z[2].ravel(), "  a2", cache.a[2].ravel(), "  wanted", y.ravel())
print(f"distance {np.linalg.norm(cache.a[2] - y):.4f}   cost {net.cost(cache.a[2], y):.4f}")

# %% [markdown]
# Text A calls sigmoid and softmax "loss functions". They are activation functions: they make the answer. The cost compares it with the target.
#
# ## What sign and size of ∂C/∂w say
#
# Take one weight $w$ and hold everything else still. $\partial C_x / \partial w$ is the slope of the cost along that weight:
#
# - **sign**: positive means that raising $w$ raises the cost, so $w$ should go *down*; negative, up;
# - **size**: how much the cost changes per unit of $w$. It tells which weight matters, not how far to go: the slope holds near where you stand.
#
# Text A argues the same way, and adds that around a minimum, local or global, the cost "is certainly smooth" (一定是平滑的), so that the derivatives become small there.
# That asks for a derivative *at* the minimum. $C = \lvert w \rvert$ has its minimum at 0, and its slope is 1 or $-1$ right up to it; relu nets and the L1 penalty of
# lesson 07 have such places.
#
# **Guess:** six weights lead to the outputs. The hidden activations are 0.2689, 0.6225 and 0.8808; output 1 is 0.5089 too low, output 2 0.7272 too high.
# Which weight $w^2_{jk}$ (to output $j$ from hidden neuron $k$) has the steepest cost, and should it go up or down?

# %%
guess = ...  # such as "w12, up"


# %%
def cost_with(W2):
    """The cost if the weights into the last layer were W2."""
    return net.cost(bp.sigmoid(W2 @ cache.a[1] + net.b[2]), y)


slopes = bp.numerical_gradient(cost_with, net.W[2])
print(slopes)
j, k = np.unravel_index(np.argmax(np.abs(slopes)), slopes.shape)
bp.beside(guess, f"w{j + 1}{k + 1}, {'down' if slopes[j, k] > 0 else 'up'}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# The largest error and the most active sender: $w^2_{23}$, and its slope is positive, so down. All of row 1 is negative (output 1 should rise), all of
# row 2 positive. In each row the slopes stand in the ratio of the three activations. Remember that: it is BP4, two lessons early.
#
# </details>
#
# Does the slope keep its promise? Move that weight by 0.1 and compare:

# %%
moved = net.W[2].copy()
moved[1, 2] -= 0.1
print(f"promised {-0.1 * slopes[1, 2]:.4f}   measured {cost_with(moved) - cost_with(net.W[2]):.4f}")

# %% [markdown]
# ## δ, and why at z
#
# Each weight and bias of neuron $j$ acts through one number, its weighted input $z^l_j$. So ask first how the cost moves with that number.
# This is the **error** of the neuron:
#
# $$\delta^l_j = \frac{\partial C_x}{\partial z^l_j}$$
#
# It is small in size where nudging $z$ changes little: the neuron is near its best, or it does not matter, or it no longer reacts. "Error" is a name;
# δ is a derivative.
#
# **Guess:** nudge $z^2_1$ by 0.01, and the cost changes by about $0.01\,\delta^2_1$. Now nudge the *bias* $b^2_1$ by 0.01 instead. By how many times
# as much does the cost change?

# %%
guess = ...  # a number


# %%
def cost_at(z2):
    """The cost if the last layer's weighted input were z2."""
    return net.cost(bp.sigmoid(z2), y)


delta_2 = bp.numerical_gradient(cost_at, cache.z[2])
by_bias = bp.numerical_gradient(lambda b: cost_at(net.W[2] @ cache.a[1] + b), net.b[2])
print("∂C/∂z2, measured:", delta_2.ravel(), "  ∂C/∂b2, measured:", by_bias.ravel())
bp.beside(guess, round(by_bias[0, 0] / delta_2[0, 0], 6))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# The same change: the bias is added straight into $z$. You will meet it again as BP3.
#
# </details>
#
# One could have called $\partial C_x / \partial a^l_j$ the error. Two reasons speak for $z$:
#
# 1. **It is one step from the parameters.** $z^l_j = \sum_k w^l_{jk} a^{l-1}_k + b^l_j$ gives $\partial z^l_j/\partial b^l_j = 1$ and $\partial z^l_j /
#    \partial w^l_{jk} = a^{l-1}_k$. From $\delta$ the gradients follow with one factor; from $\partial C_x / \partial a$ each would need the slope of the
#    activation as well.
# 2. **$z_j$ belongs to neuron $j$ alone.** Its weights move $z_j$ and no other $z$ of the layer. The outputs may depend on each other, as in
#    a softmax; the weighted inputs never do.

# %% [markdown]
# ## The slope of the sigmoid
#
# From $z$ to the cost there are two links: $z$ moves $a$, and $a$ moves the cost. First link: write $\sigma(z) = u^{-1}$ with $u = 1 + e^{-z}$.
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $\sigma'(z) = -u^{-2} \cdot u'$ | chain rule |
# | 2 | $\phantom{\sigma'(z)} = -u^{-2} \cdot (-e^{-z})$ | derivative of $e^{-z}$; the 1 is constant |
# | 3 | $\phantom{\sigma'(z)} = \dfrac1u \cdot \dfrac{u - 1}{u}$ | the two signs cancel, and $e^{-z} = u - 1$ |
# | 4 | $\phantom{\sigma'(z)} = \dfrac1u \left(1 - \dfrac1u\right)$ | divide |
#
# and $\tfrac1u$ is $\sigma(z)$ itself:
#
# $$\sigma'(z) = \sigma(z)\,(1 - \sigma(z)) = a\,(1 - a) \tag{sigmoid slope}$$
#
# The forward pass has computed $a$ already: the slope costs one multiplication more. Mind what stands in it: the *activation*, never $z$.
#
# **Guess:** at which $z$ is the slope largest, and how large is it there?

# %%
guess = ...  # such as "at 3: 1"

# %%
line = np.linspace(-6, 6, 1201)
steepest = line[np.argmax(bp.sigmoid.prime(line))]
print("z", cache.z[2].ravel(), "  slope", bp.sigmoid.prime(cache.z[2]).ravel())
bp.plots.show(bp.plots.activation_and_slope(bp.sigmoid, at=[-4, 0, 2]))
bp.beside(guess, f"at {abs(steepest):.0f}: {bp.sigmoid.prime(steepest):.2f}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# A quarter, at $z = 0$. It falls quickly to both sides: where the neuron is sure of its answer, yes or no, it hardly gives way any more.
#
# </details>

# %% [markdown]
# ### 04.1 sigmoid_prime · • · 5 min · 1 point
#
# Return $\sigma'(z)$ entry by entry: `z` is an array of any shape, or a number. It has to be right at $\pm 1000$ too. Build it from `bp.sigmoid(z)`;
# `bp.sigmoid.prime` is what you are making.


# %%
def sigmoid_prime(z):
    """σ'(z), entry by entry; any shape → the same shape."""
    # BEGIN SOLUTION
    a = bp.sigmoid(z)
    return a * (1 - a)
    # END SOLUTION


# %%
bp.check("04.1", sigmoid_prime)

# %% [markdown]
# ## How the cost moves with an output
#
# Second link: $\partial C_x / \partial a_j$. In $\tfrac12 \sum_i (a_i - y_i)^2$ only the term $i = j$ contains $a_j$. The 2 from the square meets the ½.
# All these slopes in one column are the **gradient** $\nabla_a C_x$, of the shape of $a$. With $m$ examples there is one such column for each, in an
# array $(n_L, m)$.
#
# ### 04.2 quadratic_gradient · • · 4 min · 1 point
#
# Return $\nabla_a C_x$ of the quadratic cost, one column for each example: `a` and `y` are $(n_L, m)$ → $(n_L, m)$. Mind the sign, and take no mean.


# %%
def quadratic_gradient(a, y):
    """∇_a of half the squared distance, per example; a (n, m), y (n, m) → (n, m)."""
    # BEGIN SOLUTION
    return a - y
    # END SOLUTION


# %%
bp.check("04.2", quadratic_gradient)

# %% [markdown]
# ## BP1
#
# Take one example, and an output neuron $j$ whose activation is elementwise: $a^L_j = \sigma(z^L_j)$ depends on no other $z$.
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $\delta^L_j = \dfrac{\partial C_x}{\partial z^L_j}$ | definition |
# | 2 | $\phantom{\delta^L_j} = \displaystyle\sum_{i=1}^{n_L} \frac{\partial C_x}{\partial a^L_i}\, \frac{\partial a^L_i}{\partial z^L_j}$ | chain rule: $z_j$ acts on the cost through the outputs, and every way counts |
# | 3 | $\phantom{\delta^L_j} = \dfrac{\partial C_x}{\partial a^L_j}\, \dfrac{\partial a^L_j}{\partial z^L_j}$ | elementwise: for $i \ne j$, $a_i$ does not contain $z_j$, so its slope is 0 |
# | 4 | $\phantom{\delta^L_j} = \dfrac{\partial C_x}{\partial a^L_j}\, \sigma'(z^L_j)$ | $a^L_j = \sigma(z^L_j)$ |
#
# $$\delta_j^L = \frac{\partial C_x}{\partial a_j^L}\, \sigma'(z_j^L) \tag{BP1}$$
#
# **The conditions.** Line 2 asks that $C_x$ be differentiable in all outputs together, and each output in $z_j$. Line 3 asks for an elementwise activation;
# keep an eye on it.
#
# For the whole layer, and for $m$ examples at once: the two numbers that meet belong to the same neuron and the same example, so entry meets entry.
#
# $$\delta^L = \nabla_a C_x \odot \sigma'(z^L) \tag{BP1a}$$
#
# $$\underset{(n_L,\, m)}{\delta^L} = \underset{(n_L,\, m)}{\nabla_a C_x} \odot \underset{(n_L,\, m)}{\sigma'(z^L)}$$
#
# ### The same with numbers
#
# $$\begin{aligned} \delta^2_1 &= (0.4911 - 1) \times 0.2499 = -0.1272 \\ \delta^2_2 &= (0.7272 - 0) \times 0.1984 = 0.1443 \end{aligned}$$
#
# Negative: raise $z$, and the cost falls, for the output is too low. Beside the nudges from above:

# %%
by_bp1 = (cache.a[2] - y) * bp.sigmoid.prime(cache.z[2])
print("BP1:     ", by_bp1.ravel())
print("measured:", delta_2.ravel())

# %% [markdown]
# ### 04.3 output_error · •• · 6 min · 2 points
#
# $\delta^L$ for sigmoid outputs and the quadratic cost: `a`, `y`, `z` are $(n_L, m)$, with $a = \sigma(z)$ → $(n_L, m)$. Here you may use
# `bp.sigmoid.prime(z)`, which gives slopes; in numpy `*` multiplies entry by entry.


# %%
def output_error(a, y, z):
    """δ of the last layer by BP1; a, y, z (n, m) → (n, m)."""
    # BEGIN SOLUTION
    return (a - y) * bp.sigmoid.prime(z)
    # END SOLUTION


# %%
bp.check("04.3", output_error)

# %% [markdown]
# ## Saturation: badly wrong and hardly an error
#
# **Guess:** two output neurons should both say 1. The first has $z = 0$ and says 0.5. The second has $z = -4$ and says 0.0180: much worse. Which
# has the larger error δ under the quadratic cost, and by what factor?

# %%
guess = ...  # such as "the second, 2 times"

# %%
z = np.array([[0.0, -4.0]])
a = bp.sigmoid(z)
delta = (a - 1) * bp.sigmoid.prime(z)
print("a - y", (a - 1).ravel(), "  slope", bp.sigmoid.prime(z).ravel(), "  δ", delta.ravel())
bp.beside(guess, f"the first, {delta[0, 0] / delta[0, 1]:.1f} times")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# The one that is *less* wrong has the larger error. The worse neuron's distance is nearly twice as large, but its slope is a fourteenth. It sits on the
# flat part of the sigmoid: it is **saturated**. It learns slowly because it is far off, which is the opposite of what you want.
#
# </details>
#
# Hold on to the problem. The cure comes with the next kind of output.

# %% [markdown]
# **Half way.** About 35 minutes lie behind you, about 70 are left. A good place to stop for today: `bp.progress()` says tomorrow where you were.

# %% [markdown]
# ## Outputs that share: softmax
#
# For "which of $n$ classes?" the outputs should be probabilities that sum to 1. **Softmax** makes every $z$ positive with an exponential, then divides by the sum:
#
# $$a_j = \frac{e^{z_j}}{\sum_{k=1}^{n} e^{z_k}}$$
#
# - If $z_j$ is larger than $z_k$ by 1, then $a_j$ is $e$ times $a_k$: only differences count.
# - So adding a number $c$ to all $z$ changes nothing: above and below the factor $e^c$ appears. That saves the computation: $e^{1000}$ is too
#   large for a float, but subtract the largest $z$ of the column first, and no exponent is above 0.
#
# **Every output depends on every $z$.** Raise one $z$, and the others shrink although nobody touched their $z$:

# %%
z = np.array([[1.0], [2.0], [0.5]])
raised = z + np.array([[0.0], [0.0], [1.0]])
before, after = bp.softmax(z), bp.softmax(raised)
print("before      ", before.ravel(), "  sum", before.sum().round(4))
print("z3 raised   ", after.ravel(), "  sum", after.sum().round(4))
bp.plots.show(bp.plots.shares({"z = (1, 2, 0.5)": before, "z₃ raised by 1": after}, wanted=2))

# %% [markdown]
# Outputs 1 and 2 shrink by the same factor: the difference of their $z$ has not changed.
#
# ### 04.4 softmax · •• · 8 min · 2 points
#
# Softmax of each column: `z` is $(n, m)$ → $(n, m)$. Each example is a column and sums to 1 by itself. Entries may be around 1000.
# Without `bp.softmax`, here and up to 04.8.


# %%
def softmax(z):
    """Softmax, column by column; z (n, m) → (n, m)."""
    # BEGIN SOLUTION
    e = np.exp(z - z.max(axis=0))  # the largest of each column becomes 0
    return e / e.sum(axis=0)
    # END SOLUTION


# %%
bp.check("04.4", softmax)

# %% [markdown]
# ### Its Jacobian
#
# Line 3 of the proof of BP1 fails now, so we need all slopes $\partial a_i / \partial z_j$. Write $s = \sum_k e^{z_k}$, so that $a_i = e^{z_i}/s$ and
# $\partial s / \partial z_j = e^{z_j}$. Differentiate the fraction by the quotient rule.
#
# **Case $i \ne j$.** The numerator does not contain $z_j$:
#
# $$\frac{\partial a_i}{\partial z_j} = \frac{0 \cdot s - e^{z_i} \cdot e^{z_j}}{s^2} = -a_i\, a_j$$
#
# **Case $i = j$.** Now it does, and one term appears:
#
# $$\frac{\partial a_j}{\partial z_j} = \frac{e^{z_j} \cdot s - e^{z_j} \cdot e^{z_j}}{s^2} = a_j - a_j\, a_j$$
#
# In both cases $-a_i a_j$, the entry of a column times a row; on the diagonal $a_j$ is added. As a matrix, row $i$, column $j$:
#
# $$\frac{\partial a}{\partial z} = \mathrm{diag}(a) - a\, a^\top \tag{softmax Jacobian}$$
#
# $$\begin{gathered} \underset{(n,\, n)}{\frac{\partial a}{\partial z}} = \underset{(n,\, n)}{\mathrm{diag}(a)} - \underset{(n,\, 1)}{a} \; \underset{(1,\, n)}{a^\top}
# \\ \text{for one example: each column has its own } a, \text{ so its own matrix} \end{gathered}$$
#
# It is symmetric. Each column sums to $a_j - a_j \sum_i a_i = 0$: what one output gains, the others lose. Measured by nudging:

# %%
print(bp.numerical_jacobian(bp.softmax, z).reshape(3, 3))

# %% [markdown]
# ### 04.5 softmax_jacobian · •• · 10 min · 2 points
#
# Return $\partial a / \partial z$ for one example: `z` is $(n, 1)$ → $(n, n)$, row $i$, column $j$ holding $\partial a_i/\partial z_j$. Beware of
# `np.diag`: from a flat array it builds a matrix, from a matrix it takes the diagonal out.


# %%
def softmax_jacobian(z):
    """∂a/∂z of softmax for one example; z (n, 1) → (n, n)."""
    # BEGIN SOLUTION
    e = np.exp(z - z.max())
    a = e / e.sum()
    return np.diag(a.ravel()) - a @ a.T
    # END SOLUTION


# %%
bp.check("04.5", softmax_jacobian)

# %% [markdown]
# ## BP1 for outputs that mix
#
# Go back to line 2 of the proof and keep the whole sum:
#
# $$\delta^L_j = \sum_{i=1}^{n_L} \frac{\partial a^L_i}{\partial z^L_j}\, \frac{\partial C_x}{\partial a^L_i}$$
#
# It runs over the *rows* $i$ of the Jacobian, so the Jacobian is transposed, for the reason that you know from lesson 02: a VJP.
#
# $$\delta^L = \left(\frac{\partial a^L}{\partial z^L}\right)^{\!\top} \nabla_a C_x \tag{BP1 with mixing}$$
#
# $$\underset{(n_L,\, 1)}{\delta^L} = \underset{(n_L,\, n_L)}{\left(\frac{\partial a^L}{\partial z^L}\right)^{\!\top}} \;
# \underset{(n_L,\, 1)}{\nabla_a C_x} \qquad \text{for one example}$$
#
# BP1a is the special case of a diagonal Jacobian: $\mathrm{diag}(\sigma')\, g = \sigma' \odot g$.
#
# **Guess:** softmax, quadratic cost, $z = (1, 2, 0.5)$, and class 1 is wanted. Output 3 is 0.1402 and should be 0. Is its error
# $\delta_3$ positive or negative?

# %%
guess = ...  # "positive" or "negative"

# %%
target = np.array([[1.0], [0.0], [0.0]])
a = bp.softmax(z)
measured = bp.numerical_gradient(lambda v: bp.quadratic(bp.softmax(v), target), z)
print("a       ", a.ravel(), "  a - y", (a - target).ravel())
print("measured", measured.ravel())
bp.beside(guess, "positive" if measured[2, 0] > 0 else "negative")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Negative: *raising* $z_3$ lowers the cost, although output 3 is too high already. For it takes from output 2, at the rate 0.0881 that stands in the Jacobian,
# and output 2 is wrong by far more:
#
# $$\begin{aligned} \delta_3 &= \underbrace{(-0.0324)}_{\text{output 1}} \times (-0.7688) + \underbrace{(-0.0881)}_{\text{output 2}} \times 0.6285
# \\ &\quad + \underbrace{0.1206}_{\text{output 3}} \times 0.1402 = -0.0136 \end{aligned}$$
#
# Three paths lead from $z_3$ to the cost. The rule "entry by entry" sees the last one only, and gives 0.0169: the wrong sign. Used for a net's
# output it would turn a weight the wrong way.
#
# </details>
#
# ### Without the matrix
#
# For $n$ classes and $m$ examples the Jacobians have $n^2 m$ entries. Multiply one out with a column $g$ first:
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $\big(\mathrm{diag}(a) - a\,a^\top\big)^\top g = \big(\mathrm{diag}(a) - a\,a^\top\big)\, g$ | the matrix is symmetric |
# | 2 | $= \mathrm{diag}(a)\, g - a\, (a^\top g)$ | multiply out; bracket the other way |
# | 3 | $= a \odot g - a\,(a^\top g)$ | a diagonal matrix scales entries; $a^\top g$ is one number |
#
# $$\left(\frac{\partial a}{\partial z}\right)^{\!\top} g = a \odot \left(g - a^\top g\right) \tag{softmax VJP}$$
#
# $$\underset{(n,\, 1)}{a} \odot \big( \underset{(n,\, 1)}{g} - \underset{(1,\, 1)}{a^\top g} \big) \qquad
# \text{for one example; } a^\top g = \textstyle\sum_i a_i g_i$$
#
# The number $a^\top g$ is the mean of $g$, weighted with the probabilities. Every output is compared with it. If all $g$ are equal, the result is 0: raising all
# outputs alike is impossible. So a test with $g = 1$ everywhere is weak. It passes every formula that turns equal entries into 0, right or not, such as
# $a \odot (g - \text{plain mean of } g)$. Formulas that do not, it does catch:

# %%
ones, sent = np.ones_like(a), np.array([[0.3], [-1.0], [0.5]])
formulas = {
    "the plain mean of g": lambda g: a * (g - g.mean()),
    "slopes entry by entry": lambda g: a * (1 - a) * g,
    "the part a aᵀ alone": lambda g: a @ (a.T @ g),
}
for name, formula in formulas.items():
    off = [np.abs(formula(g) - bp.softmax.vjp(z, a, g)).max() for g in (ones, sent)]
    print(f"{name:22s} off by {off[0]:.2f} with g = 1, by {off[1]:.2f} with unequal entries")

# %% [markdown]
# ### 04.6 softmax_vjp · ••• · 10 min · 2 points
#
# Return $J^\top g$ for every column, without building $J$: `a` are softmax outputs, `g` any slopes, both $(n, m)$ → $(n, m)$.


# %%
def softmax_vjp(a, g):
    """Jᵀg column by column; a (n, m), g (n, m) → (n, m)."""
    # BEGIN SOLUTION
    return a * (g - np.sum(a * g, axis=0))
    # END SOLUTION


# %%
bp.check("04.6", softmax_vjp)

# %% [markdown]
# ### 04.7 softmax_quadratic_error · •• · 6 min · 2 points
#
# $\delta^L$ for softmax outputs and the quadratic cost: `a`, `y` are $(n, m)$ → $(n, m)$. No $z$ is needed: everything is in `a`. You may call your own
# functions from above.


# %%
def softmax_quadratic_error(a, y):
    """δ of softmax with the quadratic cost; a (n, m), y (n, m) → (n, m)."""
    # BEGIN SOLUTION
    g = a - y
    return a * (g - np.sum(a * g, axis=0))
    # END SOLUTION


# %%
bp.check("04.7", softmax_quadratic_error)

# %% [markdown]
# ## A cost that fits: cross-entropy
#
# In both errors so far the slope of the activation is a factor, and where the output is sure of itself that factor is nearly 0. The quadratic cost
# measures distance in a space of probabilities as if it were a space of lengths. Another idea: the net gave the wanted class the
# probability $a_w$. How surprised should it be by the truth? Not at all if $a_w = 1$; without limit as $a_w \to 0$. The logarithm does that:
#
# $$\begin{gathered} C_x = -\log a_w = -\sum_{j=1}^{n} y_j \log a_j \\ \text{with } y_j = 1 \text{ for the wanted class, 0 for the others} \end{gathered}$$
#
# This is the **cross-entropy** (in bpkit `bp.cross_entropy`). The sum form holds for any $y$ that sums to 1.
#
# **Guess:** again $z = (1, 2, 0.5)$, and class 1 is wanted; the outputs are 0.2312, 0.6285 and 0.1402. What is $\delta$ now? Look for a simple
# rule in the three numbers that come out.

# %%
guess = ...  # three numbers

# %%
measured = bp.numerical_gradient(lambda v: bp.cross_entropy(bp.softmax(v), target), z)
print("outputs a", a.ravel(), "  wanted y", target.ravel())
bp.beside(guess, measured.ravel().round(4))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# $\delta = a - y$. Nothing else: no slope, no Jacobian. All signs are as you would expect.
#
# </details>
#
# ### Three ways to see it
#
# **First: multiply.** $\partial C_x / \partial a_j = -y_j / a_j$, so $g = -y/a$ entry by entry. Put it into the softmax VJP:
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $a^\top g = \sum_j a_j \cdot (-y_j / a_j) = -\sum_j y_j = -1$ | the $a_j$ cancel; $y$ sums to 1 |
# | 2 | $\delta = a \odot (g - (-1)) = a \odot g + a$ | softmax VJP |
# | 3 | $\phantom{\delta} = -y + a$ | $a_j \cdot (-y_j / a_j) = -y_j$ |
#
# **Second: take the logarithm before you differentiate.** It undoes the exponential:
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $\log a_j = z_j - \log \sum_k e^{z_k}$ | logarithm of a fraction |
# | 2 | $C_x = -\sum_j y_j z_j + \log \sum_k e^{z_k}$ | put in; $\sum_j y_j = 1$ |
# | 3 | $\delta_j = -y_j + \dfrac{e^{z_j}}{\sum_k e^{z_k}} = a_j - y_j$ | derivative of $\log s$ is $s'/s$ |
#
# No Jacobian appears. Line 2 is also how to compute this cost without ever taking the logarithm of 0.
#
# **Third: ask for it.** Take one sigmoid output and demand $\delta = a - y$. By BP1, $\delta = \dfrac{\partial C_x}{\partial a}\, a(1-a)$. So the
# cost has to satisfy
#
# $$\frac{\partial C_x}{\partial a} = \frac{a - y}{a(1-a)} = -\frac{y}{a} + \frac{1-y}{1-a}$$
#
# (Check the second step: over the common denominator, $-y(1-a) + (1-y)a = a - y$.) A function of $a$ with this derivative is
#
# $$C_x = -\big[\, y \log a + (1-y) \log(1-a) \,\big]$$
#
# up to a constant; without one, a certain and right answer costs 0. That is the **binary cross-entropy** (`bp.binary_cross_entropy`),
# for outputs that each answer a yes-or-no question; it is summed over the outputs. It is no new idea: a sigmoid is a softmax over $z$ and 0, with the
# probabilities $a$ and $1-a$.
#
# So for both pairs, and for $m$ examples at once:
#
# $$\delta^L = a^L - y \tag{BP1 with cross-entropy}$$
#
# $$\underset{(n_L,\, m)}{\delta^L} = \underset{(n_L,\, m)}{a^L} - \underset{(n_L,\, m)}{y}$$

# %%
z2, a2 = cache.z[2], cache.a[2]  # the running net once more, with its sigmoid outputs
print("a - y   ", (a2 - y).ravel())
print("measured", bp.numerical_gradient(lambda v: bp.binary_cross_entropy(bp.sigmoid(v), y), z2).ravel())

# %% [markdown]
# The pairs matter. Softmax with the quadratic cost, or sigmoid with the categorical cost, have other errors. "BP1 with mixing" holds for every differentiable
# pair, BP1 and BP1a where outputs stand alone, and the cancellation in its pair only.
#
# One condition is easy to lose: $a - y$ holds where $y$ sums to 1. Several people have labelled the same scan: three say 7, two say 1. Their counts
# $(3, 2)$ can be the targets as they are, and a scan that nobody has labelled has only zeros. The cost stays $C_x = -\sum_j y_j \log a_j$. What becomes of $\delta$?
#
# ### 04.8 softmax_cross_entropy_error · •• · 8 min · 2 points
#
# $\delta^L$ for softmax outputs and cross-entropy, whatever the columns of `y` sum to: `a` are probabilities, `y` holds counts from 0 on, both $(n, m)$ → $(n, m)$.


# %%
def softmax_cross_entropy_error(a, y):
    """δ of softmax with cross-entropy; a (n, m), counts y (n, m) → (n, m)."""
    # BEGIN SOLUTION
    return a * y.sum(axis=0) - y
    # END SOLUTION


# %%
bp.check("04.8", softmax_cross_entropy_error)

# %% [markdown]
# ### 04.9 cross_entropy · •• · 8 min · 2 points
#
# The **binary** cross-entropy $C = \tfrac1m \sum_x C_x$: `a` and `y` are $(n, m)$, `y` between 0 and 1 → a number. Sum over the outputs, mean over the
# examples; logarithms are natural. Where an output is exactly 0 or 1 and right, it costs nothing: $0 \cdot \log 0$ counts as 0.
# One that is exactly 0 or 1 and wrong costs infinitely much; a very large number will do.


# %%
def cross_entropy(a, y):
    """Binary cross-entropy, mean over the examples; a (n, m), y (n, m) → a number."""
    # BEGIN SOLUTION
    with np.errstate(divide="ignore"):  # certain and wrong: infinity is right
        first = y * np.log(a, out=np.zeros_like(a), where=y > 0)
        second = (1 - y) * np.log(1 - a, out=np.zeros_like(a), where=y < 1)
    return -np.sum(first + second) / a.shape[1]
    # END SOLUTION


# %%
bp.check("04.9", cross_entropy)

# %% [markdown]
# ## Does it learn faster?
#
# Drag $z$ in the picture, or use the arrow keys, and watch the two slopes. Before you let go, say what you expect at $z = -6$, at 0, and at 6.

# %%
bp.widgets.saturation(z=-4, y=1)

# %% [markdown]
# The factor between the two is $1/\sigma'(z)$: 4 in the middle, without limit outside. Cross-entropy is steep exactly where the neuron is wrong, and flat only
# where it is right.
#
# Now let one neuron learn. Its input is 1, its weight and bias start at 2, so it says 0.9820; it should say 0.


# %%
def outputs(cost, steps=300, eta=0.15):
    """What the neuron says before the first step and after each."""
    w = b = 2.0
    said, zero = [], np.zeros((1, 1))
    for _ in range(steps + 1):
        z = np.array([[w * 1.0 + b]])
        a = bp.sigmoid(z)
        said.append(a[0, 0])
        delta = cost.output_error(z, a, zero, bp.sigmoid)[0, 0]
        w, b = w - eta * delta, b - eta * delta  # the input is 1, so both slopes are δ
    return np.array(said)


# %% [markdown]
# **Guess:** gradient descent with step length 0.15. After how many steps does the output fall below 0.5, with the quadratic cost, and with cross-entropy?

# %%
guess = ...  # two numbers

# %%
runs = {"quadratic": outputs(bp.quadratic), "cross-entropy": outputs(bp.binary_cross_entropy)}
for name, said in runs.items():
    print(f"{name:14s} before {said[0]:.4f}   after 50 steps {said[50]:.4f}   after 300 {said[300]:.4f}")
bp.plots.show(bp.plots.outputs_by_step(runs, target=0))
bp.beside(guess, ", ".join(f"{name}: {np.argmax(said < 0.5)}" for name, said in runs.items()))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Under the quadratic cost the neuron sits on its plateau for some 200 steps and then hurries. Under cross-entropy it starts at once. Another step length
# would not make up for it: the factor between the two slopes is a different one at every $z$.
#
# </details>
#
# One limit: cross-entropy takes away the slope of the *last* layer only. In the hidden layers $\sigma'$ stays in the formula, as lesson 05 shows.

# %% [markdown]
# ## Recap
#
# The equations of this lesson, on one card.

# %%
names = "BP1", "BP1a", "sigmoid slope", "BP1 with mixing", "softmax Jacobian", "softmax VJP"
bp.equations.card(*names, "BP1 with cross-entropy")

# %% [markdown]
# | output activation | cost | $\delta^L$ |
# |:--|:--|:--|
# | sigmoid | quadratic | $(a - y) \odot a \odot (1 - a)$ |
# | softmax | quadratic | $a \odot \big(a - y - a^\top (a - y)\big)$ |
# | sigmoid | binary cross-entropy | $a - y$ |
# | softmax | cross-entropy | $a - y$ |
#
# **Answer aloud**, then open.
#
# <details><summary>1. Why is δ taken at z and not at a?</summary>
#
# Each weight and bias acts through one $z$, so gradients follow from δ with one factor. And $z_j$ belongs to neuron $j$ alone, while outputs
# may depend on each other.
#
# </details>
# <details><summary>2. When may you multiply by σ' entry by entry, and what takes its place otherwise?</summary>
#
# When each output depends on its own $z$ only. Otherwise every path counts: the transposed Jacobian times $\nabla_a C_x$.
#
# </details>
# <details><summary>3. A sigmoid output is 0.999 and should be 0. How does it learn under each cost, and why?</summary>
#
# Quadratic: slowly, for δ contains $a(1-a)$, about 0.001. Cross-entropy: at full speed, for its gradient at $a$ has that factor as denominator and it cancels.
#
# </details>

# %% [markdown]
# **Classic mistakes**
#
# - $z(1-z)$ for $a(1-a)$, or $\sigma'(a)$: the slope is built from the activation, and taken at $z$.
# - $y - a$ for $a - y$: an output that is too high has a *positive* error.
# - a matrix product for $\odot$; or $\odot$ for the whole Jacobian of a softmax.
# - softmax along the wrong axis, or of large numbers without subtracting the largest.
# - the plain mean of $g$ where the weighted one belongs.
# - an extra $\sigma'$ on $a - y$: it has cancelled already.
# - $\tfrac1m$ in δ: it comes once, later.
#
# **What comes next.** You have the error of the last layer. Lesson 05 carries it back to every other layer.

# %% [markdown]
# ## Words
#
# In English and Chinese. `bp.words()` lists those of the whole course.

# %%
bp.words("04")

# %% [markdown]
# **Sources.** N: 反向传播公式推导. A: 读懂反向传播算法(bp算法). R: bp神经网络反向传播. U: 用反向传导思想求导 (UFLDL). P: Ge Li, Deep Learning Technology and Application, Peking
# University. How each of them writes BP1:

# %%
bp.equations.rosetta("BP1", "BP1a", "softmax Jacobian")

# %% [markdown]
# **Next:** [05 · Propagating the error: BP2](05_propagating_the_error.ipynb)
