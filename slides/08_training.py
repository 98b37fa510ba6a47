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
from bpkit.authoring.slide_words import label, rows, say

eye = np.eye(10)
split = bp.data.digits()
pool, test = split.train, split.test
chosen = np.arange(pool.x.shape[1]) % 5 == 4
x, labels = pool.x[:, ~chosen], pool.labels[~chosen]
x_val, labels_val = pool.x[:, chosen], pool.labels[chosen]
y, y_val = eye[:, labels], eye[:, labels_val]
watch = {"validation": (x_val, y_val), "metrics": {"accuracy": bp.accuracy}}


def new_net(seed=0, hidden=(30,), activation=bp.relu):
    """A fresh net for the digits."""
    last = {"output": bp.softmax, "cost": bp.cross_entropy}
    return bp.init([64, *hidden, 10], activation=activation, **last, rng=np.random.default_rng(seed))


def trained(net, x, y, epochs, eta=0.2, **more):
    """The net after some epochs, and its history."""
    return bp.fit(net, x, y, epochs=epochs, eta=eta, rng=np.random.default_rng(0), progress=False, **more)


# %% [markdown] slideshow={"slide_type": "slide"} tags=["title"]
# # Training a real classifier
#
# From a correct gradient to a net that reads handwriting
#
# Lesson 08 · 45 minutes · bring pencil and paper

# %% [markdown] slideshow={"slide_type": "notes"}
# **For whoever gives this class.** The students have all the parts: softmax with cross-entropy (04), backpropagation for a whole net (06), steps and
# mini-batches (07). They should leave able to say what a fresh net has to cost, why first weights have the size they have, and why there are three sets. The rest
# is the loop, and how to read what it does.
#
# Keys: Space goes on, S opens these notes in a window of their own, T switches light and dark, O shows all slides.
#
# Plan: the scans 3 minutes · three sets 3 · targets 2 · zero weights 3 · spread of z 6 · exercise 6 · chance cost 3 · five examples 2 · shuffling 3 · widget 4 ·
# inputs 2 · confusion 2 · by heart 2 · layers 2 · recap 2. If you run late, leave out "Pixels on one scale" and "Read the layers"; the notebook has both.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## Read these

# %% slideshow={"slide_type": "-"}
bp.plots.show(bp.plots.images(x[:, 40:60], alt="Twenty scans of handwritten digits", width=10.5))

# %% slideshow={"slide_type": "fragment"}
said = " ".join(map(str, labels[40:60]))
say(f"Their labels: {said}. People wrote them, a scanner made 8 × 8 pixels of them: 64 numbers from 0 to 1, one column of $x$ each.")

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Let the class read them aloud before the labels come. Two or three will cause an argument. Keep it in mind: nobody reads 100 %, and the labels are what
# somebody once typed.
#
# Ask how one would write a program that reads them. After a minute everybody sees why nobody writes such rules by hand.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Three sets

