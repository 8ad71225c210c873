// Where messages and commands are typed.

import { fill, h } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { post, sentence } from "./api.js";
import { commandIn, completion } from "./completion.js";
import { keep, recall } from "./memory.js";
import { linkPreview } from "./preview.js";
import { shortcutsButton } from "./shortcuts.js";
import { inDm, on, state } from "./store.js";

const drafts = new Map();

/** A composer for the place where the visitor is, or for a thread there. */
export function composer({ thread = null } = {}) {
  const box = h("textarea", {
    class: "composer-box",
    rows: 1,
    dir: "auto",
    "aria-label": "Message",
    autocomplete: "off",
    spellcheck: "false",
    role: thread ? null : "combobox",
    "aria-autocomplete": thread ? null : "list",
    "aria-expanded": thread ? null : "false",
    data: { testid: thread ? "thread-composer" : "composer" },
    on: { input: () => typed(), keydown: (event) => keydown(event), blur: () => offers?.hide() },
  });
  const note = h("div", { class: "composer-note", role: "status" });
  const button = h(
    "button",
    { type: "button", class: "send", "aria-label": "Send", disabled: true, on: { click: () => send() } },
    icon("send"),
  );
  const offers = thread
    ? null
    : completion(box, (text) => {
        box.value = text;
        typed();
      });
  const preview = thread ? null : linkPreview();
  const node = h(
    "div",
    { class: "composer" },
    offers?.node,
    preview?.node,
    h("div", { class: "composer-frame" }, thread ? null : shortcutsButton(), box, button),
    note,
  );
  let place = null;
  let back = 0; // how far back in the history
  let asking = 0; // commands on their way, or failed a moment ago

  if (!thread) on("place people", enter);
  enter();

  function enter() {
    const name = state.channels.get(state.channel)?.name;
    // Slack lets nobody write to an app whose Messages tab is for reading only; commands are typed elsewhere.
    const closed = inDm() && state.readOnly;
    box.disabled = closed;
    box.placeholder = closed
      ? "Sending messages to this app has been turned off."
      : thread
        ? "Reply…"
        : inDm()
          ? "Ask something, or type /"
          : `Message #${name ?? ""} or type /`;
    const here = `${state.user}/${state.channel}/${thread ?? ""}`;
    if (here === place) return;
    if (place) drafts.set(place, box.value);
    place = here;
    box.value = drafts.get(here) ?? "";
    typed(false);
  }
  function typed(offer = true) {
    button.disabled = !box.value.trim();
    back = 0;
    grow(box);
    if (offer) offers?.update();
    preview?.written(box.value);
    say(hintFor(box.value, thread));
  }
  function say(text, level = "") {
    note.className = `composer-note ${level}`;
    fill(note, text);
  }
  function keydown(event) {
    if (event.isComposing || offers?.keydown(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "ArrowUp" && (!box.value || back)) recallSent(event, 1);
    else if (event.key === "ArrowDown" && back) recallSent(event, -1);
  }
  function recallSent(event, step) {
    const sent = recall(`sent.${state.user}`, []);
    const to = Math.min(sent.length, back + step);
    event.preventDefault();
    box.value = to > 0 ? sent[sent.length - to] : "";
    typed(false);
    back = to;
    box.setSelectionRange(box.value.length, box.value.length);
  }
  async function send(text = box.value.trim()) {
    if (!text) return;
    const isCommand = text.startsWith("/") && !thread;
    remember(text);
    box.value = "";
    typed();
    say(isCommand ? `Running ${text.split(/\s/)[0]} …` : "", "busy");
    const who = { user: state.user, channel: state.channel, text };
    const sentAt = place;
    asking += isCommand ? 1 : 0;
    const answer = isCommand
      ? await post("command", who)
      : await post("say", thread ? { ...who, thread_ts: thread } : who);
    if (isCommand)
      setTimeout(() => {
        asking -= 1;
      }, 400);
    if (sentAt !== place) return;
    if (answer.ok) say(hintFor(box.value, thread));
    else failed(text, answer.error);
  }
  function failed(text, error) {
    if (!box.value) box.value = text;
    typed(false);
    say(failure(text, error), "error");
  }
  return { node, send: (text) => send(text), focus: () => box.focus(), isAsking: () => asking > 0 };
}

function hintFor(text, thread) {
  if (thread) return text.startsWith("/") ? "Slack does not run commands in threads." : "";
  const command = commandIn(text);
  if (!command) return "";
  return [
    h("strong", {}, command.command),
    h("span", { class: "usage" }, command.usage_hint),
    h("span", { class: "usage-text" }, command.description),
  ];
}

function failure(text, error) {
  const word = text.split(/\s/)[0];
  if (!text.startsWith("/")) return sentence(error);
  if (error === "unknown_command") return `${word} is not a command here. Type / to see those that are.`;
  return `${word} did not work: ${sentence(error)}`;
}

function remember(text) {
  const sent = recall(`sent.${state.user}`, []).filter((one) => one !== text);
  keep(`sent.${state.user}`, [...sent, text].slice(-50));
}

function grow(box) {
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight, 180)}px`;
}
