// The panel that plays Sendoso: find a send and move it on, to see what the bot makes of it.

import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { get, post, sentence } from "./api.js";
import { on, state, tell } from "./store.js";
import { toast, warn } from "./toasts.js";
import { startTrouble } from "./trouble.js";

const search = h("input", {
  class: "field",
  type: "search",
  placeholder: "Recipient, campaign, send id…",
  "aria-label": "Find a send",
  data: { testid: "sendoso-search" },
  on: { input: () => later() },
});
const list = h("ul", { class: "sends" });
const warehouse = h(
  "div",
  {},
  h(
    "p",
    { class: "panel-note" },
    "Play the warehouse: move a send to another status and watch its alert resolve itself.",
  ),
  h("div", { class: "panel-search" }, search),
);
const node = h(
  "aside",
  {
    class: "panel sendoso",
    "aria-label": "Sendoso",
    hidden: true,
    data: { testid: "sendoso" },
    on: { keydown: (event) => event.key === "Escape" && toggleSendoso(false) },
  },
  h(
    "div",
    { class: "panel-head" },
    h("h2", {}, "Sendoso"),
    h(
      "button",
      {
        type: "button",
        class: "icon-button",
        "aria-label": "Close the Sendoso panel",
        on: { click: () => toggleSendoso(false) },
      },
      icon("close"),
    ),
  ),
  warehouse,
  h("div", { class: "scroll" }, list),
  startTrouble(),
);
let statuses = null;
let timer = 0;
let turn = 0;

/** The panel's node. */
export function startSendoso() {
  on("thread place", () => state.thread && toggleSendoso(false));
  on("clock", () => !node.hidden && refresh());
  on("people", () => {
    warehouse.hidden = !state.sendoso;
  });
  return node;
}

/** Opens or closes the panel. */
export function toggleSendoso(open = node.hidden) {
  if (node.hidden === !open) return;
  node.hidden = !open;
  document.querySelector("[data-testid=sendoso-button]")?.setAttribute("aria-expanded", String(open));
  if (!open) return;
  state.thread = null;
  tell("thread");
  search.focus();
  refresh();
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(refresh, 150);
}

async function refresh() {
  if (!state.sendoso) return;
  const mine = (turn += 1);
  try {
    statuses ??= (await get("sendoso/statuses")).statuses;
    const { sends } = await get("sendoso/sends", { query: search.value.trim() });
    if (mine === turn) draw(sends);
  } catch (error) {
    console.warn("Sendoso panel", error.message);
    if (mine === turn) fill(list, h("li", { class: "empty" }, "The playground's Sendoso does not answer."));
  }
}

function draw(sends) {
  if (sends.length) fill(list, sends.map(row));
  else fill(list, h("li", { class: "empty" }, "No send fits these words."));
}

function row(send) {
  const options = statuses.map((item) => h("option", { value: item, selected: item === send.status }, item));
  // A move to where the send is already would be told as done, and nothing would be seen of it.
  const stays = () => select.value === send.status;
  const select = h(
    "select",
    {
      class: "field",
      "aria-label": `New status for ${send.recipient}`,
      on: { change: () => (button.disabled = stays()) },
    },
    options,
  );
  const button = h(
    "button",
    {
      type: "button",
      class: "button",
      data: { testid: "sendoso-move" },
      disabled: stays(),
      on: { click: () => move(send, select.value, button) },
    },
    "Move",
  );
  return h(
    "li",
    { class: "send-row", data: { testid: "sendoso-send", gid: send.send_gid } },
    h(
      "div",
      { class: "send-row-head" },
      h("strong", { dir: "auto" }, send.recipient || "No recipient"),
      h("span", { class: "pill" }, send.status),
    ),
    h("div", { class: "send-row-text", dir: "auto" }, [send.type, send.campaign].filter(Boolean).join(" · ")),
    h("div", { class: "send-row-move" }, select, button),
  );
}

async function move(send, status, button) {
  button.disabled = true;
  const answer = await post("sendoso/move", { send_gid: send.send_gid, status });
  button.disabled = false;
  if (!answer.ok) {
    warn(sentence(answer.error));
    return;
  }
  toast(
    `${send.recipient || "The send"} is now “${status}”. ${state.bot.name} hears of it with its next look.`,
  );
  refresh();
}