# %% slideshow={"slide_type": "-"}
rows(
    ("set", "scans", "what it is for", "how often"),
    ("**training**", x.shape[1], "the net learns from it", "all the time"),
    ("**validation**", x_val.shape[1], "we choose by it: how long, how wide, which $\\eta$", "after each epoch"),
    ("**test**", test.x.shape[1], "it decides how well the chosen net reads", "**once**"),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# > Why not choose by the test set?

# %% [markdown] slideshow={"slide_type": "fragment"}
# Whoever chooses by a set has used it. Of a hundred nets that guess, the best one looks good on the set that picked it.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. The question in the middle is worth a minute of silence. Typical answer: "but the net never trained on it". Right, and the *person* did: every choice
# that was made by looking at a set carries something of it into the net.

# %% [markdown] slideshow={"slide_type": "slide"} treats="08.1"
# ## Targets, net, cost

# %% slideshow={"slide_type": "-"} tags=["left"]
target = ", ".join(f"{value:.0f}" for value in y[:, 3])
say(rf"""Label {labels[3]} becomes the column

$$y = ({target})^\top$$

Ten outputs with softmax: shares of 1.

Cross-entropy has one term left, with $k$ the right class:

$$C_x = -\ln a^L_k$$""")

# %% [markdown] slideshow={"slide_type": "-"} tags=["right", "middle"]
# By lesson 04 the slopes cancel:
#
# $$\eq{BP1 with cross-entropy}$$
#
# The cost asks one thing: how large a share did the right class get?

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Ask why not one output that says "3.0". With one number, a 9 taken for an 8 would be a small mistake and a 9 taken for a 1 a large one. Classes have names, not sizes.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## All weights start at zero
#
# > **Vote.** After 5 epochs, what share of the validation set does the net read right?

# %% slideshow={"slide_type": "fragment"}
start = new_net()
zero = bp.Network([None, *(0 * W for W in start.W[1:])], start.b, start.activations, start.cost)
zero, _ = trained(zero, x, y, epochs=5)
largest = max(float(np.abs(W).max()) for W in zero.W[1:])
say(f"**{bp.accuracy(bp.predict(zero, x_val), y_val):.0%}**. And the largest weight after 5 epochs is {largest:g}.")

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["bullets"]
# - $a^1 = 0$, so $\partial C / \partial W^2 = \delta^2 (a^1)^\top / m = 0$.
# - $W^2 = 0$, so $\delta^1 = 0$, and $\partial C / \partial W^1 = 0$.
# - *Equal* weights are hardly better: equal neurons get equal gradients, and stay equal for ever.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Votes between 10 and 90 % are usual. When the number is out, ask a student to go through BP4 for layer 2, then BP2 and BP4 for layer 1, and say where the zero comes from.
#
# Only the last biases move: the net learns how frequent the classes are.

# %% [markdown] slideshow={"slide_type": "slide"} treats="08.2"
# ## How large should first weights be?
#
# One neuron, $b = 0$: $\;z_j^l = \sum_k w_{jk}^l\, a_k^{l-1}$. Weights independent, mean 0.

# %% [markdown] slideshow={"slide_type": "-"} tags=["rows"]
# | | | |
# |--:|:--|:--|
# | 1 | $\mathbb{E}\, (z_j^l)^2 = \displaystyle\sum_k \sum_i \mathbb{E}(w_{jk}^l\, w_{ji}^l)\; a_k^{l-1} a_i^{l-1}$ | square of a sum; only weights are drawn |
# | 2 | terms with $i \ne k$ are $0$ | independent, mean 0 |
# | 3 | terms with $i = k$ are $\mathrm{Var}(w^l)\, (a_k^{l-1})^2$ | mean 0: the mean square is the variance |

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{spread of z}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# Relu halves a mean square: from $z^{l-1}$ to $z^l$ it changes by $\mathrm{Var}(w^l) \cdot n_{l-1} / 2$. It stays if $\mathrm{Var}(w^l) = 2 / n_{l-1}$.

# %% [markdown] slideshow={"slide_type": "notes"}
# 6 minutes. Write line 1 on the board and let them say which terms survive. The only fact needed: for independent numbers of mean 0 the mean of the product is 0.
#
# Why relu halves: weights drawn symmetrically about 0 make z symmetric; relu sets the negative half to 0, and the squares of the other half stay.
#
# The rule is by He, Zhang, Ren and Sun (2015); without the 2, for tanh, it is LeCun's of 1998.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercise"]
# ## Your turn · 6 minutes · in pairs, no computer
#
# Ten relu layers of 100 neurons; the inputs have mean square 1.
#
# 1. Somebody takes standard deviation $\sqrt{1/n}$. What is the mean square of $z^1$? Of $z^{10}$?
# 2. Somebody takes standard deviation 1. By what factor does each layer multiply the mean square?
# 3. Which of the two would you notice first in training, and how?

# %% [markdown] slideshow={"slide_type": "notes"}
# 6 minutes: 4 to work, 2 to compare. The answer is on the next slide down.
#
# Look for the pair that halves ten times and not nine: layer 1 has the inputs before it, and no relu yet.

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercise"]
# ## Your turn: the answer


# %% slideshow={"slide_type": "-"}
def mean_squares(spread, layers=10, n=100):
    """Mean square of z in each layer."""
    rng = np.random.default_rng(0)
    a, found = rng.normal(size=(n, 500)), []
    for _ in range(layers):
        z = spread * rng.normal(size=(n, n)) @ a
        a = np.maximum(z, 0)
        found.append(np.mean(z**2))
    return found


def short(value):
    mantissa, power = f"{value:.0e}".split("e")
    return f"{value:.1g}" if -3 <= int(power) <= 1 else rf"${mantissa} \times 10^{{{int(power)}}}$"


rows(
    ("standard deviation", "factor a layer", "$z^1$", "$z^5$", "$z^{10}$, measured"),
    *(
        (name, factor, *(short(mean_squares(spread)[l - 1]) for l in (1, 5, 10)))
        for name, factor, spread in (("$\\sqrt{1/n}$", "1/2", 0.1), ("$\\sqrt{2/n}$", "1", np.sqrt(0.02)), ("1", "50", 1.0))
    ),
)

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - $\sqrt{1/n}$: $1$, then halved nine times, $2^{-9} \approx 0.002$. Training starts, slowly.
# - $1$: each layer multiplies by $n/2 = 50$. The first cost is absurd. You see it **before** the first step.

# %% [markdown] slideshow={"slide_type": "notes"}
# Lead over: how does one see that a first cost is absurd? One has to know what it should be.

# %% [markdown] slideshow={"slide_type": "slide"} treats="08.3"
# ## Before the first step: what must it cost?

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{chance cost}$$

# %% slideshow={"slide_type": "fragment"}
rows(
    ("five fresh nets", "first cost"),
    ("pixels from 0 to 1", ", ".join(f"{bp.cost_of(new_net(s), x, y):.2f}" for s in range(5))),
    ("pixels from 0 to 16: somebody forgot to divide", ", ".join(f"{bp.cost_of(new_net(s), 16 * x, y):.1f}" for s in range(5))),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# Ten classes: $\ln 10 \approx 2.30$. A fresh net with firm opinions is firmly wrong. Cheapest test there is: **one forward pass**.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Let them compute ln K for K = 10 and for K = 1000 (6.91). Ask what a first cost *below* ln K would mean: labels have leaked into the inputs.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## Five examples first
#
# If the net cannot learn five pictures by heart, the fault is in the code.
#
# > **Guess:** the same five pictures, labels drawn by lot. How many of the five can it learn?


# %% slideshow={"slide_type": "fragment"}
def by_heart(x, y):
    net = new_net()
    for _ in range(200):
        net = bp.sgd(net, bp.backward(net, bp.forward(net, x), y), eta=0.5)
    return net


lots = eye[:, np.random.default_rng(3).integers(0, 10, size=5)]
found = []
for name, wanted in (("true labels", y[:, :5]), ("labels by lot", lots)):
    net = by_heart(x[:, :5], wanted)
    found.append((name, f"{bp.cost_of(net, x[:, :5], wanted):.3f}", f"{5 * bp.accuracy(bp.predict(net, x[:, :5]), wanted):.0f} of 5"))
rows(("after 200 steps", "cost", "right"), *found)

# %% [markdown] slideshow={"slide_type": "fragment"}
# All five, again. The test finds faults in code. It says **nothing** about reading: hence the examples held back.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. The second row is the important one: a cost of 0 on what was learned from proves no understanding.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"] treats="08.4"
# ## Does the order matter?

# %% [markdown] slideshow={"slide_type": "-"}
# An epoch: all examples once, in mini-batches of 10; all gradients first, then the step.
#
# $$\eq{update}$$

# %% [markdown] slideshow={"slide_type": "-"}
# > The file stands sorted: all zeros, then all ones, … Nobody shuffles. **Guess** the share read right after two epochs. (Shuffled: 90 %.)


# %% slideshow={"slide_type": "fragment"}
def two_epochs(order_of):
    net, rng = new_net(), np.random.default_rng(0)
    for _ in range(2):
        order = order_of(rng)
        for begin in range(0, len(order), 10):
            batch = order[begin : begin + 10]
            net = bp.sgd(net, bp.backward(net, bp.forward(net, x[:, batch]), y[:, batch]), eta=0.2)
    return bp.predict(net, x_val).argmax(axis=0)


by_class = np.argsort(labels, kind="stable")
answers = {label("shuffled"): two_epochs(lambda rng: rng.permutation(len(labels))), label("sorted"): two_epochs(lambda rng: by_class)}
rows(
    ("how often the net says", *range(10), "right"),
    *((name, *np.bincount(said, minlength=10), f"**{np.mean(said == labels_val):.0%}**") for name, said in answers.items()),
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. A hundred nines in a row, and nothing else: every step makes "nine" more likely and all else less.
#
# In the notebook's exercise 08.4 they write this loop themselves; the check trains it on sorted scans, and gives false labels to the set that is there to be watched,
# so that whoever trains on it is found out.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Watch it learn

# %% slideshow={"slide_type": "-"}
nets, rng = [new_net()], np.random.default_rng(0)
for _ in range(12):
    nets.append(bp.fit(nets[-1], x, y, epochs=1, eta=0.2, rng=rng, progress=False)[0])
bp.widgets.training(nets, (x, labels), (x_val, labels_val))

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. Click into the picture; drag the slider, or use the arrow keys; up and down choose a class.
#
# Before you leave "untrained": where will the first cost stand? At the dotted line. Then step by step: which digits are the first to be read? Which are confused last, and for
# what? Then the pictures below: noise at first; later some neurons look for a stroke in one place and ink missing in another.
#
# To leave the picture, click beside it; then Space goes on with the slides.

# %% [markdown] slideshow={"slide_type": "slide"} treats="08.5"
# ## Pixels on one scale

# %% [markdown] slideshow={"slide_type": "-"}
# Mean and standard deviation of each pixel, both from the **training set alone**; where $s_i = 0$, divide by 1:
#
# $$\hat x_i = \frac{x_i - \mu_i}{s_i}$$

# %% slideshow={"slide_type": "fragment"}
mean, spread = x.mean(axis=1, keepdims=True), x.std(axis=1, keepdims=True)
spread[spread == 0] = 1
lines = []
for name, shift, scale in (("as they are", 0, 1), (label("centred"), mean, 1), (label("standardised"), mean, spread)):
    sets = {"validation": ((x_val - shift) / scale, y_val), "metrics": {"accuracy": bp.accuracy}}
    runs = [trained(new_net(s), (x - shift) / scale, y, 10, 0.5, **sets)[1].metrics["accuracy"] for s in range(5)]
    largest = np.abs((x_val - shift) / scale).max()
    lines.append((name, *(f"{np.mean([run[epoch] for run in runs]):.0%}" for epoch in (0, -1)), f"{largest:.0f}"))
rows(("pixels", "right after epoch 1", "after epoch 10", "largest input"), *lines)

# %% [markdown] slideshow={"slide_type": "fragment"}
# A recipe is not a law: a pixel that is nearly always blank gets a tiny $s_i$, and one scan's ink there becomes huge. **Measure.**

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Ask what goes wrong if mean and spread are taken from the test set: then the same scan is read differently, depending on which others were handed in with it.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["wide-left"] treats="08.6"
# ## What is taken for what

# %% slideshow={"slide_type": "-"} tags=["left"]
x, x_val = x - mean, x_val - mean
counts = np.zeros((10, 10), dtype=int)
for seed in range(5):
    young, _ = trained(new_net(seed), x, y, epochs=2)
    np.add.at(counts, (labels_val, bp.predict(young, x_val).argmax(axis=0)), 1)
bp.plots.show(bp.plots.confusion(counts, bp.plots.figure(width=6.2, height=5.2)[1]))

# %% slideshow={"slide_type": "-"} tags=["right", "middle"]
i, j = np.unravel_index(np.argmax(counts - np.diag(np.diag(counts))), counts.shape)
say(f"""Five nets, two epochs each: {np.trace(counts)} of {counts.sum()} right.

Row: what it shows. Column: what the net says.

Most often: **{i} taken for {j}**, {counts[i, j]} times. Look at such scans; some were written by people in a hurry.""")

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Read one row and one column aloud. Accuracy is one number; the matrix says where to look.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"] treats="08.7"
# ## Learning, or learning by heart?
#
# 300 scans, nearly a third of them labelled by lot; 100 hidden neurons; 60 epochs.

# %% slideshow={"slide_type": "fragment"}
rng = np.random.default_rng(8)
few = rng.permutation(len(labels))[:300]
noisy = eye[:, np.where(rng.random(300) < 0.3, rng.integers(0, 10, size=300), labels[few])]
watch = {"validation": (x_val, y_val), "metrics": {"accuracy": bp.accuracy}}
_, history = trained(new_net(0, (100,)), x[:, few], noisy, 60, 0.3, **watch)
bp.plots.show(bp.plots.loss_curve(history, bp.plots.figure(width=9.6, height=3.1)[1]))

# %% slideshow={"slide_type": "fragment"}
right = history.metrics["accuracy"]
best = history.best_epoch
_, pulled = trained(new_net(0, (100,)), x[:, few], noisy, 60, 0.3, l2=0.02, **watch)
say(
    f"Right on the validation set: {right[best - 1]:.0%} after epoch {best}, {right[-1]:.0%} after epoch 60; with an L2 penalty "
    f"{np.mean(pulled.metrics['accuracy'][-10:]):.0%}. **Stop early, or make large weights dear.**"
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Before the curves appear let them draw on paper what they expect for both sets. The training cost falls to the end: it learns the wrong labels by heart.
#
# Patience: wait some epochs without a new lowest cost, then go back to the epoch that had it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Same cost, different illness: read the layers

# %% slideshow={"slide_type": "-"}
lines = []
for name, activation, eta in ((label("learns"), bp.relu, 0.1), ("sigmoid, deep", bp.sigmoid, 0.1), ("η = 3", bp.relu, 3.0)):
    net, run = trained(new_net(0, (30, 30, 30), activation), x, y, 3, eta)
    grads = bp.backward(net, bp.forward(net, x), y)
    sizes = [np.linalg.norm(g) for g in grads.W[1:]]
    cost = "near $\\ln 10$" if abs(run.cost[-1] - np.log(10)) < 0.2 else label("falls")
    lines.append((name, cost, *(short(size) if size else "0" for size in sizes)))
rows(("net", "cost", *(f"$\\lVert\\partial C/\\partial W^{l}\\rVert$" for l in range(1, 5))), *lines)

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - The second: the gradient shrinks on its way back. Other activation.
# - The third: a layer of dead neurons, nothing comes back. Start again with a smaller $\eta$.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Both sick nets show the chance cost. Ask what to do about each before you say it.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{spread of z} \qquad\qquad \eq{chance cost}$$

# %% slideshow={"slide_type": "-"} tags=["left"]
mean = pool.x.mean(axis=1, keepdims=True)
net, _ = trained(new_net(0, (100,)), pool.x - mean, eye[:, pool.labels], 20)
share = bp.accuracy(bp.predict(net, test.x - mean), eye[:, test.labels])
say(f"""### The test set, once

64-100-10, 20 epochs: **{share:.0%}** of the {test.x.shape[1]} scans.

### Answer aloud

1. The first cost is 11.7. What do you know?
2. Why $2/n_{{l-1}}$, and whose $n$?
3. Why three sets, and not two?""")

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# ### Classic mistakes
#
# - not shuffling
# - equal first weights
# - statistics of the test set
# - the training cost as a judge
# - the test set as an adviser

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Three students, one question each. 1: guessing costs 2.3, so something is wrong before training: scale of inputs or weights. 2: a neuron adds up the products of all
# neurons before it; the 2 makes up for relu. 3: whoever chooses by a set has used it.
#
# Homework: the notebook of lesson 08, seven exercises; in 08.4 everybody's own loop has to read scans that it never saw. Where there is a network, its last cells train 784-30-10 on MNIST.
# Next: any function of matrices as a net.
