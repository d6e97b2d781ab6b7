/**
 * What is around this point? Who is in charge here, then what is near by distance; list and map light up together.
 */

import { addControls } from "./basemap.js";
import { el, narrow, show } from "./dom.js";
import { finder, lookedAt } from "./finder.js";
import { locate } from "./locate.js";
import { loadMessages, metres, n, t } from "./messages.js";
import { address, getJSON } from "./net.js";
import { announced, drawLines, prepareBasemaps, preparePanes, Tiles } from "./world.js";

const L = window.L;
const LIMIT = 60;
const RADII = [300, 500, 1000, 2000, 5000];
const options = JSON.parse(document.getElementById("okruga-options").textContent);
const map = window[options.map];

class Around {
  constructor() {
    this.point = options.point;
    this.radius = document.getElementById("radius");
    this.by = document.getElementById("by");
    this.answer = document.getElementById("answer");
    this.marks = L.layerGroup().addTo(map);
    this.stop = null;
  }

  async start() {
    const list = announced();
    preparePanes(map);
    prepareBasemaps(map, list);
    addControls(map);
    map.on("click", ({ latlng }) => this.move({ lat: latlng.lat, lon: latlng.lng }));
    for (const chosen of [this.radius, this.by]) chosen?.addEventListener("change", () => this.ask());
    const button = document.getElementById("locate");
    button.addEventListener("click", () => locate(button, (found) => this.move(found)));
    finder(document.querySelector("form[data-finder]"), options.urls, options.lang, (item) => this.pick(item), () => lookedAt(map));
    this.view();
    drawLines(list, new Tiles(options.urls.tiles));
    if (this.point) await this.ask();
    document.documentElement.dataset.ready = "yes";
  }

  /** The whole city, or the circle that was asked for, beside the panel. */
  view() {
    const [west, south, east, north] = options.bounds;
    const box = this.point
      ? L.latLng(this.point.lat, this.point.lon).toBounds(Number(this.radius.value) * 2.1)
      : [[south, west], [north, east]];
    const panel = document.getElementById("panel");
    map.fitBounds(box, { paddingTopLeft: narrow() ? [8, 8] : [panel.offsetWidth + 28, 16], paddingBottomRight: [16, 16], animate: false });
  }

  get onFoot() {
    return this.by?.value === "foot";
  }

  pick({ lat, lon, href }) {
    if (Number.isFinite(lat) && Number.isFinite(lon)) this.move({ lat, lon });
    else if (href) window.location.assign(href);
  }

  move({ lat, lon }) {
    this.point = { lat, lon };
    this.view();
    this.ask();
  }

  async ask() {
    if (!this.point) return;
    this.stop?.abort();
    const stop = (this.stop = new AbortController());
    const place = { lat: this.point.lat.toFixed(6), lon: this.point.lon.toFixed(6), radius: this.radius.value, ...(this.onFoot ? { by: "foot" } : {}) };
    window.history.replaceState(null, "", `${window.location.pathname}?${new URLSearchParams(place)}`);
    for (const link of document.querySelectorAll(".languages a")) link.search = new URLSearchParams(place).toString();
    this.answer.setAttribute("aria-busy", "true");
    if (!this.answer.children.length) show(this.answer, el("div", { class: "bones" }, el("i"), el("i"), el("i")));
    try {
      const found = await getJSON(address(options.urls.near, {}, { ...place, limit: LIMIT, lang: options.lang }), stop.signal);
      if (!stop.signal.aborted) this.tell(found);
    } catch (error) {
      if (!stop.signal.aborted) this.fail(error);
    }
    if (!stop.signal.aborted) this.answer.setAttribute("aria-busy", "false");
  }

  tell(found) {
    document.getElementById("position-said").hidden = true;
    this.draw(found.items);
    show(this.answer, here(found.territories), this.nearby(found));
  }

  fail(error) {
    const words = error.detail || t("The service does not answer.");
    show(this.answer, el("p", { class: "notice", role: "alert" }, words), el("button", { type: "button", click: () => this.ask() }, t("Try again")));
  }

