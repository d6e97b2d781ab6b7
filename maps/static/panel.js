/**
 * What is chosen? The switches, layers and buttons of the panel; on a phone the panel is a sheet with three heights.
 */

import { n, t } from "./messages.js";
import { address } from "./net.js";
import { NAMES } from "./state.js";

const HEIGHTS = ["low", "half", "full"];
const CELLS = "hex_cell";

/** Whether a measure can be asked of a kind of areas. */
function suits({ kinds, cells }, kind) {
  if (kind === CELLS) return Boolean(cells);
  return !kinds?.length || kinds.includes(kind);
}

export class Panel {
  constructor(options, { onChoice, onLayers }) {
    this.options = options;
    this.box = document.getElementById("panel");
    this.form = document.getElementById("switches");
    this.selects = Object.fromEntries([...this.form.querySelectorAll("select")].map((each) => [each.dataset.short, each]));
    this.boxes = [...document.querySelectorAll("#layers input")];
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("change", () => (this.adapt(), onChoice()));
    for (const box of this.boxes) box.addEventListener("change", onLayers);
    this.buttons();
    this.sheet();
  }

  /** The codes each switch offers, for checking an address. */
  allowed() {
    const codes = Object.entries(this.selects).map(([letter, select]) => [letter, [...select.options].map(({ value }) => value)]);
    return { ...Object.fromEntries(codes), l: this.boxes.map(({ value }) => value) };
  }

  /** Put the switches where an address says; what it does not say stays at the page's default. */
  choose(state) {
    for (const [letter, select] of Object.entries(this.selects)) {
      select.value = state[letter] ?? this.options.defaults[letter];
      if (select.selectedIndex < 0) select.selectedIndex = 0;
    }
    if (state.l) for (const box of this.boxes) box.checked = state.l.includes(box.value);
    this.adapt();
  }

  /** Only the switches the measure listens to can be used; a kind it is not computed for is not offered. */
  adapt() {
    const measure = this.measure();
    const { k } = this.selects;
    for (const option of k.options) option.disabled = !suits(measure, option.value);
    if (k.selectedOptions[0]?.disabled) k.value = [...k.options].find((option) => !option.disabled)?.value ?? k.value;
    this.visible("t", measure.themes && !(measure.heads && k.value === CELLS));
    this.visible("d", measure.distance);
  }

  visible(letter, wanted) {
    const select = this.selects[letter];
    select.disabled = !wanted;
    select.closest(".switch").hidden = !wanted || select.options.length < 2;
  }

  measure() {
    return this.options.measures[this.selects.m.value] ?? {};
  }

  /** What is chosen; cells of things, which nobody is counted in, come in the size that suits the zoom. */
  choices(zoom) {
    const chosen = Object.entries(this.selects).filter(([, select]) => !select.disabled).map(([letter, select]) => [letter, select.value]);
    const { heads, smooth } = this.measure();
    const sized = this.selects.k.value === CELLS && !heads && !smooth;
    const h = zoom < 9.5 ? "7" : zoom < 12.5 ? "8" : "9";
    return { ...Object.fromEntries(chosen), ...(sized ? { h } : {}), l: this.layers() };
  }

  /** A layer nobody loaded is not offered. */
  offerLayers(known) {
    if (!Object.keys(known).length) return;
    for (const box of this.boxes) box.closest("label").hidden = !(box.value.split(":")[1] in known);
  }

  layers() {
    return this.boxes.filter(({ checked }) => checked).map(({ value }) => value);
  }

  /** What the legend is called: the measure, its unit, and the choices that shape it. */
  titles(further = []) {
    const text = (letter) => (this.selects[letter].disabled ? "" : this.selects[letter].selectedOptions[0]?.text ?? "");
    const measure = this.measure();
    return { measure: text("m"), unit: measure.words ?? "", choices: [text("t"), text("y"), text("d"), ...further].filter(Boolean).join(" · ") };
  }

  /** Keep the links of the panel at what the map shows. */
  link(query, hash) {
    document.getElementById("table-link").href = address(this.options.table, {}, query);
    for (const link of document.querySelectorAll(".languages a")) link.hash = hash;
  }

  buttons() {
    const copy = document.getElementById("copy-link");
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(window.location.href);
        copy.textContent = t("Copied");
      } catch {
        window.prompt(t("Copy the address:"), window.location.href);
      }
      setTimeout(() => (copy.textContent = t("Link")), 2000);
    });
    document.getElementById("print-map").addEventListener("click", () => window.print());
  }

  sheet() {
    const grip = document.getElementById("grip");
    const set = (at) => {
      this.height = Math.max(0, Math.min(at, HEIGHTS.length - 1));
      this.box.dataset.height = HEIGHTS[this.height];
      grip.setAttribute("aria-expanded", String(this.height > 0));
    };
    set(0);
    let from = null;
    grip.addEventListener("pointerdown", (event) => {
      from = event.clientY;
      grip.setPointerCapture(event.pointerId);
    });
    grip.addEventListener("pointerup", (event) => {
      const moved = from === null ? 0 : event.clientY - from;
      from = null;
      if (Math.abs(moved) > 24) set(this.height + (moved < 0 ? 1 : -1));
      else set(this.height === 0 ? 1 : this.height === 1 ? 2 : 0);
    });
    grip.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") set(this.height === 2 ? 0 : this.height + 1);
    });
  }
}

/** The letters whose switches a page must have. */
export const LETTERS = Object.keys(NAMES);

/** How many areas, in words. */
export function areasInWords(count) {
  return n("{count} area", "{count} areas", count);
}
