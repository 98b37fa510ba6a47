"""05.5: put the proof of BP2 in order."""

from __future__ import annotations

from bpkit.exercises.proof import Proof, Step

PROOF = Proof(
    (
        Step("D", r"Take the definition: $\delta^l_j = \dfrac{\partial C_x}{\partial z^l_j}$."),
        Step(
            "F",
            r"Let every path count: $\delta^l_j = \sum_k \dfrac{\partial C_x}{\partial z^{l+1}_k}\,\dfrac{\partial z^{l+1}_k}{\partial z^l_j}$.",
            "D",
            "chain rule before the definition",
            "Step F rewrites a derivative of the cost. Which step says that δ is that derivative?",
        ),
        Step(
            "B",
            r"Recognise the next layer's error: $\delta^l_j = \sum_k \delta^{l+1}_k\,\dfrac{\partial z^{l+1}_k}{\partial z^l_j}$.",
            "F",
            "next error before the sum over paths",
            "Step B names a factor in a sum over k. At that point of your proof, where does the sum come from?",
        ),
        Step("G", r"Write out one weighted input: $z^{l+1}_k = \sum_i w^{l+1}_{ki}\,\sigma(z^l_i) + b^{l+1}_k$."),
        Step(
            "C",
            r"Differentiate; only the term $i = j$ contains $z^l_j$: "
            r"$\dfrac{\partial z^{l+1}_k}{\partial z^l_j} = w^{l+1}_{kj}\,\sigma'(z^l_j)$.",
            "G",
            "derivative before the function",
            "Step C differentiates z_k term by term. The terms must stand there before they can be differentiated.",
        ),
        Step(
            "H",
            r"Put the derivative in: $\delta^l_j = \sum_k \delta^{l+1}_k\,w^{l+1}_{kj}\,\sigma'(z^l_j)$.",
            "BC",
            "substituted too early",
            "Step H joins two strands: a sum that holds a derivative, and the value of that derivative. One of the two is not there yet.",
        ),
        Step(
            "A",
            r"The slope does not depend on $k$: $\delta^l_j = \Big(\sum_k w^{l+1}_{kj}\,\delta^{l+1}_k\Big)\,\sigma'(z^l_j)$.",
            "H",
            "factor taken out too early",
            "Step A takes a factor out of a sum. In your order that factor has not come into the sum yet.",
        ),
        Step(
            "E",
            r"Read all $j$ at once; the sum is row $j$ of a matrix product: "
            r"$\delta^l = \big((W^{l+1})^{\mathsf T}\delta^{l+1}\big) \odot \sigma'(z^l)$.",
            "A",
            "matrix form too early",
            "Step E reads a sum over k as a matrix product. It needs the slope outside of that sum.",
        ),
    )
)


EXERCISE = PROOF.exercise(
    id="05.5",
    name="proof_order",
    title="Put the proof of BP2 in order",
    points=2,
    minutes=8,
    difficulty=2,
    hints=(
        "Two steps rest on nothing: one says what δ is, one says what z is. Everything else follows from these.",
        "There are two strands. One turns the definition of δ into a sum over k, the other finds the derivative inside it. They meet in one step.",
        "After they meet, two steps remain: first tidy the sum, then read it as a matrix product. The second strand may stand anywhere before the "
        "meeting.",
    ),
)
