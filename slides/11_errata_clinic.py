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
# Six printed derivations, the first wrong line of each, and where it hides
#
# Lesson 11 · 45 minutes · bring pencil and paper

# %% [markdown] slideshow={"slide_type": "notes"}
# **For whoever gives this class.** It is the last lesson, and a detective game: the students judge printed lines. They should leave able to say which line is the *first* wrong one and why those before it hold,
# and convinced that neither a falling cost nor a check on nice numbers proves anything.
#
# Keys: Space goes on, S opens these notes in a window of their own, T switches light and dark, O shows all slides. Test the projector in both schemes.
#
# Plan: vote 3 min · rules 2 · text A 5 · text P 4 · text R 5 · exercise, text U 7 · text U again 5 · relu 4 · where they hide 7 · recap 2.
# Be fair to the texts, aloud: they show their steps, which is why anything can be found. If you run late, leave out text P.

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
# Ask why all go down at first: each wrong gradient makes an angle below 90° with the right one. The letters are the texts; they come one by one now.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The same as curves

# %% slideshow={"slide_type": "-"}
bp.plots.show(bp.plots.errata_training(width=7.6, height=3.9))

# %% [markdown] slideshow={"slide_type": "notes"}
# Half a minute, while they look: two climb, two get stuck, one is slow, one cannot be told from the right one. Which one would you find last? R. Its time comes.

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

# %% [markdown] slideshow={"slide_type": "subslide"}
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
# ## Text P: the last layer

# %% slideshow={"slide_type": "-"} tags=["left"]
lines("P", 1, 3)

# %% slideshow={"slide_type": "-"} tags=["right"]
lines("P", 4)

# %% [markdown] slideshow={"slide_type": "-"} tags=["small"]
# Ge Li, Deep Learning Technology and Application, Peking University, section 4. To $p$, from $q$.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Line 2 gets votes for its missing sum. It is right: the activation is elementwise, all other terms are 0. With a softmax it would be wrong.
#
# Line 5 is wrong as well, and not the first. Line 6 is the text's own summary, and right.

# %% [markdown] slideshow={"slide_type": "subslide"}
# ## Text P: the diagnosis

# %% [markdown] slideshow={"slide_type": "-"}
# Two letters on the left, one on the right: every weight into $p$ would get the same gradient.

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{BP4 in components} \tag{BP4 in components}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# In code: an elementwise product in place of an **outer** product. It passes a check where all neurons before the layer are equally active.

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. Ask what the printed line looks like as numpy: delta times a, which even runs when the two layers have the same size.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## Text R, bp神经网络反向传播: a loop in rows

# %% slideshow={"slide_type": "-"}
lines("R")

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. The section is 反向传播, step 2; ω of layer m leads from layer m − 1. Expect a fight between two lines, and let it happen. Then the third rule: line 5 does what it says. Line 6 claims to be a derivative of the loss of the net that made the forward pass, and that net is gone.
#
# Line 3 looks turned round and is right: rows.

# %% [markdown] slideshow={"slide_type": "subslide"}
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
# 2 minutes. Guess the error at 0.01 first. This is the curve that could not be told from the right one on the second slide.
#
# The line has a second slip: Act′ of layer m, at the input of layer m − 1. It shows only where two layers differ in their function. Exercise 11.6 has such a net.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercise"]
# ## Your turn · 6 minutes · in pairs, no computer

# %% slideshow={"slide_type": "-"}
lines("U1")

# %% [markdown] slideshow={"slide_type": "-"}
# 1. Which is the first wrong line? Why does each line before it hold?
# 2. What should stand there? Check its shape for $A$ 3×2.

# %% [markdown] slideshow={"slide_type": "notes"}
# 6 minutes: 4 to work, 2 to compare. The text is UFLDL's 用反向传导思想求导, example 1. The answer is on the next slide down.
#
# Walk round and look for: "line 6, for the shapes" (it only adds), "line 4" (it is right, as a slope at s), and repairs that hang an s onto the printed line.

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercise"]
# ## Your turn: the answer

