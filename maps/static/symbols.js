/**
 * Where are the needs and projects? Circles are needs, squares are projects: shape says it as well as colour.
 *
 * Groups are rings (square frames for projects) with the share that is answered or done, and the number in the middle.
 * All layers share one canvas that reaches beyond the screen, so nothing is cut at a tile's edge.
 */

import { number } from "./messages.js";
import { paused } from "./dom.js";

const L = window.L;
const SIDE = 512;
const MARGIN = 160;
const DONE = { need: ["answered"], project: ["completed", "reported"] };
const SQUARE = ["project", "organisation"];
const PAPER = "#ffffff";
const APART = 88;

export class Symbols {
  constructor(map, colours) {
    Object.assign(this, { map, colours, layers: new Map(), drawn: [], stop: null, lit: null });
    this.canvas = document.createElement("canvas");
    this.canvas.className = "symbols leaflet-zoom-hide";
    map.getPane("symbols").append(this.canvas);
    this.later = paused(() => this.update(), 30);
    map.on("moveend zoomend resize", this.later);
  }

  /** Show or hide one register; `source` is its TileSource. */
  set(register, source) {
    if (source) this.layers.set(register, source);
    else this.layers.delete(register);
    this.later();
  }

  async update() {
    this.stop?.abort();
    const stop = (this.stop = new AbortController());
    const jobs = [...this.layers].map(([register, source]) => this.collect(register, source, stop.signal));
    const found = await Promise.allSettled(jobs);
    if (stop.signal.aborted) return;
    this.drawn = apart(found.flatMap((each) => gathered(each.value ?? [])));
    this.draw();
    this.onDrawn?.();
  }

  /** The symbols of one register around the screen, in pixels of the container. */
  async collect(register, source, signal) {
    const zoom = Math.round(this.map.getZoom());
    const scale = this.map.getZoomScale(this.map.getZoom(), zoom);
    const origin = this.map.project(this.map.containerPointToLatLng([-MARGIN, -MARGIN]), zoom).divideBy(SIDE);
    const end = this.map.project(this.map.containerPointToLatLng(this.map.getSize().add([MARGIN, MARGIN])), zoom).divideBy(SIDE);
    const tiles = [];
    for (let x = Math.floor(origin.x); x <= end.x; x += 1) {
      for (let y = Math.floor(origin.y); y <= end.y; y += 1) tiles.push({ x, y, z: zoom - 1 });
    }
    const loaded = await Promise.all(tiles.map((coords) => source.get(coords, signal).catch(() => null)));
    const corner = this.map.latLngToContainerPoint(this.map.unproject(origin.multiplyBy(SIDE), zoom));
    return loaded.flatMap((tile, at) => (tile ? placed(tile, source.part(tiles[at]), tiles[at]) : [])).map((point) => ({
      ...symbol(register, point),
      x: corner.x + (point.left - origin.x) * SIDE * scale,
      y: corner.y + (point.top - origin.y) * SIDE * scale,
    }));
  }

  /** The symbol at a place of the container, or null; fingers get more room than pointers. */
  at({ x, y }, reach = 4) {
    let best = null;
    for (const each of this.drawn) {
      const distance = Math.hypot(each.x - x, each.y - y) - each.radius;
      if (distance <= reach && (!best || distance < best.distance)) best = { ...each, distance };
    }
    return best;
  }

  /** The frames of all symbols in pixels of the container. */
  frames() {
    return this.drawn.map(({ x, y, radius }) => [x - radius, y - radius, x + radius, y + radius]);
  }

  draw() {
    this.canvas.hidden = this.drawn.length === 0;
    if (this.canvas.hidden) return;
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const size = this.map.getSize().add([2 * MARGIN, 2 * MARGIN]);
    L.DomUtil.setPosition(this.canvas, this.map.containerPointToLayerPoint([-MARGIN, -MARGIN]));
    Object.assign(this.canvas, { width: size.x * ratio, height: size.y * ratio });
    Object.assign(this.canvas.style, { width: `${size.x}px`, height: `${size.y}px` });
    const context = this.canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, MARGIN * ratio, MARGIN * ratio);
    for (const each of this.drawn) {
      const colour = this.colours[each.register] ?? this.colours.organisation;
      if (each.count > 1) group(context, each, colour);
      else single(context, each, colour);
    }
  }
}

