// The playground's clock: what time it is there, and buttons that move it on.

import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { cityOf, formatDate } from "../base/times.js";
import { post, sentence } from "./api.js";
import { now, on, setClock, state, tell, zone } from "./store.js";
import { toast, warn } from "./toasts.js";

const STEPS = [
  ["+1 hour", 3600],
  ["+1 day", 86_400],
  ["+3 days", 259_200],
  ["+1 week", 604_800],
];

const face = h("span", { class: "clock-time", data: { testid: "clock" } });
const open = h(
  "button",
  {
    type: "button",
    class: "clock-face",
    "aria-expanded": "false",
    title: "The playground's time, in your time zone",
    on: { click: () => show(!node.classList.contains("open")) },
  },
  icon("clock"),
  face,
);
const steps = h(
  "div",
  { class: "clock-steps", role: "group", "aria-label": "Move the clock" },
  STEPS.map(([label, seconds]) =>
    h(
      "button",
      {
        type: "button",
        class: "button step",
        data: { testid: `clock-${seconds}` },
        on: { click: () => advance(seconds) },
      },
      label,
    ),
  ),
);
const node = h("div", { class: "clock" }, open, steps);

/** The clock's node. */
export function startClock() {
  on("clock people place", draw);
  setInterval(draw, 1000);
  document.addEventListener("pointerdown", (event) => !node.contains(event.target) && show(false));
  document.addEventListener("keydown", (event) => event.key === "Escape" && show(false));
  return node;
}

function show(wide) {
  node.classList.toggle("open", wide);
  open.setAttribute("aria-expanded", String(wide));
}

function draw() {
  if (!state.ready) return;
  const p = formatDate("{date_short}|{time}", now(), zone(), now()).split("|");
  const weekday = formatDate("{date_long}", now(), zone(), now()).slice(0, 3);
  const text = `${weekday}, ${p[0].replace(/, \d{4}$/, "")}`;
  if (face.dataset.shown === text + p[1] + zone()) return;
  face.dataset.shown = text + p[1] + zone();
  fill(
    face,
    h("span", { class: "clock-date" }, text),
    h("strong", {}, p[1]),
    h("span", { class: "clock-city" }, cityOf(zone())),
  );
}

/** Moves the playground's clock on by so many seconds. */
export async function advance(seconds) {
  if (node.hasAttribute("aria-busy")) return;
  node.setAttribute("aria-busy", "true");
  for (const button of steps.children) button.disabled = true;
  const answer = await post("clock", { advance_seconds: seconds });
  node.removeAttribute("aria-busy");
  for (const button of steps.children) button.disabled = false;
  if (!answer.ok) {
    warn(sentence(answer.error));
    return;
  }
  setClock(answer.now);
  tell("clock");
  tell("messages");
  show(false);
  toast(
    `It is now ${formatDate("{date_long} at {time}", now(), zone(), now())}. ${state.bot.name} looks at what became due.`,
  );
}
