// The left side: the workspace, its channels, the bot's direct message, and who the visitor is.

import { fill, h, reconcile } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { clockTime, cityOf } from "../base/times.js";
import { walk } from "../kit/elements.js";
import { openPopup } from "../kit/popup.js";
import { avatar, botAvatar } from "./people.js";
import { dmOf, go, me, now, on, state, unreadIn } from "./store.js";

const team = h("div", { class: "team" });
const channels = h("ul", { class: "places" });
const dms = h("ul", { class: "places" });
const switcher = h("button", {
  type: "button",
  class: "switcher",
  "aria-haspopup": "menu",
  data: { testid: "person-switcher" },
  on: { click: choosePerson },
});
const node = h(
  "nav",
  { class: "sidebar", id: "sidebar", "aria-label": "Channels and people" },
  team,
  h(
    "div",
    { class: "places-scroll" },
    h("h2", { class: "places-title" }, "Channels"),
    channels,
    h("h2", { class: "places-title" }, "Direct messages"),
    dms,
  ),
  switcher,
);
const shade = h("div", { class: "shade", on: { click: () => toggleSidebar(false) } });

/** The sidebar's nodes: itself and the shade behind it on narrow screens. */
export function startSidebar() {
  on("people place messages unread", draw);
  on("clock", drawSwitcher);
  document.addEventListener("keydown", (event) => event.key === "Escape" && toggleSidebar(false));
  return [node, shade];
}

/** On narrow screens the sidebar is a drawer. */
export function toggleSidebar(open = !document.body.classList.contains("sidebar-open")) {
  document.body.classList.toggle("sidebar-open", open);
  document.querySelector(".menu-button")?.setAttribute("aria-expanded", String(open));
  if (open) node.querySelector(".place.here")?.focus();
}

const rows = new Map();

function draw() {
  if (!state.user) return;
  fill(team, h("strong", { dir: "auto" }, state.team.name), h("span", {}, "practice workspace"));
  reconcile(
    channels,
    [...state.channels.values()].map((channel) =>
      row(channel.id, channel.name, h("span", { class: "hash" }, "#")),
    ),
  );
  reconcile(dms, [
    row(dmOf(state.user), state.bot.name, botAvatar("tiny"), "dm", h("span", { class: "badge-app" }, "APP")),
  ]);
  drawSwitcher();
}

// Rows stay the same nodes, so that drawing anew does not take the focus away.
function row(id, name, face, testid = id, extra = null) {
  const key = testid === "dm" ? "dm" : id;
  if (!rows.has(key))
    rows.set(key, h("li", {}, h("button", { type: "button", data: { testid: `channel-${testid}` } })));
  const item = rows.get(key);
  const button = item.firstElementChild;
  const unread = unreadIn(id);
  const here = id === state.channel;
  button.className = `place${here ? " here" : ""}${unread.all ? " unread" : ""}`;
  button.onclick = () => {
    go({ channel: id });
    toggleSidebar(false);
  };
  button.setAttribute("aria-current", here ? "page" : "false");
  fill(button, face, h("span", { class: "place-name", dir: "auto" }, name), extra, badge(unread));
  return item;
}

// Loud where somebody calls the visitor; quiet where there is only something to read.
function badge({ all, pings }) {
  if (!all) return null;
  const count = pings || all;
  const calls = pings ? `, ${pings} for you` : "";
  return h(
    "span",
    { class: `badge${pings ? "" : " quiet"}`, "aria-label": `${all} unread${calls}` },
    count > 99 ? "99+" : String(count),
  );
}

function drawSwitcher() {
  const person = me();
  if (!person) return;
  fill(
    switcher,
    avatar(person),
    h(
      "span",
      { class: "switcher-text" },
      h("small", {}, "You are"),
      h("strong", { dir: "auto" }, person.real_name),
    ),
    icon("down"),
  );
  switcher.title = "Look at the workspace as somebody else";
}

function choosePerson() {
  const active = [...state.people.values()].filter((person) => !person.deleted);
  const items = active.map((person) =>
    h(
      "button",
      {
        type: "button",
        class: "menu-item person",
        role: "menuitemradio",
        "aria-checked": String(person.id === state.user),
        data: { testid: `person-${person.id}` },
        on: {
          click: () => {
            close();
            go({ user: person.id });
            switcher.focus();
          },
        },
      },
      avatar(person),
      h(
        "span",
        {},
        h("strong", { dir: "auto" }, person.real_name),
        h("small", {}, `${cityOf(person.tz)}, ${clockTime(now(), person.tz)}`),
      ),
      person.id === state.user && icon("check"),
    ),
  );
  const menu = h(
    "div",
    { class: "menu people-menu", role: "menu", on: { keydown: (event) => walk(event, items) } },
    items,
  );
  const close = openPopup(switcher, menu);
  items.find((item) => item.getAttribute("aria-checked") === "true")?.focus();
}
