# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 09 · Backpropagation as a way of thinking
#
# Nothing in BP1 to BP4 needs neurons. What they need is a number that is computed in steps. So you can differentiate *any* function of
# matrices as you differentiate a cost: draw it as a net and walk back through it. This lesson does that with three objectives from the
# literature, proves the one theorem that is missing, and ends with a function that you choose.
#
# **You will be able to**
#
# - draw a function of matrices as a net, and write its gradient down from the drawing;
# - say what each kind of step sends back, with its shape, and why;
# - state and prove the theorem on shared parameters, with its conditions;
# - find the slip in a published gradient, and choose an example on which it cannot hide.
#
# **You need** the chain rule and its conditions (lesson 02), gradient checks (03), BP2 and BP4 (05, 06).
#
# **Time** 120 minutes: about 60 of reading, the rest is yours: seven exercises and six guesses. Pencil and paper help.
#
# **Sources.** The three objectives are those of 用反向传导思想求导 (U), a page of the UFLDL wiki; where its formulas slip, they are put right here. The page starts from
# backpropagation in a sparse autoencoder (稀疏自编码器), and from there goes to any function of matrices.
# It states the theorem on shared parameters and leaves the proof to its readers. Corresponding sections elsewhere: UFLDL,
# [Deriving gradients using the backpropagation idea](http://ufldl.stanford.edu/wiki/index.php/Deriving_gradients_using_the_backpropagation_idea) and its pages on
# sparse coding and ICA; Nielsen, [chapter 2](http://neuralnetworksanddeeplearning.com/chap2.html), for the four equations that are
# used here once more; CS231n, [Backpropagation, intuitions](https://cs231n.github.io/optimization-2/), "Gradients add up at forks".

# %%
import numpy as np

import bpkit as bp

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# ## The idea
#
# Take a function $F$ that turns matrices into one number. Computing it takes steps, and every step makes a new array from arrays that are
# already there. Draw a box for each array and an arrow for each *use* of an array. That is a net. Its "layers" may have any shape, its
# "activation functions" may be squares and roots, and it ends in $F$.
#
# For every array $v$ in this net let
#
# $$\delta_v = \frac{\partial F}{\partial v}, \qquad \text{an array of the shape of } v.$$
#
# The errors of the earlier lessons are the same thing: $\delta^l$ is $\delta_v$ for $v = z^l$. The recipe is the same, too:
#
# 1. **Name** every array on the way to $F$, and draw the net.
# 2. **Forward**: compute them all, and keep them.
# 3. **Backward**: start with $\delta_F = 1$. Go from the last array to the first. Each use of an array sends something back to it.
# 4. **Add** at each array what its uses send back. That is its $\delta$.
#
# Two conventions. $\lVert v \rVert^2$ is the sum of the squares of *all* entries of $v$. And $F$ here is a sum, not a mean: with $m$ examples as columns
# there is no $1/m$ anywhere in this lesson.

# %% [markdown]
# ## What a use sends back
#
# A handful of steps is enough for all that follows. The product of two matrices is the one that matters; do it in components, once.
#
# Let $Z = A S$ with shapes $(n, k)$, $(k, m)$ and result $(n, m)$:
#
# $$z_{ie} = \sum_{j=1}^{k} a_{ij}\, s_{je}$$
#
# **To $S$.** The entry $s_{je}$ stands in $z_{ie}$ for every row $i$, and only in column $e$. The chain rule sums over all that it reaches:
#
# $$\frac{\partial F}{\partial s_{je}} = \sum_{i=1}^{n} \frac{\partial F}{\partial z_{ie}}\, \frac{\partial z_{ie}}{\partial s_{je}}
# = \sum_{i=1}^{n} (\delta_Z)_{ie}\, a_{ij} = \sum_{i=1}^{n} (A^\top)_{ji}\, (\delta_Z)_{ie}$$
#
# **To $A$.** The entry $a_{ij}$ stands in $z_{ie}$ for every column $e$, and only in row $i$:
#
# $$\frac{\partial F}{\partial a_{ij}} = \sum_{e=1}^{m} \frac{\partial F}{\partial z_{ie}}\, \frac{\partial z_{ie}}{\partial a_{ij}}
# = \sum_{e=1}^{m} (\delta_Z)_{ie}\, s_{je} = \sum_{e=1}^{m} (\delta_Z)_{ie}\, (S^\top)_{ej}$$
#
# Both sums are matrix products. With the shapes under the symbols:
#
# $$\underset{(k,\, m)}{\text{to } S:\;} \; \underset{(k,\, n)}{A^\top} \; \underset{(n,\, m)}{\delta_Z} \qquad\qquad
# \underset{(n,\, k)}{\text{to } A:\;} \; \underset{(n,\, m)}{\delta_Z} \; \underset{(m,\, k)}{S^\top}$$
#
# The first is BP2 without a slope, the second is BP4 without the mean. The other steps work entry by entry:
#
# | step | sends back | why |
# |:--|:--|:--|
# | $Z = A S$ | to $S$: $A^\top \delta_Z$; to $A$: $\delta_Z S^\top$ | the two sums above |
# | $v = f(u)$, entry by entry | to $u$: $f'(u) \odot \delta_v$ | $u_i$ reaches $v_i$ only, with slope $f'(u_i)$ |
# | $v = u \odot w$ | to $u$: $w \odot \delta_v$; to $w$: $u \odot \delta_v$ | the other factor is the slope |
# | $v = u - x$, $x$ given | to $u$: $\delta_v$ | slope 1 |
# | $F = \sum v$ | to $v$: $1$ in every entry | every entry enters with slope 1 |
# | $M = W^\top$ | to $W$: $\delta_M^\top$ | $m_{ji} = w_{ij}$: the same number at another place |

