/**
 * What does the address say about the map? Position, theme, period, measure, kind, distance and layers.
 *
 * Hash form `#z/lat/lon/t=&y=&m=&k=&d=&l=`; a clean query (?theme=…&period=…) is read too. Every value is checked
 * against what the page offers; what does not fit is ignored, so an old or broken link still opens a map.
 */

/** Letters of the hash and the names the same things have in a query. */
export const NAMES = { t: "theme", y: "period", m: "measure", k: "kind", d: "distance", h: "cell" };

/** Further choices that only some measures have, under their names in a query; `controls.js` checks them. */
const FURTHER = ["by", "town_events", "of", "against", "channel", "tos_below", "reach_below", "needs_from", "tos_weight", "reach_weight", "needs_weight", "points_from"];

/** Read the address. `allowed` maps each letter to its possible codes; `l` lists the layers that exist. */
export function readState(location, allowed) {
  const found = {};
  const query = new URLSearchParams(location.search);
  for (const [letter, name] of Object.entries(NAMES)) accept(found, letter, query.get(name), allowed);
  accept(found, "l", query.get("layers"), allowed);
  acceptPosition(found, query.get("zoom"), query.get("lat"), query.get("lon"));
  const [zoom, lat, lon, ...rest] = hashParts(location.hash);
  acceptPosition(found, zoom, lat, lon);
  const pairs = new URLSearchParams(rest.join("/"));
  for (const letter of [...Object.keys(NAMES), "l"]) accept(found, letter, pairs.get(letter), allowed);
  const further = FURTHER.map((name) => [name, pairs.get(name) ?? query.get(name)]).filter(([, value]) => value !== null);
  found.x = Object.fromEntries(further);
  return found;
}

function hashParts(hash) {
  try {
    return decodeURI(hash.replace(/^#/, "")).split("/");
  } catch {
    return [];
  }
}

function accept(found, letter, value, allowed) {
  if (value === null || value === undefined) return;
  if (letter === "l") {
    const layers = value.split(",").filter((code) => allowed.l.includes(code));
    if (layers.length || value === "") found.l = layers;
  } else if (allowed[letter]?.includes(value)) {
    found[letter] = value;
  }
}

function acceptPosition(found, zoom, lat, lon) {
  if (![zoom, lat, lon].every((part) => part && /^-?\d+(\.\d+)?$/.test(part))) return;
  const [z, y, x] = [zoom, lat, lon].map(Number);
  if (z < 2 || z > 20 || Math.abs(y) > 85 || Math.abs(x) > 180) return;
  Object.assign(found, { zoom: z, lat: y, lon: x });
}

/** The hash of a position and the choices; choices equal to the page's defaults are written too, links must last. */
export function writeHash(position, choices) {
  const digits = Math.max(2, Math.ceil(position.zoom / 4) + 1);
  const place = [trimmed(position.zoom, 2), position.lat.toFixed(digits), position.lon.toFixed(digits)].join("/");
  const pairs = [...Object.keys(NAMES), "l"]
    .filter((letter) => choices[letter] !== undefined)
    .map((letter) => `${letter}=${[choices[letter]].flat().map(encodeURIComponent).join(",")}`);
  for (const [name, value] of Object.entries(choices.x ?? {})) pairs.push(`${name}=${encodeURIComponent(value)}`);
  return `#${place}/${pairs.join("&")}`;
}

/** The same choices as a query, for the table twin and downloads. */
export function writeQuery(choices) {
  const query = {};
  for (const [letter, name] of Object.entries(NAMES)) if (choices[letter]) query[name] = choices[letter];
  return { ...query, ...choices.x };
}

function trimmed(value, digits) {
  return String(Number(value.toFixed(digits)));
}
