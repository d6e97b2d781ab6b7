/**
 * How is a boundary drawn? Houses or the pointer make a shape; every pause asks the service what loading it would say.
 */

import { addControls } from "./basemap.js";
import { el, narrow, paused, show } from "./dom.js";
import { loadMessages, n, t } from "./messages.js";
import { address, getJSON, Refusal } from "./net.js";
import { announced, drawLines, prepareBasemaps, preparePanes, Tiles } from "./world.js";

const L = window.L;
const options = JSON.parse(document.getElementById("okruga-options").textContent);
const map = window[options.map];
const form = document.getElementById("maker");
const fields = form.elements;
const PAUSE = 500;
const PATIENCE = 60_000;
const DRAWN = { color: "#7a4419", weight: 3, fillColor: "#e0a458", fillOpacity: 0.25 };
const NEIGHBOUR = { color: "#44546a", weight: 1.5, fillColor: "#44546a", fillOpacity: 0.06, interactive: false };
const SEVERITY = { block: () => t("will be refused"), warn: () => t("warning"), info: () => t("note") };

/** Ask the service with a body; throws Refusal. */
async function post(path, body) {
  const where = address(`${options.address}/${path}`, {}, { lang: options.lang });
  const sent = { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" }, signal: AbortSignal.timeout(PATIENCE) };
  let answer;
  try {
    answer = await fetch(where, sent);
  } catch {
    throw new Refusal(0, t("The service does not answer."));
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(answer.status, [told.detail || told.title, told.remedy].filter(Boolean).join(" "));
  return told;
}

class Making {
  constructor() {
    this.drawn = L.featureGroup().addTo(map);
    this.neighbours = L.layerGroup().addTo(map);
    this.marks = L.layerGroup().addTo(map);
    this.places = L.layerGroup().addTo(map);
    this.houses = [];
    this.asked = 0;
    this.checkSoon = paused(() => this.check(), PAUSE);
    this.aroundSoon = paused(() => this.around(), PAUSE);
  }

  async start() {
    const list = announced();
    preparePanes(map);
    prepareBasemaps(map, list);
    addControls(map);
    this.tools();
    this.listen();
    drawLines(list, new Tiles(options.urls.tiles));
    this.view(options.bounds);
    await this.around(true);
    this.choose();
    document.documentElement.dataset.ready = "yes";
  }

  /** The tools of drawing, in the language of the page. */
  tools() {
    map.pm.setLang(options.lang === "ru" ? "ru" : "en");
    map.pm.setGlobalOptions({ layerGroup: this.drawn, pathOptions: DRAWN, templineStyle: DRAWN, hintlineStyle: { ...DRAWN, dashArray: "5 5" }, snapDistance: 14, continueDrawing: false });
    map.pm.addControls({
      position: "topright", drawMarker: false, drawCircleMarker: false, drawCircle: false, drawPolyline: false, drawText: false,
      drawRectangle: false, rotateMode: false, dragMode: false,
    });
    const heard = (layer) => layer.on("pm:edit pm:cut pm:update", () => this.changed());
    map.on("pm:create", ({ layer }) => (heard(layer), this.changed()));
    map.on("pm:remove pm:cut", () => this.changed());
    this.heard = heard;
  }

  listen() {
    map.on("moveend", this.aroundSoon);
    document.getElementById("draft").addEventListener("click", () => this.draft());
    form.addEventListener("submit", (event) => (event.preventDefault(), this.save()));
    fields.kind.addEventListener("change", () => window.location.assign(`?kind=${encodeURIComponent(fields.kind.value)}`));
    fields.code.addEventListener("change", () => window.location.assign(address(window.location.pathname, {}, { kind: options.kind, code: fields.code.value })));
    for (const name of ["name", "parent", "valid_from", "act", "act_on", "tos_status", "precision"]) {
      fields[name]?.addEventListener("change", () => this.changed());
    }
  }

  /** What is stored about the territory that was chosen. */
  choose() {
    const known = options.known[options.code];
    if (!known) return;
    fields.name.value = known.name;
    for (const name of ["parent", "tos_status", "tos_level"]) if (fields[name] && known[name]) fields[name].value = known[name];
  }

  view([west, south, east, north]) {
    const beside = narrow() ? [8, 8] : [document.getElementById("panel").offsetWidth + 28, 16];
    map.fitBounds([[south, west], [north, east]], { paddingTopLeft: beside, paddingBottomRight: [70, 16], animate: false });
  }

  /** Neighbours whose borders the pointer snaps to; at first also the shape of the chosen territory. */
  async around(first = false) {
    if (!first && map.getZoom() < 11) return;
    try {
      const bbox = map.getBounds().toBBoxString();
      const found = await getJSON(address(`${options.address}/around`, {}, { kind: options.kind, bbox, code: options.code, lang: options.lang }));
      this.neighbours.clearLayers();
      for (const { geometry, name, kind } of found.items) {
        const shape = L.geoJSON(geometry, { style: { ...NEIGHBOUR, fill: kind === options.kind }, pmIgnore: true, snapIgnore: false });
        shape.eachLayer((layer) => { layer.options.pmIgnore = true; layer.options.snapIgnore = false; });
        if (kind === options.kind) shape.bindTooltip(el("span", {}, name), { sticky: true });
        this.neighbours.addLayer(shape);
      }
      if (first && found.own) this.draw(found.own);
    } catch {
      // the drawing goes on without neighbours; the check will say more
    }
  }

  /** Replace the drawing by a shape. */
  draw(geometry) {
    this.drawn.clearLayers();
    const polygons = geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates];
    for (const rings of polygons) {
      const layer = L.polygon(rings.map((ring) => ring.slice(0, -1).map(([x, y]) => [y, x])), DRAWN).addTo(this.drawn);
      this.heard(layer);
    }
    this.changed();
  }

  geometry() {
    const parts = this.drawn.getLayers().filter((layer) => layer instanceof L.Polygon).map((layer) => layer.toGeoJSON(8).geometry);
    const polygons = parts.flatMap(({ type, coordinates }) => (type === "MultiPolygon" ? coordinates : [coordinates]));
    return polygons.length ? { type: "MultiPolygon", coordinates: polygons } : null;
  }

  drawing(mends = []) {
    const told = { form: options.form, kind: options.kind, mends, geometry: this.geometry(), houses: this.houses.map(({ lat, lon }) => [lon, lat]) };
    for (const name of ["code", "name", "parent", "tos_status", "tos_level", "valid_from", "act", "act_on", "legal_text", "precision"]) {
      if (fields[name]?.value) told[name] = fields[name].value;
    }
    return told;
  }

  changed() {
    const empty = this.geometry() === null;
    form.querySelector("[type=submit]").disabled = empty;
    document.getElementById("save-said").textContent = "";
    if (empty) return this.nothing();
    document.getElementById("facts").setAttribute("aria-busy", "true");
    return this.checkSoon();
  }

  nothing() {
    this.asked += 1;
    this.places.clearLayers();
    document.getElementById("facts").setAttribute("aria-busy", "false");
    show(document.getElementById("facts"), el("p", { class: "soft" }, t("Nothing is drawn yet.")));
    show(document.getElementById("findings"));
  }

  async draft() {
    const said = document.getElementById("draft-said");
    const button = document.getElementById("draft");
    button.disabled = true;
    said.textContent = t("Looking for the houses…");
    try {
      const asked = { form: options.form, kind: options.kind, code: fields.code.value, parent: fields.parent.value, houses: fields.houses.value, way: fields.way.value };
      const found = await post("draft", { ...asked, margin_m: Number(fields.margin_m.value) || 25 });
      this.houses = found.found;
      this.pins([]);
      said.textContent = [n("{count} house found", "{count} houses found", found.found.length), ...found.notes].join(" · ");
      this.tellMissing(found.missing);
      if (found.geometry) {
        fields.precision.value = found.precision;
        this.draw(found.geometry);
        const box = this.drawn.getBounds();
        this.view([box.getWest(), box.getSouth(), box.getEast(), box.getNorth()]);
      }
    } catch (error) {
      said.textContent = error.detail || t("The service does not answer.");
    }
    button.disabled = false;
  }

  tellMissing(missing) {
    const box = document.getElementById("missing");
    box.hidden = missing.length === 0;
    box.querySelector("summary").textContent = n("{count} line without a house", "{count} lines without a house", missing.length);
    show(box.querySelector("ul"), missing.map(({ text, why }) => el("li", {}, `${text}: ${why}`)));
  }

  /** The listed houses: full inside the drawing, hollow outside. */
  pins(outside) {
    this.marks.clearLayers();
    this.houses.forEach(({ lat, lon, text }, at) => {
      const icon = L.divIcon({ className: outside.includes(at) ? "house house-out" : "house", iconSize: this.houses.length > 60 ? [8, 8] : [12, 12] });
      L.marker([lat, lon], { icon, title: text, keyboard: false, pmIgnore: true, snapIgnore: true }).addTo(this.marks);
    });
  }

  async check(mends = []) {
    const number = (this.asked += 1);
    const facts = document.getElementById("facts");
    try {
      const told = await post("check", this.drawing(mends));
      if (number !== this.asked) return;
      this.tell(told);
      if (mends.length && told.mended) this.draw(told.mended);
    } catch (error) {
      if (number !== this.asked) return;
      show(facts, el("p", { class: "notice", role: "alert" }, error.detail || t("The service does not answer.")));
    }
    facts.setAttribute("aria-busy", "false");
  }

  tell(told) {
    const hectares = new Intl.NumberFormat(options.lang, { maximumSignificantDigits: 4 }).format(told.area_m2 / 10_000);
    const number = (value) => new Intl.NumberFormat(options.lang).format(value);
    const people = told.few_residents ? t("fewer than 20") : told.residents === null ? t("no data") : number(told.residents);
    const rows = [[t("Area, ha"), hectares], [t("Residents, estimated"), people], [t("Known houses inside"), number(told.houses_inside)]];
    if (this.houses.length) rows.push([t("Listed houses outside"), number(told.listed_outside.length)]);
    show(document.getElementById("facts"), el("dl", {}, rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])));
    this.pins(told.listed_outside);
    this.findings(told.findings);
  }

  findings(found) {
    this.places.clearLayers();
    const rows = found.map((each) => {
      const piece = each.geometry && L.geoJSON(each.geometry, { style: { color: "#b2182b", weight: 2, fillOpacity: 0.45 }, pmIgnore: true, snapIgnore: true, interactive: false });
      if (piece && each.severity !== "info" && each.code !== "multipart") this.places.addLayer(piece);
      const buttons = each.mends.map(({ id, title }) => el("button", { type: "button", click: () => this.check([id]) }, title));
      if (piece) buttons.unshift(el("button", { type: "button", click: () => map.fitBounds(piece.getBounds(), { maxZoom: 18 }) }, t("Show")));
      return el("li", { class: each.severity }, el("b", {}, SEVERITY[each.severity]()), each.message, each.remedy ? el("small", {}, each.remedy) : null, buttons.length ? el("div", { class: "row" }, buttons) : null);
    });
    show(document.getElementById("findings"), rows.length ? el("ul", {}, rows) : el("p", { class: "soft" }, t("The checks find nothing.")));
  }

  async save() {
    const button = form.querySelector("[type=submit]");
    const said = document.getElementById("save-said");
    button.disabled = true;
    said.textContent = t("Saving…");
    try {
      const told = await post("save", this.drawing());
      if (told.run) {
        window.location.assign(`${options.list}?saved=${told.run}`);
        return;
      }
      this.findings(told.findings);
      said.textContent = told.rejected ? t("Not saved: settle what is refused first.") : t("Not saved: everything is stored already.");
    } catch (error) {
      said.textContent = error.detail || t("The service does not answer.");
    }
    button.disabled = false;
  }
}

loadMessages(options.messages, options.lang).then(() => new Making().start());
