/** Adaptive Cards drawn as Teams draws them; colours are CSS variables, so a theme redraws nothing. */

import { el } from "./dom.js";
import { TeamsChoiceSet } from "./choices.js";

const color = (name) => ({ default: `var(--card-${name})`, subtle: `var(--card-${name}-subtle)` });
const foreground = {
  default: color("text"),
  dark: color("text"),
  light: color("text"),
  accent: color("accent"),
  good: color("good"),
  warning: color("warning"),
  attention: color("attention"),
};
const container = (name) => ({
  backgroundColor: `var(--card-${name}-fill)`,
  borderColor: `var(--card-${name}-line)`,
  foregroundColors: foreground,
});
const fonts = (family) => ({
  fontFamily: family,
  fontSizes: { small: 12, default: 14, medium: 16, large: 18, extraLarge: 24 },
  fontWeights: { lighter: 300, default: 400, bolder: 600 },
});

const HOST = {
  supportsInteractivity: true,
  fontTypes: { default: fonts("var(--font)"), monospace: fonts("var(--mono)") },
  lineHeights: { small: 16, default: 20, medium: 22, large: 24, extraLarge: 32 },
  spacing: { small: 4, default: 12, medium: 16, large: 24, extraLarge: 32, padding: 16 },
  separator: { lineThickness: 1, lineColor: "var(--line)" },
  imageSizes: { small: 32, medium: 52, large: 100 },
  containerStyles: Object.fromEntries(
    ["default", "emphasis", "accent", "good", "warning", "attention"].map((name) => [name, container(name)]),
  ),
  inputs: {
    label: {
      inputSpacing: "small",
      requiredInputs: { weight: "bolder", size: "default", suffix: " *", suffixColor: "attention" },
      optionalInputs: { weight: "bolder", size: "default" },
    },
    errorMessage: { color: "attention", size: "small", weight: "default", spacing: "small" },
    debounceTimeInMilliSeconds: 150,
  },
  actions: {
    maxActions: 6,
    spacing: "default",
    // The style sheet sets the gaps: the renderer's own spacers would indent wrapped lines.
    buttonSpacing: 0,
    showCard: { actionMode: "inline", inlineTopMargin: 12, style: "emphasis" },
    actionsOrientation: "horizontal",
    actionAlignment: "left",
    allowTitleToWrap: true,
  },
  adaptiveCard: { allowCustomStyle: true },
  factSet: {
    title: { weight: "bolder", size: "default", color: "default", wrap: true, maxWidth: 160 },
    value: { weight: "default", size: "default", color: "default", wrap: true },
    spacing: 12,
  },
  textBlock: { headingLevel: 3 },
};

let markdown = null;
let mentions = [];

/** Prepares the renderer; returns false when its npm package is not there. */
export function prepare() {
  const library = window.AdaptiveCards;
  if (!library || !window.markdownit) return false;
  markdown = window.markdownit({ html: false, linkify: false, breaks: true });
  markdown.disable(["image", "heading", "lheading", "table", "code", "fence", "hr", "blockquote", "html_block"]);
  library.AdaptiveCard.onProcessMarkdown = (text, result) => {
    result.outputHtml = withMentions(markdown.render(text), mentions);
    result.didProcess = true;
  };
  library.GlobalSettings.setTabIndexAtCardRoot = false;
  library.GlobalRegistry.elements.register("Input.ChoiceSet", TeamsChoiceSet(library), library.Versions.v1_0);
  return true;
}

/** Draws a card; `acts` are told what is pressed and searched for. */
export function drawCard(json, words, acts) {
  const box = el("div", { class: "card", "data-testid": "card", lang: json.lang });
  try {
    box.append(rendered(json, words, acts));
  } catch (error) {
    console.error(error);
    box.append(el("p", { class: "card-broken" }, words.badCard));
  }
  return box;
}

function rendered(json, words, acts) {
  const library = window.AdaptiveCards;
  if (!library) return el("p", { class: "card-broken" }, words.badCard);
  const card = new library.AdaptiveCard();
  card.hostConfig = new library.HostConfig(HOST);
  card.onExecuteAction = (action) => execute(action, acts);
  card.onAnchorClicked = (_, anchor) => !opens(anchor.href);
  // Asked for by the choice set when it is drawn.
  card.sandbox = { words, search: acts.search };
  mentions = (json.msteams?.entities ?? []).map((entity) => entity.text);
  card.parse(json);
  const element = card.render();
  tidy(element, json);
  return element;
}

function execute(action, acts) {
  const type = action.getJsonTypeName();
  if (type === "Action.OpenUrl") {
    if (opens(action.url)) window.open(action.url, "_blank", "noopener,noreferrer");
    return;
  }
  if (type !== "Action.Submit" && type !== "Action.Execute") return;
  const data = typeof action.data === "object" ? action.data : {};
  const pressed = { type, title: action.title, data };
  if (action.id) pressed.id = action.id;
  if (action.verb) pressed.verb = action.verb;
  acts.press(pressed);
}

function opens(url) {
  return /^(https?|mailto|tel):/i.test(url ?? "");
}

/** Gives the drawn card what the renderer leaves out: link safety and stretching of wide parts. */
function tidy(element, json) {
  for (const anchor of element.querySelectorAll("a")) anchor.rel = "noopener noreferrer";
  if (json.rtl) element.dir = "rtl";
}

/** Returns what a person or the bot wrote, as Teams shows it. */
export function richText(text, format) {
  const box = el("div", { class: "text" });
  if (format === "plain" || !markdown) box.textContent = text;
  else box.innerHTML = withMentions(markdown.render(text), [...text.matchAll(/<at>.*?<\/at>/g)].map((m) => m[0]));
  for (const anchor of box.querySelectorAll("a")) {
    anchor.target = "_blank";
    anchor.rel = "noopener noreferrer";
  }
  return box;
}

function withMentions(html, known) {
  return known.reduce((result, at) => {
    const escaped = markdown.utils.escapeHtml(at);
    const name = markdown.utils.escapeHtml(at.replace(/<\/?at>/g, ""));
    return result.replaceAll(escaped, `<span class="mention">${name}</span>`);
  }, html);
}
