-- Who may touch what: the app role works on all schemas, the reader role sees schema published and nothing else.

DO $$
BEGIN
  FOR i IN 1..2 LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN', (ARRAY['okruga_app', 'okruga_reader'])[i]);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    -- an external database is entered with one login that then takes these roles
    BEGIN
      EXECUTE format('GRANT %I TO %I', (ARRAY['okruga_app', 'okruga_reader'])[i], current_user);
    EXCEPTION WHEN insufficient_privilege OR invalid_grant_operation THEN NULL;
    END;
  END LOOP;
END $$;

REVOKE ALL ON ALL TABLES IN SCHEMA okruga, personal, history FROM PUBLIC, okruga_reader;
REVOKE ALL ON SCHEMA okruga, personal, history FROM PUBLIC, okruga_reader;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

GRANT USAGE ON SCHEMA okruga, personal, history, published TO okruga_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA okruga, personal TO okruga_app;
GRANT SELECT ON ALL TABLES IN SCHEMA published TO okruga_app;
GRANT SELECT, INSERT ON history.row_version TO okruga_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA okruga, personal, history TO okruga_app;

GRANT USAGE ON SCHEMA published TO okruga_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA published TO okruga_reader;
