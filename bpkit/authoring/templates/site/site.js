// what scrolls by itself can be reached by keyboard, and what does not is no stop on the way
const watch = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
for (const block of document.querySelectorAll("pre, .math, .cell_output, .table-wrapper")) watch.observe(block);
