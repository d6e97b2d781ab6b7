"""Which colours? The few ramps of the maps, all legible with the three common colour deficiencies (tests measure it).

Ramps are ColorBrewer's (Brewer and Harrower 2003; Apache-2.0 colour specifications). The bivariate square is amber
against blue; the popular pink and teal one falls together for red-green deficiency.
"""

from __future__ import annotations

from typing import Literal

Scheme = Literal["sequential", "counts", "diverging", "bivariate"]

# low to high; sequential is YlGnBu, counts YlOrBr, diverging PuOr with a middle grey enough for white borders
RAMPS: dict[str, tuple[str, ...]] = {
    "sequential": ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"),
    "counts": ("#ffffd4", "#fed98e", "#fe9929", "#d95f0e", "#993404"),
    "diverging": ("#5e3c99", "#b2abd2", "#ebebeb", "#fdb863", "#e66101"),
    # rows from low to high need, each from few to many projects
    "bivariate": (
        "#f3f3f3",
        "#b4d3e1",
        "#509dc2",
        "#f3e6b3",
        "#b3b3b3",
        "#376387",
        "#f3b300",
        "#b36600",
        "#1a1a1a",
    ),
}
# a missing value is a hatch, never white and never a class
HATCH = {"ground": "#efece6", "line": "#b8b0a2", "dots": "#8d8577"}
SYMBOLS = {"need": "#c51b7d", "project": "#1b7837", "event": "#7a5195", "organisation": "#44546a"}


def ramp(scheme: Scheme, classes: int = 5) -> tuple[str, ...]:
    """The colours of a legend with this many classes, spread over the whole ramp.

    >>> ramp("sequential", 2)
    ('#ffffcc', '#253494')
    """
    colours = RAMPS[scheme]
    if classes >= len(colours):
        return colours
    if classes == 1:
        return (colours[len(colours) // 2],)
    return tuple(colours[round(index * (len(colours) - 1) / (classes - 1))] for index in range(classes))


def page_colours() -> dict[str, object]:
    """The colours as the page's script reads them."""
    return {"ramps": RAMPS, "hatch": HATCH, "symbols": SYMBOLS}