/** The points of a tile in units of drawn tiles; of an enlarged tile only the part that is asked for. */
function placed(tile, { side, left, top }, { x, y }) {
  return tile.points
    .map((point) => ({ ...point, inX: (point.x / tile.extent - left) / side, inY: (point.y / tile.extent - top) / side }))
    .filter(({ inX, inY }) => inX >= 0 && inX < 1 && inY >= 0 && inY < 1)
    .map((point) => ({ ...point, left: x + point.inX, top: y + point.inY }));
}

function symbol(register, { id, properties }) {
  const count = properties.n ?? 1;
  const done = properties.n ? (properties.d ?? 0) / count : DONE[register]?.includes(properties.s) ? 1 : 0;
  return { register, id, count, done, radius: radiusOf(count) };
}

function radiusOf(count) {
  return count > 1 ? Math.min(8.5 + 2.6 * Math.log2(count), 30) : 6.5;
}

/** The service groups by a fine grid; neighbours become one at their common centre, so that the map stays visible. */
function gathered(symbols) {
  if (!symbols.some(({ count }) => count > 1)) return symbols;
  const kept = [];
  for (const each of symbols.sort((a, b) => b.count - a.count || a.x - b.x || a.y - b.y)) {
    const near = kept.find((other) => Math.hypot(other.x - each.x, other.y - each.y) < APART);
    if (near) join(near, each);
    else kept.push(each);
  }
  return kept;
}

function join(group, other) {
  const count = group.count + other.count;
  for (const part of ["x", "y", "done"]) group[part] = (group[part] * group.count + other[part] * other.count) / count;
  Object.assign(group, { count, radius: radiusOf(count) });
}

/** Push groups of different registers off one another: a few small steps, the same for the same input. */
function apart(symbols) {
  const groups = symbols.filter(({ count }) => count > 1);
  for (let round = 0; round < 4; round += 1) {
    groups.forEach((one, at) => groups.slice(at + 1).forEach((other) => push(one, other)));
  }
  return symbols.sort((a, b) => b.radius - a.radius);
}

function push(one, other) {
  const [dx, dy] = [other.x - one.x || 0.01, other.y - one.y];
  const distance = Math.hypot(dx, dy);
  const missing = one.radius + other.radius + 1 - distance;
  if (missing <= 0) return;
  const step = missing / 2 / distance;
  one.x -= dx * step;
  one.y -= dy * step;
  other.x += dx * step;
  other.y += dy * step;
}

function single(context, { register, x, y, done, radius }, colour) {
  outline(context, register, x, y, radius);
  context.fillStyle = done ? PAPER : colour;
  context.fill();
  context.lineWidth = done ? 3 : 1.5;
  context.strokeStyle = done ? colour : PAPER;
  context.stroke();
}

function group(context, { register, x, y, done, count, radius }, colour) {
  outline(context, register, x, y, radius);
  context.fillStyle = "rgba(255, 255, 255, 0.94)";
  context.fill();
  context.lineWidth = 4;
  context.strokeStyle = `${colour}55`;
  context.stroke();
  if (done > 0) arc(context, register, x, y, radius, done, colour);
  context.fillStyle = "#16262e";
  context.font = `600 ${radius > 16 ? 13 : 11.5}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(count > 9999 ? `${number(count / 1000)}k` : number(count), x, y + 0.5);
}

/** The done share of a group's border, clockwise from the top. */
function arc(context, register, x, y, radius, share, colour) {
  const around = SQUARE.includes(register) ? 8 * radius * 0.88 : 2 * Math.PI * radius;
  outline(context, register, x, y, radius);
  context.setLineDash([around * Math.min(share, 1), around]);
  context.strokeStyle = colour;
  context.stroke();
  context.setLineDash([]);
}

/** The shape of a register, begun at the top. */
function outline(context, register, x, y, radius) {
  context.beginPath();
  if (!SQUARE.includes(register)) {
    context.arc(x, y, radius, -Math.PI / 2, 1.5 * Math.PI);
    return;
  }
  const half = radius * 0.88;
  context.moveTo(x, y - half);
  for (const [right, down] of [[1, -1], [1, 1], [-1, 1], [-1, -1]]) context.lineTo(x + right * half, y + down * half);
  context.closePath();
}
