/**
 * What if the numbers do not come? The map keeps what it has and says from when; a button asks again.
 */

import { el, show } from "./dom.js";
import { clock, t } from "./messages.js";
import { Refusal } from "./net.js";

export class Trouble {
  constructor(parent, again) {
    this.again = again;
    this.since = null;
    this.box = el("div", { class: "trouble", role: "alert", hidden: true });
    parent.append(this.box);
  }

  /** Say what happened; `shown` tells whether older values are still on the map. */
  tell(error, shown) {
    if (!(error instanceof Refusal)) console.error(error);
    const what = error.status === 0 ? t("The service does not answer.") : error.detail || t("The numbers did not come.");
    const kept = shown && this.since ? t("The map shows what came at {time}.", { time: clock(this.since) }) : "";
    show(this.box, el("p", {}, `${what} ${kept}`.trim()), el("button", { type: "button", click: this.again }, t("Try again")));
    this.box.hidden = false;
  }

  /** Everything came. */
  over() {
    this.since = new Date();
    this.box.hidden = true;
  }
}
