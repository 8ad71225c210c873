// One message: who, when, what, and what can be done with it.

import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { clockTime, fullTime, formatDate } from "../base/times.js";
import { blocks } from "../kit/blocks.js";
import { files } from "../kit/files.js";
import { mrkdwn } from "../kit/mrkdwn.js";
import { contextFor } from "./context.js";
import { authorOf } from "./people.js";
import { messageShortcuts } from "./shortcuts.js";
import { dateOf, dismiss, isBroadcast, now, repliesTo, rootOf, tell, zone, state } from "./store.js";

/** A message as an article. `compact` leaves out face and name; `inThread` leaves out the replies. */
export function messageNode(message, { compact = false, inThread = false } = {}) {
  const author = authorOf(message);
  const date = dateOf(message);
  const time = h(
    "time",
    { class: "message-time", datetime: date.toISOString(), title: fullTime(date, zone(), now()) },
    clockTime(date, zone()),
  );
  const edited = message.edited && h("span", { class: "edited" }, "(edited)");
  const meta = h(
    "div",
    { class: "message-meta" },
    h("span", { class: "author", dir: "auto" }, author.name),
    author.app && h("span", { class: "badge-app" }, "APP"),
    time,
    edited,
  );
  return h(
    "article",
    {
      class: `message${compact ? " compact" : ""}${message.ephemeral_for ? " ephemeral" : ""}`,
      tabindex: "-1",
      "aria-label": `${author.name}, ${clockTime(date, zone())}`,
      data: { testid: "message", ts: message.ts },
    },
    h("div", { class: "gutter" }, compact ? time : author.face),
    h(
      "div",
      { class: "message-main" },
      message.ephemeral_for && onlyYou(message),
      compact ? null : meta,
      isBroadcast(message) && (inThread ? alsoSent(message) : repliedTo(message)),
      body(message),
      compact && edited,
      !inThread && !isBroadcast(message) && replies(message),
    ),
    !message.ephemeral_for && tools(message, inThread),
  );
}

function onlyYou(message) {
  const button = h(
    "button",
    {
      type: "button",
      class: "quiet-link",
      data: { testid: "dismiss" },
      on: { click: () => dismiss(message) },
    },
    "Dismiss",
  );
  return h(
    "div",
    { class: "only-you" },
    icon("eye"),
    h("span", {}, "Only visible to you"),
    h("span", { "aria-hidden": "true" }, "·"),
    button,
  );
}

/** What the message says: its blocks, or its text when it has none, and its files. */
function body(message) {
  const ctx = contextFor({ channel: message.channel, message_ts: message.ts });
  const content = message.blocks?.length
    ? blocks(message.blocks, ctx)
    : message.text && h("div", { class: "b-text", dir: "auto" }, mrkdwn(message.text, ctx));
  return h("div", { class: "message-body" }, content, attachments(message.attachments, ctx), files(message.files));
}

/** What hangs on a message, such as an unfolded link; null where nothing does. */
export function attachments(list, ctx) {
  const shown = (list ?? []).filter((one) => one.blocks?.length || one.text || one.fallback);
  if (!shown.length) return null;
  return shown.map((one) =>
    h(
      "div",
      { class: "attachment", data: { testid: "attachment" } },
      one.blocks?.length
        ? blocks(one.blocks, ctx)
        : h("div", { class: "b-text", dir: "auto" }, mrkdwn(one.text ?? one.fallback, ctx)),
    ),
  );
}

// A reply that stands in the channel too says to what it replies, and its thread is that one's.
function repliedTo(message) {
  const root = rootOf(message);
  const words = root ? plainWords(root) : "a message that was deleted";
  return h(
    "div",
    { class: "replied-to" },
    "replied to a thread: ",
    h(
      "button",
      {
        type: "button",
        class: "quiet-link",
        dir: "auto",
        data: { testid: "root" },
        on: { click: () => openThread(message) },
      },
      words,
    ),
  );
}

function alsoSent(message) {
  const channel = state.channels.get(message.channel);
  return h("div", { class: "replied-to" }, `also sent to ${channel ? `#${channel.name}` : "the conversation"}`);
}

// The beginning of a message without its marks, for a line that names it.
function plainWords(message) {
  const ctx = contextFor({ channel: message.channel, message_ts: message.ts });
  const words = h("span", {}, mrkdwn(message.text ?? "", ctx)).textContent.trim();
  return words.length > 80 ? `${words.slice(0, 79)}…` : words || "a message";
}

function openThread(message) {
  state.thread = isBroadcast(message) ? message.thread_ts : message.ts;
  tell("thread");
}

function replies(message) {
  const known = repliesTo(message.channel, message.ts);
  const count = Math.max(known.length, message.reply_count ?? 0);
  if (!count) return null;
  const faces = [...new Map(known.map((reply) => [reply.user ?? reply.bot_id, reply])).values()]
    .slice(0, 3)
    .map((reply) => authorOf(reply, "tiny").face);
  const last =
    known.at(-1) && formatDate("{date_short_pretty} at {time}", dateOf(known.at(-1)), zone(), now());
  return h(
    "button",
    {
      type: "button",
      class: "replies",
      data: { testid: "replies" },
      on: { click: () => openThread(message) },
    },
    faces,
    h("strong", {}, count === 1 ? "1 reply" : `${count} replies`),
    last && h("span", {}, `Last ${last.charAt(0).toLowerCase()}${last.slice(1)}`),
  );
}

function tools(message, inThread) {
  const reply = !inThread && h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-label": "Reply in a thread",
      title: "Reply in a thread",
      on: { click: () => openThread(message) },
    },
    icon("thread"),
  );
  const more = messageShortcuts(message);
  return reply || more ? h("div", { class: "tools" }, reply, more) : null;
}
