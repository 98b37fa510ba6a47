# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% slideshow={"slide_type": "skip"}
import re

import numpy as np
from IPython.display import display

import bpkit as bp
from bpkit.authoring.slide_words import label, rows, say
from bpkit.course.contents import contents
from bpkit.course.folders import course_spoken
from bpkit.exercises import registry
from bpkit.exercises.feedback import OutcomeCard
from bpkit.exercises.judge import Judge


def thousands(number):
    return f"{number:,}".replace(",", " ")


net, x, y = bp.nets.two_three_two()
large = bp.init([784, 30, 10], rng=np.random.default_rng(0))
names = bp.widgets.notation(net)

# %% [markdown] slideshow={"slide_type": "slide"} tags=["title"]
# # Start here
#
# How this course works, and how to read any text's letters
#
# Lesson 00 · 45 minutes · bring a laptop

# %% [markdown] slideshow={"slide_type": "notes"}
# **For whoever gives this class.** It is the first. The students need Python at the level of functions and lists, and the course on their laptops
# (`make lab`, or `bpkit lab`; let them install it before the class). They should leave able to answer an exercise, and to say of any weight where it leads to
# and where it comes from.
#
# Keys: Space goes on, S opens these notes in a window of their own, T switches light and dark, O shows all slides. Test the projector in both schemes.
#
# Plan: why, and where the course goes 8 min · the checker, and the first exercise 10 · the net and its letters 14 · other texts' letters 11 · recap 1.
# If you run late, leave out "The same equation, five times"; the lesson's notebook has all of them.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## How many numbers does a small net learn?
#
# 784 inputs (a picture of 28 × 28 dots), 30 hidden neurons, 10 outputs (a digit).
#
# > **Guess** the number of weights and biases. Write it down.

# %% slideshow={"slide_type": "fragment"}
n_0, n_1, n_2 = large.sizes
say(rf"""$$\underbrace{{{n_0} \times {n_1} + {n_1} \times {n_2}}}_{{\text{{weights}}}} + \underbrace{{{n_1} + {n_2}}}_{{\text{{biases}}}}
= {thousands(large.n_parameters).replace(" ", chr(92) + ",")}$$""")

# %% [markdown] slideshow={"slide_type": "fragment"}
# To learn, the net has to know of **each** of them: if it rises a little, does the cost rise or fall, and how fast? That is a derivative.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Let everybody write a number before you go on, and collect a few. Guesses are not marked, here or later; committing oneself first is what makes the
# result stay. Every lesson does this.
#
# If somebody asks why the inputs have no biases: they compute nothing.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## All derivatives for about two more passes

