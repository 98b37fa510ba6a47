# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown] slideshow={"slide_type": "slide"} tags=["title"]
# # Normalisation and residuals
#
# Lesson 12 · 45 minutes · bring a laptop

# %% [markdown] slideshow={"slide_type": "notes"}
# 1 minute. TODO: what the students bring along, and the plan of the class.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The question
#
# TODO: Which number does the lesson find, and who needs it?

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Let them say it in their own words.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A guess
#
# TODO: How large will it be?

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Collect three numbers on the board.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The idea
#
# TODO: One sentence that carries the whole class.

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. Say it once, and wait.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The picture
#
# TODO: What the axes are, and where to look first.

# %% slideshow={"slide_type": "-"}
import bpkit as bp

bp.plots.show(bp.plots.normalisation_and_residuals(2.0))

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Ask what would look different for another factor.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The derivation, in components
#
# TODO: Every index is written out.

# %% [markdown] slideshow={"slide_type": "notes"}
# 5 minutes. Stop after each line and ask for its reason.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The derivation, in matrices
#
# TODO: The same steps with whole arrays.

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. Compare shapes on both sides.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## By numbers
#
# TODO: A net that is small enough for the board.

# %% [markdown] slideshow={"slide_type": "notes"}
# 4 minutes. Let one of them compute at the board.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The code
#
# TODO: Three lines that do it.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Run it, change the factor, run it again.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["exercise"]
# ## Your turn
#
# TODO: Exercise 12.1, alone and then in pairs.

# %% [markdown] slideshow={"slide_type": "notes"}
# 6 minutes. Go from desk to desk.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The answer
#
# TODO: Two ways that both are right.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Ask who found a third way.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What goes wrong
#
# TODO: The mistake that most make first.

# %% [markdown] slideshow={"slide_type": "notes"}
# 3 minutes. Show the message that the checker gives.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home
#
# TODO: A card for the wall.

# %% [markdown] slideshow={"slide_type": "notes"}
# 2 minutes. Name the pages to read at home.
