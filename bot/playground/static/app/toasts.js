// Short notes that come and go at the bottom of the page.

import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";

const box = h("div", {
  class: "toasts",
  role: "status",
  "aria-live": "polite",
  popover: "manual",
  data: { testid: "toasts" },
});

/** Shows a note. The same text twice within its life is one note. */
export function toast(text, { level = "info", seconds = 5 } = {}) {
  if ([...box.children].some((note) => note.dataset.text === text)) return;
  if (!box.isConnected) document.body.append(box);
  const remove = () => {
    note.remove();
    if (!box.children.length && box.matches(":popover-open")) box.hidePopover();
  };
  const note = h(
    "div",
    { class: `toast ${level}`, data: { text } },
    icon(level === "info" ? "check" : "warning"),
    h("span", { dir: "auto" }, text),
    h(
      "button",
      { type: "button", class: "icon-button", "aria-label": "Dismiss", on: { click: remove } },
      icon("close"),
    ),
  );
  box.append(note);
  // Shown anew each time, so that it lies above a dialog that was opened since.
  if (box.matches(":popover-open")) box.hidePopover();
  box.showPopover();
  setTimeout(remove, seconds * 1000);
}

/** A note that something failed. */
export const warn = (text) => toast(text, { level: "warning", seconds: 8 });

let toldAt = -Infinity;

/** The playground itself told of a failure, in its own words. */
export function told() {
  toldAt = performance.now();
}

/** A note of a failure, unless the playground tells of it too: both would be one too many. */
export function warnUnlessTold(text) {
  setTimeout(() => performance.now() - toldAt > 1000 && warn(text), 250);
}
