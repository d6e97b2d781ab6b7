/**
 * Where does a district's name stand? Deep inside the part of it that is on screen, one name each, none over another.
 *
 * The areas are painted small, each in a colour that is its number; the point farthest from its border in that
 * picture is the place. So a name moves along with what is visible, and tile borders do not matter.
 */

import { covered, el, narrow, paused } from "./dom.js";
import { nameOf } from "./messages.js";

const GRAIN = 8;
const LEAST = 3;

/** Where a name may stand besides the deepest point, in pixels, tried in this order. */
const SHIFTS = [0, -24, 24, -42, 42];

export class Labels {
  /** `obstacles()` gives the frames of what names should keep clear of: left, top, right, bottom in pixels. */
  constructor(map, layer, obstacles = () => []) {
    Object.assign(this, { map, layer, obstacles, box: el("div", { class: "names leaflet-zoom-hide", "aria-hidden": "true" }) });
    this.place = paused(() => this.draw(), 60);
    map.getPane("names").append(this.box);
    layer.on("load", this.place);
    map.on("moveend zoomend resize", this.place);
  }

  show(visible) {
    this.box.hidden = !visible;
    if (visible) this.place();
  }

  draw() {
    if (this.box.hidden || !this.layer._map) return;
    const screen = this.map.getSize();
    // where areas crowd, their tiles name none
    const spots = deepest(this.layer, screen, covered(this.map), LEAST, ({ properties }) => nameOf(properties) !== "");
    const taken = [];
    const names = [];
    const symbols = this.obstacles();
    for (const spot of spots.sort((a, b) => b.weight - a.weight)) {
      const name = nameOf(spot.properties);
      const size = measured(name);
      if (!name || spot.depth * 2 < size.height * 0.7) continue;
      spot.x = Math.max(size.width / 2 + 4, Math.min(spot.x, screen.x - size.width / 2 - 4));
      const places = SHIFTS.filter((shift) => Math.abs(shift) < spot.depth).map((shift) => around(spot.x, spot.y + shift, size));
      const open = places.filter((frame) => !taken.some((other) => overlap(frame, other)));
      const frame = open.find((each) => !symbols.some((other) => overlap(each, other))) ?? open[0];
      if (!frame) continue;
      taken.push(frame);
      names.push({ x: spot.x, y: (frame[1] + frame[3]) / 2, name });
    }
    window.L.DomUtil.setPosition(this.box, this.map.containerPointToLayerPoint([0, 0]));
    this.box.replaceChildren(...names.map((each) => this.text(each)));
  }

  text({ x, y, name }) {
    const node = el("span", { class: "name" }, name);
    Object.assign(node.style, { left: `${Math.round(x)}px`, top: `${Math.round(y)}px` });
    return node;
  }
}

function around(x, y, { width, height }) {
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
}

function overlap(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

const ruler = document.createElement("canvas").getContext("2d");
ruler.font = "600 13px system-ui, sans-serif";
const widest = () => (narrow() ? 92 : 130);

/** About how much room a name takes, broken into lines like the style sheet does. */
function measured(name) {
  const width = ruler.measureText(name).width;
  const lines = Math.ceil(width / widest());
  return { width: Math.min(width, widest()) + 8, height: 17 * lines + 4 };
}

/**
 * The deepest point of every area on screen and not covered, if it is as deep as asked: place, depth, size in pixels.
 * `wanted` says which areas are looked at; the others only end where these begin.
 */
export function deepest(layer, size, hidden, least, wanted = () => true) {
  const [width, height] = [Math.ceil(size.x / GRAIN), Math.ceil(size.y / GRAIN)];
  const tiles = layer.onScreen().map((tile) => ({ ...tile, wanted: tile.shapes.areas.filter(wanted) }));
  if (!tiles.some((tile) => tile.wanted.length)) return [];
  const { cells, areas } = numbered(layer, tiles, width, height, hidden);
  const depth = depths(cells, width, height);
  const best = new Map();
  for (let at = 0; at < cells.length; at += 1) {
    const spot = best.get(cells[at]);
    if (!cells[at]) continue;
    if (!spot) best.set(cells[at], { at, count: 1 });
    else {
      spot.count += 1;
      if (depth[at] > depth[spot.at]) spot.at = at;
    }
  }
  return [...best]
    .filter(([number, { at }]) => areas[number - 1] && depth[at] >= least)
    .map(([number, { at, count }]) => ({
      id: areas[number - 1].id,
      properties: areas[number - 1].properties,
      x: ((at % width) + 0.5) * GRAIN,
      y: (Math.floor(at / width) + 0.5) * GRAIN,
      depth: (depth[at] / 3) * GRAIN,
      weight: count,
    }));
}

/** The areas painted by number; blurred edges give numbers that do not exist, which count as border. */
function numbered(layer, tiles, width, height, hidden) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const numbers = new Map();
  const areas = [];
  for (const tile of tiles) {
    for (const area of tile.wanted) {
      if (!numbers.has(area.id)) numbers.set(area.id, areas.push(area));
    }
  }
  for (const tile of tiles) paintNumbers(context, layer, tile, numbers);
  if (hidden) {
    context.setTransform(1 / GRAIN, 0, 0, 1 / GRAIN, 0, 0);
    context.clearRect(hidden.left, hidden.top, hidden.right - hidden.left, hidden.bottom - hidden.top);
  }
  return { cells: read(context, width, height, areas.length), areas };
}

function paintNumbers(context, layer, tile, numbers) {
  // not clipped to the tile: its margin shows the same areas, and a clip would leave a seam that looks like a border
  layer.aim(context, tile, 1 / GRAIN);
  for (const area of tile.wanted) {
    // numbers are spread over the colours so that a mixture of two is hardly ever a third
    context.fillStyle = `#${((numbers.get(area.id) * 4999) & 0xffffff).toString(16).padStart(6, "0")}`;
    context.fill(area.path, "evenodd");
  }
}

function read(context, width, height, count) {
  const known = new Map(Array.from({ length: count }, (_, at) => [((at + 1) * 4999) & 0xffffff, at + 1]));
  const { data } = context.getImageData(0, 0, width, height);
  const cells = new Int32Array(width * height);
  for (let at = 0; at < cells.length; at += 1) {
    const pixel = at * 4;
    if (data[pixel + 3] === 255) cells[at] = known.get((data[pixel] << 16) | (data[pixel + 1] << 8) | data[pixel + 2]) ?? 0;
  }
  return cells;
}

/** How far each cell is from another area or the edge of the screen: chamfer distance, three steps to a cell. */
function depths(cells, width, height) {
  const depth = new Uint16Array(cells.length);
  const same = (at, other) => (cells[other] === cells[at] ? depth[other] : 0);
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x;
      if (!cells[at]) continue;
      depth[at] = Math.min(
        same(at, at - 1) + 3, same(at, at - width) + 3, same(at, at - width - 1) + 4, same(at, at - width + 1) + 4,
      );
    }
  }
  for (let y = height - 2; y >= 0; y -= 1) {
    for (let x = width - 2; x > 0; x -= 1) {
      const at = y * width + x;
      if (!cells[at]) continue;
      depth[at] = Math.min(
        depth[at], same(at, at + 1) + 3, same(at, at + width) + 3, same(at, at + width + 1) + 4, same(at, at + width - 1) + 4,
      );
    }
  }
  return depth;
}
