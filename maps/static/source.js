/**
 * Where do tiles come from? One layer of the service, each tile asked for once, kept while there is room.
 *
 * Above the deepest zoom the service has, a part of the deepest tile is drawn larger: the picture stays sharp
 * because shapes are drawn, not stretched.
 */

import { EMPTY, decode } from "./mvt.js";
import { getBytes } from "./net.js";

const KEPT = 96;

export class TileSource {
  constructor(url, layer, { minzoom = 0, maxzoom = 16 } = {}) {
    Object.assign(this, { url, layer, minzoom, maxzoom });
    this.kept = new Map();
  }

  /** The stored tile that covers a drawn one: its coordinates, and which part of it (shift and share of its side). */
  part({ z, x, y }) {
    const up = Math.max(0, z - this.maxzoom);
    const side = 1 / 2 ** up;
    const stored = { z: z - up, x: x >> up, y: y >> up };
    return { stored, side, left: (x % 2 ** up) * side, top: (y % 2 ** up) * side };
  }

  /** The decoded tile behind drawn coordinates; a tile below the first zoom is empty. */
  async get(coords, signal) {
    if (coords.z < this.minzoom) return EMPTY;
    const { stored } = this.part(coords);
    const key = `${stored.z}/${stored.x}/${stored.y}`;
    const entry = this.kept.get(key) ?? this.begin(key, stored);
    this.kept.delete(key);
    this.kept.set(key, entry);
    this.wait(key, entry, signal);
    return entry.tile;
  }

  begin(key, stored) {
    const stop = new AbortController();
    const entry = { stop, waiting: 0, done: false, tile: null };
    entry.tile = this.fetch(stored, stop.signal).then(
      (tile) => {
        entry.done = true;
        return tile;
      },
      (error) => {
        this.kept.delete(key);
        throw error;
      },
    );
    entry.tile.catch(() => {});
    for (const old of this.kept.keys()) {
      if (this.kept.size < KEPT) break;
      this.kept.delete(old);
    }
    return entry;
  }

  async fetch({ z, x, y }, signal) {
    const url = this.url.replace("{z}", z).replace("{x}", x).replace("{y}", y);
    return decode(await getBytes(url, signal), this.layer);
  }

  /** A tile nobody waits for any more is not fetched to the end. */
  wait(key, entry, signal) {
    if (!signal || entry.done) return;
    entry.waiting += 1;
    signal.addEventListener("abort", () => {
      entry.waiting -= 1;
      if (!entry.done && entry.waiting === 0) {
        this.kept.delete(key);
        entry.stop.abort();
      }
    });
  }
}
