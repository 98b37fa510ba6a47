# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 08 · Training a real classifier
#
# You have every part: the forward pass, all gradients, the step. Now you put them together and teach a net to read handwritten digits: real scans,
# made by people, of which it has to read some that it has never seen. What can go wrong on the way is most of this lesson.
#
# **You will be able to**
#
# - turn labels into targets, and draw first weights whose spread you can defend;
# - say before the first step what the cost has to be, and find faults by it;
# - write the training loop, and reach 97 % on digits that were held back;
# - read curves, a confusion matrix and gradients layer by layer, and say what to change;
# - choose when to stop without looking at the test set.
#
# **You need** softmax and cross-entropy (lesson 04), backpropagation for a whole net (06), steps and mini-batches (07).
#
# **Time** 85 minutes: about 25 of reading, the rest is yours: seven exercises and eight guesses.
#
# **Sources.** Ge Li's slides (P) announce a section 6 on training methods, 关于训练方法, and end before it. This lesson is what might have stood there.
# Corresponding sections elsewhere: Nielsen, [chapter 1](http://neuralnetworksanddeeplearning.com/chap1.html), "Implementing our network to classify
# digits", and [chapter 3](http://neuralnetworksanddeeplearning.com/chap3.html) on overfitting, regularisation and initialisation; CS231n,
# [Setting up the data and the model](https://cs231n.github.io/neural-networks-2/) and
# [Learning and evaluation](https://cs231n.github.io/neural-networks-3/). The data: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten
# Digits (1998), UCI Machine Learning Repository, doi:10.24432/C50P49, licence CC BY 4.0.

# %%
import numpy as np

import bpkit as bp

np.set_printoptions(precision=3, suppress=True)

# %% [markdown]
# ## The scans, in three sets
#
# bpkit ships 1,797 handwritten digits of 8 × 8 pixels. Each is a column of 64 numbers between 0 (paper) and 1 (ink), with a label from 0 to 9.
# `bp.data.digits()` has split off a fifth of them, the same for everybody: the **test set**. It decides at the very end, once.
#
# All choices on the way (how long, how wide, which η) need examples too that the net does not learn from. If the test set made these choices, it would no
# longer be unseen. So the rest is split again: a **training set** to learn from, and a **validation set** to choose by.

# %%
split = bp.data.digits()
pool, test = split.train, split.test
chosen = np.arange(pool.x.shape[1]) % 5 == 4
x, labels = pool.x[:, ~chosen], pool.labels[~chosen]
x_val, labels_val = pool.x[:, chosen], pool.labels[chosen]
print("training", x.shape, "  validation", x_val.shape, "  test", test.x.shape)
print("examples of each class to train on:", np.bincount(labels))

# %%
print("the first ten labels:", labels[:10])
bp.plots.show(bp.plots.images(x[:, :20], list(labels[:20]), alt="The first twenty scans, by label"))

# %% [markdown]
# ## Labels become targets
#
# The net has ten outputs, one for each class, and softmax makes them shares of 1. So the target of an example has to be ten numbers too: 1 for its class, 0
# for the others. That is called **one-hot**. As always in this course, an example is a column:
#
# $$y_k = \begin{cases} 1 & \text{if } k \text{ is the label} \\ 0 & \text{otherwise} \end{cases} \qquad \underset{(K,\, m)}{y}$$
#
# Why not one output that says "3.0"? Then taking a 9 for an 8 would be a smaller mistake than taking it for a 4. Classes have names, not sizes.

# %% [markdown]
# ### 08.1 one_hot · • · 5 min · 1 point
#
# `labels` is an array of $m$ whole numbers from 0 to $K-1$. Return the $(K, m)$ array of targets.


# %%
def one_hot(labels, K):
    """Targets as columns; labels (m,) from 0 to K - 1 → (K, m)."""
    # BEGIN SOLUTION
    return np.eye(K)[:, labels]
    # END SOLUTION


# %%
bp.check("08.1", one_hot)

# %%
eye = np.eye(10)
y, y_val = eye[:, labels], eye[:, labels_val]
print("label", labels[0], "→ target", y[:, 0])

# %% [markdown]
# ## The net, and what its outputs mean
#
# 64 inputs, 30 hidden neurons with relu, 10 outputs with softmax, and cross-entropy as the cost. Lesson 04 chose this pair for a reason: the slopes of
# softmax and of the logarithm cancel, and the output error is
#
# $$\delta^L = a^L - y \tag{BP1 with cross-entropy}$$
#
# With a one-hot target, cross-entropy has one term left for each example: $C_x = -\ln a^L_k$, with $k$ the right class. The cost asks one thing only: **how
# large a share did the right class get?**
#
# Two lines that the whole lesson uses: a fresh net, and a net after some epochs of bpkit's own training, which is the loop of lesson 07.


