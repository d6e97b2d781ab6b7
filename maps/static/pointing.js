/**
 * What is under the pointer? Name and value beside it, the outline around the area; a click or Enter opens the card.
 *
 * Keyboard: the arrow keys move the map, a cross marks its middle, Enter opens what is there.
 */

import { el, perFrame, show } from "./dom.js";
import { t } from "./messages.js";

export class Pointing {
  constructor(map, explorer) {
    Object.assign(this, { map, explorer, over: null, last: null });
    const parent = map.getContainer();
    this.line = el("p", { class: "hoverline", hidden: true });
    this.cross = el("i", { class: "cross", "aria-hidden": "true" });
    this.said = el("p", { class: "hidden", role: "status" });
    parent.append(this.line, this.cross, this.said);
    parent.setAttribute("role", "application");
    parent.setAttribute("aria-label", t("Map. Arrow keys move it, plus and minus zoom, Enter opens the area in the middle, the table holds the same numbers."));
    const moved = perFrame((event) => this.move(event));
    map.on("mousemove", moved);
    map.on("mouseout dragstart zoomstart", () => this.leave());
    map.on("click", (event) => this.click(event));
    map.on("moveend", () => parent.matches(":focus-visible") && this.tellMiddle());
    parent.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("keydown", (event) => this.shortcut(event));
  }

  move({ latlng, containerPoint, originalEvent }) {
    if (originalEvent?.pointerType === "touch" || this.map.dragging.moving?.()) return;
    this.last = { latlng, containerPoint };
    const symbol = this.explorer.symbols.at(containerPoint);
    const area = symbol ? null : this.explorer.areas?.at(latlng) ?? null;
    const known = area && this.explorer.values?.classOf(area.id) !== undefined ? area : null;
    this.over = known?.id ?? null;
    this.explorer.outline.mark("hovered", this.over);
    this.show(this.over);
    this.map.getContainer().classList.toggle("pointing", Boolean(symbol || known));
    this.write(known, containerPoint);
  }

  /** The line beside the pointer, on the side where there is room. */
  write(area, { x, y }) {
    this.line.hidden = !area;
    if (!area) return;
    const { values } = this.explorer;
    const mark = el("i", { class: "swatch", "aria-hidden": "true" });
    mark.style.background = values.fills(() => "")[values.classOf(area.id)] || options(values).ground;
    show(this.line, el("b", {}, this.explorer.nameOf(area)), el("span", {}, mark, values.textOf(area.id)));
    const size = this.map.getSize();
    const right = x > size.x - 260;
    this.line.style.left = right ? "auto" : `${x + 16}px`;
    this.line.style.right = right ? `${size.x - x + 16}px` : "auto";
    this.line.style.top = `${Math.min(y + 14, size.y - 64)}px`;
  }

  leave() {
    this.over = null;
    this.line.hidden = true;
    this.explorer.outline.mark("hovered", null);
    this.show(null);
  }

  /** Mark an area's value in the legend's picture of the spread. */
  show(id) {
    const value = id === null ? null : this.explorer.values?.valueOf(id) ?? null;
    document.querySelector("#legend .strip")?.point?.(value);
  }

  /** Other values: what is under the resting pointer has another text now. */
  changed() {
    if (this.last && !this.line.hidden) this.move(this.last);
  }

  click({ latlng, containerPoint, originalEvent }) {
    const touch = originalEvent?.pointerType === "touch";
    const symbol = this.explorer.symbols.at(containerPoint, touch ? 16 : 4);
    if (symbol?.count > 1) {
      this.map.setView(this.map.containerPointToLatLng([symbol.x, symbol.y]), this.map.getZoom() + 2);
    } else if (symbol) {
      this.explorer.openEntry(symbol.register, symbol.id);
      this.explorer.uncover(containerPoint);
    } else {
      const area = this.explorer.areas?.at(latlng);
      if (area) {
        this.explorer.openArea(area.id);
        this.explorer.uncover(containerPoint);
      } else this.explorer.card.close();
    }
  }

  key(event) {
    if (event.target !== this.map.getContainer()) return;
    if (event.key === "Enter") {
      event.preventDefault();
      const area = this.middle();
      if (area) this.explorer.openArea(area.id);
    }
  }

  /** Escape closes the card, the L key leads to the legend on any layout. */
  shortcut(event) {
    if (event.key === "Escape") this.explorer.card.close();
    const typing = /^(input|select|textarea)$/i.test(event.target.tagName);
    if (event.code === "KeyL" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      document.querySelector("#legend button")?.focus();
    }
  }

  middle() {
    return this.explorer.areas?.at(this.map.getCenter()) ?? null;
  }

  tellMiddle() {
    const area = this.middle();
    this.explorer.outline.mark("hovered", area?.id ?? null);
    this.show(area?.id ?? null);
    this.said.textContent = area ? `${this.explorer.nameOf(area)}: ${this.explorer.values?.textOf(area.id) ?? ""}` : t("no area here");
  }
}

function options(values) {
  return values.colours.hatch;
}
