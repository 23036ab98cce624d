CREATE TABLE "round_models" (
	"round_id" text COLLATE "C" NOT NULL,
	"model_id" text COLLATE "C" NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"failure_code" text,
	"parked_at" timestamp with time zone,
	"retry_at" timestamp with time zone,
	CONSTRAINT "round_models_round_id_model_id_pk" PRIMARY KEY("round_id","model_id")
);
--> statement-breakpoint
CREATE TABLE "round_spending" (
	"round_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"money" numeric(20, 9) DEFAULT 0 NOT NULL,
	"tokens" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "account_permits" (
	"account_id" text COLLATE "C" NOT NULL,
	"worker_id" text COLLATE "C" NOT NULL,
	"permits" integer NOT NULL,
	"wanted" integer NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "account_permits_account_id_worker_id_pk" PRIMARY KEY("account_id","worker_id"),
	CONSTRAINT "account_permits_permits" CHECK (permits >= 0)
);
--> statement-breakpoint
CREATE TABLE "schedules" (
	"name" text COLLATE "C" PRIMARY KEY NOT NULL,
	"plan" jsonb NOT NULL,
	"prompt_set_hash" text COLLATE "C" NOT NULL,
	"seed" text NOT NULL,
	"spec_file" text NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"last_failure" text,
	"last_failure_at" timestamp with time zone,
	"created_by" text COLLATE "C" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "items" ALTER COLUMN "account_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "generation_calls" ADD COLUMN "reserved_money" numeric(20, 9) DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "generation_calls" ADD COLUMN "reserved_tokens" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "generation_calls" ADD COLUMN "money" numeric(20, 9);--> statement-breakpoint
ALTER TABLE "generation_calls" ADD COLUMN "tokens" integer;--> statement-breakpoint
ALTER TABLE "assignments" ADD COLUMN "viewed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "permits" integer;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "cut_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "clean" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "headers" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "stream" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "held_code" text;--> statement-breakpoint
ALTER TABLE "labellers" ADD COLUMN "suspended_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "labellers" ADD COLUMN "suspended_by" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "labellers" ADD COLUMN "suspended_why" text;--> statement-breakpoint
ALTER TABLE "labellers" ADD COLUMN "terms_hash" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "labellers" ADD COLUMN "agreed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "prompts" ADD COLUMN "completion_hash" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "prompts" ADD COLUMN "judge_turn" integer;--> statement-breakpoint
ALTER TABLE "items" ADD COLUMN "redacted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "rounds" ADD COLUMN "paused_by" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "rounds" ADD COLUMN "paused_why" text;--> statement-breakpoint
ALTER TABLE "rounds" ADD COLUMN "held_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "rounds" ADD COLUMN "held_code" text;--> statement-breakpoint
ALTER TABLE "rounds" ADD COLUMN "schedule" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "texts" ADD COLUMN "redacted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "texts" ADD COLUMN "redacted_by" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "texts" ADD COLUMN "redacted_why" text;--> statement-breakpoint
ALTER TABLE "account_permits" ADD CONSTRAINT "account_permits_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "schedules" ADD CONSTRAINT "schedules_prompt_set_hash_prompt_sets_hash_fk" FOREIGN KEY ("prompt_set_hash") REFERENCES "public"."prompt_sets"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "schedules" ADD CONSTRAINT "schedules_created_by_people_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "labellers" ADD CONSTRAINT "labellers_terms_hash_texts_hash_fk" FOREIGN KEY ("terms_hash") REFERENCES "public"."texts"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prompts" ADD CONSTRAINT "prompts_completion_hash_texts_hash_fk" FOREIGN KEY ("completion_hash") REFERENCES "public"."texts"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "prompts_messages" ON "prompts" USING btree ("messages_hash");--> statement-breakpoint
CREATE INDEX "items_prompt" ON "items" USING btree ("prompt_id");--> statement-breakpoint
CREATE INDEX "rounds_schedule" ON "rounds" USING btree ("schedule") WHERE schedule is not null;--> statement-breakpoint
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_permits" CHECK (permits is null or permits > 0);--> statement-breakpoint
ALTER TABLE "texts" ADD CONSTRAINT "texts_redaction" CHECK (num_nulls(redacted_at, redacted_by, redacted_why) in (0, 3));--> statement-breakpoint
ALTER TABLE "texts" ADD CONSTRAINT "texts_tombstone" CHECK (redacted_at is null or body = '');