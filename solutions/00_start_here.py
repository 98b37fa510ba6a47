# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 00 · Start here
#
# This course takes you from one neuron to an engine that differentiates any program. In each lesson you derive the equations on paper,
# code them, and prove your code right. This first one shows how the lessons work.
#
# **You will be able to**
#
# - answer an exercise, read what the checker says, and open a hint;
# - name any number of a net on paper and in code, and find it in a drawing;
# - read the same equation in the letters of five other texts.
#
# **You need** a little Python: functions, lists, loops. Numpy is explained as it comes up.
#
# **Time** 21 minutes.
#
# **Sources.** The course grew out of five texts, N, A, R, U and P, which write the same mathematics in different letters; the tables at the end
# of this lesson translate. In English, Nielsen's [chapter 2](http://neuralnetworksanddeeplearning.com/chap2.html), the
# [UFLDL tutorial](http://ufldl.stanford.edu/tutorial/supervised/MultiLayerNeuralNetworks/) and
# [CS231n's notes](https://cs231n.github.io/optimization-2/) cover the same ground.
#
# ## How a lesson works
#
# A lesson is a page of **cells**. Click a cell of code and press **Shift + Enter** to run it. While it runs, the brackets beside it show a star, `[*]`;
# then a number. Run the cells from top to bottom; each may use what an earlier one has made. The first cell of every lesson loads numpy and the course:

# %%
import numpy as np

import bpkit as bp

# %% [markdown]
# ## What you are going to build
#
# First, see it work. A net of 30 hidden neurons looks at 1,437 handwritten digits of 8 × 8 pixels, twenty times over. Nobody tells it what a digit looks
# like. Each time it is told how wrong it was, and every one of its numbers moves a little to where it would have been less wrong. Run the cell; it takes a second.

# %%
digits, targets, rng = bp.data.digits(), np.eye(10), np.random.default_rng(0)
known, new = digits.train, digits.test
reader = bp.init([64, 30, 10], output=bp.softmax, cost=bp.cross_entropy, rng=rng)
y = targets[:, known.labels]
reader, _ = bp.fit(reader, known.x, y, epochs=20, eta=0.2, rng=rng, progress=False)
says = bp.predict(reader, new.x).argmax(axis=0)
right = np.mean(says == new.labels)
print(f"of {says.size} digits that it never saw, more than 95 in 100 read right: {right > 0.95}")
show = np.arange(0, 350, 35)
alt = "Ten scans of digits, with what each shows"
bp.plots.show(bp.plots.images(new.x[:, show], new.labels[show], alt=alt))

# %% [markdown]
# "Every one of its numbers moves to where it would have been less wrong": that takes the derivative of the error with respect to each of 2,260 numbers, again at
# every step. How to get all of them at once, and how to know that they are right, is what the lessons are about. In lesson 08 you train such a net with
# nothing but code of your own.
#
# **Guess before you run.** Before most results you are asked for a guess. Write it where the three dots are, run the cell, and run the next one.
# Nobody marks it. Committing yourself first is what makes a result stay in mind; a guess that turns out wrong does so best.
#
# Guess: how many weights and biases has a net with 784 inputs, 30 hidden neurons and 10 outputs?

# %%
guess = ...  # a number

# %%
net = bp.init([784, 30, 10], rng=np.random.default_rng(0))
bp.beside(guess, net.n_parameters)

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# A weight for each pair of neighbours, $784 \times 30 + 30 \times 10$, and a bias for each neuron that computes something, $30 + 10$. The inputs
# compute nothing and have none.
#
# </details>
#
# Every one of these numbers needs a derivative at every step of training; all derivatives together are the **gradient**. Measured one by one, that is two passes through the net for each of them.
# **Backpropagation** gets all of them together, at the price of about two more passes. That is what this course is about.
#
# ## Exercises
#
# An exercise has a number, a difficulty (•, ••, •••), a promise of minutes, and points. You write code where the three dots are, and the
# cell below checks it:
#
# | the checker says | it means |
# |:--|:--|
# | not attempted | the dots are still there |
# | wrong | with the mistake's name, if it is one that others have made before you, or with a picture of the wrong entries |
# | right | done; it stays right in your record, whatever you try later |
# | could not run | the exercise's number is misspelt, or the like |
#
# A wrong answer never shows you the right one. It tells you where to look, and in which case: every answer is tried on several inputs, drawn
# so that no mistake can hide. Any correct way of computing passes: loops, numpy, lists. Tries cost nothing.
# Here the checker meets someone who doubles instead of squaring:

# %%
bp.check("00.1", lambda x: 2 * x, record=False)

# %% [markdown]
# ### 00.1 square · • · 2 min · 1 point
#
# Return the square of `x`, entry by entry: a number gives a number, an array gives an array of the same shape.
#
# First run the check as it is. Then make a mistake on purpose and see what you are told. Then answer it.


