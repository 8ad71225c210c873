// Modal views: a stack of up to three, of which the last is seen.

import { fill, freshId, h, trapTab } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { drawView } from "../kit/view.js";
import { closePopup } from "../kit/popup.js";
import { post, sentence } from "./api.js";
import { contextFor } from "./context.js";
import { on, state } from "./store.js";
import { warn } from "./toasts.js";

let stack = []; // {view, values: what was typed, kept for when it is seen again}
let drawn = null; // the drawing of the top view
let before = null; // what had the focus before the first modal

const titleId = freshId("modal");
const form = h("form", { class: "modal-form", novalidate: true, on: { submit: (event) => { event.preventDefault(); submit(); } } });
const dialog = h("dialog", {
  class: "modal", "aria-labelledby": titleId, data: { testid: "modal" },
  on: { keydown: (event) => trapTab(event, dialog), cancel: (event) => { event.preventDefault(); dismiss(); } },
}, form);

/** Starts listening for views. */
export function startModals() {
  document.body.append(dialog);
  on("view", change);
  on("place", () => stack.length && stack[0].user !== state.user && clear());
}

function change({ change: kind, view, errors }) {
  remember();
  if (kind === "open") stack = [entry(view)];
  else if (kind === "push") stack.push(entry(view));
  else if (kind === "update") stack = stack.map((item) => (item.view.id === view.id ? { ...item, view } : item));
  else if (kind === "errors") return showErrors(errors ?? view.errors ?? {});
  else if (kind === "close") stack = without(view);
  return draw();
}

const entry = (view) => ({ view, values: {}, user: state.user });

// Closing a view takes those opened from it along.
function without(view) {
  const at = stack.findIndex((item) => item.view.id === view?.id);
  if (at < 0) return view ? stack : [];
  return stack.slice(0, at);
}

function remember() {
  if (drawn && stack.length) stack.at(-1).values = drawn.values();
}

function draw() {
  const top = stack.at(-1);
  if (!top) return hide();
  const { view } = top;
  const again = dialog.open && dialog.dataset.viewId === view.id;
  const focused = again && document.activeElement?.closest("[data-block-id]")?.dataset.blockId;
  const scroll = again ? form.querySelector(".modal-body")?.scrollTop : 0;
  drawn = drawView(view, contextFor({ view_id: view.id }, () => drawn.values()), top.values);
  fill(form, head(view), h("div", { class: "modal-body", tabindex: "-1" }, drawn.node), foot(view));
  dialog.dataset.viewId = view.id;
  dialog.dataset.callbackId = view.callback_id ?? "";
  show();
  form.querySelector(".modal-body").scrollTop = scroll;
  refocus(focused);
  return undefined;
}

function head(view) {
  const back = stack.length > 1 && h("button", { type: "button", class: "icon-button", "aria-label": "Back", on: { click: dismiss } }, icon("back"));
  return h(
    "div", { class: "modal-head" }, back, h("h2", { class: "modal-title", id: titleId }, view.title?.text ?? ""),
    h("button", { type: "button", class: "icon-button", "aria-label": "Close", on: { click: dismissAll } }, icon("close")),
  );
}

function foot(view) {
  const submit = view.submit && h("button", { type: "submit", class: "button primary solid", data: { testid: "modal-submit" } }, h("span", { class: "button-label" }, view.submit.text));
  const close = h("button", { type: "button", class: "button", data: { testid: "modal-close" }, on: { click: dismiss } }, view.close?.text ?? (view.submit ? "Cancel" : "Close"));
  return h("div", { class: "modal-foot" }, close, submit);
}

function show() {
  if (dialog.open) return;
  closePopup();
  before = document.activeElement;
  dialog.showModal();
}

function refocus(blockId) {
  const same = blockId && form.querySelector(`[data-block-id="${CSS.escape(blockId)}"]`);
  const inside = same?.querySelector("input, textarea, button, select");
  if (inside) inside.focus();
  else if (drawn.focus() === undefined && !form.contains(document.activeElement)) form.querySelector(".modal-body").focus();
}

function hide() {
  drawn = null;
  if (!dialog.open) return;
  closePopup();
  dialog.close();
  if (before?.isConnected) before.focus();
}

function clear() {
  stack = [];
  hide();
}

async function submit() {
  const top = stack.at(-1);
  if (!top?.view.submit || dialog.hasAttribute("aria-busy")) return;
  const problems = drawn.problems();
  drawn.showErrors(problems);
  if (Object.keys(problems).length) return;
  dialog.setAttribute("aria-busy", "true");
  const answer = await post("view/submit", { user: top.user, view_id: top.view.id, values: drawn.values() });
  dialog.removeAttribute("aria-busy");
  if (answer.errors) showErrors(answer.errors);
  else if (!answer.ok) warn(sentence(answer.error));
}

function showErrors(errors) {
  drawn?.showErrors(errors);
}

// Back one view. It is gone from the page at once; the app is told, but has no say in it.
function dismiss() {
  const top = stack.pop();
  if (top) post("view/close", { user: top.user, view_id: top.view.id });
  drawn = null;
  draw();
}

function dismissAll() {
  const [first] = stack;
  clear();
  if (first) post("view/close", { user: first.user, view_id: first.view.id, is_cleared: true });
}
