// Puts the page together and opens it where the address says.

import { fill, h } from "../base/dom.js";
import { icon, logo } from "../base/icons.js";
import { startClock } from "./clock.js";
import { composer } from "./composer.js";
import { startHeader } from "./header.js";
import { startHints, toggleHints } from "./hints.js";
import { startHome } from "./home.js";
import { connect } from "./live.js";
import { recall } from "./memory.js";
import { show, startMessages } from "./messages.js";
import { startModals } from "./modals.js";
import { startSendoso, toggleSendoso } from "./sendoso.js";
import { startSidebar, toggleSidebar } from "./sidebar.js";
import { dmOf, go, inDm, on, state } from "./store.js";
import { startTheme } from "./theme.js";
import { startThread } from "./thread.js";
import { toast, told } from "./toasts.js";

const tool = (name, label, testid, run) =>
  h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-label": label,
      title: label,
      data: { testid },
      on: { click: run },
    },
    icon(name),
  );

function topBar(theme) {
  const sendoso = h(
    "button",
    {
      type: "button",
      class: "button sendoso-button",
      "aria-expanded": "false",
      data: { testid: "sendoso-button" },
      on: { click: () => toggleSendoso() },
    },
    icon("box"),
    h("span", {}, "Sendoso"),
  );
  const menu = h(
    "button",
    {
      type: "button",
      class: "icon-button menu-button",
      "aria-label": "Channels",
      "aria-expanded": "false",
      "aria-controls": "sidebar",
      data: { testid: "menu" },
      on: { click: () => toggleSidebar() },
    },
    icon("menu"),
  );
  on("people", () => {
    sendoso.hidden = !state.sendoso && !state.faults.length;
  });
  return h(
    "div",
    { class: "top" },
    menu,
    h("div", { class: "brand" }, logo(), h("span", {}, "Sendwatch ", h("em", {}, "playground"))),
    startClock(),
    h(
      "div",
      { class: "top-tools" },
      sendoso,
      tool("bulb", "Things to try", "hints-button", () => toggleHints()),
      theme,
    ),
  );
}

function offline() {
  const bar = h(
    "div",
    { class: "offline", role: "status", hidden: true },
    "Connecting to the playground again …",
  );
  on("connection", () => {
    bar.hidden = state.connected;
  });
  return bar;
}

function typing() {
  const line = h("div", { class: "typing", "aria-live": "off" });
  let timer = 0;
  on("typing", ({ channel }) => {
    if (channel && channel !== state.channel) return;
    fill(line, `${state.bot.name} is typing …`);
    clearTimeout(timer);
    timer = setTimeout(() => fill(line), 3000);
  });
  on("place messages", () => fill(line));
  return line;
}

function foot(...parts) {
  const node = h("div", { class: "foot" }, parts);
  on("place people", () => {
    node.hidden = state.tab === "home";
  });
  return node;
}

// Where to open: what the address asks for, else where the visitor was last, else the first channel.
function place() {
  const query = new URLSearchParams(location.search);
  const [, linked, ts] = /^\/archives\/(\w+)(?:\/p(\d+))?/.exec(location.pathname) ?? [];
  const kept = recall("place", {});
  const user = [query.get("user"), kept.user, [...state.people.keys()][0]].find((id) => state.people.has(id));
  const asked = linked ?? query.get("channel") ?? kept.channel;
  const home = asked === "home" || query.get("tab") === "home";
  state.user = user;
  go({ user, channel: home || asked === "dm" ? dmOf(user) : asked, tab: home ? "home" : "messages" });
  if (ts) show(`${ts.slice(0, -6)}.${ts.slice(-6)}`);
}

async function start() {
  const theme = startTheme();
  const write = composer();
  const main = h(
    "main",
    { class: "main" },
    startHeader(),
    startMessages(),
    startHome(),
    foot(
      startHints((text) => runThere(write, text)),
      typing(),
      write.node,
    ),
  );
  fill(
    document.body,
    h("div", { class: "app" }, topBar(theme), startSidebar(), main, startThread(), startSendoso()),
    offline(),
  );
  startModals();
  on("notice", ({ text, level }) => {
    told();
    // What became of a command is said under the box where it was typed.
    if (!write.isAsking()) toast(text, { level: level === "info" ? "info" : "warning", seconds: 8 });
  });
  on("people", () => state.user === null && place());
  on("place", () => {
    document.title = `${inDm() ? state.bot.name : `#${state.channels.get(state.channel)?.name}`} · Sendwatch playground`;
  });
  await connect();
  document.body.dataset.ready = "true";
  if (matchMedia("(pointer: fine)").matches && state.tab === "messages") write.focus();
}

function runThere(write, text) {
  write.send(text);
  write.focus();
}

start();
