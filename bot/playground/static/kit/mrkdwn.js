// Slack's mrkdwn as DOM nodes. Blocks first (fences, quotes, list lines), then what stands inside
// a line. Text that came from outside only ever becomes text nodes.

import { h, link } from "../base/dom.js";
import { emojiNode, shortcodeAt, textNodes } from "./emoji.js";
import { controlNode } from "./mentions.js";

const MARKS = { "*": "strong", _: "em", "~": "s" };
const DEEPEST = 6;

/** `&amp;`, `&lt;` and `&gt;` are the only entities that Slack knows. */
export const unescape = (text) =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

// What an app writes runs from left to right. A name that it makes bold may not: dir="auto" on the
// marked part keeps a name in Arabic or Hebrew whole without turning the line around it.

/** mrkdwn as nodes. `ctx` names people, channels, the reader's zone and the present instant. */
export function mrkdwn(text, ctx, { verbatim = false } = {}) {
  const nodes = [];
  const fence = /```\n?([\s\S]+?)\n?```/g;
  let from = 0;
  for (const found of text.matchAll(fence)) {
    nodes.push(...paragraphs(text.slice(from, found.index).replace(/\n$/, ""), ctx, verbatim));
    nodes.push(h("pre", { class: "pre" }, plainOf(found[1], ctx)));
    from = found.index + found[0].length;
  }
  nodes.push(...paragraphs(from ? text.slice(from).replace(/^\n/, "") : text, ctx, verbatim));
  return nodes;
}

const QUOTED = /^(?:>|&gt;) ?/;
const LISTED = /^(\s*)(?:[•◦▪]|[-*](?=\s)|\d{1,3}\.(?=\s))\s+/;

function paragraphs(text, ctx, verbatim) {
  if (!text) return [];
  const nodes = [];
  for (const group of grouped(text.split("\n"))) {
    const lines = group.lines.join("\n");
    if (group.kind === "quote") nodes.push(h("blockquote", { class: "quote" }, inline(lines, ctx, verbatim)));
    else if (group.kind === "item") nodes.push(h("span", { class: "hanging" }, inline(lines, ctx, verbatim)));
    else nodes.push(h("span", { class: "lines" }, inline(lines || "\u200b", ctx, verbatim)));
  }
  return nodes;
}

// Neighbouring lines of one kind stay together, so that bold may run over a line's end.
function grouped(lines) {
  const groups = [];
  for (const line of lines) {
    const kind = QUOTED.test(line) ? "quote" : LISTED.test(line) ? "item" : "text";
    const last = groups.at(-1);
    const content = kind === "quote" ? line.replace(QUOTED, "") : line;
    if (last && last.kind === kind && kind !== "item") last.lines.push(content);
    else groups.push({ kind, lines: [content] });
  }
  return groups;
}

/** What stands inside a line, as nodes. */
export function inline(text, ctx, verbatim = false, depth = 0) {
  const nodes = [];
  const hopeless = new Set();
  let plain = "";
  let at = 0;
  const flush = () => {
    if (plain) nodes.push(...textNodes(unescape(plain)));
    plain = "";
  };
  while (at < text.length) {
    const piece = pieceAt(text, at, ctx, { verbatim, depth, hopeless });
    if (piece) {
      flush();
      nodes.push(piece.node);
      at += piece.length;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return nodes;
}

function pieceAt(text, at, ctx, { verbatim, depth, hopeless }) {
  const char = text[at];
  if (char === "<") return control(text, at, ctx);
  if (char === "`") return code(text, at, ctx);
  if (char === ":") {
    const emoji = shortcodeAt(text, at);
    return emoji && { node: emojiNode(emoji.character, emoji.name), length: emoji.length };
  }
  if (char in MARKS && depth < DEEPEST) return marked(text, at, ctx, { verbatim, depth, hopeless });
  if (char === "h" && !verbatim) return address(text, at);
  return null;
}

function control(text, at, ctx) {
  const end = text.indexOf(">", at);
  if (end < 0 || end === at + 1) return null;
  const node = controlNode(text.slice(at + 1, end), ctx);
  return node && { node, length: end - at + 1 };
}

function code(text, at, ctx) {
  const end = text.indexOf("`", at + 1);
  if (end < 0 || end === at + 1 || text.slice(at, end).includes("\n")) return null;
  return { node: h("code", { class: "code" }, plainOf(text.slice(at + 1, end), ctx)), length: end - at + 1 };
}

// Inside code nothing is formatted, but <…> is still what Slack made of it: it shows its label.
function plainOf(text, ctx) {
  return unescape(text.replace(/<([^>]+)>/g, (all, inside) => controlNode(inside, ctx)?.textContent ?? all));
}

const WORD = /[\p{L}\p{N}]/u;

// *bold* opens where no word runs into it and closes where none runs out of it: 3*4*5 is a product.
function marked(text, at, ctx, { verbatim, depth, hopeless }) {
  const mark = text[at];
  if (hopeless.has(mark) || (at > 0 && WORD.test(text[at - 1])) || /[\s]/.test(text[at + 1] ?? " "))
    return null;
  const end = closing(text, at, mark);
  if (end < 0) {
    hopeless.add(mark);
    return null;
  }
  const inside = inline(text.slice(at + 1, end), ctx, verbatim, depth + 1);
  return { node: h(MARKS[mark], { dir: "auto" }, inside), length: end - at + 1 };
}

function closing(text, at, mark) {
  for (let i = at + 1; i < text.length; i += 1) {
    const skipTo = { "<": ">", "`": "`" }[text[i]];
    if (skipTo) {
      const end = text.indexOf(skipTo, i + 1);
      if (end > i) i = end;
    } else if (text[i] === mark && i > at + 1 && !/\s/.test(text[i - 1]) && !WORD.test(text[i + 1] ?? " "))
      return i;
  }
  return -1;
}

function address(text, at) {
  if (at > 0 && WORD.test(text[at - 1])) return null;
  const pattern = /https?:\/\/[^\s<>"`]+/y;
  pattern.lastIndex = at;
  const found = pattern.exec(text)?.[0].replace(/(?:[.,:;!?)\]'*_~]|&gt;|&lt;)+$/, "");
  return found ? { node: link(unescape(found)), length: found.length } : null;
}
