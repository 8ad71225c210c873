// What the page knows, in one place. Parts listen to topics and draw themselves from here.

import { keep, recall } from "./memory.js";

export const state = {
  ready: false,
  connected: true,
  user: null, // who the visitor is, by id
  channel: null, // where they are, by id; a direct message is a channel too
  tab: "messages", // in the direct message: "messages" or "home"
  thread: null, // ts of the message whose replies stand at the right
  team: { name: "" },
  people: new Map(),
  groups: new Map(), // user groups: {id, handle, members}
  channels: new Map(),
  dms: {},
  commands: [],
  readOnly: false, // whether nobody may write in the app's Messages tab
  shortcuts: [], // {name, type: "global" or "message", callback_id, description}
  bot: { user_id: null, name: "Sendwatch" },
  messages: new Map(), // channel -> Map(ts -> message)
  views: {}, // user -> the modals open before them, the last on top
  homes: new Map(), // user -> view of the Home tab
  clock: { at: Date.now(), since: performance.now(), frozen: false },
  sendoso: false,
  faults: [], // kinds of trouble that the playground can make: {kind, label, method}
};

const listeners = new Map();

/** Runs `listener` whenever one of the topics (space-separated) is told. */
export function on(topics, listener) {
  for (const topic of topics.split(" ")) listeners.set(topic, [...(listeners.get(topic) ?? []), listener]);
}

/** Tells a topic: "place" (who and where), "messages", "clock", "home", "connection", "typing". */
export function tell(topic, detail) {
  for (const listener of listeners.get(topic) ?? []) listener(detail);
}

/** The present instant in the playground, whose clock can be moved. */
export const now = () =>
  new Date(state.clock.at + (state.clock.frozen ? 0 : performance.now() - state.clock.since));

export function setClock(iso, frozen = state.clock.frozen) {
  state.clock = { at: Date.parse(iso), since: performance.now(), frozen };
}

export const me = () => state.people.get(state.user);
export const zone = () => me()?.tz ?? "UTC";
export const dmOf = (user) => state.dms[user];
export const inDm = () => state.channel === dmOf(state.user);

const seconds = (ts) => Number(ts);

export const dateOf = (message) => new Date(message.time ?? seconds(message.ts) * 1000);

/** Takes one message in; a message of the same ts is replaced. */
export function putMessage(message) {
  if (!state.messages.has(message.channel)) state.messages.set(message.channel, new Map());
  state.messages.get(message.channel).set(message.ts, message);
}

export const dropMessage = (message) => state.messages.get(message.channel)?.delete(message.ts);

/** Takes in what happened to a modal: open, push, update, close. */
export function putView({ user, change, view }) {
  const stack = state.views[user] ?? [];
  const at = stack.findIndex((one) => one.id === view?.id);
  if (change === "open") state.views[user] = [view];
  else if (change === "push") state.views[user] = [...stack, view];
  else if (change === "update") state.views[user] = stack.map((one) => (one.id === view.id ? view : one));
  // Closing a view takes those opened from it along.
  else if (change === "close") state.views[user] = at < 0 ? stack : stack.slice(0, at);
}

const dismissed = new Set();

/** Hides an ephemeral message for good: nobody else had it, so nobody is asked. */
export function dismiss(message) {
  dismissed.add(`${message.channel}/${message.ts}`);
  tell("messages");
}

const mayRead = (message) =>
  (!message.ephemeral_for || message.ephemeral_for === state.user) &&
  !dismissed.has(`${message.channel}/${message.ts}`);
export const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts;

export const isBroadcast = (message) => isReply(message) && message.subtype === "thread_broadcast";

/** The message whose thread a reply is in; undefined where it was deleted. */
export const rootOf = (message) => state.messages.get(message.channel)?.get(message.thread_ts);

function ordered(channel, fits) {
  const all = [...(state.messages.get(channel)?.values() ?? [])];
  return all
    .filter((message) => mayRead(message) && fits(message))
    .sort((a, b) => seconds(a.ts) - seconds(b.ts));
}

/** What the visitor sees in a channel, oldest first. */
export const messagesIn = (channel) =>
  ordered(channel, (message) => !isReply(message) || isBroadcast(message));

/** The replies under a message, oldest first. */
export const repliesTo = (channel, ts) =>
  ordered(channel, (message) => isReply(message) && message.thread_ts === ts);

const seenName = (channel) => `seen.${state.user}.${channel}`;

/** ts up to which the visitor has read a channel. */
export const seenUpTo = (channel) => recall(seenName(channel), "0");

export function markSeen(channel) {
  const last = messagesIn(channel).at(-1);
  if (!last || seconds(last.ts) <= seconds(seenUpTo(channel))) return;
  keep(seenName(channel), last.ts);
  tell("unread");
}

/** What the visitor has not seen yet in a channel: how many messages, and how many that call the visitor. */
export function unreadIn(channel) {
  const since = seconds(seenUpTo(channel));
  const fresh = messagesIn(channel).filter(
    // What only the visitor sees answers something that the visitor has just done.
    (message) => message.user !== state.user && !message.ephemeral_for && seconds(message.ts) > since,
  );
  return { all: fresh.length, pings: fresh.filter((one) => one.pinged?.includes(state.user)).length };
}

/** Goes somewhere, or becomes somebody else; the address bar follows, so that a reload stays. */
export function go({ user = state.user, channel = state.channel, tab = "messages" } = {}) {
  const wasDm = channel === dmOf(state.user) && channel !== undefined;
  state.user = user;
  const known = state.channels.has(channel) || channel === dmOf(user);
  state.channel = wasDm ? dmOf(user) : known ? channel : [...state.channels.keys()][0];
  state.tab = inDm() ? tab : "messages";
  state.thread = null;
  keep("place", { user: state.user, channel: state.channel });
  const query = new URLSearchParams(location.search);
  query.set("user", state.user);
  query.set("channel", inDm() ? (state.tab === "home" ? "home" : "dm") : state.channel);
  history.replaceState(null, "", `/?${query}`);
  tell("place");
}
