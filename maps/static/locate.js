/**
 * Where am I? The browser's own answer, after it has asked; a refusal is a sentence, not a dead end.
 */

import { t } from "./messages.js";

/** Ask for the position; words go to the paragraph named by the button's aria-describedby. */
export function locate(button, found) {
  const words = document.getElementById(button.getAttribute("aria-describedby") ?? "") ?? button;
  if (!navigator.geolocation) {
    words.textContent = t("This browser does not tell where you are. Type the address instead.");
    return;
  }
  button.disabled = true;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      button.disabled = false;
      found({ lat: coords.latitude, lon: coords.longitude, accuracy: coords.accuracy });
    },
    () => {
      button.disabled = false;
      words.textContent = t("The position is not known. Type the address or choose a place on the map.");
    },
    { enableHighAccuracy: true, timeout: 10_000, maximumAge: 60_000 },
  );
}
