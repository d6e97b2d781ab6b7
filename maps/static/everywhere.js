/**
 * What does every page without a map of its own do? The search box, and «where I am».
 */

import { finder } from "./finder.js";
import { locate } from "./locate.js";
import { loadMessages } from "./messages.js";

const { messages, prefix } = document.body.dataset;
const lang = document.documentElement.lang;

loadMessages(messages, lang).then(() => {
  document.documentElement.dataset.ready = "yes";
  const urls = { search: "/api/search", geocode: "/api/geocode" };
  for (const form of document.querySelectorAll("form[data-finder]")) {
    finder(form, urls, lang, (item) => location.assign(placeAddress(item)));
  }
  for (const button of document.querySelectorAll("button[data-locate]")) {
    button.hidden = false;
    button.addEventListener("click", () => locate(button, ({ lat, lon }) => location.assign(placeAddress({ lat, lon }))));
  }
});

/** Where a chosen place leads: its own page, or what is near it. */
function placeAddress({ href, lat, lon, kind }) {
  if (href && kind !== "address") return href;
  const query = new URLSearchParams({ lat: Number(lat).toFixed(6), lon: Number(lon).toFixed(6) });
  return `${prefix.replace(/\/$/, "")}/near?${query}`;
}
