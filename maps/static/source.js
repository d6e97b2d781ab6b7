/**
 * Where do tiles come from? One layer of the service, each tile asked for once, kept while there is room.
 *
 * Above the deepest zoom the service has, a part of the deepest tile is drawn larger: the picture stays sharp
 * because shapes are drawn, not stretched.
 */

import { EMPTY, decode } from "./mvt.js";
import { getBytes } from "./net.js";

const KEPT = 96;
/** How far a tile shows what lies beside it, as a share of its side: more than the service puts there of any shape. */
const MARGIN = 1 / 32;

export class TileSource {
  /** `bounds` are west, south, east, north in degrees; null: anywhere. */
  constructor(url, layer, { minzoom = 0, maxzoom = 16, bounds = null } = {}) {
    Object.assign(this, { url, layer, minzoom, maxzoom, bounds });
    this.kept = new Map();
  }

  /** The stored tile that covers a drawn one: its coordinates, and which part of it (shift and share of its side). */
  part({ z, x, y }) {
    const up = Math.max(0, z - this.maxzoom);
    const side = 1 / 2 ** up;
    const stored = { z: z - up, x: x >> up, y: y >> up };
    return { stored, side, left: (x % 2 ** up) * side, top: (y % 2 ** up) * side };
  }

  /** The decoded tile behind drawn coordinates; a tile below the first zoom or beside the layer is empty. */
  async get(coords, signal) {
    const { stored } = this.part(coords);
    if (coords.z < this.minzoom || this.beside(stored)) return EMPTY;
    const key = `${stored.z}/${stored.x}/${stored.y}`;
    const entry = this.kept.get(key) ?? this.begin(key, stored);
    this.kept.delete(key);
    this.kept.set(key, entry);
    this.wait(key, entry, signal);
    return entry.tile;
  }

  /** Whether nothing of the layer can be in a tile, so that nobody need ask for it. */
  beside({ z, x, y }) {
    if (!this.bounds) return false;
    const [west, south, east, north] = this.bounds;
    const [left, top] = onGrid(north, west, z);
    const [right, bottom] = onGrid(south, east, z);
    return x - MARGIN > right || x + 1 + MARGIN < left || y - MARGIN > bottom || y + 1 + MARGIN < top;
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

/** A place in tiles of a zoom, counted from the north-west corner of the world. */
function onGrid(lat, lon, z) {
  const sine = Math.sin((Math.max(-85.05, Math.min(lat, 85.05)) * Math.PI) / 180);
  return [(lon / 360 + 0.5) * 2 ** z, (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * 2 ** z];
}
