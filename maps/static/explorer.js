/**
 * How is a question explored? Areas coloured by the chosen measure; everything chosen stands in the address.
 */

import { AreaLayer } from "./areas.js";
import { addControls } from "./basemap.js";
import { areCounts, Bubbles } from "./bubbles.js";
import { Card } from "./card.js";
import { narrow, paused } from "./dom.js";
import { finder, lookedAt } from "./finder.js";
import { drawLegend, drawPeek } from "./legend.js";
import { loadMessages, nameOf } from "./messages.js";
import { address, getJSON } from "./net.js";
import { Outline } from "./overlay.js";
import { Overlays } from "./overlays.js";
import { fillPainter } from "./painters.js";
import { Panel } from "./panel.js";
import { keepPaperReady } from "./paper.js";
import { Pointing } from "./pointing.js";
import { Ranking } from "./ranking.js";
import { readState, writeHash, writeQuery } from "./state.js";
import { Symbols } from "./symbols.js";
import { Trouble } from "./trouble.js";
import { fetchValues } from "./values.js";
import { announced, fetchAhead, prepareBasemaps, preparePanes, Tiles, versionAt } from "./world.js";

const L = window.L;
const options = JSON.parse(document.getElementById("okruga-options").textContent);
const map = window[options.map];
const mapBox = map.getContainer();
const UNDER_CIRCLES = "#f6f3ea";
/** How long the borders wait for the colours, ms. */
const PATIENCE = 300;

class Explorer {
  constructor() {
    this.values = null;
    this.asked = new Map();
    this.areas = null;
    this.stop = null;
    this.look = { of: () => undefined, only: null, colours: options.colours, fills: () => ({}) };
    this.tiles = new Tiles(options.urls.tiles, options.tiles);
    // what is chosen before all is prepared is read when it is
    this.panel = new Panel(options, { onChoice: () => this.overlays && this.refresh(), onLayers: () => this.overlays && this.showLayers() });
    this.place(this.readAddress());
  }

  /** Everything that speaks or is drawn on: it waits for the sentences, not the values for it. */
  prepare() {
    this.announced = announced();
    preparePanes(map);
    prepareBasemaps(map, this.announced);
    this.outline = new Outline(map);
    this.bubbles = new Bubbles(map);
    this.symbols = new Symbols(map, options.colours.symbols);
    this.overlays = new Overlays(map, this.announced, this.tiles, this.symbols);
    this.card = new Card(mapBox.parentElement, options.urls, options.lang, () => this.outline.mark("chosen", null));
    this.trouble = new Trouble(mapBox.parentElement, () => this.refresh());
    this.ranking = new Ranking(document.getElementById("ranking"), options, {
      onPoint: (code) => this.outline.mark("hovered", code === null ? null : this.values?.idOf(code) ?? null),
      onOpen: (code) => this.openArea(this.values?.idOf(code) ?? null),
    });
    this.pointing = new Pointing(map, this);
    addControls(map, "bottomright");
    finder(document.querySelector("form[data-finder]"), options.urls, options.lang, (item) => this.goTo(item), () => lookedAt(map));
    map.on("moveend", paused(() => this.moved(), 150));
    window.addEventListener("hashchange", () => this.follow());
  }

