/**
 * What lies above and below the colours? Borders, names, symbols and the backdrop, as far as they are ticked.
 */

import { AreaLayer } from "./areas.js";
import { Labels } from "./labels.js";
import { lineLayer } from "./world.js";

export class Overlays {
  /** `announced` are the layers of the page, `tiles` the catalogue they are looked up in. */
  constructor(map, announced, tiles, symbols) {
    Object.assign(this, { map, tiles, symbols, layers: announced.filter(({ group, role }) => group && role !== "fill") });
  }

  /** Show the layers with these codes, hide the others. */
  async show(codes) {
    document.getElementById("symbols-hint").hidden = !codes.some((code) => code.startsWith("symbols:"));
    for (const each of this.layers) {
      const visible = codes.includes(`${each.role}:${each.layer}`);
      if (each.role === "symbols") this.symbols.set(each.layer, visible ? await this.tiles.source(each.layer) : null);
      else await this.toggle(each, visible);
    }
  }

  async toggle(each, visible) {
    if (visible) await (each.making ??= this.make(each));
    each.labels?.show(visible);
    if (!each.drawn || each.role === "labels") return;
    for (const part of each.drawn.parts ?? [each.drawn]) part.getContainer().hidden = !visible;
  }

  /** Draw an announced layer for the first time; nothing where there are no such tiles. */
  async make(each) {
    const source = await this.tiles.source(each.layer, "", each.url);
    if (!source) return;
    each.drawn = each.role === "labels" ? this.named(source, each) : lineLayer(source, each.role, each.minzoom);
    each.group.addLayer(each.drawn);
  }

  /** Names need the shapes, not their picture. */
  named(source, each) {
    const layer = new AreaLayer(source, null, { pane: "names", minZoom: each.minzoom - 0.5 });
    each.labels = new Labels(this.map, layer, () => this.symbols.frames());
    this.symbols.onDrawn = each.labels.place;
    return layer;
  }
}
