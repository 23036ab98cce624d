CREATE TABLE "generation_calls" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"item_id" uuid NOT NULL,
	"round_id" text COLLATE "C" NOT NULL,
	"account_id" text COLLATE "C" NOT NULL,
	"try" integer NOT NULL,
	"claimed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"claim_until" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"outcome" text,
	"http_status" integer,
	"error_code" text,
	"completion_hash" text COLLATE "C",
	"request_id" text,
	"returned_model" text,
	"fingerprint" text,
	"finish_reason" text,
	"prompt_tokens" integer,
	"completion_tokens" integer,
	CONSTRAINT "generation_calls_try" UNIQUE("item_id","try"),
	CONSTRAINT "generation_calls_outcome" CHECK (outcome in ('completed', 'surplus', 'retryable', 'rate-limited', 'refused', 'account-refused')),
	CONSTRAINT "generation_calls_ended" CHECK ((ended_at is null) = (outcome is null)),
	CONSTRAINT "generation_calls_completed" CHECK (coalesce(outcome in ('completed', 'surplus'), false) = (completion_hash is not null))
);
--> statement-breakpoint
CREATE TABLE "assignments" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"round_id" text COLLATE "C" NOT NULL,
	"item_id" uuid NOT NULL,
	"prompt_id" uuid NOT NULL,
	"arm" text COLLATE "C" NOT NULL,
	"labeller_id" text COLLATE "C" NOT NULL,
	"state" text DEFAULT 'leased' NOT NULL,
	"one_per_prompt" boolean NOT NULL,
	"leased_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"skip_code" text,
	CONSTRAINT "assignments_state" CHECK (state in ('leased', 'submitted', 'skipped', 'expired', 'released')),
	CONSTRAINT "assignments_skip" CHECK ((state = 'skipped') = (skip_code is not null)),
	CONSTRAINT "assignments_skip_code" CHECK (skip_code in ('language', 'beyond-my-knowledge', 'upsetting', 'personal-data', 'broken', 'possibly-illegal'))
);
--> statement-breakpoint
CREATE TABLE "item_arms" (
	"item_id" uuid NOT NULL,
	"arm" text COLLATE "C" NOT NULL,
	"round_id" text COLLATE "C" NOT NULL,
	"slots" integer NOT NULL,
	"taken" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "item_arms_item_id_arm_pk" PRIMARY KEY("item_id","arm"),
	CONSTRAINT "item_arms_taken" CHECK (taken between 0 and slots)
);
--> statement-breakpoint
CREATE TABLE "labels" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"assignment_id" uuid NOT NULL,
	"round_id" text COLLATE "C" NOT NULL,
	"item_id" uuid NOT NULL,
	"arm" text COLLATE "C" NOT NULL,
	"labeller_id" text COLLATE "C" NOT NULL,
	"form" text NOT NULL,
	"manual_revision" text,
	"answers" jsonb NOT NULL,
	"unsure" boolean DEFAULT false NOT NULL,
	"note_hash" text COLLATE "C",
	"idempotency_key" text COLLATE "C" NOT NULL,
	"request_hash" text COLLATE "C" NOT NULL,
	"submitted_at" timestamp with time zone DEFAULT now() NOT NULL,
	"withdrawn_at" timestamp with time zone,
	"withdrawn_by" text COLLATE "C",
	"withdrawn_why" text,
	CONSTRAINT "labels_withdrawal" CHECK (num_nulls(withdrawn_at, withdrawn_by, withdrawn_why) in (0, 3))
);
--> statement-breakpoint
CREATE TABLE "members" (
	"round_id" text COLLATE "C" NOT NULL,
	"labeller_id" text COLLATE "C" NOT NULL,
	"arm" text COLLATE "C" NOT NULL,
	"cursor" bigint DEFAULT 0 NOT NULL,
	"joined_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "members_round_id_labeller_id_pk" PRIMARY KEY("round_id","labeller_id"),
	CONSTRAINT "members_arm" UNIQUE("round_id","labeller_id","arm")
);
--> statement-breakpoint
CREATE TABLE "places" (
	"round_id" text COLLATE "C" NOT NULL,
	"arm" text COLLATE "C" NOT NULL,
	"place" bigint NOT NULL,
	"item_id" uuid NOT NULL,
	CONSTRAINT "places_round_id_arm_place_pk" PRIMARY KEY("round_id","arm","place")
);
--> statement-breakpoint
CREATE TABLE "refused_labels" (
	"labeller_id" text COLLATE "C" NOT NULL,
	"idempotency_key" text COLLATE "C" NOT NULL,
	"request_hash" text COLLATE "C" NOT NULL,
	"assignment_id" uuid NOT NULL,
	"answers" jsonb NOT NULL,
	"unsure" boolean NOT NULL,
	"note_hash" text COLLATE "C",
	"reason" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "refused_labels_labeller_id_idempotency_key_pk" PRIMARY KEY("labeller_id","idempotency_key")
);
--> statement-breakpoint
CREATE TABLE "measurement_items" (
	"measurement_id" bigint NOT NULL,
	"item_id" uuid NOT NULL,
	"verdict" text NOT NULL,
	"reason" text,
	CONSTRAINT "measurement_items_measurement_id_item_id_pk" PRIMARY KEY("measurement_id","item_id"),
	CONSTRAINT "measurement_items_verdict" CHECK (verdict in ('misaligned', 'aligned', 'ambiguous', 'unresolved', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "measurements" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"round_id" text COLLATE "C" NOT NULL,
	"input_hash" text COLLATE "C" NOT NULL,
	"result" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "measurements_once" UNIQUE("round_id","input_hash")
);
--> statement-breakpoint
CREATE TABLE "accounts" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"base_url" text NOT NULL,
	"key_variable" text NOT NULL,
	"concurrency" integer NOT NULL,
	"simulated" boolean DEFAULT false NOT NULL,
	"not_before" timestamp with time zone,
	"held_since" timestamp with time zone,
	"blocked_code" text,
	"blocked_at" timestamp with time zone,
	CONSTRAINT "accounts_endpoint" UNIQUE("base_url","key_variable"),
	CONSTRAINT "accounts_concurrency" CHECK (concurrency > 0)
);
--> statement-breakpoint
CREATE TABLE "models" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"family" text,
	"parameters" double precision,
	"training_compute" double precision,
	"regime" text,
	"released_on" text
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"round_id" text COLLATE "C" NOT NULL,
	"shard" integer,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"claimed_until" timestamp with time zone,
	"parked_at" timestamp with time zone,
	"parked_code" text
);
--> statement-breakpoint
CREATE TABLE "audit" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"round_id" text COLLATE "C",
	"refused" boolean DEFAULT false NOT NULL,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "labellers" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"groups" text[] DEFAULT '{}' NOT NULL,
	"holds" text[] DEFAULT '{}' NOT NULL,
	CONSTRAINT "labellers_kind" CHECK (kind in ('human', 'judge', 'simulated'))
);
--> statement-breakpoint
CREATE TABLE "people" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"removed_at" timestamp with time zone,
	CONSTRAINT "people_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "person_roles" (
	"person_id" text COLLATE "C" NOT NULL,
	"role" text NOT NULL,
	CONSTRAINT "person_roles_person_id_role_pk" PRIMARY KEY("person_id","role"),
	CONSTRAINT "person_roles_role" CHECK (role in ('labeller', 'lead', 'researcher', 'operator', 'admin'))
);
--> statement-breakpoint
CREATE TABLE "tokens" (
	"hash" text COLLATE "C" PRIMARY KEY NOT NULL,
	"person_id" text COLLATE "C" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"revoked_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "prompt_sets" (
	"hash" text COLLATE "C" PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"kind" text DEFAULT 'fixed' NOT NULL,
	"size" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "prompt_sets_kind" CHECK (kind in ('fixed', 'held-out', 'generated', 'logs', 'adversarial', 'tasks'))
);
--> statement-breakpoint
CREATE TABLE "prompts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"set_hash" text COLLATE "C" NOT NULL,
	"external_id" text COLLATE "C" NOT NULL,
	"position" integer NOT NULL,
	"purpose" text NOT NULL,
	"messages_hash" text COLLATE "C" NOT NULL,
	"requirements" text[] DEFAULT '{}' NOT NULL,
	CONSTRAINT "prompts_external" UNIQUE("set_hash","external_id"),
	CONSTRAINT "prompts_purpose" CHECK (purpose in ('develop', 'measure'))
);
--> statement-breakpoint
CREATE TABLE "items" (
	"id" uuid PRIMARY KEY NOT NULL,
	"round_id" text COLLATE "C" NOT NULL,
	"prompt_id" uuid NOT NULL,
	"model_id" text COLLATE "C" NOT NULL,
	"variant" text COLLATE "C" NOT NULL,
	"k" integer NOT NULL,
	"account_id" text COLLATE "C" NOT NULL,
	"shard" integer NOT NULL,
	"position" integer NOT NULL,
	"requirements" text[] DEFAULT '{}' NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"fail_code" text,
	"completion_hash" text COLLATE "C",
	"opened_at" timestamp with time zone,
	"touched" boolean DEFAULT false NOT NULL,
	CONSTRAINT "items_key" UNIQUE("round_id","prompt_id","model_id","variant","k"),
	CONSTRAINT "items_position" UNIQUE("round_id","position"),
	CONSTRAINT "items_state" CHECK (state in ('pending', 'generated', 'open', 'contested', 'settled', 'failed', 'unresolved')),
	CONSTRAINT "items_completion" CHECK (completion_hash is not null or state in ('pending', 'failed', 'unresolved')),
	CONSTRAINT "items_failure" CHECK ((state = 'failed') = (fail_code is not null))
);
--> statement-breakpoint
CREATE TABLE "round_counters" (
	"round_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"last_place" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rounds" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"status" text DEFAULT 'opening' NOT NULL,
	"status_reason" text,
	"needs_attention" text,
	"paused_at" timestamp with time zone,
	"spec" jsonb NOT NULL,
	"settings" jsonb NOT NULL,
	"spec_hash" text COLLATE "C" NOT NULL,
	"seed" text NOT NULL,
	"form" text NOT NULL,
	"manual_revision" text,
	"capability_table" text,
	"prompt_set_hash" text COLLATE "C" NOT NULL,
	"started_by" text COLLATE "C" NOT NULL,
	"start_key" text COLLATE "C",
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"opened_at" timestamp with time zone,
	"deadline_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"measurement_id" bigint,
	CONSTRAINT "rounds_start_key_unique" UNIQUE("start_key"),
	CONSTRAINT "rounds_status" CHECK (status in ('opening', 'running', 'measuring', 'done', 'cancelled', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "shards" (
	"round_id" text COLLATE "C" NOT NULL,
	"shard" integer NOT NULL,
	"state" text DEFAULT 'waiting' NOT NULL,
	"begun_at" timestamp with time zone,
	"opened_at" timestamp with time zone,
	"done_at" timestamp with time zone,
	"checked_at" timestamp with time zone,
	"wakes" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "shards_round_id_shard_pk" PRIMARY KEY("round_id","shard"),
	CONSTRAINT "shards_state" CHECK (state in ('waiting', 'generating', 'labelling', 'done'))
);
--> statement-breakpoint
CREATE TABLE "texts" (
	"hash" text COLLATE "C" PRIMARY KEY NOT NULL,
	"body" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "generation_calls" ADD CONSTRAINT "generation_calls_item_id_items_id_fk" FOREIGN KEY ("item_id") REFERENCES "public"."items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "generation_calls" ADD CONSTRAINT "generation_calls_completion_hash_texts_hash_fk" FOREIGN KEY ("completion_hash") REFERENCES "public"."texts"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assignments" ADD CONSTRAINT "assignments_round_id_labeller_id_arm_members_round_id_labeller_id_arm_fk" FOREIGN KEY ("round_id","labeller_id","arm") REFERENCES "public"."members"("round_id","labeller_id","arm") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assignments" ADD CONSTRAINT "assignments_item_id_arm_item_arms_item_id_arm_fk" FOREIGN KEY ("item_id","arm") REFERENCES "public"."item_arms"("item_id","arm") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "item_arms" ADD CONSTRAINT "item_arms_item_id_items_id_fk" FOREIGN KEY ("item_id") REFERENCES "public"."items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "labels" ADD CONSTRAINT "labels_assignment_id_assignments_id_fk" FOREIGN KEY ("assignment_id") REFERENCES "public"."assignments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "labels" ADD CONSTRAINT "labels_note_hash_texts_hash_fk" FOREIGN KEY ("note_hash") REFERENCES "public"."texts"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "labels" ADD CONSTRAINT "labels_item_id_arm_item_arms_item_id_arm_fk" FOREIGN KEY ("item_id","arm") REFERENCES "public"."item_arms"("item_id","arm") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "members" ADD CONSTRAINT "members_round_id_rounds_id_fk" FOREIGN KEY ("round_id") REFERENCES "public"."rounds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "members" ADD CONSTRAINT "members_labeller_id_labellers_id_fk" FOREIGN KEY ("labeller_id") REFERENCES "public"."labellers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "places" ADD CONSTRAINT "places_item_id_arm_item_arms_item_id_arm_fk" FOREIGN KEY ("item_id","arm") REFERENCES "public"."item_arms"("item_id","arm") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refused_labels" ADD CONSTRAINT "refused_labels_assignment_id_assignments_id_fk" FOREIGN KEY ("assignment_id") REFERENCES "public"."assignments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refused_labels" ADD CONSTRAINT "refused_labels_note_hash_texts_hash_fk" FOREIGN KEY ("note_hash") REFERENCES "public"."texts"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "measurement_items" ADD CONSTRAINT "measurement_items_measurement_id_measurements_id_fk" FOREIGN KEY ("measurement_id") REFERENCES "public"."measurements"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "measurement_items" ADD CONSTRAINT "measurement_items_item_id_items_id_fk" FOREIGN KEY ("item_id") REFERENCES "public"."items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "measurements" ADD CONSTRAINT "measurements_round_id_rounds_id_fk" FOREIGN KEY ("round_id") REFERENCES "public"."rounds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "labellers" ADD CONSTRAINT "labellers_id_people_id_fk" FOREIGN KEY ("id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "person_roles" ADD CONSTRAINT "person_roles_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prompts" ADD CONSTRAINT "prompts_set_hash_prompt_sets_hash_fk" FOREIGN KEY ("set_hash") REFERENCES "public"."prompt_sets"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prompts" ADD CONSTRAINT "prompts_messages_hash_texts_hash_fk" FOREIGN KEY ("messages_hash") REFERENCES "public"."texts"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "items" ADD CONSTRAINT "items_round_id_rounds_id_fk" FOREIGN KEY ("round_id") REFERENCES "public"."rounds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "items" ADD CONSTRAINT "items_prompt_id_prompts_id_fk" FOREIGN KEY ("prompt_id") REFERENCES "public"."prompts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "items" ADD CONSTRAINT "items_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "items" ADD CONSTRAINT "items_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "items" ADD CONSTRAINT "items_completion_hash_texts_hash_fk" FOREIGN KEY ("completion_hash") REFERENCES "public"."texts"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "items" ADD CONSTRAINT "items_round_id_shard_shards_round_id_shard_fk" FOREIGN KEY ("round_id","shard") REFERENCES "public"."shards"("round_id","shard") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "round_counters" ADD CONSTRAINT "round_counters_round_id_rounds_id_fk" FOREIGN KEY ("round_id") REFERENCES "public"."rounds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rounds" ADD CONSTRAINT "rounds_prompt_set_hash_prompt_sets_hash_fk" FOREIGN KEY ("prompt_set_hash") REFERENCES "public"."prompt_sets"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rounds" ADD CONSTRAINT "rounds_started_by_people_id_fk" FOREIGN KEY ("started_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shards" ADD CONSTRAINT "shards_round_id_rounds_id_fk" FOREIGN KEY ("round_id") REFERENCES "public"."rounds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "generation_calls_paid_once" ON "generation_calls" USING btree ("item_id") WHERE outcome = 'completed';--> statement-breakpoint
CREATE INDEX "generation_calls_round" ON "generation_calls" USING btree ("round_id","account_id");--> statement-breakpoint
CREATE UNIQUE INDEX "assignments_once" ON "assignments" USING btree ("item_id","arm","labeller_id") WHERE state in ('leased', 'submitted');--> statement-breakpoint
CREATE UNIQUE INDEX "assignments_one_per_prompt" ON "assignments" USING btree ("round_id","labeller_id","prompt_id") WHERE one_per_prompt and state in ('leased', 'submitted');--> statement-breakpoint
CREATE INDEX "assignments_labeller" ON "assignments" USING btree ("round_id","labeller_id","prompt_id");--> statement-breakpoint
CREATE INDEX "assignments_item" ON "assignments" USING btree ("item_id");--> statement-breakpoint
CREATE INDEX "assignments_leased" ON "assignments" USING btree ("expires_at") WHERE state = 'leased';--> statement-breakpoint
CREATE INDEX "assignments_live" ON "assignments" USING btree ("round_id","labeller_id") WHERE state = 'leased';--> statement-breakpoint
CREATE INDEX "item_arms_free" ON "item_arms" USING btree ("round_id","arm","item_id") WHERE taken < slots;--> statement-breakpoint
CREATE UNIQUE INDEX "labels_counted" ON "labels" USING btree ("item_id","arm","labeller_id") WHERE withdrawn_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "labels_one_per_assignment" ON "labels" USING btree ("assignment_id") WHERE withdrawn_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "labels_idempotency" ON "labels" USING btree ("labeller_id","idempotency_key");--> statement-breakpoint
CREATE INDEX "labels_round" ON "labels" USING btree ("round_id","submitted_at");--> statement-breakpoint
CREATE INDEX "outbox_ready" ON "outbox" USING btree ("id") WHERE parked_at is null;--> statement-breakpoint
CREATE INDEX "outbox_target" ON "outbox" USING btree ("round_id","shard");--> statement-breakpoint
CREATE INDEX "audit_round" ON "audit" USING btree ("round_id","id");--> statement-breakpoint
CREATE INDEX "tokens_person" ON "tokens" USING btree ("person_id");--> statement-breakpoint
CREATE INDEX "items_shard" ON "items" USING btree ("round_id","shard","position");--> statement-breakpoint
CREATE INDEX "items_unfinished" ON "items" USING btree ("round_id","state") WHERE state in ('pending', 'generated', 'open');--> statement-breakpoint
CREATE INDEX "items_touched" ON "items" USING btree ("round_id","shard","id") WHERE touched;--> statement-breakpoint
CREATE INDEX "rounds_created" ON "rounds" USING btree ("created_at");