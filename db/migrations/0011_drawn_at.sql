ALTER TABLE "items" DROP CONSTRAINT "items_round_id_rounds_id_fk";
--> statement-breakpoint
ALTER TABLE "rounds" ADD COLUMN "drawn_at" timestamp with time zone;
--> statement-breakpoint
UPDATE "rounds" SET "drawn_at" = coalesce("opened_at", "created_at") WHERE "status" <> 'opening';
--> statement-breakpoint
-- A shard is there once all its items are. What a draw has left half done is done again; nothing points to it yet.
DELETE FROM "items" WHERE "round_id" IN (SELECT "id" FROM "rounds" WHERE "status" = 'opening');
--> statement-breakpoint
DELETE FROM "shards" WHERE "round_id" IN (SELECT "id" FROM "rounds" WHERE "status" = 'opening');
