"""Finds the words that a person reads: in a lesson's cells, in its code, and in the texts of bpkit's own modules."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bpkit.authoring.source import Source
from bpkit.language import SAID_BY_SCRIPT
from bpkit.language.catalogue import MISTAKE, PLACE, SCRIPT

_WORD = re.compile(r"[A-Za-z]{2,}")
_ARTICLE = re.compile(r"a [a-z]{3,}")
_IN_TEMPLATE = re.compile(r'\bt\("([^"]*)"\)')
_LONG = re.compile(r"[A-Za-z]{3,}")
_ONE_NAME = re.compile(r"[\w.\-/:#%+*=<>]*")
_LITERAL = re.compile(r"(?P<prefix>[A-Za-z]*)(?P<quote>'''|\"\"\"|'|\")(?P<inner>.*)(?P=quote)", re.DOTALL)
_NOT_READ = re.compile(r"(BEGIN|END) SOLUTION\b|noqa\b|type: ignore|fmt:")
_LABELLING = {"Mistake", "Case", "set_xlabel", "set_ylabel", "set_title", "annotate", "text", "suptitle", "legend", "bar_label"}
_LABELS = {"label", "xlabel", "ylabel", "title", "labels"}
_SHOWING = {"print", "say", "beside"}  # their arguments are read even where they are a single word
_ALONE = {"rows", "label"}  # of bpkit.authoring.slide_words: a word alone is read
_IN_FORMULA = re.compile(r"\$[^$]*\$")
# arguments of exercises and the like that are names or reasons, and read by nobody who answers
_NOT_SAID = {"id", "name", "allows", "withholds", "part", "kind", "drive", "equivalent", "but", "told"}


@dataclass(frozen=True)
class Message:
    """A text to be translated.

    Parameters
    ----------
    text
        In English. Of a text with places, ``{…}`` stands for each.
    context
        The id of the cell that it stands in; for a mistake's name of one word, that it is one; for a widget's script, that it says it; empty for
        all else that bpkit says.
    pattern
        Whether it has places that are filled in when it is said.
    literal
        Whether it is a comment or a string of code, and stands there as it is written.
    """

    text: str
    context: str = ""
    pattern: bool = False
    literal: bool = False


# ---- lessons and decks ---------------------------------------------------------------------------------------------------


def messages_of(source: Source) -> Iterator[Message]:
    """The texts of a lesson or a deck: whole cells of Markdown; comments and strings of code, each by itself."""
    for cell in source.cells:
        if cell.kind == "markdown":
            if _WORD.search(cell.text):
                yield Message(cell.text, cell.id)
        elif cell.kind == "code":
            seen = dict.fromkeys(piece.text for piece in _pieces(cell.text) if not piece.alone)
            yield from (Message(text, cell.id, literal=True) for text in seen)


def words_of(source: Source) -> Iterator[str]:
    """The words that stand alone in a deck's tables and figures, each once."""
    pieces = (piece for cell in source.cells if cell.kind == "code" for piece in _pieces(cell.text))
    yield from dict.fromkeys(piece.text for piece in pieces if piece.alone)


def reworded(code: str, translate: Callable[[str], str]) -> str:
    """The same code with its comments and strings in other words."""
    for piece in reversed(list(_pieces(code))):
        code = code[: piece.start] + translate(piece.text) + code[piece.end :]
    return code


@dataclass(frozen=True)
class _Piece:
    start: int
    end: int
    text: str
    alone: bool = False  # a word in a table or a figure


def _pieces(code: str) -> Iterator[_Piece]:
    """What is read in a piece of code, with where it stands."""
    starts = [0]
    for line in code.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
        shown, alone = _shown_at(code), _alone_at(code)
    except (SyntaxError, tokenize.TokenError):
        return
    depth, begun = 0, (0, 0)
    f_start, f_end = getattr(tokenize, "FSTRING_START", -1), getattr(tokenize, "FSTRING_END", -1)  # from Python 3.12 on
    for token in tokens:
        if token.type == f_start:
            begun = begun if depth else token.start
            depth += 1
        elif token.type == f_end:
            depth -= 1
            if depth == 0:
                yield from _literal(code, starts, begun, token.end, shown, alone)
        elif token.type == tokenize.STRING and depth == 0:
            yield from _literal(code, starts, token.start, token.end, shown, alone)
        elif token.type == tokenize.COMMENT and depth == 0:
            text = token.string.lstrip("#!: ")
            if _WORD.search(text) and not _NOT_READ.match(text):
                end = starts[token.end[0] - 1] + token.end[1]
                yield _Piece(end - len(text), end, text)


def _literal(
    code: str, starts: list[int], start: tuple[int, int], end: tuple[int, int], shown: set[tuple[int, int]], alone: set[tuple[int, int]]
) -> Iterator[_Piece]:
    first, last = starts[start[0] - 1] + start[1], starts[end[0] - 1] + end[1]
    found = _LITERAL.fullmatch(code[first:last])
    if found is None:
        return
    inner = found["inner"]
    words = re.sub(r"\{[^{}]*\}", "", inner) if "f" in found["prefix"].lower() else inner
    if _WORD.search(words) and (start in shown or not _ONE_NAME.fullmatch(inner)):
        yield _Piece(first + found.start("inner"), first + found.end("inner"), inner)
    elif start in alone and _WORD.search(_IN_FORMULA.sub("", inner)):
        yield _Piece(first + found.start("inner"), first + found.end("inner"), inner, alone=True)


