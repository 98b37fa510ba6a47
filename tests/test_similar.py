"""Nearly equal answers are listed, whatever they were renamed to; what everybody writes, and what was handed out, is not."""

from __future__ import annotations

import csv
import re
import time
from pathlib import Path

import pytest
from grading_rows import row

from bpkit.cli import main
from bpkit.grading.journal import Journal
from bpkit.grading.records import Graded
from bpkit.grading.similar import all_fingerprints, fingerprints, pairs, tokens

COPIED = '''
def hidden_error(W_next, delta_next, z):
    """The error of a layer from the next one's."""
    # walk through the columns one by one, since the book does it like that
    out = np.zeros(z.shape)
    for k in range(z.shape[1]):
        back = np.zeros(z.shape[0])
        for i in range(W_next.shape[0]):
            back = back + W_next[i, :] * delta_next[i, k]
        slope = 1 / (1 + np.exp(-z[:, k])) * (1 - 1 / (1 + np.exp(-z[:, k])))
        out[:, k] = back * slope
    return out
'''
RENAMED = (
    re.sub(r"(?m)^    # walk.*\n", "", COPIED)
    .replace("out", "result")
    .replace("back", "tmp")
    .replace("slope", "d_sigma")
    .replace(" = ", "=")
    .replace("(k", "(j")
    .replace("i in", "row in")
    .replace("[i,", "[row,")
)
OWN = [
    f"def hidden_error(W_next, delta_next, z):\n    {body}\n"
    for body in (
        "return (W_next.T @ delta_next) * bp.sigmoid.prime(z)",
        "back = np.dot(np.transpose(W_next), delta_next)\n    return np.multiply(back, bp.sigmoid.prime(z))",
        "a = bp.sigmoid(z)\n    e = np.einsum('ij,ik->jk', W_next, delta_next)\n    e *= a\n    e *= 1 - a\n    return e",
        "cols = [W_next.T @ d * bp.sigmoid.prime(c) for d, c in zip(delta_next.T, z.T)]\n    return np.stack(cols, axis=1)",
    )
]


def _class(*more: tuple[str, str]) -> list[Graded]:
    answers = [(f"s{k:02}", OWN[k % len(OWN)]) for k in range(20)]
    return [
        Graded(student, "f.ipynb", (row(student, "05.3", code=code),), lessons=("05",), key=student, sandbox="nested")
        for student, code in [*answers, *more]
    ]


def test_renaming_blanks_and_comments_hide_nothing_and_common_answers_are_no_pairs():
    (pair,) = pairs(_class(("ada", COPIED), ("zoe", RENAMED)), {})
    assert pair.students == ("ada", "zoe") and pair.exercises == ("05.3",) and pair.alike > 0.9
    assert pairs(_class(("ada", COPIED)), {}) == []


def test_students_may_share_what_few_have_and_not_what_several_have():
    names = ["ada", "ben", "cem", "dot", "eva"]
    for many, found in ((2, 1), (3, 3), (4, 0)):
        assert len(pairs(_class(*((name, COPIED) for name in names[:many])), {})) == found, many


def test_a_part_that_was_copied_into_other_code_is_seen():
    code = COPIED.replace(
        "    return out\n",
        "    check = np.allclose(out, (W_next.T @ delta_next) * bp.sigmoid.prime(z))\n    print(check, out.shape)\n    return out\n",
    )
    mine = COPIED + "\nprint(sorted([k for k in range(9)], key=lambda t: -t)[::2], sep='-', end=';')\n"
    (pair,) = pairs(_class(("ada", mine), ("zoe", code)), {})
    assert pair.students == ("ada", "zoe") and 0.6 < pair.alike < 1
    assert pairs(_class(("ada", mine), ("zoe", code)), {}, least=1.0) == []


def test_what_was_handed_out_is_left_out_wherever_it_stands():
    both = (("ada", "x = 1\n" + COPIED), ("zoe", RENAMED + "\ny = [2]\n"))
    assert pairs(_class(*both), {"05": ["print(1)", COPIED]}) == []
    assert len(pairs(_class(*both), {"06": [COPIED]})) == 1
    assert fingerprints(COPIED) <= all_fingerprints(COPIED)


def test_a_long_comment_that_two_share_counts():
    # each alone shares too little to be listed
    mine, yours = OWN[0], OWN[1]
    noted = [f"# {'and so the sum runs over the rows of the next layer'} {k}\n" for k in range(6)]
    assert pairs(_class(("ada", mine + "".join(noted)), ("zoe", yours + "".join(noted).upper())), {}, least=0.3)
    assert not pairs(_class(("ada", mine + "# back\n" * 6), ("zoe", yours + "# back\n" * 6)), {}, least=0.3)


@pytest.mark.parametrize("code", ["", "def f(:\n  '''", "x = '\\", "π = '" * 500, "\x00\ud800"])
def test_broken_code_is_compared_too(code):
    tokens(code)
    assert isinstance(fingerprints(code), frozenset)


@pytest.mark.parametrize("code", ["'\\" * 10_000, "\"'" * 10_000, "\"\"\"'''" * 4_000, "'\\n" * 10_000, "rb" * 10_000], ids=range(5))
def test_no_code_takes_long(code):
    began = time.process_time()
    fingerprints(code)
    assert time.process_time() - began < 1


def test_strings_numbers_and_keywords_are_told_apart_and_names_behind_a_point_stay():
    assert tokens("return np.sum(x ** 2, axis=0)  # Sum  up")[0] == ["return", "n", ".", "sum", "(", "n", "**", "2", ",", "n", "=", "0", ")"]
    assert tokens("f'a' if b else \"c\"")[0] == ["s", "if", "n", "else", "s"]


def test_the_command_writes_a_list_and_a_page_for_staff(tmp_path: Path, capsys):
    evil = "<script>alert(1)</script>"
    with Journal(tmp_path / "out") as journal:
        for submission in _class((evil, COPIED), ("zoe", RENAMED)):
            journal.add(submission)
    assert main(["similar", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "1 pair to look at" in said and "no verdict" in said
    with (tmp_path / "out" / "similar.csv").open(newline="") as file:
        header, line = csv.reader(file)
    assert header == ["student", "other", "percent", "weight", "exercises"]
    assert line[:2] == [evil, "zoe"] and float(line[2]) > 90 and line[4] == "05.3"
    page = (tmp_path / "out" / "similar.html").read_text()
    assert evil not in page and page.count("<pre") == 2 and "script-src &#39;none&#39;" in page
    assert main(["similar", str(tmp_path / "out"), "--least", "100%"]) == 0
    for words in (["--least", "0"], ["--least", "most"]):
        with pytest.raises(SystemExit):
            main(["similar", str(tmp_path / "out"), *words])
    assert main(["similar", str(tmp_path)]) == 2
    assert "there is no grades.sqlite" in capsys.readouterr().err
