// Interactive elements, and what a press does: ask first if the app wants that, show that it is
// on its way, show it when it failed.

import { h, safeUrl } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { choiceControl, isChoice } from "./choices.js";
import { fieldControl, isField } from "./fields.js";
import { selectControl } from "./menus.js";
import { isSelect, textObject } from "./options.js";
import { openPopup } from "./popup.js";

/**
 * An element as a control {node, read?, check?, focus?}, or null when the type is not known.
 * `acts` says whether a change is told to the app at once (not so in most input blocks).
 */
export function control(element, blockId, ctx, { acts = true } = {}) {
  if (element.type === "button") return button(element, blockId, ctx);
  if (element.type === "overflow") return overflow(element, blockId, ctx);
  const changed = (state) => acts && press(made.node, element, blockId, ctx, state);
  const made = stateful(element, blockId, ctx, changed);
  return made;
}

function stateful(element, blockId, ctx, changed) {
  if (isSelect(element.type)) return selectControl(element, blockId, ctx, changed);
  if (isField(element.type)) return fieldControl(element, ctx, changed);
  if (isChoice(element.type) && element.options) return choiceControl(element, ctx, changed);
  return null;
}

/** Tells the app of an action; `node` shows that it waits, and a warning when it failed. */
async function press(node, element, blockId, ctx, state) {
  if (node.getAttribute("aria-busy") === "true") return;
  if (element.confirm && !(await ctx.confirm(element.confirm))) return;
  node.setAttribute("aria-busy", "true");
  node.classList.remove("failed");
  const error = await ctx.act({ action_id: element.action_id, block_id: blockId, ...state });
  node.removeAttribute("aria-busy");
  if (!error) return;
  node.classList.add("failed");
  node.title = `This did not work: ${error}`;
}

function button(element, blockId, ctx) {
  const style = ["primary", "danger"].includes(element.style) ? ` ${element.style}` : "";
  const href = element.url && safeUrl(element.url);
  const state = { type: "button", ...(element.value === undefined ? {} : { value: element.value }) };
  // A link button opens its page and still tells the app, as in Slack.
  const props = {
    class: `button${style}`,
    "aria-label": element.accessibility_label,
    data: { "action-id": element.action_id ?? "" },
    on: { click: () => press(node, element, blockId, ctx, state) },
  };
  const label = h("span", { class: "button-label" }, textObject(element.text, ctx));
  const node = href
    ? h("a", { ...props, href, target: "_blank", rel: "noopener noreferrer" }, label)
    : h("button", { ...props, type: "button" }, label);
  return { node };
}

function overflow(element, blockId, ctx) {
  const node = h(
    "button",
    {
      type: "button",
      class: "button overflow",
      "aria-label": "More actions",
      "aria-haspopup": "menu",
      data: { "action-id": element.action_id ?? "" },
      on: { click: () => open() },
    },
    icon("more"),
  );
  function open() {
    const items = element.options.map((option) => {
      const href = option.url && safeUrl(option.url);
      const props = {
        class: "menu-item",
        role: "menuitem",
        data: { value: option.value ?? "" },
        on: {
          click: () => {
            close();
            press(node, element, blockId, ctx, { type: "overflow", selected_option: option });
          },
        },
      };
      const content = [
        h("span", {}, textObject(option.text, ctx)),
        option.description && h("small", {}, textObject(option.description, ctx)),
      ];
      return href
        ? h("a", { ...props, href, target: "_blank", rel: "noopener noreferrer" }, content)
        : h("button", { ...props, type: "button" }, content);
    });
    const menu = h(
      "div",
      { class: "menu", role: "menu", on: { keydown: (event) => walk(event, items) } },
      items,
    );
    const close = openPopup(node, menu, { align: "end", width: "auto" });
    items[0]?.focus();
  }
  return { node };
}

/** Arrow keys among the items of a menu. */
export function walk(event, items) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const at = items.indexOf(document.activeElement);
  items[(at + step + items.length) % items.length].focus();
}
