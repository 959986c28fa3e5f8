/** The columns: a chat with the bot, or the desk's channel with its threads. */

import { call, post } from "./api.js";
import { Composer } from "./composer.js";
import { avatar, el, iconButton } from "./dom.js";
import { MessageView } from "./messages.js";
import { dayKey, dayName, zones } from "./times.js";
import { words } from "./words.js";

const TYPING_FOR = 6000;

/** What a chat and a channel have in common: a viewer, a list of messages, a head and a composer. */
class Column {
  constructor(person, desk, kind) {
    Object.assign(this, { person, desk, kind });
    this.views = new Map();
    this.refreshed = new Set();
    this.unread = 0;
    this.head = el("header", { class: "column-head" });
    this.list = el("div", { class: "list", role: "log", "aria-live": "polite", tabIndex: 0, "data-testid": "list", onscroll: () => this.scrolled() });
    this.typing = el("div", { class: "typing", "data-testid": "typing", hidden: true });
    this.jump = el("button", { type: "button", class: "jump", hidden: true, onclick: () => this.toEnd(true) });
    this.state = el("div", { class: "standing", hidden: true });
    this.seen = new IntersectionObserver((entries) => entries.forEach((entry) => entry.isIntersecting && this.refresh(entry.target)), { root: this.list });
    this.element = el("section", { class: `column ${kind}`, "data-testid": `column-${person.key}`, "data-role": person.role });
  }

  get viewer() { return this.person; }
  get words() { return words(this.person.locale); }

  /** Puts the parts together; the composer exists by now. */
  assemble() {
    this.element.replaceChildren(this.head, this.list, this.jump, this.typing, this.state, this.composer.element);
    this.drawWords();
  }

  /** Draws everything that is said in words anew, but for the cards. */
  drawWords() {
    this.element.lang = this.person.locale;
    this.element.setAttribute("aria-label", this.title());
    this.drawHead();
    this.list.setAttribute("aria-label", this.title());
    this.list.dataset.empty = this.kind === "chat" ? this.words.empty : this.words.emptyChannel;
    this.jump.textContent = this.words.newMessages;
    this.drawStanding();
    this.composer.drawWords();
    for (const view of this.views.values()) view.drawFrame();
    this.arrange();
  }

  drawHead() {
    const language = el("div", { class: "segments", role: "group", "aria-label": this.words.language },
      this.languageButton("en", "English"), this.languageButton("fr", "Français"));
    const text = el("div", { class: "column-title" }, el("h2", {}, this.heading()), el("p", {}, this.subtitle()));
    this.head.replaceChildren(this.picture(), text, language, this.menu());
  }

  languageButton(code, name) {
    const current = this.person.locale.toLowerCase().startsWith(code);
    const locale = { en: "en-US", fr: "fr-FR" }[code];
    return el("button", {
      type: "button", title: name, "aria-label": name, "aria-pressed": String(current), "data-testid": `language-${code}`,
      onclick: () => current || this.set({ locale }),
    }, code.toUpperCase());
  }

  menu() {
    const box = el("div", { class: "menu", popover: "auto", id: `menu-${this.person.key}` }, this.menuItems());
    const button = iconButton("more", this.words.more, () => {
      const place = button.getBoundingClientRect();
      box.style.top = `${place.bottom + 4}px`;
      box.style.right = `${Math.max(8, window.innerWidth - place.right)}px`;
      box.togglePopover();
    }, { "data-testid": "more" });
    return el("div", { class: "menu-place" }, button, box);
  }

  menuItems() {
    const zone = el("select", { "data-testid": "zone", onchange: (event) => this.set({ timezone: event.target.value }) },
      zones(this.person.timezone).map((name) => el("option", { value: name, selected: name === this.person.timezone }, name.replaceAll("_", " "))));
    return [
      el("label", { class: "menu-label" }, this.words.zone, zone),
      ...this.standingItems(),
      el("hr"),
      this.item(this.words.resendSame, () => this.resend(false)),
      this.item(this.words.resendNew, () => this.resend(true)),
    ];
  }

  item(label, act) {
    return el("button", { type: "button", class: "menu-item", onclick: (event) => { event.currentTarget.closest(".menu").hidePopover(); act(); } }, label);
  }

  standingItems() { return []; }
  drawStanding() {}

  async set(change) {
    await this.tried(call("PATCH", `people/${this.person.key}`, change));
  }

  async resend(fresh) {
    const answer = await this.tried(post("resend", { new_id: fresh }));
    if (answer) this.toast(this.words.resent(answer.status));
  }

  // -- what messages may ask of the column ---------------------------------------------------

  author(key) {
    return key === "bot" ? this.desk.bot : (this.desk.people.get(key) ?? { name: key });
  }

  toast(text, bad = false) { this.desk.toast(text, bad, this.person.locale); }

