/**
 * What is printed? What was seen: the part of the map beside the panel, scaled onto the sheet without a new tile.
 *
 * The style sheet for print reads these values; they are kept up to date, since printing leaves no time to compute.
 */

// the map’s place on an A4 or Letter sheet on its side, beside the legend, in CSS pixels
const SHEET = { width: 682, height: 650 };

/** Keep the print layout in step with the size of the map. */
export function keepPaperReady(map) {
  const measure = () => {
    const size = map.getSize();
    const panel = document.getElementById("panel").getBoundingClientRect();
    const beside = panel.width < size.x / 2;
    const left = beside ? panel.right : 0;
    const scale = Math.min(SHEET.width / (size.x - left), SHEET.height / size.y);
    const values = { "map-width": `${size.x}px`, "map-height": `${size.y}px`, "map-scale": scale, "map-shift": `${-left}px` };
    for (const [name, value] of Object.entries(values)) document.documentElement.style.setProperty(`--${name}`, value);
  };
  map.on("resize", measure);
  measure();
}
