/** One message: who, when, what, and what became of it. */

import { drawCard, richText } from "./cards.js";
import { avatar, el, icon, iconButton } from "./dom.js";
import { clock, moment, size } from "./times.js";

const CARD = "application/vnd.microsoft.card.adaptive";
const TOGETHER = 5 * 60_000;

/** A message's element, which changes in place; `room` knows the viewer, the words and what can be done. */
export class MessageView {
  constructor(message, room) {
    this.room = room;
    this.element = el("article", { class: "message", "data-testid": "message", "data-id": message.id, tabIndex: -1 });
    this.content = el("div", { class: "content" });
    this.busy = 0;
    this.draw(message);
  }

  /** Shows a newer state of the message; what did not change is left alone. */
  draw(message) {
    const before = this.message;
    this.message = message;
    const own = message.sender === this.room.viewer.key;
    this.element.className = `message ${message.sender === "bot" ? "from-bot" : own ? "own" : "other"}`;
    this.element.dataset.versions = message.versions;
    this.element.dataset.delivery = message.delivery;
    if (!before || !same(before, message, this.room.viewer.key)) this.drawContent();
    this.drawFrame();
  }

  /** Draws the lines around the content anew, as after a change of language. */
  drawFrame() {
    const { message, room } = this;
    const person = room.author(message.sender);
    const name = el("span", { class: "name" }, person.name);
    const time = el("time", { dateTime: message.created, title: moment(message.created, room.viewer) }, clock(message.created, room.viewer));
    const edited = message.versions && !message.deleted ? el("span", { class: "edited", "data-testid": "edited" }, room.words.edited) : null;
    const head = el("header", { class: "head" }, name, time, edited);
    this.element.replaceChildren(
      avatar(message.sender, person.name),
      el("div", { class: "main" }, head, this.content, this.foot()),
    );
  }

  /** Hides name and picture when the message continues the one above. */
  follows(previous) {
    const near = previous && previous.sender === this.message.sender
      && Date.parse(this.message.created) - Date.parse(previous.created) < TOGETHER;
    this.element.classList.toggle("continued", Boolean(near));
  }

  foot() {
    const { message, room } = this;
    const foot = el("footer", { class: "foot" });
    if (message.delivery === "failed") {
      foot.append(el("span", { class: "failed", "data-testid": "not-delivered", title: room.words.failedHint }, icon("warn"), room.words.failed));
    } else if (message.delivery === "sending") {
      foot.append(el("span", { class: "sending" }, room.words.sending));
    }
    if (message.sender === room.viewer.key && message.text) {
      foot.append(iconButton("edit", room.words.edit, () => this.edit(), { "data-testid": "edit" }));
    }
    return foot;
  }

  drawContent() {
    const hadFocus = this.content.contains(document.activeElement);
    const { message } = this;
    this.content.removeAttribute("aria-busy");
    this.busy = 0;
    this.content.replaceChildren(...(message.deleted ? [this.gone()] : this.parts(message)));
    if (hadFocus) this.element.focus({ preventScroll: true });
  }

  parts(message) {
    const parts = [];
    if (message.text) parts.push(this.words(message));
    const view = message.views[this.room.viewer.key];
    let first = true;
    for (const attachment of message.attachments) {
      if (attachment.contentType === CARD) {
        parts.push(this.card(first && view ? view : attachment.content));
        first = false;
      } else {
        parts.push(other(attachment));
      }
    }
    return [...parts, ...message.files.map((file) => this.file(file))];
  }

  words(message) {
    const text = richText(message.text, message.sender === "bot" ? message.text_format : "plain");
    if (message.mention) text.prepend(el("span", { class: "mention" }, this.room.author("bot").name), " ");
    return text;
  }

  card(json) {
    const acts = {
      press: (action) => this.press(action),
      search: (dataset, query) => this.room.search(this.message, dataset, query),
    };
    const card = drawCard(json, this.room.words, acts);
    if (json.msteams?.width === "Full") card.classList.add("full");
    return card;
  }

  file(file) {
    const url = file.pasted ? `v3/attachments/${file.id}/views/original` : `files/${file.id}/${encodeURIComponent(file.name)}`;
    if (file.pasted) return el("img", { class: "picture", src: url, alt: file.name });
    return el("a", { class: "file", href: url, download: file.name },
      icon("file"), el("span", { class: "file-name" }, file.name), el("span", { class: "file-size" }, size(file.size, this.room.viewer.locale)));
  }

  gone() {
    return el("p", { class: "gone" }, this.room.words.deleted);
  }

  async press(action) {
    this.busy += 1;
    const drawn = this.content.firstChild;
    this.content.setAttribute("aria-busy", "true");
    try {
      await this.room.press(this.message, action);
    } finally {
      if (drawn === this.content.firstChild) this.idle();
    }
  }

  idle() {
    this.busy = Math.max(0, this.busy - 1);
    if (!this.busy) this.content.removeAttribute("aria-busy");
  }

  edit() {
    const { words } = this.room;
    const box = el("textarea", { class: "edit-box", value: this.message.text, rows: 2, "aria-label": words.edit });
    const done = () => { this.element.classList.remove("editing"); this.drawContent(); this.element.focus({ preventScroll: true }); };
    const save = () => {
      const text = box.value.trim();
      done();
      if (text && text !== this.message.text) this.room.edit(this.message, text);
    };
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") done();
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); save(); }
    });
    const buttons = el("div", { class: "edit-buttons" },
      el("button", { type: "button", class: "quiet", onclick: done }, words.cancel),
      el("button", { type: "button", class: "primary", onclick: save }, words.save));
    this.content.replaceChildren(box, buttons);
    this.element.classList.add("editing");
    this.element.scrollIntoView({ block: "nearest" });
    box.focus();
  }
}

function other(attachment) {
  if (attachment.contentType?.startsWith("image/") && attachment.contentUrl) {
    return el("img", { class: "picture", src: attachment.contentUrl, alt: attachment.name ?? "" });
  }
  return el("p", { class: "gone" }, attachment.name ?? attachment.contentType ?? "");
}

function same(before, after, viewer) {
  const seen = (m) => JSON.stringify([m.text, m.text_format, m.attachments, m.files, m.deleted, m.mention, m.views[viewer]]);
  return seen(before) === seen(after);
}