  async search(message, dataset, query) {
    const answer = await post("search", { person: this.person.key, message: message.id, dataset, query });
    return answer.value?.results ?? [];
  }

  async edit(message, text) {
    await this.tried(post("edit", { person: this.person.key, message: message.id, text, wait: false }));
  }

  async press(message, action) {
    const teams = action.data.msteams;
    if (teams?.type === "imBack") return this.say({ text: teams.value, thread: message.thread });
    const answer = await this.tried(post("press", { person: this.person.key, message: message.id, action }));
    if (answer) this.told(message, answer);
  }

  told(message, answer) {
    if (answer.kind === "failed") this.toast(this.words.pressFailed, true);
    else if (answer.kind === "error") this.toast(answer.value?.message ?? this.words.pressFailed, true);
    else if (answer.kind === "message") this.toast(String(answer.value));
    else if (answer.kind === "task") this.desk.dialog(this, message, answer.value);
  }

  async say(said) {
    const body = { person: this.person.key, conversation: this.conversation(), wait: false, mention: true, files: [], ...said };
    this.toEnd(true);
    return this.tried(post("say", body));
  }

  async tried(promise) {
    try {
      return await promise;
    } catch (error) {
      // A TypeError is fetch's way of saying that nobody answered.
      this.toast(error instanceof TypeError ? this.words.pressFailed : error.message, true);
      return null;
    }
  }

  // -- messages ------------------------------------------------------------------------------

  /** Shows a message that is new or has changed. */
  show(message, fresh) {
    const stick = !this.loading && this.atEnd();
    const known = this.views.get(message.id);
    if (known) known.draw(message);
    else this.place(this.made(message));
    if (fresh && !known) this.arrived(message, stick);
    if (stick) this.toEnd();
    const view = this.views.get(message.id);
    if (message.card_refresh) this.seen.observe(view.element);
  }

  made(message) {
    const view = new MessageView(message, this);
    this.views.set(message.id, view);
    return view;
  }

  arrived(message, stick) {
    if (message.sender !== "bot") return;
    this.still();
    if (!stick) this.jump.hidden = false;
    if (this.desk.active !== this.person.key) this.unread += 1;
    this.desk.drawTabs();
  }

  /** Lets a card renew itself when it is seen, once for each version. */
  refresh(element) {
    this.seen.unobserve(element);
    const view = this.views.get(element.dataset.id);
    const refresh = view?.message.cards[0]?.refresh;
    const version = `${view?.message.id}/${view?.message.versions}`;
    const users = refresh?.userIds;
    if (!refresh?.action || this.refreshed.has(version) || (users && !users.includes(this.person.user_id))) return;
    this.refreshed.add(version);
    post("refresh", { person: this.person.key, message: view.message.id }).catch(() => null);
  }

  /** Tells that the bot is writing. */
  writes() {
    this.typing.replaceChildren(el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")), this.words.typing(this.desk.bot.name));
    this.typing.hidden = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.still(), TYPING_FOR);
  }

  still() {
    this.typing.hidden = true;
    clearTimeout(this.timer);
  }

  /** Forgets all messages, unless every one of them is still there. */
  keep(ids) {
    if (![...this.views.keys()].every((id) => ids.has(id))) this.empty();
  }

  /** Forgets all messages. */
  empty() {
    this.views.clear();
    this.list.replaceChildren();
    this.unread = 0;
    this.still();
    this.jump.hidden = true;
  }

  atEnd() {
    return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 48;
  }

  toEnd(smooth = false) {
    const calm = !smooth || matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.list.scrollTo({ top: this.list.scrollHeight, behavior: calm ? "instant" : "smooth" });
  }

  scrolled() {
    if (this.atEnd()) this.jump.hidden = true;
  }

  /** Sets day lines, and joins messages of one sender. */
  arrangeIn(views) {
    let previous = null;
    for (const view of views) {
      const day = dayKey(view.message.created, this.person);
      const turned = !previous || day !== dayKey(previous.created, this.person);
      this.dayLine(view, turned ? dayName(view.message.created, this.person) : "");
      view.follows(turned ? null : previous);
      previous = view.message;
    }
  }

  /** Puts a day's name above a message, or takes it away; what is right already is not touched. */
  dayLine(view, name) {
    const above = view.outer.previousElementSibling;
    const line = above?.classList.contains("day") ? above : null;
    if (!name) line?.remove();
    else if (!line) view.outer.before(el("div", { class: "day", role: "separator" }, el("span", {}, name)));
    else if (line.textContent !== name) line.firstChild.textContent = name;
  }
}

/** A personal chat with the bot. */
export class Chat extends Column {
  constructor(person, desk) {
    super(person, desk, "chat");
    this.composer = new Composer(this, { place: "message", files: true, mention: false, send: (said) => this.say(said) });
    this.assemble();
    this.acceptDrops();
  }

