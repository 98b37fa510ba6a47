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
from bpkit.exercises.lesson_11.derivations import DERIVATIONS
from bpkit.exhibits.clinic import ERRATA, compare, descend


def lines(key, first=1, last=None):
    """Some lines of a derivation, with their numbers."""
    texts = [line.text for line in DERIVATIONS[key].lines][first - 1 : last]
    rows(("", ""), *((f"**{number}**", text) for number, text in enumerate(texts, first)))


# %% [markdown] slideshow={"slide_type": "slide"} tags=["title"]
# # Errata clinic
#
# Printed derivations, the first wrong line of each, and where it hides
#
# Lesson 11 · 45 minutes · bring pencil and paper

# %% [markdown] slideshow={"slide_type": "notes"}
# **For whoever gives this class.** It is a detective game: the students judge printed lines. They should leave able to say which line is the *first* wrong one and why those before it hold,
# ready to say "all right" where it is, and convinced that neither a falling cost nor a check on nice numbers proves anything.
#
# Keys: Space goes on, S opens these notes in a window of their own, T switches light and dark, O shows all slides. Test the projector in both schemes.
#
# **One session of 45 minutes:** vote 3 min · rules 2 · text A 5 · text R 5 · relu 4 · where they hide 3 · bench 3 · new rules 1 · exercise, batch normalisation 7 · a table 3 · layer normalisation 4 · recap 2.
# Leave out the convolution. The notes begin with these minutes.
#
# **Two sessions of 45:** first the slides up to the bench, at leisure (vote 4 · rules 3 · A 7 · R 8 · relu 5 · hide 4 · bench 5), and texts P and U (W used twice) from the notebook, 4 minutes each. Then, a second time, from "Nobody has
# told you": new rules 2 · batch normalisation 10 · convolution 8 · a table 5 · layer normalisation 8 · attention and the smoothed labels from the notebook, 4 each · recap 4.
# Do not tell beforehand that one of the new ones is right all through. Be fair to the texts, aloud: they show their steps, which is why anything can be found.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## It trains. Is its gradient right?
#
# Six printed gradients, each from a wrong line. Each descends for 100 steps on a small problem of its own.
#
# > **Vote.** For how many of the six is the cost higher at the end than at the start?

# %% slideshow={"slide_type": "fragment"}
ends = {key: descend(key) for key in ERRATA}
rows(
    ("cost", *ERRATA),
    ("start", *(digits(printed[0], 2) for printed, _ in ends.values())),
    ("after 100 printed steps", *(digits(printed[-1], 2) for printed, _ in ends.values())),
    ("after 100 right ones", *(digits(repaired[-1], 2) for _, repaired in ends.values())),
)

# %% slideshow={"slide_type": "fragment"}
rising = sum(printed[-1] > printed[0] for printed, _ in ends.values())
steps_down = sum(printed[1] < printed[0] for printed, _ in ends.values())
say(f"{rising} of 6. And {steps_down} of 6 go down at first. **That the cost falls proves nothing.**")

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Vote by fingers before the table. Most say 4 or 5: a wrong gradient must go wrong.
#
# Ask why all go down at first: each wrong gradient makes an angle below 90° with the right one. The letters are the texts: three come one by one now, all six stand on the bench.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The rules of the clinic
#
# A line is wrong if numbers exist for which its two sides differ, given the lines above it.

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - A definition is never wrong.
# - What follows from a wrong line is not the **first** wrong line.
# - A program's line that does what it says is not wrong. The one that then reads something else than it needs is.

# %% [markdown] slideshow={"slide_type": "fragment"}
# Three instruments: letters and shapes · one nudge · a gradient check.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. The third rule will be needed for text R; do not explain it further now. Everybody writes down a line number at each derivation before anybody speaks.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## Text A: the error, one layer back

# %% slideshow={"slide_type": "-"} tags=["left"]
lines("A", 1, 3)

# %% slideshow={"slide_type": "-"} tags=["right"]
lines("A", 4)

# %% [markdown] slideshow={"slide_type": "-"} tags=["small"]
# After 读懂反向传播算法(bp算法); its pictures are lost, the lines are rebuilt from its words and its readers' comments.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. One minute of silence, a number on paper, then hands for each line. Let those who chose another line defend it; ask the rest for the reason why that line holds.
#
# Line 3 gets votes: its j runs, while line 2's j is fixed. Untidy and true.

# %% [markdown] slideshow={"slide_type": "subslide"} treats="11.1 11.2"
# ## Text A: the diagnosis

# %% [markdown] slideshow={"slide_type": "-"}
# Line 4 differentiates line 3, and forgets to: how **large** is $a_j$, where it should say how **fast** it moves.

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{BP2 in components} \tag{BP2 in components}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# With sigmoids the signs come out right by luck. For tanh, from the activation alone:

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{tanh slope} \tag{tanh slope}$$

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Ask for the slope of tanh in terms of a before the last line. The popular wrong answer is a(1 − a): the slope of another function. At a = 0 it would be 0, where tanh is steepest.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## Text R, bp神经网络反向传播: a loop in rows

