# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 13 · Attention
#
# Nearly every layer so far mixed the entries of one example. Attention mixes the *places* of a text, and computes from the text itself how
# much each place takes from each other. Forward it is two matrix products with a softmax between them. Backward it is what you know already, used in the
# right order: lesson 09's products, lesson 04's softmax, and a sum over uses.
#
# **You will be able to**
#
# - send a gradient back through a look-up, and say why uses add up;
# - say why scores are divided by a root, and predict how widely they are spread;
# - derive the gradients of queries, keys and values, with a mask and with several heads;
# - count what attention costs, and compute it, forward and backward, without ever holding its largest matrix.
#
# **You need** softmax and its backward step (lesson 04), products and shared uses (09), gradient checks (03).
#
# **Time** 110 minutes: about 40 of reading, the rest is yours: eight exercises and six guesses. Pencil and paper help.
#
# **Sources.** None of the course's texts knows attention. The form is that of Vaswani and others, *Attention Is All You Need* (2017), section 3.2; its
# footnote 4 has the variance of a score. The running sums are in Milakov and Gimelshein, *Online normalizer calculation for softmax* (2018);
# Rabe and Staats, *Self-attention Does Not Need $O(n^2)$ Memory* (2021), and Dao and others, *FlashAttention* (2022), build attention from them, backward pass
# included. Derivations and code here are ours. For "gradients add up at forks" see CS231n,
# [Backpropagation, intuitions](https://cs231n.github.io/optimization-2/).

# %%
import tracemalloc

import numpy as np

import bpkit as bp

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# ## From words to columns
#
# A text is a row of **tokens**: whole numbers that name words. An **embedding** is a table $E$ with a column for each word. The text's columns are
# copied out of it. Such a look-up is called **gather**:
#
# $$x_{:t} = E_{:\tau_t} \qquad \underset{(d,\, n)}{x}, \quad \underset{(d,\, \text{words})}{E}, \quad \tau_t \text{ the token at place } t$$
#
# Four words with two numbers each, and a text of five places. "the" stands in it twice.

# %%
words = ["the", "cat", "saw", "dog"]
tokens = np.array([0, 1, 2, 0, 3])
rng = np.random.default_rng(341)
E = rng.normal(size=(2, 4)).round(1)
x = E[:, tokens]
print(" ".join(words[t] for t in tokens))
print(x)
one_hot = np.eye(4)[:, tokens]
print("a product with one-hot columns is the same:", np.array_equal(E @ one_hot, x))

# %% [markdown]
# So $x = E H$ with one-hot columns $H$, and lesson 09 says what a product sends back: $\delta_E = \delta_x H^\top$. Written out, entry $(k, w)$ is
# $\sum_t (\delta_x)_{kt} H_{wt}$, and $H_{wt}$ is 1 where word $w$ stands at place $t$ and 0 elsewhere. What is left is a sum over the places of a word:
#
# $$\frac{\partial C}{\partial E_{:w}} = \sum_{t \,:\, \tau_t = w} (\delta_x)_{:t} \tag{embedding, backward}$$
#
# Each place adds its column to that of its word: **scatter-add**. A word that is not in the text gets 0. No product is needed in either direction.
#
# **Guess:** the numpy line `dE[:, tokens] += g` looks like that sum. "the" stands at places 0 and 3. With this `g`, what arrives in row 0 of the column of "the",
# where 0.6 and 0.9 come back?

# %%
guess = ...  # a number

# %%
g = rng.normal(size=(2, 5)).round(1)
dE = np.zeros_like(E)
dE[:, tokens] += g
print("g, row 0                     ", g[0])
print("dE[:, tokens] += g, row 0    ", dE[0])
print("sum over the places, row 0   ", bp.embedding_vjp(E, tokens, g)[0])
bp.beside(guess, dE[0, 0])

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# 0.9 alone. With a list of places, numpy reads all old values, adds, and writes: for a place that is named twice the last write wins. The sum is 1.5.
# A loop adds rightly, and so does `np.add.at`. Lesson 11 let you find this one.
#
# </details>

# %% [markdown]
# ### 13.1 embedding_grad · • · 5 min · 1 point
#
# Return the gradient of the table: `words` is how many columns it has, `tokens` holds $n$ whole numbers, `g` $(d, n)$ is the gradient of the text's
# columns → $(d, \text{words})$.
#
# Stuck? `bp.hint("13.1")` in a cell of its own opens a first hint.


# %%
def embedding_grad(words, tokens, g):
    """The gradient of the table; tokens (n,), g (d, n) → (d, words)."""
    # BEGIN SOLUTION
    dE = np.zeros((len(g), words))
    for t, token in enumerate(tokens):
        dE[:, token] += g[:, t]
    return dE
    # END SOLUTION


