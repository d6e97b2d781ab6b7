/**
 * Where is this one place? A small map without switches: the borders announced, one area raised, a pin or a circle.
 * Also draws our layers on any other folium map.
 */

import { AreaLayer } from "./areas.js";
import { addControls } from "./basemap.js";
import { loadMessages, t } from "./messages.js";
import { announced, drawLines, prepareBasemaps, preparePanes, Tiles } from "./world.js";

const L = window.L;
const block = document.getElementById("okruga-options");
const options = block ? JSON.parse(block.textContent) : {};

/** The map the layers belong to: named by the options, or the one their groups were put on. */
function mapOf(list) {
  return window[options.map] ?? list.find((each) => each.group?._map)?.group._map ?? null;
}

async function start() {
  const list = announced();
  const map = mapOf(list);
  if (!map) return;
  if (options.messages) await loadMessages(options.messages, options.lang);
  preparePanes(map);
  prepareBasemaps(map, list);
  if (options.map) addControls(map);
  const tiles = new Tiles(options.urls?.tiles ?? "/tiles");
  if (options.raised) await raise(map, tiles, options.raised);
  await drawLines(list, tiles);
  if (options.point) pin(map, options.point);
  document.documentElement.dataset.ready = "yes";
}

/** Everything but one area is veiled. */
async function raise(map, tiles, { layer, id }) {
  const source = await tiles.source(layer);
  if (!source) return;
  const paint = (context, tile) => {
    context.fillStyle = "rgba(233, 238, 237, 0.72)";
    for (const area of tile.areas) if (area.id !== id) context.fill(area.path, "evenodd");
    context.fillStyle = "rgba(65, 182, 196, 0.35)";
    for (const area of tile.areas) if (area.id === id) context.fill(area.path, "evenodd");
  };
  new AreaLayer(source, paint, { pane: "areas" }).addTo(map);
}

/** An exact place is a pin; one that is only nearly known is a circle as wide as the doubt. */
function pin(map, { lat, lon, approximate, register, colour }) {
  const look = { color: "#fff", weight: 2.5, fillColor: colour, fillOpacity: 1, pane: "markerPane", interactive: false };
  if (approximate > 0) {
    L.circle([lat, lon], { ...look, radius: approximate, color: colour, fillOpacity: 0.2, weight: 2 }).addTo(map);
    return;
  }
  const shape = register === "project" ? "square" : "circle";
  L.marker([lat, lon], { icon: L.divIcon({ className: `pin pin-${shape}`, iconSize: [18, 18] }), alt: t("the place"), keyboard: false }).addTo(map);
}

start();
