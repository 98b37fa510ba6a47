#!/usr/bin/env bash
# jsonschema with its permissively licensed formats: whoever imports it builds 39 parsers for addresses, used or not.
#
# Expected: a library that can check formats prepares a check when somebody asks for one. Version 4.24 does: it parses nothing on import.
# Happens:  since 4.25 the extra format-nongpl brings rfc3987-syntax, and importing it builds 39 Lark parsers of a grammar for
#           internationalised addresses. The extra is what jupyter-events asks for, so JupyterLab, every `import nbformat` beside it and every command
#           that reads a notebook pay for it at each start, though no notebook has such a format. The times are printed and judge nothing.
# Documented: the changelog of 4.25.0 names the new dependency, and not what it does on import. Pull request 1521 of jsonschema (July 2026)
#           proposes a fork of it that builds them when they are asked for.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
python="$room/venv/bin/python"

parsers() {
  "$python" -m pip install --quiet --disable-pip-version-check "jsonschema[format-nongpl]==$1" nbformat==5.10.4 lark==1.3.1 ${2:+"$2"}
  "$python" - <<'PYTHON'
import time
from importlib.metadata import version

import lark

built = []
start = lark.Lark.__init__
lark.Lark.__init__ = lambda self, *given, **more: (built.append(more.get("start")), start(self, *given, **more))[1]
began = time.perf_counter()
import nbformat

print(f"jsonschema {version('jsonschema')}: importing nbformat {nbformat.__version__} builds {len(built)} parsers in {time.perf_counter() - began:.2f} s")
with open("count", "w") as file:
    file.write(str(len(built)))
PYTHON
}

cd "$room"
parsers 4.24.1
before=$(<count)
parsers 4.26.0 rfc3987-syntax==1.1.0
after=$(<count)
[ "$before" = 0 ] && [ "$after" = 39 ] || { echo "the behaviour has changed: $before and $after, expected 0 and 39"; exit 1; }