# %%
bp.check("13.1", embedding_grad)

# %% [markdown]
# ## One place asks the others
#
# Three matrices make three columns of each place: a **query** (what it looks for), a **key** (what it offers to be found by) and a **value** (what it
# gives). For query $i$ and key $j$, both of length $d$, the **score** and the weight are
#
# $$s_{ji} = \frac{1}{\sqrt d} \sum_{r=1}^{d} k_{rj}\, q_{ri}, \qquad a_{ji} = \frac{e^{s_{ji}}}{\sum_{p=1}^{n} e^{s_{pi}}}$$
#
# and the result is a mean of the values with these weights, $o_i = \sum_j a_{ji} v_j$. For all queries at once:
#
# $$O = V A, \qquad A = \mathrm{softmax}\!\left( \frac{K^\top Q}{\sqrt d} \right) \tag{attention}$$
#
# $$\underset{(d_v,\, n)}{O} = \underset{(d_v,\, n)}{V} \, \underset{(n,\, n)}{A}, \qquad \underset{(n,\, n)}{A} = \mathrm{softmax}\Big( \underset{(n,\, d)}{K^\top} \,
# \underset{(d,\, n)}{Q} / \sqrt d \Big)$$
#
# Softmax runs down each column, for a query is a column here, as an example is in the whole course. The literature writes a place in a row, and the same thing as
# $\mathrm{softmax}(Q K^\top / \sqrt d)\, V$: every matrix transposed.

# %%
Wq, Wk, Wv = rng.normal(size=(3, 2, 2)).round(1)
Q, K, V = Wq @ x, Wk @ x, Wv @ x
S = K.T @ Q / np.sqrt(2)
A = np.exp(S) / np.exp(S).sum(axis=0)
O = V @ A
print("A", str(A).replace("\n", "\n  "))
print("column sums", A.sum(axis=0), "  as bpkit computes it:", np.allclose(O, bp.attention(Q, K, V)))

# %% [markdown]
# Column $i$ says where place $i$ looks. Columns 0 and 3 are equal, for both places hold "the": attention knows *what* stands somewhere, not *where*.
# Put keys and values into another order, together, and no result changes. (Real nets add something to $x$ that depends on the place.)

# %%
order = [4, 2, 0, 1, 3]
print("same results:", np.allclose(bp.attention(Q, K[:, order], V[:, order]), O))

# %% [markdown]
# ## Why the root
#
# Let the $d$ entries of a query and of a key be independent, with mean 0 and variance 1. Then for the plain dot product $q^\top k = \sum_r q_r k_r$:
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $\mathrm{E}[q_r k_r] = \mathrm{E}[q_r]\, \mathrm{E}[k_r] = 0$ | independent: the mean of a product is the product of the means |
# | 2 | $\mathrm{Var}(q_r k_r) = \mathrm{E}[q_r^2 k_r^2] = \mathrm{E}[q_r^2]\, \mathrm{E}[k_r^2] = 1$ | mean 0, so that the variance is the mean square |
# | 3 | $\mathrm{Var}(q^\top k) = \sum_r \mathrm{Var}(q_r k_r) = d$ | independent terms: variances add up |
# | 4 | $\mathrm{Var}(q^\top k / \sqrt d) = 1$ | a factor $c$ multiplies a variance by $c^2$ |
#
# Step 4 is the reason for the root. Scores that are not scaled differ by about $\sqrt d$, and softmax turns such differences into all or nothing.
#
# **Guess:** eight keys, $d = 1024$, scores *not* scaled. How large is the largest of a query's eight weights, on average? (Equal weights would be 0.125.)

# %%
guess = ...  # a number from 0.125 to 1


# %%
def spread(d, scale, seed=0):
    """2000 queries, 8 keys each: variance of the scores, largest weight, size of softmax's Jacobian."""
    rng = np.random.default_rng(seed)
    K, Q = rng.normal(size=(2000, 8, d)), rng.normal(size=(2000, d, 1))
    S = scale * (K @ Q)[..., 0].T
    A = bp.softmax(S)
    jacobian = A[:, None] * (np.eye(8)[..., None] - A[None])  # diag(a) - a aᵀ for each query
    return S.var(), A.max(axis=0).mean(), np.linalg.norm(jacobian, axis=(0, 1)).mean()


print("   d   not scaled: var  max  ‖J‖     scaled: var  max  ‖J‖")
for d in (4, 64, 1024):
    plain, scaled = spread(d, 1), spread(d, d**-0.5)
    numbers = "{:15.0f} {:5.2f} {:4.2f} {:15.1f} {:5.2f} {:4.2f}".format(*plain, *scaled)
    print(f"{d:4d} {numbers}")
