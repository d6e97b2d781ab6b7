/**
 * Which areas come first? The first ten of the question with the reasons of each rank, in step with the map.
 */

import { el, show } from "./dom.js";
import { t } from "./messages.js";
import { address, getJSON } from "./net.js";
import { writeQuery } from "./state.js";

const FIRST = 10;

export class Ranking {
  constructor(box, options, { onPoint, onOpen }) {
    Object.assign(this, { box, options, onPoint, onOpen, asked: null, stop: null });
    this.list = el("div");
    this.details = el("details", {}, el("summary", {}, t("First ten")), this.list);
    this.details.addEventListener("toggle", () => this.details.open && this.load());
    show(box, this.details);
  }

  /** Other choices: the list follows when it is open. */
  refresh(choices, values) {
    this.asked = { choices, values };
    if (this.details.open) this.load();
  }

  async load() {
    if (!this.asked) return;
    const { choices, values } = this.asked;
    this.stop?.abort();
    const stop = (this.stop = new AbortController());
    const { urls, question, lang } = this.options;
    const query = { ...writeQuery(choices), lang, limit: FIRST };
    try {
      const { rows } = await getJSON(address(urls.rows, { question }, query), stop.signal);
      if (!stop.signal.aborted) this.write(rows ?? [], values);
    } catch (error) {
      if (!stop.signal.aborted) show(this.list, el("p", {}, error.detail || t("The list did not come.")));
    }
  }

  write(rows, values) {
    const ranked = rows
      .filter(({ value }) => value !== null && value !== undefined)
      .sort((one, other) => (one.rank ?? Infinity) - (other.rank ?? Infinity))
      .slice(0, FIRST);
    const lines = ranked.map((row) => this.line(row, values));
    show(this.list, lines.length ? el("ol", { class: "ranked" }, lines) : el("p", {}, t("There is nothing to rank for this choice.")));
  }

  line({ territory, name, reasons = [] }, values) {
    const code = territory?.code ?? territory;
    const id = values.idOf(code);
    const button = el(
      "button",
      { type: "button", click: () => this.onOpen(code), mouseenter: () => this.onPoint(code), focus: () => this.onPoint(code), mouseleave: () => this.onPoint(null), blur: () => this.onPoint(null) },
      el("b", {}, name ?? code), el("span", {}, id === null ? "" : values.textOf(id)),
    );
    return el("li", {}, button, reasons.length ? el("small", {}, reasons.map(String).join("; ")) : null);
  }
}