  conversation() { return this.person.conversation; }
  holds(message) { return message.conversation === this.person.conversation; }
  heading() { return this.person.name; }
  title() { return this.person.name; }
  picture() { return avatar(this.person.key, this.person.name); }
  subtitle() { return this.words[this.person.role]; }

  standingItems() {
    const { person, words: say } = this;
    const name = this.desk.bot.name;
    const does = (deed) => () => this.tried(post(`people/${person.key}/${deed}`));
    if (!person.installed) return [el("hr"), this.item(say.add(name), does("install"))];
    return [
      el("hr"),
      this.item(person.blocked ? say.unblock(name) : say.block(name), does(person.blocked ? "unblock" : "block")),
      this.item(say.remove(name), does("uninstall")),
    ];
  }

  drawStanding() {
    const { person, words: say, desk } = this;
    this.composer.element.hidden = !person.installed;
    this.state.hidden = person.installed && !person.blocked;
    if (!person.installed) {
      const add = el("button", { type: "button", class: "primary", onclick: () => this.tried(post(`people/${person.key}/install`)) }, say.add(desk.bot.name));
      this.state.replaceChildren(el("span", {}, say.removed(desk.bot.name)), add);
    } else {
      this.state.replaceChildren(el("span", {}, say.blocked));
    }
  }

  place(view) {
    view.outer = view.element;
    this.list.append(view.element);
    if (!this.loading) this.arrange();
  }

  arrange() { this.arrangeIn(this.views.values()); }

  acceptDrops() {
    const veil = el("div", { class: "veil" });
    let depth = 0;
    const over = (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); };
    const leave = () => { depth = Math.max(0, depth - 1); if (!depth) veil.remove(); };
    this.element.addEventListener("dragenter", () => { depth += 1; veil.textContent = this.words.dropHere; this.element.append(veil); });
    this.element.addEventListener("dragover", over);
    this.element.addEventListener("dragleave", leave);
    this.element.addEventListener("drop", (event) => {
      event.preventDefault();
      depth = 0;
      veil.remove();
      this.composer.add(event.dataTransfer.files);
    });
  }
}

/** The desk's channel: posts, each with its replies and a box to answer in. */
export class Channel extends Column {
  constructor(person, desk) {
    super(person, desk, "channel");
    this.threads = new Map();
    this.composer = new Composer(this, { place: "newPost", files: false, mention: true, send: (said) => this.say(said) });
    this.assemble();
  }

  conversation() { return this.desk.channel.id; }
  holds(message) { return message.conversation === this.desk.channel.id; }
  heading() { return this.desk.channel.name; }
  title() { return `${this.desk.channel.team}, ${this.desk.channel.name}`; }
  picture() { return el("span", { class: "avatar square", "aria-hidden": "true" }, this.desk.channel.team[0]); }
  subtitle() { return `${this.desk.channel.team} · ${this.person.name}`; }

  drawWords() {
    super.drawWords();
    for (const thread of this.threads?.values() ?? []) this.drawThread(thread);
  }

  empty() {
    super.empty();
    this.threads.clear();
  }

  place(view) {
    const root = view.message.thread;
    const thread = this.threads.get(root) ?? this.thread(root);
    view.outer = root === view.message.id ? thread.element : view.element;
    if (root === view.message.id) thread.root.replaceChildren(view.element);
    else thread.replies.append(view.element);
    thread.count += root === view.message.id ? 0 : 1;
    if (!this.loading) this.arrange();
    this.drawThread(thread);
  }

  thread(id) {
    const reply = new Composer(this, { place: "reply", files: false, mention: true, send: (said) => this.say({ ...said, thread: id }) });
    const thread = { id, count: 0, reply, root: el("div", { class: "root" }), label: el("p", { class: "reply-count" }), replies: el("div", { class: "replies", "data-testid": "replies" }) };
    thread.element = el("article", { class: "thread", "data-testid": "thread", "data-id": id }, thread.root, thread.label, thread.replies, reply.element);
    this.threads.set(id, thread);
    this.list.append(thread.element);
    return thread;
  }

  drawThread(thread) {
    thread.label.textContent = thread.count ? this.words.replies(thread.count) : "";
    thread.label.hidden = !thread.count;
    thread.reply.drawWords();
  }

  arrange() {
    const roots = [...this.views.values()].filter((view) => view.message.thread === view.message.id);
    this.arrangeIn(roots);
    for (const view of roots) view.element.classList.remove("continued");
  }

  async say(said) {
    const body = { person: this.person.key, conversation: this.conversation(), wait: false, ...said };
    if (!said.thread) this.toEnd(true);
    return this.tried(post("say", body));
  }
}
