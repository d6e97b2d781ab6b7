-- What the tables of every version need to exist first: extensions, schemas, the rule for good geometry.

CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE SCHEMA IF NOT EXISTS okruga;
CREATE SCHEMA IF NOT EXISTS personal;
CREATE SCHEMA IF NOT EXISTS history;

-- PostGIS stores bow-ties (area 0), NaN and infinite points and swapped coordinates without a word. NaN sorts above
-- every number in PostgreSQL, so the upper comparisons refuse it too.
-- The body is parsed here, not when it runs: a restored dump, which runs with an empty search path, finds PostGIS too.
-- not STRICT (nothing gives nothing all the same): so the planner writes it out in each check instead of calling it
CREATE OR REPLACE FUNCTION okruga.good_geometry(shape geometry) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN NOT ST_IsEmpty(shape)
   AND ST_XMin(shape) BETWEEN -180 AND 180 AND ST_XMax(shape) BETWEEN -180 AND 180
   AND ST_YMin(shape) BETWEEN -90 AND 90 AND ST_YMax(shape) BETWEEN -90 AND 90
   AND ST_IsValid(shape);
