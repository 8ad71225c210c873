// What is offered while a slash command is being typed: commands first, then the words it takes.

import { fill, freshId, h } from "../base/dom.js";
import { state } from "./store.js";

/** Words that a usage hint offers: "[stuck | mine | help]" -> stuck, mine, help. */
export function choicesOf(hint) {
  if (!hint?.includes("|")) return [];
  return hint
    .replace(/[[\]]/g, " ")
    .split("|")
    .map((word) => word.trim().split(/\s+/)[0])
    .filter((word) => /^[a-z][a-z-]*$/.test(word));
}

/** What fits the text so far: [{insert, title, hint, description}]. */
export function suggestions(text) {
  const found = /^(\/\S*)(\s+)?(\S*)$/.exec(text);
  if (!found) return [];
  const [, word, gap, argument] = found;
  if (!gap) {
    return state.commands
      .filter((command) => command.command.startsWith(word))
      .map((command) => ({
        insert: `${command.command} `,
        title: command.command,
        hint: command.usage_hint,
        description: command.description,
      }));
  }
  const command = state.commands.find((one) => one.command === word);
  return choicesOf(command?.usage_hint)
    .filter((choice) => choice.startsWith(argument) && choice !== argument)
    .map((choice) => ({
      insert: `${word} ${choice}`,
      title: `${word} ${choice}`,
      hint: "",
      description: "",
    }));
}

/** The command that a text begins with, once a space follows it. */
export const commandIn = (text) =>
  state.commands.find((command) => text.startsWith(`${command.command} `) || text === command.command);

/**
 * The list above a text box. Focus stays in the box; `keydown` must be asked first and says
 * whether it took the key.
 */
export function completion(box, use) {
  const id = freshId("completion");
  const list = h("div", {
    class: "completion",
    role: "listbox",
    id,
    "aria-label": "Commands",
    hidden: true,
    data: { testid: "completion" },
  });
  let items = [];
  let active = 0;
  box.setAttribute("aria-controls", id);

  function update() {
    items = suggestions(box.value);
    active = 0;
    list.hidden = !items.length;
    box.setAttribute("aria-expanded", String(!list.hidden));
    fill(
      list,
      items.map((item, at) =>
        h(
          "div",
          {
            class: "completion-item",
            role: "option",
            id: `${id}-${at}`,
            data: { command: item.title },
            on: {
              mousedown: (event) => {
                event.preventDefault();
                accept(at);
              },
              mousemove: () => point(at),
            },
          },
          h(
            "span",
            {},
            h("strong", {}, item.title),
            item.hint && h("span", { class: "completion-hint" }, item.hint),
          ),
          item.description && h("small", {}, item.description),
        ),
      ),
    );
    if (items.length) point(0);
    else box.removeAttribute("aria-activedescendant");
  }
  function point(at) {
    active = (at + items.length) % items.length;
    [...list.children].forEach((row, index) => row.setAttribute("aria-selected", String(index === active)));
    box.setAttribute("aria-activedescendant", `${id}-${active}`);
    list.children[active].scrollIntoView({ block: "nearest" });
  }
  function accept(at) {
    use(items[at].insert);
    update();
  }
  function hide() {
    items = [];
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }
  function keydown(event) {
    if (!items.length) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) point(active + step);
    else if (event.key === "Tab" && !event.shiftKey) accept(active);
    // A command word that is whole already is sent by Enter; a part of one is completed.
    else if (event.key === "Enter" && !event.shiftKey && !commandIn(box.value)) accept(active);
    else if (event.key === "Escape") hide();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
  return { node: list, update, hide, keydown };
}
