// Instants shown in a person's time zone, and the tokens of Slack's date formatting.

const formats = new Map();

function parts(date, zone, options) {
  const key = zone + JSON.stringify(options);
  // Making a formatter costs far more than using one, and a page draws hundreds of times.
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat("en-US", { timeZone: zone, ...options }));
  return Object.fromEntries(
    formats
      .get(key)
      .formatToParts(date)
      .map((part) => [part.type, part.value]),
  );
}

const ALL = {
  year: "numeric",
  month: "long",
  day: "numeric",
  weekday: "long",
  hour: "numeric",
  minute: "2-digit",
  second: "2-digit",
  hour12: true,
};

/** Year, month name, day, weekday, hour… of an instant as read off a wall clock in `zone`. */
const wall = (date, zone) => parts(date, zone, ALL);

/** `2026-11-25` in the zone. */
export function dayKey(date, zone) {
  const p = parts(date, zone, { year: "numeric", month: "2-digit", day: "2-digit" });
  return `${p.year}-${p.month}-${p.day}`;
}

function ordinal(day) {
  const n = Number(day);
  if (n % 100 >= 11 && n % 100 <= 13) return `${n}th`;
  return `${n}${["th", "st", "nd", "rd"][n % 10] ?? "th"}`;
}

/** "yesterday", "today", "tomorrow" or null, by calendar days in the zone. */
function nearDay(date, zone, now) {
  const days = (Date.parse(dayKey(date, zone)) - Date.parse(dayKey(now, zone))) / 86_400_000;
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days] ?? null;
}

/** "3 minutes ago", "in 2 days". */
export function ago(date, now) {
  const seconds = Math.round((date - now) / 1000);
  const steps = [
    ["year", 31_536_000],
    ["month", 2_592_000],
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
  ];
  const [unit, size] = steps.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  if (unit === "second" && Math.abs(seconds) < 10) return "just now";
  return new Intl.RelativeTimeFormat("en-US").format(Math.trunc(seconds / size), unit);
}

export const clockTime = (date, zone) => {
  const p = wall(date, zone);
  return `${p.hour}:${p.minute} ${p.dayPeriod}`;
};

/** A template with Slack's tokens ({date_short_pretty} at {time} …) filled in for one instant. */
export function formatDate(template, date, zone, now) {
  const p = wall(date, zone);
  const short = `${p.month.slice(0, 3)} ${p.day}, ${p.year}`;
  const medium = `${p.month} ${ordinal(p.day)}, ${p.year}`;
  const long = `${p.weekday}, ${medium}`;
  const near = nearDay(date, zone, now);
  const sameYear = p.year === wall(now, zone).year;
  const numbers = dayKey(date, zone).split("-");
  const values = {
    date_num: numbers.join("-"),
    date_slash: `${numbers[1]}/${numbers[2]}/${numbers[0]}`,
    date: medium,
    date_short: short,
    date_long: long,
    date_long_full: `${p.month} ${p.day}, ${p.year}`,
    date_pretty: near ?? medium,
    date_short_pretty: near ?? short,
    date_long_pretty: near ?? long,
    day_divider_pretty: near ?? (sameYear ? `${p.weekday}, ${p.month} ${ordinal(p.day)}` : long),
    time: `${p.hour}:${p.minute} ${p.dayPeriod}`,
    time_secs: `${p.hour}:${p.minute}:${p.second} ${p.dayPeriod}`,
    ago: ago(date, now),
  };
  return template.replace(/\{(\w+)\}/g, (all, token, at) => {
    const value = values[token];
    if (value === undefined) return all;
    return at === 0 ? value.charAt(0).toUpperCase() + value.slice(1) : value;
  });
}

/** The line between two days in a channel: "Today", "Monday, November 23rd". */
export const dayName = (date, zone, now) => formatDate("{day_divider_pretty}", date, zone, now);

/** The long form that shows when a time is hovered. */
export const fullTime = (date, zone, now) => formatDate("{date_long} at {time_secs}", date, zone, now);

/** Seconds since 1970 of a wall clock reading `2026-11-25T09:30` in `zone`. */
export function instantOf(local, zone) {
  const asUtc = Date.parse(`${local}:00Z`);
  // The offset depends on the instant looked for, so it is corrected once: enough but within a
  // clock change, where the reading names two instants or none.
  let guess = asUtc;
  for (let round = 0; round < 2; round += 1) guess = asUtc - offset(guess, zone);
  return Math.floor(guess / 1000);
}

/** What `instantOf` undoes: `2026-11-25T09:30` in the zone. */
export function localOf(seconds, zone) {
  const milliseconds = seconds * 1000;
  return new Date(milliseconds + offset(milliseconds, zone)).toISOString().slice(0, 16);
}

function offset(milliseconds, zone) {
  const p = parts(new Date(milliseconds), zone, {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  return (
    Date.parse(`${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}:${p.second}Z`) -
    Math.floor(milliseconds / 1000) * 1000
  );
}

/** "New York" from America/New_York. */
export const cityOf = (zone) => zone.split("/").at(-1).replaceAll("_", " ");
