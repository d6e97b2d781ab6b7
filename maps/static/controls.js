/**
 * What else can a measure be asked with? Lists, sliders and numbers that only some measures have, each applied at once.
 */

import { el, show } from "./dom.js";
import { percent } from "./messages.js";
import { address, getJSON } from "./net.js";

/** A control on a line of its own: its name, then the slider or number. */
const ROW = { display: "flex", alignItems: "center", gap: "0.5rem", flexBasis: "100%", minHeight: "2.2rem" };

export class Controls {
  constructor(form, url, lang) {
    Object.assign(this, { url, lang, measure: "", known: new Map(), inputs: new Map() });
    this.box = styled(el("div", { class: "controls", id: "controls" }), { display: "flex", flexWrap: "wrap", gap: "0.4rem 0.6rem", flexBasis: "100%" });
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

  control({ name: code, title, kind, options, low, high, step }, value) {
    const input = kind === "choice" ? list(options, value) : el("input", { type: kind === "share" ? "range" : "number", min: low, max: high, step, value, autocomplete: "off" });
    input.dataset.control = code;
    this.inputs.set(code, input);
    if (kind === "choice") return styled(el("label", { class: "switch" }, el("span", {}, title), input), { flexBasis: "100%" });
    const said = styled(el("output", {}, kind === "share" ? percent(value) : ""), { minWidth: "3em", textAlign: "right" });
    if (kind === "number") said.hidden = true;
    styled(input, { flex: "0 0 auto", width: kind === "share" ? "6rem" : "4.4rem" });
    input.addEventListener("input", () => kind === "share" && show(said, percent(input.value)));
    input.addEventListener("change", () => (input.value = Math.min(Math.max(Number(input.value) || 0, low), high)), { capture: true });
    const name = styled(el("span", {}, title), { flex: "1 1 auto" });
    return styled(el("label", { class: "switch" }, name, input, said), ROW);
  }
}

function styled(node, look) {
  Object.assign(node.style, look);
  return node;
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
