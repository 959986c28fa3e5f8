/** The page: fetches the state, follows the events and keeps the columns up to date. */

import { call, follow, post } from "./api.js";
import { prepare } from "./cards.js";
import { Channel, Chat } from "./columns.js";
import { el, icon, iconButton } from "./dom.js";
import { FaultPanel, openDialog } from "./panel.js";
import { words } from "./words.js";

const desk = {
  bot: { name: "" },
  channel: { id: "", name: "", team: "" },
  people: new Map(),
  columns: [],
  faults: [],
  active: "",
  get words() { return words(this.columns[0]?.person.locale ?? navigator.language); },
  toast,
  dialog: openDialog,
  drawTabs,
};
const panel = new FaultPanel(desk);
const find = (selector) => document.querySelector(selector);

// -- state and events ------------------------------------------------------------------------

async function load() {
  const state = await call("GET", "state");
  Object.assign(desk, { bot: state.bot, channel: state.channel, faults: state.faults });
  desk.people = new Map(state.people.map((person) => [person.key, person]));
  if (!desk.columns.length) build();
  const ids = new Set(state.messages.map((message) => message.id));
  desk.columns.forEach((column) => { column.person = desk.people.get(column.person.key); column.keep(ids); column.loading = true; });
  state.messages.forEach((message) => show(message, false));
  desk.columns.forEach((column) => { column.loading = false; column.drawWords(); column.toEnd(); });
  drawBar();
  return state.cursor;
}

function build() {
  const shown = [...desk.people.values()].filter((person) => person.shown);
  const chats = shown.filter((person) => person.role !== "agent").map((person) => new Chat(person, desk));
  const agent = shown.find((person) => person.role === "agent");
  desk.columns = agent ? [...chats, new Channel(agent, desk)] : chats;
  desk.active = desk.columns[0]?.person.key ?? "";
  find(".columns").replaceChildren(...desk.columns.map((column) => column.element));
}

function show(message, fresh) {
  message.card_refresh = Boolean(message.cards[0]?.refresh);
  desk.columns.filter((column) => column.holds(message)).forEach((column) => column.show(message, fresh));
}

const HEARD = {
  message: ({ message }) => show(message, true),
  typing: ({ conversation }) => desk.columns.filter((column) => column.conversation() === conversation).forEach((column) => column.writes()),
  cleared: () => desk.columns.forEach((column) => column.empty()),
  reset: () => load(),
  faults: ({ faults }) => { desk.faults = faults; panel.drawRules(); drawBar(); },
  call: () => desk.faults.length && refreshFaults(),
  person: ({ key, type, ...standing }) => changed(key, standing),
};

function changed(key, standing) {
  const person = { ...desk.people.get(key), ...standing };
  desk.people.set(key, person);
  for (const column of desk.columns.filter((column) => column.person.key === key)) {
    column.person = person;
    column.drawWords();
  }
  drawBar();
}

async function refreshFaults() {
  desk.faults = await call("GET", "faults");
  panel.drawRules();
  drawBar();
}

// -- around the columns ----------------------------------------------------------------------

function drawBar() {
  const say = desk.words;
  document.documentElement.lang = desk.columns[0]?.person.locale ?? "en";
  const dark = document.documentElement.dataset.theme === "dark";
  const count = desk.faults.length;
  const faults = iconButton("faults", say.faults, () => panel.element.togglePopover(), { "data-testid": "open-faults" });
  if (count) faults.append(el("span", { class: "badge" }, String(count)));
  const narrow = iconButton("phone", say.narrow, toggleNarrow, { "data-testid": "narrow", "aria-pressed": String(document.body.classList.contains("narrow")) });
  find(".bar").replaceChildren(
    el("span", { class: "sign", "aria-hidden": "true" }, "#"),
    el("h1", {}, desk.bot.name, el("small", {}, say.sandbox)),
    el("div", { class: "bar-tools" },
      faults, narrow,
      iconButton(dark ? "sun" : "moon", dark ? say.light : say.dark, toggleTheme, { "data-testid": "theme" }),
      iconButton("clear", say.clear, clear, { "data-testid": "clear" })));
  if (!panel.element.matches(":popover-open")) panel.draw();
  drawTabs();
}

function drawTabs() {
  const tabs = desk.columns.map((column) => {
    const current = column.person.key === desk.active;
    if (current) column.unread = 0;
    column.element.classList.toggle("active", current);
    const dot = column.unread ? el("span", { class: "dot", title: desk.words.newMessages }) : null;
    return el("button", { type: "button", "aria-pressed": String(current), "data-testid": `tab-${column.person.key}`, onclick: () => activate(column) }, column.heading(), dot);
  });
  find(".tabs").replaceChildren(...tabs);
}

function activate(column) {
  desk.active = column.person.key;
  drawTabs();
  column.toEnd();
}

function toggleNarrow() {
  document.body.classList.toggle("narrow");
  remember("narrow", String(document.body.classList.contains("narrow")));
  drawBar();
}

function toggleTheme() {
  const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  remember("theme", theme);
  drawBar();
}

async function clear() {
  if (window.confirm(desk.words.clearAsk)) await post("clear");
}

function toast(text, bad, locale) {
  const item = el("div", { class: bad ? "toast bad" : "toast", lang: locale, "data-testid": "toast" }, bad ? icon("warn") : null, text);
  find(".toasts").append(item);
  setTimeout(() => item.remove(), 6000);
}

function notice(text) {
  find(".notice").textContent = text;
  find(".notice").hidden = !text;
}

function remember(name, value) {
  try { localStorage.setItem(`sandbox.${name}`, value); } catch { /* A private window forgets; so be it. */ }
}

function remembered(name) {
  try { return localStorage.getItem(`sandbox.${name}`); } catch { return null; }
}

async function start() {
  const night = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.theme = remembered("theme") ?? night;
  document.body.classList.toggle("narrow", remembered("narrow") === "true");
  document.body.append(panel.element);
  const ready = prepare();
  const cursor = await load();
  const usual = ready ? "" : desk.words.noLibrary;
  notice(usual);
  follow(cursor, (event) => HEARD[event.type]?.(event), (connected) => notice(connected ? usual : desk.words.reconnecting));
  document.body.dataset.ready = "true";
}

start();