bp.beside(guess, round(plain[1], 2))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# 0.97: one key takes everything. The last column of each half is what lesson 05 calls saturation: the size of softmax's Jacobian, so of all that comes back to
# the scores. Without the scale it shrinks with $d$; with it, it stays where it is.
#
# </details>

# %% [markdown]
# ### 13.2 score_variance · •• · 6 min · 1 point
#
# A prediction. The $d$ entries of a query are independent with mean 0 and variance `var_q`. Those of a key are independent of them and of each other, with
# variance `var_k` and mean `mean_k`, which need not be 0. Return the variance of the *scaled* score $q^\top k / \sqrt d$, a number.


# %%
def score_variance(d, var_q, mean_k, var_k):
    """The variance of qᵀk/√d."""
    # BEGIN SOLUTION
    return var_q * (var_k + mean_k**2)
    # END SOLUTION


# %%
bp.check("13.2", score_variance)

# %% [markdown]
# ## What may be seen
#
# A net that predicts the next word must not see it. A **mask** says where a query may look; the **causal mask** lets place $i$ look at places $j \le i$. Where it
# may not look, the score becomes $-\infty$ *before* softmax. Then $e^{-\infty} = 0$ makes the weight 0, and the others still sum to 1.

# %%
causal = np.triu(np.ones((5, 5), dtype=bool))  # row: key, column: query
A = bp.attention_weights(Q, K, causal)
print(A)
print("column sums", A.sum(axis=0))

# %% [markdown]
# Now the two "the" differ: the first sees itself alone, the second sees four places.
#
# What about a query that may see *nothing*, as a place that is only padding? All its scores are $-\infty$, and softmax is $0/0$. There is no right answer, only a choice
# that has to be made: refuse, as bpkit does, or agree on a result of 0, with a gradient of 0. A third way is common, and it makes the choice
# without telling you: $-10^9$ in place of $-\infty$.
#
# **Guess:** five keys, all hidden by setting their scores to $-10^9$. Which weights come out?

# %%
guess = ...  # five numbers, or in words

# %%
hidden = np.full((5, 1), -1e9)
weights = bp.softmax(hidden).ravel()
try:
    bp.attention_weights(Q, K, np.zeros((5, 5), dtype=bool))
except ValueError as error:
    print(error)
bp.beside(guess, weights)

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Softmax does not care how far down all scores are, only how far apart. Five equal scores give five equal weights: the query takes the mean of everything that
# was to be hidden from it, and sends gradients there.
#
# </details>

# %% [markdown]
# ### 13.3 attention_weights · •• · 8 min · 2 points
#
# Return $A$, also where scores are as large as 25000: `Q` $(d, n_q)$, `K` $(d, n_k)$, `mask` $(n_k, n_q)$, True where a query may look → $(n_k, n_q)$.
# Every query may look at one key at least.


# %%
def attention_weights(Q, K, mask):
    """softmax(KᵀQ/√d) down each column, 0 where hidden; Q (d, n_q), K (d, n_k) → (n_k, n_q)."""
    # BEGIN SOLUTION
    S = np.where(mask, K.T @ Q / np.sqrt(len(Q)), -np.inf)
    e = np.exp(S - S.max(axis=0))
    return e / e.sum(axis=0)
    # END SOLUTION


# %%
bp.check("13.3", attention_weights)