# %% slideshow={"slide_type": "-"}
rows(
    ("for one step of training", "passes through the net"),
    ("measure each derivative: nudge up, nudge down", f"**{thousands(2 * large.n_parameters)}**"),
    ("backpropagation: forward once, back once", "**about 3**"),
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# The pass back costs about twice a pass forward: it needs two matrix products where the forward pass needs one. You will count it in lesson 06.

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# **This course:** derive every equation on paper · code it · prove the code right · say what is wrong with somebody else's.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Do not explain backpropagation now. The numbers are the reason for the whole course; a net in use today has billions of weights in place of
# twenty thousand.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Where the course goes

# %% slideshow={"slide_type": "-"}
lessons = contents(course_spoken())
third = -(-len(lessons) // 3)
named = [f"**{lesson.number}** {re.split('[:：]', lesson.title)[0]}" for lesson in lessons] + [""] * (3 * third - len(lessons))
rows(
    ("first the derivatives", "then what they are good for", "then further"),
    *zip(named[:third], named[third : 2 * third], named[2 * third :], strict=True),
)

# %% slideshow={"slide_type": "fragment"}
exercises = registry().values()
say(f"{len(exercises)} exercises, and {thousands(sum(len(e.mistakes) for e in exercises))} mistakes that the checker knows by name.")

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Point at three places: 02, the chain rule, is the only mathematics that may be new; 05 gives the algorithm its name; 03 is what makes them
# independent of you: they will check any gradient themselves.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How a lesson works

# %% [markdown] slideshow={"slide_type": "-"} tags=["bullets"]
# - **Guess** before every result. Nobody marks it.
# - **Derive**: one neuron first, then matrices, then the same with numbers.
# - **Code** it where the three dots are.
# - **Check**: `bp.check("05.3", hidden_error)`
# - **Stuck?** `bp.hint("05.3")`: three hints, one at a time, free of charge.
# - **How far am I?** `bp.progress()`

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. Say what happens to an exercise that is skipped: nothing. Later cells never rest on the learner's answer, so Run All works at any time.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"] treats="00.1"
# ## What does the checker say?
#
# Asked: return the square of `x`. Somebody writes `return 2 * x`.
#
# > Will the checker show the right answer?

# %% slideshow={"slide_type": "fragment"}
judge = Judge.drawn(registry()["00.1"], 5)
display(OutcomeCard.showing(judge(judge.run(lambda x: 2 * x))))

# %% [markdown] slideshow={"slide_type": "fragment"}
# No. It names the mistake, and says where to look.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Let them vote before you go on.
#
# Tell them how an answer is judged: on several inputs, drawn so that mistakes show, against a measurement and not against a model solution's text. So any
# right way of computing passes.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## And a mistake that it does not know? What do the ✗ share?

# %% slideshow={"slide_type": "-"}
display(OutcomeCard.showing(judge(judge.run(lambda x: np.where(x > 0, x * x, 0.0)))))

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. The card shows which numbers are wrong, and in which case. Somebody squares what is above zero, and gives 0 for the rest. The crosses mark the wrong entries; the right numbers are never shown.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercise"]
# ## Your turn · 7 minutes · at the laptop
#
# Open lesson 00 and run it down to exercise **00.1**.
#
# 1. Run the check before you write anything. What does it say?
# 2. Make a mistake on purpose. Is it named?
# 3. Open a hint: `bp.hint("00.1")` in a cell of its own.
# 4. Answer it. Then find a **second** right way.

# %% [markdown] slideshow={"slide_type": "notes"}
# 7 minutes. Walk round. Most trouble is a cell that was changed and not run: Python knows only what was run. Shift + Enter.
#
# Who is done early: find a wrong answer that the checker does **not** name. (`x ^ 2` and `x @ x` are named; so is the square root.)

# %% [markdown] slideshow={"slide_type": "slide"} tags=["wide-left"] treats="00.2"
# ## A net

# %% slideshow={"slide_type": "-"} tags=["left"]
bp.plots.show(bp.plots.network(net))

# %% [markdown] slideshow={"slide_type": "-"} tags=["right", "middle"]
# A circle computes a number; the left ones hold the inputs.
#
# A line is a **weight**.
#
# A neuron weighs, adds its **bias**, bends the sum with its **activation function**.
#
# > Exercise 00.2: how many neurons has each layer?

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Layers count from 0: the input is layer 0. Answer of 00.2, after they have said it: 2, 3, 2. The classic mistake is to leave the input out.
#
# This small net, always with the same numbers, goes through the whole course.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## One weight, in three places

# %% slideshow={"slide_type": "-"}
bp.plots.show(bp.plots.weight_place(net, 2, 0, 2, width=9.6))

# %% [markdown] slideshow={"slide_type": "fragment"}
# On paper $w^2_{13}$, in code `W[2][0, 2]`: **to** 1, **from** 3. Row $j$ of $W^l$ holds all weights that lead to neuron $j$.

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. The one convention of the course that costs people hours. Say "to one, from three" while you point along the line, then at the row, then at the
# column. Paper counts neurons from 1, numpy from 0; the layer is the same number in both.
#
# Why to before from? So that a matrix times a column does what a layer does. On a square matrix a swap of the two does not fail: it gives other numbers.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["question"]
# ## Which line is `W[1][2, 0]`?
#
# > To which neuron of which layer, from which? And what is it called on paper?

# %% slideshow={"slide_type": "fragment"}
bp.plots.show(bp.plots.weight_place(net, 1, 2, 0, width=9.6))

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Let them point in the air before you go on: hands up for "to 3 from 1", then for "to 1 from 3". The second is a line as well, in other
# texts' order; that is the danger.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Columns are examples

# %% slideshow={"slide_type": "-"}
batch = np.random.default_rng(0).normal(size=(2, 5))
cache = bp.forward(net, batch)
rows(
    ("", "on paper", "shape", "here, 5 examples"),
    ("input", "$a^0 = x$", "$(n_0, m)$", cache.a[0].shape),
    ("weights into layer 1", "$W^1$", "$(n_1, n_0)$", net.W[1].shape),
    ("biases", "$b^1$", "$(n_1, 1)$", net.b[1].shape),
    ("weighted inputs", "$z^1$", "$(n_1, m)$", cache.z[1].shape),
    ("activations", "$a^1$", "$(n_1, m)$", cache.a[1].shape),
)

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["card"]
# $$\eq{forward}$$

# %% [markdown] slideshow={"slide_type": "fragment"}
# A superscript on paper is an index into a list in code: $a^l$ is `a[l]`, $W^l$ is `W[l]`.

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. Let a student check the shapes of the product aloud: (3, 2) times (2, 5) is (3, 5); the (3, 1) of the biases is added to each column.
#
# Ask: ten examples in place of five, which shapes change? Only those with an m in them; weights and biases do not know how many examples there are.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["rows"]
# ## The letters of this course
#
# | on paper | in code | what it is |
# |:--|:--|:--|
# | $z^l$, $a^l = \sigma(z^l)$ | `z[l]`, `a[l]` | weighted inputs, activations |
# | $W^l$, $b^l$ | `W[l]`, `b[l]` | weights into layer $l$, biases |
# | $C = \frac1m \sum_x C_x$ | `C` | cost: the mean over the examples |
# | $\delta^l = \partial C_x / \partial z^l$ | `delta[l]` | errors, a column for each example |
# | $\eta$ | `eta` | learning rate |
# | $\odot$ and $A B$ | `*` and `A @ B` | entry by entry, and matrix product |

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Only the first two rows are needed today. Point out the two products: one of the commonest slips in the course is to take one for the other.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Other texts, other letters

# %% slideshow={"slide_type": "-"} tags=["small"]
symbols = list(bp.equations.SYMBOLS.items())
rows(
    ("", "中文", "here", "N, A", "R", "U", "P"),
    *((what, *letters) for what, letters in (symbols[n] for n in (0, 1, 2, 5, 6, 9, 12))),
)

# %% [markdown] slideshow={"slide_type": "fragment"} tags=["small"]
# N 反向传播公式推导 · A 读懂反向传播算法(bp算法) · R bp神经网络反向传播 · U 用反向传导思想求导 (UFLDL) · P Ge Li, Peking University. Superscripts are in each text's own count of layers.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Same mathematics, other letters. Three habits to look for in any text: does it count layers from 0 or from 1? Is an example a column or a row?
# Does a weight carry the number of the layer that it enters or that it leaves?
#
# R writes rows: all its matrices are the transposes of ours. U's weight matrices carry the number of the layer that they leave.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Find the line

# %% slideshow={"slide_type": "-"}
display(names)

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Click a line first, and read its names aloud. Then press Ask me; the class says which line, you click what the majority says. A wrong line is
# told what it is called, so let them be wrong. To leave the picture, click beside it; then Space goes on.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercise"]
# ## Your turn · 5 minutes · in pairs, on paper
#
# For our 2-3-2 net:
#
# 1. Text R writes $\omega^2_{31}$. Which line is it, and what do we call it?
# 2. Text U writes $W^{(1)}_{32}$. Which line, and what do we call it?
# 3. Text N writes $a^1$. What do we call it?
# 4. Somebody shows you a weight matrix of shape $(2, 3)$ for the step from 2 inputs to 3 neurons. Are the examples rows or columns?

# %% [markdown] slideshow={"slide_type": "notes"}
# 5 minutes: 3 to work, 2 to compare. The answers are on the next slide down (press Down or Space).

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["exercise"]
# ## Your turn: the answers

# %% slideshow={"slide_type": "-"}


def ours(text, written):
    """Our name, and the code, of the weight that a text writes so."""
    place = names.state["texts"].index(text)
    found = [item["rows"][0] for column in names.state["columns"] for item in column["items"] if "k" in item]
    (row,) = (row for row in found if row["names"][place] == written)
    letter, upper, lower = row["names"][0]
    return f"${letter}^{upper}_{{{lower}}}$, `{row['code']}`"


say(f"""1. R reads from-to, and counts layers from 0 as we do: {ours("R", ["ω", "2", "31"])}.
2. U's layer 1 is the input, and the weights that leave it carry its number: {ours("U", ["W", "(1)", "32"])}.
3. N counts layers from 1: it is the input, our $a^0 = x$.
4. Rows. A row with 2 numbers times a $(2, 3)$ matrix is a row with 3. With columns the matrix is $(3, 2)$.""")

# %% [markdown] slideshow={"slide_type": "notes"}
# Where a pair was wrong, let them say which of the three habits they missed: count of layers, rows or columns, entering or leaving.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The same equation, five times
#
# A weight's gradient (you will prove it in lesson 06):

# %% slideshow={"slide_type": "-"} tags=["rows"]
equation = bp.equations.named("BP4")
labels = {"ours": label("here"), "N": "N, A", "R": "R", "U": "U", "P": "P"}
rows(("", ""), *((labels[convention], f"$\\displaystyle {form.latex}$") for convention, form in equation.forms.items()))

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. Nobody has to understand it yet. Ask only: where is the error, where is the activation, and which of the five are about one weight, which about
# the whole matrix?
#
# Each line is checked by numbers, as it stands, in the course's tests.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home

# %% [markdown] slideshow={"slide_type": "-"} tags=["card"]
# Guess, derive, code, check. Weights are read **to**, **from**. Columns are examples. A superscript is a list index.

# %% [markdown] slideshow={"slide_type": "-"} tags=["left"]
# ### Answer aloud
#
# 1. What does `W[2][0, 2]` connect?
# 2. Five examples, three neurons: what shapes have $z$ and $b$?
# 3. Which of ours is U's $W^{(1)}$?

# %% [markdown] slideshow={"slide_type": "-"} tags=["right"]
# ### Next
#
# Lesson 01: the forward pass of this net by hand, then in matrices.
#
# 反向传播 backpropagation · 权重 weight · 偏置 bias

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. At home: finish lesson 00 with its two exercises and the Rosetta page, and begin lesson 01.
