// Light and dark: as the system wants, unless the visitor or the address (?theme=dark) says otherwise.

import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { keep, recall } from "./memory.js";

const dark = matchMedia("(prefers-color-scheme: dark)");
const asked = new URLSearchParams(location.search).get("theme");
let chosen = ["dark", "light"].includes(asked) ? asked : recall("theme");

const button = h("button", {
  type: "button",
  class: "icon-button",
  data: { testid: "theme" },
  on: { click: flip },
});

/** Applies the theme; gives the button that changes it. */
export function startTheme() {
  dark.addEventListener("change", apply);
  apply();
  return button;
}

function apply() {
  const theme = chosen ?? (dark.matches ? "dark" : "light");
  document.documentElement.dataset.theme = theme;
  const other = theme === "dark" ? "light" : "dark";
  button.setAttribute("aria-label", `Switch to the ${other} theme`);
  button.title = `Switch to the ${other} theme`;
  fill(button, icon(other === "dark" ? "moon" : "sun"));
}

function flip() {
  chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  keep("theme", chosen);
  apply();
}
