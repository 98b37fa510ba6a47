"""13.7: put the proof of the streaming backward pass in order."""

from __future__ import annotations

from bpkit.exercises.proof import Proof, Step

PROOF = Proof(
    (
        Step(
            "F",
            r"Softmax sends back, from a query's weights to its scores: $\delta_{s_j} = a_j \big( \delta_{a_j} - \sum_i a_i\, \delta_{a_i} \big)$.",
        ),
        Step("C", r"The result is $o = \sum_i a_i v_i$, so that each weight gets $\delta_{a_i} = v_i^\top \delta_o$."),
        Step(
            "H",
            r"Put these into the weighted mean: $\sum_i a_i\, \delta_{a_i} = \sum_i a_i\, (v_i^\top \delta_o)$.",
            "CF",
            "mean before what is in it",
            "Step H rewrites the weighted mean of the gradients of the weights. It needs that mean, and what those gradients are.",
        ),
        Step(
            "A",
            r"The gradient $\delta_o$ does not depend on $i$: $\sum_i a_i\, (v_i^\top \delta_o) = \Big( \sum_i a_i v_i \Big)^\top \delta_o$.",
            "H",
            "gradient taken out too early",
            "Step A takes a factor out of a sum over keys. In your order that sum does not stand there yet.",
        ),
        Step(
            "E",
            r"Recognise the result, which was kept: $\sum_i a_i\, \delta_{a_i} = o^\top \delta_o$.",
            "AC",
            "result recognised too early",
            "Step E sees the forward result in a sum over all keys. Which step makes the sum look like it?",
        ),
        Step("B", r"Keep one number of the forward pass, $\ell = \log \sum_i e^{s_i}$."),
        Step(
            "G",
            r"A weight comes back from its own score alone: $a_j = e^{s_j} / \sum_i e^{s_i} = e^{s_j - \ell}$.",
            "B",
            "weight before the number that is kept",
            "Step G makes a weight of its score and one number more. Which step says what that number is?",
        ),
        Step(
            "D",
            r"Now nothing runs over the other keys: $\delta_{s_j} = e^{s_j - \ell} \big( v_j^\top \delta_o - o^\top \delta_o \big)$.",
            "EG",
            "put together too early",
            "Step D joins two strands: the weighted mean without its sum, and the weight from its own score. One of the two is not there yet.",
        ),
    )
)


EXERCISE = PROOF.exercise(
    id="13.7",
    name="stream_proof_order",
    title="Put the proof of the streaming backward pass in order",
    points=2,
    minutes=7,
    difficulty=2,
    hints=(
        "Three steps rest on nothing: what softmax sends back, what the result is, and which number is kept.",
        "One strand rids the weighted mean of its sum over keys; another rids a weight of its sum. They meet in the last step.",
        "In the first strand: put the gradients of the weights into the mean, take out what does not depend on the key, and see what is left.",
    ),
)
