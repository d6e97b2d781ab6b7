-- Row history and the change log, written by statement triggers so that bulk loads pay once per statement.
--
-- Session settings the writer sets (geo.store.engine.writing):
--   okruga.actor       who writes
--   okruga.import_run  the import run that writes, or empty
--   okruga.derived     'on' while derived columns are recomputed: neither history nor change is written

CREATE OR REPLACE FUNCTION okruga.current_run() RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT nullif(current_setting('okruga.import_run', true), '')::integer
$$;

-- TG_ARGV[0]: comma separated key columns; TG_ARGV[1]: comma separated geometry columns (stored as hex EWKB, since
-- GeoJSON would round them).
CREATE OR REPLACE FUNCTION history.record() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = okruga, public AS $$
DECLARE
  key_of text;
  image_of text;
BEGIN
  IF current_setting('okruga.derived', true) = 'on' THEN
    RETURN NULL;
  END IF;
  -- rows inserted by an import run carry its id: the run itself is their history
  IF TG_OP = 'INSERT' AND okruga.current_run() IS NOT NULL THEN
    RETURN NULL;
  END IF;
  SELECT 'jsonb_build_object(' || string_agg(format('%L, o.%I', k, k), ', ') || ')'
    INTO key_of FROM unnest(string_to_array(TG_ARGV[0], ',')) AS k;
  image_of := 'to_jsonb(o)';
  IF coalesce(TG_ARGV[1], '') <> '' THEN
    SELECT image_of || ' || jsonb_build_object(' || string_agg(format('%L, o.%I::text', g, g), ', ') || ')'
      INTO image_of FROM unnest(string_to_array(TG_ARGV[1], ',')) AS g;
  END IF;
  EXECUTE format(
    'INSERT INTO history.row_version (table_name, row_key, action, before, actor, import_run_id)
     SELECT %L, %s, %L, %s, coalesce(current_setting(''okruga.actor'', true), ''''), okruga.current_run() FROM %s o',
    TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, key_of, left(TG_OP, 1),
    CASE WHEN TG_OP = 'INSERT' THEN 'NULL' ELSE image_of END,
    CASE WHEN TG_OP = 'INSERT' THEN 'new_rows' ELSE 'old_rows' END);
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION history.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'history is append-only';
END $$;

-- TG_ARGV[0]: subject; TG_ARGV[1]: the column with its id.
CREATE OR REPLACE FUNCTION okruga.note_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = okruga, public AS $$
BEGIN
  IF current_setting('okruga.derived', true) = 'on' THEN
    RETURN NULL;
  END IF;
  IF TG_ARGV[0] = 'entry' AND TG_OP <> 'DELETE' AND TG_ARGV[1] <> 'need_id' AND okruga.current_run() IS NOT NULL THEN
    INSERT INTO okruga.change (subject, subject_id)
    SELECT 'import_run', okruga.current_run()
    WHERE NOT EXISTS (SELECT FROM okruga.change WHERE subject = 'import_run' AND subject_id = okruga.current_run());
    RETURN NULL;
  END IF;
  EXECUTE format(
    'INSERT INTO okruga.change (subject, subject_id) SELECT DISTINCT %L, r.%I::bigint FROM %s r',
    TG_ARGV[0], TG_ARGV[1], CASE WHEN TG_OP = 'DELETE' THEN 'old_rows' ELSE 'new_rows' END);
  RETURN NULL;
END $$;
