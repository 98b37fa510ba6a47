# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 03 · Gradient checking
#
# From lesson 04 on you derive gradients by hand and write code for them. Both go wrong, and a wrong gradient often still learns. So before the
# first formula you build the instrument that judges all of them: a measurement of the gradient that needs no calculus.
#
# **You will be able to**
#
# - measure the slope of any function, and say to how many digits;
# - derive which step is best, and why a smaller one is worse;
# - measure a slope to the last digit by a step along the imaginary axis;
# - decide with one number whether a gradient is right, and know when that number lies.
#
# **You need** the forward pass (lesson 01), partial derivatives (02) and Taylor's formula.
#
# **Time** 80 minutes: about 35 of reading, the rest is yours: seven exercises and nine guesses.
#
# **Sources.** None of the course's five texts checks its gradients; in the copies that we have, four of them hold something that a check refuses (lesson 11). The texts for this
# lesson are Press, Teukolsky, Vetterling and Flannery, Numerical Recipes, section 5.7 (differences and their best step), and Squire and Trapp,
# Using complex variables to estimate derivatives of real functions, SIAM Review 40 (1998). Corresponding sections elsewhere: UFLDL,
# [Debugging: gradient checking](http://ufldl.stanford.edu/tutorial/supervised/DebuggingGradientChecking/);
# CS231n, [Gradient checks](https://cs231n.github.io/neural-networks-3/#gradcheck). Nielsen's
# [chapter 2](http://neuralnetworksanddeeplearning.com/chap2.html) measures slopes in "In what sense is backpropagation a fast algorithm?".

# %%
from itertools import pairwise

import numpy as np

import bpkit as bp

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# ## A slope from two values
#
# A derivative is a limit: how much $C$ rises when $w$ moves by $h$, divided by $h$, for $h$ towards 0. A computer cannot take the limit. It can
# take one small $h$ and stop there: a **finite difference**. Two ways suggest themselves:
#
# $$\underbrace{\frac{C(w+h) - C(w)}{h}}_{\text{one-sided difference}} \qquad \underbrace{\frac{C(w+h) - C(w-h)}{2h}}_{\text{central difference}}$$
#
# The first divides by $h$, for its two points lie $h$ apart. In the second they lie $2h$ apart. To see how good they are, take a function
# whose slope you know without any doubt: $C(w) = 1/(1+w^2)$ has $C'(w) = -2w/(1+w^2)^2$, and at $w = 2$ that is $-4/25 = -0.16$ exactly.


# %%
def C(w):
    """A cost whose slope at 2 is -0.16 exactly."""
    return 1 / (1 + w * w)


# %% [markdown]
# **Guess:** go from $h = 0.1$ to $h = 0.01$. By what factor does the error of each fall?

# %%
guess = ...  # two numbers, one-sided and central

# %%
print("    h   one-sided     central")
errors = {}
for h in (0.1, 0.01, 0.001):
    one_sided, central = (C(2 + h) - C(2)) / h, (C(2 + h) - C(2 - h)) / (2 * h)
    errors[h] = abs(one_sided + 0.16), abs(central + 0.16)
    print(f"{h:5}  {errors[h][0]:10.1e}  {errors[h][1]:10.1e}")
