-- A ruling is never edited or deleted: a second thought is a ruling at the next stage.
CREATE FUNCTION rulings_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rulings are never edited or deleted' USING ERRCODE = 'integrity_constraint_violation';
END $$;--> statement-breakpoint
CREATE TRIGGER rulings_refuse_edit BEFORE UPDATE OR DELETE ON rulings
  FOR EACH ROW EXECUTE FUNCTION rulings_refuse_edit();--> statement-breakpoint
CREATE TRIGGER rulings_refuse_truncate BEFORE TRUNCATE ON rulings
  FOR EACH STATEMENT EXECUTE FUNCTION rulings_refuse_edit();
