// Reads {katex, formulas: [{latex, display, plain}]} on stdin; writes [{html} or {error}] on stdout.

const { readFileSync } = require("node:fs");

const { katex: where, formulas } = JSON.parse(readFileSync(0, "utf-8"));
const katex = require(where);

// what KaTeX would only warn about in a console that nobody reads is an error here; CJK text in a formula is meant
const strict = (code) => (code === "unicodeTextInMathMode" ? "ignore" : "error");

const drawn = formulas.map(({ latex, display, plain }) => {
  try {
    const output = plain ? "mathml" : "htmlAndMathml";
    return { html: katex.renderToString(latex, { displayMode: display, throwOnError: true, strict, output }) };
  } catch (error) {
    return { error: error.message.replace(/^KaTeX parse error: /, "") };
  }
});
process.stdout.write(JSON.stringify(drawn));
