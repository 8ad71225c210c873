// Select menus, single and multi: a button that shows the choice and a list that can be searched.

import { fill, freshId, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { initialOptions, menuOf, menuState, textObject } from "./options.js";
import { openPopup } from "./popup.js";

/** A control for any select element: {node, read, focus}. `changed(state)` runs on a new choice. */
export function selectControl(element, blockId, ctx, changed) {
  const menu = menuOf(element, blockId, ctx);
  let chosen = initialOptions(element, menu, ctx);
  const face = h("span", { class: "select-face" });
  const button = h(
    "button",
    {
      type: "button",
      class: "select",
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      data: { "action-id": element.action_id ?? "" },
      on: { click: () => toggle() },
    },
    face,
    icon("down"),
  );
  const read = () => menuState(element, menu, chosen);
  const draw = () => {
    const labels = chosen.map((option) =>
      h(
        "span",
        { class: menu.multi ? "chip" : "select-value", dir: "auto" },
        option.face?.(),
        textObject(option.text, ctx),
      ),
    );
    fill(
      face,
      chosen.length ? labels : h("span", { class: "placeholder" }, element.placeholder?.text ?? "Choose…"),
    );
  };
  let close = null;
  function toggle() {
    if (close) return close();
    const before = chosen;
    const list = optionList({
      element,
      menu,
      ctx,
      isChosen: (option) => chosen.some((one) => one.value === option.value),
      choose,
    });
    button.setAttribute("aria-expanded", "true");
    close = openPopup(button, list.node, {
      onClose: () => {
        close = null;
        button.setAttribute("aria-expanded", "false");
        if (menu.multi && before !== chosen) changed(read());
      },
    });
    list.start();
    return undefined;
  }
  function choose(option) {
    const had = chosen.some((one) => one.value === option.value);
    if (menu.multi) {
      const most = element.max_selected_items ?? Infinity;
      chosen = had ? chosen.filter((one) => one.value !== option.value) : [...chosen, option].slice(0, most);
      return draw();
    }
    chosen = [option];
    draw();
    close?.();
    button.focus();
    return changed(read());
  }
  draw();
  return { node: button, read, focus: () => button.focus() };
}

// The searchable list in the popup. Focus stays in the search box; arrows move an "active" option.
function optionList({ element, menu, ctx, isChosen, choose }) {
  const listId = freshId("options");
  const list = h("div", {
    class: "options",
    role: "listbox",
    id: listId,
    "aria-multiselectable": menu.multi ? "true" : null,
  });
  const search = h("input", {
    class: "option-search",
    type: "text",
    role: "combobox",
    "aria-controls": listId,
    "aria-expanded": "true",
    "aria-label": "Search options",
    autocomplete: "off",
    placeholder: menu.external ? "Type to search…" : menu.key === "user" ? "Search people…" : "Search…",
    on: { input: () => later(), keydown: (event) => keys(event) },
  });
  const node = h(
    "div",
    { class: "option-popup" },
    h("div", { class: "option-search-box" }, icon("search"), search),
    list,
  );
  let rows = [];
  let active = 0;
  let turn = 0;
  let timer = 0;

  function later() {
    clearTimeout(timer);
    timer = setTimeout(refresh, menu.external ? 200 : 0);
  }
  async function refresh() {
    const mine = (turn += 1);
    if (menu.external && search.value.length < (element.min_query_length ?? 3))
      return note(`Type at least ${element.min_query_length ?? 3} characters.`);
    if (menu.external) note("Searching…");
    try {
      const groups = await menu.load(search.value);
      // Answers may overtake each other; only the last question counts.
      if (mine === turn) draw(groups);
    } catch {
      if (mine === turn) note("The app did not send any options.");
    }
    return undefined;
  }
  function note(text) {
    rows = [];
    fill(list, h("div", { class: "option-note" }, text));
  }
  function draw(groups) {
    rows = [];
    fill(
      list,
      groups.map((group) => [
        group.label && h("div", { class: "option-group" }, textObject(group.label, ctx)),
        (group.options ?? []).map(row),
      ]),
    );
    if (!rows.length) return note("Nothing found.");
    return point(
      Math.max(
        0,
        rows.findIndex((item) => isChosen(item.option)),
      ),
    );
  }
  function row(option) {
    const node = h(
      "div",
      {
        class: "option",
        role: "option",
        id: freshId("option"),
        "aria-selected": String(isChosen(option)),
        data: { value: option.value ?? "" },
        on: { click: () => pick(option) },
      },
      h("span", { class: "option-tick" }, icon("check")),
      option.face?.(),
      h(
        "span",
        { class: "option-text", dir: "auto" },
        textObject(option.text, ctx),
        option.aside && h("span", { class: "option-aside" }, option.aside),
        option.description && h("small", {}, textObject(option.description, ctx)),
      ),
    );
    rows.push({ node, option });
    return node;
  }
  function point(index) {
    active = (index + rows.length) % rows.length;
    rows.forEach((item, at) => item.node.classList.toggle("active", at === active));
    search.setAttribute("aria-activedescendant", rows[active].node.id);
    rows[active].node.scrollIntoView({ block: "nearest" });
  }
  function pick(option) {
    choose(option);
    for (const item of rows) item.node.setAttribute("aria-selected", String(isChosen(item.option)));
  }
  function keys(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (rows.length) point(active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (rows.length) pick(rows[active].option);
    }
  }
  return {
    node,
    start: () => {
      search.focus({ preventScroll: true });
      refresh();
    },
  };
}