# %%
def new_net(seed=0, hidden=(30,), activation=bp.relu):
    """A net for the digits, with bpkit's first weights."""
    last = {"output": bp.softmax, "cost": bp.cross_entropy}
    return bp.init([64, *hidden, 10], activation=activation, **last, rng=np.random.default_rng(seed))


def trained(net, x, y, epochs, eta=0.2, **more):
    """The net after some epochs of bpkit's own training, and its history."""
    return bp.fit(net, x, y, epochs=epochs, eta=eta, rng=np.random.default_rng(0), progress=False, **more)


# %% [markdown]
# ## First weights: not zero
#
# Training starts somewhere. Zero looks like a fair place: no class is preferred.
#
# **Guess:** all weights and biases start at 0, and the net is trained for 5 epochs. What share of the validation set does it read right?

# %%
guess = ...  # a number between 0 and 1

# %%
start = new_net()
zero = bp.Network([None, *(0 * W for W in start.W[1:])], start.b, start.activations, start.cost)
zero, _ = trained(zero, x, y, epochs=5)
print("largest weight after 5 epochs:", [float(np.abs(W).max()) for W in zero.W[1:]])
bp.beside(guess, round(bp.accuracy(bp.predict(zero, x_val), y_val), 2))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# About one in ten: guessing. And every weight is *still* 0. With $W^1 = 0$ all hidden activations are 0, so the gradient of $W^2$, which is
# $\delta^2 (a^1)^\top / m$, is 0. With $W^2 = 0$ nothing comes back to layer 1, so the gradient of $W^1$ is 0 too. Only the last biases move.
#
# </details>
#
# Equal weights that are not 0 are hardly better. Two neurons of a layer with equal weights compute the same, get the same error, hence the same gradient, and
# take the same step: they stay equal for ever. Thirty hidden neurons would do the work of one. So first weights have to be **different**, and chance makes
# them so.

# %% [markdown]
# ## First weights: not too large, not too small
#
# How large should chance make them? Look at one neuron and one example, with $b = 0$:
#
# $$z_j^l = \sum_{k=1}^{n_{l-1}} w_{jk}^l\, a_k^{l-1}$$
#
# Draw the weights independently, with mean 0 and variance $\mathrm{Var}(w^l)$, and ask for the mean of $(z_j^l)^2$ over all draws.
#
# | | step | why |
# |:--|:--|:--|
# | 1 | $\mathbb{E}\, (z_j^l)^2 = \displaystyle\sum_k \sum_i \mathbb{E}(w_{jk}^l\, w_{ji}^l)\; a_k^{l-1} a_i^{l-1}$ | square of a sum; only the weights are drawn |
# | 2 | terms with $i \ne k$ are 0 | independent with mean 0: $\mathbb{E}(w_{jk} w_{ji}) = \mathbb{E}(w_{jk})\, \mathbb{E}(w_{ji}) = 0$ |
# | 3 | terms with $i = k$ are $\mathrm{Var}(w^l)\, (a_k^{l-1})^2$ | for mean 0, the mean of the square is the variance |
#
# Together:
#
# $$\mathbb{E}\, (z_j^l)^2 = \mathrm{Var}(w^l) \sum_{k=1}^{n_{l-1}} (a_k^{l-1})^2 \tag{spread of z}$$
#
# The sum has $n_{l-1}$ terms: it is $n_{l-1}$ times the mean square of the activations. And relu? If the weights are drawn symmetrically about 0, every value as likely as its
# negative, so is $z$. (As many negative as positive ones is not enough.) Relu sets the negative half to 0 and leaves the rest, so the mean square of $a^{l-1}$ is **half** that of $z^{l-1}$. Put this in:
#
# $$\text{mean square of } z^l = \mathrm{Var}(w^l) \cdot \frac{n_{l-1}}{2} \cdot \text{mean square of } z^{l-1}$$
#
# The size stays the same from layer to layer if the factor is 1, so if
#
# $$\mathrm{Var}(w^l) = \frac{2}{n_{l-1}}, \qquad \text{standard deviation } \sqrt{2 / n_{l-1}}$$
#
# That is the rule of He, Zhang, Ren and Sun (2015). Lesson 05 met the same $\sqrt 2$ on the way back.
#
# **Guess:** ten relu layers of 100 neurons. The inputs have mean square 1. With standard deviation $\sqrt{1/n}$ in place of $\sqrt{2/n}$, what is the mean
# square of $z^{10}$?

