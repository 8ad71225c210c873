// Keeps the store level with the server: the whole state once, then events as they happen. After
// a lost connection the whole state again, since nobody knows what was missed.

import { get } from "./api.js";
import { dropMessage, putMessage, putView, setClock, state, tell } from "./store.js";

let waiting = null; // events that came while the whole state was on its way

/** Connects; resolves once the first whole state is in. */
export function connect() {
  const source = new EventSource("/play/events");
  for (const kind of Object.keys(EVENTS))
    source.addEventListener(kind, (event) => take(kind, JSON.parse(event.data)));
  source.addEventListener("error", () => connection(false));
  return new Promise((resolve) => {
    const open = async () => {
      if (await resync()) {
        connection(true);
        resolve();
      } else if (source.readyState === EventSource.OPEN) setTimeout(open, 1000);
    };
    source.addEventListener("open", open);
  });
}

function connection(up) {
  if (state.connected === up) return;
  state.connected = up;
  tell("connection");
}

/** Asks for the whole state. Events that arrive meanwhile are applied after it, in their order. */
export async function resync() {
  waiting = [];
  try {
    absorb(await get("state"));
  } catch (error) {
    console.warn("no state from the playground", error.message);
    return false;
  } finally {
    const late = waiting ?? [];
    waiting = null;
    for (const [kind, data] of late) take(kind, data);
  }
  return true;
}

function absorb(whole) {
  state.team = whole.team;
  state.people = new Map(whole.people.map((person) => [person.id, person]));
  state.groups = new Map((whole.groups ?? []).map((group) => [group.id, group]));
  state.channels = new Map(whole.channels.map((channel) => [channel.id, channel]));
  state.dms = whole.dms;
  state.commands = whole.commands;
  state.shortcuts = whole.shortcuts ?? [];
  state.readOnly = whole.read_only ?? false;
  // A bot user is named in small letters; the app it belongs to is not.
  state.bot = { ...whole.bot, name: whole.bot.name.charAt(0).toUpperCase() + whole.bot.name.slice(1) };
  state.sendoso = whole.sendoso;
  state.faults = whole.faults ?? [];
  state.homes = new Map(Object.entries(whole.homes ?? {}));
  state.views = whole.views ?? {};
  setClock(whole.now, whole.frozen);
  state.messages = new Map();
  for (const [channel, list] of Object.entries(whole.messages))
    for (const message of list) putMessage({ ...message, channel });
  state.ready = true;
  for (const topic of ["clock", "messages", "people"]) tell(topic);
}

function take(kind, data) {
  if (waiting) waiting.push([kind, data]);
  else EVENTS[kind](data);
}

const EVENTS = {
  message({ change, message }) {
    const fresh = change === "posted" && !state.messages.get(message.channel)?.has(message.ts);
    if (change === "deleted") dropMessage(message);
    else putMessage(message);
    if (fresh) tell("arrived", message);
    tell("messages");
  },
  view(event) {
    putView(event);
    if (event.user === state.user) tell("view", event);
  },
  home({ user, view }) {
    state.homes.set(user, view);
    tell("home", user);
  },
  clock({ now }) {
    setClock(now);
    tell("clock");
    tell("messages");
  },
  preview: (event) => tell("preview", event),
  notice: (event) => (!event.user || event.user === state.user) && tell("notice", event),
  typing: (event) => tell("typing", event),
  // Somebody came, went, or was deactivated: rare enough to ask for everything again.
  people: () => resync(),
};
