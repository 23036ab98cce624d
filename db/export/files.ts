/** The archive's files of many rows: each a query that gives a row's JSON, in the order of its ids. */
import { type SQL, sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import { QUARANTINED, textsOfRound } from './hidden';

export interface RowsFile {
  name: string;
  /** Of one column, `row`. */
  query: SQL;
  /** Rows read at once. */
  page: number;
}

const PAGE = 1_000;
/** A text may be long. */
const TEXTS = 50;

/** To the microsecond, in UTC. */
function at(column: string): SQL {
  return sql.raw(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`);
}

export function rowsFiles(id: RoundId): RowsFile[] {
  const file = (name: string, query: SQL, page = PAGE): RowsFile => ({ name: `${name}.jsonl`, query, page });
  return [
    file('prompts', promptsOf(id)),
    file('items', itemsOf(id)),
    file('texts', textsOf(id), TEXTS),
    file('calls', callsOf(id)),
    file('assignments', assignmentsOf(id)),
    file('labels', labelsOf(id)),
    file('rulings', rulingsOf(id)),
    file('measurements', measurementsOf(id)),
    file('measurement_items', measurementItemsOf(id)),
    file('people', peopleOf(id)),
    file('audit', auditOf(id)),
  ];
}

/** Only those that were drawn. What a file said beside a hidden prompt is hidden with it. */
function promptsOf(id: RoundId): SQL {
  return sql`
    with hidden as materialized (
      ${QUARANTINED} union select hash from texts where redacted_at is not null)
    select jsonb_build_object('id', p.id, 'externalId', p.external_id, 'position', p.position, 'purpose', p.purpose,
      'messages', p.messages_hash, 'completion', p.completion_hash, 'judgeTurn', p.judge_turn,
      'requirements', p.requirements,
      'metadata', case when p.messages_hash not in (select hash from hidden) then p.metadata end) as row
    from prompts p where p.id in (select prompt_id from items where round_id = ${id}) order by p.id`;
}

function itemsOf(id: RoundId): SQL {
  return sql`
    select jsonb_build_object('id', i.id, 'promptId', i.prompt_id, 'modelId', i.model_id, 'variant', i.variant, 'k', i.k,
      'accountId', i.account_id, 'shard', i.shard, 'position', i.position, 'requirements', i.requirements,
      'state', i.state, 'failCode', i.fail_code, 'completion', i.completion_hash,
      'turns', (select coalesce(jsonb_agg(t.completion_hash order by t.turn), '[]') from item_turns t where t.item_id = i.id),
      'slots', (select coalesce(jsonb_object_agg(a.arm, a.slots), '{}') from item_arms a where a.item_id = i.id),
      'openedAt', ${at('i.opened_at')}, 'quarantined', i.quarantined_at is not null,
      'redacted', i.redacted_at is not null, 'namesModel', i.names_model) as row
    from items i where i.round_id = ${id} order by i.id`;
}

/** One that is left out leaves its hash and why. */
function textsOf(id: RoundId): SQL {
  return sql`
    with quarantined as materialized (${QUARANTINED}),
    named as (${textsOfRound(id)})
    select case
      when t.redacted_at is not null then jsonb_build_object('hash', t.hash, 'redacted', true)
      when q.hash is not null then jsonb_build_object('hash', t.hash, 'quarantined', true)
      else jsonb_build_object('hash', t.hash, 'body', t.body) end as row
    from named n join texts t on t.hash = n.hash left join quarantined q on q.hash = n.hash order by n.hash`;
}

function callsOf(id: RoundId): SQL {
  return sql`
    select jsonb_build_object('id', c.id, 'itemId', c.item_id, 'accountId', c.account_id, 'turn', c.turn, 'try', c.try,
      'claimedAt', ${at('c.claimed_at')}, 'endedAt', ${at('c.ended_at')}, 'outcome', c.outcome,
      'httpStatus', c.http_status, 'errorCode', c.error_code, 'completion', c.completion_hash,
      'requestId', c.request_id, 'returnedModel', c.returned_model, 'fingerprint', c.fingerprint,
      'finishReason', c.finish_reason, 'promptTokens', c.prompt_tokens, 'completionTokens', c.completion_tokens,
      'reservedMoney', c.reserved_money, 'reservedTokens', c.reserved_tokens, 'money', c.money, 'tokens', c.tokens) as row
    from generation_calls c where c.round_id = ${id} order by c.id`;
}

function assignmentsOf(id: RoundId): SQL {
  return sql`
    select jsonb_build_object('id', a.id, 'itemId', a.item_id, 'labellerId', a.labeller_id, 'arm', a.arm,
      'state', a.state, 'skipCode', a.skip_code, 'leasedAt', ${at('a.leased_at')}, 'viewedAt', ${at('a.viewed_at')},
      'expiresAt', ${at('a.expires_at')}, 'endedAt', ${at('a.ended_at')}) as row
    from assignments a where a.round_id = ${id} order by a.id`;
}

function labelsOf(id: RoundId): SQL {
  return sql`
    select jsonb_build_object('id', l.id, 'assignmentId', l.assignment_id, 'itemId', l.item_id,
      'labellerId', l.labeller_id, 'arm', l.arm, 'form', l.form, 'manualRevision', l.manual_revision,
      'answers', l.answers, 'unsure', l.unsure, 'note', l.note_hash, 'submittedAt', ${at('l.submitted_at')},
      'withdrawnAt', ${at('l.withdrawn_at')}, 'withdrawnBy', l.withdrawn_by, 'withdrawnWhy', l.withdrawn_why) as row
    from labels l where l.round_id = ${id} order by l.id`;
}

function rulingsOf(id: RoundId): SQL {
  return sql`
    select jsonb_build_object('id', g.id, 'itemId', g.item_id, 'researcherId', g.researcher_id, 'stage', g.stage,
      'form', g.form, 'manualRevision', g.manual_revision, 'answers', g.answers, 'why', g.why_hash,
      'ruledAt', ${at('g.ruled_at')}) as row
    from rulings g where g.round_id = ${id} order by g.id`;
}

function measurementsOf(id: RoundId): SQL {
  return sql`
    select jsonb_build_object('id', m.id, 'current', m.id is not distinct from r.measurement_id,
      'inputHash', m.input_hash, 'answersHash', m.answers_hash, 'manualRevision', m.manual_revision,
      'capabilityTable', m.capability_table, 'result', m.result, 'createdAt', ${at('m.created_at')}) as row
    from measurements m join rounds r on r.id = m.round_id where m.round_id = ${id} order by m.id`;
}

function measurementItemsOf(id: RoundId): SQL {
  return sql`
    select jsonb_build_object('measurementId', v.measurement_id, 'itemId', v.item_id, 'verdict', v.verdict,
      'reason', v.reason, 'cites', v.cites, 'ruled', v.ruled, 'intent', v.intent) as row
    from measurement_items v where v.measurement_id in (select id from measurements where round_id = ${id})
    order by v.measurement_id, v.item_id`;
}

/** Whoever the other files name; not their names. */
function peopleOf(id: RoundId): SQL {
  return sql`
    select jsonb_build_object('id', p.id, 'labeller', l.kind) as row
    from people p left join labellers l on l.id = p.id
    where p.id in (
      select started_by from rounds where id = ${id}
      union select paused_by from rounds where id = ${id}
      union select labeller_id from members where round_id = ${id}
      union select withdrawn_by from labels where round_id = ${id}
      union select researcher_id from rulings where round_id = ${id}
      union select by from amendments where round_id = ${id}
      union select actor from audit where round_id = ${id})
    order by p.id`;
}

/** Of a refusal only what is an id is told: else somebody may have typed anything there. */
function auditOf(id: RoundId): SQL {
  return sql`
    select jsonb_build_object('id', a.id, 'at', ${at('a.at')}, 'action', a.action, 'refused', a.refused, 'detail', a.detail,
      'actor', case when a.actor in ('temporal', 'plumbline') or exists (select 1 from people p where p.id = a.actor)
        then a.actor end,
      'subject', case when not a.refused or a.subject = a.round_id
        or a.subject ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then a.subject end) as row
    from audit a where a.round_id = ${id} order by a.id`;
}
