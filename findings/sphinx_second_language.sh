#!/usr/bin/env bash
# Sphinx: the second build of a process speaks the language of the first.
#
# Expected: two builds in one Python, the first in German, the second in French, give a German and a French page. The language is a
#           setting of each `sphinx.application.Sphinx`, as all others are.
# Happens:  the second page says that its language is French (html lang="fr") and speaks German. In the other order both speak French.
#           There is no warning. In a Python of its own each is right, so what builds several languages needs a process for each.
# Documented: neither with the application object nor with the setting `language`.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/python" -m pip install --quiet sphinx==9.0.4
cat >"$room/build.py" <<'PYTHON'
import re
import sys
from pathlib import Path

import sphinx
from sphinx.application import Sphinx

room = Path(sys.argv[1])
source = room / "source"
source.mkdir(exist_ok=True)
(source / "index.rst").write_text("Title\n=====\n\nText.\n")
said = []
for number, language in enumerate(sys.argv[2:]):
    built = room / f"built-{language}-{number}-{len(sys.argv)}"
    settings = {"language": language, "html_theme": "alabaster"}
    app = Sphinx(source, None, built, built / ".doctrees", "html", settings, status=None, warning=None, freshenv=True)
    app.build(force_all=True)
    page = (built / "index.html").read_text(encoding="utf-8")
    tongue = re.search(r'<html lang="(\w+)"', page)[1]
    words = [word for word in ("Suche", "Recherche") if word in page]
    said.append(f"{language}: lang={tongue}, search is called {' and '.join(words)}")
print("sphinx", sphinx.__version__, "|", "; ".join(said))
PYTHON
for languages in "de fr" "fr de" "de" "fr"; do
  # shellcheck disable=SC2086
  "$room/venv/bin/python" "$room/build.py" "$room" $languages
done | tee "$room/said"
diff "$room/said" - <<'SAID'
sphinx 9.0.4 | de: lang=de, search is called Suche; fr: lang=fr, search is called Suche
sphinx 9.0.4 | fr: lang=fr, search is called Recherche; de: lang=de, search is called Recherche
sphinx 9.0.4 | de: lang=de, search is called Suche
sphinx 9.0.4 | fr: lang=fr, search is called Recherche
SAID
