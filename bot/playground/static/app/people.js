// Faces: who is who, by initials and colour.

import { h } from "../base/dom.js";
import { logo } from "../base/icons.js";
import { state } from "./store.js";

const PALETTE = ["#3d6b9e", "#9a4f7d", "#6a5fa8", "#a8622a", "#3f7a52", "#a04a4a", "#2f7885", "#7a6a2b"];

function colorOf(person) {
  const given = /^[0-9a-f]{6}$/i.test(person.color ?? "") ? `#${person.color}` : person.color;
  if (given && CSS.supports("color", given)) return given;
  const sum = [...person.id].reduce((total, char) => total * 31 + char.codePointAt(0), 7);
  return PALETTE[Math.abs(sum) % PALETTE.length];
}

const initials = (name) =>
  name
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => [...word][0])
    .join("")
    .toLocaleUpperCase();

/** A person's square with initials. */
export const avatar = (person, size = "") =>
  h(
    "span",
    { class: `avatar ${size}`, vars: { face: colorOf(person) }, "aria-hidden": "true" },
    initials(person.real_name || person.name),
  );

/** The bot's square. */
export const botAvatar = (size = "") =>
  h("span", { class: `avatar bot ${size}`, "aria-hidden": "true" }, logo());

/** Who wrote a message: {name, face, app}. */
export function authorOf(message, size = "") {
  const person = state.people.get(message.user);
  if (message.bot_id || !person)
    return { name: message.username ?? state.bot.name, face: botAvatar(size), app: true };
  return { name: person.real_name, face: avatar(person, size), app: false };
}
