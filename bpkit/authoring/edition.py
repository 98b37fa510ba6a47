"""A lesson in another language: the same cells, code and ids, with other words."""

from __future__ import annotations

import ast
import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence

from bpkit.authoring import catalogues
from bpkit.authoring.deck_words import ENGLISH, Words
from bpkit.authoring.source import Cell, Source, read_source, shown, solution_blocks
from bpkit.authoring.wording import messages_of, reworded
from bpkit.course.folders import Course, files_of
from bpkit.course.stubs import YOUR_ANSWER, YOUR_CODE
from bpkit.errors import CourseError
from bpkit.language import SOURCE

Said = Mapping[tuple[str, str], str]


def edition(source: Source, course: Course, language: str, kind: str = "lesson") -> Source:
    """The source in a language; what is not translated stays English.

    Parameters
    ----------
    kind
        ``"lesson"`` or ``"deck"``: whose catalogue it is.

    Raises
    ------
    CourseError
        If a translation breaks the code that it stands in; with the cell and its line.
    """
    folder = catalogues.folder_of(course, language)
    said = catalogues.translations(catalogues.read(folder / f"{kind}_{source.number}.po", language))
    alone = catalogues.deck_words(course, language) if kind == "deck" else ENGLISH
    ours = catalogues.translations(catalogues.read(folder / "interface.po", language))
    stubs = {f"# {words}": f"# {ours.get((words, ''), words)}" for words in (YOUR_CODE, YOUR_ANSWER)}
    cells = tuple(_in_other_words(source, cell, said, alone, stubs) for cell in source.cells)
    return dataclasses.replace(source, cells=cells, language=language)


def deck_edition(source: Source, course: Course, language: str) -> tuple[Source, str]:
    """A deck in a language, and in a line what of it is not: where nothing is translated, the whole deck stays English."""
    path = catalogues.folder_of(course, language) / f"deck_{source.number}.po"
    said = catalogues.translations(catalogues.read(path, language))
    messages = list(messages_of(source))
    left = sum((message.text, message.context) not in said for message in messages)
    if left == len(messages):
        return source, f"in English, for {shown(path)} has no translations"
    words = f"{left} of {len(messages)} texts in English, for {shown(path)} has none that hold" if left else ""
    return edition(source, course, language, "deck"), words


def _in_other_words(source: Source, cell: Cell, said: Said, alone: Words, stubs: Mapping[str, str]) -> Cell:
    if cell.kind == "markdown":
        return dataclasses.replace(cell, text=said.get((cell.text, cell.id), cell.text))
    if cell.kind != "code":
        return cell
    text = reworded(cell.text, lambda words: said.get((words, cell.id)) or alone(words))
    if text != cell.text and (fault := code_differs(cell.text, text)):
        raise CourseError(f"{source.place(cell)}: translated, the cell's code {fault}; look at the entries of {cell.id}")
    blocks = []
    for block in solution_blocks(text, source.place(cell)):
        stub = block.stub
        for words, other in stubs.items():
            stub = stub.replace(words, other)
        blocks.append(dataclasses.replace(block, stub=stub))
    return dataclasses.replace(cell, text=text, blocks=tuple(blocks))


def sources_of(course: Course, language: str, wanted: Sequence[str] = ()) -> list[Source]:
    """The sources of lessons, all of them or those wanted, in a language."""
    assert course.solutions is not None
    found = [read_source(path) for path in files_of(course.solutions, ".py", wanted)]
    return found if language == SOURCE else [edition(source, course, language) for source in found]


# ---- the same code ---------------------------------------------------------------------------------------------------------


def code_differs(one: str, other: str) -> str:
    """In what two cells differ but for comments and the words of strings; empty if they are one program.

    Examples
    --------
    >>> code_differs("print('cost', c)  # of x", "print('代价', c)"), code_differs("print(c)", "print(d)")
    ('', 'is another')
    """
    try:
        return "" if _skeleton(one) == _skeleton(other) else "is another"
    except SyntaxError as error:
        return f"is not Python: {error.msg}"


def _skeleton(code: str) -> str:
    plain = "\n".join("pass" if line.lstrip()[:1] in ("%", "!") else line for line in code.split("\n"))  # what IPython alone reads
    return ast.dump(_Wordless().visit(ast.parse(plain)))


class _Wordless(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant("") if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        places = sorted(ast.dump(value) for value in node.values if isinstance(value, ast.FormattedValue))
        return ast.Constant(json.dumps(places))


# ---- what is left to do ------------------------------------------------------------------------------------------------------


def unfinished(course: Course, language: str) -> Iterator[str]:
    """A line for each catalogue that is behind the English texts, and for each fault in a translation."""
    from bpkit.authoring.translation_lint import faults

    folder = catalogues.folder_of(course, language)
    later = catalogues.to_do(folder)
    excused = catalogues.exceptions(folder)
    for name, messages in catalogues.catalogues(course).items():
        path = folder / f"{name}.po"
        if name in later:
            continue
        catalogue = catalogues.read(path, language)
        said = catalogues.translations(catalogue)
        behind = [message for message in messages if (message.text, message.context) not in said]
        place, remedy = f"languages/{language}/{name}.po", f"run: bpkit build --language {language} --template"
        if behind:
            first = " ".join(behind[0].text.split())[:60]
            yield f"{place}: {len(behind)} of {len(messages)} texts missing or fuzzy, the first: {first!r}; {remedy}"
        elif path.read_text(encoding="utf-8") != catalogues.as_po(catalogues.updated(catalogue, messages, language)):
            yield f"{place}: not as the tools write it; {remedy}"
        for message in messages:
            for fault in faults(message, said.get((message.text, message.context), message.text)) if message not in behind else ():
                if not any(excuse.covers(name, message.text, fault) for excuse in excused):
                    yield f"{place}: {fault} ({message.context or message.text[:40]!r})"
    for deck in files_of(course.slides, ".py"):
        if f"deck_{deck.stem[:2]}" not in later:
            try:
                edition(read_source(deck), course, language, "deck")
            except CourseError as error:
                yield str(error)
    spoken = catalogues.spoken_file(language)
    if not spoken.exists() or spoken.read_bytes() != catalogues.compiled(course, language):
        yield f"bpkit/language/{language}.mo: differs from what the catalogues make; run: bpkit build --language {language} --only-changed"
