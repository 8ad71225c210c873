// The markdown block: the part of standard Markdown that apps use in messages.

import { h, link } from "../base/dom.js";
import { textNodes } from "./emoji.js";

/** Markdown as nodes: headings, lists, quotes, fences, rules, paragraphs. */
export function markdown(text) {
  const nodes = [];
  const lines = text.split("\n");
  while (lines.length) nodes.push(take(lines));
  return nodes.filter(Boolean);
}

const KINDS = [
  [/^```/, fence],
  [/^#{1,6}\s+/, heading],
  [/^\s*([-*_])(\s*\1){2,}\s*$/, rule],
  [
    /^>\s?/,
    (lines) => h("blockquote", { class: "quote" }, markdown(run(lines, /^>\s?/, /^>\s?/).join("\n"))),
  ],
  [/^\s*[-*+]\s+/, (lines) => listing(lines, "ul", /^\s*[-*+]\s+/)],
  [/^\s*\d+[.)]\s+/, (lines) => listing(lines, "ol", /^\s*\d+[.)]\s+/)],
];

function take(lines) {
  if (!lines[0].trim()) return void lines.shift();
  const kind = KINDS.find(([pattern]) => pattern.test(lines[0]));
  if (kind) return kind[1](lines);
  const paragraph = [];
  while (lines.length && lines[0].trim() && !KINDS.some(([pattern]) => pattern.test(lines[0])))
    paragraph.push(lines.shift());
  return h("p", { class: "md-p" }, spans(paragraph.join("\n")));
}

function run(lines, pattern, drop) {
  const taken = [];
  while (lines.length && pattern.test(lines[0])) taken.push(lines.shift().replace(drop, ""));
  return taken;
}

const listing = (lines, tag, pattern) =>
  h(
    tag,
    { class: "rt-list" },
    run(lines, pattern, pattern).map((item) => h("li", {}, spans(item))),
  );

function heading(lines) {
  return h(
    "div",
    { class: "md-heading", role: "heading", "aria-level": 3 },
    spans(lines.shift().replace(/^#+\s+/, "")),
  );
}

function rule(lines) {
  lines.shift();
  return h("hr", { class: "divider" });
}

function fence(lines) {
  lines.shift();
  const inside = [];
  while (lines.length && !lines[0].startsWith("```")) inside.push(lines.shift());
  lines.shift();
  return h("pre", { class: "pre" }, inside.join("\n"));
}

const SPANS =
  /(`[^`\n]+`)|\[([^\]\n]+)\]\(([^)\s]+)\)|\*\*(.+?)\*\*|__(.+?)__|~~(.+?)~~|\*([^*\n]+)\*|_([^_\n]+)_/g;

function spans(text, depth = 0) {
  if (depth > 4) return textNodes(text, true);
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(SPANS)) {
    nodes.push(...textNodes(text.slice(from, found.index), true), span(found, depth + 1));
    from = found.index + found[0].length;
  }
  nodes.push(...textNodes(text.slice(from), true));
  return nodes;
}

function span([, code, label, url, bold, bold2, strike, italic, italic2], depth) {
  if (code) return h("code", { class: "code" }, code.slice(1, -1));
  if (label) return link(url, spans(label, depth));
  if (bold ?? bold2) return h("strong", {}, spans(bold ?? bold2, depth));
  if (strike) return h("s", {}, spans(strike, depth));
  return h("em", {}, spans(italic ?? italic2, depth));
}
