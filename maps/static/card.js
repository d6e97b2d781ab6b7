/**
 * What is this? The card of an area or an entry: a dialog beside the map, a sheet on a phone.
 *
 * It takes the focus when it was opened by hand, gives it back when it closes, and closes on Escape.
 */

import { el, show } from "./dom.js";
import { t } from "./messages.js";
import { address, getJSON } from "./net.js";

export class Card {
  /** `urls.card` is the address template; `onClose` is called after the card has gone. */
  constructor(parent, urls, lang, onClose) {
    Object.assign(this, { urls, lang, onClose, opener: null, stop: null });
    this.box = el("section", { class: "card", role: "dialog", "aria-labelledby": "card-title", tabindex: "-1", hidden: true });
    this.box.addEventListener("keydown", (event) => event.key === "Escape" && (event.stopPropagation(), this.close()));
    parent.append(this.box);
  }

  /** Open the card of something. `value` is what the map already knows: words and colour. */
  async open(layer, id, value = null) {
    this.opener = this.opener ?? document.activeElement;
    this.stop?.abort();
    const stop = (this.stop = new AbortController());
    this.box.hidden = false;
    this.fill(el("h2", { id: "card-title", class: "waiting" }, t("One moment …")), el("div", { class: "bones" }, el("i"), el("i"), el("i")));
    this.box.focus({ preventScroll: true });
    try {
      const answer = await getJSON(address(this.urls.card, { layer, id }, { lang: this.lang }), stop.signal);
      if (!stop.signal.aborted) this.tell(answer, value);
    } catch (error) {
      if (!stop.signal.aborted) this.fail(error, () => this.open(layer, id, value));
    }
  }

  tell(answer, value) {
    const rows = (answer.rows ?? []).flatMap(({ label, value: text }) => [el("dt", {}, label), el("dd", {}, text)]);
    this.fill(
      el("h2", { id: "card-title" }, answer.title ?? ""),
      answer.subtitle ? el("p", { class: "subtitle" }, answer.subtitle) : null,
      value ? headline(value) : null,
      rows.length ? el("dl", {}, rows) : null,
      answer.note ? el("p", { class: "note" }, answer.note) : null,
      answer.links?.length ? el("ul", { class: "links" }, answer.links.map(({ href, text }) => el("li", {}, el("a", { href }, text)))) : null,
    );
  }

  fail(error, again) {
    const gone = error.status === 404 || error.status === 410;
    this.fill(
      el("h2", { id: "card-title" }, gone ? t("It is not here any more") : t("The card did not come")),
      el("p", {}, error.detail || (gone ? t("The entry was removed or moved.") : t("Check the connection and try again."))),
      gone ? null : el("button", { type: "button", click: again }, t("Try again")),
    );
  }

  fill(...children) {
    const close = el("button", { type: "button", class: "close", "aria-label": t("Close"), click: () => this.close() }, "×");
    show(this.box, close, ...children);
  }

  /** Close the card and give the focus back. */
  close() {
    if (this.box.hidden) return;
    this.stop?.abort();
    const held = this.box.contains(document.activeElement);
    this.box.hidden = true;
    if (held) this.opener?.focus?.({ preventScroll: true });
    this.opener = null;
    this.onClose?.();
  }
}

/** The value the map is coloured by, above the facts. */
function headline({ title, text, colour, place }) {
  const mark = el("i", { class: "swatch", "aria-hidden": "true" });
  mark.style.background = colour ?? "";
  return el("p", { class: "headline" }, mark, el("span", {}, title), el("strong", {}, text), place ? el("small", {}, place) : null);
}