# %% slideshow={"slide_type": "-"}
lines("R")

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. The section is 反向传播, step 2; ω of layer m leads from layer m − 1. Expect a fight between two lines, and let it happen. Then the third rule: line 5 does what it says. Line 6 claims to be a derivative of the loss of the net that made the forward pass, and that net is gone.
#
# Line 3 looks turned round and is right: rows.

# %% [markdown] slideshow={"slide_type": "subslide"} treats="11.5 11.6"
# ## Text R: the diagnosis

# %% [markdown] slideshow={"slide_type": "-"}
# Line 6 reads $\omega^m$ after line 5 has moved it. First **all** gradients, then the update:

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{update}$$

# %% slideshow={"slide_type": "fragment"}
alphas = (1.0, 0.1, 0.01, 0.001)
rows(("learning rate α", *alphas), ("error of the printed gradient", *(f"{compare('R', alpha).error:.1e}" for alpha in alphas)))

# %% [markdown] slideshow={"slide_type": "fragment"}
# Proportional to α. A check with tolerance 1e-2 passes it; nobody sees it in training.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Guess the error at 0.01 first. In the first table this text's two costs could not be told apart.
#
# The line has a second slip: Act′ of layer m, at the input of layer m − 1. It shows only where two layers differ in their function. Exercise 11.6 has such a net.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## A tutorial's relu

# %% slideshow={"slide_type": "-"}
lines("T")

# %% [markdown] slideshow={"slide_type": "-"} tags=["small"]
# NumPy tutorials, Deep learning on MNIST, section 3, without its dropout. $[\,\cdot\,]$ is 1 where the condition holds, else 0.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Give them two neurons, z = 2 and z = −1, and let them walk through every line. Lines 1, 3 and 5 all look wrong and are right: at 0 the product is 0; the e point downhill, and downhill is added.

# %% [markdown] slideshow={"slide_type": "subslide"} treats="11.11 11.12"
# ## A tutorial's relu: the diagnosis

# %% [markdown] slideshow={"slide_type": "-"}
# Line 2 asks the **output** of relu whether it is $\ge 0$. It always is.

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{relu slope} \tag{relu slope}$$

# %% slideshow={"slide_type": "fragment"}
rng = np.random.default_rng(11)
hidden = np.maximum(rng.normal(size=(1, 4)) @ rng.normal(size=(4, 1000)), 0)
say(f"Of 1000 random hidden neurons {int((hidden == 0).sum())} are off. Printed factors that are 0: {int((hidden < 0).sum())}.")

# %% [markdown] slideshow={"slide_type": "fragment"}
# The tutorial runs, trains, and its automatic tests are green. **Running is not checking.**

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. About half of the first layer's gradient is wrong. Popular wrong repair: to ask whether the error is positive.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["wide-left"] treats="11.3 11.4 11.7 11.8"
# ## Where they hide

# %% slideshow={"slide_type": "-"} tags=["left"]
bp.plots.show(bp.plots.errata_hiding(width=7.6, height=4.8))

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# Passes where
#
# - **A** $a = \sigma'(z)$
# - **P** all equal before it
# - **R** α is small, check loose
# - **U1** identity
# - **U3** symmetric
# - **T** every neuron on

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Dotted: tolerances of 1e-7 and 1e-2. For each panel ask what kind of test numbers people choose: ones, the identity, a symmetric matrix. Each is a hiding place.

# %% [markdown] slideshow={"slide_type": "slide"} treats="11.9 11.10"
# ## On the bench

# %% slideshow={"slide_type": "-"}
bp.widgets.errata_bench("U3")

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Click into the picture; ↑ ↓ change the erratum, ← → turn its knob. To leave it, click beside it; then Space goes on.
#
# It starts where the printed gradient passes. Before each → a student says whether a check will pass, and which entries will be framed. For R look at the lower rows: never framed.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Nobody has told you

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - New derivations, composed for this class from slips that are common.
# - Line 1 says all that is computed. You need no other lesson.
# - **Not every one is wrong.** Write 0 where every line holds.

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. The third point changes the game: "there must be an error" no longer helps. Whoever writes 0 has to give the reason for each line that others doubt.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercise"]
# ## Your turn: batch normalisation · 6 minutes · in pairs

# %% slideshow={"slide_type": "-"}
lines("7")

# %% [markdown] slideshow={"slide_type": "-"}
# Which is the first wrong line, or 0? What should stand there?

# %% [markdown] slideshow={"slide_type": "notes"}
# 6 minutes: 4 to work, 2 to compare. Walk round and look for "line 2" (a derivative of 0 is suspicious, and right) and for those who find line 4, which only adds up.
#
# Who is stuck adds 1 to every z: no output moves, so the gradient for z must add up to 0 over the batch. Does line 4?

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercise"] treats="11.13 11.14"
# ## Your turn: the answer

# %% [markdown] slideshow={"slide_type": "-"}
# **Line 3.** $v$ does not feel $\mu$, but $\hat z_i = (z_i - \mu)/s$ does.

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\frac{\partial \hat z_i}{\partial z_j} = \frac1s \left( [i = j] - \frac1m - \frac{\hat z_i\, \hat z_j}{m} \right)$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# Three ways from $z_j$: straight, through the mean, through the deviation.

