// The menus of shortcuts: of the workspace beside the box for messages, of a message on the message.

import { fill, freshId, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { closePopup, openPopup } from "../kit/popup.js";
import { post, sentence } from "./api.js";
import { on, state } from "./store.js";
import { toast } from "./toasts.js";

const named = (type) => state.shortcuts.filter((shortcut) => shortcut.type === type);

/** The button with the workspace's shortcuts; hidden where there are none. */
export function shortcutsButton() {
  const button = menuButton("bolt", "Shortcuts", "shortcuts", () => named("global"), {});
  on("people", () => {
    button.hidden = !named("global").length;
  });
  button.hidden = !named("global").length;
  return button;
}

/** The button with the shortcuts of one message; null where there are none. */
export function messageShortcuts(message) {
  if (!named("message").length) return null;
  const place = { channel: message.channel, message_ts: message.ts };
  return menuButton("more", "More actions", "message-shortcuts", () => named("message"), place, "end");
}

function menuButton(sign, label, testid, entries, place, align = "start") {
  let close = null;
  const button = h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-label": label,
      title: label,
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      data: { testid },
      on: { click: () => (close ? close() : open()) },
    },
    icon(sign),
  );
  function open() {
    const menu = menuOf(entries(), place, button);
    button.setAttribute("aria-expanded", "true");
    close = openPopup(button, menu, {
      width: "content",
      align,
      onClose: () => {
        close = null;
        button.setAttribute("aria-expanded", "false");
      },
    });
    menu.querySelector("[role=menuitem]")?.focus({ preventScroll: true });
  }
  return button;
}

function menuOf(entries, place, button) {
  const menu = h("div", { class: "menu", role: "menu", id: freshId("menu"), data: { testid: "menu-popup" } });
  const rows = entries.map((entry) =>
    h(
      "button",
      {
        type: "button",
        class: "menu-item",
        role: "menuitem",
        tabindex: "-1",
        on: { click: () => run(entry, place, button) },
      },
      h("span", { dir: "auto" }, entry.name),
      entry.description && h("small", { dir: "auto" }, entry.description),
    ),
  );
  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Tab") closePopup();
    if (!step) return;
    event.preventDefault();
    const at = rows.indexOf(document.activeElement);
    rows[(at + step + rows.length) % rows.length].focus();
  });
  fill(menu, h("div", { class: "menu-head", role: "presentation" }, state.bot.name), rows);
  return menu;
}

async function run(entry, place, button) {
  closePopup();
  button.focus({ preventScroll: true });
  const answer = await post("shortcut", { user: state.user, callback_id: entry.callback_id, ...place });
  if (!answer.ok) toast(sentence(answer.error), { level: "warning", seconds: 8 });
}
