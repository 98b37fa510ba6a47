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
from bpkit.authoring.slide_words import digits, rows, say

words = ["the", "cat", "saw", "dog"]
tokens = np.array([0, 1, 2, 0, 3])
text = [words[t] for t in tokens]
rng = np.random.default_rng(341)
E = rng.normal(size=(2, 4)).round(1)
x = E[:, tokens]
g_x = rng.normal(size=(2, 5)).round(1)
Wq, Wk, Wv = rng.normal(size=(3, 2, 2)).round(1)
Q, K, V = Wq @ x, Wk @ x, Wv @ x
causal = np.triu(np.ones((5, 5), dtype=bool))
A = bp.attention_weights(Q, K, causal)
g = rng.normal(size=(2, 5)).round(1)
dA = V.T @ g
dS = A * (dA - (A * dA).sum(axis=0))

# %% [markdown] slideshow={"slide_type": "slide"} tags=["title"]
# # Attention
#
# Two products, a softmax between them, and the way back
#
# Lesson 13 · 45 minutes · bring pencil and paper

# %% [markdown] slideshow={"slide_type": "notes"}
# **For whoever gives this class.** The students know softmax and its backward step (04), what a matrix product sends back, and that uses add up (09).
# They should leave able to write all five gradients of attention on a blank sheet, and to say why the largest matrix need not be kept.
#
# Plan: look-up 5 min · attention 3 · the root 6 · masks 3 · backward 9 · exercise 6 · heads 2 · cost and streaming 9 · recap 2.
# If you run late, leave out the heads; the notebook has them.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## From words to columns

# %% slideshow={"slide_type": "-"} tags=["left"]
rows(("word", *words), ("token", 0, 1, 2, 3), *((f"row {r} of $E$", *(digits(v, 1) for v in E[r])) for r in range(2)))

# %% slideshow={"slide_type": "-"} tags=["right"]
rows(("text", *text), ("token", *tokens), *((f"row {r} of $x$", *(digits(v, 1) for v in x[r])) for r in range(2)))

# %% [markdown] slideshow={"slide_type": "fragment"}
# A look-up is a product with one-hot columns, $x = E H$. So $\delta_E = \delta_x H^\top$: each place adds its column to that of its word.
#
# $$\eq{embedding, backward}$$

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Ask who sees a word that is used twice. Then: what does lesson 09 say about something that is used twice?
#
# Gather forward, scatter-add backward. Nobody multiplies by a one-hot matrix; it is there for the proof.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"] treats="13.1"
# ## Does this line add?

# %% slideshow={"slide_type": "-"} tags=["show-code"]
dE = np.zeros_like(E)
dE[:, tokens] += g_x

# %% slideshow={"slide_type": "-"}
say(f"For the two places of “the”, row 0 of the gradient holds **{g_x[0, 0]:g}** and **{g_x[0, 3]:g}**.")
say("> **Vote.** What stands in row 0 of its column now?")