factors = [round(before / after) for before, after in zip(errors[0.1], errors[0.01], strict=True)]
bp.beside(guess, f"{factors[0]} and {factors[1]}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Ten times smaller steps make the one-sided difference ten times better, and the central one a hundred times. Both cost two values of $C$.
#
# </details>
#
# ### Why: Taylor's formula
#
# Write $C(w \pm h)$ out in powers of $h$. All derivatives are taken at $w$; $C$ must have them.
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $C(w+h) = C + h\,C' + \frac{h^2}{2} C'' + \frac{h^3}{6} C''' + \frac{h^4}{24} C'''' + O(h^5)$ | Taylor |
# | 2 | $C(w-h) = C - h\,C' + \frac{h^2}{2} C'' - \frac{h^3}{6} C''' + \frac{h^4}{24} C'''' + O(h^5)$ | the same with $-h$: odd powers change sign |
# | 3 | $C(w+h) - C(w) = h\,C' + \frac{h^2}{2} C'' + O(h^3)$ | line 1 less $C$ |
# | 4 | $C(w+h) - C(w-h) = 2h\,C' + \frac{h^3}{3} C''' + O(h^5)$ | line 1 less line 2: even powers cancel, odd ones double |
#
# Divide line 3 by $h$, and line 4 by $2h$:
#
# $$\begin{aligned} &\frac{C(w + h) - C(w)}{h} = C'(w) \\ & + \frac{h}{2}\, C''(w) + O(h^2) \end{aligned} \tag{one-sided difference}$$
#
# $$\begin{aligned} &\frac{C(w + h) - C(w - h)}{2h} = C'(w) \\ & + \frac{h^2}{6}\, C'''(w) + O(h^4) \end{aligned} \tag{central difference}$$
#
# What stands behind $C'(w)$ is the **truncation error**: what is cut off when the step stops short of the limit. One side sees the bend $C''$;
# with two sides the bend cancels, and what is left falls with the *square* of $h$.
#
# With numbers: $C''(2) = 22/125 = 0.176$ and $C'''(2) = -144/625 = -0.2304$. For $h = 0.01$ the formulas promise $\frac{0.01}{2} \cdot 0.176 =
# 0.00088$ and $\frac{0.0001}{6} \cdot 0.2304 = 0.00000384$. The table above says 8.8e-04 and 3.8e-06.

# %% [markdown]
# ### 03.1 central_difference · • · 5 min · 1 point
#
# Return the central difference of `f` at the number `x` with step `h`, as a number. `f` takes a number and returns one.
#
# Stuck? `bp.hint("03.1")` in a cell of its own opens a first hint; run it again for the next.


# %%
def central_difference(f, x, h):
    """The slope of f at x from one step h to either side; numbers → a number."""
    # BEGIN SOLUTION
    return (f(x + h) - f(x - h)) / (2 * h)
    # END SOLUTION


# %%
bp.check("03.1", central_difference)


# %% [markdown]
# ## From a slope to a gradient
#
# A gradient is one slope for each weight: how $C$ changes when that weight alone is nudged. With $E_{jk}$ for the matrix that has a 1 at row
# $j$, column $k$ and 0 everywhere else,
#
# $$\begin{aligned} &\frac{\partial C}{\partial w_{jk}} \approx \\ &\frac{C(W + h E_{jk}) - C(W - h E_{jk})}{2h} \end{aligned} \tag{numerical gradient}$$
#
# $$\underset{\text{a number}}{\frac{\partial C}{\partial w_{jk}}} \text{ for every } j, k: \qquad \underset{(n_l,\, n_{l-1})}{W}, \;
# \underset{(n_l,\, n_{l-1})}{E_{jk}}, \; \underset{(n_l,\, n_{l-1})}{\frac{\partial C}{\partial W}}$$
#
# No derivative of any activation enters, no transpose, no $1/m$: nothing of what you can get wrong in a formula. That is what makes it a judge.
# On the course's 2-3-2 net, for the six weights of layer 2:

# %%
net, x, y = bp.nets.two_three_two()


def cost_with(W2):
    """The net's cost, if its second layer had the weights W2."""
    a1 = bp.sigmoid(net.W[1] @ x + net.b[1])
    return net.cost(bp.sigmoid(W2 @ a1 + net.b[2]), y)


measured = np.zeros((2, 3))
for j in range(2):
    for k in range(3):
        E = np.zeros((2, 3))
        E[j, k] = 1e-5
        measured[j, k] = (cost_with(net.W[2] + E) - cost_with(net.W[2] - E)) / 2e-5
print(measured)

# %% [markdown]
# The step $10^{-5}$ is a good one; why, you will see below. Six weights took twelve forward passes.
#
# **Guess:** a net for handwritten digits, 784-30-10, has 23 860 weights and biases. How many forward passes does its gradient take?

# %%
guess = ...  # a number

# %%
sizes = [784, 30, 10]
parameters = sum(n * (n_prev + 1) for n_prev, n in pairwise(sizes))
print("parameters:", parameters)
bp.beside(guess, 2 * parameters)

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Two for each parameter. Backpropagation finds the same gradient at the price of two or three forward passes, all in all. So nobody *trains* by
# measuring; one measures once, on a small net, to know that the fast code is right.
#
# </details>

# %% [markdown]
# ### 03.2 numerical_gradient · ••• · 11 min · 3 points
#
# Return the gradient of the cost `C` at `W` by central differences, in the shape of `W`. `C` takes an array of `W`'s shape and returns a number.
# `W` is a matrix of any shape. It may come in as float64, as float32 or with integers in it; your result has to be right to 6 digits
# each time, and `W` must not be changed. Take $h$ about $10^{-5}$.


# %%
def numerical_gradient(C, W):
    """∂C/∂W by central differences; C: array → number, W any shape → array of W's shape."""
    # BEGIN SOLUTION
    h = 1e-5
    W = np.array(W, dtype=float)
    gradient = np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        kept = W[i]
        W[i] = kept + h
        up = C(W)
        W[i] = kept - h
        down = C(W)
        W[i] = kept
        gradient[i] = (up - down) / (2 * h)
    return gradient
    # END SOLUTION


# %%
bp.check("03.2", numerical_gradient)

# %% [markdown]
# ## How close is close?
#
# Two gradients are on the table: $g$ from a formula, $n$ measured. They never agree to the last digit. When are they the same?
#
# The distance $|g_{jk} - n_{jk}|$ alone says little: 0.001 is much for an entry of 0.002 and nothing for one of 1000. So divide by the size of the
# entry. By which size, that of $g$ or of $n$? By the larger one, so that nobody is privileged and swapping the two changes nothing.
#
# **Guess:** one entry is $g = 3 \cdot 10^{-12}$ by formula and $n = 10^{-12}$ as measured. Its relative error is $\frac23$. Is the formula wrong?

# %%
guess = ...  # "yes", "no" or "cannot tell"

# %%
by_formula = bp.backward(net, bp.forward(net, x), y).W[2]  # right, as you will prove in lesson 06
by_measuring = bp.numerical_gradient(cost_with, net.W[2])
distance = np.abs(by_formula - by_measuring)
print("entries from", np.abs(by_formula).min().round(4), "to", np.abs(by_formula).max().round(4))
print(
    "every distance below 1e-10:",
    bool((distance < 1e-10).all()),
    "  all of them 0:",
    bool((distance == 0).all()),
)
bp.beside(guess, "cannot tell" if distance.max() > 3e-12 - 1e-12 else "yes")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Even where formula and measurement are both right, they are some $10^{-11}$ apart: that is as well as a difference can measure here. The two
# numbers of the guess differ by $2 \cdot 10^{-12}$. Nothing can be read from that.
#
# </details>
#
# So the size by which you divide needs a **floor**. How high? Suppose you call a gradient right up to a relative error of $10^{-6}$. The
# measurement is
# off by $10^{-10}$, with some reserve. An entry of size $s$ passes in spite of that if $10^{-10} / s \le 10^{-6}$, that is from $s = 10^{-4}$ on.
# Below, the measurement cannot tell; there the floor takes over:
#
# $$E = \max_{jk} \frac{\lvert g_{jk} - n_{jk} \rvert}{\max(\lvert g_{jk} \rvert,\, \lvert n_{jk} \rvert,\, 10^{-4})} \tag{relative error}$$
#
# It also ends the trouble with $0/0$: a dead neuron has a gradient of 0 both ways, and $0 / 10^{-4} = 0$. With numbers, for three entries:
#
# | $g$ | $n$ | distance | largest of the three | relative error |
# |--:|--:|--:|--:|--:|
# | 0.5 | 0.4 | 0.1 | 0.5 | 0.2 |
# | 0 | 0 | 0 | 0.0001 | 0 |
# | $3 \cdot 10^{-12}$ | $10^{-12}$ | $2 \cdot 10^{-12}$ | 0.0001 | $2 \cdot 10^{-8}$ |

# %%
g, n = np.array([0.5, 0.0, 3e-12]), np.array([0.4, 0.0, 1e-12])
print(np.abs(g - n) / np.maximum(np.maximum(np.abs(g), np.abs(n)), 1e-4))

# %% [markdown]
# ### 03.3 relative_error · •• · 7 min · 2 points
#
# Return $E$ as one number, with the floor $10^{-4}$. `a` and `b` are two gradients, arrays of the same shape.


# %%
def relative_error(a, b):
    """The largest relative error of any entry, with a floor of 1e-4; two arrays → a number."""
    # BEGIN SOLUTION
    size = np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-4)
    return np.max(np.abs(a - b) / size)
    # END SOLUTION


