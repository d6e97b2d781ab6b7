/**
 * How are areas drawn? A Leaflet grid of canvases, 512 px each, painted from decoded tiles.
 *
 * Repainting never fetches: a change of values walks over the canvases that are on screen and fills the same paths.
 */

const L = window.L;
export const SIDE = 512;
const PATIENCE = 3000;
const probe = document.createElement("canvas").getContext("2d");

export const AreaLayer = L.GridLayer.extend({
  options: { tileSize: SIDE, updateWhenZooming: false, keepBuffer: 2, className: "areas" },

  /** `paint(context, tile, unit)` draws one tile, `unit` being a screen pixel in the tile's units; null draws nothing. */
  initialize(source, paint, options) {
    L.GridLayer.prototype.initialize.call(this, options);
    Object.assign(this, { source, paint, drawnScale: 1 });
    this.on("tileunload", ({ tile }) => tile.stop.abort());
  },

  onAdd(map) {
    map.on("zoomend", this.sharpen, this);
    L.GridLayer.prototype.onAdd.call(this, map);
    this.getPane().append(this._container);
    return this;
  },

  /** Apart from the page until the tiles in view are in it: Leaflet measures each new level, and so lays the page out. */
  _initContainer() {
    L.GridLayer.prototype._initContainer.call(this);
    this._container.remove();
  },

  onRemove(map) {
    map.off("zoomend", this.sharpen, this);
    return L.GridLayer.prototype.onRemove.call(this, map);
  },

  /** When the tiles in view are there, or have had their time: one may never come. */
  async inView() {
    const enough = new Promise((resolve) => setTimeout(resolve, PATIENCE));
    if (this.isLoading()) await Promise.race([new Promise((resolve) => this.once("load", resolve)), enough]);
  },

  createTile({ x, y, z }, done) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { stop: new AbortController(), place: this.source.part({ x, y, z: z - 1 }), shapes: null });
    this.source.get({ x, y, z: z - 1 }, canvas.stop.signal).then(
      (shapes) => {
        canvas.shapes = shapes;
        this.draw(canvas);
        done(null, canvas);
      },
      (error) => canvas.stop.signal.aborted || done(error, canvas),
    );
    return canvas;
  },

  /** Paint every tile on screen again. */
  repaint() {
    for (const { el } of Object.values(this._tiles)) if (el.shapes) this.draw(el);
  },

  /** After a zoom by a fraction the canvases are stretched: paint them at the size they are seen in. */
  sharpen() {
    if (Math.abs(this.stretch() - this.drawnScale) > 0.01) this.repaint();
  },

  stretch() {
    return this._map ? this._map.getZoomScale(this._map.getZoom(), this._tileZoom ?? this._map.getZoom()) : 1;
  },

  draw(canvas) {
    // a canvas nobody has drawn on costs nothing
    if (!this.paint || canvas.shapes.areas.length === 0) return;
    this.drawnScale = this.stretch();
    const ratio = Math.min((window.devicePixelRatio || 1) * this.drawnScale, 3);
    const pixels = Math.round(SIDE * ratio);
    if (canvas.width !== pixels) canvas.width = canvas.height = pixels;
    const context = canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, pixels, pixels);
    const { extent } = canvas.shapes;
    const { side, left, top } = canvas.place;
    const scale = pixels / (extent * side);
    context.setTransform(scale, 0, 0, scale, -left * extent * scale, -top * extent * scale);
    this.paint(context, canvas.shapes, (extent * side) / (SIDE * this.drawnScale));
  },

  /** The area at a place, or null. */
  at(latlng) {
    const zoom = this._tileZoom;
    if (!this._map || zoom === undefined) return null;
    const point = this._map.project(latlng, zoom).divideBy(SIDE);
    const canvas = this._tiles[this._tileCoordsToKey({ x: Math.floor(point.x), y: Math.floor(point.y), z: zoom })]?.el;
    if (!canvas?.shapes) return null;
    const { extent, areas } = canvas.shapes;
    const { side, left, top } = canvas.place;
    const x = (left + (point.x % 1) * side) * extent;
    const y = (top + (point.y % 1) * side) * extent;
    return areas.find((area) => within(area.box, x, y) && probe.isPointInPath(area.path, x, y, "evenodd")) ?? null;
  },

  /** The tiles on screen with where they are: left, top and side in pixels of the map's container. */
  onScreen() {
    const zoom = this._tileZoom;
    const map = this._map;
    if (!map || zoom === undefined) return [];
    const side = SIDE * this.stretch();
    return Object.values(this._tiles)
      .filter(({ el, coords, current }) => current && el.shapes && coords.z === zoom)
      .map(({ el, coords }) => {
        const corner = map.latLngToContainerPoint(map.unproject(L.point(coords.x, coords.y).multiplyBy(SIDE), zoom));
        return { shapes: el.shapes, place: el.place, left: corner.x, top: corner.y, side };
      });
  },

  /** Set up a context so that a tile's own units land on the screen; returns one pixel in those units. */
  aim(context, { shapes, place, left, top, side }, ratio) {
    const { extent } = shapes;
    const scale = (side * ratio) / (extent * place.side);
    context.setTransform(
      scale, 0, 0, scale, left * ratio - place.left * extent * scale, top * ratio - place.top * extent * scale,
    );
    return ratio / scale;
  },
});

function within(box, x, y) {
  return x >= box[0] && y >= box[1] && x <= box[2] && y <= box[3];
}
