# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% slideshow={"slide_type": "skip"}
import numpy as np

import bpkit as bp
from bpkit.authoring.slide_words import digits, label, matrix, power, rows, say

k = np.array([1.0, 2.0, -1.0])
jump = np.array([[0.5, 10.0], [0.0, 0.5]])


def whole(values):
    """Whole numbers with commas and real minus signs."""
    return digits(values, 0)


# %% [markdown] slideshow={"slide_type": "slide"} tags=["title"]
# # Weights used again
#
# Convolution and recurrence, from one theorem
#
# Lesson 14 · 45 minutes · bring pencil and paper

# %% [markdown] slideshow={"slide_type": "notes"}
# **For whoever gives this class.** The students know BP2 as a product of Jacobians (lesson 05), training on digits (08), and the theorem on shared parameters with its proof (09). They should leave able to write down the three gradients
# of a convolution and the recursion of BPTT, and able to say what truncation and clipping do to a gradient.
#
# Keys: Space goes on, S opens these notes in a window of their own, T switches light and dark, O shows all slides.
#
# Plan: theorem and vote 4 min · convolution and its matrix 5 · back to the input 5 · back to the kernel 3 · in motion 2 · stride, padding, pooling 5 · exercise 6 · digits 2 · BPTT 6 · truncation, long run, clipping 5 · recap 2.
# If you run late, leave out stride and padding; the notebook has them whole.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## One theorem, two kinds of net

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{shared parameter}$$

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - A **convolution** uses the same few weights at every place.
# - A **recurrent net** uses the same matrices at every moment.
# - For both: name the uses, find what each sends back, add.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Let somebody state the theorem with its condition before you show it: the function of all places together has to be differentiable at the point. Sums, products and tanh are.
#
# Ask for a third kind of net that the class knows already: a batch uses the weights once for each example.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## A vote
#
# A small net with 12 kernels of $3 \times 3$, relu, pooling, softmax, against lesson 08's 64-30-10.

# %% slideshow={"slide_type": "-"}
conv, dense = 12 * 9 + 12 + 10 * 192 + 10, 64 * 30 + 30 + 30 * 10 + 10
say("> **Vote.** Which has more weights? Which reads more of the test digits?")

