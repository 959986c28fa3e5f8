/** Where a person writes: text, files, and in the channel a mention. */

import { upload } from "./api.js";
import { el, icon, iconButton } from "./dom.js";
import { size } from "./times.js";

/** A box to write in; `send` gets text, file ids and whether the bot is mentioned. */
export class Composer {
  constructor(room, { place, files, mention, send }) {
    Object.assign(this, { room, place, send, withFiles: files, withMention: mention });
    this.pending = [];
    this.mentioning = true;
    this.box = el("textarea", {
      class: "box", rows: 1, "data-testid": "composer-text",
      oninput: () => this.fit(), onkeydown: (event) => this.key(event), onpaste: (event) => this.paste(event),
    });
    this.chips = el("ul", { class: "chips" });
    this.picker = el("input", { type: "file", multiple: true, hidden: true, "data-testid": "composer-files", onchange: () => this.picked() });
    this.tools = el("div", { class: "tools" });
    this.element = el("form", { class: "composer", "data-testid": "composer", onsubmit: (event) => this.submit(event) },
      this.chips, el("div", { class: "line" }, this.box, this.tools), this.picker);
    this.drawWords();
  }

  /** Draws labels and buttons anew, as after a change of language. */
  drawWords() {
    const { words } = this.room;
    this.box.placeholder = words[this.place];
    this.box.setAttribute("aria-label", words[this.place]);
    const attach = this.withFiles ? iconButton("attach", words.attach, () => this.picker.click()) : null;
    const mention = this.withMention ? this.mentionSwitch(words) : null;
    const send = el("button", { type: "submit", class: "icon-button send", title: words.send, "aria-label": words.send, "data-testid": "send" }, icon("send"));
    this.tools.replaceChildren(...[mention, attach, send].filter(Boolean));
    this.drawChips();
  }

  /** Takes files, as from a drop. */
  add(files, pasted = false) {
    for (const file of files) this.load(file, pasted);
  }

  mentionSwitch(words) {
    const name = `@${this.room.author("bot").name}`;
    return el("button", {
      type: "button", class: "mention-switch", "data-testid": "mention", "aria-pressed": String(this.mentioning),
      "aria-label": words.mention(this.room.author("bot").name), title: words.mentionHint,
      onclick: (event) => {
        this.mentioning = !this.mentioning;
        event.currentTarget.setAttribute("aria-pressed", String(this.mentioning));
      },
    }, name);
  }

  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.submit(event);
  }

  submit(event) {
    event.preventDefault();
    const text = this.box.value.trim();
    const files = this.pending.filter((item) => item.record).map((item) => item.record.id);
    if ((!text && !files.length) || this.pending.some((item) => !item.record)) return;
    const before = { value: this.box.value, pending: this.pending };
    this.fill({ value: "", pending: [] });
    this.send({ text, files, mention: this.mentioning }).then((sent) => sent || this.fill(before));
  }

  /** Empties the box, or gives back what could not be sent. */
  fill({ value, pending }) {
    this.box.value = value;
    this.pending = pending;
    this.fit();
    this.drawChips();
  }

  paste(event) {
    const images = [...(event.clipboardData?.files ?? [])];
    if (!images.length || !this.withFiles) return;
    event.preventDefault();
    for (const file of images) this.load(file, file.type.startsWith("image/"));
  }

  picked() {
    this.add(this.picker.files);
    this.picker.value = "";
  }

  async load(file, pasted) {
    const item = { file, record: null };
    this.pending.push(item);
    this.drawChips();
    try {
      item.record = await upload(file, pasted);
    } catch {
      this.drop(item);
      this.room.toast(this.room.words.uploadFailed(file.name), true);
    }
    this.drawChips();
  }

  drop(item) {
    this.pending = this.pending.filter((other) => other !== item);
    this.drawChips();
  }

  drawChips() {
    const { words, viewer } = this.room;
    this.chips.replaceChildren(...this.pending.map((item) => el("li", { class: "chip" },
      icon("file"), el("span", { class: "file-name" }, item.file.name || "image"),
      el("span", { class: "file-size" }, item.record ? size(item.file.size, viewer.locale) : words.uploading),
      iconButton("close", words.removeFile(item.file.name), () => this.drop(item)))));
    this.chips.hidden = !this.pending.length;
  }

  fit() {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, 160)}px`;
    this.element.classList.toggle("filled", Boolean(this.box.value.trim()));
  }
}
