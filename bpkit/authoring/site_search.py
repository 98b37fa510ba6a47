"""A Sphinx extension: search in Chinese, where no space tells words apart.

Two neighbouring characters are a word, in the index and in a query. Sphinx itself would need a package with a dictionary, and its script takes a
query of several Chinese words for one.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from sphinx.search.zh import SearchChinese

_RUN = re.compile(r"[\u3400-\u9fff]+|[^\W\u3400-\u9fff]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


class SearchPairs(SearchChinese):
    """Chinese by pairs of characters, and single ones; other words as in English."""

    # by which the page calls its stemmer, and that is the English one
    language_name = "English"
    js_splitter_code = r"""
function splitQuery(query) {
  const runs = query.match(/[\u3400-\u9fff]+|(?:(?![\u3400-\u9fff])[\p{Letter}\p{Number}_])+/gu) || [];
  return runs.flatMap((run) => {
    if (!/[\u3400-\u9fff]/.test(run) || run.length < 2) return [run];
    return [...run].slice(1).map((second, place) => run[place] + second);
  });
}
"""

    def split(self, input: str) -> list[str]:
        """The words of a text."""
        found: list[str] = []
        for run in _RUN.findall(input):
            if _CHINESE.match(run):
                found += [*run, *map("".join, pairwise(run))]
            else:
                found.append(run)
                self.latin_terms.add(run)
        return found

    def word_filter(self, stemmed_word: str) -> bool:
        """Whether a word is in the index: a character alone is, a letter is not."""
        return len(stemmed_word) > 1 or bool(_CHINESE.match(stemmed_word))


def setup(app: Any) -> dict[str, Any]:
    """What Sphinx calls: take this for Chinese."""
    app.add_search_language(SearchPairs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