# %% [markdown]
# ## Objective 1: sparse coding, by its code
#
# Sparse coding explains data $x$ by a few columns of a **dictionary** $A$. The **code** $s$ says how much of each column. Its objective is
#
# $$F = \lVert A s - x \rVert^2 + \gamma \lVert A \rVert^2$$
#
# with $A$ $(n, k)$, $s$ $(k, m)$, $x$ $(n, m)$ and a number $\gamma > 0$, which keeps the dictionary small. (The price on $s$ comes as objective 2.)
#
# We need numbers. Take them from the course's 2-3-2 net: its $W^2$ as the dictionary, the weighted inputs of its hidden layer as the code, its input as $x$.

# %%
net, x, y = bp.nets.two_three_two()
A, s, gamma = net.W[2], bp.forward(net, x).z[1], 0.1
print("A", str(A).replace("\n", "\n  "))
print("s", s.ravel(), "  x", x.ravel(), "  γ", gamma)

# %% [markdown]
# **Guess:** text U announces the gradient of this $F$ for the matrix $A$, and arrives at $A^\top\, 2(As - x)$, leaving the penalty aside. Look at the shapes.
# Can this be a gradient for $A$?

# %%
guess = ...  # "yes" or "no", and why

# %%
claimed = A.T @ (2 * (A @ s - x))
print("the claim has shape", claimed.shape, "and A has", A.shape)
bp.beside(guess, "yes" if claimed.shape == A.shape else "no, the shape is that of s")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# A gradient has the shape of what it belongs to. This one has the shape of $s$. It is a right formula under a wrong name: you are about to
# derive it for $s$. Reading shapes is the cheapest check there is.
#
# </details>

# %% [markdown]
# ### The net
#
# Name the arrays: $z = As$, the residual $r = z - x$, its squares $q = r \odot r$, the squares of the dictionary $P = A \odot A$. Then
# $F = \sum q + \gamma \sum P$. Text U draws the first term as layers: weights $A$ with the identity as activation function, then the
# identity **matrix** as weights with $f(z_i) = z_i - x_i$, then squares. Its layers are our arrays. (It calls that matrix a vector. The
# copies that we have print $As - x$ as $Asx$ and this $f$ without its minus: what a machine lost is no slip of the text.)

# %%
z = A @ s
r = z - x
q = r * r
P = A * A
F = q.sum() + gamma * P.sum()
print("z", z.ravel(), "  r", r.ravel(), "  q", q.ravel(), f"  F {F:.4f}")

# %% [markdown]
# ### Back to s, one arrow at a time
#
# | | array | shape | what its use sends back | numbers |
# |:--|:--|:--|:--|:--|
# | 1 | $\delta_F$ | $(1, 1)$ | the start: $\partial F / \partial F$ | 1 |
# | 2 | $\delta_q$ | $(n, m)$ | $F = \sum q + \dots$: 1 in every entry | 1, 1 |
# | 3 | $\delta_r$ | $(n, m)$ | $q = r \odot r$, slope $2r$: $\; 2 r \odot \delta_q = 2r$ | −4, 8 |
# | 4 | $\delta_z$ | $(n, m)$ | $r = z - x$, slope 1: $\; \delta_r = 2r$ | −4, 8 |
# | 5 | $\delta_s$ | $(k, m)$ | $z = A s$: $\; A^\top \delta_z$ | −16, 16, 14 |
#
# Put together:
#
# $$\frac{\partial F}{\partial s} = 2 A^\top (A s - x) \tag{sparse coding, s}$$
#
# $$\underset{(k,\, m)}{\frac{\partial F}{\partial s}} = 2\, \underset{(k,\, n)}{A^\top} \, \underset{(n,\, m)}{(A s - x)}$$
#
# The penalty $\gamma \lVert A \rVert^2$ sends nothing: no arrow leads from $s$ to it. Now the same with numbers, beside a measurement.

# %%
delta_q = np.ones_like(q)
delta_z = delta_r = 2 * r * delta_q
delta_s = A.T @ delta_z
print("δz      ", delta_z.ravel())
print("δs      ", delta_s.ravel())
measured = bp.numerical_gradient(lambda v: np.sum((A @ v - x) ** 2) + gamma * np.sum(A**2), s)
print("measured", measured.ravel())

# %% [markdown]
# ### 09.1 sparse_grad_s · •• · 8 min · 2 points
#
# The gradient of $\lVert As - x \rVert^2$ with respect to $s$, for any number of examples: `A` $(n, k)$, `s` $(k, m)$, `x` $(n, m)$ → $(k, m)$.
#
# Stuck? `bp.hint("09.1")` in a cell of its own opens a first hint.


# %%
def sparse_grad_s(A, s, x):
    """∂/∂s of ‖As - x‖²; A (n, k), s (k, m), x (n, m) → (k, m)."""
    # BEGIN SOLUTION
    return 2 * A.T @ (A @ s - x)
    # END SOLUTION


# %%
bp.check("09.1", sparse_grad_s)

