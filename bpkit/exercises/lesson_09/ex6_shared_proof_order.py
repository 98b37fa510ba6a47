"""09.6: put the proof of the shared-parameter theorem in order."""

from __future__ import annotations

from bpkit.exercises.proof import Proof, Step

PROOF = Proof(
    (
        Step("E", r"Give each use a name of its own: the function that they enter is $F(W_{[1]}, \dots, W_{[U]})$."),
        Step(
            "B",
            r"Put one matrix into all places: $G(W) = F(c(W))$ with the copying map $c(W) = (W, \dots, W)$.",
            "E",
            "copies before the places",
            "Step B puts one matrix into several places. In your order, which step says that there are several places?",
        ),
        Step(
            "G",
            r"Both are differentiable: $F$ at the point $c(W)$, as the theorem asks; $c$ everywhere, since it is linear.",
            "B",
            "conditions before the composition",
            "Step G speaks of two functions, one inside the other. At that point of your proof there is no inner function yet.",
        ),
        Step(
            "A",
            r"So the chain rule holds: $\dfrac{\partial G}{\partial w_{ij}} = \sum_{u} \sum_{k,l} "
            r"\dfrac{\partial F}{\partial w_{[u]kl}}\, \dfrac{\partial w_{[u]kl}}{\partial w_{ij}}$.",
            "G",
            "chain rule before its conditions",
            "Step A uses the chain rule. It is a theorem with conditions: which step says that they are met?",
        ),
        Step(
            "H",
            r"Look at one entry of one copy: $w_{[u]kl} = w_{kl}$.",
            "B",
            "an entry before the copies",
            "Step H looks at an entry of a copy. Where are the copies made?",
        ),
        Step(
            "D",
            r"Differentiate it: $\dfrac{\partial w_{[u]kl}}{\partial w_{ij}}$ is 1 where $k = i$ and $l = j$, and 0 elsewhere.",
            "H",
            "derivative before the function",
            "Step D differentiates an entry of a copy. It has to be said first what that entry is.",
        ),
        Step(
            "F",
            r"Put it in; of each inner sum one term is left: "
            r"$\dfrac{\partial G}{\partial w_{ij}} = \sum_{u} \dfrac{\partial F}{\partial w_{[u]ij}}$.",
            "AD",
            "substituted too early",
            "Step F joins two strands: a double sum with a derivative in it, and the value of that derivative. One of the two is not there yet.",
        ),
        Step(
            "C",
            r"Read all $i, j$ at once: $\dfrac{\partial G}{\partial W} = \sum_u \dfrac{\partial F}{\partial W_{[u]}}$.",
            "F",
            "matrix form too early",
            "Step C reads a formula for single entries as one for whole matrices. That formula does not stand there yet.",
        ),
    )
)


EXERCISE = PROOF.exercise(
    id="09.6",
    name="shared_proof_order",
    title="Put the proof of the shared-parameter theorem in order",
    points=2,
    minutes=8,
    difficulty=2,
    hints=(
        "One step rests on nothing: it gives names. The next writes what you want to differentiate as one function inside another.",
        "From there two strands start. One leads over the conditions to a double sum, the other finds the derivative that stands inside it.",
        "They meet where that derivative is put in. After that, one step remains: from single entries to whole matrices.",
    ),
)
