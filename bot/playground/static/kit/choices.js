// Radio buttons and checkboxes.

import { freshId, h } from "../base/dom.js";
import { textObject } from "./options.js";

export const isChoice = (type) => type === "radio_buttons" || type === "checkboxes";

/** A control for a group of radio buttons or checkboxes: {node, read, focus}. */
export function choiceControl(element, ctx, changed) {
  const many = element.type === "checkboxes";
  const name = freshId("choice");
  const first = new Set(
    [element.initial_options ?? element.initial_option ?? []].flat().map((option) => option.value),
  );
  const inputs = element.options.map((option) =>
    h("input", {
      type: many ? "checkbox" : "radio",
      name,
      checked: first.has(option.value),
      on: { change: () => changed(read()) },
    }),
  );
  const picked = () => element.options.filter((option, at) => inputs[at].checked);
  const read = () =>
    many
      ? { type: element.type, selected_options: picked() }
      : { type: element.type, selected_option: picked()[0] ?? null };
  const rows = element.options.map((option, at) =>
    h(
      "label",
      { class: "choice" },
      inputs[at],
      h(
        "span",
        { dir: "auto" },
        textObject(option.text, ctx),
        option.description && h("small", {}, textObject(option.description, ctx)),
      ),
    ),
  );
  const node = h(
    "div",
    { class: "choices", role: many ? "group" : "radiogroup", data: { "action-id": element.action_id ?? "" } },
    rows,
  );
  return { node, read, focus: () => inputs[0]?.focus() };
}