  /** The point, the circle that was looked through, and what is in it. */
  draw(items) {
    const centre = [this.point.lat, this.point.lon];
    this.marks.clearLayers();
    L.circle(centre, { radius: Number(this.radius.value), color: "#0b4f5c", weight: 1.5, dashArray: "4 4", fillOpacity: 0.05, interactive: false }).addTo(this.marks);
    this.pins = new Map(items.map((item) => [key(item), this.pin(item)]));
    L.marker(centre, { icon: L.divIcon({ className: "here", iconSize: [22, 22] }), keyboard: false, interactive: false, zIndexOffset: 900 }).addTo(this.marks);
  }

  pin(item) {
    const shape = item.register === "project" ? "square" : "circle";
    const icon = L.divIcon({ className: `pin pin-${shape} pin-${item.register}`, iconSize: [16, 16] });
    const pin = L.marker([item.lat, item.lon], { icon, title: item.title, keyboard: false }).addTo(this.marks);
    pin.on("mouseover", () => this.light(item, true));
    pin.on("mouseout", () => this.light(item, false));
    pin.on("click", () => this.row(item)?.querySelector("a")?.focus());
    return pin;
  }

  /** Light up an entry in the list and on the map. */
  light(item, on) {
    this.pins?.get(key(item))?.getElement()?.classList.toggle("lit", on);
    this.row(item)?.classList.toggle("lit", on);
  }

  row(item) {
    return [...this.answer.querySelectorAll("li[data-key]")].find((row) => row.dataset.key === key(item));
  }

  nearby({ items, number_matched: matched, notes, sources }) {
    const wider = RADII.find((radius) => radius > Number(this.radius.value));
    const more = wider
      ? el("button", { type: "button", click: () => ((this.radius.value = String(wider)), this.view(), this.ask()) }, t("Look farther: {distance}", { distance: metres(wider) }))
      : null;
    const said = notes.map((words) => el("p", { class: "soft" }, words));
    if (sources.length) said.push(el("p", { class: "soft" }, `${t("Sources:")} ${sources.join("; ")}`));
    if (!items.length) return [el("h2", {}, t("Nearby")), el("p", { class: "nothing" }, t("Nothing is registered this near.")), ...said, more];
    const head = n("{count} entry nearby", "{count} entries nearby", matched ?? items.length);
    return [el("h2", {}, head), el("ul", { class: "entries" }, items.map((item) => this.entry(item))), ...said, more];
  }

  entry(item) {
    const about = [item.register_title, item.status_title, item.theme_title].filter(Boolean).map((words) => el("span", {}, words));
    const shape = item.register === "project" ? "square" : "circle";
    return el(
      "li",
      { "data-key": key(item), mouseenter: () => this.light(item, true), mouseleave: () => this.light(item, false), focusin: () => this.light(item, true), focusout: () => this.light(item, false) },
      el("i", { class: `pin pin-${shape} pin-${item.register}`, "aria-hidden": "true" }),
      el("div", {}, el("a", { href: item.href }, item.title), el("span", { class: "about" }, howFar(item), about)),
    );
  }
}

/** The walk and the straight distance, or why there is only the latter. */
function howFar({ distance_m: straight, walk_m: walk, walk_minutes: minutes, walk_missing_title: missing }) {
  const line = t("{distance} in a straight line", { distance: metres(straight) });
  if (walk !== null) return [el("b", {}, t("{distance} on foot, {minutes} min", { distance: metres(walk), minutes })), el("span", {}, line)];
  if (missing) return [el("b", {}, line), el("span", {}, t("on foot: {reason}", { reason: missing }))];
  return el("b", {}, metres(straight));
}

const key = ({ register, id }) => `${register}/${id}`;

/** Who is in charge at the point; a missing TOS is an invitation. */
function here(territories) {
  const known = territories.filter(({ name }) => name);
  if (!known.length) return el("p", { class: "notice" }, t("This place lies outside the loaded territory."));
  const rows = known.flatMap((each) => [
    el("dt", {}, each.kind_title),
    el("dd", {}, each.href ? el("a", { href: each.href }, each.name) : each.name, each.certainty === "inside" ? null : el("small", {}, ` ${each.certainty_title ?? ""}`)),
  ]);
  const tos = known.some(({ kind }) => kind === "tos_territory");
  const invitation = el("p", { class: "notice" }, t("There is no TOS here."), " ", el("a", { href: `${options.prefix}/tos#found` }, t("How to found one")));
  return el("div", { class: "here-card" }, el("h2", {}, t("Here")), el("dl", { class: "territories" }, rows), tos ? null : invitation);
}

loadMessages(options.messages, options.lang).then(() => new Around().start());
