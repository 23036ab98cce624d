-- A label is never edited or deleted: the one update let through withdraws it, once.
CREATE FUNCTION labels_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP IN ('DELETE', 'TRUNCATE') THEN
    RAISE EXCEPTION 'labels are never deleted' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL
     OR (to_jsonb(NEW) - ARRAY['withdrawn_at', 'withdrawn_by', 'withdrawn_why'])
        IS DISTINCT FROM (to_jsonb(OLD) - ARRAY['withdrawn_at', 'withdrawn_by', 'withdrawn_why']) THEN
    RAISE EXCEPTION 'labels are never edited, only withdrawn once' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;--> statement-breakpoint
CREATE TRIGGER labels_refuse_edit BEFORE UPDATE OR DELETE ON labels
  FOR EACH ROW EXECUTE FUNCTION labels_refuse_edit();--> statement-breakpoint
CREATE TRIGGER labels_refuse_truncate BEFORE TRUNCATE ON labels
  FOR EACH STATEMENT EXECUTE FUNCTION labels_refuse_edit();
