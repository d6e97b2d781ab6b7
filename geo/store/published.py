"""What may the public read? The views of schema `published`, made from the register declarations.

Views are derived, so they are not migrated: every upgrade drops and makes them again. They hold moderated rows only,
public geometry only, no personal column, and no need of a sensitive theme (geo.store.sensitive); the reader role is
granted nothing else.
"""

from __future__ import annotations

from geo.register import Register
from geo.registers import REGISTERS
from geo.registers.base import FEW
from geo.settings import settings
from geo.store.sensitive import LISTED

COMMON = (
    "e.id, e.register, e.key, e.title, e.titles, e.description, e.theme, e.secondary_themes, e.status,"
    " e.begins_on, e.ends_on, e.url, e.updated_at, e.import_run_id,"
    " s.title AS source, s.licence AS licence, s.invented AS invented"
)
MODERATED = "e.moderation_state = 'published'"
SHOWN = f"{MODERATED} AND {LISTED}"

TERRITORIES = f"""
CREATE VIEW published.territory AS
SELECT t.id, t.code, t.kind, t.name, t.names, t.parent_id, p.code AS parent, t.municipality_form, t.tos_status,
       t.tos_level, t.charter_number, t.charter_registered_on, t.oktmo, t.osm_id, t.wikidata_id,
       t.updated_at, t.import_run_id, s.title AS source, s.licence, s.invented
FROM okruga.territory t
LEFT JOIN okruga.territory p ON p.id = t.parent_id
JOIN okruga.source s ON s.id = t.source_id;

CREATE VIEW published.boundary AS
SELECT b.id, b.territory_id, t.code, b.kind, t.name, t.names, t.tos_status, t.tos_level, t.parent_id,
       lower(b.valid) AS valid_from, upper(b.valid) - 1 AS valid_to, b.valid, b.geom, b.area_m2, b.precision,
       b.legal_act, b.legal_act_on, b.legal_text, b.import_run_id, s.title AS source, s.licence, s.invented
FROM okruga.boundary b
JOIN okruga.territory t ON t.id = b.territory_id
JOIN okruga.source s ON s.id = b.source_id
-- an entrance is never drawn publicly as a separate shape
WHERE b.kind <> 'entrance' AND t.tos_level IS DISTINCT FROM 'entrance';

CREATE VIEW published.boundary_band AS
SELECT d.boundary_id, d.zoom, d.geom FROM okruga.boundary_band d;

CREATE VIEW published.territory_succession AS
SELECT f.code AS from_code, t.code AS to_code, x.kind, x.happened_on, x.share
FROM okruga.territory_succession x
JOIN okruga.territory f ON f.id = x.from_id JOIN okruga.territory t ON t.id = x.to_id;

CREATE VIEW published.territory_group AS
SELECT g.code, g.name, g.names, array_agg(t.code ORDER BY t.code) FILTER (WHERE t.code IS NOT NULL) AS territories
FROM okruga.territory_group g
LEFT JOIN okruga.territory_group_member m ON m.group_id = g.id AND m.valid @> CURRENT_DATE
LEFT JOIN okruga.territory t ON t.id = m.territory_id
GROUP BY g.id;

CREATE VIEW published.territory_group_member AS
SELECT g.code AS group_code, t.id AS territory_id, t.code, m.valid, lower(m.valid) AS valid_from,
       upper(m.valid) - 1 AS valid_to
FROM okruga.territory_group_member m
JOIN okruga.territory_group g ON g.id = m.group_id
JOIN okruga.territory t ON t.id = m.territory_id;

CREATE VIEW published.population AS
SELECT p.territory_id, t.code, p.year, p.base, p.people, p.estimated, s.title AS source, s.licence
FROM okruga.population p
JOIN okruga.territory t ON t.id = p.territory_id
JOIN okruga.source s ON s.id = p.source_id;

CREATE VIEW published.place AS
SELECT p.id, p.entry_id, p.register, p.role, p.public_geom AS geom, p.public_precision,
       CASE WHEN p.public_precision = 'exact' THEN p.address END AS address,
       p.match_level, p.certainty, p.public_placed AS placed, e.theme, e.status, e.begins_on, e.ends_on
FROM okruga.place p
JOIN okruga.entry e ON e.id = p.entry_id AND {SHOWN}
WHERE p.public_precision <> 'hidden';

CREATE VIEW published.placement AS
SELECT x.place_id, p.entry_id, x.boundary_id, x.certainty, x.counted, x.share, x.distance_m
FROM okruga.placement x
JOIN okruga.place p ON p.id = x.place_id AND x.boundary_id = ANY (p.public_placed)
JOIN okruga.entry e ON e.id = p.entry_id AND {SHOWN}
WHERE p.public_precision = 'exact';

CREATE VIEW published.entry AS
SELECT e.id, e.register, e.title, e.titles, e.theme, e.status, e.begins_on, e.ends_on
FROM okruga.entry e WHERE {SHOWN};

-- what there is anything of, listed or not: without it a figure is unknown, not zero
CREATE VIEW published.theme_present AS
SELECT e.register, e.theme FROM okruga.entry e WHERE {MODERATED};

-- events listed like all others and counted in wide territories only
CREATE VIEW published.counted_wide AS
SELECT e.id AS entry_id FROM okruga.entry e JOIN okruga.sensitive x ON x.entry_id = e.id WHERE {SHOWN};

CREATE VIEW published.entry_territory AS
SELECT et.entry_id, et.territory_id, t.code, et.role
FROM okruga.entry_territory et
JOIN okruga.territory t ON t.id = et.territory_id
JOIN okruga.entry e ON e.id = et.entry_id AND {SHOWN};

CREATE VIEW published.withdrawn AS
SELECT e.id, e.register, e.moderation_state, e.merged_into
FROM okruga.entry e WHERE e.moderation_state <> 'published';

CREATE VIEW published.source AS
SELECT s.id, s.title, s.publisher, s.url, s.licence, s.locator, s.retrieved_on, s.invented FROM okruga.source s;

CREATE VIEW published.import_run AS
SELECT r.id, r.register, r.kind, r.file_name, s.title AS source, r.demo, r.state, r.committed_at
FROM okruga.import_run r JOIN okruga.source s ON s.id = r.source_id;

CREATE VIEW published.context_feature AS
SELECT c.id, c.context_kind, c.name, c.geom, c.import_run_id, s.title AS source, s.licence
FROM okruga.context_feature c JOIN okruga.source s ON s.id = c.source_id;

-- the years population cells are of, found by hopping along the index
CREATE VIEW published.cell_vintage AS
WITH RECURSIVE hop AS (
  SELECT min(year) AS year FROM okruga.population_cell
  UNION ALL
  SELECT (SELECT min(c.year) FROM okruga.population_cell c WHERE c.year > hop.year) FROM hop WHERE hop.year IS NOT NULL
) SELECT year FROM hop WHERE year IS NOT NULL;

CREATE VIEW published.tally AS SELECT * FROM okruga.tally;
CREATE VIEW published.nesting AS SELECT * FROM okruga.nesting;
CREATE VIEW published.withheld_sum AS SELECT * FROM okruga.withheld_sum;
-- what each entry adds to the tally (one that lies in no area adds nothing); head counts that are not shown are as
-- hidden here as on the entry's page
CREATE VIEW published.counted AS
SELECT c.entry_id, f ->> 0 AS measure, f ->> 1 AS theme, (f ->> 2)::smallint AS period, f ->> 3 AS part,
       CASE WHEN f ->> 0 IN ('participants', 'participants_channels_known', 'channel_uses')
                 AND ((f ->> 4)::bigint BETWEEN 1 AND {FEW} OR EXISTS (
                   SELECT FROM okruga.sensitive x WHERE x.entry_id = c.entry_id
                   UNION ALL SELECT FROM okruga.withheld_head w WHERE w.entry_id = c.entry_id
                   AND w.part = CASE WHEN f ->> 0 = 'channel_uses' THEN f ->> 3 ELSE 'participants' END))
            THEN NULL ELSE (f ->> 4)::bigint END AS amount
FROM okruga.counted c
JOIN okruga.entry e ON e.id = c.entry_id AND {SHOWN}
CROSS JOIN LATERAL jsonb_array_elements(c.facts) AS f
WHERE c.areas <> '{{}}';
CREATE VIEW published.reach AS SELECT * FROM okruga.reach;
CREATE VIEW published.reach_on_foot AS SELECT * FROM okruga.reach_on_foot;
CREATE VIEW published.street_network AS
SELECT n.id, n.nodes, n.metres, n.loaded_at, s.title AS source, s.licence
FROM okruga.street_network n JOIN okruga.source s ON s.id = n.source_id;
CREATE VIEW published.street_node AS SELECT network_id, node, lon, lat FROM okruga.street_node;
CREATE VIEW published.street_way AS SELECT network_id, source, target, metres FROM okruga.street_way;
CREATE VIEW published.data_version AS SELECT version, changed_at FROM okruga.data_version;
CREATE VIEW published.snapshot AS
SELECT n.id, n.code, n.period, n.kind, n.data_version, n.answers, n.taken_at FROM okruga.snapshot n;
CREATE VIEW published.layer_version AS SELECT layer, version, changed_at FROM okruga.layer_version;
"""


