/**
 * What does the file look like over the map that holds now? Shapes and points of the file, stored borders, findings.
 */

import { addControls } from "./basemap.js";
import { el } from "./dom.js";
import { loadMessages, t } from "./messages.js";
import { getJSON } from "./net.js";
import { announced, drawLines, prepareBasemaps, preparePanes, Tiles } from "./world.js";

const L = window.L;
const options = JSON.parse(document.getElementById("okruga-options").textContent);
const map = window[options.map];
const LOOKS = {
  new: ["#1b7837", "#a6dba0"],
  changed: ["#b35806", "#fdd49e"],
  moved: ["#1b7837", "#a6dba0"],
  same: ["#6b7a82", "#dfe5e7"],
  rejected: ["#b2182b", "#f4a6a0"],
};
const STORED = { color: "#26343c", weight: 2, dashArray: "6 5", fill: false, interactive: false };
// a finding may be as large as its territory: only the one that is led to is filled
const FINDING = { color: "#b35806", weight: 2.5, fillColor: "#fdb863", fillOpacity: 0.15 };
const CHOSEN = { weight: 3.5, fillOpacity: 0.7 };

async function start() {
  await loadMessages(options.messages, options.lang);
  const list = announced();
  preparePanes(map);
  prepareBasemaps(map, list);
  addControls(map);
  const shapes = await getJSON(options.shapes);
  drawLines(list, new Tiles(options.urls.tiles));
  draw(shapes);
  document.documentElement.dataset.ready = "yes";
}

function draw({ incoming, points, stored, findings }) {
  const renderer = L.canvas({ padding: 0.3 });
  const look = ({ properties }) => {
    const [color, fillColor] = LOOKS[properties.state] ?? LOOKS.new;
    return { color, fillColor, weight: 1.5, fillOpacity: 0.55, renderer };
  };
  L.geoJSON(incoming, { style: look, onEachFeature: named }).addTo(map);
  L.geoJSON(stored, { style: { ...STORED, renderer } }).addTo(map);
  L.geoJSON(points, { pointToLayer: (feature, at) => L.circleMarker(at, { ...look(feature), radius: 5, fillOpacity: 0.8 }), onEachFeature: named }).addTo(map);
  const places = L.geoJSON(findings, {
    style: { ...FINDING, renderer },
    pointToLayer: (feature, at) => L.circleMarker(at, { ...FINDING, radius: 8, renderer }),
    onEachFeature: (feature, layer) => layer.bindPopup(() => el("p", {}, feature.properties.message)),
  }).addTo(map);
  places.eachLayer((layer) => layer.feature.properties.at === options.at && lead(layer));
}

/** Names come from files: they are set as text. */
function named({ properties }, layer) {
  const name = properties.name || t("No. {number}", { number: properties.number });
  layer.bindTooltip(() => el("span", {}, name), { sticky: true });
}

/** Go to a finding: a sliver is only seen from near. */
function lead(layer) {
  const box = layer.getBounds ? layer.getBounds() : L.latLngBounds([layer.getLatLng()]);
  map.fitBounds(box.pad(0.6), { maxZoom: 17, animate: false });
  layer.setStyle(CHOSEN).bringToFront();
  layer.openPopup(box.getCenter());
}

start();
