/**
 * What do areas look like? Fills by class with a hatch for missing values, solid borders with a casing, dashed ones.
 */

import { borders } from "./mvt.js";

const HAIRLINE = "rgba(255, 255, 255, 0.8)";
const FADED = 0.14;
/** From how many pixels of width on an area bears a full border. */
const ROOMY = 28;
const PERIOD = 8;

/** Fill areas by their class. `look.of(id)` is a class character or nothing; `look.only` dims all other classes. */
export function fillPainter(look) {
  return (context, tile, unit) => {
    const fills = look.fills((name) => pattern(context, name, look.colours.hatch, unit));
    for (const area of tile.areas) {
      const kind = look.of(area.id);
      if (kind === undefined) continue;
      context.globalAlpha = look.only !== null && look.only !== kind ? FADED : 1;
      context.fillStyle = fills[kind] ?? fills.n;
      context.fill(area.path, "evenodd");
      // a surface has no lines between its cells, nor the seams that smoothed edges would leave
      if (look.smooth) seam(context, area.path, unit);
    }
    context.globalAlpha = 1;
    if (!look.smooth) hairlines(context, tile, unit);
  };
}

function seam(context, path, unit) {
  context.strokeStyle = context.fillStyle;
  context.lineWidth = unit;
  context.stroke(path);
}

/** How wide the middle one of a tile's areas is, in pixels. */
function typical(tile, unit) {
  tile.middle ??= tile.areas.map(({ box }) => Math.min(box[2] - box[0], box[3] - box[1])).sort((a, b) => a - b)[tile.areas.length >> 1] ?? 0;
  return tile.middle / unit;
}

/** White lines between areas, thinner where the areas are small, none where they would be all there is to see. */
function hairlines(context, tile, unit) {
  const width = Math.min(typical(tile, unit) / 25, 1);
  if (width < 0.15) return;
  context.strokeStyle = HAIRLINE;
  context.lineWidth = width * unit;
  context.lineJoin = "round";
  context.stroke(borders(tile));
}

/** Borders of the districts above the colours: dark on a white casing; thin and bare where the districts are small. */
export function outlinePainter() {
  return (context, tile, unit) => {
    const path = borders(tile);
    const share = Math.min(typical(tile, unit) / ROOMY, 1);
    context.lineJoin = context.lineCap = "round";
    if (share > 0.7) line(context, path, "rgba(255, 255, 255, 0.9)", 3.6 * share * unit);
    line(context, path, "#26343c", 1.4 * share * unit);
  };
}

const GROUND = { water: "#b9d3df", green: "#dbe6d3" };
const WAYS = {
  stream: { color: "#9fc3d3", width: 1.6 },
  rail: { color: "rgba(70, 78, 84, 0.75)", width: 1.4, dash: [7, 3] },
  main: { color: "rgba(255, 255, 255, 0.7)", width: 2.2 },
};

/** What lies below the colours: water and green of the surroundings. */
export function groundPainter() {
  return (context, tile) => {
    for (const each of tile.areas) fillGround(context, each);
  };
}

/** What must be seen above the colours to find one's way: water, railways, main streets. */
export function wayPainter() {
  return (context, tile, unit) => {
    for (const each of tile.areas) if (each.properties.k === "water") fillGround(context, each);
    context.lineJoin = context.lineCap = "round";
    for (const [kind, { color, width, dash }] of Object.entries(WAYS)) {
      context.setLineDash((dash ?? []).map((length) => length * unit));
      for (const each of tile.areas) if (each.properties.k === kind) line(context, each.path, color, width * unit);
    }
    context.setLineDash([]);
  };
}

function fillGround(context, { path, properties }) {
  const color = GROUND[properties.k];
  if (!color) return;
  context.fillStyle = color;
  context.fill(path, "evenodd");
}

/** Borders of TOS: brown dashes on a faint casing. */
export function dashPainter() {
  return (context, tile, unit) => {
    const path = borders(tile);
    context.lineJoin = "round";
    context.lineCap = "butt";
    line(context, path, "rgba(255, 255, 255, 0.75)", 3 * unit);
    context.setLineDash([6 * unit, 3.5 * unit]);
    line(context, path, "#7a4419", 1.6 * unit);
    context.setLineDash([]);
  };
}

function line(context, path, colour, width) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke(path);
}

/** The hatch of a missing value; the same size on every screen and continuous over tiles. */
function pattern(context, name, colours, unit) {
  const ratio = context.getTransform().a * unit;
  const made = context.createPattern(hatch(name, colours), "repeat");
  made.setTransform(new DOMMatrix().scale((PERIOD * unit) / 32, (PERIOD * unit) / 32));
  return ratio > 0 ? made : colours.ground;
}

const hatches = new Map();

/** A picture of 32 px that repeats: diagonal lines, dots for what is hidden, rows where nobody lives. */
export function hatch(name, colours) {
  if (hatches.has(name)) return hatches.get(name);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 32;
  const context = canvas.getContext("2d");
  context.fillStyle = colours.ground;
  context.fillRect(0, 0, 32, 32);
  if (name === "dots") dots(context, colours.dots);
  if (name === "rows") rows(context, colours.line);
  if (name === "lines") lines(context, colours.line);
  hatches.set(name, canvas);
  return canvas;
}

function lines(context, colour) {
  context.strokeStyle = colour;
  context.lineWidth = 5;
  for (const shift of [-32, 0, 32]) {
    context.beginPath();
    context.moveTo(shift - 4, 36);
    context.lineTo(shift + 36, -4);
    context.stroke();
  }
}

function rows(context, colour) {
  context.fillStyle = colour;
  context.fillRect(0, 14, 32, 4);
}

function dots(context, colour) {
  context.fillStyle = colour;
  for (const [x, y] of [[8, 8], [24, 24]]) {
    context.beginPath();
    context.arc(x, y, 3.5, 0, 7);
    context.fill();
  }
}
