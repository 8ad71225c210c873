// The table block. The first row is the heading, as in Slack.

import { h } from "../base/dom.js";
import { richText } from "./rich_text.js";

/** A table in a box that scrolls sideways, so that wide ones do not break the page. */
export function table(block, ctx) {
  const [head, ...body] = block.rows;
  const row = (cells, tag) =>
    h(
      "tr",
      {},
      cells.map((cell, at) =>
        h(
          tag,
          { ...look(block.column_settings?.[at]), scope: tag === "th" ? "col" : null, dir: "auto" },
          content(cell, ctx),
        ),
      ),
    );
  return h(
    "div",
    { class: "b-table", tabindex: "0", role: "region", "aria-label": "Table" },
    h(
      "table",
      {},
      h("thead", {}, row(head ?? [], "th")),
      h(
        "tbody",
        {},
        body.map((cells) => row(cells, "td")),
      ),
    ),
  );
}

const look = (column) => ({
  class: `align-${column?.align ?? "left"}${column?.is_wrapped ? " wrapped" : ""}`,
});

function content(cell, ctx) {
  if (cell.type === "rich_text") return richText(cell, ctx);
  return cell.text ?? String(cell.value ?? "");
}
