// Hears the clicks on the cards of one exercise, tells Python how many hints are open, and shows what Python answers.
function initialize({ model }) {
  const mine = `.bpkit-help[data-exercise="${model.get("exercise")}"]`;
  const count = () => {
    const open = [...document.querySelectorAll(`${mine} .bpkit-hint[open]`)].map((hint) => Number(hint.dataset.hint));
    const most = Math.max(0, ...open);
    if (most <= model.get("hints")) return;
    model.set("hints", most);
    model.save_changes();
  };
  const hear = ({ target }) => {
    if (target instanceof Element && target.closest(mine)) count();
  };
  const show = () => {
    for (const card of document.querySelectorAll(mine)) {
      card.querySelector(".bpkit-said").textContent = model.get("said");
      const place = card.querySelector(".bpkit-solution");
      if (!place.firstChild) place.innerHTML = model.get("solution");
    }
  };
  // this event does not bubble
  document.addEventListener("toggle", hear, true);
  model.on("change:said", show);
  model.on("change:solution", show);
  // a click may have been faster
  count();
  return () => document.removeEventListener("toggle", hear, true);
}

export default { initialize };
