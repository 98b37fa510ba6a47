# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 15 · Beyond one vjp
#
# TODO: what this lesson is about, in two sentences.
#
# **You will be able to**
#
# - TODO: do one thing, and know that it is right.
#
# **You need** lesson 00.
#
# **Time** 10 minutes: about 1 of reading, two exercises, one guess.
#
# **Sources.** TODO: by section.

# %%
import bpkit as bp

# %% [markdown]
# ## The idea
#
# TODO: the derivation, in components and in matrices, with a reason for each step.
#
# $$y = c x, \quad y' = c \tag{15.A}$$
#
# Guess: where does the line of $c = 2$ end, at $x = 1$?

# %%
guess = ...  # a number

# %%
end = 2 * 1
bp.beside(guess, end)

# %% [markdown]
# <details><summary>What you saw (open after running)</summary>
#
# The factor itself.
#
# </details>

# %%
print("y at x = 1:", 2.0)
bp.plots.show(bp.plots.beyond_one_vjp(2.0))

# %%
bp.widgets.beyond_one_vjp()

# %% [markdown]
# ### 15.1 scaled · • · 4 min · 1 point
#
# `scaled(x, c)` returns every entry of `x`, times `c`.


# %%
def scaled(x, c):
    # BEGIN SOLUTION
    return c * x
    # END SOLUTION


# %%
bp.check("15.1", scaled)

# %% [markdown]
# ### 15.2 row_means · • · 4 min · 1 point
#
# `row_means(x)` returns the mean of every row of `x`.


# %%
def row_means(x):
    # BEGIN SOLUTION
    return x.mean(axis=1)
    # END SOLUTION


# %%
bp.check("15.2", row_means)

# %% [markdown]
# ## Recap

# %%
bp.equations.card("15.A")

# %% [markdown]
# **Answer aloud**
#
# <details><summary>1. What is the slope of $y = c x$?</summary>
#
# The factor $c$.
#
# </details>
# <details><summary>2. TODO: a question about the derivation</summary>
#
# Its answer.
#
# </details>
# <details><summary>3. TODO: a question about the code</summary>
#
# What the code does.
#
# </details>
#
# **Classic mistakes**
#
# - TODO: the one that the bank names first.
#
# **What comes next.** TODO: the last lesson says what to do with all of this.

# %% [markdown]
# ## Words
#
# In English and Chinese.