# %% [markdown]
# ## Backward, one arrow at a time
#
# Draw attention as a net: $Q$ and $K$ make $S$, softmax makes $A$ of it, $A$ and $V$ make $O$. Given is $\delta_O$, the gradient of the result. In code it is `g`.
#
# **From $O$.** In $o_{ri} = \sum_j v_{rj}\, a_{ji}$ the value $v_{rj}$ stands in the results of all queries $i$, the weight $a_{ji}$ in all rows $r$ of one result:
#
# $$(\delta_V)_{rj} = \sum_{i} (\delta_O)_{ri}\, a_{ji}, \qquad (\delta_A)_{ji} = \sum_{r} v_{rj}\, (\delta_O)_{ri}$$
#
# The first sum runs over the columns of both factors, the second over their rows:
#
# $$\delta_V = \delta_O A^\top, \qquad \delta_A = V^\top \delta_O \tag{attention, values}$$
#
# **Through softmax.** Each column is a softmax of its own. From 04.6, in components and for all columns ($\mathbf 1$ is a column of $n$ ones, so that
# $\mathbf{1}^\top M$ sums down the columns of $M$ and $\mathbf{1}\, \mathbf{1}^\top M$ writes the sums into every row):
#
# $$(\delta_S)_{ji} = a_{ji} \Big( (\delta_A)_{ji} - \sum_{p} a_{pi}\, (\delta_A)_{pi} \Big)$$
#
# $$\delta_S = A \odot \left( \delta_A - \mathbf{1}\, \mathbf{1}^\top (A \odot \delta_A) \right) \tag{attention, scores}$$
#
# **To $Q$ and $K$.** In $s_{ji} = \frac{1}{\sqrt d} \sum_r k_{rj}\, q_{ri}$ the entry $q_{ri}$ stands in the scores of all keys $j$ and $k_{rj}$ in those of all
# queries $i$, each with the factor $\frac{1}{\sqrt d}$:
#
# $$(\delta_Q)_{ri} = \frac{1}{\sqrt d} \sum_{j} k_{rj}\, (\delta_S)_{ji}, \qquad (\delta_K)_{rj} = \frac{1}{\sqrt d} \sum_{i} q_{ri}\, (\delta_S)_{ji}$$
#
# $$\delta_Q = \frac{1}{\sqrt d}\, K \delta_S, \qquad \delta_K = \frac{1}{\sqrt d}\, Q\, \delta_S^\top \tag{attention, queries and keys}$$
#
# | step forward | what comes back | shapes |
# |:--|:--|:--|
# | $O = V A$ | to $V$: $\delta_O A^\top$; to $A$: $V^\top \delta_O$ | $(d_v, n)(n, n)$; $(n, d_v)(d_v, n)$ |
# | $A = \mathrm{softmax}(S)$ | to $S$: as above, column by column | $(n, n)$ |
# | $S = K^\top Q / \sqrt d$ | to $Q$: $K \delta_S / \sqrt d$; to $K$: $Q\, \delta_S^\top / \sqrt d$ | $(d, n)(n, n)$ both times |
#
# **And the mask?** It needs no step of its own. Where it hides a key the weight $a_{ji}$ is 0, and $(\delta_S)_{ji}$ has the factor $a_{ji}$ in front: nothing comes back. (The
# gradient of the value is $\delta_O A^\top$, with the same 0.)
#
# A check that costs nothing: down a column, $\sum_j (\delta_S)_{ji} = 0$, since adding one number to all scores of a query changes nothing.
#
# **Guess:** with the causal mask, the first query sees itself alone. How large is $(\delta_S)_{00}$, whatever $\delta_O$ is?

# %%
guess = ...  # a number, or "depends"

# %%
g = rng.normal(size=(2, 5)).round(1)
dA = V.T @ g
dS = A * (dA - (A * dA).sum(axis=0))
print(dS.round(4) + 0.0)
print("column sums are 0:", np.allclose(dS.sum(axis=0), 0))
bp.beside(guess, abs(dS[0, 0]))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# 0. Its weight is 1 and stays 1, whatever its score does. So the first query learns nothing: column 0 of $\delta_Q$ is 0 as well. Its value is used by all five
# places.
#
# </details>

# %%
print("weights and gradients of", A.shape[1], "queries; the hidden ones are 0 in both")
bp.plots.show(bp.plots.attention(A, dS, [words[t] for t in tokens]))

# %% [markdown]
# ### 13.4 attention_vjp · ••• · 13 min · 4 points
#
# Return $(\delta_Q, \delta_K, \delta_V)$: `Q` $(d, n_q)$, `K` $(d, n_k)$, `V` $(d_v, n_k)$, `A` $(n_k, n_q)$, the weights as the forward pass made them, and `g` $(d_v, n_q)$, the
# gradient of the result.


# %%
def attention_vjp(Q, K, V, A, g):
    """The gradients of Q, K and V, each of its shape, from g, that of V A."""
    # BEGIN SOLUTION
    dA = V.T @ g
    dS = A * (dA - (A * dA).sum(axis=0)) / np.sqrt(len(Q))
    return K @ dS, Q @ dS.T, g @ A.T
    # END SOLUTION


# %%
bp.check("13.4", attention_vjp)

# %% [markdown]
# **Half way.** About 55 minutes lie behind you, about 55 are left. A good place to stop for today: `bp.progress()` says tomorrow where you were.

# %% [markdown]
# ## Several heads
#
# One softmax gives a query one way to look. **Several heads** look in several ways at once: cut the $d$ rows of $Q$, $K$ and $V$ into $h$ blocks of $d/h$ rows,
# let each block attend by itself, and put the $h$ results below each other again. In numpy the cut is a `reshape`, since rows lie one after another
# in memory; attention then works on the last two axes:
#
# $$\underset{(d,\, n)}{Q} \;\xrightarrow{\text{reshape}}\; \underset{(h,\, d/h,\, n)}{Q} \qquad \text{scale: the root of } d/h, \text{ the length of one key}$$
#
# A reshape moves no number and changes none. Entry by entry it is a copy with slope 1, so its backward step is the reshape the other way.
# That is all there is to heads. But the direction matters: `(h, d // h, n)` cuts blocks, `(d // h, h, n)` deals rows out in turn, and both have $d n$ entries.

