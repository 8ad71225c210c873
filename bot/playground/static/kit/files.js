// Files in a message: a card with a download, a table's first rows, a picture.

import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";

/** Nodes for the files of a message, or null where there are none. */
export function files(list) {
  if (!list?.length) return null;
  return h("div", { class: "files" }, list.map(file));
}

function file(one) {
  const address = `/play/files/${encodeURIComponent(one.id)}`;
  return h(
    "section",
    { class: "file", "aria-label": `File: ${one.title}`, data: { testid: "file", file: one.id } },
    head(one, address),
    one.image && picture(one, address),
    one.preview && preview(one),
  );
}

function head(one, address) {
  const kind = one.filetype.toUpperCase();
  const named = one.name === one.title ? "" : `${one.name} · `;
  return h(
    "div",
    { class: "file-head" },
    h("span", { class: `file-kind kind-${one.filetype}`, "aria-hidden": "true" }, icon("file")),
    h(
      "div",
      { class: "file-words" },
      h("strong", { dir: "auto" }, one.title),
      h("small", {}, `${named}${kind} · ${sizeOf(one.size)}`),
    ),
    h(
      "a",
      {
        class: "icon-button",
        href: address,
        download: one.name,
        "aria-label": `Download ${one.title}`,
        title: "Download",
        data: { testid: "download" },
      },
      icon("download"),
    ),
  );
}

function picture(one, address) {
  const shown = h("img", { class: "picture file-picture", src: address, alt: one.alt_text || one.title, loading: "lazy" });
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer", class: "file-open" }, shown);
}

function preview({ title, preview: { rows, more, lines } }) {
  const [head = [], ...body] = rows;
  const row = (cells, tag) =>
    h("tr", {}, cells.map((cell) => h(tag, { scope: tag === "th" ? "col" : null, dir: "auto" }, cell)));
  const rest = Math.max(0, lines - rows.length);
  return [
    h(
      "div",
      { class: "b-table file-table", tabindex: "0", role: "region", "aria-label": `First rows of ${title}` },
      h("table", {}, h("thead", {}, row(head, "th")), h("tbody", {}, body.map((cells) => row(cells, "td")))),
    ),
    more && h("p", { class: "file-more" }, rest ? `and ${rest} more ${rest === 1 ? "line" : "lines"}` : "and more"),
  ];
}

const UNITS = ["bytes", "kB", "MB", "GB"];

/** 1234 -> "1.2 kB". */
export function sizeOf(bytes) {
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  if (unit === 0) return `${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${UNITS[unit]}`;
}
