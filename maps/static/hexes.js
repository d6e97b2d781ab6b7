/**
 * Where do hexagon cells come from? Not from tiles: the answer with the values draws them, cut here to the map's tiles.
 */

const EXTENT = 4096;
const MARGIN = 64;
const CORNERS = 6;
const DEGREE = 100_000;
const NONE = { extent: EXTENT, areas: [], points: [] };
let made = 0;

/** The cells of an answer as a source of tiles; the same answer is worked out once. */
export function cellsOf(values) {
  return (values.cells ??= new CellSource(values));
}

class CellSource {
  constructor({ answer, ids }) {
    this.name = `${answer.kind}/${(made += 1)}`;
    const corners = world(answer.corners);
    this.cells = ids.map((id, at) => {
      const ring = corners.slice(at * CORNERS, (at + 1) * CORNERS);
      const [xs, ys] = [ring.map(([x]) => x), ring.map(([, y]) => y)];
      return { id, name: answer.names[at], ring, box: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] };
    });
    this.kept = new Map();
  }

  part(coords) {
    return { stored: coords, side: 1, left: 0, top: 0 };
  }

  async get({ z, x, y }) {
    const key = `${z}/${x}/${y}`;
    if (!this.kept.has(key)) this.kept.set(key, this.tile(2 ** z, x, y));
    return this.kept.get(key);
  }

  tile(tiles, x, y) {
    const margin = MARGIN / EXTENT;
    const inside = this.cells.filter(
      ({ box }) => box[2] * tiles > x - margin && box[0] * tiles < x + 1 + margin && box[3] * tiles > y - margin && box[1] * tiles < y + 1 + margin,
    );
    return inside.length ? { ...NONE, areas: inside.map((cell) => area(cell, tiles, x, y)) } : NONE;
  }
}

function area({ id, name, ring }, tiles, x, y) {
  const points = ring.map((corner) => ({ x: (corner[0] * tiles - x) * EXTENT, y: (corner[1] * tiles - y) * EXTENT }));
  const path = new Path2D();
  points.forEach((point, at) => (at ? path.lineTo(point.x, point.y) : path.moveTo(point.x, point.y)));
  path.closePath();
  const [xs, ys] = [points.map((point) => point.x), points.map((point) => point.y)];
  const box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  return { id, properties: { name }, path, box, rings: [[...points, points[0]]] };
}

/** Steps of longitude and latitude as places on the square the world is drawn on, 0 to 1. */
function world(steps) {
  let [lon, lat] = [0, 0];
  return Array.from({ length: steps.length / 2 }, (_, at) => {
    lon += steps[2 * at];
    lat += steps[2 * at + 1];
    const sine = Math.sin((lat / DEGREE) * (Math.PI / 180));
    return [lon / DEGREE / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
  });
}
