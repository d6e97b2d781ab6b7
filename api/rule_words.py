"""What are the limits of the underserved rule called in addresses and options? Each name with its field of `Rule`."""

from __future__ import annotations

RULE = {
    "tos_below": "tos_share_below", "reach_below": "reach_share_below", "needs_from": "needs_at_least",
    "tos_weight": "tos_weight", "reach_weight": "reach_weight", "needs_weight": "needs_weight",
    "points_from": "points_from",
}  # fmt: skip