# %% [markdown] slideshow={"slide_type": "-"}
# **Line 5.** $\delta^{(1)}$ is the slope at the net's input, which is $s$. But $A$ is a weight: error behind it, times activation before it.

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{sparse coding, A} \tag{sparse coding, A}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# $(3,1)$ times $(1,2)$: the shape of $A$. The printed one has the shape of $s$, $(2,1)$: it **is** a gradient, of another variable.

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. Be fair: the page speaks of derivatives by the input, and prints ∇_X F; read so, it is right, and the announced ∇_A F is the slip. Line 6 is ours. Popular wrong repair: Aᵀ(As − x)sᵀ. For a square A even its shape is right. Shapes are necessary, not sufficient.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## Text U again: W, used twice

# %% slideshow={"slide_type": "-"}
lines("U3")

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. The same page, example 3. Put in for every symbol exactly what the earlier line says it is.
#
# Line 4 gets votes for its double transpose. It is right: the weights there are a transpose already, and BP2 transposes the weights.

# %% [markdown] slideshow={"slide_type": "subslide"}
# ## Text U again: the diagnosis

# %% [markdown] slideshow={"slide_type": "-"}
# Line 7 quotes line 4, and loses one of the two transposes on the way.

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# $$\eq{ICA reconstruction}$$

# %% slideshow={"slide_type": "fragment"}
symmetric, twisted = compare("U3", 0.0), compare("U3", 0.5)
rows(
    ("the printed gradient, $W$ 3×3", "error", "a check at 1e-7"),
    ("$W$ symmetric", "round-off" if symmetric.error < 1e-7 else symmetric.error, "passes" if symmetric.error < 1e-7 else "refuses"),
    ("$W$ twisted by a half", digits(twisted.error, 2), "passes" if twisted.error < 1e-7 else "refuses"),
    ("$W$ 2×3", "–", "cannot be computed"),
)

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Before the table: on which matrices would nobody ever find this? On symmetric ones: the identity, a covariance, a Gram matrix, which is what people like to test on.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## A tutorial's relu

# %% slideshow={"slide_type": "-"}
lines("T")

# %% [markdown] slideshow={"slide_type": "-"} tags=["small"]
# NumPy tutorials, Deep learning on MNIST, section 3, without its dropout. $[\,\cdot\,]$ is 1 where the condition holds, else 0.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Give them two neurons, z = 2 and z = −1, and let them walk through every line. Lines 1, 3 and 5 all look wrong and are right: at 0 the product is 0; the e point downhill, and downhill is added.

# %% [markdown] slideshow={"slide_type": "subslide"}
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

# %% [markdown] slideshow={"slide_type": "slide"} tags=["wide-left"]
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

# %% [markdown] slideshow={"slide_type": "slide"}
# ## On the bench

# %% slideshow={"slide_type": "-"}
bp.widgets.errata_bench("U3")

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Click into the picture; ↑ ↓ change the erratum, ← → turn its knob. To leave it, click beside it; then Space goes on.
#
# It starts where the printed gradient passes. Before each → a student says whether a check will pass, and which entries will be framed. For R look at the lower rows: never framed.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## So a check needs

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - random numbers of both signs, never all ones;
# - one shape that is square and **not symmetric**, one that is **not square**;
# - a batch and a single example;
# - neurons that are on and neurons that are off;
# - a tight tolerance, and **every parameter by itself**.

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. For each bullet a student names the erratum that it catches. That is how every exercise of this course draws its inputs.

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

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Three students, one question each.
#
# 1: that most steps went down; nothing about the gradient's being right. 2: that it is right there. 3: line 6, by our rule; the repair may touch either.
#
# Homework: the notebook of lesson 11, six verdicts and six repairs, about an hour. And: take a paper that you read, choose its central gradient, and do to it what you did here.