# %%
def square(x):
    """x times x, entry by entry."""
    # BEGIN SOLUTION
    return x**2
    # END SOLUTION


# %%
bp.check("00.1", square)

# %% [markdown]
# **Stuck?** Click *Hint 1 of 3* below a wrong answer, or type `bp.hint("00.1")` into a cell of its own (the **+** button above adds one). It opens a first hint; run it again for the second and
# the third. Opening hints costs no points. When yours is right, or after all hints and three different tries, `bp.solution("00.1")` shows ours beside it.
#
# **Something is odd?** Choose *Kernel → Restart Kernel and Run All Cells*. Later cells never rest on your answers, so an exercise that you skipped
# stops nothing.
#
# **Had enough?** JupyterLab saves what you write; *Ctrl + S* saves it at once. What was right stays right tomorrow, and in the next version of the
# course. `bpkit lab` brings you back, to a map that says where to go on. Your last right answer is kept: `bp.restore("00.1")` puts it into a new cell,
# `bp.reset("00.1")` the empty one.
#
# ## Layers
#
# A net is drawn from left to right. Each circle is a number that the net computes, or an input; each line is a weight.

# %%
net, x, y = bp.nets.two_three_two()
print("weights:", net.W[1].size + net.W[2].size)
bp.plots.show(bp.plots.network(net))

# %% [markdown]
# The circles on the left are the inputs; they hold the numbers that come in. Every other circle is a **neuron**. It weighs what comes in along its lines,
# adds a number of its own, the **bias**, and bends the sum with an **activation function**. Lesson 01 does that by hand. This small net, always with the
# same numbers, goes with you through the whole course.
#
# ### 00.2 layer_sizes · • · 2 min · 1 point
#
# Write the number of neurons in each layer of the drawing as a list, layer 0 first.

# %%
# BEGIN SOLUTION
layer_sizes = [2, 3, 2]
# END SOLUTION

# %%
bp.check("00.2", layer_sizes)

# %% [markdown]
# ## Notation
#
# Code and paper use the same letters. A layer's number is a superscript on paper and a list index in code. Examples are **columns**.
#
# | on paper | in code | shape | what it is |
# |:--|:--|:--|:--|
# | $0, 1, \dots, L$ | `l` | | layers; layer 0 is the input |
# | $n_l$ | `sizes[l]` | | neurons in layer $l$ |
# | $m$ | `m` | | examples in a batch |
# | $a^0 = x$ | `a[0]`, `x` | $(n_0, m)$ | the input |
# | $w^l_{jk}$ | `W[l][j, k]` | a number | the weight **to** neuron $j$ of layer $l$ **from** neuron $k$ of layer $l-1$ |
# | $W^l$ | `W[l]` | $(n_l, n_{l-1})$ | all weights into layer $l$; `W[0]` is `None` |
# | $b^l$ | `b[l]` | $(n_l, 1)$ | biases |
# | $z^l$ | `z[l]` | $(n_l, m)$ | weighted inputs |
# | $a^l = \sigma(z^l)$ | `a[l]` | $(n_l, m)$ | activations |
# | $C = \frac1m \sum_x C_x$ | `C` | a number | the cost, a mean over the examples $x$ |
# | $\delta^l = \partial C_x / \partial z^l$ | `delta[l]` | $(n_l, m)$ | errors, one column for each example |
# | $\eta$, $\lambda$ | `eta`, `lam` | a number | learning rate, strength of L2 regularisation |
# | $\odot$ | `*` | | product entry by entry |
# | $A B$ | `A @ B` | | matrix product |
# | $A^\top$ | `A.T` | | transpose |
#
# On paper neurons count from 1, in numpy from 0: $w^2_{13}$ is `W[2][0, 2]`. Activations marked $\sigma$ may be any function; where it matters,
# the text says which. For relu we agree on $\sigma'(0) = 0$.

# %% [markdown]
# ## One weight, in three places
#
# Why **to** before **from**? Because then a matrix times a column does what a layer does: row $j$ of $W^l$ holds all weights that lead to neuron $j$, and
# meets the column of what comes in.
#
# **Guess:** which line of the drawing is `W[2][0, 2]`? Raise it by 1, and see what moves.

# %%
guess = ...  # "to neuron … from neuron …"

# %%
a1 = bp.forward(net, x).a[1]
raised = net.W[2].copy()
raised[0, 2] += 1
change = raised @ a1 - net.W[2] @ a1
print("activations of layer 1:  ", a1.ravel().round(4))
print("weighted inputs change by", change.ravel().round(4))
start = np.argmin(np.abs(a1 - change[0]))
bp.beside(guess, f"to neuron {np.argmax(change) + 1} from neuron {start + 1}")

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# Only the first output moves: the weight leads **to** neuron 1. It moves by exactly the activation of the third hidden neuron: the weight comes **from**
# neuron 3. So `W[2][0, 2]` is $w^2_{13}$. If you read it from-to, you had the line between the right layers and the wrong neurons, and no shape would
# have told you.
#
# </details>

