// A small panel below (or above) the control that opened it: menus, pickers, completion.

/** The popup that is open, so that at most one is. */
let current = null;

/**
 * Shows `node` at `anchor`. It closes on Escape, on a click elsewhere and when the page scrolls
 * the anchor away; `onClose` then runs once. Gives a function that closes it.
 */
export function openPopup(anchor, node, { onClose = () => {}, width = "anchor", align = "start" } = {}) {
  current?.();
  // Inside a modal dialog everything outside it is inert, so the popup lives in the dialog.
  const host = anchor.closest("dialog") ?? document.body;
  node.classList.add("popup");
  host.append(node);
  const moved = () => (anchor.isConnected ? place(anchor, node, width, align) : close());
  const outside = (event) => {
    if (!node.contains(event.target) && !anchor.contains(event.target)) close();
  };
  const keys = (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    close();
    anchor.focus();
  };
  let open = true;
  function close() {
    if (!open) return;
    open = false;
    if (current === close) current = null;
    document.removeEventListener("pointerdown", outside, true);
    document.removeEventListener("keydown", keys, true);
    window.removeEventListener("resize", moved);
    window.removeEventListener("scroll", moved, true);
    node.remove();
    onClose();
  }
  document.addEventListener("pointerdown", outside, true);
  document.addEventListener("keydown", keys, true);
  window.addEventListener("resize", moved);
  window.addEventListener("scroll", moved, true);
  current = close;
  moved();
  return close;
}

/** Closes whatever popup is open. */
export const closePopup = () => current?.();

function place(anchor, node, width, align) {
  const box = anchor.getBoundingClientRect();
  const gap = 4;
  const edge = 8;
  if (width === "anchor") node.style.minWidth = `${Math.max(box.width, 180)}px`;
  const size = node.getBoundingClientRect();
  const below = innerHeight - box.bottom - gap - edge;
  const above = box.top - gap - edge;
  const up = size.height > below && above > below;
  node.style.maxHeight = `${Math.max(120, up ? above : below)}px`;
  const height = Math.min(size.height, up ? above : below);
  const left = align === "end" ? box.right - size.width : box.left;
  node.style.top = `${up ? box.top - gap - height : box.bottom + gap}px`;
  node.style.left = `${Math.max(edge, Math.min(left, innerWidth - size.width - edge))}px`;
}
