ALTER TABLE "shards" ADD COLUMN "unopened" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "shards" ADD COLUMN "open" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE "shards" s SET "unopened" = i.unopened, "open" = i.open FROM (
  SELECT round_id, shard, count(*) FILTER (WHERE state IN ('pending', 'generated')) AS unopened,
    count(*) FILTER (WHERE state = 'open') AS open
  FROM "items" GROUP BY round_id, shard) i
WHERE i.round_id = s.round_id AND i.shard = s.shard;--> statement-breakpoint
DROP INDEX "items_unfinished";--> statement-breakpoint
-- Room on each page, so that what is generated and opened is written beside what was there, and touches no index.
ALTER TABLE "items" SET (fillfactor = 60);