# %% [markdown]
# ## The same net, by its dictionary
#
# The code is found for a given dictionary; then the dictionary is improved for the given code. For that we need $\partial F / \partial A$.
# Nothing has to be computed anew: $\delta_z$ is known. Only the last arrows are other ones, and there are **two** of them, for $A$ is used twice.
#
# | use of $A$ | shape | sends back | numbers |
# |:--|:--|:--|:--|
# | in $z = As$ | $(n, m)(m, k)$ | $\delta_z\, s^\top = 2 (As - x)\, s^\top$ | row 1: 4, −2, −8 |
# | in $P = A \odot A$ | $(n, k)$ | $2 A \odot \delta_P = 2 \gamma A$, since $\delta_P = \gamma$ in every entry | row 1: 0.2, −0.4, 0.1 |
#
# A nudge of $A$ goes both ways at once, so the two are added. (That this is allowed is a theorem. It comes in a moment.)
#
# $$\frac{\partial F}{\partial A} = 2 (A s - x)\, s^\top + 2 \gamma A \tag{sparse coding, A}$$
#
# $$\underset{(n,\, k)}{\frac{\partial F}{\partial A}} = 2\, \underset{(n,\, m)}{(A s - x)} \, \underset{(m,\, k)}{s^\top} + 2 \gamma\, \underset{(n,\, k)}{A}$$

# %%
through_z = delta_z @ s.T
through_P = 2 * A * gamma
print("through z", str(through_z).replace("\n", "\n          "))
print("through P", str(through_P).replace("\n", "\n          "))
print("their sum", str(through_z + through_P).replace("\n", "\n          "))
found = bp.numerical_gradient(lambda v: np.sum((v @ s - x) ** 2) + gamma * np.sum(v**2), A)
print("measured ", str(found).replace("\n", "\n          "))

# %% [markdown]
# The picture holds all of it: in each box on top the values, below the gradients; on each arrow what it sends back. The thick green frame says: used more
# than once.

# %%
coding = bp.objectives.sparse_coding(A, s, x, gamma)
print(f"F = {coding.value:.4f}; A is used {len(coding.uses_of('A'))} times")
bp.plots.show(bp.plots.objective(coding))

# %% [markdown]
# ### 09.2 sparse_grad_A · •• · 10 min · 2 points
#
# The gradient of $\lVert As - x \rVert^2 + \gamma \lVert A \rVert^2$ with respect to $A$: `A` $(n, k)$, `s` $(k, m)$, `x` $(n, m)$, `gamma` a number → $(n, k)$.


# %%
def sparse_grad_A(A, s, x, gamma):
    """∂/∂A of ‖As - x‖² + γ‖A‖²; A (n, k), s (k, m), x (n, m) → (n, k)."""
    # BEGIN SOLUTION
    return 2 * (A @ s - x) @ s.T + 2 * gamma * A
    # END SOLUTION


# %%
bp.check("09.2", sparse_grad_A)

# %% [markdown]
# ## Objective 2: the topographic penalty
#
# A code should be *sparse*: most entries zero. The price $\sum |s_j|$ does that, but it has a kink at 0, where there is no slope. Smooth it:
# $\sum \sqrt{s_j^2 + \epsilon}$ with a small $\epsilon > 0$. And let entries that belong together be switched off together: a **grouping matrix** $V$ with
# a row for each group, 1 where an entry belongs to it, 0 elsewhere. The price on whole groups is
#
# $$F = \sum \sqrt{V (s \odot s) + \epsilon}$$
#
# with $V$ $(g, n)$, $s$ $(n, m)$, and the root taken entry by entry. Three entries, two overlapping groups:

# %%
V, eps = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]]), 0.1
penalty = bp.objectives.topographic(V, s, eps)
for name in ("q", "u", "p", "t"):
    print(f"{penalty[name].label:9}", penalty[name].value.ravel())
print(f"F = {penalty.value:.4f}")

# %% [markdown]
# Text U writes this objective with $V s s^\top$, and means the squares of the entries, as its net shows. Take the formula at its word.
#
# **Guess:** what is the shape of $V s s^\top$ here, where $V$ is $2 \times 3$ and $s$ is $3 \times 1$? And can a root be taken of it?

# %%
guess = ...  # a shape, and "yes" or "no"

# %%
literally = V @ s @ s.T + eps
print(literally)
negative = np.sum(literally < 0)
bp.beside(guess, f"{literally.shape}; {negative} of {literally.size} numbers are negative: no root")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# $s s^\top$ is every entry times every other. Its diagonal holds the squares; the rest does not belong here, and can have either sign. The wrong
# formula does not have the shape of one number for each group. Where a text writes $s s^\top$, ask which of the two it means.
#
# </details>