# %%
M = np.arange(8).reshape(4, 2)  # d = 4 rows, n = 2 places; a row holds numbers that follow each other
print("head 0 of (2, 2, n):", M.reshape(2, 2, 2)[0].tolist())
print("head 0 of rows dealt out in turn:", M.reshape(2, 2, 2)[:, 0].tolist())
print("there and back:", np.array_equal(M.reshape(2, 2, 2).reshape(4, 2), M))

# %% [markdown]
# ### 13.5 projections_vjp · •• · 10 min · 3 points
#
# The queries of all heads are `Wq @ x`, reshaped to $(h, e, n)$ with $e$ rows a head; keys and values are made in the same way from the same `x`. Given are
# `x` $(d, n)$, the matrices `Wq`, `Wk`, `Wv`, each $(h e, d)$, and the gradients `dQ`, `dK`, `dV`, each $(h, e, n)$. Return
# $(\delta_x, \delta_{W_q}, \delta_{W_k}, \delta_{W_v})$.


# %%
def projections_vjp(x, Wq, Wk, Wv, dQ, dK, dV):
    """The gradients of x, Wq, Wk and Wv from those of the heads' queries, keys and values."""
    # BEGIN SOLUTION
    n = x.shape[1]
    dQ, dK, dV = dQ.reshape(len(Wq), n), dK.reshape(len(Wk), n), dV.reshape(len(Wv), n)
    return Wq.T @ dQ + Wk.T @ dK + Wv.T @ dV, dQ @ x.T, dK @ x.T, dV @ x.T
    # END SOLUTION


# %%
bp.check("13.5", projections_vjp)

# %% [markdown]
# ### One block, checked by another route
#
# A **block** is all of it: queries, keys and values of all heads, causal attention, and a matrix $W_o$ that mixes the heads' results. Code that has to be
# fast stacks the three matrices into one $W$ of shape $(3d, d)$, so that one product makes all three.


# %%
def block(x, W, Wo, h=2):
    """Queries, keys and values by one product; attention in h heads; a product that mixes the heads."""
    Q, K, V = (W @ x).reshape(3, h, -1, x.shape[1])
    return Wo @ bp.attention(Q, K, V, causal).reshape(-1, x.shape[1])


def block_vjp(x, W, Wo, g, h=2):
    Q, K, V = (W @ x).reshape(3, h, -1, x.shape[1])
    merged = bp.attention(Q, K, V, causal).reshape(-1, x.shape[1])
    parts = bp.attention_vjp(Q, K, V, (Wo.T @ g).reshape(Q.shape), causal)
    d = np.stack(parts).reshape(len(W), -1)
    return [W.T @ d, d @ x.T, g @ merged.T]


# %% [markdown]
# The other route knows no formula of this lesson: a complex step (lesson 03) nudges each entry of $x$, $W$ and $W_o$ through the forward pass. bpkit's own tests
# also compare a block with HIPS autograd, a library of other people.

# %%
places = [rng.normal(size=shape) for shape in ((4, 5), (12, 4), (4, 4))]
g = rng.normal(size=(4, 5))
report = bp.check_grad(lambda p: np.sum(g * block(*p)), places, block_vjp(*places, g))
print("entries compared:", sum(p.size for p in places), "  right:", report.ok)
print("relative error below 1e-12:", report.relative_error < 1e-12)

# %% [markdown]
# ## What it costs
#
# A product of $(a, b)$ and $(b, c)$ takes $a b c$ multiplications. With $d$ rows in all, $h$ heads and $n$ places, count:
#
# | | multiplications | numbers kept for the way back |
# |:--|:--|:--|
# | $Q, K, V$ and $W_o$ | $4 d^2 n$ | $x, Q, K, V, O$: $5 d n$ |
# | $K^\top Q$ and $V A$, all heads | $2 d n^2$ | $A$: $h n^2$ |
# | backward, the four matrices | $8 d^2 n$ | |
# | backward, attention: four products | $4 d n^2$ | |
#
# Two things grow with the square of $n$: the work of attention, and what it keeps.
#
# **Guess:** $d = 512$, $h = 8$, a text of $n = 4096$ tokens. For each number in $x$, how many weights in $A$ have to be kept?