def small_numbers() -> str:
    """The SQL function that says what is too small to be shown; another setting makes it, and all views, anew."""
    few = settings().small_count - 1
    return f"CREATE OR REPLACE FUNCTION {FEW} RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT {few:d}';"


def register_sources() -> str:
    """CREATE VIEW of the sources the published rows of each register came from, population cells and TOS among them."""
    names = ", ".join(f"('{register.name}')" for register in REGISTERS)
    return f"""
CREATE VIEW published.register_source AS
SELECT r.register, s.title AS source, s.licence FROM okruga.source s CROSS JOIN (VALUES {names}) r (register)
WHERE EXISTS (SELECT FROM okruga.entry e WHERE e.register = r.register AND e.source_id = s.id AND {MODERATED})
UNION ALL
SELECT 'population_cell', s.title, s.licence FROM okruga.source s
WHERE EXISTS (SELECT FROM okruga.import_run r JOIN okruga.population_cell c ON c.import_run_id = r.id
              WHERE r.source_id = s.id)
UNION ALL
SELECT 'tos_territory', s.title, s.licence FROM okruga.source s
WHERE EXISTS (SELECT FROM okruga.boundary b WHERE b.kind = 'tos_territory' AND b.source_id = s.id);
"""


def register_view(register: Register) -> str:
    """CREATE VIEW of one register: what all entries share, and its declared columns."""
    columns = "".join(f",\n       {column.select}" for column in register.columns)
    return (
        f"CREATE VIEW published.{register.name} AS\nSELECT {COMMON}{columns}\n"
        f"FROM okruga.entry e\nJOIN okruga.{register.table} r ON r.entry_id = e.id\n"
        f"JOIN okruga.source s ON s.id = e.source_id\n"
        f"WHERE e.register = '{register.name}' AND {SHOWN};\n"
    )


def views() -> str:
    """The SQL that makes schema `published` anew."""
    return "\n".join(
        [
            "DROP SCHEMA IF EXISTS published CASCADE;",
            "CREATE SCHEMA published;",
            TERRITORIES,
            *(register_view(register) for register in REGISTERS),
            register_sources(),
        ]
    )
