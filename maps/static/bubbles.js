/**
 * How are counts drawn? As circles whose area is the number: a large district is not more only because it is large.
 *
 * Each stands at the deepest point of what is visible of its area; their scale follows the zoom and is told in the legend.
 */

import { covered, paused, show, svg } from "./dom.js";
import { deepest } from "./labels.js";
import { number } from "./messages.js";

const L = window.L;
const MOST = 400;
const FADED = 0.15;
const EDGE = "rgba(60, 30, 5, 0.75)";

/** Whether these values are better told by circles: counts of people or things, of not too many areas. */
export function areCounts({ answer }) {
  return answer.kind !== "hex_cell" && (answer.unit === "people" || answer.unit === "count") && answer.codes.length <= MOST;
}

export class Bubbles {
  constructor(map) {
    Object.assign(this, { map, layer: null, values: null, only: null, drawn: [] });
    this.canvas = document.createElement("canvas");
    this.canvas.className = "bubbles leaflet-zoom-hide";
    map.getPane("bubbles").append(this.canvas);
    this.later = paused(() => this.draw(), 40);
    map.on("moveend zoomend resize", this.later);
  }

  /** Show the values of a layer as circles; null shows none. */
  set(values, layer) {
    this.values = values;
    if (layer && layer !== this.layer) layer.on("load tileload", this.later);
    this.layer = layer;
    this.draw();
  }

  /** Dim all circles but those of one class. */
  emphasise(only) {
    this.only = only;
    this.paint();
  }

  draw() {
    this.drawn = this.values && this.layer?._map ? this.placed() : [];
    this.paint();
    this.tellScale();
  }

  /** The circles on screen, the largest first so that small ones stay visible. */
  placed() {
    const spots = deepest(this.layer, this.map.getSize(), covered(this.map), 0);
    const known = spots.filter(({ id }) => this.values.valueOf(id) !== null);
    const depths = known.map(({ depth }) => depth).sort((a, b) => a - b);
    const typical = depths[Math.floor(depths.length / 2)] ?? 20;
    this.largest = Math.max(...this.values.answer.values.filter((value) => value !== null), 1);
    this.reach = Math.max(16, Math.min(typical * 1.3, 42));
    return known
      .map((spot) => ({ ...spot, value: this.values.valueOf(spot.id), kind: this.values.classOf(spot.id) }))
      .map((spot) => ({ ...spot, radius: this.radius(spot.value) }))
      .sort((a, b) => b.radius - a.radius);
  }

  radius(value) {
    return value > 0 ? Math.max(this.reach * Math.sqrt(value / this.largest), 2.5) : 2;
  }

  paint() {
    // a canvas as large as the map is not made and sent to the screen for nothing
    this.canvas.hidden = this.drawn.length === 0;
    if (this.canvas.hidden) return;
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const size = this.map.getSize();
    L.DomUtil.setPosition(this.canvas, this.map.containerPointToLayerPoint([0, 0]));
    Object.assign(this.canvas, { width: size.x * ratio, height: size.y * ratio });
    Object.assign(this.canvas.style, { width: `${size.x}px`, height: `${size.y}px` });
    const context = this.canvas.getContext("2d");
    context.scale(ratio, ratio);
    const ramp = this.values?.ramp ?? [];
    for (const { x, y, radius, kind, value } of this.drawn) {
      context.globalAlpha = this.only !== null && this.only !== kind ? FADED : 0.92;
      context.beginPath();
      context.arc(x, y, radius, 0, 7);
      context.fillStyle = value > 0 ? (ramp[kind] ?? ramp[0]) : "#ffffff";
      context.fill();
      context.lineWidth = 1.2;
      context.strokeStyle = EDGE;
      context.stroke();
    }
  }

  /** Two or three circles of round numbers in the legend. */
  tellScale() {
    const box = document.querySelector("#legend .sizes");
    if (!box) return;
    if (!this.drawn.length) {
      show(box);
      return;
    }
    const steps = [rounded(this.largest), rounded(this.largest / 4), rounded(this.largest / 16)];
    const values = [...new Set(steps)].filter((value) => value >= 1);
    const height = 2 * this.reach + 4;
    const circles = values.map((value) => {
      const radius = this.radius(value);
      const top = height - 2 - 2 * radius;
      return [
        svg("circle", { cx: this.reach + 2, cy: height - 2 - radius, r: radius, class: "size" }),
        svg("path", { d: `M${this.reach + 2} ${top}H${2 * this.reach + 16}`, class: "size" }),
        svg("text", { x: 2 * this.reach + 20, y: top + 4 }, number(value)),
      ];
    });
    show(box, svg("svg", { viewBox: `0 -6 240 ${height + 8}`, width: 240, height: height + 8, "aria-hidden": "true" }, circles.flat()));
  }
}

/** The largest of 1, 2 or 5 times a power of ten that is not above a number. */
function rounded(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [5, 2, 1].map((step) => step * power).find((each) => each <= value) ?? 1;
}
