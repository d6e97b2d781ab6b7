/**
 * What else can a measure be asked with? Lists, sliders and numbers that only some measures have, each applied at once.
 */

import { el, show } from "./dom.js";
import { percent } from "./messages.js";
import { address, getJSON } from "./net.js";

export class Controls {
  constructor(form, url, lang) {
    Object.assign(this, { url, lang, measure: "", known: new Map(), inputs: new Map() });
    this.box = el("div", { class: "controls", id: "controls" });
    form.append(this.box);
  }

  /** Show the controls of a measure, at the given values where these are possible. */
  async show(measure, given) {
    if (measure === this.measure && given === this.given) return;
    if (!this.known.has(measure)) {
      const { controls } = await getJSON(address(this.url, { measure }, { lang: this.lang }));
      this.known.set(measure, controls);
    }
    Object.assign(this, { measure, given });
    this.inputs.clear();
    show(this.box, this.known.get(measure).map((each) => this.control(each, possible(each, given[each.name]))));
  }

  hide() {
    Object.assign(this, { measure: "", given: null });
    this.inputs.clear();
    show(this.box);
  }

  /** What is chosen, by the name it has in a query. */
  values() {
    return Object.fromEntries([...this.inputs].map(([name, input]) => [name, input.value]));
  }

  /** The chosen words of the lists, for the legend. */
  titles() {
    return [...this.inputs.values()].map((input) => input.selectedOptions?.[0]?.text).filter(Boolean);
  }

  control({ name, title, kind, options, low, high, step }, value) {
    const input = kind === "choice" ? list(options, value) : el("input", { type: kind === "share" ? "range" : "number", min: low, max: high, step, value, autocomplete: "off" });
    input.dataset.control = name;
    this.inputs.set(name, input);
    if (kind === "choice") return el("label", { class: "switch" }, el("span", {}, title), input);
    const said = el("output", {}, kind === "share" ? percent(value) : "");
    input.addEventListener("input", () => kind === "share" && show(said, percent(input.value)));
    input.addEventListener("change", () => (input.value = Math.min(Math.max(Number(input.value) || 0, low), high)), { capture: true });
    return el("label", { class: `switch ${kind}` }, el("span", {}, title), input, said);
  }
}

function list(options, value) {
  const box = el("select", { autocomplete: "off" }, options.map(({ code, title }) => el("option", { value: code }, title)));
  box.value = value;
  return box;
}

/** A value of an address when it can be, else the usual one. */
function possible({ kind, options, low, high, default: usual }, value) {
  if (value === undefined || value === "") return usual;
  if (kind === "choice") return options.some(({ code }) => code === value) ? value : usual;
  return /^\d+(\.\d+)?$/.test(value) && Number(value) >= low && Number(value) <= high ? value : usual;
}
