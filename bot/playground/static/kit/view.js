// A view (modal or Home) as a node, with what it holds: values to submit, checks, errors.

import { h } from "../base/dom.js";
import { blocks } from "./blocks.js";

/**
 * Draws a view. `kept` are values of an earlier drawing: what a person has typed stays when the
 * app updates the view, as long as block and action keep their ids.
 * Gives {node, values(), problems(), showErrors(errors), focus()}.
 */
export function drawView(view, ctx, kept = {}) {
  const controls = [];
  const list = (view.blocks ?? []).map((block) => withKept(block, kept));
  const node = h("div", { class: "view-blocks" }, blocks(list, ctx, controls));
  return {
    node,
    values: () => valuesOf(controls),
    problems: () => problemsOf(controls),
    showErrors: (errors) => showErrors(controls, errors),
    focus: () => (controls.find((item) => item.element.focus_on_load) ?? controls[0])?.made.focus?.(),
  };
}

function valuesOf(controls) {
  const values = {};
  for (const { blockId, element, made } of controls) {
    values[blockId] ??= {};
    values[blockId][element.action_id] = made.read();
  }
  return values;
}

const isEmpty = (state) =>
  Object.entries(state).every(([key, value]) => key === "type" || value === null || value?.length === 0);

// What Slack itself refuses before it asks the app.
function problemsOf(controls) {
  const problems = {};
  for (const { block, blockId, made } of controls) {
    if (block.type !== "input") continue;
    const problem = !block.optional && isEmpty(made.read()) ? "This field is required." : made.check?.();
    if (problem) problems[blockId] = problem;
  }
  return problems;
}

function showErrors(controls, errors) {
  let first = null;
  for (const { blockId, error, holder, made } of controls) {
    if (!error) continue;
    const text = errors[blockId] ?? "";
    error.textContent = text;
    error.hidden = !text;
    holder.classList.toggle("has-error", Boolean(text));
    made.node.setAttribute("aria-invalid", String(Boolean(text)));
    if (text) first ??= made;
  }
  first?.focus();
}

const INITIAL = {
  value: "initial_value",
  selected_option: "initial_option",
  selected_options: "initial_options",
  selected_user: "initial_user",
  selected_users: "initial_users",
  selected_channel: "initial_channel",
  selected_channels: "initial_channels",
  selected_conversation: "initial_conversation",
  selected_conversations: "initial_conversations",
  selected_date: "initial_date",
  selected_time: "initial_time",
  selected_date_time: "initial_date_time",
};

function withKept(block, kept) {
  const given = kept[block.block_id];
  if (!given) return block;
  const filled = (element) => keptElement(element, given[element.action_id]);
  if (block.type === "input") return { ...block, element: filled(block.element) };
  if (block.type === "actions") return { ...block, elements: block.elements.map(filled) };
  return block.accessory ? { ...block, accessory: filled(block.accessory) } : block;
}

function keptElement(element, state) {
  if (!state || state.type !== element.type) return element;
  const made = { ...element };
  for (const [from, to] of Object.entries(INITIAL)) {
    if (!(from in state)) continue;
    if (state[from] === null || state[from].length === 0) delete made[to];
    else made[to] = state[from];
  }
  return made;
}
