// The rich_text block: sections, lists, quotes and preformatted text of styled elements.

import { h, link } from "../base/dom.js";
import { emojiCharacter, emojiNode, textNodes } from "./emoji.js";
import { broadcast, channelMention, dateNode, groupMention, userMention } from "./mentions.js";

/** Nodes for a rich_text block. */
export const richText = (block, ctx) => block.elements.map((part) => container(part, ctx));

const CONTAINERS = {
  rich_text_section: (part, ctx) => h("div", { class: "rt-section" }, elements(part.elements, ctx)),
  rich_text_quote: (part, ctx) => h("blockquote", { class: "quote" }, elements(part.elements, ctx)),
  rich_text_preformatted: (part, ctx) => h("pre", { class: "pre" }, elements(part.elements, ctx)),
  rich_text_list: list,
};

function container(part, ctx) {
  const make = CONTAINERS[part.type];
  return make ? make(part, ctx) : unknown(part.type);
}

// Lists of one level each: nesting is only their indent, as in Slack's own format.
function list(part, ctx) {
  const tag = part.style === "ordered" ? "ol" : "ul";
  const props = { class: `rt-list${part.border ? " rt-border" : ""}`, vars: { indent: part.indent ?? 0 } };
  if (tag === "ol" && part.offset) props.start = part.offset + 1;
  return h(
    tag,
    props,
    part.elements.map((item) => h("li", {}, elements(item.elements, ctx))),
  );
}

/** Nodes of inline elements. */
export const elements = (list, ctx) => (list ?? []).map((item) => styled(inlineNode(item, ctx), item.style));

const INLINE = {
  text: (item) => textNodes(item.text),
  link: (item) => link(item.url, textNodes(item.text || item.url)),
  user: (item, ctx) => userMention(item.user_id, ctx),
  usergroup: (item, ctx) => groupMention(item.usergroup_id, ctx),
  channel: (item, ctx) => channelMention(item.channel_id, ctx),
  broadcast: (item) => broadcast(item.range),
  date: (item, ctx) => dated(item, ctx),
  emoji,
  color: (item) => h("code", { class: "code" }, item.value),
};

function inlineNode(item, ctx) {
  const make = INLINE[item.type];
  return make ? make(item, ctx) : unknown(item.type);
}

function dated(item, ctx) {
  const node = dateNode(Number(item.timestamp), item.format ?? "", item.fallback, ctx);
  return item.url ? link(item.url, node) : node;
}

function emoji(item) {
  const known = emojiCharacter(item.name);
  const character = item.unicode
    ? String.fromCodePoint(...item.unicode.split("-").map((code) => parseInt(code, 16)))
    : known;
  return character ? emojiNode(character, item.name) : document.createTextNode(`:${item.name}:`);
}

const STYLES = { bold: "strong", italic: "em", strike: "s", underline: "u", code: "code" };

function styled(nodes, style) {
  let inside = nodes;
  for (const [name, tag] of Object.entries(STYLES)) {
    if (style?.[name]) inside = h(tag, { dir: "auto", class: tag === "code" ? "code" : null }, inside);
  }
  return inside;
}

const unknown = (type) => h("span", { class: "unknown-inline" }, `[${type}: not drawn here]`);
