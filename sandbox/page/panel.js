/** The panel that makes the connector misbehave, and the dialog that a button can open. */

import { call, post } from "./api.js";
import { drawCard } from "./cards.js";
import { el, iconButton } from "./dom.js";

const KINDS = [
  { status: 429, retry_after: 2 }, { status: 412 }, { status: 403 }, { status: 404 }, { status: 500 }, { status: 502 },
  { status: 503 }, { status: 504 }, { never: true }, { drop: true }, { delay: 3 },
];
const NAMES = {
  429: "429 Too Many Requests", 412: "412 Precondition Failed", 403: "403 Blocked", 404: "404 Not Found", 500: "500 Server Error",
  502: "502 Bad Gateway", 503: "503 Unavailable", 504: "504 Timeout",
};

function kindName(then, words) {
  if (then.never) return words.never;
  if (then.drop) return words.drop;
  return then.status ? NAMES[then.status] ?? String(then.status) : words.slow;
}

/** The panel of fault rules. */
export class FaultPanel {
  constructor(desk) {
    this.desk = desk;
    this.element = el("aside", { class: "panel", popover: "auto", id: "faults", "data-testid": "faults-panel" });
    this.rules = el("ul", { class: "rules", "data-testid": "faults" });
  }

  /** Draws the panel anew. */
  draw() {
    const { words } = this.desk;
    const close = iconButton("close", words.close, () => this.element.hidePopover());
    this.element.setAttribute("aria-label", words.faults);
    this.element.replaceChildren(
      el("header", {}, el("h2", {}, words.faults), close),
      el("p", { class: "hint" }, words.faultsIntro), this.form(words), this.rules);
    this.drawRules();
  }

  /** Draws the rules in force. */
  drawRules() {
    const { words, faults } = this.desk;
    const items = faults.map((rule) => el("li", {},
      el("span", {}, el("strong", {}, kindName(rule.then, words)), el("small", {}, this.scope(rule, words))),
      iconButton("close", words.removeFile(kindName(rule.then, words)), () => call("DELETE", `faults/${rule.id}`))));
    this.rules.replaceChildren(...(items.length ? items : [el("li", { class: "none" }, words.noFaults)]));
  }

  scope(rule, words) {
    const calls = { POST: words.newOnes, PUT: words.updates }[rule.match.method] ?? words.allCalls;
    const where = this.places(words).find(([id]) => id === rule.match.conversation)?.[1] ?? words.everywhere;
    return [calls, where, words.left(rule.times), rule.then.deliver ? words.deliver : ""].filter(Boolean).join(" · ");
  }

  places(words) {
    const people = [...this.desk.people.values()].filter((person) => person.shown && person.role !== "agent");
    return [["", words.everywhere], ...people.map((person) => [person.conversation, person.name]), [this.desk.channel.id, words.channel]];
  }

  form(words) {
    const kind = select(KINDS.map((then, place) => [String(place), kindName(then, words)]), "fault-kind");
    const method = select([["", words.allCalls], ["POST", words.newOnes], ["PUT", words.updates]], "fault-calls");
    const where = select(this.places(words), "fault-where");
    const times = select([["1", words.once], ["3", words.thrice], ["always", words.always]], "fault-times");
    const deliver = el("input", { type: "checkbox", "data-testid": "fault-deliver" });
    const add = (event) => {
      event.preventDefault();
      const then = { ...KINDS[Number(kind.value)], deliver: deliver.checked };
      const often = times.value === "always" ? "always" : Number(times.value);
      post("faults", { match: { method: method.value, conversation: where.value }, then, times: often });
    };
    return el("form", { onsubmit: add },
      labelled(words.fault, kind), labelled(words.calls, method), labelled(words.where, where), labelled(words.times, times),
      el("label", { class: "check" }, deliver, words.deliver),
      el("button", { type: "submit", class: "primary", "data-testid": "fault-add" }, words.addFault));
  }
}

function select(options, testid) {
  return el("select", { "data-testid": testid }, options.map(([value, name]) => el("option", { value }, name)));
}

function labelled(label, control) {
  return el("label", { class: "labelled" }, label, control);
}

/** Opens the dialog that the bot answered a press with. */
export function openDialog(column, message, task) {
  if (task.type !== "continue" || !task.value?.card) {
    if (task.value) column.toast(String(task.value));
    return;
  }
  const dialog = el("dialog", { class: "task", "data-testid": "dialog", onclose: () => dialog.remove() });
  const acts = {
    press: async (action) => {
      dialog.close();
      const body = { person: column.person.key, message: message.id, data: action.data };
      const answer = await column.tried(post("dialog", body));
      if (answer) column.told(message, answer);
    },
    search: (dataset, query) => column.search(message, dataset, query),
  };
  dialog.append(
    el("header", {}, el("h2", {}, task.value.title ?? ""), iconButton("close", column.words.close, () => dialog.close())),
    drawCard(task.value.card.content, column.words, acts));
  document.body.append(dialog);
  dialog.showModal();
}
