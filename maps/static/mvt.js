/**
 * What is in a tile? Decoded once: a Path2D, a box and the properties of each area, or the position of each point.
 *
 * One path per feature, kept: a single path per class looks cheaper and is a hundred times slower to fill.
 */

import { VectorTile } from "./vendor/vector-tile/vector-tile.js";
import { PbfReader } from "./vendor/pbf/pbf.js";

export const EMPTY = { extent: 4096, areas: [], points: [] };
const POINT = 1;
const POLYGON = 3;

/** A tile from its bytes; null or a tile without the layer is empty. */
export function decode(bytes, name) {
  const layer = bytes && new VectorTile(new PbfReader(bytes)).layers[name];
  if (!layer) return EMPTY;
  const tile = { extent: layer.extent, areas: [], points: [] };
  for (let index = 0; index < layer.length; index += 1) {
    const feature = layer.feature(index);
    if (feature.type === POINT) addPoints(tile, feature);
    else tile.areas.push(area(feature));
  }
  return tile;
}

function addPoints(tile, feature) {
  for (const [point] of feature.loadGeometry()) {
    // what lies in the margin belongs to the neighbouring tile and is drawn there
    if (point.x < 0 || point.y < 0 || point.x >= tile.extent || point.y >= tile.extent) continue;
    tile.points.push({ id: feature.id, x: point.x, y: point.y, properties: feature.properties });
  }
}

function area(feature) {
  const rings = feature.loadGeometry();
  const path = new Path2D();
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of rings) trace(path, ring, box, feature.type === POLYGON);
  return { id: feature.id, properties: feature.properties, path, box, rings };
}

function trace(path, ring, box, closed) {
  path.moveTo(ring[0].x, ring[0].y);
  for (let at = 0; at < ring.length; at += 1) {
    const { x, y } = ring[at];
    if (at > 0) path.lineTo(x, y);
    if (x < box[0]) box[0] = x;
    if (y < box[1]) box[1] = y;
    if (x > box[2]) box[2] = x;
    if (y > box[3]) box[3] = y;
  }
  if (closed) path.closePath();
}

/** The borders of a tile, each drawn once: two neighbours share theirs, and dashes drawn twice become a line. */
export function borders(tile) {
  if (tile.borders) return tile.borders;
  const path = new Path2D();
  const drawn = { points: new Map(), segments: new Set() };
  for (const { rings } of tile.areas) for (const ring of rings) traceOnce(path, ring, drawn, tile.extent);
  tile.borders = path;
  return path;
}

function traceOnce(path, ring, { points, segments }, extent) {
  let pen = false;
  let last = numberOf(ring[0], points);
  for (let at = 1; at < ring.length; at += 1) {
    const [from, to] = [ring[at - 1], ring[at]];
    const next = numberOf(to, points);
    // one number for a segment in either direction
    const key = last < next ? last * 2 ** 26 + next : next * 2 ** 26 + last;
    last = next;
    if (segments.has(key) || alongCut(from, to, extent)) {
      pen = false;
      continue;
    }
    segments.add(key);
    if (!pen) path.moveTo(from.x, from.y);
    path.lineTo(to.x, to.y);
    pen = true;
  }
}

/** The number of a point among those seen: text for a key would cost most of the drawing. Cells have broken places. */
function numberOf({ x, y }, points) {
  const key = (Math.round(x * 16) + 2 ** 24) * 2 ** 25 + Math.round(y * 16) + 2 ** 24;
  if (!points.has(key)) points.set(key, points.size);
  return points.get(key);
}

/** Whether a segment is the cut of the tile's margin rather than a border. */
function alongCut(from, to, extent) {
  return (from.x === to.x && (from.x < 0 || from.x > extent)) || (from.y === to.y && (from.y < 0 || from.y > extent));
}
