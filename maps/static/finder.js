/**
 * Where is it? The search box of every page: names and addresses while typing, chosen by key or pointer.
 *
 * Without script the form leads to the near page. Here the answers drop down as a list box.
 */

import { el, paused, show } from "./dom.js";
import { t } from "./messages.js";
import { address, getJSON } from "./net.js";

const LEAST = 2;

/** What a map shows, for words that name no town: west, south, east, north. */
export function lookedAt(map) {
  const view = map.getBounds();
  const shift = map.getCenter().wrap().lng - map.getCenter().lng;
  const sides = [view.getWest() + shift, view.getSouth(), view.getEast() + shift, view.getNorth()];
  return Math.abs(sides[0]) <= 180 && Math.abs(sides[2]) <= 180 ? sides.map((side) => side.toFixed(4)).join() : "";
}

/**
 * Bring a search form to life; `pick(item)` is called with what was chosen: title, lat, lon, href.
 * `where()` says what the person looks at (see lookedAt).
 */
export function finder(form, urls, lang, pick, where = () => "") {
  const input = form.querySelector("input[type=search]");
  const list = el("ul", { class: "found", role: "listbox", id: `${input.id}-found`, hidden: true, "aria-label": t("Found places") });
  const said = el("p", { class: "hidden", role: "status" });
  form.append(list, said);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" })) {
    input.setAttribute(name, value);
  }
  const box = { input, list, said, items: [], at: -1, stop: null, why: "", pick };
  const ask = paused(() => look(box, urls, lang, where()), 220);
  input.addEventListener("input", ask);
  input.addEventListener("keydown", (event) => steer(event, box));
  input.addEventListener("blur", () => setTimeout(() => close(box), 150));
  form.addEventListener("submit", (event) => {
    if (box.items.length && !list.hidden) {
      event.preventDefault();
      choose(box, Math.max(box.at, 0));
    }
  });
  document.addEventListener("keydown", (event) => {
    // the key next to the right shift, whatever the layout writes with it
    if (event.code !== "Slash" || event.shiftKey || /^(input|select|textarea)$/i.test(event.target.tagName)) return;
    event.preventDefault();
    input.focus();
  });
}

async function look(box, urls, lang, bbox) {
  const q = box.input.value.trim();
  box.stop?.abort();
  if (q.length < LEAST) return close(box);
  const stop = (box.stop = new AbortController());
  const asked = [
    getJSON(address(urls.search, {}, { q, lang, limit: 6 }), stop.signal).then((answer) => answer.items ?? []),
    getJSON(address(urls.geocode, {}, { q, lang, limit: 6, typing: true, bbox }), stop.signal).then((answer) => {
      box.why = answer.status === "accepted" ? "" : answer.why;
      return addresses(answer);
    }),
  ];
  const answers = await Promise.allSettled(asked);
  if (stop.signal.aborted) return undefined;
  const failed = answers.every(({ status }) => status === "rejected");
  const found = answers.flatMap(({ value }) => value ?? []);
  offer(box, found.sort((one, other) => order(one, q) - order(other, q)), failed);
  return undefined;
}

/** An address that is sure first; with a number in the words addresses, else areas; entries that only mention it last. */
function order({ kind, sure, href }, q) {
  if (sure) return 0;
  if (kind === "address") return /\d/.test(q) ? 1 : 3;
  return /^(?:\/\w\w)?\/(?:districts|tos)\//.test(href ?? "") ? 2 : 4;
}

/** Candidates of the geocoder as items of the list; a house or position it is sure of goes before everything else. */
function addresses({ candidates, status, match_level: matched }) {
  const exact = status === "accepted" && ["house", "house_group", "interpolated", "point"].includes(matched);
  return (candidates ?? [])
    .filter(({ lat, lon }) => Number.isFinite(lat) && Number.isFinite(lon))
    .map(({ label, lat, lon, match_level_title: level }, at) => ({
      title: label, subtitle: level ?? t("address"), lat, lon, kind: "address", sure: at === 0 && exact,
    }));
}

function offer(box, items, failed) {
  box.items = items;
  box.at = -1;
  const rows = items.map((item, at) =>
    el("li", { role: "option", id: `${box.list.id}-${at}`, mousedown: (event) => (event.preventDefault(), choose(box, at)) },
      el("b", {}, item.title), item.subtitle ? el("span", {}, item.subtitle) : null),
  );
  // why an address was refused says more than that nothing was found, and is said beside what only resembles it
  const empty = failed ? t("The search does not answer.") : box.why || t("Nothing found. Try a street without its number.");
  const refused = rows.length && box.why && /[\d.,]/.test(box.input.value) && !items.some(({ kind }) => kind === "address");
  show(box.list, rows.length ? [rows, refused ? el("li", { class: "empty", role: "presentation" }, box.why) : null].flat() : el("li", { class: "empty" }, empty));
  box.said.textContent = rows.length ? t("Found: {count}. Choose with the arrow keys.", { count: rows.length }) : empty;
  open(box, true);
}

function steer(event, box) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && box.items.length) {
    event.preventDefault();
    box.at = (box.at + step + box.items.length) % box.items.length;
    [...box.list.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === box.at)));
    box.input.setAttribute("aria-activedescendant", `${box.list.id}-${box.at}`);
  } else if (event.key === "Escape") {
    close(box);
  }
}

function choose(box, at) {
  const item = box.items[at];
  if (!item) return;
  box.input.value = item.title;
  close(box);
  box.pick(item);
}

function open(box, visible) {
  box.list.hidden = !visible;
  box.input.setAttribute("aria-expanded", String(visible));
}

function close(box) {
  box.stop?.abort();
  open(box, false);
  box.input.removeAttribute("aria-activedescendant");
}
