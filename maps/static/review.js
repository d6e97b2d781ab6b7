/**
 * Where does this text belong? The review page's forms sent without a reload, its candidates on the map, keys, a pin.
 *
 * The server's page is the only source: an answer's `#review` replaces the old one, whatever form was sent.
 */

import { addControls } from "./basemap.js";
import { el, narrow } from "./dom.js";
import { loadMessages, t } from "./messages.js";
import { address, getJSON } from "./net.js";
import { announced, drawLines, prepareBasemaps, preparePanes, Tiles } from "./world.js";

const L = window.L;
const CLOSEST = 17;
const LEAST_CIRCLE = 60;
const EXTENT = { color: "#0b4f5c", weight: 1.5, dashArray: "5 4", fillOpacity: 0.06, interactive: false };
const options = JSON.parse(document.getElementById("okruga-options").textContent);
const map = window[options.map];

class Reviewing {
  constructor() {
    this.marks = L.layerGroup().addTo(map);
    this.pin = null;
    this.at = -1;
    this.busy = false;
    this.keys = document.getElementById("keys");
  }

  async start() {
    const list = announced();
    preparePanes(map);
    prepareBasemaps(map, list);
    addControls(map);
    this.keys.closest("[hidden]").hidden = false;
    map.on("click", ({ latlng }) => this.put(latlng, true));
    document.addEventListener("submit", (event) => this.sent(event));
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("input", (event) => this.typed(event));
    this.show();
    drawLines(list, new Tiles(options.urls.tiles));
    document.documentElement.dataset.ready = "yes";
  }

  get box() {
    return document.getElementById("review");
  }

  get rows() {
    return [...this.box.querySelectorAll(".offers li")];
  }

  /** Draw the offers of the row that stands in the page, and look at them. */
  show() {
    this.marks.clearLayers();
    this.pin = null;
    this.at = -1;
    this.pins = this.rows.map((row) => this.offer(row));
    this.view();
  }

  offer(row) {
    const { number, lat, lon, radius, level, territory } = row.dataset;
    const place = L.latLng(Number(lat), Number(lon));
    const coarse = ["street", "area", "settlement", "district"].includes(level);
    const light = (on) => this.light(row, on);
    const icon = L.divIcon({ className: `numbered${coarse ? " coarse" : ""}`, html: el("span", {}, number), iconSize: [26, 26] });
    const pin = L.marker(place, { icon, keyboard: false, title: row.querySelector(".label").textContent, zIndexOffset: coarse ? 0 : 500 });
    const size = Math.max(Number(radius), coarse ? LEAST_CIRCLE : 0);
    const circle = size ? L.circle(place, { radius: size, ...EXTENT }) : null;
    if (circle && !coarse) circle.addTo(this.marks);
    pin.addTo(this.marks);
    pin.on("click", () => (light(true), row.querySelector("button").focus()));
    pin.on("mouseover", () => light(true));
    pin.on("mouseout", () => light(false));
    for (const name of ["mouseenter", "focusin"]) row.addEventListener(name, () => light(true));
    for (const name of ["mouseleave", "focusout"]) row.addEventListener(name, () => light(false));
    return { pin, extent: circle, coarse, place, size, territory };
  }

  /** An offer lit in the list and on the map; the extent of a coarse one is shown only then. */
  light(row, on) {
    const own = this.pins[this.rows.indexOf(row)];
    if (!own) return;
    row.classList.toggle("lit", on);
    own.pin.getElement()?.classList.toggle("lit", on);
    own.on = on;
    if (own.territory) this.bounded(own);
    else if (own.extent && own.coarse) own.extent[on ? "addTo" : "removeFrom"](this.marks);
  }

  /** A stored territory is shown with its boundary, and by its circle when that does not come. */
  async bounded(own) {
    const path = address(`${options.urls.territories}/{code}`, { code: own.territory }, { geometry: true });
    const style = { ...EXTENT, dashArray: null, fillOpacity: 0.1 };
    own.asked ??= getJSON(path).then(({ geometry }) => (geometry ? L.geoJSON(geometry, { interactive: false, style }) : own.extent), () => own.extent);
    own.extent = await own.asked;
    if (this.pins.includes(own)) own.extent?.[own.on ? "addTo" : "removeFrom"](this.marks);
  }

  /** The candidates in view beside the panel: exact ones when there are any, else the coarse ones' extents. */
  view() {
    const exact = this.pins.filter(({ coarse }) => !coarse);
    const wanted = exact.length ? exact : this.pins.slice(0, 1);
    const [west, south, east, north] = options.bounds;
    const bounds = L.latLngBounds(wanted.map(({ place }) => place));
    for (const { place, size } of wanted) if (size) bounds.extend(place.toBounds(2 * size));
    const panel = document.getElementById("panel");
    map.fitBounds(bounds.isValid() ? bounds : [[south, west], [north, east]], {
      paddingTopLeft: narrow() ? [30, 30] : [panel.offsetWidth + 60, 60], paddingBottomRight: narrow() ? [30, 30] : [60, 60], maxZoom: CLOSEST, animate: false,
    });
  }

