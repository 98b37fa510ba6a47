// Starts the deck: what appears in which order, light or dark, and the presenter.

const root = document.documentElement;
const printing = /[?&](print-pdf|view=print)\b/.test(location.search);

// Fragments count through the slide in reading order, whether they are cells, bullets or rows of a table.
for (const slide of document.querySelectorAll(".slide")) {
  let count = -1;
  for (const part of slide.querySelectorAll(".cell, .bullets li, .rows tbody tr, .rows dl > *")) {
    if (part.matches(".cell:not(.fragment, .goes-on)")) continue;
    if (part.matches(".cell.goes-on")) part.classList.add("fragment");
    else {
      part.classList.add("fragment");
      count += 1;
    }
    part.dataset.fragmentIndex = String(Math.max(count, 0));
  }
}

function toggleScheme() {
  const dark = getComputedStyle(root).colorScheme === "dark" || (!root.style.colorScheme && matchMedia("(prefers-color-scheme: dark)").matches);
  root.style.colorScheme = dark ? "light" : "dark";
}
if (printing) {
  // paper is white, and shows a widget's last step, where everything is there
  root.style.colorScheme = "light";
  addEventListener("load", () => {
    for (const widget of document.querySelectorAll(".bpkit-widget")) widget.dispatchEvent(new KeyboardEvent("keydown", { key: "End" }));
  });
}

Reveal.initialize({
  width: 1280,
  height: 720,
  margin: 0.02,
  minScale: 0.1,
  maxScale: 4,
  center: false,
  controls: !printing,
  hash: true,
  slideNumber: "c/t",
  transition: "none",
  backgroundTransition: "none",
  pdfSeparateFragments: false,
  defaultTiming: 0, // each slide has its data-timing, by which the speaker's window shows the pace
  plugins: [RevealNotes],
}).then(() => {
  Reveal.addKeyBinding({ keyCode: 84, key: "T", description: "Light or dark" }, toggleScheme);
});
