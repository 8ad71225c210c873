// The replies of one message, at the right.

import { fill, h, reconcile } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { composer } from "./composer.js";
import { messageNode } from "./message.js";
import { on, repliesTo, state, tell } from "./store.js";

const list = h("div", { class: "messages", role: "log", "aria-label": "Thread" });
const scroll = h(
  "div",
  { class: "scroll", tabindex: "0", role: "group", "aria-label": "Thread, scrollable" },
  list,
);
const foot = h("div", { class: "thread-foot" });
const node = h(
  "aside",
  {
    class: "panel",
    "aria-label": "Thread",
    hidden: true,
    data: { testid: "thread" },
    on: { keydown: (event) => event.key === "Escape" && close() },
  },
  h(
    "div",
    { class: "panel-head" },
    h("h2", {}, "Thread"),
    h(
      "button",
      { type: "button", class: "icon-button", "aria-label": "Close the thread", on: { click: close } },
      icon("close"),
    ),
  ),
  scroll,
  foot,
);
let shown = null;

/** The thread panel. */
export function startThread() {
  on("place people messages thread", draw);
  return node;
}

function close() {
  state.thread = null;
  tell("thread");
}

function draw() {
  const root = state.thread && state.messages.get(state.channel)?.get(state.thread);
  node.hidden = !root;
  if (!root) {
    shown = null;
    return;
  }
  const replies = repliesTo(root.channel, root.ts);
  reconcile(
    list,
    [root, ...replies].map((message) => messageNode(message, { inThread: true })),
  );
  if (shown === root.ts) return;
  shown = root.ts;
  const write = composer({ thread: root.ts });
  fill(foot, write.node);
  scroll.scrollTop = scroll.scrollHeight;
  write.focus();
}
