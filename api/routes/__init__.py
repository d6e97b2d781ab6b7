"""One file per question or thing; no route imports another (api.addresses lists them)."""
