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
from bpkit.authoring.slide_words import digits, power, rows, say

net, x, y = bp.nets.two_three_two()
grads = bp.backward(net, bp.forward(net, x), y)
cost = bp.cost_of(net, x, y)
gradient = np.concatenate([g.ravel() for g in (*grads.W[1:], *grads.b[1:])])
square = gradient @ gradient


def descend(eta, mu=0.0, steps=30, c=(1.0, 25.0), start=(-9.0, 1.5)):
    """The path of gradient descent with momentum on ½ (c1 w1² + c2 w2²)."""
    w, v = np.array(start), np.zeros(2)
    path = [w]
    for _ in range(steps):
        v = mu * v - eta * np.multiply(c, w)
        w = w + v
        path.append(w)
    return np.array(path)


# %% [markdown] slideshow={"slide_type": "slide"} tags=["title"]
# # Update rules
#
# Every gradient is known. What now?
#
# Lesson 07 · 45 minutes · bring pencil and paper

# %% [markdown] slideshow={"slide_type": "notes"}
# **For whoever gives this class.** The students can compute all gradients of a net (06) and know the total differential (02). They should leave able to prove why one steps
# against the gradient, to say which learning rates work on a parabola, and to explain momentum and Adam in a sentence each.
#
# Keys: Space goes on, S opens these notes in a window of their own, T switches light and dark, O shows all slides. Test the projector in both schemes.
#
# Plan: guess and proof 12 min · learning rate and exercise 11 · order and penalties 4 · mini-batches 4 · momentum 7 · Adam 3 · schedules, stopping, recap 4.
# If you run late, leave out "Penalties" and "Slower towards the end"; the lesson's notebook has both.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## How far down?

# %% slideshow={"slide_type": "-"}
say(rf"""The course's small net has 17 weights and biases. Lay their gradients end to end:

$$\lVert \nabla C \rVert = {np.linalg.norm(gradient):.4f} \qquad \lVert \nabla C \rVert^2 = {square:.4f} \qquad C = {cost:.4f}$$

From each parameter, take away its own gradient, times 1.

> **Vote.** By how much does the cost fall: 0.41, 0.17, or can one not say?""")

# %% slideshow={"slide_type": "fragment"}
fall = cost - bp.cost_of(bp.sgd(net, grads, eta=1.0), x, y)
say(f"It falls by **{fall:.4f}**. That is nearly $\\lVert \\nabla C \\rVert^2$: one can say it before one steps.")

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Vote by hands, write the counts on the board. "One cannot say" is the most sensible wrong answer: ask those why.
#
# Then promise: in ten minutes everybody will be able to say why it is the square, and why it is not exact.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What a short step changes
#
# All parameters in one column $v$, all gradients in one column $\nabla C$. Move by $\Delta v$. The total differential of lesson 02:
#
# $$\Delta C \approx \sum_{i=1}^{n} \frac{\partial C}{\partial v_i}\, \Delta v_i$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["bullets"]
# - exact up to an error that is small **against the step**, where $C$ is differentiable;
# - linear, so ask for a **direction**: of all steps of one length $r$, which makes it smallest?