  // ---- the pin ---------------------------------------------------------------------------------------------------

  get pinForm() {
    return this.box.querySelector(".pin-form");
  }

  put(latlng, write) {
    if (!this.pinForm) return;
    if (!this.pin) {
      const icon = L.divIcon({ className: "put", iconSize: [24, 24], iconAnchor: [0, 24] });
      this.pin = L.marker(latlng, { icon, draggable: true, keyboard: false, zIndexOffset: 2000, title: t("Put it here") }).addTo(this.marks);
      this.pin.on("dragend", () => this.told(true));
    }
    this.pin.setLatLng(latlng);
    this.told(write);
  }

  /** Fill in the pin's position and say which territories it lies in. */
  async told(write) {
    const { lat, lng } = this.pin.getLatLng();
    const form = this.pinForm;
    if (write) {
      form.elements.lat.value = lat.toFixed(6);
      form.elements.lon.value = lng.toFixed(6);
      form.querySelector("button").classList.add("main");
      form.querySelector("button").focus({ preventScroll: narrow() });
    }
    const said = form.querySelector("#pin-said");
    try {
      const found = await getJSON(address(options.urls.locate, {}, { lat: lat.toFixed(6), lon: lng.toFixed(6), lang: options.lang }));
      const names = (found.territories ?? []).map(({ name }) => name).filter(Boolean);
      said.textContent = names.length ? t("The pin lies in: {names}", { names: names.join(", ") }) : t("This place lies outside the loaded territory.");
    } catch {
      said.textContent = "";
    }
  }

  typed({ target }) {
    if (target.form !== this.pinForm) return;
    const [lat, lon] = ["lat", "lon"].map((name) => Number(this.pinForm.elements[name].value.replace(",", ".") || NaN));
    if (Math.abs(lat) <= 90 && Math.abs(lon) <= 180) {
      this.put(L.latLng(lat, lon), false);
      map.panTo([lat, lon], { animate: false });
    }
  }

  // ---- forms and keys --------------------------------------------------------------------------------------------

  sent(event) {
    const form = event.target;
    if (!this.box.contains(form)) return;
    event.preventDefault();
    const data = new URLSearchParams(new FormData(form));
    if (event.submitter?.name) data.set(event.submitter.name, event.submitter.value);
    this.send(form, data);
  }

  async send(form, data) {
    if (this.busy) return;
    this.busy = true;
    this.box.setAttribute("aria-busy", "true");
    try {
      const path = new URL(form.action).pathname;
      const answer = await (form.method === "post" ? fetch(path, { method: "POST", body: data }) : fetch(`${path}?${data}`));
      const arrived = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("review");
      if (!arrived) throw new Error(String(answer.status));
      this.box.replaceWith(document.importNode(arrived, true));
      this.settle(answer.url);
    } catch {
      // the browser's own way shows whatever the service has to say: signed out, out of date, not reachable
      window.location.reload();
    }
    this.busy = false;
  }

  settle(url) {
    const { pathname, search } = new URL(url);
    const query = new URLSearchParams(search);
    query.delete("settled");
    query.delete("undone");
    const path = pathname.endsWith("/geocode") ? pathname : pathname.replace(/\/(\d+|undo)$/, "");
    window.history.replaceState(null, "", query.size ? `${path}?${query}` : path);
    for (const link of document.querySelectorAll(".languages a")) link.search = query.toString();
    this.show();
    document.getElementById("task-text")?.focus({ preventScroll: true });
    document.getElementById("panel").scrollTop = 0;
  }

  key(event) {
    const { target } = event;
    if (!this.keys.checked || event.ctrlKey || event.altKey || event.metaKey) return;
    if (target.matches("input:not([type=checkbox]), select, textarea")) return;
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.code];
    // the keys of the positions n, s, u, whatever the layout writes with them
    const form = this.box.querySelector(`form[data-key="${event.code}"]`);
    if (digit && !event.shiftKey) this.press(this.rows[Number(digit[1]) - 1]?.querySelector("button"));
    else if (step && !target.closest(".leaflet-container")) this.step(step);
    else if (form && !event.shiftKey) this.press(form.querySelector("button"));
    else return;
    event.preventDefault();
  }

  press(button) {
    button?.click();
  }

  step(by) {
    const { rows } = this;
    if (!rows.length) return;
    const focused = rows.findIndex((row) => row.contains(document.activeElement));
    const from = focused < 0 && by < 0 ? 0 : focused;
    this.at = (from + by + rows.length) % rows.length;
    rows[this.at].querySelector("button").focus();
    const { place, size, coarse } = this.pins[this.at];
    if (coarse && size) map.fitBounds(place.toBounds(2.4 * size), { paddingTopLeft: narrow() ? [0, 0] : [document.getElementById("panel").offsetWidth, 0], maxZoom: CLOSEST, animate: false });
    else if (!map.getBounds().pad(-0.1).contains(place)) map.panTo(place, { animate: false });
  }
}

loadMessages(options.messages, options.lang).then(() => new Reviewing().start());
