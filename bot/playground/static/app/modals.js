// Modal views: a stack of up to three, of which the last is seen.

import { fill, freshId, h, trapTab } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { drawView } from "../kit/view.js";
import { closePopup } from "../kit/popup.js";
import { post, sentence } from "./api.js";
import { contextFor } from "./context.js";
import { on, putView, state } from "./store.js";
import { warnUnlessTold } from "./toasts.js";

const stack = () => state.views[state.user] ?? [];
const kept = new Map(); // view id -> what was typed in it, for when it is seen again
let drawn = null; // the drawing of the top view
let drawnId = null;
let before = null; // what had the focus before the first modal

const titleId = freshId("modal");
const form = h("form", {
  class: "modal-form",
  novalidate: true,
  on: {
    submit: (event) => {
      event.preventDefault();
      submit();
    },
  },
});
const dialog = h(
  "dialog",
  {
    class: "modal",
    "aria-labelledby": titleId,
    data: { testid: "modal" },
    on: {
      keydown: (event) => trapTab(event, dialog),
      cancel: (event) => {
        event.preventDefault();
        dismiss();
      },
    },
  },
  form,
);

/** Starts listening for views. */
export function startModals() {
  document.body.append(dialog);
  on("view", ({ change, view, errors }) => {
    if (change === "errors") showErrors(errors ?? view?.errors ?? {});
    else draw();
  });
  // After a reload, a lost connection or a change of person.
  on("place people", () => stack().at(-1)?.id !== drawnId && draw());
}

function draw() {
  if (drawn) kept.set(drawnId, drawn.values());
  const view = stack().at(-1);
  if (!view) return hide();
  const again = dialog.open && drawnId === view.id;
  const focused = again && document.activeElement?.closest("[data-block-id]")?.dataset.blockId;
  const scroll = again ? form.querySelector(".modal-body")?.scrollTop : 0;
  drawn = drawView(
    view,
    contextFor({ view_id: view.id }, () => drawn.values()),
    { ...view.state?.values, ...kept.get(view.id) },
  );
  drawnId = view.id;
  fill(form, head(view), h("div", { class: "modal-body", tabindex: "-1" }, drawn.node), foot(view));
  dialog.dataset.viewId = view.id;
  dialog.dataset.callbackId = view.callback_id ?? "";
  show();
  form.querySelector(".modal-body").scrollTop = scroll;
  refocus(focused);
  return undefined;
}

function head(view) {
  const back =
    stack().length > 1 &&
    h(
      "button",
      { type: "button", class: "icon-button", "aria-label": "Back", on: { click: dismiss } },
      icon("back"),
    );
  return h(
    "div",
    { class: "modal-head" },
    back,
    h("h2", { class: "modal-title", id: titleId }, view.title?.text ?? ""),
    h(
      "button",
      { type: "button", class: "icon-button", "aria-label": "Close", on: { click: dismissAll } },
      icon("close"),
    ),
  );
}

function foot(view) {
  const submit =
    view.submit &&
    h(
      "button",
      { type: "submit", class: "button primary solid", data: { testid: "modal-submit" } },
      h("span", { class: "button-label" }, view.submit.text),
    );
  const close = h(
    "button",
    { type: "button", class: "button", data: { testid: "modal-close" }, on: { click: dismiss } },
    view.close?.text ?? (view.submit ? "Cancel" : "Close"),
  );
  return h("div", { class: "modal-foot" }, close, submit);
}

function show() {
  if (dialog.open) return;
  closePopup();
  before = document.activeElement;
  dialog.showModal();
}

function refocus(blockId) {
  const same = form.querySelector(`[data-block-id="${CSS.escape(blockId || "")}"]`);
  const inside = same?.querySelector("input, textarea, button, select");
  if (inside) inside.focus();
  else if (drawn.focus() === undefined && !form.contains(document.activeElement))
    form.querySelector(".modal-body").focus();
}

function hide() {
  drawn = null;
  drawnId = null;
  kept.clear();
  if (!dialog.open) return;
  closePopup();
  dialog.close();
  if (before?.isConnected) before.focus();
}

async function submit() {
  const view = stack().at(-1);
  if (!view?.submit || dialog.hasAttribute("aria-busy")) return;
  const problems = drawn.problems();
  showErrors(problems);
  if (Object.keys(problems).length) return;
  dialog.setAttribute("aria-busy", "true");
  const answer = await post("view/submit", { user: state.user, view_id: view.id, values: drawn.values() });
  dialog.removeAttribute("aria-busy");
  if (answer.errors) showErrors(answer.errors);
  else if (!answer.ok) warnUnlessTold(sentence(answer.error));
}

const showErrors = (errors) => drawn?.showErrors(errors);

// Back one view. It is gone from the page at once; the app is told, but has no say in it.
function dismiss() {
  const view = stack().at(-1);
  if (view) leave(view);
}

function dismissAll() {
  const [first] = stack();
  if (first) leave(first);
}

function leave(view) {
  const user = state.user;
  putView({ user, change: "close", view });
  draw();
  post("view/close", { user, view_id: view.id });
}
