/**
 * Which area is meant? Its outline on one canvas above the map, so that pointing never repaints a tile.
 */

const L = window.L;

export class Outline {
  constructor(map) {
    this.map = map;
    this.layer = null;
    this.marks = { hovered: null, chosen: null };
    this.canvas = document.createElement("canvas");
    this.canvas.className = "outline leaflet-zoom-hide";
    map.getPane("outline").append(this.canvas);
    map.on("moveend zoomend resize viewreset", () => this.draw());
    map.on("zoomstart", () => this.clear());
  }

  /** Take the areas of another layer. */
  follow(layer) {
    this.layer = layer;
    layer.on("load tileload", () => (this.marks.hovered ?? this.marks.chosen) !== null && this.draw());
    this.draw();
  }

  /** Mark an area as `hovered` or `chosen`; null takes the mark away. */
  mark(name, id) {
    if (this.marks[name] === id) return;
    this.marks[name] = id;
    this.draw();
  }

  clear() {
    this.canvas.getContext("2d").clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  draw() {
    const { hovered, chosen } = this.marks;
    this.canvas.hidden = !this.layer || (hovered ?? chosen) === null;
    if (this.canvas.hidden) return;
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const size = this.map.getSize();
    L.DomUtil.setPosition(this.canvas, this.map.containerPointToLayerPoint([0, 0]));
    Object.assign(this.canvas, { width: size.x * ratio, height: size.y * ratio });
    Object.assign(this.canvas.style, { width: `${size.x}px`, height: `${size.y}px` });
    if (chosen !== null) this.trace(chosen, ratio, [["#fff", 6], ["#10222b", 3]]);
    if (hovered !== null && hovered !== chosen) this.trace(hovered, ratio, [["#fff", 4.5], ["#10222b", 2]]);
  }

  trace(id, ratio, strokes) {
    const context = this.canvas.getContext("2d");
    for (const tile of this.layer.onScreen()) {
      const area = tile.shapes.areas.find((each) => each.id === id);
      if (!area) continue;
      context.save();
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.beginPath();
      context.rect(tile.left, tile.top, tile.side, tile.side);
      context.clip();
      const unit = this.layer.aim(context, tile, ratio);
      context.lineJoin = "round";
      for (const [colour, width] of strokes) {
        context.strokeStyle = colour;
        context.lineWidth = width * unit;
        context.stroke(area.path);
      }
      context.restore();
    }
  }
}
