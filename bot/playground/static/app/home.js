// The bot's Home tab.

import { fill, h } from "../base/dom.js";
import { drawView } from "../kit/view.js";
import { post, sentence } from "./api.js";
import { contextFor } from "./context.js";
import { on, state } from "./store.js";

const node = h("section", {
  class: "home scroll",
  "aria-label": "Home",
  tabindex: "-1",
  hidden: true,
  data: { testid: "home" },
});
let shownFor = null;
let again = null;
// Milliseconds in which the bot has caught up with a clock that was moved.
const CAUGHT_UP = 1500;

/** The Home tab's node; it draws itself when it is looked at. */
export function startHome() {
  on("place people", visit);
  on("home", (user) => user === state.user && draw());
  on("clock", () => state.tab === "home" && moved());
  return node;
}

// Whoever sits in front of it for a day looks at it now and then.
function moved() {
  draw();
  clearTimeout(again);
  again = setTimeout(() => state.tab === "home" && post("home", { user: state.user }), CAUGHT_UP);
}

async function visit() {
  node.hidden = state.tab !== "home";
  if (node.hidden) {
    shownFor = null;
    return;
  }
  if (shownFor === state.user) return;
  shownFor = state.user;
  draw();
  const answer = await post("home", { user: state.user });
  if (!answer.ok && !state.homes.has(state.user))
    fill(node, h("p", { class: "empty" }, sentence(answer.error)));
}

function draw() {
  const view = state.homes.get(state.user);
  if (!view) {
    fill(
      node,
      h(
        "div",
        { class: "skeleton", "aria-label": "Loading" },
        Array.from({ length: 5 }, () => h("div")),
      ),
    );
    return;
  }
  const scroll = node.scrollTop;
  const drawn = drawView(
    view,
    contextFor({ view_id: view.id }, () => drawn.values()),
  );
  fill(node, h("div", { class: "home-page" }, drawn.node));
  node.scrollTop = scroll;
}
