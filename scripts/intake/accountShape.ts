/** An account of a round's file: where its models are asked, and with what. Secrets stand in the environment, never in the file. */
import { z } from 'zod';
import { flag, group, matching, text, whole } from './kinds';

/** The account of models that name none: OPENAI_BASE_URL and OPENAI_API_KEY, as OpenAI's own clients take them. */
export const DEFAULT_ACCOUNT = 'default';
/** Calls in flight where an account does not say. */
export const DEFAULT_CONCURRENCY = 20;

const headerName = matching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'must be the name of a header, such as X-Project');
/** Authorization and Proxy-Authorization among them. */
const SECRET_HEADER = /^cookie$|key|token|secret|auth/i;

/** A header's value, or the name of the workers' variable that holds it. */
const header = z.union([text(4_000), group({ env: variable('MY_HEADER') })], {
  error: 'must be a text, or {env: NAME} for a secret',
});

const headers = z
  .record(headerName, header, { error: 'must be a group of headers, each a name, a colon and a value' })
  .superRefine((given, { addIssue }) => {
    for (const [name, value] of Object.entries(given)) {
      if (typeof value === 'string' && SECRET_HEADER.test(name))
        addIssue({ code: 'custom', path: [name], message: SECRET });
    }
  });
const SECRET =
  'by its name it holds a secret, which does not belong in this file; write {env: NAME} and set the variable NAME where the workers run';

export const account = group({
  base_url: text(2_000).optional(),
  key_env: variable('OPENAI_API_KEY').optional(),
  concurrency: whole(1, 10_000).default(DEFAULT_CONCURRENCY),
  simulated: flag().default(false),
  headers: headers.prefault({}),
  stream: flag().default(false),
});

export type AccountEntry = z.output<typeof account>;

function variable(example: string) {
  return matching(
    /^[A-Za-z_][A-Za-z0-9_]{0,99}$/,
    `must be the name of an environment variable, such as ${example}; a secret itself does not belong in this file`,
  );
}
