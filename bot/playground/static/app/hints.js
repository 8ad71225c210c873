// The card for a first visit: things to try, each of which one press runs.

import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { advance } from "./clock.js";
import { keep, recall } from "./memory.js";
import { show } from "./messages.js";
import { dmOf, go, inDm, messagesIn, on, state } from "./store.js";
import { toast } from "./toasts.js";

const node = h("section", {
  class: "hints",
  "aria-label": "Things to try",
  hidden: true,
  data: { testid: "hints" },
});
let shown = !recall("hints.closed", false);

/** The card's node. `send` runs a text as if it had been typed. */
export function startHints(send) {
  on("place people", () => draw(send));
  return node;
}

/** Shows or hides the card. */
export function toggleHints(show = node.hidden) {
  shown = show;
  keep("hints.closed", !show);
  node.hidden = !show || state.tab !== "messages";
}

const has = (command) => state.commands.some((one) => one.command === command);

function draw(send) {
  node.hidden = !shown || state.tab !== "messages";
  const tries = [
    has("/send-status") && chip("/send-status jane", () => send("/send-status jane")),
    has("/send-meaning") && chip("/send-meaning fulfilling", () => send("/send-meaning fulfilling")),
    has("/sends") && chip("/sends stuck", () => send("/sends stuck")),
    has("/sends") && chip("/sends report", () => send("/sends report")),
    has("/sends") && chip("/sends watch jane", () => send("/sends watch jane")),
    chip("@Sendwatch where is jane?", () => send("@Sendwatch where is jane?")),
    chip("Open Home", () => go({ channel: dmOf(state.user), tab: "home" }), "plain"),
    chip("Press a button", pressOne, "plain"),
    chip("Move the clock 3 days", () => advance(259_200), "plain"),
  ];
  node.replaceChildren(
    h("span", { class: "hints-title" }, icon("bulb"), "Try"),
    h("div", { class: "chips" }, tries.filter(Boolean)),
    h(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": "Hide these hints",
        on: { click: () => toggleHints(false) },
      },
      icon("close"),
    ),
  );
}

const chip = (label, run, look = "") =>
  h("button", { type: "button", class: `try ${look}`, on: { click: run } }, label);

const withButtons = (channel) =>
  messagesIn(channel)
    .filter((message) => !message.ephemeral_for && message.blocks?.some((block) => block.type === "actions"))
    .at(-1);

// Points at the newest message with buttons, in this channel or the first that has one.
function pressOne() {
  const channel = [inDm() ? null : state.channel, ...state.channels.keys()].find(
    (id) => id && withButtons(id),
  );
  if (!channel) {
    toast("No message has buttons yet. Move the clock, or run a command.");
    return;
  }
  if (channel !== state.channel) go({ channel });
  show(withButtons(channel).ts)?.querySelector(".b-actions .button")?.focus({ preventScroll: true });
}
