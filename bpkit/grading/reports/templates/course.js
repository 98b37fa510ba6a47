"use strict";
const table = document.getElementById("students");
const rows = [...table.tBodies[0].rows];
const words = document.getElementById("words");
const which = document.getElementById("which");
const shown = document.getElementById("shown");
const folded = text => text.normalize("NFKD").toLowerCase();
const names = new Map(rows.map(row => [row, folded(row.cells[0].textContent)]));

function filter() {
  const wanted = folded(words.value);
  let count = 0;
  for (const row of rows) {
    row.hidden = !names.get(row).includes(wanted) || (which.value !== "" && !row.dataset.groups.includes(which.value));
    count += !row.hidden;
  }
  shown.textContent = shown.dataset.words.replace("N", count.toLocaleString("en"));
}

for (const head of table.tHead.rows[0].cells) {
  head.querySelector("button").addEventListener("click", () => {
    const column = head.cellIndex;
    const up = head.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const value = row => Number(row.cells[column].dataset.value);
    const order = head.dataset.kind === "words" ? (a, b) => names.get(a).localeCompare(names.get(b)) : (a, b) => value(a) - value(b);
    rows.sort((a, b) => (up ? order(a, b) : order(b, a)));
    table.tBodies[0].append(...rows);
  });
}
words.addEventListener("input", filter);
which.addEventListener("change", filter);
filter();
