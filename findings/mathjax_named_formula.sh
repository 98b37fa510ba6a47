#!/usr/bin/env bash
# MathJax: a named formula asks for its name's width twice, and scrolls where it would fit.
#
# Expected: `a = b \tag{name}` needs the width of the formula, the name and the gap between them.
# Happens:  the name's width is kept free on the left as well, so that the formula stands in the middle of the whole line. A formula of
#           2.3 em with a name of 11.5 em has the inline style `min-width: 26.952em`, where 14.6 em hold both. A column that is narrower,
#           as JupyterLab's on a small laptop or any on a phone, scrolls it, for the width is no wish but a minimum. Short names such as
#           (1) hide it. Of the settings `tagSide`, `tagIndent` and `displayAlign`, the last alone takes the second width away.
# Documented: the options are; that the width counts twice is not.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund mathjax-full@3.2.2
cat >widths.js <<'JS'
const { mathjax } = require("mathjax-full/js/mathjax.js");
const { TeX } = require("mathjax-full/js/input/tex.js");
const { CHTML } = require("mathjax-full/js/output/chtml.js");
const { liteAdaptor } = require("mathjax-full/js/adaptors/liteAdaptor.js");
const { RegisterHTMLHandler } = require("mathjax-full/js/handlers/html.js");
const { AllPackages } = require("mathjax-full/js/input/tex/AllPackages.js");

const adaptor = liteAdaptor();
RegisterHTMLHandler(adaptor);

function asks(name, output = {}, input = {}) {
  const page = mathjax.document("", {
    InputJax: new TeX({ packages: AllPackages, ...input }),
    OutputJax: new CHTML({ fontURL: "fonts", ...output }),
  });
  const drawn = adaptor.outerHTML(page.convert(`a = b \\tag{${name}}`, { display: true }));
  return /min-width: ([\d.]+)em/.exec(drawn)[1];
}

console.log("mathjax", mathjax.version);
const long = "named like a convolution";
console.log("name of one letter:", asks("x"));
console.log("long name:", asks(long));
console.log("long name, tagSide left:", asks(long, {}, { tagSide: "left" }));
console.log("long name, tagIndent 0:", asks(long, {}, { tagIndent: "0" }));
console.log("long name, displayAlign left:", asks(long, { displayAlign: "left" }));
JS
node widths.js | tee said
diff said - <<'SAID'
mathjax 3.2.2
name of one letter: 6.504
long name: 26.952
long name, tagSide left: 26.952
long name, tagIndent 0: 25.352
long name, displayAlign left: 14.622
SAID
