CREATE TABLE "item_turns" (
	"item_id" uuid NOT NULL,
	"turn" integer NOT NULL,
	"completion_hash" text COLLATE "C" NOT NULL,
	CONSTRAINT "item_turns_item_id_turn_pk" PRIMARY KEY("item_id","turn"),
	CONSTRAINT "item_turns_turn" CHECK (turn >= 0)
);
--> statement-breakpoint
DROP INDEX "generation_calls_paid_once";--> statement-breakpoint
ALTER TABLE "generation_calls" ADD COLUMN "turn" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "item_turns" ADD CONSTRAINT "item_turns_item_id_items_id_fk" FOREIGN KEY ("item_id") REFERENCES "public"."items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "item_turns" ADD CONSTRAINT "item_turns_completion_hash_texts_hash_fk" FOREIGN KEY ("completion_hash") REFERENCES "public"."texts"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "generation_calls_paid_once" ON "generation_calls" USING btree ("item_id","turn") WHERE outcome = 'completed';