/** Building elements: text goes in as text, never as markup. */

/** Returns an element with properties, attributes (`data-`, `aria-`, `role`...) and children. */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) set(element, name, value);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

function set(element, name, value) {
  if (value === undefined || value === null) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "class") element.className = value;
  else if (name in element && !name.includes("-")) element[name] = value;
  else element.setAttribute(name, value);
}

const PATHS = {
  send: "M3 3.5 17.5 10 3 16.5 5 10.7 11 10 5 9.3z",
  attach: "M15.5 9.2 9.6 15a3.6 3.6 0 0 1-5-5l6.6-6.7a2.4 2.4 0 0 1 3.4 3.4L8 13.300a1.200 1.200 0 0 1-1.700-1.700L12 6",
  more: "M4.500 10h.01M10 10h.01M15.500 10h.01",
  moon: "M15.800 12.400A6.600 6.600 0 0 1 7.600 4.200a6.600 6.600 0 1 0 8.200 8.200z",
  sun: "M10 6.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM10 2v1.500M10 16.500V18M2 10h1.500M16.500 10H18M4.300 4.300l1.100 1.100M14.600 14.600l1.100 1.100M4.300 15.700l1.100-1.100M14.600 5.400l1.100-1.100",
  phone: "M6.500 2.500h7a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1zM9 15h2",
  clear: "M4 10a6 6 0 1 0 2-4.500M4 3v3.500h3.500",
  faults: "M11 2.500 5 11h4.500L8.500 17.500 15 8.500h-4.500z",
  close: "M5 5l10 10M15 5 5 15",
  file: "M5.500 2.500h6l3.500 3.500v11.500h-9.500zM11.500 2.500V6H15",
  edit: "M4 16l.8-3.400L13 4.400a1.400 1.400 0 0 1 2 0l.6.6a1.400 1.400 0 0 1 0 2L7.400 15.200z",
  warn: "M10 3 17.500 16.500h-15zM10 8v4M10 14.300h.01",
};

/** Returns one of the page's line icons. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Returns a button that shows an icon and says what it does. */
export function iconButton(name, label, onclick, extra = {}) {
  return el("button", { type: "button", class: "icon-button", title: label, "aria-label": label, onclick, ...extra }, icon(name));
}

const HUES = { bot: 232, ada: 340, colin: 160, agnes: 28 };

/** Returns a round picture with initials, or the bot's sign. */
export function avatar(key, name) {
  if (key === "bot") return el("span", { class: "avatar bot", "aria-hidden": "true" }, "#");
  const initials = name.split(/\s+/).map((part) => part[0]).slice(0, 2).join("").toUpperCase();
  const element = el("span", { class: "avatar", "aria-hidden": "true" }, initials);
  element.style.setProperty("--hue", HUES[key] ?? [...key].reduce((sum, c) => sum + c.charCodeAt(0) * 37, 0) % 360);
  return element;
}
