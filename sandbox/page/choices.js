/** A choice set that filters as Teams does: typing narrows the list, and may ask the bot for more. */

import { el } from "./dom.js";

let count = 0;

/** Returns the input's class, built on the renderer's own. */
export function TeamsChoiceSet(library) {
  return class extends library.ChoiceSetInput {
    get filters() {
      return !this.isMultiSelect && (this.style === "filtered" || Boolean(this.choicesData?.dataset));
    }

    internalRender() {
      if (!this.filters) return super.internalRender();
      const { words, search } = this.getRootObject().sandbox;
      const offered = this.choices.map(({ title, value }) => ({ title, value }));
      const dataset = this.choicesData?.dataset;
      this.combo = new Combo(offered, words, dataset && ((query) => search(dataset, query)), () => this.valueChanged());
      this.combo.start(this.defaultValue, this.placeholder);
      return this.combo.element;
    }

    get value() {
      return this.combo ? this.combo.value : super.value;
    }

    isSet() {
      return this.combo ? Boolean(this.combo.value || this.combo.input.value) : super.isSet();
    }

    isValid() {
      return this.combo ? Boolean(this.combo.value) || !this.combo.input.value : super.isValid();
    }

    focus() {
      if (this.combo) this.combo.input.focus();
      else super.focus();
    }

    updateInputControlAriaLabelledBy() {
      super.updateInputControlAriaLabelledBy();
      const labels = this.combo && this.getAllLabelIds().join(" ");
      if (labels) this.combo.input.setAttribute("aria-labelledby", labels);
    }
  };
}

class Combo {
  constructor(offered, words, search, changed) {
    const id = `choices-${(count += 1)}`;
    Object.assign(this, { offered, words, search, changed, id, shown: [], marked: -1, asked: 0 });
    this.value = undefined;
    this.list = el("div", { class: "combo-list", role: "listbox", id, hidden: true });
    this.input = el("input", {
      class: "ac-input ac-textInput combo-input", type: "text", autocomplete: "off", role: "combobox",
      "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list",
      oninput: () => this.typed(), onclick: () => this.open(), onblur: () => this.close(), onkeydown: (event) => this.key(event),
    });
    this.element = el("div", { class: "ac-input combo" }, this.input, this.list);
  }

  start(value, placeholder) {
    const known = this.offered.find((choice) => choice.value === value);
    this.value = known?.value ?? value;
    this.input.value = known?.title ?? value ?? "";
    this.input.placeholder = placeholder ?? "";
  }

  typed() {
    const text = this.input.value.trim().toLocaleLowerCase();
    this.value = this.offered.find((choice) => choice.title.toLocaleLowerCase() === text)?.value;
    this.changed();
    this.open(text);
  }

  open(filter = "") {
    const plain = fold(filter);
    this.show(this.offered.filter((choice) => fold(choice.title).includes(plain)));
    if (this.search) this.ask(filter);
  }

  async ask(filter) {
    const number = (this.asked += 1);
    if (!this.shown.length) this.say(this.words.searching);
    await new Promise((resolve) => setTimeout(resolve, 200));
    if (number !== this.asked) return;
    const found = await this.search(filter).catch(() => []);
    if (number !== this.asked || this.list.hidden) return;
    for (const choice of found) if (!this.offered.some(({ value }) => value === choice.value)) this.offered.push(choice);
    const ids = new Set(found.map((choice) => choice.value));
    const plain = fold(filter);
    this.show(this.offered.filter((choice) => ids.has(choice.value) || fold(choice.title).includes(plain)));
  }

  show(choices) {
    this.shown = choices;
    this.marked = -1;
    this.list.replaceChildren(...choices.map((choice, place) => this.option(choice, place)));
    if (!choices.length) this.say(this.words.noResults);
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.input.removeAttribute("aria-activedescendant");
  }

  say(text) {
    this.list.replaceChildren(el("div", { class: "combo-note" }, text));
  }

  option(choice, place) {
    return el("div", {
      class: "combo-option", role: "option", id: `${this.id}-${place}`, "aria-selected": String(choice.value === this.value),
      // The input must keep the focus, or the list would close before the click.
      onmousedown: (event) => event.preventDefault(), onclick: () => this.choose(choice),
    }, choice.title);
  }

  choose(choice) {
    this.value = choice.value;
    this.input.value = choice.title;
    this.close();
    this.changed();
  }

  close() {
    this.asked += 1;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (this.list.hidden) this.open();
      this.mark((this.marked + step + this.shown.length) % (this.shown.length || 1));
    } else if (event.key === "Enter" && !this.list.hidden) {
      event.preventDefault();
      const choice = this.shown[this.marked] ?? (this.shown.length === 1 ? this.shown[0] : undefined);
      if (choice) this.choose(choice);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.stopPropagation();
      this.close();
    }
  }

  mark(place) {
    const options = this.list.querySelectorAll(".combo-option");
    options.forEach((option, index) => option.classList.toggle("marked", index === place));
    options[place]?.scrollIntoView({ block: "nearest" });
    this.marked = place;
    if (options[place]) this.input.setAttribute("aria-activedescendant", options[place].id);
  }
}

function fold(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}
