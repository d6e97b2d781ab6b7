/**
 * Is there a background? The operator's raster tiles when they come, a plain ground when not, and who is to be named.
 */

import { el } from "./dom.js";
import { t } from "./messages.js";

const L = window.L;
const ENOUGH = 4;
const LONG = 3000;

/** Watch the basemap: after four failed tiles it is taken away, after three silent seconds the badge says so. */
export function watchBasemap(map, layer) {
  const badge = el("p", { class: "badge", role: "status", hidden: true }, t("Without basemap"));
  map.getContainer().append(badge);
  let [failed, loaded] = [0, 0];
  const quiet = setTimeout(() => (badge.hidden = loaded > 0), LONG);
  const came = () => {
    loaded += 1;
    badge.hidden = true;
    map.getContainer().classList.add("with-basemap");
  };
  const went = () => {
    failed += 1;
    if (failed < ENOUGH || loaded > failed) return;
    clearTimeout(quiet);
    map.removeLayer(layer);
    map.getContainer().classList.remove("with-basemap");
    badge.hidden = false;
  };
  // the layer was put on the map before this module ran: some of its tiles may have been answered already
  for (const { el: tile, loaded: answered } of Object.values({ ...layer._tiles })) {
    if (answered) (tile.classList.contains("leaflet-tile-loaded") ? came : went)();
  }
  layer.on("tileload", came);
  layer.on("tileerror", went);
}

/** The names under the map, built as text and links. */
export function nameAuthors(map, parts) {
  if (!parts.length) return;
  const Authors = L.Control.extend({
    onAdd: () => el("p", { class: "authors" }, parts.map(([text, href]) => (href ? el("a", { href }, text) : text))),
  });
  new Authors({ position: "bottomright" }).addTo(map);
}

/** Zoom buttons and a metric scale in the page's language. */
export function addControls(map, position = "bottomright") {
  L.control.zoom({ position, zoomInTitle: t("Closer"), zoomOutTitle: t("Farther") }).addTo(map);
  const scale = L.control.scale({ imperial: false, position, maxWidth: 120 });
  scale._updateMetric = function update(distance) {
    const round = this._getRoundNum(distance);
    const words = round < 1000 ? t("{count} m", { count: round }) : t("{count} km", { count: round / 1000 });
    this._updateScale(this._mScale, words, round / distance);
  };
  scale.addTo(map);
}