# %% [markdown]
# ### Back to s, one arrow at a time
#
# Arrays: $q = s \odot s$, $u = V q$, $p = u + \epsilon$, $t = \sqrt p$ entry by entry, $F = \sum t$. Go back on paper, from $t$ to $s$. Then compare.
#
# <details><summary>Optional: the five rows</summary>
#
# | | array | shape | what its use sends back | why |
# |:--|:--|:--|:--|:--|
# | 1 | $\delta_t$ | $(g, m)$ | $1$ in every entry | $F = \sum t$ |
# | 2 | $\delta_p$ | $(g, m)$ | $\tfrac12\, p^{-1/2} \odot \delta_t$ | the root's slope is $\tfrac12 p^{-1/2}$ |
# | 3 | $\delta_u$ | $(g, m)$ | $\delta_p$ | adding $\epsilon$ has slope 1 |
# | 4 | $\delta_q$ | $(n, m)$ | $V^\top \delta_u$ | $u = V q$ is a matrix product: every entry collects from its groups |
# | 5 | $\delta_s$ | $(n, m)$ | $2 s \odot \delta_q$ | the slope of a square |
#
# Put row into row; the $\tfrac12$ of the root and the 2 of the square cancel:
#
# $$\delta_s = 2 s \odot \left( V^\top \tfrac12\, p^{-1/2} \right) = \left( V^\top p^{-1/2} \right) \odot s$$
#
# </details>
#
# $$\frac{\partial F}{\partial s} = \left( V^\top \left( V (s \odot s) + \epsilon \right)^{-1/2} \right) \odot s \tag{topographic penalty}$$
#
# $$\underset{(n,\, m)}{\frac{\partial F}{\partial s}} = \Big( \underset{(n,\, g)}{V^\top} \,
# \underset{(g,\, m)}{\left( V (s \odot s) + \epsilon \right)^{-1/2}} \Big) \odot \underset{(n,\, m)}{s}$$

# %%
delta_p = 0.5 / np.sqrt(penalty["p"].value)
delta_q = V.T @ delta_p
delta_s = 2 * s * delta_q
for name, found in (("δp", delta_p), ("δq", delta_q), ("δs", delta_s)):
    print(f"{name}      ", found.ravel())
print("measured", bp.numerical_gradient(lambda v: np.sum(np.sqrt(V @ v**2 + eps)), s).ravel())

# %%
print("δs in the picture:", penalty["s"].gradient.ravel())
bp.plots.show(bp.plots.objective(penalty))

# %% [markdown]
# **Guess:** somebody writes $V$ for $V^\top$. Three tests are at hand: a $V$ of $2 \times 3$, a random $3 \times 3$ one, and a symmetric $3 \times 3$ one.
# Which of them notice?

# %%
guess = ...  # such as "the first and the third"

# %%
rng = np.random.default_rng(9)
random = rng.uniform(size=(3, 3))
noticed = []
for name, G in (("2 × 3", V), ("random 3 × 3", random), ("symmetric 3 × 3", random + random.T)):
    right = (G.T @ (G @ s**2 + eps) ** -0.5) * s
    fits = G.shape[0] == G.shape[1]
    if not fits or not np.allclose((G @ (G @ s**2 + eps) ** -0.5) * s, right):
        noticed.append(name)
bp.beside(guess, " and ".join(noticed))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# On the symmetric matrix the slip is invisible, because $V = V^\top$. Grouping matrices are often symmetric: "$i$ belongs to $j$'s group" usually goes both
# ways. A test matrix should be neither square nor symmetric. (A forgotten $\epsilon$ hides in another way: the smaller it is, the less it shows. Test with one of order 1.)
#
# </details>

# %% [markdown]
# ### 09.3 topographic_grad · ••• · 10 min · 3 points
#
# The gradient of $\sum \sqrt{V(s \odot s) + \epsilon}$ with respect to $s$: `V` $(g, n)$, `s` $(n, m)$, `eps` a number → $(n, m)$.


# %%
def topographic_grad(V, s, eps):
    """∂/∂s of Σ√(V(s∘s) + ε); V (g, n), s (n, m) → (n, m)."""
    # BEGIN SOLUTION
    return (V.T @ (V @ s**2 + eps) ** -0.5) * s
    # END SOLUTION


# %%
bp.check("09.3", topographic_grad)

# %% [markdown]
# **Half way.** About 55 minutes lie behind you, about 65 are left. A good place to stop for today: `bp.progress()` says tomorrow where you were.

# %% [markdown]
# ## One matrix, several uses
#
# $A$ was used twice, and we added. Now look at that step closely. A small case first: $G(w) = w \cdot w \cdot w$ uses $w$ three times, and its slope is
# $3w^2$. Give each use its own name, $F(u_1, u_2, u_3) = u_1 u_2 u_3$. With respect to one use alone the slope is the product of the other two: $w^2$. There are
# three of them, and $3 w^2$ is their sum.
#
# **Guess:** tie the weights of the 2-3-2 net: let its second layer use the transpose of the first, $W^2 = (W^1)^\top$, so that one matrix does both jobs.
# The cost then depends on $W^1$ along two ways. To get its gradient from the two that `bp.backward` finds, do you take the second, the mean, or the sum?

# %%
guess = ...  # "the second", "the mean" or "the sum"


# %%
def tied(W):
    """The 2-3-2 net with its first layer's weights, transposed, in the second."""
    return bp.Network((None, W, W.T), net.b, net.activations, net.cost)


grads = bp.backward(tied(net.W[1]), bp.forward(tied(net.W[1]), x), y)
one, two = grads.W[1], grads.W[2].T  # the second was used transposed, so its gradient is turned back
measured = bp.numerical_gradient(lambda W: bp.cost_of(tied(W), x, y), net.W[1])
claims = {"the second": two, "the mean": (one + two) / 2, "the sum": one + two}
for name, claim in claims.items():
    print(f"{name:10} off by at most {np.max(np.abs(claim - measured)):.4f}")
bp.beside(guess, next(name for name, claim in claims.items() if np.allclose(claim, measured)))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# The sum. A nudge of $W$ is felt at both places, and to first order the two effects add up. Nothing is shared out between the uses, so nothing is divided.
#
# </details>

