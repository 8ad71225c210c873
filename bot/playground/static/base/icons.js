// Line icons and the bot's logo, drawn here so that the page needs nothing from elsewhere.

const NS = "http://www.w3.org/2000/svg";

const PATHS = {
  bolt: "M13 3L5 13.5h5.5L10 21l8.5-11H13z",
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6L6 18",
  send: "M4.5 12h14M12.5 5.5L19 12l-6.5 6.5",
  sun: "M12 8a4 4 0 100 8 4 4 0 000-8zM12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M18.4 5.6l-1.1 1.1M6.7 17.3l-1.1 1.1",
  moon: "M19.5 14.2A8 8 0 119.8 4.5a6.4 6.4 0 009.7 9.7z",
  clock: "M12 4a8 8 0 100 16 8 8 0 000-16zM12 8v4l2.8 2",
  box: "M4.5 8L12 4l7.5 4v8L12 20l-7.5-4zM4.5 8L12 12l7.5-4M12 12v8",
  bulb: "M9.5 18h5M10.5 21h3M12 3a6 6 0 00-3.7 10.7c.7.6 1.2 1.4 1.2 2.3h5c0-.9.5-1.7 1.2-2.3A6 6 0 0012 3z",
  check: "M5 12.5l4.5 4.5L19 7.5",
  warning: "M12 4.5L21 19.5H3zM12 10v4.5M12 17.2v.1",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.5a2.5 2.5 0 100 5 2.5 2.5 0 000-5z",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  down: "M7 10l5 5 5-5",
  arrowDown: "M12 5v14M6 13l6 6 6-6",
  back: "M14.5 6l-6 6 6 6",
  search: "M11 4.5a6.5 6.5 0 100 13 6.5 6.5 0 000-13zM16 16l4 4",
  thread: "M5 5h14v10H11l-4.5 4v-4H5z",
  forward: "M5 6l7 6-7 6zM13 6l7 6-7 6z",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9h.01",
  file: "M6.5 3.5h7l4 4v13h-11zM13.5 3.5v4h4",
  download: "M12 4v11M7 10.5l5 5 5-5M5 20h14",
  play: "M8 5.5v13l10.5-6.5z",
};

/** An icon by name; hidden from screen readers, since the control it sits in has a name. */
export function icon(name) {
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(NS, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Sendwatch's mark: a watch face whose strap is a gift's ribbon. */
export function logo() {
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", "0 0 40 40");
  svg.setAttribute("class", "logo");
  svg.setAttribute("aria-hidden", "true");
  const shapes = [
    ["rect", { width: 40, height: 40, rx: 10, class: "logo-ground" }],
    [
      "path",
      {
        d: "M20 11C16.5 5 10.5 5.6 11 9.2c.4 2.6 5.2 2.6 9 1.8 3.8.8 8.6.8 9-1.8.5-3.6-5.5-4.2-9 1.8z",
        class: "logo-bow",
      },
    ],
    ["circle", { cx: 20, cy: 23, r: 11, class: "logo-face" }],
    ["path", { d: "M20 12v22M9 23h22", class: "logo-ribbon" }],
    ["path", { d: "M20 23v-6.5M20 23l4.5 2.8", class: "logo-hands" }],
    ["circle", { cx: 20, cy: 23, r: 1.6, class: "logo-pin" }],
  ];
  for (const [tag, attributes] of shapes) {
    const shape = document.createElementNS(NS, tag);
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
    svg.append(shape);
  }
  return svg;
}
