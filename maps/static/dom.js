/**
 * How is the page built from data? Elements only: whatever people wrote is set as text, never parsed.
 */

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes (functions become listeners, false and null are left out) and children. */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === "function") node.addEventListener(name, value);
    else if (name === "href") setHref(node, value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

/** Only our own paths and web addresses become links; a foreign one tells nothing about us. */
function setHref(node, href) {
  const address = String(href);
  const own = /^[/#?](?!\/)/.test(address);
  if (!own && !/^https?:\/\//i.test(address)) return;
  node.setAttribute("href", address);
  if (!own) node.setAttribute("rel", "noopener nofollow ugc");
}

/** Replace everything inside a node. */
export function show(node, ...children) {
  node.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

/** Run a function at most once a frame, with its last arguments. */
export function perFrame(run) {
  let latest = null;
  return (...args) => {
    const waiting = latest !== null;
    latest = args;
    if (!waiting) {
      requestAnimationFrame(() => {
        const given = latest;
        latest = null;
        run(...given);
      });
    }
  };
}

/** Run a function when its calls have paused for a while. */
export function paused(run, milliseconds) {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...args), milliseconds);
  };
}

/** The part of a map that lies under the panel, in pixels of its container; nothing on a phone. */
export function covered(map) {
  const panel = document.getElementById("panel");
  if (!panel || narrow()) return null;
  const [own, box] = [panel.getBoundingClientRect(), map.getContainer().getBoundingClientRect()];
  return { left: own.left - box.left, top: own.top - box.top, right: own.right - box.left, bottom: own.bottom - box.top };
}

/** Whether the page is laid out for a phone: the panel is a sheet at the bottom. */
export function narrow() {
  return window.matchMedia("(max-width: 760px)").matches;
}