# %% slideshow={"slide_type": "fragment"}
say(
    f"**{dE[0, 0]:g}**. numpy reads, adds, writes: for a place that is named twice, the last write wins. The sum is {bp.embedding_vjp(E, tokens, g_x)[0, 0]:g}."
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Take the vote first. A loop adds rightly, so does `np.add.at`. Nothing warns you: shapes fit, and training goes on, only worse for frequent words.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## One place asks the others
#
# Of each place three columns are made: a **query**, a **key**, a **value**.

# %% [markdown] slideshow={"slide_type": "-"}
# $$s_{ji} = \frac{1}{\sqrt d} \sum_{r=1}^{d} k_{rj}\, q_{ri} \qquad a_{ji} = \frac{e^{s_{ji}}}{\sum_{p=1}^{n} e^{s_{pi}}} \qquad o_i = \sum_{j=1}^{n} a_{ji}\, v_j$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{attention} \tag{attention}$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["bullets"]
# - $Q, K$: $(d, n)$; $V, O$: $(d_v, n)$; $A$: $(n, n)$. A query is a **column**; softmax runs down each column.
# - Papers write a place in a row: $\mathrm{softmax}(Q K^\top / \sqrt d)\, V$, everything transposed.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Write the three formulas on the board and leave them there: the derivation starts from them.
#
# Ask for the shape of each product. Then: what happens to the results if keys and values are put into another order, together? Nothing: a sum has no order.

# %% [markdown] slideshow={"slide_type": "slide"} treats="13.2"
# ## Why the root
#
# Entries of $q$ and $k$: independent, mean 0, variance 1.

# %% [markdown] slideshow={"slide_type": "-"} tags=["rows"]
# | | | |
# |--:|:--|:--|
# | 1 | $\mathrm{E}[q_r k_r] = \mathrm{E}[q_r]\, \mathrm{E}[k_r] = 0$ | independent |
# | 2 | $\mathrm{Var}(q_r k_r) = \mathrm{E}[q_r^2]\, \mathrm{E}[k_r^2] = 1$ | mean 0: the variance is the mean square |
# | 3 | $\mathrm{Var}(q^\top k) = d$ | independent terms: variances add up |
# | 4 | $\mathrm{Var}(q^\top k / \sqrt d) = 1$ | a factor $c$ gives $c^2$ |

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Ask for each reason before it is shown. A good question: what if the keys have mean 1 instead of 0? Then step 2 has a mean square of 2. Exercise 13.2 asks for the general case.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## And without it?
#
# Eight keys, $d = 1024$, scores not scaled. Equal weights would be 0.125.
#
# > **Guess:** how large is the largest weight, on average?


# %% slideshow={"slide_type": "fragment"}
def spread(d, scale):
    rng = np.random.default_rng(0)
    K, Q = rng.normal(size=(2000, 8, d)), rng.normal(size=(2000, d, 1))
    shares = bp.softmax(scale * (K @ Q)[..., 0].T)
    jacobian = shares[:, None] * (np.eye(8)[..., None] - shares[None])
    return digits(shares.max(axis=0).mean(), 2), digits(np.linalg.norm(jacobian, axis=(0, 1)).mean(), 2)


rows(
    ("$d$", "largest weight, not scaled", "size of the Jacobian", "largest weight, scaled", "size of the Jacobian"),
    *((d, *spread(d, 1), *spread(d, d**-0.5)) for d in (4, 64, 1024)),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# One key takes all, and softmax's Jacobian vanishes: nothing comes back to queries and keys.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Collect guesses; most are far too small. The Jacobian of softmax is diag(a) - a aᵀ; its size is the root of its summed squares.
#
# It is saturation once more, as with the sigmoid in lesson 05: a flat function sends nothing back.

# %% [markdown] slideshow={"slide_type": "slide"} treats="13.3"
# ## What may be seen
#
# Place $i$ looks at places $j \le i$. Hide **before** softmax: a score of $-\infty$.

# %% slideshow={"slide_type": "-"}
rows(
    ("key \\ query", *text),
    *((text[j], *(digits(A[j, i], 2) if causal[j, i] else "–" for i in range(5))) for j in range(5)),
)

# %% slideshow={"slide_type": "fragment"}
say("> **Vote.** A query may see nothing: all five scores are $-10^9$. Its weights?")

# %% slideshow={"slide_type": "fragment"}
shares = bp.softmax(np.full((5, 1), -1e9))[:, 0]
say(f"**{digits(shares[0], 1)}** each: the query looks at **everything** that was hidden.")

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Let them read a column: the first query sees itself alone, so its weight is 1.
#
# With minus infinity everywhere softmax is 0/0, and somebody has to decide: refuse, or return 0 and send back 0. A large negative number decides silently, and wrongly.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Backward: to values and weights
#
# Given: $\delta_O$. In $o_{ri} = \sum_j v_{rj}\, a_{ji}$ who stands where?

# %% [markdown] slideshow={"slide_type": "fragment"}
# $$(\delta_V)_{rj} = \sum_{i} (\delta_O)_{ri}\, a_{ji} \qquad\qquad (\delta_A)_{ji} = \sum_{r} v_{rj}\, (\delta_O)_{ri}$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{attention, values} \tag{attention, values}$$

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Ask: over which index does the sum run, and why that one? A value goes to all queries i; a weight meets all rows r of one value.

# %% [markdown] slideshow={"slide_type": "slide"} treats="13.4 11.19 11.20"
# ## Backward: through softmax, to queries and keys
#
# Column by column, as in lesson 04:

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{attention, scores} \tag{attention, scores}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# And $S = K^\top Q / \sqrt d$ is a product with a factor. A factor comes back as it went:
#
# $$\eq{attention, queries and keys}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# The mask needs no step: where $a_{ji} = 0$, nothing comes back.

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. The matrix of ones times its transpose writes each column's sum into every row. Ask what down a column the sum of δ_S is: 0, for softmax does not change
# when all scores of a query move together.
#
# The scale is what gets lost most often. Without it the gradient has the right direction: training works, a gradient check does not.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Both ways in one picture

# %% slideshow={"slide_type": "-"}
bp.plots.show(bp.plots.attention(A, dS, text, width=9.4))

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Before you show it: what is δ_S of the first query, whatever comes in? 0: its only weight stays 1.
#
# Then let them find: columns that sum to 1 and to 0; hatched cells in both; the two columns of "the", equal before the mask and now different.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercise"]
# ## Your turn · 6 minutes · in pairs, no computer
#
# One query, two keys, values of one row: $a = (0.75,\ 0.25)$, $v = (2,\ 6)$, $\delta_o = 1$, $d = 4$, $k_1 = (1, 0, 2, 0)$, $k_2 = (0, 1, 0, 1)$.
#
# 1. What is $o$? What are $\delta_{v_1}$ and $\delta_{v_2}$?
# 2. Find $\delta_a$, then $\delta_s$. Which check costs nothing?
# 3. Find $\delta_q$.

# %% [markdown] slideshow={"slide_type": "notes"}
# 6 minutes: 4 to work, 2 to compare. The answer is on the next slide down.
#
# Watch for: the plain mean in place of the weighted one, and the scale forgotten in 3.

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercise"]
# ## Your turn: the answer

# %% slideshow={"slide_type": "-"}
a, v, keys = np.array([0.75, 0.25]), np.array([2.0, 6.0]), np.array([[1.0, 0, 2, 0], [0, 1, 0, 1]]).T
mean = a @ v
ds = a * (v - mean)
dq = keys @ ds / np.sqrt(4)
say(rf"""
1. $o = 0.75 \cdot 2 + 0.25 \cdot 6 = {mean:g}$; $\delta_v = a\, \delta_o = ({a[0]:g},\ {a[1]:g})$.
2. $\delta_a = v\, \delta_o = (2,\ 6)$, weighted mean ${mean:g}$, so $\delta_s = ({ds[0]:g},\ {ds[1]:g})$. They sum to 0.
3. $\delta_q = \tfrac12 (\delta_{{s_1}} k_1 + \delta_{{s_2}} k_2) = ({", ".join(f"{each:g}" for each in dq)})$.
""")

# %% [markdown] slideshow={"slide_type": "notes"}
# The weighted mean is o itself, since δ_o = 1. Remember that: it comes back in five minutes as the row constant.

# %% [markdown] slideshow={"slide_type": "slide"} treats="13.5"
# ## Several heads
#
# Cut the $d$ rows of $Q$, $K$, $V$ into $h$ blocks, attend in each, put the results below each other.

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - Forward `Q.reshape(h, d // h, n)`, backward `dQ.reshape(d, n)`: a reshape moves no number.
# - The scale is the root of $d/h$, the length of one key.
# - $x$ makes queries, keys **and** values: three uses, so $\delta_x = W_q^\top \delta_Q + W_k^\top \delta_K + W_v^\top \delta_V$.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. The trap: `(d // h, h, n)` has as many entries and deals the rows out in turn. Every shape fits afterwards, and every number is wrong.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What it costs
#
# $d = 512$, $h = 8$. In millions:

# %% slideshow={"slide_type": "-"}
d, h = 512, 8
rows(
    ("$n$", "multiplications: four matrices, $4 d^2 n$", "attention, $2 d n^2$", "kept: $5 d n$", "kept: $A$, $h n^2$"),
    *(
        (n, f"{4 * d**2 * n / 1e6:.0f}", f"{2 * d * n**2 / 1e6:.0f}", f"{5 * d * n / 1e6:.1f}", f"**{h * n**2 / 1e6:.1f}**")
        for n in (256, 1024, 4096, 16384)
    ),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# Memory ends first. Must $A$ be there as a whole?

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Ask where the two columns of multiplications meet: at n = 2d. And how many weights are kept for each number of x: hn/d.

# %% [markdown] slideshow={"slide_type": "slide"} treats="13.6"
# ## Softmax without the row
#
# A quotient of two sums over keys: measure both from the largest score **so far**.

# %% [markdown] slideshow={"slide_type": "-"} tags=["left"]
# $$m' = \max\left( m, \max_{j \in B} s_j \right)$$
#
# $$\text{old sums: } \times\; e^{m - m'}$$

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# $$l' = e^{m - m'}\, l + \sum_{j \in B} e^{s_j - m'}$$
#
# $$o' = e^{m - m'}\, o + \sum_{j \in B} e^{s_j - m'}\, v_j$$

# %% slideshow={"slide_type": "-"}
bp.plots.show(bp.plots.attention_stream(np.array([0.6, -0.4, 1.1, 0.2, 2.6, 0.9, 1.8, 3.0]), 2, width=11))

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. Prove it aloud: each old term is exp(s - m); times exp(m - m') it is exp(s - m'). At the end o/l: the factor exp(-m) cancels.
#
# Blue bars are old, green ones new. When a larger score comes, all old bars shrink by one common factor. The notebook has this as a widget: play it key by key.

# %% [markdown] slideshow={"slide_type": "slide"} treats="13.7 13.8"
# ## Backward without the weights
#
# Keep one number of each query, $\ell = \log \sum_j e^{s_j}$. Then $a_j = e^{s_j - \ell}$ comes back from its own score. And the weighted mean?

# %% [markdown] slideshow={"slide_type": "fragment"}
# $$\sum_i a_i\, \delta_{a_i} = \sum_i a_i\, (v_i^\top \delta_o) = \Big( \sum_i a_i v_i \Big)^\top \delta_o = o^\top \delta_o$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{streaming, backward}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# Price: the scores once more. **5** products backward where 4 would do; $n$ numbers kept where it was $n^2$.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Before the second fragment ask: which number of the exercise was the weighted mean? The result o. Here is why.
#
# Exercise 13.7 puts these steps in order, 13.8 is the last line for a block.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{attention}$$

# %% [markdown] slideshow={"slide_type": "-"} tags=["left"]
# ### Answer aloud
#
# 1. Why the root of $d$, and not $d$?
# 2. Where in the backward pass is the mask?
# 3. What does one block need of all the others?

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# ### Classic mistakes
#
# - the scale left out on the way back
# - `dE[:, tokens] += g`
# - hiding after softmax; $-10^9$ for $-\infty$
# - old sums not rescaled

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Three students, one question each.
#
# 1: a variance grows like d, and a factor changes it by its square. 2: in the weights that are 0. 3: two numbers of each query: the log-sum-exp and the row constant.
#
# Homework: the notebook of lesson 13, eight exercises, about an hour.
