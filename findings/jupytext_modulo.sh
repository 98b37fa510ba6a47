#!/usr/bin/env bash
# Jupytext: a script made of a notebook computes another number.
#
# Expected: a cell without magics becomes the same lines in a script; a notebook and its paired script compute the same.
# Happens:  a line of an expression in brackets that begins with the operator % and a name straight after it is taken for a magic and
#           commented out. With b = 3, (7 newline %b newline +1) is 2 in the notebook and 8 in the script; where the bracket closes
#           on that line, the script is a syntax error. With a space after % the line stays. Read back as a notebook, all is well
#           again, so that a round trip shows nothing.
# Documented: that magics are commented in scripts, yes; not that a continued line can be mistaken for one.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/python" -m pip install --quiet jupytext==1.19.6 nbformat==5.11.1
"$room/venv/bin/python" - <<'PYTHON'
import jupytext
import nbformat.v4 as v4

print("jupytext", jupytext.__version__)


def result(code):
    names = {}
    try:
        exec(code, names)
    except SyntaxError as error:
        return f"SyntaxError: {error.msg}"
    return names["y"]


cells = ["b = 3\ny = (7\n     %b\n     +1)", "b = 3\ny = (7\n     % b\n     +1)", "b = 3\ny = (7\n     %b)"]
seen = []
for source in cells:
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source)], metadata={"kernelspec": kernel})
    script = jupytext.writes(notebook, "py:percent")
    back = jupytext.reads(script, "py:percent").cells[0].source
    seen.append((result(source), result(script), back == source))
    print(script[script.index("# %%") :].rstrip())
    print(f"notebook: {seen[-1][0]}   script: {seen[-1][1]}   read back unchanged: {seen[-1][2]}\n")
assert seen[0] == (2, 8, True) and seen[1] == (2, 2, True), f"the behaviour has changed: {seen}"
assert seen[2][0] == 1 and str(seen[2][1]).startswith("SyntaxError") and seen[2][2], f"the behaviour has changed: {seen}"
PYTHON