# %%
guess = ...  # a number

# %%
d, h = 512, 8
print("     n   matrices  attention   kept: 5dn        A   (millions)")
for n in (256, 1024, 4096, 16384):
    counts = (4 * d**2 * n, 2 * d * n**2, 5 * d * n, h * n**2)
    print("{:6d} {:10.0f} {:10.0f} {:11.1f} {:8.1f}".format(n, *(count / 1e6 for count in counts)))
print("bytes of the last A in float32:", f"{4 * h * n**2 / 1e9:.1f} billion")
bp.beside(guess, h * 4096**2 / (d * 4096))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# $h n^2 / (d n) = h n / d = 64$. Up to $n = 2d = 1024$ attention multiplies no more than the four matrices do; what it keeps has overtaken the rest long before 4096.
# At 16384 tokens one block keeps 2147.5 million weights, in float32 some 8.6 billion bytes. Memory is what ends first.
#
# </details>

# %% [markdown]
# ## Softmax without the row
#
# Must $A$ be there as a whole? A result $o_i$ is a quotient of two sums over keys: $\sum_j e^{s_{ji}} v_j$ and $\sum_j e^{s_{ji}}$. Sums can be built up key by key. What is
# in the way is the shift that keeps exponentials small: it is the largest score, known only at the end. So take the largest score *so far*, and correct when
# it rises. For one query, keep three things:
#
# - $m$, the largest score so far;
# - $l$, the sum of $e^{s_j - m}$ over the keys so far;
# - $o$, the sum of $e^{s_j - m}\, v_j$ over the keys so far.
#
# A block $B$ of new keys changes them to
#
# $$m' = \max\left( m, \max_{j \in B} s_j \right)$$
#
# $$l' = e^{m - m'}\, l + \sum_{j \in B} e^{s_j - m'}, \quad o' = e^{m - m'}\, o + \sum_{j \in B} e^{s_j - m'}\, v_j \tag{streaming, forward}$$
#
# **Theorem.** Start with $m = -\infty$, $l = 0$, $o = 0$, and pass over a block as long as $m'$ would still be $-\infty$: it hides all its keys. After any blocks, in any order and of any
# sizes, $l$ and $o$ are what the list above says. After all keys, one of them seen, $o / l$ is the result of attention.
#
# **Proof**, by induction on the blocks. Before the first, both sums are empty, and a block that is passed over adds terms $e^{-\infty} = 0$. For a block after others, every old term is $e^{s_j - m} = e^{s_j - m'} e^{m' - m}$, so multiplying the
# old sum by $e^{m - m'}$ turns each of its terms into $e^{s_j - m'}$. This is the first term of $l'$ and of $o'$; the second adds the new keys, measured from the same $m'$. (At the
# first block that is not passed over, $e^{m - m'} = e^{-\infty} = 0$ multiplies empty sums.) At the end
# $o / l = \sum_j e^{s_j - m} v_j \,/\, \sum_j e^{s_j - m}$, and the factor $e^{-m}$ cancels. ∎
#
# No exponent is ever above 0, so nothing overflows. And nothing has the size $n^2$: a block of $b$ keys needs $b$ scores for each query, then they are gone.

# %% [markdown]
# ### 13.6 stream_step · ••• · 10 min · 3 points
#
# One block, for all queries at once: `m` and `l` $(n_q,)$, `o` $(d_v, n_q)$, the block's scores `S` $(b, n_q)$ and values `V` $(d_v, b)$. Return the new
# $(m, l, o)$. A query that has seen no key yet has $m = -\infty$; each has a finite score once the block is in.


# %%
def stream_step(m, l, o, S, V):
    """The running maximum, sum and weighted sum with one block more; S (b, n_q), V (d_v, b)."""
    # BEGIN SOLUTION
    new = np.maximum(m, S.max(axis=0))
    kept, e = np.exp(m - new), np.exp(S - new)
    return new, kept * l + e.sum(axis=0), kept * o + V @ e
    # END SOLUTION


# %%
bp.check("13.6", stream_step)

# %% [markdown]
# Play it key by key, for one query with eight keys. → and ← take a block more or one less, ↑ and ↓ change its size. Watch the old bars shrink when a higher score
# comes.

# %%
bp.widgets.attention()

# %% [markdown]
# The same for a whole text, beside the plain way. One number of each query is kept for later, $\ell = m + \log l = \log \sum_j e^{s_j}$, the **log-sum-exp** of its scores.

