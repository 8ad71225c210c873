// Text-like inputs and pickers of date and time, on the browser's own controls.

import { h } from "../base/dom.js";
import { instantOf, localOf } from "../base/times.js";

const TEXTS = {
  email_text_input: "email",
  url_text_input: "url",
  number_input: "text",
  plain_text_input: "text",
};
const PICKERS = {
  datepicker: { type: "date", initial: "initial_date", state: "selected_date" },
  timepicker: { type: "time", initial: "initial_time", state: "selected_time" },
  datetimepicker: { type: "datetime-local", initial: "initial_date_time", state: "selected_date_time" },
};

export const isField = (type) => type in TEXTS || type in PICKERS;

/** A control for a text input or a picker: {node, read, check, focus}. */
export function fieldControl(element, ctx, changed) {
  return element.type in PICKERS ? picker(element, ctx, changed) : textInput(element, changed);
}

function textInput(element, changed) {
  const numeric = element.type === "number_input";
  const tag = element.multiline ? "textarea" : "input";
  const when = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const node = h(tag, {
    class: "field",
    dir: "auto",
    value: element.initial_value ?? "",
    placeholder: element.placeholder?.text,
    maxlength: element.max_length,
    type: tag === "input" ? TEXTS[element.type] : null,
    inputmode: numeric ? (element.is_decimal_allowed ? "decimal" : "numeric") : null,
    rows: element.multiline ? roomFor(element.initial_value ?? "") : null,
    data: { "action-id": element.action_id ?? "" },
    autocomplete: "off",
  });
  const read = () => ({ type: element.type, value: node.value === "" ? null : node.value });
  if (when.includes("on_character_entered")) node.addEventListener("input", () => changed(read()));
  else node.addEventListener("keydown", entered);
  function entered(event) {
    if (event.key !== "Enter" || element.multiline) return;
    // Where Enter is told to the app, it does not also submit the form.
    if (changed(read()) !== false) event.preventDefault();
  }
  function focus() {
    node.focus();
    // A draft is read from its beginning.
    if (element.multiline && node.value === element.initial_value) node.setSelectionRange(0, 0);
    node.scrollTop = 0;
  }
  return { node, read, check: () => textProblem(element, node.value), focus };
}

// A few lines, or as many as a draft has, within reason.
const roomFor = (text) => Math.min(12, Math.max(4, text.split("\n").length + 2));

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

// Slack checks these in the browser, before the app hears of the form.
function textProblem(element, value) {
  if (!value) return null;
  if (element.min_length && value.length < element.min_length)
    return `Write at least ${element.min_length} characters.`;
  if (element.type === "email_text_input" && !EMAIL.test(value)) return "Enter a valid email address.";
  if (element.type === "url_text_input" && !URL.canParse(value))
    return "Enter a valid link, with https:// in front.";
  return element.type === "number_input" ? numberProblem(element, value) : null;
}

function numberProblem(element, value) {
  const shape = element.is_decimal_allowed ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/;
  if (!shape.test(value)) return element.is_decimal_allowed ? "Enter a number." : "Enter a whole number.";
  if (element.min_value !== undefined && Number(value) < Number(element.min_value))
    return `Enter ${element.min_value} or more.`;
  if (element.max_value !== undefined && Number(value) > Number(element.max_value))
    return `Enter ${element.max_value} or less.`;
  return null;
}

function picker(element, ctx, changed) {
  const { type, initial, state } = PICKERS[element.type];
  const instant = type === "datetime-local";
  const given = element[initial];
  const value = instant && given ? localOf(given, ctx.zone) : (given ?? "");
  const node = h("input", {
    class: "field picker",
    type,
    value,
    title: instant ? `Time zone: ${ctx.zone}` : null,
    data: { "action-id": element.action_id ?? "" },
  });
  const read = () => ({
    type: element.type,
    [state]: node.value === "" ? null : instant ? instantOf(node.value, ctx.zone) : node.value,
  });
  node.addEventListener("change", () => changed(read()));
  return { node, read, check: () => null, focus: () => node.focus() };
}
