"""The clinic finds what nobody has told: its errors stand in no lesson before it, and in no part of it that comes first."""

from __future__ import annotations

import re
from itertools import takewhile

import pytest

pytest.importorskip("jupytext")

from course_sources import source_of

from bpkit.course.folders import files_of, find_course
from bpkit.exercises import of_lesson

COURSE = find_course()
assert COURSE.solutions is not None
EARLIER = [f"{number:02d}" for number in range(11)]
SECOND_SITTING = {"lessons": "## Second sitting", "slides": "## Nobody has told you"}

# what would give an error of the second sitting away; each is told in that sitting, or the phrase would be of no use
UNTOLD = {
    "batch normalisation": r"(?:batch|layer) normalisation|path through the (?:mean|deviation|variance)|mean (?:is |and deviation )?held fast",
    "a convolution": r"kernel (?:is |has to be )?(?:turned|flipped)|turned round, \$?k|flip(?:ped|s)? (?:the|its) kernel|K-1-a",
    "a table": r"reads all (?:the )?rows|dE\[t\]|embedding|rows? of (?:E|the table) that (?:a )?token|repeats count once|to an entry once|\] \+= 1`",
    "attention": r"\battention\b|\\sqrt d\b|queries and keys",
    "smoothed labels": r"smooth(?:ed|ing|s)? (?:the )?(?:labels?|targets?)|label smoothing|targets (?:do not )?add up to",
    "a recurrent net": r"truncated backprop|through time|beyond the cut|truncated BPTT",
    "a Hessian": r"Hessian|(?-i:\bH ?v\b)",
}
# what gives text A's slip away: it is the first case of the first sitting
TEXT_A = (
    r"text A['’]s (?:formula|recursion)|one wrong letter|with \$a(?:\^l_j|_j\^l)\$ where"
    r"|\$a\$(?:,[^.]*)? (?:in place of|for) \$\\sigma'\(z"
)


def shown(path):
    """What everybody reads of a source: its cells, one after another, but for the plan of a class."""
    return [cell.text for cell in source_of(path).cells if not cell.text.startswith("**For whoever gives this class.**")]


def texts():
    """Each text that a learner or a class meets before the second sitting."""
    for kind, folder in (("lessons", COURSE.solutions), ("slides", COURSE.slides)):
        for path in files_of(folder, ".py"):
            number = path.name[:2]
            if number in EARLIER:
                yield pytest.param("\n\n".join(shown(path)), id=f"{kind} {number}")
            elif number == "11":
                before = takewhile(lambda text, begins=SECOND_SITTING[kind]: begins not in text, shown(path))
                yield pytest.param("\n\n".join(before), id=f"{kind} {number}, first part")
    for number in (*EARLIER, "11"):
        early = [e for e in of_lesson(number) if number != "11" or int(e.id.split(".")[1]) <= 12]
        told = [text for e in early for text in (e.title, *e.hints, *(word for m in e.mistakes for word in (m.name, m.hint)))]
        yield pytest.param("\n".join(told), id=f"bank {number}")


def flat(text):
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("text", texts())
def test_no_error_of_the_second_sitting_is_told_before_it(text):
    assert {case: found[0] for case, phrases in UNTOLD.items() if (found := re.search(phrases, flat(text), re.IGNORECASE))} == {}


@pytest.mark.parametrize("case", UNTOLD)
def test_the_second_sitting_tells_it_itself(case):
    """Or the phrases look for what nobody would write."""
    for kind, folder in (("lessons", COURSE.solutions), ("slides", COURSE.slides)):
        cells = shown(next(folder.glob("11_*.py")))
        begins = next(k for k, text in enumerate(cells) if SECOND_SITTING[kind] in text)
        assert begins > 5
        # the deck leaves some of the cases to the notebook
        assert kind == "slides" or re.search(UNTOLD[case], flat("\n\n".join(cells[begins:])), re.IGNORECASE)


@pytest.mark.parametrize("folder", [COURSE.solutions, COURSE.slides], ids=["lessons", "slides"])
def test_text_a_s_slip_is_left_for_the_clinic(folder):
    for path in files_of(folder, ".py"):
        if path.name[:2] in EARLIER:
            assert not re.search(TEXT_A, flat("\n\n".join(shown(path))), re.IGNORECASE), path.name


@pytest.mark.parametrize(
    "told",
    [
        "Text A (读懂反向传播算法) has the recursion with $a^l_j$ where $\\sigma'(z^l_j)$ belongs.",
        "A widely read text prints the recursion with $a_j^l$ where $\\sigma'(z_j^l)$ belongs.",
        "## One wrong letter",
        "train the 2-3-2 net for 300 steps with text A's formula",
        "- $a$ in place of $\\sigma'(z)$: it even learns, on a shallow net.",
        "- $a$, or $\\sigma'(a)$, for $\\sigma'(z)$",
    ],
)
def test_what_told_it_once_is_seen(told):
    assert re.search(TEXT_A, told, re.IGNORECASE)


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("batch normalisation", "Do not forget the path through the mean."),
        ("a convolution", "For the way back the kernel has to be turned round."),
        ("a table", "numpy reads all rows before it writes"),
        ("a table", "- `counts[true, predicted] += 1` in numpy: repeats count once."),
        ("a table", "numpy adds to an entry once, however often it is named"),
        ("attention", "divide by $\\sqrt d$ once more"),
        ("smoothed labels", "if the targets do not add up to 1"),
        ("a recurrent net", "what is called truncated backpropagation through time"),
        ("a Hessian", "the product $Hv$ is a difference of gradients"),
    ],
)
def test_a_phrase_that_tells_is_seen(case, told):
    assert re.search(UNTOLD[case], told, re.IGNORECASE)


def test_a_case_s_reason_stands_in_a_box_that_opens_after_the_proof():
    """In the second sitting, what is said below a verdict's table is said in a box, until the next case."""
    cells = source_of(next(COURSE.solutions.glob("11_*.py"))).cells
    begins = next(k for k, cell in enumerate(cells) if SECOND_SITTING["lessons"] in cell.text)
    ends = next(k for k, cell in enumerate(cells) if k > begins and cell.text.startswith("## Where these hide"))
    said = [cell.text for cell in cells[begins:ends] if cell.kind == "markdown"]
    boxes = [text for text in said if text.startswith("<details>")]
    assert len(boxes) == 8 and all("(open when your proof says right)" in text and text.rstrip().endswith("</details>") for text in boxes)
    for text in said:
        if text not in boxes:
            assert not re.search(r"wrong repair|[Rr]epaired|is right\b|Looks wrong", text)
