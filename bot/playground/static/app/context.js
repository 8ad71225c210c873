// What the Block Kit renderer needs to know about the reader, and how it tells of presses.

import { post, sentence } from "./api.js";
import { confirmDialog } from "./dialogs.js";
import { avatar } from "./people.js";
import { now, state, zone } from "./store.js";
import { warnUnlessTold } from "./toasts.js";

/** A context for one surface. `source` is {channel, message_ts} or {view_id}; `values` reads a view's form. */
export function contextFor(source, values = null) {
  const user = state.user;
  return {
    me: user,
    zone: zone(),
    now,
    nameOf: (id) => state.people.get(id)?.real_name ?? (id === state.bot.user_id ? state.bot.name : null),
    channelName: (id) => state.channels.get(id)?.name ?? null,
    groupOf: (id) => state.groups.get(id) ?? null,
    people: () => [...state.people.values()].filter((person) => !person.deleted),
    face: (person) => avatar(person, "tiny"),
    channels: () => [...state.channels.values()],
    confirm: confirmDialog,
    act: (action) => act(user, source, action, values),
    loadOptions: (element, blockId, text) => loadOptions(user, source, element, blockId, text),
  };
}

/** Tells the app of an action; gives the sentence of what went wrong, or null. */
async function act(user, source, action, values) {
  const answer = await post("action", { user, ...source, action, ...(values ? { values: values() } : {}) });
  if (answer.ok) return null;
  warnUnlessTold(sentence(answer.error));
  return sentence(answer.error);
}

async function loadOptions(user, source, element, blockId, text) {
  const answer = await post("options", {
    user,
    ...source,
    action_id: element.action_id,
    block_id: blockId,
    value: text,
  });
  if (!answer.ok) throw new Error(answer.error);
  return answer;
}