# %% [markdown]
# ### The theorem, with its conditions
#
# Let $F(W_{[1]}, \dots, W_{[U]})$ be a real function of $U$ matrices of one shape: a place for each use. Let $G$ put the same matrix into all places,
#
# $$G(W) = F(W, W, \dots, W).$$
#
# **If $F$ is differentiable at the point $(W, \dots, W)$**, as a function of all its entries together, **then $G$ is differentiable at $W$**, and
#
# $$\frac{\partial F}{\partial W} = \sum_{u} \frac{\partial F}{\partial W_{[u]}} \tag{shared parameter}$$
#
# where the left side is the gradient of $G$, and each term on the right is taken at $(W, \dots, W)$ with the other places held.
#
# **Proof.** In components, for one entry $w_{ij}$.
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $G = F \circ c$ with $c(W) = (W, \dots, W)$, that is $w_{[u]kl} = w_{kl}$ for every use $u$ | $c$ makes the copies, $F$ uses them |
# | 2 | $c$ is differentiable | it is linear: $c(W + H) = c(W) + c(H)$, and nothing is left over |
# | 3 | $G$ is differentiable at $W$, and $\dfrac{\partial G}{\partial w_{ij}} = \displaystyle\sum_{u=1}^{U} \sum_{k,\, l} \dfrac{\partial F}{\partial w_{[u]kl}}\, \dfrac{\partial w_{[u]kl}}{\partial w_{ij}}$ | a composition of differentiable maps (lesson 02); here one line shows it: what $F$ leaves over is small against $\lVert c(H) \rVert = \sqrt{U}\, \lVert H \rVert$, so against $\lVert H \rVert$ |
# | 4 | $\dfrac{\partial w_{[u]kl}}{\partial w_{ij}} = 1$ if $k = i$ and $l = j$, otherwise $0$ | by step 1 a copy's entry is the original's entry at the same place |
# | 5 | $\dfrac{\partial G}{\partial w_{ij}} = \displaystyle\sum_{u=1}^{U} \dfrac{\partial F}{\partial w_{[u]ij}}$ | of the inner sum over $k, l$ a single term is left |
# | 6 | $\dfrac{\partial G}{\partial W} = \displaystyle\sum_{u=1}^{U} \dfrac{\partial F}{\partial W_{[u]}}$ | step 5 for all $i, j$; every term has the shape of $W$ $\;\blacksquare$ |
#
# **The same without indices.** Write $\langle A, B \rangle = \sum A \odot B$. To first order, $F$ changes by the sum of what its places do: $\mathrm{d}F = \sum_u \langle \partial F / \partial W_{[u]},\, \mathrm{d}W_{[u]} \rangle$.
# All copies move together, $\mathrm{d}W_{[u]} = \mathrm{d}W$, so $\mathrm{d}G = \langle \sum_u \partial F / \partial W_{[u]},\, \mathrm{d}W \rangle$; what stands beside $\mathrm{d}W$ is the gradient.
#
# **In the net** this is rule 4 of the recipe. An array that is used $U$ times has $U$ arrows, and copying is a step like any other: what it sends back is the sum.
#
# **Used transposed.** Where a use takes $M = W^\top$ in place of $W$, go one step further back, from $M$ to the copy. By the table at the start, its gradient is turned:
#
# $$\frac{\partial F}{\partial W_{[u]}} = \left( \frac{\partial F}{\partial W_{[u]}^\top} \right)^\top \tag{transposed use}$$

# %% [markdown]
# ### Does the condition matter?
#
# It asks for more than partial derivatives. Lesson 02 had $F(u, v) = \dfrac{u^2 v}{u^2 + v^2}$ with $F(0, 0) = 0$: both partial derivatives at the origin are 0, and so
# is their sum. But $G(w) = F(w, w) = w/2$ has slope $\tfrac12$. $F$ is not differentiable there, so the theorem may not be used, and it fails. Sums,
# products, squares, exponentials, and roots of positive numbers are differentiable: in the nets of this lesson the condition holds. That is why $\epsilon$
# stands under the root.
#
# ### Where you have met it already
#
# - **A batch** uses the same $W$ for every example. The sum over the examples in BP4 is this theorem; the $1/m$ in front comes from the mean in the cost.
# - **Text R's single bias** for a whole layer is used by every neuron: its gradient is the sum over the neurons (06.4).
# - **A fork** (02.1) is a value that is used twice.
# - Convolutions use one filter at every place of a picture, recurrent nets use one matrix at every moment. Their gradients are these sums.
#
# In code, sharing means `+=`. An `=` in its place keeps the last use and runs without complaint.

# %% [markdown]
# ### 09.4 shared_gradient · • · 5 min · 1 point
#
# `parts` is a list: the gradient at each use of a matrix, each of the matrix's shape. Return the matrix's gradient. Leave the list as it was.


# %%
def shared_gradient(parts):
    """The gradient of a parameter, given the gradients at its uses: a list of arrays of one shape."""
    # BEGIN SOLUTION
    total = np.zeros_like(parts[0])
    for part in parts:
        total += part
    return total
    # END SOLUTION


# %%
bp.check("09.4", shared_gradient)