def _shown_at(code: str) -> set[tuple[int, int]]:
    """Where strings stand that are printed as they are."""
    tree = ast.parse(code)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    arguments = [argument for call in calls if getattr(call.func, "id", getattr(call.func, "attr", "")) in _SHOWING for argument in call.args]
    printed = [part for argument in arguments for part in ((argument.body, argument.orelse) if isinstance(argument, ast.IfExp) else (argument,))]
    return _places(code, (node for node in (*printed, *_loop_names(tree)) if isinstance(node, ast.JoinedStr) or _is_text(node)))


def _loop_names(tree: ast.Module) -> Iterator[ast.expr]:
    """What a loop's name runs through, where all that is done with the name is to print it."""
    placed = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.FormattedValue)}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in placed}
    for loop in ast.walk(tree):
        if not (isinstance(loop, ast.For) and isinstance(loop.target, ast.Tuple)):
            continue
        for k, name in enumerate(loop.target.elts):
            if not isinstance(name, ast.Name) or name.id in used:
                continue
            through = loop.iter
            if isinstance(through, ast.Tuple | ast.List):
                yield from (item.elts[k] for item in through.elts if isinstance(item, ast.Tuple) and k < len(item.elts))
            elif (
                isinstance(through, ast.Call)
                and getattr(through.func, "id", "") == "zip"
                and isinstance(listed := through.args[k], ast.Tuple | ast.List)
            ):
                yield from listed.elts


def _alone_at(code: str) -> set[tuple[int, int]]:
    """Where strings stand that are a cell of a table or a label in a figure."""
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    labels = [keyword.value for call in calls for keyword in call.keywords if keyword.arg in _LABELS]
    for call in calls:
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        labels += call.args if name in _ALONE | _LABELLING else []
    return _places(code, (node for label in labels for node in _texts_in(label)))


def _texts_in(node: ast.AST) -> Iterator[ast.expr]:
    """The strings that a value is put together of; not those that it is found by."""
    if _is_text(node):
        assert isinstance(node, ast.Constant)
        yield node
    elif not isinstance(node, ast.Call | ast.Compare | ast.JoinedStr | ast.Dict | ast.comprehension):
        for child in ast.iter_child_nodes(node):
            if not (isinstance(node, ast.Subscript) and child is node.slice):
                yield from _texts_in(child)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _places(code: str, nodes: Iterator[ast.expr]) -> set[tuple[int, int]]:
    lines = [line.encode() for line in code.split("\n")]
    return {(node.lineno, len(lines[node.lineno - 1][: node.col_offset].decode())) for node in nodes}


# ---- bpkit's own modules -------------------------------------------------------------------------------------------------


def messages_in(module: Path) -> Iterator[Message]:
    """The texts that a module, a template or a script may say: strings of two words and more, docstrings left out, and what it has translated."""
    if module.suffix == ".html":
        yield from (Message(text) for text in dict.fromkeys(_IN_TEMPLATE.findall(module.read_text(encoding="utf-8"))) if text.strip())
        return
    if module.suffix == ".js":
        texts = dict.fromkeys(SAID_BY_SCRIPT.findall(module.read_text(encoding="utf-8")))
        yield from (Message(text, SCRIPT, pattern=bool(PLACE.search(text))) for text in texts)
        return
    yield from _texts_of(module.read_text(encoding="utf-8"))


@cache
def _texts_of(source: str) -> tuple[Message, ...]:
    tree = ast.parse(source)
    return tuple(_in(tree, _docstrings(tree)))


def _docstrings(tree: ast.Module) -> set[int]:
    bodies = (node.body for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef))
    return {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}


def _in(node: ast.AST, left_out: set[int], single: bool = False, asked: bool = False, name: bool = False) -> Iterator[Message]:
    """The texts below a node; `single` takes those of one word, too, `asked` takes every sign; `name` says that they are mistakes' names."""
    if id(node) in left_out or (isinstance(node, ast.Raise) and "CourseError" not in ast.dump(node)):
        return  # errors that Python shows stay English, as its own are
    if isinstance(node, ast.JoinedStr):
        text = "".join(_part(value) for value in node.values)
        if is_prose(PLACE.sub("", text)) or asked or (single and _LONG.search(PLACE.sub("", text))):
            yield Message(text, pattern=True)
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                yield from _in(value.value, left_out)
        return
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str) and (is_prose(node.value) or (single and _LONG.search(node.value)) or (asked and node.value.strip())):
            alone = name and not is_prose(node.value)
            yield Message(node.value, MISTAKE if alone else "")
        return
    if isinstance(node, ast.keyword) and node.arg in _NOT_SAID:
        return
    if isinstance(node, ast.Dict):
        for said in filter(None, node.keys):
            yield from _in(said, left_out)
        for key, value in zip(node.keys, node.values, strict=True):
            yield from _in(value, left_out, isinstance(key, ast.Constant) and key.value in _LABELS)
        return
    called = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
    # a case's label, one of two words that a text is put together with, what is drawn
    single = called in _LABELLING or isinstance(node, ast.IfExp) or (isinstance(node, ast.keyword) and node.arg in _LABELS)
    for child in ast.iter_child_nodes(node):
        yield from _in(child, left_out, single, called == "translated", called == "Mistake")


def is_prose(text: str) -> bool:
    """Whether a text has two words with a space between; an article is one."""
    return " " in text.strip() and (len(_WORD.findall(text)) >= 2 or bool(_ARTICLE.match(text)))


def _part(value: ast.expr) -> str:
    if isinstance(value, ast.Constant):
        return str(value.value).replace("{", "{{").replace("}", "}}")
    assert isinstance(value, ast.FormattedValue)
    said = ast.unparse(value.value)
    return "{" + re.sub(r"[{}]", "|", said) + "}"
