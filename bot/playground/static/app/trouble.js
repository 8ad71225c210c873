// Trouble on demand: what can go wrong between Slack and the bot, to see that nothing is lost or doubled.

import { fill, h } from "../base/dom.js";
import { post, sentence } from "./api.js";
import { on, state } from "./store.js";
import { toast, warn } from "./toasts.js";

const list = h("div", { class: "faults" });
const node = h(
  "details",
  { class: "trouble", data: { testid: "trouble" } },
  h("summary", {}, "Cause trouble"),
  h(
    "p",
    { class: "panel-note" },
    "The bot’s next call to Slack meets what you press. Messages should still arrive once, and only once.",
  ),
  list,
);

/** The section's node; empty until the playground says what it can break. */
export function startTrouble() {
  on("people", draw);
  return node;
}

function draw() {
  node.hidden = !state.faults.length;
  const clear = h(
    "button",
    {
      type: "button",
      class: "quiet-link",
      on: { click: () => cause({ kind: "clear", label: "All is well again" }) },
    },
    "Stop all trouble",
  );
  fill(
    list,
    state.faults.map((fault) =>
      h("button", { type: "button", class: "try plain", on: { click: () => cause(fault) } }, fault.label),
    ),
    clear,
  );
}

async function cause({ kind, label, method }) {
  const answer = await post("faults", { target: "slack", kind, method, times: 1 });
  if (answer.ok) toast(kind === "clear" ? `${label}.` : `Once: ${label}.`);
  else warn(sentence(answer.error));
}