# %% [markdown]
# ## Objective 3: ICA's reconstruction cost
#
# Independent component analysis looks for features $h = W x$ from which the data can be rebuilt by the transpose, $y = W^\top h$. The cost of what is lost is
#
# $$F = \lVert W^\top W x - x \rVert^2$$
#
# with $W$ $(k, n)$ and $x$ $(n, m)$. This time it is the weights that we want, and they are used twice, once of them transposed.
#
# Name the uses: $h = W_{[1]} x$ and $y = W_{[2]}^\top h$. Then the residual $r = y - x$, its squares $q = r \odot r$, and $F = \sum q$.
#
# | | array | shape | what comes back | why |
# |:--|:--|:--|:--|:--|
# | 1 | $\delta_q$ | $(n, m)$ | $1$ in every entry | $F = \sum q$ |
# | 2 | $\delta_r$ | $(n, m)$ | $2r$ | slope of a square |
# | 3 | $\delta_y$ | $(n, m)$ | $2r$ | $r = y - x$ |
# | 4 | $\delta_{W_{[2]}^\top}$ | $(n, k)$ | $\delta_y\, h^\top = 2 r\, (W x)^\top$ | product $W_{[2]}^\top h$, to its left factor |
# | 5 | $\delta_{W_{[2]}}$ | $(k, n)$ | $\left( 2 r\, (W x)^\top \right)^\top = 2\, (W x)\, r^\top$ | transposed use: turned back |
# | 6 | $\delta_h$ | $(k, m)$ | $(W_{[2]}^\top)^\top \delta_y = 2\, W r$ | product $W_{[2]}^\top h$, to its right factor: the transpose **of the transpose** |
# | 7 | $\delta_{W_{[1]}}$ | $(k, n)$ | $\delta_h\, x^\top = 2\, W r\, x^\top$ | product $W_{[1]} x$, to its left factor |
#
# The theorem adds rows 5 and 7:
#
# $$\frac{\partial F}{\partial W} = 2\, W r\, x^\top + 2\, (W x)\, r^\top, \qquad r = W^\top W x - x \tag{ICA reconstruction}$$
#
# $$\underset{(k,\, n)}{\frac{\partial F}{\partial W}} = 2\, \underset{(k,\, n)}{W} \, \underset{(n,\, m)}{r} \, \underset{(m,\, n)}{x^\top}
# + 2\, \underset{(k,\, m)}{(W x)} \, \underset{(m,\, n)}{r^\top}$$
#
# With numbers: $W$ is the 2-3-2 net's $W^1$, $x$ its input.

# %%
W = net.W[1]
h = W @ x
r = W.T @ h - x
inner, outer = 2 * W @ r @ x.T, 2 * h @ r.T
for name, found in (("first use ", inner), ("second use", outer), ("sum       ", inner + outer)):
    print(name, str(found).replace("\n", "\n           "))
found = bp.numerical_gradient(lambda v: np.sum((v.T @ v @ x - x) ** 2), W)
print("measured  ", str(found).replace("\n", "\n           "))

# %%
rebuilt = bp.objectives.ica(W, x)
print(f"F = {rebuilt.value:.4f}; W is used for", " and ".join(use.end for use in rebuilt.uses_of("W")))
bp.plots.show(bp.plots.objective(rebuilt))

# %% [markdown]
# ### A slip that a symmetric matrix hides
#
# Text U prints row 6 with $W^\top$ in place of $W$: its first part reads $W^\top\, 2 (W^\top W x - x)\, x^\top$. With $W$ of $3 \times 2$ that has no shape at all. Try it
# on square matrices.
#
# **Guess:** the relative error of the printed gradient, first for a random $4 \times 4$ matrix $W$, then for a symmetric one. Two digits will do.

# %%
guess = ...  # two numbers


# %%
def error_of_print(W, x):
    """How far text U's gradient is from the measured one, relative to the larger."""
    r = W.T @ W @ x - x
    printed = 2 * W.T @ r @ x.T + 2 * (W @ x) @ r.T
    true = bp.complex_step(lambda v: np.sum((v.T @ v @ x - x) ** 2), W)
    return np.linalg.norm(printed - true) / max(np.linalg.norm(printed), np.linalg.norm(true))


