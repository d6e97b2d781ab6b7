/**
 * What are the numbers of a map? One answer of the service, looked up by area; answers already seen are kept.
 */

import { address, getJSON } from "./net.js";
import { writeQuery } from "./state.js";

const KEPT = 40;
/** How a missing value is hatched, by its letter. */
export const HATCHES = { n: "lines", o: "lines", a: "lines", s: "dots", h: "dots", r: "rows" };

/** The classed values of one measure, theme, period, kind and distance. */
export class Values {
  constructor(answer, colours) {
    this.answer = answer;
    this.colours = colours;
    let last = 0;
    this.ids = answer.id_steps.map((step) => (last += step));
    this.index = new Map(this.ids.map((id, at) => [id, at]));
    this.letters = new Set(["n", ...answer.classes]);
  }

  /** The class character of an area: a digit, a letter for a missing value, undefined for a stranger. */
  classOf(id) {
    const at = this.index.get(id);
    return at === undefined ? undefined : this.answer.classes[at];
  }

  /** The value in words, as the service wrote it. */
  textOf(id) {
    return this.answer.formatted[this.index.get(id)] ?? "";
  }

  valueOf(id) {
    return this.answer.values[this.index.get(id)] ?? null;
  }

  codeOf(id) {
    return this.answer.codes[this.index.get(id)] ?? String(id);
  }

  idOf(code) {
    const at = this.answer.codes.indexOf(code);
    return at < 0 ? null : this.ids[at];
  }

  /** The colours of the classes, spread over the whole ramp when there are few. */
  get ramp() {
    const ramp = this.colours.ramps[this.answer.scheme] ?? this.colours.ramps.sequential;
    const classes = this.answer.class_labels.length;
    if (classes >= ramp.length || classes < 1) return ramp;
    if (classes === 1) return [ramp[Math.floor(ramp.length / 2)]];
    return Array.from({ length: classes }, (_, at) => ramp[Math.round((at * (ramp.length - 1)) / (classes - 1))]);
  }

  /** What to fill each class character with; `pattern` makes a hatch by name, `plain` takes the place of the ramp. */
  fills(pattern, plain = null) {
    const fills = Object.fromEntries(this.ramp.map((colour, at) => [String(at), plain ?? colour]));
    const made = {};
    for (const [letter, name] of Object.entries(HATCHES)) if (this.letters.has(letter)) fills[letter] = made[name] ??= pattern(name);
    return fills;
  }
}

const kept = new Map();

/** Ask for the values of these choices; twice at once is asked once. */
export function fetchValues(template, choices, lang, colours, signal) {
  const { measure, ...query } = writeQuery(choices);
  const url = address(template, { measure }, { ...query, lang });
  return kept.get(url) ?? begin(url, colours, signal);
}

/** What did not come, or was called off, is asked for again the next time. */
function begin(url, colours, signal) {
  const asked = getJSON(url, signal).then((answer) => new Values(answer, colours));
  const forget = () => kept.get(url) === asked && kept.delete(url);
  let done = false;
  asked.then(() => (done = true), forget);
  signal?.addEventListener("abort", () => done || forget());
  kept.set(url, asked);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value);
  return asked;
}