# %%
rng = np.random.default_rng(1)
n, d = 512, 16
Q, K, V, g = (rng.normal(size=(d, n)) for _ in range(4))
mask = np.triu(np.ones((n, n), dtype=bool))
plain = bp.attention(Q, K, V, mask)
for size in (8, 60, 512):
    streamed, lse = bp.streaming_attention(Q, K, V, mask, size)
    same = np.allclose(streamed, plain, rtol=1e-12, atol=1e-12)
    print(f"blocks of {size:3d}: equal to 12 digits:", same)
print("kept by the plain way:", n * n, "weights; by the other:", lse.size, "numbers")

# %% [markdown]
# ## Backward without the weights
#
# The way back needs $A$ twice: as the factor in front, and in the weighted mean of softmax, which runs over *all* keys of a query. Both can be had from what is kept, one
# block at a time:
#
# $$\delta_{s_j} = e^{s_j - \ell} \left( v_j^\top \delta_o - o^\top \delta_o \right) \tag{streaming, backward}$$
#
# The number $D = o^\top \delta_o$ is here called the **row constant** of a query (a query is a row in the literature). It is computed once, before the first block. Why it is the weighted mean is
# yours to prove.
#
# ### 13.7 stream_proof_order · •• · 7 min · 2 points
#
# One query; its weights are $a_i$, its result is $o$. In which order does each step rest only on what stands before it? More than one order is right. Write the letters as text, such as
# `"HGFEDCBA"`.
#
# | | step |
# |:--|:--|
# | **A** | The gradient $\delta_o$ does not depend on $i$: $\sum_i a_i\, (v_i^\top \delta_o) = \Big( \sum_i a_i v_i \Big)^\top \delta_o$. |
# | **B** | Keep one number of the forward pass, $\ell = \log \sum_i e^{s_i}$. |
# | **C** | The result is $o = \sum_i a_i v_i$, so that each weight gets $\delta_{a_i} = v_i^\top \delta_o$. |
# | **D** | Now nothing runs over the other keys: $\delta_{s_j} = e^{s_j - \ell} \big( v_j^\top \delta_o - o^\top \delta_o \big)$. |
# | **E** | Recognise the result, which was kept: $\sum_i a_i\, \delta_{a_i} = o^\top \delta_o$. |
# | **F** | Softmax sends back, from a query's weights to its scores: $\delta_{s_j} = a_j \big( \delta_{a_j} - \sum_i a_i\, \delta_{a_i} \big)$. |
# | **G** | A weight comes back from its own score alone: $a_j = e^{s_j} / \sum_i e^{s_i} = e^{s_j - \ell}$. |
# | **H** | Put these into the weighted mean: $\sum_i a_i\, \delta_{a_i} = \sum_i a_i\, (v_i^\top \delta_o)$. |

# %%
# BEGIN SOLUTION
stream_proof_order = "FCHAEBGD"
# END SOLUTION

# %%
bp.check("13.7", stream_proof_order)

# %% [markdown]
# ### 13.8 block_dS · •• · 8 min · 2 points
#
# Return $\delta_S$ for one block of $b$ keys: its scores `S` $(b, n_q)$ (scaled already, $-\infty$ where hidden), `lse` $(n_q,)$, its values `V` $(d_v, b)$, and for each query `g` and the result `o`,
# both $(d_v, n_q)$ → $(b, n_q)$. The other keys are not given.


# %%
def block_dS(S, lse, V, g, o):
    """The gradient of a block's scores; S (b, n_q), lse (n_q,), V (d_v, b), g, o (d_v, n_q)."""
    # BEGIN SOLUTION
    return np.exp(S - lse) * (V.T @ g - (o * g).sum(axis=0))
    # END SOLUTION


# %%
bp.check("13.8", block_dS)

# %% [markdown]
# From $\delta_S$ on, each block does what 13.4 does: it adds $K_B\, \delta_S / \sqrt d$ to $\delta_Q$, and has its own columns of $\delta_K$ and $\delta_V$ for itself.

# %%
for size in (8, 60, 512):
    O, lse = bp.streaming_attention(Q, K, V, mask, size)
    found = bp.streaming_attention_vjp(Q, K, V, O, lse, g, mask, size)
    pairs = zip(found, bp.attention_vjp(Q, K, V, g, mask), strict=True)
    same = [np.allclose(one, other, rtol=1e-11, atol=1e-11) for one, other in pairs]
    print(f"blocks of {size:3d}: dQ, dK, dV as the plain way's: {same}")

# %% [markdown]
# The price is work: scores that were thrown away are computed again. How much work, can be counted. This array counts the multiplications of all products.


# %%
class Counted(np.ndarray):
    """Counts the multiplications of all matrix products that it takes part in."""

    total = 0

    def __array_ufunc__(self, ufunc, method, *given, out=(), **rest):
        given = [np.asarray(a) for a in given]
        if ufunc is np.matmul:
            Counted.total += given[0].size * given[1].shape[-1]
        rest |= {"out": tuple(map(np.asarray, out))} if out else {}
        return getattr(ufunc, method)(*given, **rest).view(Counted)