# %%
guess = ...  # a number


# %%
def mean_squares(spread, layers=10, n=100):
    """Mean square of z in each layer of a relu net whose weights have this standard deviation."""
    rng = np.random.default_rng(0)
    a, found = rng.normal(size=(n, 500)), []
    for _ in range(layers):
        z = spread * rng.normal(size=(n, n)) @ a
        a = np.maximum(z, 0)
        found.append(np.mean(z**2))
    return np.array(found)


print("layer                   1        5       10")
for name, spread in (("√(1/n)", 0.1), ("√(2/n)", np.sqrt(0.02)), ("1", 1.0)):
    print(f"standard deviation {name:7s}", *(f"{mean_squares(spread)[l - 1]:<8.1g}" for l in (1, 5, 10)))
bp.beside(guess, f"{mean_squares(0.1)[9]:.1g}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Nine relu layers lie between layer 1 and layer 10, and each halves the mean square: $2^{-9}$ is about 0.002. With $\sqrt{2/n}$ it stays of the order of 1.
# With standard deviation 1 each layer multiplies it by 50.
#
# </details>

# %% [markdown]
# ### 08.2 init_weights · •• · 10 min · 2 points
#
# `sizes` is a list such as `[64, 30, 10]`. Return the list of weights, `None` first: `W[l]` has shape $(n_l, n_{l-1})$, mean 0 and standard deviation
# $\sqrt{2/n_{l-1}}$, drawn with the generator `rng`. The distribution is up to you. (Biases may start at 0: the weights have made the neurons different.)


# %%
def init_weights(rng, sizes):
    """First weights for a relu net; returns [None, W[1], …, W[L]]."""
    # BEGIN SOLUTION
    W = [None]
    for n, n_prev in zip(sizes[1:], sizes[:-1], strict=True):
        W.append(rng.normal(size=(n, n_prev)) * np.sqrt(2 / n_prev))
    return W
    # END SOLUTION


# %%
bp.check("08.2", init_weights)

# %% [markdown]
# ## Before the first step: what must the cost be?
#
# A net that knows nothing gives each of $K$ classes the same share. The right class gets $1/K$, whichever it is. So the cost is
#
# $$C_{\text{chance}} = -\ln \frac{1}{K} = \ln K \tag{chance cost}$$
#
# You know this number without running anything. If your first cost is far from it, something is wrong *before* training, and that is the cheapest moment to
# find out.

# %% [markdown]
# ### 08.3 chance_loss · • · 4 min · 1 point
#
# Return the cross-entropy of a net that gives each of `K` classes the same share.


# %%
def chance_loss(K):
    """What guessing among K classes costs."""
    # BEGIN SOLUTION
    return np.log(K)
    # END SOLUTION


# %%
bp.check("08.3", chance_loss)

# %% [markdown]
# **Guess:** in the file, the scans have grey values from 0 to 16; bpkit divides them by 16. Somebody forgets to. What does the untrained net cost then, where
# it should be near 2.3?

# %%
guess = ...  # a number

# %%
print(f"ln 10 = {np.log(10):.2f}")
for scale in (1, 16):
    costs = [f"{bp.cost_of(new_net(seed), scale * x, y):.2f}" for seed in range(5)]
    print(f"five fresh nets on pixels from 0 to {scale:2d}:", *costs)
bp.beside(guess, round(float(bp.cost_of(new_net(0), 16 * x, y)), 1))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Relu passes the factor 16 on, so $z^2$ is 16 times as large, and softmax makes it a firm opinion. A fresh net with firm opinions is firmly wrong. That costs
# more than knowing nothing.
#
# </details>

# %% [markdown]
# ## Five examples first
#
# Before you train on everything, train on five. A net with 2,260 parameters must be able to learn five pictures by heart. If the cost does not go to 0, the
# fault is in your code and not in the data, and you have found it within a second.
#
# **Guess:** now give the same five pictures labels drawn by lot. To what share of right answers on these five can the net be trained?

# %%
guess = ...  # a number between 0 and 1


# %%
def by_heart(x, y, steps=200, eta=0.5):
    """A net after so many steps on the same few examples."""
    net = new_net()
    for _ in range(steps):
        net = bp.sgd(net, bp.backward(net, bp.forward(net, x), y), eta=eta)
    return net


lots = eye[:, np.random.default_rng(3).integers(0, 10, size=5)]
for name, target in (("true labels", y[:, :5]), ("labels by lot", lots)):
    net = by_heart(x[:, :5], target)
    share = bp.accuracy(bp.predict(net, x[:, :5]), target)
    print(f"{name:14s} cost {bp.cost_of(net, x[:, :5], target):.3f}, right {share:.0%}")
bp.beside(guess, share)

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# All five, again. Learning by heart needs no sense in the labels. So this test finds faults in code, and says nothing about reading. It is the reason why
# examples are held back.
#
# </details>

# %% [markdown]
# ## The loop
#
# Two parts of your earlier lessons, for relu and softmax, with nothing of bpkit in them. Better still: put your own `forward` of lesson 01 and `backprop` of
# lesson 06 in their place.


# %%
def outputs(W, b, x):
    """Every layer's activations; a[0] is x, relu in hidden layers, softmax in the last."""
    a, L = [x], len(W) - 1
    for l in range(1, L + 1):
        z = W[l] @ a[-1] + b[l]
        if l < L:
            a.append(np.maximum(z, 0))
        else:
            powers = np.exp(z - z.max(axis=0))
            a.append(powers / powers.sum(axis=0))
    return a


# %%
def gradients(W, b, x, y):
    """BP1 with cross-entropy, BP2, BP3, BP4: the lists dW and db."""
    a, L, m = outputs(W, b, x), len(W) - 1, x.shape[1]
    dW, db = [None] * (L + 1), [None] * (L + 1)
    delta = a[L] - y
    for l in range(L, 0, -1):
        dW[l] = delta @ a[l - 1].T / m
        db[l] = delta.mean(axis=1, keepdims=True)
        if l > 1:
            delta = (W[l].T @ delta) * (a[l - 1] > 0)
    return dW, db


# %% [markdown]
# An **epoch** goes through all examples once, in mini-batches, and in a new order each time. Does the order matter? Files often come sorted: all zeros first,
# then all ones, and so on.


# %%
def two_epochs(order_of):
    """The answers on the validation set after two epochs; order_of(rng) gives the order of each."""
    net, rng = new_net(), np.random.default_rng(0)
    for _ in range(2):
        order = order_of(rng)
        for start in range(0, len(order), 10):
            batch = order[start : start + 10]
            net = bp.sgd(net, bp.backward(net, bp.forward(net, x[:, batch]), y[:, batch]), eta=0.2)
    return bp.predict(net, x_val).argmax(axis=0)


# %% [markdown]
# **Guess:** shuffled, our net reads 90 % of the validation set after two epochs. If the training set is sorted by class and *not* shuffled, what does it read
# then?

# %%
guess = ...  # a number between 0 and 1

# %%
by_class = np.argsort(labels, kind="stable")
shuffled, sorted_ = two_epochs(lambda rng: rng.permutation(len(labels))), two_epochs(lambda rng: by_class)
print(f"shuffled: {np.mean(shuffled == labels_val):.0%} right")
print("sorted: how often each digit is the answer", np.bincount(sorted_, minlength=10))
bp.beside(guess, round(float(np.mean(sorted_ == labels_val)), 2))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# It says "nine" to everything. Nines came last, a hundred of them and nothing else, and every step made "nine" more likely and all other answers less. What was
# learned about the other digits is gone. More epochs help in the end; shuffling helps at once.
#
# </details>

# %% [markdown]
# ### 08.4 fit · ••• · 15 min · 4 points
#
# Assemble it. `W`, `b` are lists with `None` first; `train` and `held_back` are pairs `(x, y)`; an epoch takes mini-batches of `size` examples in a new order
# from `rng`, the last one shorter if need be. Return three things: the trained `W`, the trained `b`, and the list of the mean cross-entropy on `held_back` after
# each epoch.
#
# You are judged step by step on nets so small that every order of the examples can be followed; and by what your net reads: the check trains it on a
# hundred scans, sorted by class, and then shows it scans that your code never sees. The labels in that check's `held_back` are **false on purpose**: who
# trains on them learns nonsense. (Of bpkit you may call `bp.Network`, `bp.init`, `bp.forward`, `bp.backward`, `bp.predict`, `bp.cost_of`,
# `bp.cross_entropy`, `bp.relu`, `bp.sigmoid`, `bp.softmax`, `bp.sgd` and `bp.accuracy`.)


# %%
def fit(rng, W, b, train, held_back, eta, epochs, size):
    """Train on mini-batches; returns W, b and the cost on held_back after each epoch."""
    # BEGIN SOLUTION
    (x, y), costs = train, []
    for _ in range(epochs):
        order = rng.permutation(x.shape[1])
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            dW, db = gradients(W, b, x[:, batch], y[:, batch])
            W = [None, *(w - eta * g for w, g in zip(W[1:], dW[1:], strict=True))]
            b = [None, *(w - eta * g for w, g in zip(b[1:], db[1:], strict=True))]
        share = np.sum(outputs(W, b, held_back[0])[-1] * held_back[1], axis=0)
        costs.append(-np.log(share).mean())
    return W, b, costs
    # END SOLUTION


# %%
bp.check("08.4", fit)

# %% [markdown]
# ## Watch it learn
#
# From here on `bp.fit` does the training: the same loop, with a history of what happened.

# %%
watch = {"validation": (x_val, y_val), "metrics": {"accuracy": bp.accuracy}}
net, history = trained(new_net(), x, y, epochs=20, **watch)
for epoch in (1, 2, 5, 20):
    costs = history.cost[epoch - 1], history.validation_cost[epoch - 1]
    print(f"epoch {epoch:2d}: cost {costs[0]:.2f} training, {costs[1]:.2f} validation", end="")
    print(f", {history.metrics['accuracy'][epoch - 1]:.0%} right")
bp.plots.show(bp.plots.loss_curve(history))

# %% [markdown]
# The same epochs to walk through: press Next, drag the slider, or use the arrow keys. On the right is what is taken for what; below are the weights that lead to
# some hidden neurons, drawn as pictures: ink in blue places excites the neuron, ink in orange places silences it. The keys ↑ and ↓ go from class to class.

# %%
nets = [new_net()]
rng = np.random.default_rng(0)
for _ in range(12):
    nets.append(bp.fit(nets[-1], x, y, epochs=1, eta=0.2, rng=rng, progress=False)[0])
bp.widgets.training(nets, (x, labels), (x_val, labels_val))

# %% [markdown]
# ## Pixels on one scale
#
# A pixel in the middle is ink or paper; a pixel in a corner is paper nearly always. Input values of different size have gradients of different size, since
# $\partial C / \partial w_{jk} = \delta_j\, a_k$, and one η has to serve them all. So inputs are often **standardised**: for each pixel $i$ subtract its mean
# $\mu_i$ and divide by its standard deviation $s_i$,
#
# $$\hat x_i = \frac{x_i - \mu_i}{s_i}, \qquad \mu_i = \frac{1}{m} \sum_x x_i, \qquad s_i^2 = \frac{1}{m} \sum_x (x_i - \mu_i)^2$$
#
# Two traps. First, $\mu$ and $s$ are part of what the net learns, so they come from the **training set** alone and are then used on every other set.
# Second, some pixels never change in the training set: $s_i = 0$. For those, divide by 1.

# %% [markdown]
# ### 08.5 standardise · •• · 8 min · 2 points
#
# `train` is $(n, m)$, `test` is $(n, m')$; rows are pixels. Return both, standardised with the mean and the standard deviation of `train`. Where the standard
# deviation is 0, divide by 1.


# %%
def standardise(train, test):
    """Both sets with each row scaled by the mean and spread that it has in train; returns two arrays."""
    # BEGIN SOLUTION
    mean, spread = train.mean(axis=1, keepdims=True), train.std(axis=1, keepdims=True)
    spread[spread == 0] = 1
    return (train - mean) / spread, (test - mean) / spread
    # END SOLUTION


# %%
bp.check("08.5", standardise)

# %% [markdown]
# Does it help here? Three ways to prepare the pixels: as they are, centred (mean subtracted, nothing divided), and standardised.
#
# **Guess:** which of the three reads *least* after ten epochs at $\eta = 0.5$?

# %%
guess = ...  # "as they are", "centred" or "standardised"

# %%
mean, spread = x.mean(axis=1, keepdims=True), x.std(axis=1, keepdims=True)
spread[spread == 0] = 1
ways = {"as they are": (0, 1), "centred": (mean, 1), "standardised": (mean, spread)}
reads = {}
for name, (shift, scale) in ways.items():
    sets = {"validation": ((x_val - shift) / scale, y_val), "metrics": {"accuracy": bp.accuracy}}
    runs = [trained(new_net(s), (x - shift) / scale, y, 10, 0.5, **sets)[1] for s in range(5)]
    reads[name] = np.mean([run.metrics["accuracy"][-1] for run in runs])
    first = np.mean([run.metrics["accuracy"][0] for run in runs])
    largest = np.abs((x_val - shift) / scale).max()
    side = "above" if reads[name] > 0.95 else "below"  # at so large an η the last digit is left to chance
    print(f"{name:13s} epoch 1: {first:.0%}  epoch 10: {side} 95%  largest pixel {largest:.0f}")
bp.beside(guess, min(reads, key=reads.get))

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Standardised. A recipe is not a law: some pixels hold ink in very few scans. Their spread is tiny, dividing by it makes the pixel of such a scan huge, and a huge
# input takes a huge step. Where all inputs have one unit, as pixels do, centring is enough, and after one epoch it is ahead. Where they have not (metres beside
# degrees), standardise.
#
# </details>

# %%
x, x_val = x - mean, x_val - mean
print("mean of the centred training set:", abs(round(float(x.mean()), 12)))

# %% [markdown]
# ## What is taken for what
#
# One number, the accuracy, does not say *which* digits go wrong. Count for each pair: how many examples of class $i$ were called $j$? That is the **confusion
# matrix**: row $i$ is what the example shows, column $j$ what the net says. The diagonal is right, everything beside it is a kind of mistake.

# %% [markdown]
# ### 08.6 confusion_matrix · •• · 6 min · 1 point
#
# `true` and `predicted` are arrays of $m$ labels from 0 to $K-1$. Return the $(K, K)$ array of counts, rows by `true`, columns by `predicted`.


# %%
def confusion_matrix(true, predicted, K):
    """Entry i, j counts the examples of class i that were called j; (K, K)."""
    # BEGIN SOLUTION
    counts = np.zeros((K, K), dtype=int)
    for i, j in zip(true, predicted, strict=True):
        counts[i, j] += 1
    return counts
    # END SOLUTION


# %%
bp.check("08.6", confusion_matrix)

# %% [markdown]
# Five nets, each trained for 2 epochs and no longer, so that there is something to see.
#
# **Guess:** which pair of digits is confused most often, added over the five?

# %%
guess = ...  # such as "3 taken for 5"

# %%
counts = np.zeros((10, 10), dtype=int)
for seed in range(5):
    young, _ = trained(new_net(seed), x, y, epochs=2)
    np.add.at(counts, (labels_val, bp.predict(young, x_val).argmax(axis=0)), 1)
i, j = np.unravel_index(np.argmax(counts - np.diag(np.diag(counts))), counts.shape)
print(f"{np.trace(counts)} of {counts.sum()} right; {i} taken for {j}: {counts[i, j]} times")
bp.plots.show(bp.plots.confusion(counts))
bp.beside(guess, f"{i} taken for {j}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Read along a row for what a digit is taken for, and down a column for what is taken for it. Always look at some of the pictures behind a large entry. Often a
# person would hesitate too; sometimes the label is wrong.
#
# </details>

# %%
net, _ = trained(new_net(), x, y, epochs=20)
said = bp.predict(net, x_val).argmax(axis=0)
wrong = np.flatnonzero(said != labels_val)
print(f"after 20 epochs {len(wrong)} of {len(said)} are misread")
titles = [f"{labels_val[k]} as {said[k]}" for k in wrong]
misread = bp.plots.images(x_val[:, wrong] + mean, titles, per_row=8, alt="Misread scans")
bp.plots.show(misread)

# %% [markdown]
# ## Learning and learning by heart
#
# With 1,154 clean examples our net hardly overfits. Make it hard: 300 examples, of which a careless helper labelled nearly a third by lot, and 100 hidden neurons.
#
# **Guess:** training runs for 60 epochs. After which epoch is the cost on the *validation set* lowest?

# %%
guess = ...  # an epoch, 1 to 60

# %%
rng = np.random.default_rng(8)
few = rng.permutation(len(labels))[:300]
careless = rng.random(300) < 0.3
noisy = eye[:, np.where(careless, rng.integers(0, 10, size=300), labels[few])]
watch = {"validation": (x_val, y_val), "metrics": {"accuracy": bp.accuracy}}
_, history = trained(new_net(0, (100,)), x[:, few], noisy, 60, 0.3, **watch)
right = history.metrics["accuracy"]
for e in (history.best_epoch, 60):
    print(f"epoch {e:2d}: cost {history.cost[e - 1]:.2f} training, ", end="")
    print(f"{history.validation_cost[e - 1]:.2f} validation, {right[e - 1]:.0%} right")
bp.plots.show(bp.plots.loss_curve(history))
bp.beside(guess, history.best_epoch)

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# The training cost falls to the end: the net learns the wrong labels by heart. On examples that it does not learn from, the cost turns round early and rises. That
# is **overfitting**, and the training cost does not show it.
#
# </details>
#
# The cure that costs nothing is **early stopping**: watch the validation cost, and when `patience` epochs in a row bring no new lowest value, stop and go back
# to the epoch that had it. Patience is needed because the curve is not smooth: mini-batches are drawn by lot.

# %% [markdown]
# ### 08.7 best_epoch · •• · 8 min · 1 point
#
# `history` is a list of validation costs, one for each epoch. Go through it as training would: stop when `patience` epochs have passed since the lowest cost so
# far. Return the epoch with the lowest cost until then. The first epoch is 1; of equal costs the earlier counts; what comes after the stop never happened.


# %%
def best_epoch(history, patience):
    """The epoch to go back to, counted from 1."""
    # BEGIN SOLUTION
    best = 1
    for epoch, cost in enumerate(history, start=1):
        if cost < history[best - 1]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best
    # END SOLUTION


# %%
bp.check("08.7", best_epoch)

# %% [markdown]
# A second cure is to make learning by heart expensive: **regularisation**, lesson 07. The L2 penalty pulls every weight towards 0, and a weight stays large only if
# many examples ask for it. One careless label does not.

# %%
print("  λ     training   validation   right")
for l2 in (0.0, 0.01, 0.02):
    _, run = trained(new_net(0, (100,)), x[:, few], noisy, 60, 0.3, l2=l2, **watch)
    right = np.mean(run.metrics["accuracy"][-10:])
    print(f"{l2:5.2f} {run.cost[-1]:9.1f} {run.validation_cost[-1]:11.1f} {right:11.0%}")

# %% [markdown]
# With the penalty the net can no longer learn the wrong labels: its training cost stays high. That is what was wanted: it reads more of the digits that it has
# not seen. (The *cost* on the validation set says less here: small weights make cautious shares.)

# %% [markdown]
# ## When it does not learn: read the layers
#
# A cost that stands still says that something is wrong, and not where. Look at each layer: how large is its gradient, and how far does a step move its weights,
# in parts of their own size? Three nets, and what they show after three epochs.


# %%
def layer_report(net, eta):
    """For each layer: ‖∂C/∂W‖, the step as a part of ‖W‖, and whether all its neurons are silent."""
    cache = bp.forward(net, x)
    grads = bp.backward(net, cache, y)
    for l in range(1, net.L + 1):
        size, weights = np.linalg.norm(grads.W[l]), np.linalg.norm(net.W[l])
        silent = "all neurons silent" if not np.any(cache.a[l] > 0) else ""
        print(f"  layer {l}: gradient {size:.0e}   step/weights {eta * size / weights:.0e}   {silent}")


# %%
for name, activation, eta in (("A", bp.relu, 0.1), ("B", bp.sigmoid, 0.1), ("C", bp.relu, 3.0)):
    sick, run = trained(new_net(0, (30, 30, 30), activation), x, y, 3, eta)
    print(f"net {name}: cost within 0.2 of ln 10: {abs(run.cost[-1] - np.log(10)) < 0.2}")
    layer_report(sick, eta)

# %% [markdown]
# - **A** learns. All layers have gradients of one size, and a full step moves the weights by a few parts in a thousand. That is a healthy range.
# - **B** stands near $\ln 10$. Its gradient shrinks from layer to layer on the way back: sigmoid, lesson 05. Change the activation.
# - **C** stands near $\ln 10$ too, but its gradients are exactly 0: a far too large η threw a whole layer to where relu is off, for every example. Nothing
#   comes back through it. Start again with a smaller η.
#
# Both B and C show the chance cost. The cost alone cannot tell them apart; the layers can.

# %% [markdown]
# ## The last choice: how wide?
#
# Nothing has chosen between 30 and 100 hidden neurons yet. That is a question for the validation set, too. Chance decides at this height, so look at three nets of each.

# %%
for hidden in (30, 100):
    nets = [new_net(seed, (hidden,)) for seed in range(3)]
    runs = [trained(one, x, y, 20, 0.2, validation=(x_val, y_val))[1] for one in nets]
    cost = np.mean([run.validation_cost[-1] for run in runs])
    print(f"{hidden:3d} hidden neurons: validation cost {cost:.2f}")

# %% [markdown]
# ## The test, once
#
# The choices are made: centred pixels, 100 hidden neurons, $\eta = 0.2$, 20 epochs. Now **your** code trains on everything that is not test, 1,442 scans, and the
# test set answers once. Nothing below rests on this cell.


# %% tags=["yours"]
def your_result():
    """Your fit on 1,442 scans; the 355 of the test set decide."""
    rng, mean = np.random.default_rng(0), pool.x.mean(axis=1, keepdims=True)
    shapes = (100, 64), (10, 100)
    W = [None, *(rng.normal(size=shape) * np.sqrt(2 / shape[1]) for shape in shapes)]
    b = [None, *(np.zeros((n, 1)) for n, _ in shapes)]
    sets = (pool.x - mean, eye[:, pool.labels]), (test.x - mean, eye[:, test.labels])
    result = fit(rng, W, b, *sets, 0.2, 20, 10)
    if result is ...:
        return "your fit still returns `...`: come back when you have written it"
    said = outputs(*result[:2], test.x - mean)[-1].argmax(axis=0)
    return f"your net reads at least 97 % of the test set: {np.mean(said == test.labels) >= 0.97}"


# %%
try:
    print(your_result())
except Exception as error:
    print(f"your fit does not run through: {error}")

# %% [markdown]
# ## The classic: MNIST
#
# The digits of MNIST have 28 × 28 pixels, and there are 70,000 of them. The net of Nielsen's first chapter, 784-30-10 with sigmoid, the quadratic cost,
# mini-batches of 10 and $\eta = 3$, reads about 95 % of its test set after 30 epochs. bpkit can fetch MNIST where there is a network (11 MB, once, and
# it checks what it got). The next cell trains for a minute at most; without a network it says so and goes on.

# %% tags=["nbval-ignore-output"]
try:
    mnist = bp.data.mnist()
except ConnectionError as error:
    print("skipped:", str(error).split(". ")[0])
else:
    rng = np.random.default_rng(0)
    classic = bp.init([784, 30, 10], rng=rng)
    targets = eye[:, mnist.train.labels]
    classic, _ = bp.fit(classic, mnist.train.x, targets, epochs=30, eta=3.0, rng=rng, progress=False)
    right = bp.accuracy(bp.predict(classic, mnist.test.x), eye[:, mnist.test.labels])
    print(f"784-30-10 reads {right:.1%} of the 10,000 test digits")

# %% [markdown]
# ## Recap
#
# The equations of this lesson, on one card.

# %%
bp.equations.card("BP1 with cross-entropy", "spread of z", "chance cost", "update")

# %% [markdown]
# **Answer aloud**, then open.
#
# <details><summary>1. Your first cost is 11.7 with ten classes. What do you know?</summary>
#
# That something is wrong before any training: guessing costs $\ln 10$, about 2.3. The net has firm opinions that it cannot have. Look at the scale of inputs and
# weights.
#
# </details>
# <details><summary>2. Why is the variance of a first weight 2 over the number of neurons before it?</summary>
#
# A neuron adds up that many products, and the mean squares of independent products add up. Dividing by their number keeps the size; the 2 makes up for relu,
# which lets half of them through.
#
# </details>
# <details><summary>3. Why three sets, and not two?</summary>
#
# Whoever chooses by a set has used it. The validation set chooses; only a set that had no say can tell how well the chosen net reads what it has not seen.
#
# </details>

# %% [markdown]
# **Classic mistakes**
#
# - no shuffling: a net that sees one class at a time forgets the others. It reads one digit in ten, where nine are to be had.
# - all weights equal at the start: thirty neurons that stay one.
# - the first cost not looked at: the cheapest test there is.
# - mean and spread from the test set, or from both: a leak.
# - training on what you measure with: the number looks fine and means nothing.
# - the training cost as a judge: it falls while the net learns wrong labels by heart.
# - the accuracy alone looked at: it does not say which digits go wrong.
#
# **What comes next.** So far every net was a chain of layers. Lesson 09 draws any function of matrices as a net, weights that are used twice included, and gets its
# gradient by the same four equations.

# %% [markdown]
# ## Words
#
# In English and Chinese. `bp.words()` lists those of the whole course.

# %%
bp.words("08")

# %% [markdown]
# **Sources.** P: Ge Li, Deep Learning Technology and Application, Peking University. The digits: Alpaydin and Kaynak, UCI Machine Learning Repository. First
# weights: LeCun, Bottou, Orr and Müller, Efficient BackProp (1998); He, Zhang, Ren and Sun, Delving Deep into Rectifiers (2015).

# %% [markdown]
# **Next:** [09 · Backpropagation as a way of thinking](09_any_function.ipynb)