rng = np.random.default_rng(4)
random, sample = rng.normal(size=(4, 4)), rng.normal(size=(4, 3))
any_W, symmetric = (error_of_print(W, sample) for W in (random, random + random.T))
bp.beside(guess, f"{any_W:.2f} and {symmetric:.2f}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Far off on the random matrix, right to the last digit on the symmetric one. Whoever tested it with a symmetric $W$, such as an identity, saw a green check. The rule of this course:
# every check runs on a square matrix that is not symmetric *and* on one that is not square.
#
# </details>

# %% [markdown]
# ### 09.5 ica_grad · ••• · 12 min · 3 points
#
# The gradient of $\lVert W^\top W x - x \rVert^2$ with respect to $W$: `W` $(k, n)$, `x` $(n, m)$ → $(k, n)$.


# %%
def ica_grad(W, x):
    """∂/∂W of ‖WᵀWx - x‖²; W (k, n), x (n, m) → (k, n)."""
    # BEGIN SOLUTION
    h = W @ x
    r = W.T @ h - x
    return 2 * W @ r @ x.T + 2 * h @ r.T
    # END SOLUTION


# %%
bp.check("09.5", ica_grad)

# %% [markdown]
# ## The proof, closed book
#
# ### 09.6 shared_proof_order · •• · 8 min · 2 points
#
# The proof of the theorem once more, in steps that are shuffled. Without looking back: in which order does each step rest only on what stands before it? More than
# one order is right. Write the letters as text, such as `"HGFEDCBA"`.
#
# | | step |
# |:--|:--|
# | **A** | So the chain rule holds: $\dfrac{\partial G}{\partial w_{ij}} = \sum_{u} \sum_{k,l} \dfrac{\partial F}{\partial w_{[u]kl}}\, \dfrac{\partial w_{[u]kl}}{\partial w_{ij}}$. |
# | **B** | Put one matrix into all places: $G(W) = F(c(W))$ with the copying map $c(W) = (W, \dots, W)$. |
# | **C** | Read all $i, j$ at once: $\dfrac{\partial G}{\partial W} = \sum_u \dfrac{\partial F}{\partial W_{[u]}}$. |
# | **D** | Differentiate it: $\dfrac{\partial w_{[u]kl}}{\partial w_{ij}}$ is 1 where $k = i$ and $l = j$, and 0 elsewhere. |
# | **E** | Give each use a name of its own: the function that they enter is $F(W_{[1]}, \dots, W_{[U]})$. |
# | **F** | Put it in; of each inner sum one term is left: $\dfrac{\partial G}{\partial w_{ij}} = \sum_{u} \dfrac{\partial F}{\partial w_{[u]ij}}$. |
# | **G** | Both are differentiable: $F$ at the point $c(W)$, as the theorem asks; $c$ everywhere, since it is linear. |
# | **H** | Look at one entry of one copy: $w_{[u]kl} = w_{kl}$. |

# %%
# BEGIN SOLUTION
shared_proof_order = "EBGAHDFC"
# END SOLUTION

# %%
bp.check("09.6", shared_proof_order)

# %% [markdown]
# ## One more: a quadratic form
#
# $$F = \mathrm{tr}(X^\top A X) \qquad \text{with } X \; (n, p), \; A \; (n, n)$$
#
# The trace is the sum of the diagonal. In components, with $Y = A X$:
#
# $$\mathrm{tr}(X^\top Y) = \sum_{j} (X^\top Y)_{jj} = \sum_{j} \sum_{i} x_{ij}\, y_{ij} = \sum X \odot Y$$
#
# So the net has three arrays, $Y = A X$, $Q = X \odot Y$, $F = \sum Q$, and $X$ is used twice: as a factor of $Q$, and inside $Y$.
#
# | | array | shape | what comes back | why |
# |:--|:--|:--|:--|:--|
# | 1 | $\delta_Q$ | $(n, p)$ | $1$ in every entry | $F = \sum Q$ |
# | 2 | $\delta_Y$ | $(n, p)$ | $X$ | the other factor |
# | 3 | $\delta_{X_{[1]}}$ | $(n, p)$ | $Y = A X$ | the other factor |
# | 4 | $\delta_{X_{[2]}}$ | $(n, p)$ | $A^\top \delta_Y = A^\top X$ | product $A X_{[2]}$, to its right factor |
#
# Add rows 3 and 4:
#
# $$\frac{\partial F}{\partial X} = (A + A^\top)\, X \tag{quadratic form}$$
#
# Many books write $2AX$. They have said before that $A$ is symmetric.

# %%
X, A_form = net.W[1], np.array([[1.0, 2.0, 0.0], [0.0, 1.0, -1.0], [1.0, 0.0, 2.0]])
form = bp.objectives.quadratic_form(X, A_form)
print("(A + Aᵀ) X", str((A_form + A_form.T) @ X).replace("\n", "\n           "))
found = bp.numerical_gradient(lambda v: np.trace(v.T @ A_form @ v), X)
print("measured  ", str(found).replace("\n", "\n           "))
bp.plots.show(bp.plots.objective(form))

# %% [markdown]
# **Guess:** $A = \begin{pmatrix} 0 & 1 \\ -1 & 0 \end{pmatrix}$. What is the gradient of $\mathrm{tr}(X^\top A X)$, whatever $X$ is?

# %%
guess = ...  # a matrix, or a word

# %%
turn, X_any = np.array([[0.0, 1.0], [-1.0, 0.0]]), np.array([[3.0, -1.0], [0.5, 2.0]])
print("2AX would be", (2 * turn @ X_any).tolist())
found = np.abs(bp.complex_step(lambda v: np.trace(v.T @ turn @ v), X_any)).max()
bp.beside(guess, "zero" if found < 1e-12 else "not zero")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# $A + A^\top = 0$. This $A$ turns every column by a right angle, and a column times its own quarter turn is 0: the form is zero for every $X$, so its gradient is, too. $2AX$ is
# not zero. The two uses of $X$ cancel, and whoever doubles one of them does not see it.
#
# </details>

# %% [markdown]
# ### 09.7 quadratic_form_grad · •• · 8 min · 2 points
#
# The gradient of $\mathrm{tr}(X^\top A X)$ with respect to $X$, for any square $A$: `X` $(n, p)$, `A` $(n, n)$ → $(n, p)$.


# %%
def quadratic_form_grad(X, A):
    """∂/∂X of tr(XᵀAX); X (n, p), A (n, n) → (n, p)."""
    # BEGIN SOLUTION
    return A @ X + A.T @ X
    # END SOLUTION


# %%
bp.check("09.7", quadratic_form_grad)

# %% [markdown]
# ## Step through all four
#
# Choose an objective. The buttons, or the left and right arrow keys, go back array by array. *Before* you press, say what will come back, and in which shape. Where an
# array is used twice, ↑ and ↓ show each use alone.

# %%
bp.widgets.objectives()

# %% [markdown]
# ## A function of your own
#
# Take a function that you need, or one of these:
#
# - $\lVert X^\top X - I \rVert^2$, which pulls the columns of $X$ towards being orthonormal; below;
# - $\sum \log(1 + e^{W x})$, softplus after a layer, by $W$;
# - $\lVert W^\top \sigma(W x) - x \rVert^2$, the ICA cost with a sigmoid in the middle: an autoencoder with tied weights;
# - $a^\top W_{[2]} \tanh(W_{[1]} x)$ with $W_{[2]} = W_{[1]}$ square: a step taken twice, as in a recurrent net.
#
# Draw the net, name the arrays, walk back, then write both functions into the next cell in place of the example. The example: $K = X^\top X$, $D = K - I$,
# $F = \sum D \odot D$. Back: $\delta_K = 2D$. In $K = X_{[1]}^\top X_{[2]}$ the right factor gets $X \delta_K$, the left one, turned back, $X \delta_K^\top$. $D$ is symmetric, so both are $2XD$, and the sum is $4XD$.


# %%
def my_cost(X):
    """‖XᵀX - I‖²: one number. Yours may take any array."""
    return np.sum((X.T @ X - np.eye(X.shape[1])) ** 2)


def my_gradient(X):
    """What you derived."""
    return 4 * X @ (X.T @ X - np.eye(X.shape[1]))


# %%
X_here = np.random.default_rng(1).normal(size=(4, 3))  # not square; take the shape that you need
report = bp.check_grad(my_cost, X_here, my_gradient)
print("right" if report.ok else report)

# %% [markdown]
# `bp.check_grad` measures your cost and compares entry by entry. Where a gradient is wrong it says where and how. See it find what the theorem is about:

# %%
bp.check_grad(my_cost, X_here, lambda X: my_gradient(X) / 2)  # one of two uses left out

# %% [markdown]
# ## Text U, corrected
#
# A careful text with five slips. Two are words; the other three a gradient check finds at once, on matrices that are neither square nor symmetric.
#
# | where | printed | right |
# |:--|:--|:--|
# | symbol list | $l$ is "the number of layers", $n_l$ "the number of neurons of layer $l$" | in its own steps $l$ is any layer, and the last one is $n_l$; sizes are $s_l$ |
# | example 1 | announced: $\nabla_A F$; printed: $\nabla_X F = A^\top 2(As - x)$ | as a derivative by the net's *input* $s$ it is right, and such are examples 1 and 2 by their introduction; for $A$ it is $2(As - x)\, s^\top + 2\gamma A$ |
# | example 1, table | $I$, "unit vector" (单位向量) | the identity **matrix** |
# | example 2 | $V s s^\top$ | $V (s \odot s)$ |
# | example 3 | $W^\top\, 2 (W^\top W x - x)\, x^\top$ | $W\, 2 (W^\top W x - x)\, x^\top$ |
#
# In lesson 11 you will put a derivation like these to the test without being told where it slips.

# %% [markdown]
# ## Recap
#
# The equations of this lesson, on one card.

# %%
bp.equations.card(
    "shared parameter",
    "transposed use",
    "sparse coding, s",
    "sparse coding, A",
    "topographic penalty",
    "ICA reconstruction",
    "quadratic form",
)

# %% [markdown]
# **Answer aloud**, then open.
#
# <details><summary>1. What does a product $Z = AS$ send back to its two factors, and which of BP1 to BP4 are these?</summary>
#
# $A^\top \delta_Z$ to $S$, which is BP2 without the slope, and $\delta_Z S^\top$ to $A$, which is BP4 without the mean. Each has the shape of the factor that it goes to.
#
# </details>
# <details><summary>2. Why do the gradients of several uses add up, and what has to hold?</summary>
#
# The function with one matrix is the function with a place for each use, after a copying step. The chain rule sums over all copies, and each entry reaches only its own copies,
# with slope 1. The function of all places together must be differentiable at the point: partial derivatives alone are not enough.
#
# </details>
# <details><summary>3. A gradient formula passes a check with W = I. What has been shown?</summary>
#
# Little. On a symmetric matrix $W$ and $W^\top$ are the same, and on a square one a product has a shape either way. For the reconstruction cost it is worse: with $W = I$ the residual is 0, and so is
# whatever it is multiplied with. Check again with a matrix that is neither square nor symmetric.
#
# </details>

# %% [markdown]
# **Classic mistakes**
#
# - a gradient that does not have the shape of what it belongs to: the right formula for something else;
# - $W$ for $W^\top$ on the way back, and $W^\top$ for $W$ where the forward step was already transposed;
# - one use of a shared matrix forgotten, or one use doubled;
# - the gradient of a transposed use added without turning it back;
# - $s s^\top$ for $s \odot s$;
# - a factor 2 or $\tfrac12$ lost between a square and a root: put them down arrow by arrow;
# - a test on a symmetric or identity matrix.
#
# **What comes next.** You did by hand what a program can do: keep the steps of the forward pass, go back through them, let each send back its share, and add. Lesson 10 writes that program, in fewer
# than 130 lines.

# %% [markdown]
# ## Words
#
# In English and Chinese. `bp.words()` lists those of the whole course.

# %%
bp.words("09")

# %% [markdown]
# **Sources.** U: 用反向传导思想求导 (UFLDL); the objectives come from its pages on sparse coding and on independent component analysis. N: 反向传播公式推导. R: bp神经网络反向传播. P: Ge Li,
# Deep Learning Technology and Application, Peking University.
# How each of them would write the theorem and the last objective:

# %%
bp.equations.rosetta("shared parameter", "ICA reconstruction")

# %% [markdown]
# **Next:** [10 · From backpropagation to autodiff](10_autodiff.ipynb)
