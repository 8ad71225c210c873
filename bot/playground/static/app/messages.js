// The middle: the messages of the place where the visitor is, kept at the newest unless they read back.

import { h, reconcile } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { dayKey, dayName } from "../base/times.js";
import { messageNode } from "./message.js";
import {
  dateOf,
  isBroadcast,
  markSeen,
  messagesIn,
  now,
  on,
  repliesTo,
  rootOf,
  seenUpTo,
  state,
  zone,
} from "./store.js";

const list = h("div", {
  class: "messages",
  role: "log",
  "aria-label": "Messages",
  "aria-live": "polite",
  data: { testid: "messages" },
});
const scroll = h(
  "div",
  {
    class: "scroll message-scroll",
    tabindex: "0",
    "aria-label": "Messages, scrollable",
    role: "group",
    on: { scroll: () => settle() },
  },
  list,
);
const pill = h("button", {
  type: "button",
  class: "new-pill",
  hidden: true,
  data: { testid: "new-pill" },
  on: { click: () => toBottom(true) },
});
const node = h("div", { class: "message-area" }, scroll, pill);

let shown = null; // "user/channel" that is drawn
let cache = new Map(); // key of what is drawn -> node, so that only what changed is made anew
let firstUnread = null; // where the "New" line stands; fixed while the visitor stays
let sticky = true;
let missed = 0;

/** The message area; draws itself when the place or its messages change. */
export function startMessages() {
  on("place people messages", draw);
  on("arrived", arrived);
  // Content that grows later (an image, a font, a narrower window) must not lose the bottom.
  new ResizeObserver(() => sticky && toBottom()).observe(list);
  new ResizeObserver(() => sticky && toBottom()).observe(scroll);
  return node;
}

const atBottom = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 48;

function toBottom(smooth = false) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  scroll.scrollTo({ top: scroll.scrollHeight, behavior: smooth && !calm ? "smooth" : "instant" });
  size = sizeNow();
}

/** Brings one message into view and points at it. Gives its node, or null where it is not. */
export function show(ts) {
  const article = list.querySelector(`article[data-ts="${CSS.escape(ts)}"]`);
  if (!article) return null;
  sticky = false;
  article.scrollIntoView({ block: "center" });
  article.classList.add("look-here");
  setTimeout(() => article.classList.remove("look-here"), 2400);
  return article;
}

// The browser tells of a scroll also when the room or its content changed size; only a visitor who
// scrolls while neither does has chosen to read back.
let size = "";

const sizeNow = () => `${scroll.scrollHeight}/${scroll.clientHeight}`;

function settle() {
  if (sticky && size !== sizeNow()) {
    toBottom();
    return;
  }
  sticky = atBottom();
  if (!sticky) return;
  missed = 0;
  pill.hidden = true;
  seen();
}

const seen = () =>
  document.visibilityState === "visible" && state.tab === "messages" && markSeen(state.channel);

document.addEventListener("visibilitychange", () => sticky && state.ready && seen());

function arrived(message) {
  if (message.channel !== state.channel || sticky || !messagesIn(state.channel).includes(message)) return;
  // An answer to this very person is what they are waiting for, wherever they have scrolled to.
  if (message.user === state.user || message.ephemeral_for === state.user) {
    sticky = true;
    return;
  }
  missed += 1;
  pill.replaceChildren(icon("arrowDown"), missed === 1 ? "1 new message" : `${missed} new messages`);
  pill.hidden = false;
}

function draw() {
  if (!state.user) return;
  node.hidden = state.tab !== "messages";
  const place = `${state.user}/${state.channel}`;
  const moved = place !== shown;
  if (moved) enter(place);
  const wanted = rows(messagesIn(state.channel));
  const focus = focusedIn(list);
  reconcile(list, wanted.length ? wanted : [empty()]);
  if (moved || sticky) toBottom();
  restore(focus);
  if (moved || sticky) seen();
}

function enter(place) {
  shown = place;
  cache = new Map();
  sticky = true;
  missed = 0;
  pill.hidden = true;
  const since = Number(seenUpTo(state.channel));
  const unread = messagesIn(state.channel).filter(
    (message) => Number(message.ts) > since && message.user !== state.user,
  );
  firstUnread = since && unread.length ? unread[0].ts : null;
}

function rows(messages) {
  const today = dayKey(now(), zone());
  const fresh = new Map();
  const wanted = [];
  const want = (key, make) => {
    const made = cache.get(key) ?? make();
    fresh.set(key, made);
    wanted.push(made);
  };
  let before = null;
  for (const message of messages) {
    const date = dateOf(message);
    const day = dayKey(date, zone());
    const newDay = !before || dayKey(dateOf(before), zone()) !== day;
    if (newDay) want(`day ${day} ${today}`, () => divider(dayName(date, zone(), now())));
    const isNew = message.ts === firstUnread;
    if (isNew) want("new", () => h("div", { class: "new-line", role: "separator" }, h("span", {}, "New")));
    const compact = !newDay && !isNew && continues(before, message);
    const replies = repliesTo(message.channel, message.ts);
    const key = JSON.stringify([
      message,
      compact,
      today,
      state.clock.at - (state.clock.at % 3_600_000),
      replies.length,
      replies.at(-1)?.ts,
      isBroadcast(message) && (rootOf(message)?.text ?? null),
    ]);
    want(key, () => messageNode(message, { compact }));
    before = message;
  }
  cache = fresh;
  return wanted;
}

// A person's next line within five minutes needs no second face. Cards of the bot always get theirs.
function continues(before, message) {
  const same = before.user === message.user && before.bot_id === message.bot_id;
  return same && isPlain(before) && isPlain(message) && dateOf(message) - dateOf(before) < 300_000;
}

const isPlain = (message) =>
  !message.blocks?.length && !message.files?.length && !message.ephemeral_for && !isBroadcast(message);

const divider = (name) => h("div", { class: "day", role: "separator" }, h("span", {}, name));

function empty() {
  const name = state.channels.get(state.channel)?.name;
  const text = name
    ? `Nothing has been posted in #${name} yet.`
    : `Write to ${state.bot.name}, or type / for its commands. Only you see this conversation.`;
  return h("div", { class: "empty" }, h("p", {}, text));
}

// A message drawn anew is a new node: the focus goes to the same control in it, or to the message.
function focusedIn(parent) {
  const active = document.activeElement;
  if (!parent.contains(active)) return null;
  return {
    ts: active.closest("article")?.dataset.ts,
    action: active.closest("[data-action-id]")?.dataset.actionId,
  };
}

function restore(focus) {
  if (!focus?.ts || list.contains(document.activeElement)) return;
  const article = list.querySelector(`article[data-ts="${CSS.escape(focus.ts)}"]`);
  const same = focus.action && article?.querySelector(`[data-action-id="${CSS.escape(focus.action)}"]`);
  (same || article)?.focus({ preventScroll: true });
}
