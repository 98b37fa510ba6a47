"""Lesson 13's exercises as learners answer them: other right ways pass, wrong ways beyond the bank's are told something that helps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from judged import outcome_of

from bpkit.exercises import registry
from bpkit.exercises.lesson_13.ex7_stream_proof_order import PROOF


def softmax(S):
    e = np.exp(S - S.max(axis=0))
    return e / e.sum(axis=0)


# ---- right in other ways ---------------------------------------------------------------------------------------------


def add_at(words, tokens, g):
    dE = np.zeros((words, len(g)))
    np.add.at(dE, tokens, g.T)
    return dE.T


def by_word_in_lists(words, tokens, g):
    return [[sum(row[t] for t in range(len(tokens)) if tokens[t] == w) for w in range(words)] for row in g]


def weights_in_loops(Q, K, mask):
    columns = []
    for i in range(Q.shape[1]):
        seen = [j for j in range(K.shape[1]) if mask[j, i]]
        s = {j: float(Q[:, i] @ K[:, j]) / math.sqrt(len(Q)) for j in seen}
        total = sum(math.exp(s[j] - max(s.values())) for j in seen)
        columns.append([math.exp(s[j] - max(s.values())) / total if j in s else 0.0 for j in range(K.shape[1])])
    return np.array(columns).T


def hidden_by_a_billion(Q, K, mask):
    return softmax(np.where(mask, K.T @ Q / len(Q) ** 0.5, -1e9))


def minus_infinity_added(Q, K, mask):
    S = (Q / np.sqrt(len(Q))).T @ K
    return softmax((S + np.where(mask.T, 0, -np.inf)).T)


def only_the_seen_part(Q, K, mask):
    A = np.zeros(mask.shape)
    for i in range(Q.shape[1]):
        A[mask[:, i], i] = softmax(K[:, mask[:, i]].T @ Q[:, [i]] / np.sqrt(len(Q)))[:, 0]
    return A


def vjp_by_jacobians(Q, K, V, A, g):
    columns = []
    for a, back in zip(A.T, g.T, strict=True):
        columns.append((np.diag(a) - np.outer(a, a)) @ V.T @ back / np.sqrt(Q.shape[0]))
    dS = np.column_stack(columns)
    return [K @ dS, (dS @ Q.T).T, np.einsum("ri,ji->rj", g, A)]


def vjp_with_the_result(Q, K, V, A, g):
    dS = A * (V.T @ g - np.sum(g * (V @ A), axis=0)) * len(Q) ** -0.5
    return np.einsum("rj,ji->ri", K, dS), np.einsum("ri,ji->rj", Q, dS), g @ A.T


def projections_head_by_head(x, Wq, Wk, Wv, dQ, dK, dV):
    e = dQ.shape[1]
    dx, dW = np.zeros_like(x), []
    for W, d in ((Wq, dQ), (Wk, dK), (Wv, dV)):
        dx = dx + sum(W[h * e : (h + 1) * e].T @ d[h] for h in range(len(d)))
        dW.append(np.vstack([d[h] @ x.T for h in range(len(d))]))
    return [dx, *dW]


def projections_stacked(x, Wq, Wk, Wv, dQ, dK, dV):
    d = np.concatenate([*dQ, *dK, *dV])
    W = np.vstack([Wq, Wk, Wv])
    return W.T @ d, *np.split(d @ x.T, 3)


def step_query_by_query(m, l, o, S, V):
    m, l, o = m.copy(), l.copy(), o.copy()
    for i in range(len(m)):
        for s, v in zip(S[:, i], V.T, strict=True):
            new = max(m[i], s)
            if new == -np.inf:
                continue
            kept = math.exp(m[i] - new)
            l[i], o[:, i], m[i] = kept * l[i] + math.exp(s - new), kept * o[:, i] + math.exp(s - new) * v, new
    return m, l, o


def step_with_where(m, l, o, S, V):
    new = np.max(np.vstack([m[None], S]), axis=0)
    kept = np.where(np.isinf(m), 0.0, np.exp(np.where(np.isinf(m), 0.0, m - new)))
    e = np.exp(S - new[None])
    return [new, l * kept + np.sum(e, 0), o * kept[None] + np.einsum("rb,bi->ri", V, e)]


def block_in_loops(S, lse, V, g, o):
    return [[math.exp(S[j, i] - lse[i]) * (V[:, j] - o[:, i]) @ g[:, i] for i in range(S.shape[1])] for j in range(len(S))]


RIGHT_WAYS = {
    "13.1": [add_at, by_word_in_lists, lambda words, tokens, g: g @ (tokens[:, None] == np.arange(words)), lambda w, t, g: g @ np.eye(w)[t]],
    "13.2": [
        lambda d, var_q, mean_k, var_k: var_q * var_k + var_q * mean_k**2,
        lambda d, var_q, mean_k, var_k: np.array([d * (mean_k**2 + var_k) * var_q / d]),
        lambda d, var_q, mean_k, var_k: sum(var_q * (var_k + mean_k * mean_k) for _ in range(d)) / math.sqrt(d) ** 2,
    ],
    "13.3": [weights_in_loops, hidden_by_a_billion, minus_infinity_added, only_the_seen_part],
    "13.4": [vjp_by_jacobians, vjp_with_the_result],
    "13.5": [projections_head_by_head, projections_stacked],
    "13.6": [step_query_by_query, step_with_where],
    "13.7": ["FCHAEBGD", "bgfchaed", ["C", "B", "F", "H", "A", "G", "E", "D"], "C F H A E B G D"],
    "13.8": [block_in_loops, lambda S, lse, V, g, o: np.exp(S - lse[None]) * (V.T @ g - np.diag(o.T @ g))],
}


@pytest.mark.parametrize(("exercise_id", "answer"), [(i, way) for i, ways in RIGHT_WAYS.items() for way in ways])
def test_other_right_ways_pass_without_notes(exercise_id, answer):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.notes) == ("right", ()), outcome.message


@pytest.mark.parametrize("exercise_id", ["13.1", "13.3", "13.4", "13.5", "13.6", "13.8"])
def test_float32_is_told_not_failed(exercise_id):
    reference = registry()[exercise_id].reference

    def single(given):
        return given.astype(np.float32) if isinstance(given, np.ndarray) and given.dtype.kind == "f" else given

    def answer(*given):
        found = reference(*map(single, given))
        return tuple(map(np.float32, found)) if isinstance(found, tuple) else found.astype(np.float32)

    outcome = outcome_of(exercise_id, answer)
    assert outcome.passed and "float32" in outcome.notes[0], outcome.message


# ---- wrong in ways that the bank does not know -----------------------------------------------------------------------


def assigned(words, tokens, g):
    dE = np.zeros((len(g), words))
    dE[:, tokens] += g
    return dE


def adds_to_its_own_input(m, l, o, S, V):
    new = np.maximum(m, S.max(axis=0))
    kept, e = np.exp(m - new), np.exp(S - new)
    l *= kept
    l += e.sum(axis=0)
    return new, l, kept * o + V @ e


BEYOND_THE_BANK = [
    ("13.1", assigned, "the last use alone", "overwrites"),
    ("13.1", lambda words, tokens, g: assigned(words, np.array(sorted(tokens)), g), None, "not right"),
    ("13.1", lambda words, tokens, g: add_at(words, tokens, np.abs(g)), None, "not right"),
    ("13.1", lambda words, tokens, g: add_at(tokens.max() + 1, tokens, g), "columns up to the last word of the text", "how many columns"),
    ("13.1", lambda words, tokens, g: add_at(words + 1, tokens, g), "shape", "expected shape"),
    ("13.1", lambda words, tokens, g: np.stack([g[:, tokens == w].sum(axis=1) for w in sorted(set(tokens))], 1), "words of the text alone", "gets 0"),
    ("13.2", lambda d, var_q, mean_k, var_k: 1.0, None, "not right"),
    ("13.2", lambda d, var_q, mean_k, var_k: d * var_q * var_k, "mean of the keys left out, without the scale", "Two things"),
    ("13.3", lambda Q, K, mask: softmax(np.where(mask, K.T @ Q / len(Q), -np.inf)), "divided by d", "root of d"),
    ("13.3", lambda Q, K, mask: softmax(np.where(mask, K.T @ Q / len(Q) ** 0.5, -1e3)), "hidden by a large number", "below every number"),
    ("13.3", lambda Q, K, mask: softmax(K.T @ Q / len(Q) ** 0.5) * mask, "hidden after softmax", "no longer sums to 1"),
    ("13.3", lambda Q, K, mask: softmax(K.T @ Q / len(Q) ** 0.5 + (1 - mask) * -np.inf), "0 times minus infinity", "np.where"),
    ("13.4", lambda Q, K, V, A, g: [*vjp_by_jacobians(Q, K, V, A, g)[:2], g @ A.T * 2], None, "dV is not right: every entry is 2 ×"),
    ("13.4", lambda Q, K, V, A, g: vjp_by_jacobians(Q, K, V, A, g)[:2], "shape", "expected a list of 3 items"),
    ("13.4", lambda Q, K, V, A, g: [p * len(Q) ** 0.5 for p in vjp_by_jacobians(Q, K, V, A, g)[:2]] + [g @ A.T], "scale left out", "dV is right"),
    ("13.5", lambda *given: projections_stacked(*given)[0], "shape", "expected a list of 4 items"),
    ("13.5", lambda x, *rest: [0 * x, *projections_stacked(x, *rest)[1:]], None, "dx is not right: every entry is 0"),
    ("13.6", adds_to_its_own_input, "input mutated", "changes l"),
    ("13.6", lambda m, l, o, S, V: step_with_where(m, l, o, S, V)[:2], "shape", "expected a list of 3 items"),
    ("13.8", lambda S, lse, V, g, o: np.exp(S - lse) * (V.T @ g) - np.sum(o * g, 0), "weight on the first part alone", "brackets"),
    ("13.7", "DFCHAEBG", "put together too early", "two strands"),
    ("13.7", "GFCHAEBD", "weight before the number that is kept", "one number more"),
    ("13.7", "FCHAEBG", None, "missing: D"),
    ("13.8", lambda S, lse, V, g, o: np.exp(S - lse) * (V.T @ g), "row constant left out", "half of softmax's Jacobian"),
    (
        "13.8",
        lambda S, lse, V, g, o: softmax(S) * (V.T @ g - (softmax(S) * (V.T @ g)).sum(axis=0)),
        "weights of the block alone; mean over the block alone",
        "Two slips",
    ),
]


@pytest.mark.filterwarnings("ignore:.*encountered")
@pytest.mark.parametrize(("exercise_id", "answer", "mistake", "words"), BEYOND_THE_BANK)
def test_answers_beyond_the_bank_are_refused_with_a_message_that_helps(exercise_id, answer, mistake, words):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == ("wrong", mistake), outcome.message
    assert words in outcome.message


def test_every_order_of_the_proof_that_rests_on_itself_is_right():
    assert PROOF.holds("FCHAEBGD") and PROOF.holds("CFBGHAED") and not PROOF.holds("FCAHEBGD")
    assert [step.letter for step in PROOF.steps if not step.rests_on] == ["F", "C", "B"]


def test_the_score_s_variance_does_not_depend_on_d():
    reference = registry()["13.2"].reference
    assert len({reference(d, 2.0, 0.5, 1.0) for d in (1, 4, 64)}) == 1


# ---- what a guard leaves of a slip, and what is near -----------------------------------------------------------------


def guarded_steps(rescaled, largest=None):
    """A step whose factor for old sums is guarded where there is none yet, or where it would overflow."""

    def answer(m, l, o, S, V):
        top = S.max(axis=0)
        new = np.where(np.isfinite(top), top, m) if largest else np.maximum(m, top)
        c = np.where(np.isfinite(m), np.exp(np.minimum(rescaled(m, new), 700.0)), 0.0)
        e = np.exp(S - new)
        return new, c * l + e.sum(axis=0), c * o + V @ e

    return answer


@pytest.mark.filterwarnings("ignore:.*encountered")
def test_a_guarded_slip_is_told_as_the_slip_itself():
    turned = outcome_of("13.6", guarded_steps(lambda m, new: new - m))
    assert 'those of "rescaled the wrong way"' in turned.message
    assert 'those of "largest of the block alone"' in outcome_of("13.6", guarded_steps(lambda m, new: m - new, largest=True)).message
    assert outcome_of("13.6", guarded_steps(lambda m, new: m - new)).passed
    halved = outcome_of("13.6", guarded_steps(lambda m, new: (new - m) / 2))
    assert "those of" not in halved.message


@pytest.mark.filterwarnings("ignore:.*encountered")
def test_softmax_along_the_wrong_axis_is_told_where_hidden_rows_are_seen_to():
    def along_rows(Q, K, mask):
        S = np.where(mask, K.T @ Q / len(Q) ** 0.5, -np.inf)
        top = S.max(axis=1, keepdims=True)
        e = np.exp(S - np.where(np.isfinite(top), top, 0.0))
        return e / np.maximum(e.sum(axis=1, keepdims=True), 1e-300)

    assert 'those of "wrong axis"' in outcome_of("13.3", along_rows).message
    assert "those of" not in outcome_of("13.3", lambda Q, K, mask: along_rows(Q, K, mask) ** 2).message


@pytest.mark.parametrize(("bound", "name"), [(500.0, "scores cut off"), (50.0, "scores cut off"), (456.0, None)])
def test_scores_cut_off_are_told_for_the_bounds_that_are_usual(bound, name):
    found = outcome_of("13.3", lambda Q, K, mask: softmax(np.where(mask, np.clip(K.T @ Q / len(Q) ** 0.5, -bound, bound), -np.inf)))
    # another bound gives the same equal weights wherever all scores are beyond both
    assert found.status == "wrong" and found.mistake in (name, "scores cut off")


def test_a_variance_that_is_drawn_is_told_to_be_near_and_one_that_is_far_is_not():
    def drawn(d, var_q, mean_k, var_k):
        rng = np.random.default_rng(0)
        q, k = rng.normal(size=(4000, d)) * var_q**0.5, mean_k + rng.normal(size=(4000, d)) * var_k**0.5
        return float(((q * k).sum(axis=1) / d**0.5).var())

    assert "random draws" in outcome_of("13.2", drawn).message
    assert "random draws" not in outcome_of("13.2", lambda *given: 1.5 * drawn(*given)).message
    assert outcome_of("13.2", lambda d, var_q, mean_k, var_k: np.float64(var_q * (var_k + mean_k**2))).passed


def test_a_largest_score_below_0_that_rises_is_among_the_cases():
    def above_0_only(m, l, o, S, V):
        new, e = np.maximum(m, S.max(axis=0)), np.exp(S - np.maximum(m, S.max(axis=0)))
        c = np.where(new > 0, np.exp(m - new), np.where(np.isfinite(m), 1.0, 0.0))
        return new, c * l + e.sum(axis=0), c * o + V @ e

    assert not outcome_of("13.6", above_0_only).passed


def _into_columns(columns_of):
    def answer(words, tokens, g):
        dE = np.zeros((len(g), words))
        for column, back in zip(columns_of(tokens), g.T, strict=True):
            dE[:, column] += back
        return dE

    return answer


def _hidden_at(low):
    def answer(Q, K, mask):
        S = K.T @ Q / np.sqrt(len(Q))
        return softmax(np.where(mask, S, low(S, mask)))

    return answer


NAMED_AND_NEAR = [
    ("13.1", _into_columns(sorted), "tokens sorted, g not"),
    ("13.1", _into_columns(lambda tokens: np.unique(tokens, return_inverse=True)[1]), "numbered by the words of the text"),
    ("13.1", _into_columns(lambda tokens: sorted(tokens)[::-1]), None),
    ("13.3", _hidden_at(lambda S, mask: S.min()), "hidden scores the smallest"),
    ("13.3", _hidden_at(lambda S, mask: np.where(mask, S, np.inf).min(axis=0)), "hidden scores the smallest"),
    ("13.3", _hidden_at(lambda S, mask: S.min() - 1), None),
    ("13.8", lambda S, lse, V, g, o: np.exp(S - S.max(axis=0)) * (V.T @ g - np.sum(o * g, axis=0)), "the block's largest score for the log-sum-exp"),
    ("13.8", lambda S, lse, V, g, o: np.exp(S - S.max()) * (V.T @ g - np.sum(o * g, axis=0)), None),
]


@pytest.mark.parametrize(("exercise_id", "answer", "mistake"), NAMED_AND_NEAR)
def test_sorted_tokens_and_low_scores_are_named_and_what_is_near_them_is_not(exercise_id, answer, mistake):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.passed or outcome.mistake) == (True if mistake == "right" else mistake), outcome.message


def _from_a_floor(low):
    def answer(m, l, o, S, V):
        m = np.where(np.isinf(m), low, m)
        new = np.maximum(m, S.max(axis=0))
        return new, np.exp(m - new) * l + np.exp(S - new).sum(axis=0), np.exp(m - new) * o + V @ np.exp(S - new)

    return answer


def test_a_number_for_minus_infinity_is_told_and_one_below_every_score_passes():
    for low in (-10.0, -1e3, -1e4):
        assert outcome_of("13.6", _from_a_floor(low)).mistake == "a number for minus infinity"
    assert outcome_of("13.6", _from_a_floor(0.0)).mistake == "minus infinity taken for 0"
    assert outcome_of("13.6", _from_a_floor(-1e9)).passed
    assert outcome_of("13.6", lambda m, l, o, S, V: (_from_a_floor(-10.0)(m, l, o, S, V)[0], l, o)).mistake is None


def test_queries_that_see_a_part_of_a_block_or_none_of_it_decide():
    def whole_columns(m, l, o, S, V):
        seen = np.isfinite(S).all(axis=0)
        new = np.where(seen, np.maximum(m, S.max(axis=0)), m)
        e = np.where(seen, np.exp(S - new), 0)
        return new, np.exp(m - new) * l + e.sum(axis=0), np.exp(m - new) * o + V @ e

    def by_the_blocks_largest(S, lse, V, g, o):
        top = S.max(axis=0)
        return np.exp(S - top) * np.exp(top - lse) * (V.T @ g - np.sum(o * g, axis=0))

    def hidden_at(low):
        return lambda S, lse, V, g, o: np.exp(np.where(np.isinf(S), low, S) - lse) * (V.T @ g - np.sum(o * g, axis=0))

    assert not outcome_of("13.6", whole_columns).passed
    assert not outcome_of("13.8", by_the_blocks_largest).passed
    assert not outcome_of("13.8", hidden_at(-500.0)).passed
    assert outcome_of("13.8", hidden_at(-1e9)).passed


def test_the_keys_may_vary_more_than_the_queries():
    assert not outcome_of("13.2", lambda d, var_q, mean_k, var_k: max(var_q, var_k) * (min(var_q, var_k) + mean_k**2)).passed
