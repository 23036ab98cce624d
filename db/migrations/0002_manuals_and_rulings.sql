CREATE TABLE "capability_tables" (
	"hash" text COLLATE "C" PRIMARY KEY NOT NULL,
	"manual" text COLLATE "C" NOT NULL,
	"revision" integer NOT NULL,
	"content" jsonb NOT NULL,
	"imported_by" text COLLATE "C" NOT NULL,
	"imported_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "capability_tables_number" UNIQUE("manual","revision")
);
--> statement-breakpoint
CREATE TABLE "manual_revisions" (
	"hash" text COLLATE "C" PRIMARY KEY NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"revision" integer NOT NULL,
	"form" text NOT NULL,
	"content" jsonb NOT NULL,
	"imported_by" text COLLATE "C" NOT NULL,
	"imported_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "manual_revisions_number" UNIQUE("name","revision"),
	CONSTRAINT "manual_revisions_form" CHECK (form in ('obvious-misalignment', 'verdict'))
);
--> statement-breakpoint
CREATE TABLE "amendments" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"round_id" text COLLATE "C" NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"by" text COLLATE "C" NOT NULL,
	"why" text NOT NULL,
	"what" text NOT NULL,
	"from" text COLLATE "C",
	"to" text COLLATE "C",
	"spec_hash" text COLLATE "C" NOT NULL,
	CONSTRAINT "amendments_what" CHECK (what in ('capability-table'))
);
--> statement-breakpoint
CREATE TABLE "rulings" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"round_id" text COLLATE "C" NOT NULL,
	"item_id" uuid NOT NULL,
	"researcher_id" text COLLATE "C" NOT NULL,
	"stage" text NOT NULL,
	"form" text NOT NULL,
	"manual_revision" text COLLATE "C",
	"answers" jsonb NOT NULL,
	"why_hash" text COLLATE "C",
	"ruled_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "rulings_once" UNIQUE("item_id","researcher_id","stage"),
	CONSTRAINT "rulings_stage" CHECK (stage in ('blind', 'informed'))
);
--> statement-breakpoint
ALTER TABLE "labels" ALTER COLUMN "manual_revision" SET DATA TYPE text COLLATE "C";--> statement-breakpoint
ALTER TABLE "rounds" ALTER COLUMN "manual_revision" SET DATA TYPE text COLLATE "C";--> statement-breakpoint
ALTER TABLE "rounds" ALTER COLUMN "capability_table" SET DATA TYPE text COLLATE "C";--> statement-breakpoint
ALTER TABLE "measurement_items" ADD COLUMN "cites" text;--> statement-breakpoint
ALTER TABLE "measurement_items" ADD COLUMN "ruled" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "measurement_items" ADD COLUMN "intent" text;--> statement-breakpoint
ALTER TABLE "measurements" ADD COLUMN "answers_hash" text COLLATE "C" DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "measurements" ADD COLUMN "manual_revision" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "measurements" ADD COLUMN "capability_table" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "items" ADD COLUMN "quarantined_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "items" ADD COLUMN "names_model" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "capability_tables" ADD CONSTRAINT "capability_tables_imported_by_people_id_fk" FOREIGN KEY ("imported_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "manual_revisions" ADD CONSTRAINT "manual_revisions_imported_by_people_id_fk" FOREIGN KEY ("imported_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "amendments" ADD CONSTRAINT "amendments_round_id_rounds_id_fk" FOREIGN KEY ("round_id") REFERENCES "public"."rounds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "amendments" ADD CONSTRAINT "amendments_by_people_id_fk" FOREIGN KEY ("by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rulings" ADD CONSTRAINT "rulings_round_id_rounds_id_fk" FOREIGN KEY ("round_id") REFERENCES "public"."rounds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rulings" ADD CONSTRAINT "rulings_item_id_items_id_fk" FOREIGN KEY ("item_id") REFERENCES "public"."items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rulings" ADD CONSTRAINT "rulings_researcher_id_people_id_fk" FOREIGN KEY ("researcher_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rulings" ADD CONSTRAINT "rulings_manual_revision_manual_revisions_hash_fk" FOREIGN KEY ("manual_revision") REFERENCES "public"."manual_revisions"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rulings" ADD CONSTRAINT "rulings_why_hash_texts_hash_fk" FOREIGN KEY ("why_hash") REFERENCES "public"."texts"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "amendments_round" ON "amendments" USING btree ("round_id","id");--> statement-breakpoint
CREATE INDEX "rulings_round" ON "rulings" USING btree ("round_id");--> statement-breakpoint
ALTER TABLE "measurements" ADD CONSTRAINT "measurements_manual_revision_manual_revisions_hash_fk" FOREIGN KEY ("manual_revision") REFERENCES "public"."manual_revisions"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "measurements" ADD CONSTRAINT "measurements_capability_table_capability_tables_hash_fk" FOREIGN KEY ("capability_table") REFERENCES "public"."capability_tables"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rounds" ADD CONSTRAINT "rounds_manual_revision_manual_revisions_hash_fk" FOREIGN KEY ("manual_revision") REFERENCES "public"."manual_revisions"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rounds" ADD CONSTRAINT "rounds_capability_table_capability_tables_hash_fk" FOREIGN KEY ("capability_table") REFERENCES "public"."capability_tables"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "items_quarantined" ON "items" USING btree ("round_id") WHERE quarantined_at is not null;--> statement-breakpoint
ALTER TABLE "measurement_items" ADD CONSTRAINT "measurement_items_intent" CHECK (intent in ('met', 'not-met', 'cannot-tell'));