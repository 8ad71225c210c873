// Block Kit blocks as DOM nodes. Every surface (message, modal, Home) draws through here.

import { freshId, h, link } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { textNodes } from "./emoji.js";
import { control } from "./elements.js";
import { markdown } from "./markdown.js";
import { richText } from "./rich_text.js";
import { table } from "./table.js";
import { textObject } from "./options.js";

/**
 * Nodes for a list of blocks. `ctx` is who reads and how presses are told; `controls` collects
 * what holds state, as {block, element, blockId, made, holder}, for a form to read.
 */
export function blocks(list, ctx, controls = []) {
  return (list ?? []).map((block, at) => {
    const id = block.block_id ?? `block-${at}`;
    const make = Object.hasOwn(BLOCKS, block.type) ? BLOCKS[block.type] : unknown;
    const node = guarded(make, { ...block, block_id: id }, ctx, controls);
    node.dataset.blockId = id;
    return node;
  });
}

// One block that cannot be drawn must not take the message with it.
function guarded(make, block, ctx, controls) {
  try {
    return make(block, ctx, controls);
  } catch (error) {
    console.warn("block not drawn", block.type, error);
    return unknown(block);
  }
}

const BLOCKS = {
  header: (block) => h("h3", { class: "b-header" }, textNodes(block.text.text, block.text.emoji !== false)),
  section,
  context,
  actions,
  divider: () => h("hr", { class: "divider" }),
  image: (block, ctx) =>
    h(
      "figure",
      { class: "b-image" },
      block.title && h("figcaption", {}, textObject(block.title, ctx)),
      picture(block),
    ),
  input,
  rich_text: (block, ctx) => h("div", { class: "b-rich" }, richText(block, ctx)),
  table: (block, ctx) => table(block, ctx),
  markdown: (block) => h("div", { class: "b-markdown" }, markdown(block.text)),
  video,
};

function unknown(block) {
  return h(
    "div",
    { class: "b-unknown", role: "note" },
    icon("warning"),
    `The playground cannot draw a block of type “${block.type}”.`,
  );
}

function section(block, ctx, controls) {
  const text = block.text && h("div", { class: "b-text" }, textObject(block.text, ctx));
  const fields =
    block.fields &&
    h(
      "div",
      { class: "b-fields" },
      block.fields.map((field) => h("div", { class: "b-field" }, textObject(field, ctx))),
    );
  const accessory =
    block.accessory && h("div", { class: "b-accessory" }, element(block.accessory, block, ctx, controls));
  return h("div", { class: "b-section" }, h("div", { class: "b-body" }, text, fields), accessory);
}

function context(block, ctx) {
  const parts = block.elements.map((part) =>
    part.type === "image"
      ? picture(part, "small")
      : h("span", { class: "b-context-text" }, textObject(part, ctx)),
  );
  return h("div", { class: "b-context" }, parts);
}

function actions(block, ctx, controls) {
  return h(
    "div",
    { class: "b-actions", role: "group", "aria-label": "Actions" },
    block.elements.map((part) => element(part, block, ctx, controls)),
  );
}

function element(part, block, ctx, controls) {
  if (part.type === "image") return picture(part, "thumb");
  const made = control(part, block.block_id, ctx);
  if (!made) return unknown(part);
  if (made.read) controls.push({ block, element: part, blockId: block.block_id, made });
  return made.node;
}

function input(block, ctx, controls) {
  const made = control(block.element, block.block_id, ctx, { acts: block.dispatch_action === true });
  if (!made?.read) return unknown(block.element);
  const ids = { label: freshId("label"), hint: freshId("hint"), error: freshId("error") };
  const error = h("p", { class: "input-error", id: ids.error, hidden: true, role: "alert" });
  const target = made.node;
  target.setAttribute("aria-labelledby", ids.label);
  target.setAttribute("aria-describedby", `${ids.hint} ${ids.error}`);
  const holder = h(
    "div",
    { class: "b-input" },
    h(
      "div",
      { class: "input-label", id: ids.label, on: { click: () => made.focus() } },
      textObject(block.label, ctx),
      block.optional && h("span", { class: "optional" }, " (optional)"),
    ),
    target,
    error,
    block.hint && h("p", { class: "hint", id: ids.hint }, textObject(block.hint, ctx)),
  );
  controls.push({ block, element: block.element, blockId: block.block_id, made, holder, error });
  return holder;
}

// The page asks nobody else for anything, so a picture from elsewhere is a labelled link.
function picture(block, size = "") {
  const url = block.image_url ?? block.slack_file?.url ?? "";
  const local = url.startsWith("/") || url.startsWith("data:image/") || url.startsWith(location.origin);
  if (local) return h("img", { src: url, alt: block.alt_text ?? "", class: `picture ${size}` });
  return h(
    "span",
    { class: `picture-elsewhere ${size}` },
    icon("image"),
    url ? link(url, block.alt_text || "Picture") : block.alt_text,
  );
}

function video(block, ctx) {
  return h(
    "div",
    { class: "b-video" },
    icon("play"),
    h(
      "div",
      {},
      link(block.title_url ?? block.video_url, textObject(block.title, ctx)),
      block.description && h("small", {}, textObject(block.description, ctx)),
    ),
  );
}