# %% slideshow={"slide_type": "fragment"}
tries = np.random.default_rng(0).normal(size=(10_000, gradient.size))
shares = -(tries @ gradient) / np.linalg.norm(tries, axis=1) / np.linalg.norm(gradient)
say(
    f"> 10 000 random directions, same length: {100 * (shares > 0).mean():.0f} % go down. "
    f"The luckiest promises {shares.max():.2f} of what the gradient's direction does."
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Ask first: in what share of random directions does the cost fall? Half: if a direction goes up, its opposite goes down.
#
# Going down is not the art; going down steeply is. With 17 parameters the best of ten thousand is still well behind. In a real net with a million parameters
# random directions are hopeless, which is why the whole course was about gradients.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Straight against the gradient: the proof
#
# Write $g = \nabla C \ne 0$, and let $\lVert \Delta v \rVert = r$.

# %% [markdown] slideshow={"slide_type": "-"} tags=["rows"]
# | | | |
# |--:|:--|:--|
# | 1 | $0 \le \big\lVert\, \lVert g \rVert\, \Delta v + r\, g\, \big\rVert^2$ | a sum of squares |
# | 2 | $\phantom{0} = \lVert g \rVert^2 \lVert \Delta v \rVert^2 + 2 r \lVert g \rVert \textstyle\sum_i g_i \Delta v_i + r^2 \lVert g \rVert^2$ | multiplied out, entry by entry |
# | 3 | $\phantom{0} = 2 r \lVert g \rVert\, \big( r \lVert g \rVert + \textstyle\sum_i g_i \Delta v_i \big)$ | $\lVert \Delta v \rVert = r$ |
# | 4 | $\textstyle\sum_i g_i \Delta v_i \ge -r\, \lVert g \rVert$ | divided by $2 r \lVert g \rVert > 0$ |
# | 5 | equality only for $\Delta v = -r\, g / \lVert g \rVert$ | only then is line 1 zero |

# %% [markdown] slideshow={"slide_type": "fragment"}
# Line 4 is the Cauchy-Schwarz inequality. Line 5 is the direction.

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. On the board, line by line; let them supply the reason of each line before you uncover it.
#
# Where students stumble: "why this strange column in line 1?" Because it is zero exactly when the step lies straight against the gradient; we build the answer in.
# Line 2: write it for two entries if asked. Line 5: a sum of squares is zero only if every square is.

# %% [markdown] slideshow={"slide_type": "slide"} treats="07.1"
# ## Gradient descent
#
# Step length in proportion to the slope, $r = \eta \lVert \nabla C \rVert$: flat places get short steps. Then $\Delta v = -\eta\, \nabla C$, and

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{step and cost} \tag{step and cost}$$
#
# $$\eq{update} \tag{update}$$

# %% slideshow={"slide_type": "fragment"}
changes = {eta: bp.cost_of(bp.sgd(net, grads, eta=eta), x, y) - cost for eta in (0.01, 0.1, 1, 10)}
rows(
    ("$\\eta$", *(f"{eta:g}" for eta in changes)),
    ("promised", *(digits(-eta * square) for eta in changes)),
    ("measured", *(digits(change) for change in changes.values())),
    ("measured / promised", *(f"**{change / (-eta * square):.3f}**" for eta, change in changes.items())),
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Collect the debt from the vote: the square, because the step is as long as the gradient and the slope is as steep as the gradient.
#
# The gradient changes while we walk, so long steps get less than promised. At η = 10 more is promised than the cost has to give. Ask: is a step that gets less than promised a bad one?
# No: 0.3935 of 0.3939 is nearly all there is.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How far? One parameter, one parabola
#
# $C = \tfrac12 c\, w^2$ with curvature $c > 0$. The gradient is $c\,w$, so
#
# $$w \leftarrow w - \eta\, c\, w = (1 - \eta c)\, w$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["rows"]
# | | factor $1 - \eta c$ | |
# |:--|:--|:--|
# | $0 < \eta c < 1$ | between 0 and 1 | walks down on one side |
# | $\eta c = 1$ | 0 | there in one step |
# | $1 < \eta c < 2$ | between −1 and 0 | jumps across, and gets nearer |
# | $\eta c > 2$ | below −1 | jumps across, further each time: **diverges** |

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Draw a parabola and walk it with chalk, once for each row. Every smooth cost is a parabola near a minimum, so this little table is what one sees in practice.
#
# A cost that grows from step to step: the learning rate is too large. It is the first thing to try when training fails.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Two parameters, one $\eta$: the ravine
#
# $C = \tfrac12 (w_1^2 + 25\, w_2^2)$: a step multiplies by $1 - \eta$ along, by $1 - 25 \eta$ across.

# %% slideshow={"slide_type": "-"}
paths = {f"η = {eta:g}": descend(eta) for eta in (0.02, 0.05, 0.075, 0.082)}
bp.plots.show(bp.plots.descent(paths, (1, 25), reach=(10, 2.3), columns=2, width=11.4))

# %% [markdown] slideshow={"slide_type": "fragment"}
# The **steepest** direction sets the limit, $\eta < 2/25 = 0.08$. The **flattest** sets the time.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Before you show the pictures' ends: which of the four is lowest after 30 steps? Many say 0.05, since it does not jump about. 0.075 wins, because it is furthest along.
#
# Nets are full of ravines: one weight moves all examples, another hardly any. The rest of the hour is about walking in ravines.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercise"]
# ## Your turn · 5 minutes · in pairs, no computer
#
# The ravine $C = \tfrac12 (w_1^2 + 9\, w_2^2)$, start at $(4, 2)$.
#
# 1. Which $\eta$ diverge?
# 2. Take $\eta = 0.2$. Where are you after one step, and after two? What is the cost at each?
# 3. Which $\eta$ makes both directions shrink by factors of the same size? What is that factor?

# %% [markdown] slideshow={"slide_type": "notes"}
# 5 minutes: 4 to work, 1 to compare. The answer is on the next slide down (press Down or Space).
#
# Walk round and look for two mistakes: 1/9 as the limit (that is where it gets there in one step; the limit is twice that), and the cost without its ½ or its 9.

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercise"]
# ## Your turn: the answer

# %% slideshow={"slide_type": "-"}
walk = descend(0.2, steps=2, c=(1.0, 9.0), start=(4.0, 2.0))
rows(
    ("step", "$w_1$", "$w_2$", "cost"),
    *((t, digits(w1, 2), digits(w2, 2), digits((w1**2 + 9 * w2**2) / 2, 2)) for t, (w1, w2) in enumerate(walk)),
)

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - Those above $2/9 = 0.22$.
# - Factors at $\eta = 0.2$: along $1 - 0.2 = 0.8$, across $1 - 1.8 = -0.8$. So it is also the answer to question 3:
# - $1 - \eta = 9 \eta - 1$ gives $\eta = 2/(1 + 9)$ and the factor $(9 - 1)/(9 + 1) = 0.8$. For curvatures 1 and 1000 the best factor is 0.998.

# %% [markdown] slideshow={"slide_type": "notes"}
# Ask a pair that was wrong to say where their path left the right one. The last number is worth a pause: 0.998 a step is about 3500 steps to a thousandth of the distance.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"] treats="07.2"
# ## In which order?
#
# A published loop, from the last layer to the first: compute the layer's gradients, **update its weights**, send the error on through them.
#
# > Which gradients come out wrong?

# %% slideshow={"slide_type": "fragment"}
rng = np.random.default_rng(7)
small, X, Y = bp.init([5, 4, 3], rng=rng), rng.normal(size=(5, 8)), rng.random((3, 8))
cache = bp.forward(small, X)
right = bp.backward(small, cache, Y)


def error_of_dW1(eta):
    moved = small.W[2] - eta * right.W[2]
    dW1 = ((moved.T @ right.delta[2]) * bp.sigmoid.prime(cache.z[1])) @ X.T / 8
    return np.linalg.norm(dW1 - right.W[1]) / np.linalg.norm(right.W[1])


etas = (1, 0.1, 0.01, 0.001)
rows(
    ("$\\eta$", *(f"{eta:g}" for eta in etas)),
    ("error of $\\partial C/\\partial W^2$", *("0" for _ in etas)),
    ("error of $\\partial C/\\partial W^1$", *(f"${power(error_of_dW1(eta))}$" for eta in etas)),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# The error goes back through weights that the forward pass never saw. The slip is as small as $\eta$, so a loose check lets it pass.
#
# **First compute, then change.**

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. The last layer is right: its gradient is computed before anything moves. Every layer before it is off, in proportion to η.
#
# The text is bp神经网络反向传播 (R in our list). Its own derivation needs the old weights; the loop contradicts it.

# %% [markdown] slideshow={"slide_type": "slide"} treats="07.3 07.4"
# ## Penalties: a price on large weights
#
# **L2** adds $\tfrac{\lambda}{2} \sum w^2$ to the cost, **L1** adds $\lambda \sum \lvert w \rvert$. One weight's derivative:

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{update with L2} \tag{update with L2}$$
#
# $$\eq{update with L1} \tag{update with L1}$$

# %% slideshow={"slide_type": "fragment"}
l1 = l2 = np.array([2.0, 0.5, -0.1])
history = [(0, l1, l2)]
for t in range(1, 61):
    l1, l2 = l1 - 0.03 * np.sign(l1), l2 - 0.03 * l2
    history.append((t, l1, l2))
rows(
    ("2, 0.5, −0.1", *(f"after {t} steps" for t in (5, 20, 60))),
    ("L2 alone", *(", ".join(digits(w, 2) for w in history[t][2]) for t in (5, 20, 60))),
    ("L1 alone", *(", ".join(digits(w, 2) for w in history[t][1]) for t in (5, 20, 60))),
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. In the table there is no data, only the penalty, with $\eta\lambda = 0.03$: L2 takes the same share of each weight, L1 the same amount, and 0 at 0 by agreement. The ½ is there to meet the 2. Biases pay nothing: they shift a neuron and do not make it more sensitive.
#
# Ask why L1 ends at 0.02 and not at 0: the step has a fixed size and jumps over. Text R names both and leaves them out; it writes 回归, regression, for 正则化, regularisation.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"] treats="07.5"
# ## Fewer examples: a noisy gradient
#
# $C$ is a mean over $N$ examples, so its gradient is a mean too. Estimate it from $s$ of them: a **mini-batch**. Right on average; noise $\tau/\sqrt{s}$.

# %% slideshow={"slide_type": "-"}
data = bp.data.digits().train
images, targets = data.x, np.eye(10)[:, data.labels]
rng = np.random.default_rng(1)
fresh = bp.init([64, 20, 10], output=bp.softmax, cost=bp.cross_entropy, rng=rng)


def gradient_on(chosen):
    return bp.backward(fresh, bp.forward(fresh, images[:, chosen]), targets[:, chosen]).W[1]


say(
    f"> {images.shape[1]} handwritten digits, a fresh 64-20-10 net. How far is the gradient on **10** of them from that on all, as a multiple of its length?"
)

# %% slideshow={"slide_type": "fragment"}
full, off = gradient_on(np.arange(images.shape[1])), {}
for size in (10, 40, 160, 640):
    off[size] = np.mean([np.linalg.norm(gradient_on(rng.permutation(images.shape[1])[:size]) - full) for _ in range(40)]) / np.linalg.norm(full)
rows(("examples", *off), ("off by", *(f"**{value:.2f}** lengths" for value in off.values())))

# %% [markdown] slideshow={"slide_type": "fragment"}
# The error is longer than the gradient. Four times the work halves it.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Take guesses: most are below 0.5. Then ask the question that the next slide answers: would you train with such a gradient?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The same work, cut differently

# %% slideshow={"slide_type": "-"}
runs, settings = {}, {"epochs": 1, "eta": 0.5, "progress": False}
for name, size in (("1442 at once", 1442), ("100 at a time", 100), ("10 at a time", 10)):
    trained, costs, rng = fresh, [bp.cost_of(fresh, images, targets)], np.random.default_rng(0)
    for _ in range(5):
        trained, _ = bp.fit(trained, images, targets, batch_size=size, rng=rng, **settings)
        costs.append(bp.cost_of(trained, images, targets))
    runs[f"{name}:  {costs[0]:.2f} → {costs[1]:.2f} after one epoch"] = costs
bp.plots.show(bp.plots.cost_by_step(runs, xlabel="epochs: looks at every example", width=8.6, height=2.9))

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - 1 step or 145: what many steps have in common adds up, their errors cancel.
# - An epoch: **shuffle**, cut, step for each batch. Every example once.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. An epoch is one look at every example, so all three lines cost the same arithmetic at each mark.
#
# Why shuffle? Data often comes sorted by class, and a batch of nothing but sevens teaches "seven". And anew for each epoch, or the same examples always meet.

# %% [markdown] slideshow={"slide_type": "slide"} treats="07.6"
# ## Momentum: a step that remembers

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{momentum} \tag{momentum}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# Put it into itself: $\; v_t = -\eta\, (g_t + \mu\, g_{t-1} + \mu^2 g_{t-2} + \dots)$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["bullets"]
# - **Along** a ravine the gradients agree: $\; v \to -\eta\, g\, (1 + \mu + \mu^2 + \dots) = -\dfrac{\eta\, g}{1 - \mu}$
# - **Across** it they alternate: $\; v \to \mp\, \eta\, g\, (1 - \mu + \mu^2 - \dots) = \mp \dfrac{\eta\, g}{1 + \mu}$

# %% slideshow={"slide_type": "fragment"}
say(rf"With $\mu = 0.9$: steps along are {1 / 0.1:.0f} times as long, steps across {1 / 1.9:.2f} times.")

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Two readings of one formula. As physics: a ball with friction, μ says how much speed survives a step. As arithmetic: a weighted sum of all gradients so far; what agrees adds up, what alternates cancels.
#
# Let them sum the two geometric series. Some texts write the velocity with the other sign, or put η outside: the same ball.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## In the ravine


# %% slideshow={"slide_type": "-"}
def adam_path(eta, steps=30):
    w, mean, square = np.array([-9.0, 1.5]), np.zeros(2), np.zeros(2)
    path = [w]
    for t in range(1, steps + 1):
        g = np.array([1.0, 25.0]) * w
        mean, square = 0.9 * mean + 0.1 * g, 0.999 * square + 0.001 * g**2
        w = w - eta * (mean / (1 - 0.9**t)) / (np.sqrt(square / (1 - 0.999**t)) + 1e-8)
        path.append(w)
    return np.array(path)


paths = {
    "η = 2/26, plain": descend(2 / 26),
    "η = 1/9, μ = 4/9": descend(1 / 9, 4 / 9),
    "η = 1/9, μ = 0.9": descend(1 / 9, 0.9),
    "Adam, η = 0.5": adam_path(0.5),
}
bp.plots.show(bp.plots.descent(paths, (1, 25), columns=2, width=11.4))

# %% [markdown] slideshow={"slide_type": "fragment"}
# With momentum the distance shrinks by $\sqrt{\mu}$ a step **in every direction**, steep or flat, as long as $(1 - \sqrt\mu)^2 < \eta c < (1 + \sqrt\mu)^2$.
# Here $\tfrac23$ a step; plain at its best: $0.923$.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. The reason, if asked: $w_{t+1} = (1 + \mu - \eta c) w_t - \mu w_{t-1}$. Try $w_t = r^t$: the roots of $r^2 - (1 + \mu - \eta c) r + \mu$ multiply to μ, so a complex pair has size √μ. At the ends of the range the root is double, and the distance falls like t μ^(t/2).
#
# Too much memory is slow again: with μ = 0.9 the ball swings up and down the valley. The fourth picture is Adam, of which more in a moment.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Try it

# %% slideshow={"slide_type": "-"}
bp.widgets.descent()

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Click into the picture; ← → turn η, ↑ ↓ turn μ, B and R choose bowl and ravine. Ask for the largest η that does not diverge at μ = 0, then at μ = 0.5: it has grown to 2(1 + μ)/25.
# Then let the room shout: who finds the fewest steps? To leave the picture, click beside it; then Space goes on with the slides.

# %% [markdown] slideshow={"slide_type": "slide"} treats="07.7"
# ## Adam: a step length for each weight
#
# $$\eq{Adam's means}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# From 0 on, the weights of these means add up to $1 - \beta^t$ only. Divide by it:
#
# $$\eq{bias correction} \tag{bias correction}$$

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{Adam} \tag{Adam}$$

# %% slideshow={"slide_type": "fragment"}
stepped, _ = bp.adam(net, grads, eta=0.1)
moves = np.abs(np.concatenate([(after - before).ravel() for after, before in zip(stepped.W[1:], net.W[1:], strict=True)]))
say(
    rf"First step, $\eta = 0.1$: one gradient is {np.abs(gradient).max() / np.abs(gradient).min():.1f} times another, every weight moves by {moves.max():.2f}."
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. At t = 1 the corrected means are g and g², so the step is η times the gradient's sign. Multiply the cost by 1000: the same steps, but for what ε does. So Adam's η is a length, not a rate.
#
# Without the corrections the first step would be 3.2 times too long, the tenth 6.5 times: at the first step the mean is a tenth of the slope, but the root a thirtieth. ε stands outside of the root.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Slower towards the end
#
# $C = \tfrac12 w^2$, gradient with noise of variance 1: $w \leftarrow (1 - \eta)\, w - \eta\, \xi$. Square and average; it rests at $\overline{w^2} = \dfrac{\eta}{2 - \eta}$.


# %% slideshow={"slide_type": "-"}
def mean_cost(eta_at, steps=200, runs=2000):
    rng, w = np.random.default_rng(0), np.full(runs, 5.0)
    costs = [np.mean(w**2) / 2]
    for t in range(steps):
        w = w - eta_at(t) * (w + rng.normal(size=runs))
        costs.append(np.mean(w**2) / 2)
    return costs


schedules = {"constant 0.5": lambda t: 0.5, "constant 0.05": lambda t: 0.05, "0.5 / (1 + t/2)": lambda t: 0.5 / (1 + t / 2)}
curves = {name: mean_cost(eta_at) for name, eta_at in schedules.items()}
curves = {f"{name}:  {costs[-1]:.4f} in the end": costs for name, costs in curves.items()}
bp.plots.show(bp.plots.cost_by_step(curves, ylabel="mean cost", width=8.6, height=3.1))

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. A large rate is soon at its floor and stays there; a small one gets deeper and takes long. A schedule takes both: large first, then smaller.

# %% [markdown] slideshow={"slide_type": "slide"} treats="07.8"
# ## When to stop
#
# "Until the cost is small enough": nobody knows beforehand how small that is. Look whether it still falls, with patience.

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# Stop when the best cost of the last `patience` epochs is not lower, by more than `tol`, than the best before them.

# %% slideshow={"slide_type": "fragment"}
histories = ((1.0, 0.5, 0.4, 0.6, 0.8, 1.0), (1.0, 0.5, 0.496, 0.492, 0.488, 0.484), (1.0, 0.5, 0.4, 0.4, 0.4))
rows(
    ("cost by epoch; patience 3, tol 0.01", "best before", "best of the last 3", "stop?"),
    *(
        (", ".join(f"{c:g}" for c in h), f"{min(h[:-3]):g}", f"{min(h[-3:]):g}", "yes" if min(h[:-3]) - min(h[-3:]) <= 0.01 else "no")
        for h in histories
    ),
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. Cover the last column and let them say it. First row: it rises, so the *size* of its change is large; the difference has a sign. Second: each epoch alone brings little, three together bring enough.
# Third: two flat epochs are not three.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{step and cost}$$
#
# $$\eq{momentum}$$

# %% [markdown] slideshow={"slide_type": "-"} tags=["left"]
# ### Answer aloud
#
# 1. Why against the gradient, and why not always further?
# 2. What does momentum do across a ravine, and what along it?
# 3. A cost falls, then jumps about at one height. What do you change?

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# ### Classic mistakes
#
# - the update inside the loop that goes back
# - a penalty on biases; 2λ for λ
# - batches from sorted data; the rest dropped
# - Adam's $t$ from 0; ε inside the root

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Three students, one question each.
#
# 1: of all steps of one length it lowers the total differential most; a long step leaves the place where the gradient was taken. 2: across, gradients alternate and cancel; along, they agree and add up.
# 3: the gradients are noisy: a smaller η from here on, or larger batches.
#
# Homework: the notebook of lesson 07, eight exercises, about an hour; 07.2 is a whole training step, 07.7 is Adam.
# Next: everything together on real handwritten digits.