# %% slideshow={"slide_type": "fragment"}
say(
    f"{conv:,} against {dense:,} weights and biases: the convolutional net has **fewer**. And it reads **more**, "
    "when both are trained by the same steps (measured in the notebook)."
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Vote by hands, twice. Do not explain the result yet; come back to it after the exercise. Most of the weights are in the dense layer at the end: the kernels have 120 with their biases.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Convolution along a line

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{convolution}$$

# %% slideshow={"slide_type": "-"}
x = np.array([3.0, 0.0, 1.0, 2.0, -2.0, 1.0])
say(f"$k = ({whole(k)})$, $\\; x = ({whole(x)})$. What is $z_0$? How many outputs are there?")

# %% slideshow={"slide_type": "fragment"}
say(f"$z = ({whole(np.correlate(x, k, 'valid'))})$: the kernel has to lie on $x$ with all of its weights, $n - q + 1$ places.")

# %% [markdown] slideshow={"slide_type": "fragment"}
# Mathematics calls this **cross-correlation** and turns the kernel round for a convolution. Nets do not turn it.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Indices count from 0 today, as in numpy. Let them compute the first two outputs.
#
# The word matters: whoever looks the gradient up in a book on signals finds the kernel turned where ours is not, and the other way round.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["wide-left"] treats="14.1"
# ## It is a matrix, and its transpose carries errors back

# %% slideshow={"slide_type": "-"}
bp.plots.show(bp.plots.weights_used_again(k, 6))

# %% [markdown] slideshow={"slide_type": "fragment"}
# $$\eq{convolution as a matrix}$$

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Left: every row holds the kernel, one place further on. Right: the transpose. Ask what they see in the framed row on the right: the kernel turned round. Nobody has to remember that as a rule; it is what a transpose
# does to such a matrix.
#
# Ask also what the first row on the right has fewer of: the first input lies under one place only.

# %% [markdown] slideshow={"slide_type": "slide"} treats="14.2"
# ## Back to the input

# %% [markdown] slideshow={"slide_type": "-"} tags=["rows"]
# | step | why |
# |:--|:--|
# | $\dfrac{\partial F}{\partial x_j} = \displaystyle\sum_i \delta_i\, t_{ij} = \sum_i \delta_i\, k_{j-i}$ | chain rule; the entries of $T$ |
# | $\phantom{\dfrac{\partial F}{\partial x_j}} = \displaystyle\sum_u k_u\, \delta_{j-u}$ | sum over $u = j - i$ |

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{convolution, to the input}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# Zeros around $\delta$, kernel **turned round**, laid on at every place that touches: a **full** correlation. On pictures: turned by 180°.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Do the change of the summed index on the board, slowly. It is the only step that is not a definition.
#
# For pictures write $K_{uv}$ and $\delta_{i-u, j-v}$ beside it: two indices in place of one.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## Who notices?
#
# Somebody forgets to turn the kernel. Test kernels: $(1, 2, 1)$, $(1, 0, -1)$, $(1, 2, -1)$.

# %% slideshow={"slide_type": "fragment"}
delta = np.array([1.0, -2.0, 0.5, 3.0])
lines = []
for kernel in ([1.0, 2.0, 1.0], [1.0, 0.0, -1.0], [1.0, 2.0, -1.0]):
    right = np.correlate(np.pad(delta, 2), kernel[::-1], "valid")
    wrong = np.correlate(np.pad(delta, 2), kernel, "valid")
    said = label("hidden") if np.allclose(wrong, right) else "every sign wrong" if np.allclose(wrong, -right) else label("noticed")
    lines.append((f"$({whole(kernel)})$", f"**{said}**"))
rows(("kernel", "a gradient check"), *lines)

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. The middle one is the trap: the check fails, the numbers differ by the sign only, somebody adds a minus, and now two mistakes hide behind this kernel. Test with a kernel without any symmetry.

# %% [markdown] slideshow={"slide_type": "slide"} treats="14.3"
# ## Back to the kernel: sum over the uses

# %% [markdown] slideshow={"slide_type": "-"} tags=["rows"]
# | step | why |
# |:--|:--|
# | $z_i = \displaystyle\sum_u k_{[i]u}\, x_{i+u}$ | a name for each use |
# | $\dfrac{\partial F}{\partial k_{[i]u}} = \delta_i\, x_{i+u}$ | this copy stands in $z_i$ alone |
# | $\dfrac{\partial F}{\partial k_u} = \displaystyle\sum_i \delta_i\, x_{i+u}$ | shared parameter |

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{convolution, to the kernel}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# $\delta$ laid on $x$, and **nothing is turned**. The same from $\delta x^\top$: sums along the diagonals.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. The theorem does the work; ask a student to lead. Then ask for the bias: it is used at every place with factor 1, so it gets the sum of all errors. And examples? They share the kernel, so they are summed as well.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## In motion

# %% slideshow={"slide_type": "-"}
bp.widgets.weights_used_again()

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Two places of each way. Before each press somebody says what will be added, and where. The broken green frame is what grows. To leave the picture, click beside it; then Space goes on with the slides.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Stride and padding: two more matrices, transposed

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{output size}$$

# %% [markdown] slideshow={"slide_type": "-"}
# $$z = S\, T P\, x \qquad\qquad \frac{\partial F}{\partial x} = P^\top T^\top S^\top \delta$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["bullets"]
# - $S^\top$: zeros between the entries of $\delta$ (**dilated**)
# - $T^\top$: full correlation with the turned kernel
# - $P^\top$: what arrives at the zeros around is dropped (**cropped**)

# %% slideshow={"slide_type": "fragment"}
one, kernel, error = np.arange(8.0).reshape(1, 1, 8, 1), k.reshape(1, 1, 1, 3), np.array([1.0, 2.0, 4.0]).reshape(1, 1, 3, 1)
back = bp.convolution_vjp(one, kernel, error, stride=2)[0].ravel()
say(f"$n = 8$, $q = 3$, $s = 2$: back to the input comes $({whole(back)})$. Nobody looked at the last one.")

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Ask for the number of places before you show the formula: start at 0, 2, 4; the next would end outside. The division rounds down without a word, and inputs at the end may be seen by nobody.

# %% [markdown] slideshow={"slide_type": "slide"} treats="14.4"
# ## Pooling, and a tie

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - **Mean**: each entry of an $r \times r$ tile gets $\delta / r^2$.
# - **Max**: the largest gets all of $\delta$, the others nothing.
# - **Two largest**: a kink. Moved up, the maximum follows; moved down, it does not.

# %% slideshow={"slide_type": "fragment"}
tile = np.array([[2.0, 2.0], [1.0, 0.0]])
sent = bp.max_pool_vjp(tile.reshape(1, 2, 2, 1), np.ones((1, 1, 1, 1)))[0, :, :, 0]
say(f"$${matrix(tile)} \\quad \\text{{gets}} \\quad {matrix(sent)}$$\n\nbpkit's agreement: the **first of the equals**, row by row.")

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Ties are no rare accident: after relu whole tiles are 0. Libraries differ, and one library may do one thing in its pooling and another in its maximum; the notebook has a table. Whoever compares two programs on ties compares agreements.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercise"]
# ## Your turn · 6 minutes · in pairs, no computer

# %% slideshow={"slide_type": "-"}
pic, K, err = np.array([[1.0, 0.0, 2.0], [3.0, -1.0, 1.0]]), np.array([[1.0, 2.0], [-1.0, 3.0]]), np.array([[1.0, -2.0]])
say(f"""$$x = {matrix(pic)} \\qquad K = {matrix(K)} \\qquad \\delta = {matrix(err)}$$

1. Before you compute: which shapes have $\\partial F / \\partial x$ and $\\partial F / \\partial K$?
2. Compute both.
3. Somebody turns $\\delta$ for the kernel's gradient. Does the sum of all its entries change?
""")

# %% [markdown] slideshow={"slide_type": "notes"}
# 6 minutes: 4 to work, 2 to compare. The answer is on the next slide down.
#
# Walk round and look for two mistakes: the middle column of the input's error gets a share from both places, and many write the second over the first; and the kernel laid on δ only where the whole of it fits.

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercise"]
# ## Your turn: the answer

# %% slideshow={"slide_type": "-"}
dx, dK, _ = bp.convolution_vjp(pic[None, :, :, None], K[None, None], err[None, :, :, None])
turned = bp.convolution_vjp(pic[None, :, :, None], K[None, None], err[None, :, ::-1, None])[1]
say(f"""$$\\frac{{\\partial F}}{{\\partial x}} = {matrix(dx[0, :, :, 0])} \\qquad \\frac{{\\partial F}}{{\\partial K}} = {matrix(dK[0, 0])}$$

Middle column of the first: $1 \\cdot 2 + (-2) \\cdot 1 = 0$ and $1 \\cdot 3 + (-2)(-1) = 5$: two places, two shares, **added**.

Question 3: the sum changes, from ${dK.sum():g}$ to ${turned.sum():g}$.""")

# %% [markdown] slideshow={"slide_type": "notes"}
# The answer belongs to the six minutes before. Question 3: every weight meets both places; with δ turned each patch has the other's error, and the patches have different sums.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Back to the vote
#
# What a kernel learns at one place, it knows at all places. A dense net has to learn it at each.

# %% [markdown] slideshow={"slide_type": "-"} tags=["rows"]
# | array | shape | weights |
# |:--|:--|:--|
# | picture | $(1, 8, 8, m)$ | |
# | convolution, padding 1, relu | $(12, 8, 8, m)$ | $12 \cdot 9 + 12$ |
# | max pooling by 2 | $(12, 4, 4, m)$ | |
# | dense, softmax | $(10, m)$ | $10 \cdot 192 + 10$ |

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Go backwards through the table with the class: what does each line send back? Every answer was on a slide of this hour or in lesson 04. In the notebook they train it, with their own functions too.

# %% [markdown] slideshow={"slide_type": "slide"} treats="14.5"
# ## The same weights at every moment

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{recurrent state}$$

# %% [markdown] slideshow={"slide_type": "-"} tags=["rows"]
# | step | why |
# |:--|:--|
# | $\dfrac{\partial C}{\partial h_t} = g_t + U^\top \delta_{t+1}$ | $h_t$ is used twice: by the cost, and by the next moment |
# | $\delta_t = \dfrac{\partial C}{\partial h_t} \odot (1 - h_t \odot h_t)$ | slope of tanh |
# | $\dfrac{\partial C}{\partial U} = \displaystyle\sum_t \delta_t\, h_{t-1}^\top$ | one use at each moment: add |

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{BPTT}$$

# %% [markdown] slideshow={"slide_type": "notes"}
# 6 minutes. Draw four moments side by side on the board: inputs from below, states to the right, the cost above. That is a deep net, lying on its side. $g_t$ is what the cost sends to a state directly.
#
# Let the class find line 1 from the picture: how many arrows leave $h_t$? Then ask which state meets $\delta_t$ in the last line, and why it is the one before. Shapes: $(n_h, m)$ times $(m, n_h)$.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"] treats="14.6 11.23 11.24"
# ## Truncated: is it the gradient?
#
# $h_t = u\, h_{t-1} + x_t$, $\; h_0 = 0$, $\; x = (-2, 3, 1)$, $\; u = \tfrac12$. How does $h_3$ move with $u$: in truth, and with $h_2$ held?

# %% slideshow={"slide_type": "fragment"}
h1 = -2.0
h2 = 0.5 * h1 + 3
say(
    f"$\\dfrac{{\\partial h_3}}{{\\partial u}} = h_2 + u\\, h_1 = {h2:g} - {-0.5 * h1:g} = {h2 + 0.5 * h1:g}$; with $h_2$ held: ${h2:g}$. "
    "What was left out is half of what is kept, with the opposite sign. With other inputs the two have **opposite signs** (14.6)."
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# With two parameters it is in general the gradient of **no cost at all**: the mixed second derivatives differ. A useful direction it can be.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Let them compute. The state $h_2$ is no constant: it was made with u. In the notebook a net of 30 moments is measured: truncated after five steps, what is kept points away from the gradient, cosine −0.42.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"] treats="14.7"
# ## Vanish or explode?

# %% slideshow={"slide_type": "-"}
say(f"$$U = {matrix(jump)}$$\n\nNo tanh, the error $(1, 0)$. How long is it after 2 moments, and after 30?")

# %% slideshow={"slide_type": "fragment"}
lengths = {t: np.linalg.norm(np.linalg.matrix_power(jump.T, t) @ [1.0, 0.0]) for t in (1, 2, 5, 10, 30)}
rows(("moments", *lengths), ("length", *(f"{n:.2g}" if n > 0.01 else f"${power(n)}$" for n in lengths.values())))

# %% [markdown] slideshow={"slide_type": "fragment"}
# One step: the largest **singular value** bounds it. Many steps without tanh: the **spectral radius** decides. And $\lVert \delta_t \rVert \le \sigma_1^{T-t} \lVert \delta_T \rVert$, with tanh as well.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Ask for guesses aloud; most say that it explodes. The largest singular value is about 10, the radius 0.5. If $\sigma_1 < 1$ errors vanish for sure, whatever the inputs.

# %% [markdown] slideshow={"slide_type": "slide"} treats="14.8"
# ## Clipping: direction kept, size changed

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{clipping by norm}$$

# %% slideshow={"slide_type": "-"}
G = np.array([30.0, 0.4, -0.3])
lines = []
for name, clipped in (("by the norm of all", G / np.linalg.norm(G)), ("each entry by itself", np.clip(G, -1, 1))):
    cosine = clipped @ G / np.linalg.norm(clipped) / np.linalg.norm(G)
    lines.append((name, digits(np.linalg.norm(clipped), 2), f"**{digits(cosine, 2)}**"))
rows(("$G = (30, 0.4, -0.3)$ clipped at 1", "length", "cosine with $G$"), *lines)

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. One factor for all arrays: each array by its own norm turns the direction as entries do. Against vanishing it does nothing.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{BPTT, weights}$$

# %% [markdown] slideshow={"slide_type": "-"} tags=["left"]
# ### Answer aloud
#
# 1. Why is the kernel turned on the way to the input only?
# 2. What do stride and padding send back?
# 3. A check of truncated BPTT fails. Where is the mistake?

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# ### Classic mistakes
#
# - turned where nothing is turned, or not where it must be
# - `=` for `+=` where patches overlap, and over moments
# - $h_t$ for $h_{t-1}$; $U$ for $U^\top$
# - each array clipped by its own norm

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Three students, one question each.
#
# 1: the transpose of a matrix whose rows hold the kernel has it reversed; the kernel's own gradient is a sum over places, where δ meets what the weight met. 2: zeros between, and what arrives at the padding is dropped. 3: in the
# expectation; the truncated sum is in general the gradient of no cost.
#
# Homework: the notebook of lesson 14, eight exercises, 70 minutes, and the digits with the students' own functions.