# %% slideshow={"slide_type": "fragment"}
rng = np.random.default_rng(11)
z, g = rng.normal(size=5), rng.normal(size=5)
s = np.sqrt(z.var() + 0.1)
z_hat = (z - z.mean()) / s
straight, mean, spread = g / s, g.mean() / s, z_hat * (g * z_hat).mean() / s


def added_up(gradient):
    """Its sum over the batch."""
    return "round-off" if abs(gradient.sum()) < 1e-12 else digits(gradient.sum(), 2)


rows(
    ("five examples, $\\gamma = 1$, $\\varepsilon = 0.1$", "sum over the batch", ""),
    ("as printed", added_up(straight - spread), "wrong"),
    ("through the mean alone", added_up(straight - mean), "wrong as well"),
    ("through both", added_up(straight - mean - spread), "right"),
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. Popular wrong repair: the mean gets its path, and s is then held fast. Its sum is 0 as well: a sum of 0 is necessary and not sufficient.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## A convolution

# %% slideshow={"slide_type": "-"}
lines("8")

# %% [markdown] slideshow={"slide_type": "notes"}
# In two sessions only: 5 minutes. Let them take the kernel (1, 0, 0). Line 6 gets votes from all who have heard that "one has to flip": there both indices run forwards.

# %% [markdown] slideshow={"slide_type": "subslide"} treats="11.15 11.16"
# ## A convolution: the diagnosis

# %% [markdown] slideshow={"slide_type": "-"}
# In line 3 the index of $k$ falls as $i$ grows; in line 4 both grow. The kernel has to be turned round, $k_{K-1-a}$.

# %% slideshow={"slide_type": "fragment"}
g = np.random.default_rng(11).normal(size=6)


def missed(kernel):
    """How far line 4 is from the gradient that lines 1 to 3 give."""
    printed, right = np.correlate(np.pad(g, 2), kernel), np.convolve(g, kernel)
    return np.linalg.norm(printed - right) / max(np.linalg.norm(printed), np.linalg.norm(right))


kernels = ((1, 2, 1), (1, 2, 4))
rows(("kernel", *kernels), ("error of line 4", *("round-off" if missed(k) < 1e-12 else digits(missed(k), 2) for k in kernels)))

# %% [markdown] slideshow={"slide_type": "fragment"}
# In two dimensions: rows **and** columns turned, which is no transpose. A loop that adds to the window it has read needs no turning.

# %% [markdown] slideshow={"slide_type": "notes"}
# In two sessions only: 3 minutes. Ask on which kernels nobody would find it: on symmetric ones, as those that smooth. Popular wrong repair: to turn the other gradient round as well.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"] treats="11.17 11.18"
# ## A table that is read by token

# %% slideshow={"slide_type": "-"}
lines("9")

# %% slideshow={"slide_type": "fragment"}
t, dE = np.array([1, 1]), np.zeros(2)
dE[t] += np.array([3.0, 4.0])
say(f"**Line 6.** With $t = (1, 1)$ and $G = (3, 4)$ it leaves {dE[1]:g} in row 1, where {3 + 4} belongs: numpy reads all rows before it writes any.")

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Read lines 1 and 2 aloud: a lookup, and the same as a product. Then the vote. Many trust +=.
#
# The repair: the loop of line 5, np.add.at, or the product of line 3. Popular wrong repair: to divide by how often a word comes.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## Layer normalisation

# %% slideshow={"slide_type": "-"}
lines("13")

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Vote for every line, and for 0. Write the counts down and do not comment. Then let those who doubt a line say what should stand there.

# %% [markdown] slideshow={"slide_type": "subslide"} treats="11.25 11.26"
# ## Layer normalisation: the diagnosis

# %% [markdown] slideshow={"slide_type": "-"}
# **0.** Every line holds.

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["bullets"]
# - Line 2 without $1/m$: it came in with $g$.
# - Line 3 without the mean: it speaks of $s$ alone. Line 4 has the mean's path, $-\frac1n$.
# - Line 5 with $\gamma$ under the sums: down a column each number has its own.

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. Popular wrong repair of what is right: both means over the batch. To say "right" took as much work as to find a fault; that is what a referee does.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home

# %% [markdown] slideshow={"slide_type": "-"} tags=["left"]
# ### Answer aloud
#
# 1. A net trains well with your new gradient. What do you know?
# 2. It passes a check on the identity matrix. What do you know?
# 3. Line 5 spoils what line 6 needs. Which one is wrong?

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# ### Classic mistakes
#
# - "wrong", because it is written in another convention
# - to blame the last line, where the harm shows
# - to repair until the shapes fit
# - to check where the printed line passed
# - to search until a fault is found, also where there is none

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Three students, one question each.
#
# 1: that most steps went down; nothing about the gradient's being right. 2: that it is right there. 3: line 6, by our rule; the repair may touch either.
#
# Homework: the notebook of lesson 11, in two sittings: the warm-up, about 80 minutes, and the new cases, 110. Next: lesson 12, which builds some of the nets that were judged here.
