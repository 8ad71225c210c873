// The only place that makes elements. Data becomes text nodes and attributes here, never markup:
// nothing in this page assigns innerHTML, so a hostile name cannot become an element.

/**
 * An element. `props`: class, value, checked… are set as attributes or properties; `on` holds
 * listeners, `data` holds data-* values. Children are nodes, strings or arrays; null is skipped.
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) setProp(node, name, value);
  append(node, children);
  return node;
}

const PROPERTIES = new Set([
  "value",
  "checked",
  "disabled",
  "hidden",
  "open",
  "selected",
  "readOnly",
  "required",
  "indeterminate",
]);

function setProp(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "class") node.className = value;
  else if (name === "on")
    for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
  else if (name === "data")
    for (const [key, item] of Object.entries(value)) node.setAttribute(`data-${key}`, item);
  else if (name === "vars")
    for (const [key, item] of Object.entries(value)) node.style.setProperty(`--${key}`, item);
  else if (PROPERTIES.has(name)) node[name] = value;
  else node.setAttribute(name, value === true ? "" : String(value));
}

/** Adds children to a node: nodes, strings, nested arrays; null, undefined and false are skipped. */
export function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child);
  }
}

/** Replaces what a node holds. */
export function fill(node, ...children) {
  node.replaceChildren();
  append(node, children);
  return node;
}

/**
 * Makes `parent` hold exactly `wanted`, in that order, touching only what differs: a node that
 * stays in place keeps its focus, its selection and its open menus.
 */
export function reconcile(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  let cursor = parent.firstElementChild;
  for (const node of wanted) {
    if (node === cursor) cursor = cursor.nextElementSibling;
    else parent.insertBefore(node, cursor);
  }
}

/** Addresses that may become links; anything else (javascript:, data:) stays text. */
export function safeUrl(text) {
  try {
    const url = new URL(text);
    return ["http:", "https:", "mailto:", "tel:", "slack:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** A link that opens elsewhere and tells nothing about this page; plain text if the address is not safe. */
export function link(url, ...children) {
  const href = safeUrl(url);
  const inside = children.flat().length ? children : [url];
  if (!href) return h("span", {}, ...inside);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer", class: "link" }, ...inside);
}

let counter = 0;

/** An id for labels and descriptions, distinct in this page. */
export const freshId = (prefix) => `${prefix}-${(counter += 1)}`;

const FOCUSABLE =
  "a[href], button:not([disabled]), input:not([disabled]), textarea:not([disabled]), select:not([disabled]), [tabindex='0']";

/** What the Tab key reaches inside a node, in order. */
export const focusable = (node) =>
  [...node.querySelectorAll(FOCUSABLE)].filter((item) => item.offsetParent !== null);

/** Keeps Tab inside `node` (a dialog). To be called from its keydown listener. */
export function trapTab(event, node) {
  if (event.key !== "Tab") return;
  const stops = focusable(node);
  if (!stops.length) return event.preventDefault();
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  const inside = node.contains(document.activeElement);
  if (inside && document.activeElement !== edge) return undefined;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0]).focus();
  return undefined;
}