# %%
bp.check("03.3", relative_error)

# %% [markdown]
# ### One number for each parameter
#
# Why not put all weights and biases of a net into one long vector and compare norms? Take a net of five layers, and spoil its gradient: the
# first layer's is *twice* what it should be.
#
# **Guess:** by how much do the two long vectors differ, $\lVert g - n \rVert / \lVert n \rVert$?

# %%
guess = ...  # a number

# %%
deep, x_deep, y_deep = bp.nets.deep(5)
right = bp.backward(deep, bp.forward(deep, x_deep), y_deep)
wrong = [None, 2 * right.W[1], *right.W[2:]]
long_right, long_wrong = (np.concatenate([W.ravel() for W in Ws[1:]]) for Ws in (right.W, wrong))
overall = np.linalg.norm(long_wrong - long_right) / np.linalg.norm(long_right)
for l in (1, 5):
    print(f"layer {l}: ‖∂C/∂W‖ = {np.linalg.norm(right.W[l]):.0e}")
bp.beside(guess, f"{overall:.0e}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Half a per cent, for a layer that is wrong altogether: its entries are small beside those of the last layer, and drown in the norm. So
# compare each
# parameter by itself, and demand many digits.
#
# </details>
#
# `bp.check_network` does that, with a row for each $W^l$ and $b^l$. It says where a gradient is wrong, and if it can, how:

# %%
report = bp.check_network(deep, x_deep, y_deep, {"W": wrong, "b": right.b})
print(len(report.parameters), "rows; not right:", [row.name for row in report.parameters if not row.ok])
print(report["W[1]"])

# %% [markdown]
# ## Smaller is better?
#
# If a smaller $h$ is better, take a tiny one. A float64 number has nearly 16 digits.
#
# **Guess:** how many digits of $-0.16$ does the central difference get right with $h = 10^{-13}$?

# %%
guess = ...  # a number of digits

# %%
for k in (1, 3, 5, 7, 9, 11, 13, 15, 16):
    h = 10.0**-k
    slope = (C(2 + h) - C(2 - h)) / (2 * h)
    print(f"h = 1e-{k:02}   slope {slope:.15f}   error {abs(slope + 0.16):.0e}")
slope = (C(2 + 1e-13) - C(2 - 1e-13)) / 2e-13
bp.beside(guess, f"about {-np.log10(abs(slope / -0.16 - 1)):.0f}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Down to $10^{-5}$ a step that is a hundred times shorter is ten thousand times better, as Taylor says. From there on it is *worse*, by some
# hundred times. At $10^{-13}$ three digits are left, about as many as at $10^{-1}$. And at $10^{-16}$ there is none: $2 + 10^{-16}$ is stored as 2.
#
# </details>
#
# Look at what is subtracted, at another place, where the digits are more telling:

# %%
print("C(1.5 + 1e-12) =", f"{C(1.5 + 1e-12):.17f}")
print("C(1.5 - 1e-12) =", f"{C(1.5 - 1e-12):.17f}")

# %% [markdown]
# The two agree in their first digits, and these vanish in the difference. What is left was the end of both numbers, and the last of it is
# rounding. That is the **round-off error**. How large is it?
#
# - float64 keeps a number to within half a unit of its last place: the stored value of $C$ is off by up to $\frac{\epsilon}{2} |C|$, with
#   $\epsilon = 2^{-52} \approx 2.2 \cdot 10^{-16}$, the **machine epsilon**. (That is if $C$ is computed as well as it can be. A long computation
#   is off by more.)
# - Two stored values are subtracted: off by up to $\epsilon\, |C|$.
# - $w + h$ and $w - h$ are stored too, each off by up to about $\frac{\epsilon}{2} |w|$. So $C$ is taken beside the two places that you meant, and moves
#   by up to $\frac{\epsilon}{2} |w\, C'|$ at each: together up to $\epsilon\, |w\, C'|$.
# - The difference is divided by $2h$, and its error with it: the slope is off by up to $\frac{\epsilon\, (|C| + |w\, C'|)}{2h}$. Halve $h$, and it doubles.
#
# The third point is often left out. For sine near $w = 100$ it is the larger one almost everywhere.

# %%
w, h, eps = np.linspace(1.5, 2.5, 401), 1e-7, 2.0**-52
slope = -2 * w / (1 + w * w) ** 2
off = np.abs((C(w + h) - C(w - h)) / (2 * h) - slope)
for name, bound in {"ε|C| / 2h": C(w), "ε(|C| + |w C'|) / 2h": C(w) + np.abs(w * slope)}.items():
    print(f"off by more than {name:21s} at {np.mean(off > eps * bound / (2 * h)):4.0%} of the places")

# %% [markdown]
# Another way out is to divide by the distance of the two places that were stored, `(w + h) - (w - h)`, in place of $2h$: then the third point is gone.
#
# Truncation grows with $h$, round-off shrinks with it. The sum of the two bounds,
#
# $$E(h) = \frac{h^2}{6} |C'''| + \frac{\epsilon\, (|C| + |w\, C'|)}{2h},$$
#
# is least where its derivative is 0: $\frac{h}{3} |C'''| - \frac{\epsilon\, (|C| + |w\, C'|)}{2h^2} = 0$. Multiply by $3h^2 / |C'''|$ and take the cube root:
#
# $$h^* = \left( \frac{3\, \epsilon\, (\lvert C \rvert + \lvert w\, C' \rvert)}{2\, \lvert C''' \rvert} \right)^{1/3} \tag{best step}$$
#
# Both parts are bounds, not errors, so take $h^*$ as an order of magnitude. The cube root forgives much: a function that bends a thousand times as
# sharply wants a step one tenth as long. Where $|C|$, $|w\,C'|$ and $|C'''|$ are of like size, $h^*$ is near
# $\epsilon^{1/3} \approx 6 \cdot 10^{-6}$.
#
# **Guess:** how large is the error at this best step, for our $C$ at 2? And for a one-sided difference at its own best step?

# %%
guess = ...  # two numbers, such as 1e-6 and 1e-3

# %%
h_star = (3 * eps * (0.2 + 2 * 0.16) / (2 * 0.2304)) ** (1 / 3)
print(f"h* for C at 2: {h_star:.1e}   ∛ε: {eps ** (1 / 3):.1e}   √ε: {eps**0.5:.1e}")
steps = np.array([float(f"{digit}e{power}") for power in range(-16, 0) for digit in (1, 2, 5)])
w = np.linspace(1.5, 2.5, 41)


def error(slope):
    """How far measured slopes at w are off; the median over all 41 places."""
    return np.median(np.abs(slope + 2 * w / (1 + w * w) ** 2))


one_sided = [error((C(w + h) - C(w)) / h) for h in steps]
central = [error((C(w + h) - C(w - h)) / (2 * h)) for h in steps]
bp.beside(guess, f"{min(central):.0e} and {min(one_sided):.0e}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Eleven digits right with two sides, eight with one. For one side the same reasoning sets $\frac{h}{2} |C''|$ against round-off, and its best
# step is near $\sqrt\epsilon$.
#
# </details>
#
# Now over all steps: the errors are medians over 41 places between 1.5 and 2.5. float32 has $\epsilon \approx 1.2 \cdot 10^{-7}$, so its left
# branch lies much higher.

# %%
w32 = w.astype(np.float32)
low = [error((C(w32 + np.float32(h)) - C(w32 - np.float32(h))) / (2 * h)) for h in steps]
curves = {"one-sided": one_sided, "central": central, "central, float32": low}
for name, errors in curves.items():
    print(f"{name:17s} best step {steps[np.argmin(errors)]:.0e}, error there {min(errors):.0e}")
bp.plots.show(bp.plots.v_curve(steps, curves))

# %% [markdown]
# On the right the lines rise with slopes 1 and 2, for $h$ and $h^2$ on logarithmic axes. On the left both rise with slope 1 to the other side:
# $1/h$.
# The letter that the curve draws gives it its name.
#
# Play with it: the slider, or the arrow keys, move $h$. Watch which digits of the two values of $C$ agree, and are lost.

# %%
bp.widgets.v_curve()

# %% [markdown]
# ### 03.4 best_h · • · 3 min · 1 point
#
# A central difference, float64, a cost and weights of order one. Which step do you take? An order of magnitude is enough: write a power of ten.

# %%
# BEGIN SOLUTION
best_h = 1e-5
# END SOLUTION

# %%
bp.check("03.4", best_h)

# %% [markdown]
# ## Without subtraction
#
# The left branch comes from subtracting two nearly equal numbers. There is a way around it. Take the step not along the axis, but at right
# angles to it: to $w + ih$, with $i^2 = -1$. Taylor's formula holds for complex steps too, if $C$ is **analytic**, that is built from $+ - \times
# \div$, exp, log, sine, roots and the like:
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $C(w + ih) = C + ih\,C' + \frac{(ih)^2}{2} C'' + \frac{(ih)^3}{6} C''' + O(h^4)$ | Taylor with the step $ih$ |
# | 2 | $\phantom{C(w + ih)} = C + ih\,C' - \frac{h^2}{2} C'' - i \frac{h^3}{6} C''' + O(h^4)$ | $i^2 = -1$, $i^3 = -i$ |
# | 3 | $\mathrm{Im}\, C(w + ih) = h\,C' - \frac{h^3}{6} C''' + O(h^5)$ | $C$ and its derivatives at $w$ are real: only the terms with an $i$ count |
#
# Divide by $h$:
#
# $$\frac{\mathrm{Im}\, C(w + ih)}{h} = C'(w) - \frac{h^2}{6}\, C'''(w) + O(h^4) \tag{complex step}$$
#
# The truncation error is that of the central difference, with the other sign. But nothing is subtracted, so there is no round-off that grows:
# value and
# slope travel in different parts of one number. Then $h$ can be so small that $h^2$ vanishes beside everything.
#
# **Guess:** how large is the error with $h = 10^{-20}$, for our $C$ at 2?

# %%
guess = ...  # a number

# %%
value = C(2 + 1e-20j)
print("C(2 + 1e-20 i) =", f"{value.real:.4f} + ({value.imag:.4e}) i")
off = abs(value.imag / 1e-20 + 0.16)
bp.beside(guess, "below 1e-16" if off < 1e-16 else f"{off:.0e}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# All digits are right. The imaginary part is the slope times the step, and floating point keeps the 16 digits of a tiny number as well as those of
# a large one.
#
# </details>
#
# The three schemes over all steps:

# %%
by_complex = [error(C(w + 1j * h).imag / h) for h in steps]
print("error below 1e-13 for every h up to", f"{steps[np.array(by_complex) < 1e-13].max():.0e}")
curves = {"one-sided": one_sided, "central": central, "complex step": by_complex}
bp.plots.show(bp.plots.v_curve(steps, curves))

# %% [markdown]
# It has a price: $C$ must be given as code that takes complex numbers and treats them analytically. `abs` and `np.conj` throw the imaginary
# part away or turn it round, and a `float(...)` on the way drops it. Python's own `max` and `>` refuse complex numbers; NumPy's compare
# them by their real parts first, so `np.maximum` goes through with the slope of the side it is on. `bp.check_grad` takes the complex step
# where that works, and differences where it does not.

# %% [markdown]
# ### 03.5 complex_step · • · 5 min · 1 point
#
# Return the derivative of `f` at the number `x` by a complex step, as a real number. `f` is analytic; it takes a number, real or complex.


# %%
def complex_step(f, x):
    """The slope of an analytic f at x, without a subtraction; a number → a real number."""
    # BEGIN SOLUTION
    return np.imag(f(x + 1e-20j)) / 1e-20
    # END SOLUTION


# %%
bp.check("03.5", complex_step)

# %% [markdown]
# ## Where to check: fixtures that hide bugs
#
# A check compares at one point, and at an unlucky point a wrong gradient is right. Take the cost $C(W) = \frac{1}{2m} \sum_x \lVert W x - y \rVert^2$, whose gradient is
# $\frac1m (Wx - y)\, x^\top$, and three wrong versions of it: transposed; without $1/m$; with the factor $x$ forgotten.


# %%
def right(W, x, y):
    return (W @ x - y) @ x.T / x.shape[1]


wrong_ones = {
    "transposed": lambda W, x, y: right(W, x, y).T,
    "no 1/m": lambda W, x, y: right(W, x, y) * x.shape[1],
    "x forgotten": lambda W, x, y: (W @ x - y).mean(axis=1, keepdims=True) * np.ones(len(x)),
}

# %% [markdown]
# **Guess:** check them where all weights and inputs are 1, all targets 0, with one example. How many of the three pass?

# %%
guess = ...  # 0 to 3


# %%
def passing(W, x, y):
    """The wrong versions that a check at this point takes for right."""

    def cost(moved):
        return np.sum((moved @ x - y) ** 2) / (2 * x.shape[1])

    return [slip for slip, wrong in wrong_ones.items() if bp.check_grad(cost, W, wrong(W, x, y)).ok]


rng = np.random.default_rng(0)
for m in (5, 1):
    passed = passing(rng.normal(size=(3, 3)), rng.normal(size=(3, m)), rng.normal(size=(3, m)))
    print(f"random numbers, m = {m}: {len(passed)} pass", *passed)
passed = passing(np.ones((3, 3)), np.ones((3, 1)), np.zeros((3, 1)))
print(f"ones, m = 1:           {len(passed)} pass:", ", ".join(passed))
bp.beside(guess, len(passed))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# All three. With ones the gradient is symmetric and its own transpose; with one example $1/m$ is 1; and a factor $x$ that is 1 cannot be missed. Lesson 06 does the same with more than two dozen
# wrong versions of backpropagation.
#
# </details>
#
# So where you check is chosen, not found. A net and data to check on are a **fixture**:
#
# - layers of different sizes, **and** two of the same size: shapes catch some slips, numbers the others;
# - random weights of order one: never zeros, ones, the identity or anything symmetric;
# - more than one example, and once exactly one;
# - float64, a tight tolerance, each parameter for itself;
# - and something there to check: where both gradients are 0 they agree and prove nothing.
#
# The exercises of this course are judged by these rules.

# %% [markdown]
# ## Alarms, true and false
#
# The reverse happens too: a right gradient that fails its check. Relu is the usual reason. Its slope is 0 to the left of 0 and 1 to the
# right; at 0 it has a **kink** and no slope, and the course agrees on 0 there. A difference looks at two points, and if the kink lies between
# them, it mixes
# the two slopes.
#
# **Guess:** $z = 0.4$, and for once a large step, $h = 1$. What does the central difference of relu say?

# %%
guess = ...  # a number

# %%
for z in (-2.0, 0.4, 2.0):
    difference = (bp.relu(np.array(z + 1)) - bp.relu(np.array(z - 1))) / 2
    print(f"z = {z:4.1f}: difference {difference:.1f}, relu' {bp.relu.prime(np.array(z)):.1f}")
bp.plots.show(bp.plots.kink([-2.0, 0.4, 2.0], h=1.0))
bp.beside(guess, round(float((bp.relu(np.array(1.4)) - bp.relu(np.array(-0.6))) / 2), 2))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# 0.7: seven tenths of the way between the two points lie on the steep piece. The true slope is 1. Nothing is wrong with the formula, and a
# loud alarm
# goes off.
#
# </details>
#
# How often? If the weighted inputs are spread evenly between -1 and 1, one in a hundred thousand is nearer to 0 than $h = 10^{-5}$. A hundred
# examples through a layer of a thousand relus make that many. What helps, in this order:
#
# 1. halve $h$ a few times: a false alarm goes away as soon as the kink is no longer between the points, a wrong formula stays wrong;
# 2. take a complex step, which stays at $w$ and never crosses the kink;
# 3. check a smooth net first (sigmoid, softplus), then relu.
#
# There are two more false alarms that you know already: a huge $C$, whose round-off $\epsilon |C| / 2h$ drowns the slope, and entries so tiny
# that only rounding is left in them.
#
# <details><summary>Optional: what libraries take at a kink</summary>
#
# There is no slope to be right about, so each library takes its own, and may take another in its next version. Measured, in the versions named:
#
# | | JAX 0.10.2 | PyTorch 2.13.0 | autograd 1.9.1 | tinygrad 0.14.0 |
# |:--|--:|--:|--:|--:|
# | relu at 0 | 0 | 0 | none | 0 |
# | maximum of z and 0, at 0 | 0.5 | 0.5 | 0.5 | 0.5 |
# | absolute value at 0 | 1 | 0 | 0 | 0 |
# | clip at its upper bound | 0.5 | 1 | 0 | 1 |
# | ELU at 0 | 1 | 1 | none | 0 |
#
# "None" means that the library has no such function. ELU, $z$ for $z > 0$ and $e^z - 1$ elsewhere, has no kink: its slope at 0 is 1 from both sides, and 0 is a
# mistake. Whoever compares two libraries at such a point compares conventions.
#
# </details>

# %% [markdown]
# ## Who is wrong?
#
# Six people each claim a gradient. Some are right. `bp.six_claims()` returns the claims A to F; each has `C` (a cost), `W` (a point) and
# `gradient` (a function that returns what is claimed, for any `W` of that shape), and says in words what it is about.

# %%
for claim in bp.six_claims():
    print(claim)
claim = bp.six_claims()[0]
print("A says", claim.gradient(claim.W).ravel())

# %% [markdown]
# ### 03.6 suspects · •• · 8 min · 2 points
#
# Which of the six gradients are **wrong**? Write their letters as text, such as `"AB"`. Use what you built, or
# `bp.numerical_gradient(C, W, h)` and `bp.check_grad(C, W, gradient)`, in as many cells of your own as you like.
# Some alarms are false, and one culprit has chosen its fixture well.

# %%
# BEGIN SOLUTION
suspects = "ADF"
# END SOLUTION

# %%
bp.check("03.6", suspects)

# %% [markdown]
# ### 03.7 false_alarms · •• · 6 min · 2 points
#
# Last, the kink's rule as code. `z` is an array of weighted inputs that go into relu, `h` is the step. The difference for an entry looks at
# the two points $z - h$ and $z + h$. Return an array of `z`'s shape, `True` where the central difference of relu is not relu's slope (with
# $\sigma'(0) = 0$), and `False` elsewhere.


# %%
def false_alarms(z, h):
    """Where a central difference of relu straddles its kink; z, h → True or False in z's shape."""
    # BEGIN SOLUTION
    return np.abs(z) < h
    # END SOLUTION


# %%
bp.check("03.7", false_alarms)

# %% [markdown]
# ## What a check cannot tell
#
# It compares two numbers for one function at one point. It says nothing about whether the function is the one that you wanted: differentiate
# the wrong cost rightly, and
# the check is content. It says nothing about other points, hence random ones, and a few of them. And it says where the two differ, not why.
# But where a strict check on
# an honest fixture is content, the formula behind it is right, to far more than reasonable doubt.
#
# ## Recap
#
# The equations of this lesson, on one card.

# %%
bp.equations.card(
    "one-sided difference",
    "central difference",
    "best step",
    "complex step",
    "numerical gradient",
    "relative error",
)

# %% [markdown]
# **Answer aloud**, then open.
#
# <details><summary>1. Why is h = 1e-12 worse than h = 1e-5 for a central difference?</summary>
#
# The two values agree in nearly all their digits, and these vanish in the subtraction. What is left is mostly rounding, and it is divided by a
# tiny $2h$. The truncation error, which a
# small $h$ makes small, was far below that already.
#
# </details>
# <details><summary>2. Why can the complex step use h = 1e-20?</summary>
#
# Nothing is subtracted: value and slope stand in the real and the imaginary part. Only the truncation error depends on $h$, and it falls with
# $h^2$.
#
# </details>
# <details><summary>3. Your check reports an error of 0.3 in three entries of a relu net. Which two questions do you ask first?</summary>
#
# Does it go away with a shorter step, or with a complex one? Then it was a kink. And which entries are they, a row, a column, scattered? A
# wrong formula is wrong in a
# pattern.
#
# </details>

# %% [markdown]
# **Classic mistakes**
#
# - a step that is "as small as possible": the left branch of the V;
# - an entry that is not put back before the next one is nudged;
# - a copy that keeps integers or float32, in which the step is lost;
# - one relative error for the whole net, or a tolerance of 1e-2: small parameters go unchecked;
# - a relative error without a floor: 0/0, and rounding that counts as a mistake;
# - a check at a symmetric, zero or single-example fixture;
# - a kink taken for a wrong gradient.
#
# **What comes next.** The first gradient to check: how the cost depends on the output, BP1, in lesson 04. From there on no formula leaves this
# course unmeasured.

# %% [markdown]
# ## Words
#
# In English and Chinese. `bp.words()` lists those of the whole course.

# %%
bp.words("03")

# %% [markdown]
# **Sources.** N: 反向传播公式推导. A: 读懂反向传播算法(bp算法). R: bp神经网络反向传播. U: 用反向传导思想求导 (UFLDL). P: Ge Li, Deep Learning Technology and Application, Peking
# University. None of them measures its gradients; in their letters two of this lesson's equations would read:

# %%
bp.equations.rosetta("central difference", "numerical gradient")

# %% [markdown]
# **Next:** [04 · The output error: BP1](04_output_error.ipynb)
