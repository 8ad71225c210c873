// What the links in a message become while it is still being written, above the box where it is typed.

import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { post } from "./api.js";
import { contextFor } from "./context.js";
import { attachments } from "./message.js";
import { on, state } from "./store.js";

const LINK = /https?:\/\/\S+/g;
const PAUSE = 500;

/** The node with the preview, and `written(text)`, to be called whenever the text changes. */
export function linkPreview() {
  const node = h("div", { class: "link-preview", hidden: true, "aria-live": "polite", data: { testid: "preview" } });
  let links = "";
  let timer = 0;

  on("preview", ({ user, attachments: found }) => user === state.user && draw(found));
  on("place", clear);

  function draw(found) {
    node.hidden = !links || !found.length;
    if (node.hidden) return fill(node);
    const away = h(
      "button",
      { type: "button", class: "icon-button", "aria-label": "Remove the preview", on: { click: clear } },
      icon("close"),
    );
    // Nothing in it can be pressed before the message has been sent.
    const shown = h("div", { class: "link-preview-body", inert: true }, attachments(found, contextFor({})));
    return fill(node, shown, away);
  }
  function clear() {
    clearTimeout(timer);
    node.hidden = true;
    fill(node);
  }
  function written(text) {
    const now = text.startsWith("/") ? "" : (text.match(LINK) ?? []).join(" ");
    if (now === links) return;
    links = now;
    clear();
    if (!links) return;
    timer = setTimeout(() => post("write", { user: state.user, channel: state.channel, text }), PAUSE);
  }
  return { node, written };
}
