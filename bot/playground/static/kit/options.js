// Where the options of a menu come from: its own list, groups, the app, people or channels.

import { mrkdwn } from "./mrkdwn.js";
import { textNodes } from "./emoji.js";

/** Nodes of a text object, plain or mrkdwn. */
export function textObject(text, ctx) {
  if (!text) return [];
  if (text.type === "mrkdwn") return mrkdwn(text.text ?? "", ctx, { verbatim: text.verbatim === true });
  return textNodes(text.text ?? "", text.emoji !== false);
}

const plain = (text) => ({ type: "plain_text", text, emoji: false });

const people = (ctx) =>
  ctx.people().map((person) => ({
    text: plain(person.real_name),
    value: person.id,
    aside: `@${person.name}`,
    face: () => ctx.face?.(person),
  }));
const channels = (ctx, kinds = ["public"]) =>
  ctx
    .channels()
    .filter((channel) => kinds.includes(channel.private ? "private" : "public"))
    .map((channel) => ({ text: plain(`#${channel.name}`), value: channel.id }));

// A direct message is offered by the name of its other end.
function conversations(element, ctx) {
  const kinds = element.filter?.include ?? ["public", "private", "im"];
  return [...channels(ctx, kinds), ...(kinds.includes("im") ? directs(ctx) : [])];
}

const directs = (ctx) => people(ctx).map((one) => ({ ...one, value: `D${one.value.slice(1)}` }));

// What a kind of menu calls its choice, in payloads and in its initial_… field.
const KINDS = {
  static_select: { key: "option", local: (element) => groupsOf(element) },
  external_select: { key: "option", local: null },
  users_select: { key: "user", local: (element, ctx) => [{ options: people(ctx) }] },
  channels_select: { key: "channel", local: (element, ctx) => [{ options: channels(ctx) }] },
  conversations_select: {
    key: "conversation",
    local: (element, ctx) => [{ options: conversations(element, ctx) }],
  },
};

/** True for the types that this module knows, single or multi. */
export const isSelect = (type) => type.replace(/^multi_/, "") in KINDS;

const groupsOf = (source) => source.option_groups ?? [{ options: source.options ?? [] }];

/** A menu's nature: {multi, key, external, load(text) -> Promise<groups>}. */
export function menuOf(element, blockId, ctx) {
  const kind = KINDS[element.type.replace(/^multi_/, "")];
  const multi = element.type.startsWith("multi_");
  const external = kind.local === null;
  const load = async (text) => {
    if (external) return groupsOf(await ctx.loadOptions(element, blockId, text));
    return filtered(kind.local(element, ctx), text);
  };
  return { multi, external, load, key: kind.key, whole: kind.key === "option" };
}

function filtered(groups, text) {
  const wanted = text.trim().toLocaleLowerCase();
  if (!wanted) return groups;
  const fits = (option) => `${option.text.text} ${option.aside ?? ""}`.toLocaleLowerCase().includes(wanted);
  return groups
    .map((group) => ({ ...group, options: group.options.filter(fits) }))
    .filter((group) => group.options.length);
}

/** The options chosen at first, from the element's initial_… fields. */
export function initialOptions(element, menu, ctx) {
  const field = `initial_${menu.key}${menu.multi ? "s" : ""}`;
  const given = [element[field] ?? []].flat();
  if (menu.whole) return given;
  const all = [...people(ctx), ...directs(ctx), ...channels(ctx, ["public", "private"])];
  const known = new Map(all.map((option) => [option.value, option]));
  return given.map((id) => known.get(id) ?? { text: plain(id), value: id });
}

/** The state of a menu as Slack's payloads have it. */
export function menuState(element, menu, chosen) {
  const values = chosen.map((option) => (menu.whole ? option : option.value));
  const field = `selected_${menu.key}${menu.multi ? "s" : ""}`;
  return { type: element.type, [field]: menu.multi ? values : (values[0] ?? null) };
}
