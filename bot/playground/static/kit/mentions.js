// What stands between < and > in mrkdwn: people, channels, groups, dates and links.

import { h, link, safeUrl } from "../base/dom.js";
import { formatDate, fullTime } from "../base/times.js";
import { textNodes } from "./emoji.js";

const BROADCASTS = new Set(["here", "channel", "everyone"]);

const decode = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** A node for the inside of `<…>`, or null when it is nothing that Slack knows. */
export function controlNode(inside, ctx) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : decode(inside.slice(bar + 1));
  if (target.startsWith("@")) return userMention(target.slice(1), ctx, label);
  if (target.startsWith("#")) return channelMention(target.slice(1), ctx, label);
  if (target.startsWith("!")) return special(target.slice(1), label, ctx);
  const url = decode(target);
  return safeUrl(url) ? link(url, textNodes(label || url.replace(/^mailto:/, ""))) : null;
}

/** "@Ann Lopez"; stronger when it is the reader. */
export function userMention(id, ctx, label = "") {
  const name = ctx.nameOf(id) ?? (label || id);
  return h(
    "span",
    { class: `mention${id === ctx.me ? " mention-me" : ""}`, dir: "auto", data: { user: id } },
    `@${name}`,
  );
}

/** "#sales". */
export function channelMention(id, ctx, label = "") {
  const name = ctx.channelName(id) ?? (label || id);
  return h("span", { class: "mention", data: { channel: id } }, `#${name}`);
}

/** "@gifting-ops"; stronger when the reader is in it. */
export function groupMention(id, ctx, label = "") {
  const group = ctx.groupOf?.(id);
  const mine = group?.members.includes(ctx.me);
  const name = group ? `@${group.handle}` : label || `@${id}`;
  const title = group ? `${group.members.map((one) => ctx.nameOf(one) ?? one).join(", ") || "Nobody"}` : null;
  return h("span", { class: `mention${mine ? " mention-me" : ""}`, title, data: { group: id } }, name);
}

/** "@here": loud on purpose, since a bot that makes one by accident must be seen doing it. */
export const broadcast = (range) =>
  h("span", { class: "mention mention-all", data: { broadcast: range } }, `@${range}`);

function special(target, label, ctx) {
  if (BROADCASTS.has(target)) return broadcast(target);
  if (target.startsWith("subteam^")) return groupMention(target.slice(8), ctx, label);
  if (target.startsWith("date^")) return dateControl(target, label, ctx);
  return label ? h("span", { class: "mention" }, label) : null;
}

function dateControl(target, fallback, ctx) {
  const [, seconds, template, url] = target.split("^");
  const node = dateNode(Number(seconds), decode(template ?? ""), fallback, ctx);
  return url && safeUrl(decode(url)) ? link(decode(url), node) : node;
}

/** An instant through a template in the reader's zone; the fallback where that cannot be. */
export function dateNode(seconds, template, fallback, ctx) {
  const date = new Date(seconds * 1000);
  if (!template || seconds === 0 || Number.isNaN(date.getTime())) return h("span", {}, fallback || "");
  const now = ctx.now();
  return h(
    "time",
    { datetime: date.toISOString(), title: fullTime(date, ctx.zone, now) },
    formatDate(template, date, ctx.zone, now),
  );
}