# %%
print("W[2] has shape", net.W[2].shape, "and W[2][0, 2] is", net.W[2][0, 2])
bp.plots.show(bp.plots.weight_place(net, 2, 0, 2))

# %% [markdown]
# Now you. Pick a line or a circle, with the mouse or the arrow keys, and read what it is called: on paper, in code, and in the other texts. Then press
# **Ask me**, and find the line that a name belongs to.

# %%
bp.widgets.notation(net)

# %% [markdown]
# ## Rosetta: the same in the five source texts
#
# You may skip this section now. It is a page to come back to when you read one of these texts, or any other.
#
# | letter | text | how it writes |
# |:--|:--|:--|
# | N | 反向传播公式推导 | columns, as we do |
# | A | 读懂反向传播算法(bp算法) | columns, as N |
# | R | bp神经网络反向传播 | **rows**: every matrix is the transpose of ours |
# | U | 用反向传导思想求导 (UFLDL) | columns; layers count from 1, and $W^{(l)}$ leads **from** layer $l$ to layer $l+1$ |
# | P | Deep Learning Technology and Application, Ge Li, Peking University | columns, as we do |
#
# The symbols side by side; $l$ is a layer in the text's own count:

# %%
bp.equations.rosetta()

# %% [markdown]
# Next, the course's main equations in each text's letters. You will derive them one by one. "Our translation" marks what a text does not state itself;
# other remarks say what was put right. Each line is checked numerically, as it stands, by the course's tests. Any other equation of the course is had by its
# name, such as `bp.equations.rosetta("BP2 in components")`; lesson 06 adds the whole algorithm.

# %%
names = "forward", "total differential", "BP1", "BP1a", "BP2", "BP3", "BP4", "update", "softmax Jacobian"
bp.equations.rosetta(*names)

# %% [markdown]
# ## Your progress
#
# The map of the course: what is done, what is begun, what comes next. A lesson's name opens it. Your record lies in a small file beside your lessons, and
# nowhere else.
#
# The lessons build on each other. If you know the forward pass and the chain rule already, try the exercises of 01 and 02 before you skip them.

# %% tags=["nbval-ignore-output"]
bp.progress()

# %% [markdown]
# ## Recap
#
# - Run cells from the top. Guess first. Where the dots are, you write.
# - `bp.check("00.1", square)` tells what is wrong, `bp.hint("00.1")` opens a hint, `bp.progress()` shows how far you are.
# - Answers are written with numpy; of `bp` they may call what their task says.
# - When your notebook is graded, `check` says right to every answer, so that all your cells run. The points come from inputs that the grader draws.
# - Columns are examples. Superscript is list index. Weights are read **to**, **from**. Paper counts from 1, numpy from 0.
#
# **Answer aloud**, then open.
#
# <details><summary>1. What does W[2][0, 2] connect, and what is it called on paper?</summary>
#
# It leads to the first neuron of layer 2 from the third neuron of layer 1: to, then from. On paper it is $w^2_{13}$.
#
# </details>
# <details><summary>2. Five examples go through a layer of three neurons. What shapes have z and b?</summary>
#
# z is $(3, 5)$: a row for each neuron, a column for each example. b is $(3, 1)$: a neuron has one bias, whatever the example.
#
# </details>
# <details><summary>3. Text U writes a weight matrix with superscript (1). Which of ours is it?</summary>
#
# $W^{(1)}$ leads from U's layer 1, which is the input, to the next. Its layers count from 1, ours from 0. So it leads from our layer 0 to our
# layer 1: it is $W^1$. Compare the *places* in the net, not the numbers.
#
# </details>

# %% [markdown]
# **Classic mistakes**
#
# - Reading a weight from-to: on a square matrix no shape contradicts you.
# - Leaving the input out when counting layers: it is layer 0.
# - Taking numpy's index 1 for neuron 1.
# - Changing a cell and not running it: Python knows only what was run.
#
# **What comes next.** Lesson 01 computes the forward pass of this net by hand, then in matrices.

# %% [markdown]
# ## Words
#
# Every lesson ends with its words in English and Chinese (中文). These are the words of this one:

# %%
bp.words("00")

# %% [markdown]
# And these are the words of the whole course, with the lesson that introduces them: `bp.words()` shows them anywhere.

# %%
bp.words()

# %% [markdown]
# **Next:** [01 · Forward propagation](01_forward_propagation.ipynb)
