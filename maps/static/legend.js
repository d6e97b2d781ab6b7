/**
 * What do the colours mean? Ranges with the share of residents in each class, missing values, how it was computed.
 */

import { el, show, svg } from "./dom.js";
import { n, number, t } from "./messages.js";
import { hatch } from "./painters.js";
import { HATCHES } from "./values.js";

/** The reasons a value is missing: letter in the classes, name in the answer, words. */
function reasons() {
  return [
    ["n", "no_data", t("no data")],
    ["r", "no_residents", t("no residents")],
    ["o", "no_objects", t("nothing to compute from")],
    ["s", "suppressed", t("hidden: small number")],
    ["h", "sensitive", t("hidden: health or hardship")],
    ["a", "not_assessed", t("not assessed")],
  ];
}

/** Draw the legend; `onOnly(character)` is told which class the reader looks at, null for none. */
export function drawLegend(box, values, titles, onOnly) {
  const { answer } = values;
  const rows = answer.scheme === "bivariate" ? [square(values, onOnly)] : classRows(values, onOnly);
  show(
    box,
    el("h2", {}, titles.measure),
    el("p", { class: "unit" }, [titles.unit, titles.choices].filter(Boolean).join(" · ")),
    strip(values),
    el("div", { class: "sizes" }),
    rows.length ? el("ul", { class: "classes" }, rows) : el("p", {}, t("There is nothing to show for this choice.")),
    el("ul", { class: "classes missing" }, missingRows(values, onOnly)),
    note(answer),
  );
  box.setAttribute("aria-busy", "false");
}

function classRows(values, onOnly) {
  const { answer, ramp } = values;
  const sizes = answer.kind === "hex_cell" ? answer.class_counts : answer.class_residents;
  const largest = Math.max(...sizes, 0.0001);
  return answer.class_labels.map((label, at) =>
    row(String(at), swatch(ramp[at]), label, onOnly, bar(sizes[at] / largest),
      inClass(answer, at)),
  );
}

/** The share of residents in a class; of cells, in which nobody counted them, the number. */
function inClass({ kind, class_shares: shares, class_counts: counts }, at) {
  if (kind === "hex_cell") return el("span", { class: "areas" }, number(counts[at] ?? 0));
  return el("span", { class: "share", title: t("share of residents") }, shares[at] ?? "");
}

function missingRows(values, onOnly) {
  return reasons()
    .filter(([, name]) => values.answer.missing[name])
    .map(([letter, name, words]) =>
      row(letter, hatched(letter, values), words, onOnly,
        el("span", { class: "areas" }, n("{count} area", "{count} areas", values.answer.missing[name]))),
    );
}

/** One line that dims all others while it is pointed at, focused or pressed. */
function row(character, mark, label, onOnly, ...rest) {
  const button = el("button", { type: "button", "aria-pressed": "false", "data-class": character }, mark, el("span", { class: "range" }, label), ...rest);
  const press = () => {
    const pressed = button.getAttribute("aria-pressed") !== "true";
    for (const other of button.closest(".legend").querySelectorAll("button[aria-pressed]")) other.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-pressed", String(pressed));
    onOnly(pressed ? character : null);
  };
  const away = () => onOnly(button.closest(".legend")?.querySelector("[aria-pressed=true]")?.dataset.class ?? null);
  const listen = { click: press, mouseenter: () => onOnly(character), focus: () => onOnly(character), mouseleave: away, blur: away };
  for (const [name, run] of Object.entries(listen)) button.addEventListener(name, run);
  return el("li", {}, button);
}

function swatch(colour) {
  const node = el("i", { class: "swatch", "aria-hidden": "true" });
  node.style.backgroundColor = colour;
  return node;
}

function hatched(letter, values) {
  const node = el("i", { class: "swatch", "aria-hidden": "true" });
  node.style.backgroundImage = `url(${hatch(HATCHES[letter], values.colours.hatch).toDataURL()})`;
  node.style.backgroundSize = "8px 8px";
  return node;
}

function bar(share) {
  const inner = el("span");
  inner.style.width = `${Math.round(share * 100)}%`;
  return el("span", { class: "bar", "aria-hidden": "true" }, inner);
}

/** Need against supply: nine squares with their two directions in words. */
function square(values, onOnly) {
  const order = [6, 7, 8, 3, 4, 5, 0, 1, 2];
  const cells = order.map((at) => {
    const cell = row(String(at), swatch(values.ramp[at]), values.answer.class_labels[at] ?? "", onOnly);
    cell.title = values.answer.class_labels[at] ?? "";
    return cell;
  });
  return el("li", { class: "square" }, el("span", { class: "up" }, t("need →")), el("ul", {}, cells), el("span", { class: "right" }, t("projects →")));
}

const BINS = 40;
const [WIDE, HIGH] = [280, 34];

/** How the values are spread, and a mark for the area in question. */
function strip(values) {
  const { answer, ramp } = values;
  const known = answer.values.map((value, at) => [value, answer.classes[at]]).filter(([value, kind]) => value !== null && ramp[kind]);
  if (known.length < 8 || answer.scheme === "bivariate") return null;
  const [low, high] = [Math.min(...known.map(([value]) => value)), Math.max(...known.map(([value]) => value))];
  if (!(high > low)) return null;
  const bins = Array.from({ length: BINS }, () => ({}));
  for (const [value, kind] of known) {
    const bin = bins[Math.min(Math.floor(((value - low) / (high - low)) * BINS), BINS - 1)];
    bin[kind] = (bin[kind] ?? 0) + 1;
  }
  const most = Math.max(...bins.map((bin) => total(bin)));
  const mark = svg("path", { class: "mark", d: "" });
  const drawing = svg(
    "svg",
    { class: "strip", viewBox: `0 0 ${WIDE} ${HIGH + 6}`, role: "img", "aria-label": t("How the values are spread over the areas") },
    bins.flatMap((bin, at) => column(bin, at, most, ramp)),
    svg("path", { class: "axis", d: `M0 ${HIGH + 0.5}H${WIDE}` }),
    mark,
  );
  drawing.point = (value) => {
    const x = value === null ? null : ((value - low) / (high - low)) * (WIDE - 2) + 1;
    mark.setAttribute("d", x === null ? "" : `M${x} 0V${HIGH}M${x - 4} ${HIGH + 6}h8l-4 -6z`);
  };
  return drawing;
}

function column(bin, at, most, ramp) {
  let floor = HIGH;
  return Object.entries(bin).map(([kind, count]) => {
    const height = Math.max((count / most) * (HIGH - 2), 1);
    floor -= height;
    return svg("rect", { x: at * (WIDE / BINS), y: floor, width: WIDE / BINS - 0.6, height, fill: ramp[kind] });
  });
}

function total(bin) {
  return Object.values(bin).reduce((sum, count) => sum + count, 0);
}

function note(answer) {
  const sources = (answer.sources ?? []).filter(Boolean).join("; ");
  return el(
    "p",
    { class: "note" },
    [answer.note, ...(answer.notes ?? [])].filter(Boolean).join(" "),
    answer.method ? [" ", el("a", { href: answer.method }, t("How it is computed"))] : null,
    sources ? el("span", { class: "sources" }, ` ${t("Sources:")} ${sources}`) : null,
  );
}

/** The colours in a row, for the closed sheet of a phone. */
export function drawPeek(box, values, title) {
  const bars = values.ramp.slice(0, values.answer.class_labels.length || 1).map(swatch);
  show(box, el("span", {}, title), el("span", { class: "colours" }, bars));
}
