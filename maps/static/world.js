/**
 * Which layers does the page announce, and which tiles do they mean? Panes, sources and layers of every map of ours.
 */

import { AreaLayer, SIDE } from "./areas.js";
import { nameAuthors, watchBasemap } from "./basemap.js";
import { address, getJSON } from "./net.js";
import { dashPainter, groundPainter, outlinePainter, wayPainter } from "./painters.js";
import { TileSource } from "./source.js";

const PANES = { ground: 240, areas: 250, ways: 300, borders: 340, outline: 430, bubbles: 440, symbols: 450, names: 460 };

/** The layers the inline script announced, taken off the list so that each is drawn once. */
export function announced() {
  return (window.okruga ?? []).splice(0);
}

/** Panes in drawing order; all but the stock ones let pointers through. */
export function preparePanes(map) {
  for (const [name, order] of Object.entries(PANES)) {
    const pane = map.createPane(name);
    pane.style.zIndex = String(order);
    pane.classList.add("civic-pane");
  }
}

/** The basemaps among the announced: watched, and their authors named. */
export function prepareBasemaps(map, list) {
  for (const { basemap, attribution } of list.filter((each) => each.basemap)) {
    watchBasemap(map, basemap);
    nameAuthors(map, attribution);
  }
}

/** What tiles the service has; a page with full addresses can do without. */
export class Tiles {
  /** `layers` is the catalogue, when the page brought it along. */
  constructor(url, layers = null) {
    this.url = url;
    this.layers = layers && Promise.resolve(layers);
    this.sources = new Map();
  }

  async index() {
    this.layers ??= getJSON(this.url).then(({ layers }) => layers ?? {}, () => ({}));
    return this.layers;
  }

  /** The source of a layer's tiles in a version; the current one when none is named. Null: no such layer. */
  async source(name, version = "", template = "") {
    const known = (await this.index())[name];
    if (!known && !version && !template) return null;
    const key = `${name}/${version || known?.version || template}`;
    if (!this.sources.has(key)) {
      const url = template || address(`${this.url}/{layer}/{version}`, { layer: name, version: version || known.version });
      const about = reaches(known, version) ? known : { ...known, bounds: null };
      this.sources.set(key, new TileSource(template ? url : `${url}/{z}/{x}/{y}.mvt`, name, about));
    }
    return this.sources.get(key);
  }
}

/** Whether the bounds we know are those of a version: one that came after the page may reach farther. */
function reaches(layer, version) {
  return !version || layer?.versions?.some((each) => each.version === version);
}

/** The version of a layer that shows the end of a year, or today when the year is not over; "" for no such layer. */
export function versionAt(layer, year) {
  const day = [`${year}-12-31`, new Date().toISOString().slice(0, 10)].sort()[0];
  return layer?.versions?.filter(({ from }) => !from || from <= day).at(-1)?.version ?? "";
}

/** Ask for the tiles in view before anybody draws them: they come while the values are on their way. */
export function fetchAhead(map, source) {
  const z = Math.round(map.getZoom());
  const half = map.getSize().divideBy(2 * map.getZoomScale(map.getZoom(), z));
  const centre = map.project(map.getCenter(), z);
  const [low, high] = [centre.subtract(half), centre.add(half)].map((corner) => corner.divideBy(SIDE).floor());
  for (let x = low.x; x <= high.x; x += 1) {
    for (let y = low.y; y <= high.y; y += 1) source.get({ x, y, z: z - 1 }).catch(() => {});
  }
}

/** A line layer: borders of districts or of TOS, from a zoom on. */
export function lineLayer(source, role, minZoom) {
  if (role === "ground") return backdrop(source);
  const paint = role === "dashed" ? dashPainter() : outlinePainter();
  // Leaflet compares the exact zoom here and the rounded one there: half a step less makes them agree
  return new AreaLayer(source, paint, { pane: "borders", minZoom: minZoom - 0.5, zIndex: role === "dashed" ? 1 : 2 });
}

/** Draw the announced lines that are shown; a page that switches them does it by itself. */
export async function drawLines(list, tiles) {
  for (const each of list.filter(({ role, shown }) => shown && ["outline", "dashed", "ground"].includes(role))) {
    const source = await tiles.source(each.layer, "", each.url);
    if (source) each.group.addLayer(lineLayer(source, each.role, each.minzoom));
  }
}

/** The backdrop: one part below the coloured areas, one above them. */
function backdrop(source) {
  const parts = [
    new AreaLayer(source, groundPainter(), { pane: "ground" }),
    new AreaLayer(source, wayPainter(), { pane: "ways" }),
  ];
  return Object.assign(window.L.layerGroup(parts), { parts });
}
