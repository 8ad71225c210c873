// The line above the messages: where the visitor is.

import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { post, sentence } from "./api.js";
import { botAvatar } from "./people.js";
import { go, inDm, on, state } from "./store.js";
import { toast } from "./toasts.js";

const node = h("header", { class: "place-head" });

export function startHeader() {
  on("place people", draw);
  return node;
}

function draw() {
  if (!state.user) return;
  if (inDm()) {
    fill(
      node,
      h(
        "h1",
        { class: "place-title" },
        botAvatar("small"),
        state.bot.name,
        h("span", { class: "badge-app" }, "APP"),
      ),
      tabs(),
    );
    return;
  }
  const channel = state.channels.get(state.channel);
  const absent =
    channel.member === false &&
    h(
      "span",
      { class: "absent", title: "Alerts cannot be posted here; commands still work." },
      icon("warning"),
      h("span", {}, `${state.bot.name} is not in this channel`),
      h(
        "button",
        { type: "button", class: "button invite", data: { testid: "invite" }, on: { click: invite } },
        "Invite",
      ),
    );
  fill(
    node,
    h("h1", { class: "place-title", dir: "auto" }, h("span", { class: "hash" }, "#"), channel.name),
    channel.topic && h("p", { class: "topic", dir: "auto", title: channel.topic }, channel.topic),
    absent,
  );
}

async function invite() {
  const text = `/invite @${state.bot.name}`;
  const answer = await post("command", { user: state.user, channel: state.channel, text });
  if (!answer.ok) toast(sentence(answer.error), { level: "warning" });
}

function tabs() {
  const tab = (name, label) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        class: "tab",
        id: `tab-${name}`,
        "aria-selected": String(state.tab === name),
        tabindex: state.tab === name ? "0" : "-1",
        data: { testid: `tab-${name}` },
        on: {
          click: () => choose(name),
          keydown: (event) =>
            ["ArrowLeft", "ArrowRight"].includes(event.key) && choose(name === "home" ? "messages" : "home"),
        },
      },
      label,
    );
  return h(
    "div",
    { class: "tabs", role: "tablist", "aria-label": "Views of the app" },
    tab("home", "Home"),
    tab("messages", "Messages"),
  );
}

function choose(name) {
  go({ tab: name });
  document.getElementById(`tab-${name}`)?.focus();
}
