/**
 * What do folium's own elements expect of a page? Enough of it, without jQuery and its plugins.
 *
 * Popups are built by `$(html)[0]`: the HTML is parsed apart from the page, loses scripts and handlers, and its style
 * attributes are applied one by one, because the page's policy refuses inline styles.
 */

(() => {
  // a style attribute is refused already while it is parsed, so it goes under another name
  const renamed = (html) => String(html).replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, " data-look="));

  const parse = (html) => {
    const { body } = new DOMParser().parseFromString(renamed(html), "text/html");
    for (const node of body.querySelectorAll("script, iframe[srcdoc], object, embed")) node.remove();
    for (const node of body.querySelectorAll("*")) tame(node);
    return [...document.importNode(body, true).children];
  };

  const tame = (node) => {
    for (const { name, value } of [...node.attributes]) {
      const target = value.replace(/[\u0000-\u0020]/g, "").toLowerCase();
      if (name.toLowerCase().startsWith("on") || target.startsWith("javascript:")) node.removeAttribute(name);
    }
  };

  const dressed = (nodes) => {
    for (const node of nodes.flatMap((each) => [each, ...each.querySelectorAll("[data-look]")])) {
      if (node.dataset.look) node.style.cssText = node.dataset.look;
      delete node.dataset.look;
    }
    return nodes;
  };

  window.$ = window.$ ?? ((html) => (typeof html === "string" ? dressed(parse(html)) : { ready: (run) => run(), 0: html }));

  const pin = (options = {}) =>
    window.L.divIcon({ className: `pin pin-circle pin-${options.markerColor ?? "blue"}`, iconSize: [18, 18] });
  window.L.AwesomeMarkers = window.L.AwesomeMarkers ?? { icon: pin, Icon: function Icon(options) { return pin(options); } };
})();