# %%
def products(f, *given):
    """How many products of d n² multiplications a call takes, and what it returns."""
    Counted.total = 0
    result = f(*(a.view(Counted) for a in given))
    return Counted.total / (d * n * n), result


# %% [markdown]
# **Guess:** plain attention needs two products of $d n^2$ multiplications forward and four backward. How many does the streaming way need, forward and backward?

# %%
guess = ...  # two numbers


# %%
print("plain forward:", products(bp.attention, Q, K, V)[0])
print("bp.attention_vjp:", products(bp.attention_vjp, Q, K, V, g)[0])
forward, kept = products(bp.streaming_attention, Q, K, V)
backward = products(bp.streaming_attention_vjp, Q, K, V, *kept, g)[0]
bp.beside(guess, f"{forward:.0f} and {backward:.0f}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# 2 and 5: one product more, the scores. A net that is trained makes 7 in place of 6, and keeps $n$ numbers where it kept $n^2$. (`bp.attention_vjp` is plain and also makes the scores anew,
# so that it shows 5 here; where $A$ is kept, it would need 4.)
#
# </details>
#
# What that buys, measured: the most memory that is held at any moment of one forward and one backward pass.


# %%
def peak(n, vjp):
    """The largest number of bytes held in a pass over n places."""
    given = [np.random.default_rng(0).normal(size=(16, n)) for _ in range(4)]
    tracemalloc.start()
    vjp(*given)
    largest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return largest


def streamed(Q, K, V, g):
    return bp.streaming_attention_vjp(Q, K, V, *bp.streaming_attention(Q, K, V, size=32), g, size=32)


# %%
for name, vjp in (("plain", bp.attention_vjp), ("streaming", streamed)):
    print(f"{name:10} n doubled, memory times {peak(1024, vjp) / peak(512, vjp):.0f}")
more = peak(1024, bp.attention_vjp) > 10 * peak(1024, streamed)
print("at n = 1024 the plain way holds more than ten times as much:", more)

# %% [markdown]
# Multiplications still grow with $n^2$. Numbers held do not. Dao and others report that on graphics processors it is faster, too, in spite of the extra
# product: what is never written need not be read. The course's repository has `benchmarks/attention.py`, which times both ways on your machine, and compares
# the gradients with those of PyTorch and JAX where they are installed.

# %% [markdown]
# ## Recap
#
# The equations of this lesson, on one card.

# %%
bp.equations.card(
    "embedding, backward",
    "attention",
    "attention, values",
    "attention, scores",
    "attention, queries and keys",
    "streaming, forward",
    "streaming, backward",
)

# %% [markdown]
# **Answer aloud**, then open.
#
# <details><summary>1. Why is a score divided by the root of d and not by d?</summary>
#
# A dot product of $d$ independent terms of variance 1 has variance $d$. A factor $c$ changes a variance by $c^2$, so $1/\sqrt d$ brings it back to 1. Then softmax is neither flat nor
# saturated, whatever $d$ is.
#
# </details>
# <details><summary>2. Where in the backward pass is the mask?</summary>
#
# In the weights. A hidden key has the weight 0, which stands in front of $\delta_S$ and in $\delta_O A^\top$, so that neither its score nor its value gets anything from that query.
#
# </details>
# <details><summary>3. What does the streaming backward pass need of the keys that are not in its block?</summary>
#
# Two numbers for each query: the log-sum-exp, which turns a score into its weight, and the row constant $o^\top \delta_o$, which is the weighted mean over all keys.
#
# </details>

# %% [markdown]
# **Classic mistakes**
#
# - the scale left out on the way back: $\delta_Q$ and $\delta_K$ point the right way and are too long. Only a gradient check tells.
# - `dE[:, tokens] += g`: a word that stands twice keeps one gradient.
# - hiding after softmax: the weights no longer sum to 1.
# - $-10^9$ for $-\infty$ where a query may see nothing: it looks at everything.
# - softmax along the wrong axis: a square matrix of weights does not tell.
# - heads dealt out in turn instead of cut in blocks: every shape fits.
# - old sums not rescaled when the maximum rises: right as long as the largest score comes first.
#
# **What comes next.** Attention used one set of three matrices at every place. Lesson 14 looks at nets that use their weights again and again: convolution, and
# recurrence.

# %% [markdown]
# ## Words
#
# In English and Chinese. `bp.words()` lists those of the whole course.

# %%
bp.words("13")
