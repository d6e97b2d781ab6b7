/**
 * How is it said? Sentences from the catalogue of the page's language, plurals by Intl.PluralRules.
 */

let catalogue = {};
let rules = new Intl.PluralRules("en");
let language = "en";

/** Fetch the catalogue; without it the page still speaks, in English. */
export async function loadMessages(url, lang) {
  language = lang;
  rules = new Intl.PluralRules(lang);
  try {
    const answer = await fetch(url);
    if (answer.ok) catalogue = await answer.json();
  } catch {
    catalogue = {};
  }
}

/** A sentence with its {named} places filled. */
export function t(msgid, params = {}) {
  const text = catalogue[msgid];
  return filled(typeof text === "string" && text ? text : msgid, params);
}

/** The form of a sentence that fits the count; {count} is the grouped number. */
export function n(singular, plural, count, params = {}) {
  const forms = catalogue[singular] ?? { one: singular, other: plural };
  const text = forms[rules.select(count)] ?? forms.other ?? plural;
  return filled(text, { count: number(count), ...params });
}

/** A number as the language writes it. */
export function number(value, digits = 0) {
  return writer("decimal", digits).format(value).replace("-", MINUS);
}

/** A share as a percentage. */
export function percent(share, digits = 0) {
  return writer("percent", digits).format(share).replace("-", MINUS);
}

const writers = new Map();
// negative numbers have a minus sign, not a hyphen
const MINUS = "\u2212";

/** What writes numbers of a style: making one takes longer than writing a thousand. */
function writer(style, digits) {
  const key = `${language} ${style} ${digits}`;
  if (!writers.has(key)) writers.set(key, new Intl.NumberFormat(language, { style, maximumFractionDigits: digits }));
  return writers.get(key);
}

/** A distance in metres or kilometres. */
export function metres(distance) {
  if (distance < 995) return t("{count} m", { count: number(distance < 100 ? distance : Math.round(distance / 10) * 10) });
  return t("{count} km", { count: number(distance / 1000, 1) });
}

/** The time of day, for «data of 12:40». */
export function clock(date) {
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(date);
}

/** The name to show of something that has one per language. */
export function nameOf(properties) {
  return properties[`name_${language}`] || properties.name || "";
}

function filled(text, params) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? String(params[name]) : whole));
}