  async start() {
    const told = loadMessages(options.messages, options.lang);
    // what cannot be had ahead is asked for again, and told, by those who need it
    this.anticipate().catch(() => {});
    await told;
    this.prepare();
    const first = this.refresh();
    // borders come with the first colours, one picture instead of two; without them when the values take their time
    await Promise.race([first, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
    await this.overlays.show(this.panel.layers());
    await first;
    await this.areas?.inView();
    requestAnimationFrame(() => setTimeout(() => this.attend()));
  }

  /** What the next step needs, and no eye, comes after the first picture. */
  attend() {
    keepPaperReady(map);
    this.writeAddress();
    this.tiles.index().then((known) => this.panel.offerLayers(known));
  }

  readAddress() {
    return readState(window.location, this.panel.allowed());
  }

  /** Open where the address says, or on the whole city beside the panel. */
  place(state) {
    this.panel.choose(state);
    this.further = state.x;
    if (state.zoom !== undefined) {
      map.setView([state.lat, state.lon], state.zoom, { animate: false });
      return;
    }
    const [west, south, east, north] = options.bounds;
    const left = narrow() ? 12 : document.getElementById("panel").offsetWidth + 28;
    map.fitBounds([[south, west], [north, east]], {
      paddingTopLeft: [left, 16], paddingBottomRight: narrow() ? [12, 96] : [24, 24], animate: false,
    });
  }

  /** The address was changed by hand or by the history. */
  follow() {
    if (window.location.hash === this.written) return;
    this.place(this.readAddress());
    this.showLayers();
    this.refresh();
  }

  /** Cells of another size belong to another zoom. */
  moved() {
    if (this.choices().h === this.size) this.writeAddress();
    else this.refresh();
  }

  choices() {
    const chosen = this.panel.choices(map.getZoom());
    return this.controls?.measure === chosen.m ? { ...chosen, x: this.controls.values() } : chosen;
  }

  /** The further controls of the measure, where it has any: what they need is fetched for the first such measure. */
  async offerControls() {
    const { m } = this.panel.choices(map.getZoom());
    if (!options.measures[m]?.asks) {
      this.controls?.hide();
      return;
    }
    const { Controls } = await import("./controls.js");
    this.controls ??= new Controls(document.getElementById("switches"), options.urls.controls, options.lang);
    await this.controls.show(m, this.further);
  }

  writeAddress() {
    const { lat, lng } = map.getCenter();
    const choices = this.choices();
    this.written = writeHash({ zoom: map.getZoom(), lat, lon: lng }, choices);
    if (window.location.hash !== this.written) window.history.replaceState(null, "", window.location.pathname + this.written);
    this.panel.link(writeQuery(choices), this.written);
  }

  /** Ask for the first values, and for the shapes that they will most probably belong to, before anything is drawn. */
  async anticipate() {
    const choices = this.choices();
    if (!options.measures[choices.m]?.asks) this.fetch(choices).catch(() => {});
    const version = versionAt((await this.tiles.index())[choices.k], choices.y);
    if (version) fetchAhead(map, await this.tiles.source(choices.k, version));
  }

  fetch(choices, signal) {
    return fetchValues(options.urls.values, choices, options.lang, options.colours, signal);
  }

  /** Ask for the chosen values; what is on the map stays until they are there, and when they do not come. */
  async refresh() {
    this.stop?.abort();
    const stop = (this.stop = new AbortController());
    if (options.measures[this.choices().m]?.asks || this.controls) await this.offerControls().catch((error) => this.trouble.tell(error, this.values !== null));
    if (stop.signal.aborted) return;
    if (this.written) this.writeAddress();
    const choices = this.choices();
    this.size = choices.h;
    const legend = document.getElementById("legend");
    legend.setAttribute("aria-busy", "true");
    try {
      const values = await this.fetch(choices, stop.signal);
      if (stop.signal.aborted) return;
      await this.paint(values);
      this.trouble.over();
      this.ranking.refresh(choices, values);
    } catch (error) {
      if (stop.signal.aborted) return;
      this.trouble.tell(error, this.values !== null);
      legend.setAttribute("aria-busy", "false");
    }
  }

  /** Colour the areas by these values: other shapes only when the values belong to other shapes. */
  async paint(values) {
    const layer = values.answer.layer ?? { name: values.answer.kind, version: "" };
    const cells = layer.name === "hex_cell" ? (await import("./hexes.js")).cellsOf(values) : null;
    const shapes = cells?.name ?? `${layer.name}/${layer.version}`;
    const source = cells ?? (await this.tiles.source(layer.name, layer.version));
    const circles = areCounts(values);
    const fills = (pattern) => values.fills(pattern, circles ? UNDER_CIRCLES : null);
    this.values = values;
    const smooth = options.measures[values.answer.measure]?.smooth;
    Object.assign(this.look, { of: (id) => values.classOf(id), only: null, fills, smooth });
    if (shapes === this.shapes) this.areas.repaint();
    else if (source) this.spread(source, shapes);
    drawLegend(document.getElementById("legend"), values, this.panel.titles(this.controls?.titles()), (only) => this.emphasise(only));
    this.bubbles.set(circles ? values : null, this.areas);
    drawPeek(document.getElementById("peek"), values, this.panel.titles().measure);
    this.pointing.changed();
    document.documentElement.dataset.ready = "yes";
  }

  spread(source, shapes) {
    const group = this.announced.find(({ role }) => role === "fill").group;
    const layer = new AreaLayer(source, fillPainter(this.look), { pane: "areas" });
    const before = this.areas;
    layer.once("load", () => before && group.removeLayer(before));
    group.addLayer(layer);
    this.shapes = shapes;
    this.areas = layer;
    this.card.close();
    this.outline.marks = { hovered: null, chosen: null };
    this.outline.follow(layer);
  }

  emphasise(only) {
    if (this.look.only === only) return;
    this.look.only = only;
    this.areas?.repaint();
    this.bubbles.emphasise(only);
  }

  /** Show the layers that are ticked, hide the others. */
  async showLayers() {
    await this.overlays.show(this.panel.layers());
    this.writeAddress();
  }

  openArea(id) {
    if (id === null || !this.values) return;
    const kind = this.values.classOf(id);
    const fills = this.values.fills(() => "");
    this.outline.mark("chosen", id);
    const layer = this.shapes.split("/")[0];
    this.card.open(layer, layer === "hex_cell" ? this.values.codeOf(id) : id, kind === undefined ? null : {
      title: this.panel.titles().measure, text: this.values.textOf(id), colour: fills[kind],
    });
    this.pointing.show(id);
  }

  /** Move the map when the card would hide what was pointed at. */
  uncover({ x, y }) {
    const size = map.getSize();
    if (narrow()) map.panBy([x - size.x / 2, y - size.y * 0.2]);
    else if (x > size.x - 400) map.panBy([x - (size.x - 460), 0]);
  }

  openEntry(register, id) {
    this.outline.mark("chosen", null);
    this.card.open(register, id);
  }

  /** The name of an area on screen. */
  nameOf(area) {
    return nameOf(area.properties) || this.asked.get(area.id) || this.askName(area.id);
  }

  /** The name of an area whose tile is too crowded to carry names: nothing now, told when it has come. */
  askName(id) {
    if (this.asked.has(id)) return "";
    this.asked.set(id, "");
    const layer = this.shapes.split("/")[0];
    getJSON(address(options.urls.card, { layer, id }, { lang: options.lang })).then(
      ({ title }) => {
        this.asked.set(id, title ?? "");
        this.pointing.changed();
      },
      () => this.asked.delete(id),
    );
    return "";
  }

  goTo({ lat, lon, href, kind }) {
    if (!Number.isFinite(lat) || !Number.isFinite(lon)) {
      if (href) window.location.assign(href);
      return;
    }
    map.setView([lat, lon], Math.max(map.getZoom(), kind === "address" ? 15 : 13.5));
    this.found?.remove();
    this.found = L.circleMarker([lat, lon], { radius: 9, color: "#10222b", weight: 3, fill: false }).addTo(map);
    this.areas?.once("load", () => this.openAt([lat, lon]));
    setTimeout(() => this.openAt([lat, lon]), 700);
  }

  openAt(latlng) {
    const area = this.areas?.at(latlng);
    if (area && this.card.box.hidden) this.openArea(area.id);
  }
}

new Explorer().start();
