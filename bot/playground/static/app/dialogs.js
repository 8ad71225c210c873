// The small question before a risky button.

import { freshId, h, trapTab } from "../base/dom.js";
import { textObject } from "../kit/options.js";

const reader = { nameOf: () => null, channelName: () => null, zone: "UTC", now: () => new Date() };

/** Asks what a Block Kit confirm object asks; resolves to true for "yes". */
export function confirmDialog(confirm) {
  return new Promise((resolve) => {
    const title = freshId("confirm");
    const before = document.activeElement;
    const finish = (answer) => {
      dialog.close();
      dialog.remove();
      if (before?.isConnected) before.focus();
      resolve(answer);
    };
    const yes = h(
      "button",
      {
        type: "button",
        class: `button ${confirm.style === "danger" ? "danger solid" : "primary"}`,
        on: { click: () => finish(true) },
      },
      confirm.confirm?.text ?? "Yes",
    );
    const no = h(
      "button",
      { type: "button", class: "button", on: { click: () => finish(false) } },
      confirm.deny?.text ?? "Cancel",
    );
    const dialog = h(
      "dialog",
      {
        class: "modal confirm",
        "aria-labelledby": title,
        data: { testid: "confirm" },
        on: {
          keydown: (event) => trapTab(event, dialog),
          cancel: (event) => {
            event.preventDefault();
            finish(false);
          },
        },
      },
      h("h2", { id: title, class: "modal-title" }, textObject(confirm.title, reader) ?? "Are you sure?"),
      h("div", { class: "modal-body" }, textObject(confirm.text, reader)),
      h("div", { class: "modal-foot" }, no, yes),
    );
    document.body.append(dialog);
    dialog.showModal();
    // A careless Enter must not do what the app itself calls dangerous.
    (confirm.style === "danger" ? no : yes).focus();
  });
}
