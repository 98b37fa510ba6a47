"""What the judge (`bpkit.exercises.judge`) is made of; each module imports only those that stand above it.

To compare
    values          an answer taken apart: parts, arrays, and how they are called in a sentence
    comparing       whether two values are the same answer
    records         what the record of a call says
    results         the same for what may be a value or an error
    multiples       whether one result is a multiple of another
    lengths, form   whether a value has the form that is asked
    known           what is known of an exercise: its inputs, what is right, what each mistake gives

To judge
    conduct         what an answer with the right results must still keep to
    mistakes        which known mistake a wrong answer makes
    which_cases     in which cases it is right, and by what these differ (separating)
    describing      what is seen of a wrong answer that makes none (layers: which part of it went wrong first)
    shares          which share of it is right

To relate a wrong answer that makes no known mistake to something
    second_slips    a known mistake with another slip beside it
    patterns        what its numbers have in common
    formula         the right formula for other inputs (changes)
    left_out        what of the inputs it leaves out
    elsewhere       for which other inputs it is right
    factors         what stands between it and the right one (relations, amounts)
"""
