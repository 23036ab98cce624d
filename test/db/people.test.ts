import { sql } from 'drizzle-orm';
import { failureCode } from '../../db/failures';
import {
  addPerson,
  addToken,
  changeLabeller,
  eligibleLabellers,
  findPerson,
  inviteLabeller,
  listLabellers,
  listPeople,
  PeopleError,
  personOfToken,
  removePerson,
  revokeTokens,
} from '../../db/people';
import type { PersonId } from '../../domain/ids';
import { createTestDatabase, type TestDatabase } from '../setup/database';

let here: TestDatabase;
beforeAll(async () => {
  here = await createTestDatabase();
});
afterAll(() => here.drop());

const invite = (name: string, groups: string[] = [], holds: string[] = []) =>
  inviteLabeller(here.db, { name, kind: 'human', groups, holds });

test('a person is added once by name, and gathers roles', async () => {
  const first = await addPerson(here.db, { name: 'Olga', roles: ['operator'] });
  expect(first).toEqual({ id: expect.stringMatching(/^p_[0-9a-hjkmnp-tv-z]{12}$/), added: true });
  const again = await addPerson(here.db, { name: ' Olga ', roles: ['researcher', 'operator'] });
  expect(again).toEqual({ id: first.id, added: false });
  const olga = { id: first.id, name: 'Olga', roles: ['operator', 'researcher'], removedAt: null };
  expect(await findPerson(here.db, 'Olga')).toMatchObject(olga);
  expect(await findPerson(here.db, first.id)).toMatchObject(olga);
  expect(await listPeople(here.db)).toMatchObject([olga]);
  expect(await findPerson(here.db, 'Nobody\u0000')).toBeUndefined();
});

test('many who add the same name at once make one person', async () => {
  const added = await Promise.all(
    Array.from({ length: 8 }, () => addPerson(here.db, { name: 'Paul', roles: ['labeller'] })),
  );
  expect(new Set(added.map(({ id }) => id)).size).toBe(1);
  expect(added.filter((each) => each.added)).toHaveLength(1);
});

test('a token is stored by its hash only, and is good until it is revoked', async () => {
  const { id } = await addPerson(here.db, { name: 'Quinn', roles: ['researcher'] });
  const tokens = [await addToken(here.db, id), await addToken(here.db, id)];
  for (const token of tokens) {
    expect(token).toMatch(/^plt_[A-Za-z0-9_-]{43}$/);
    expect(await personOfToken(here.db, token)).toMatchObject({ id, roles: ['researcher'] });
  }
  const stored = await here.db.execute(sql`select * from tokens where person_id = ${id}`);
  expect(JSON.stringify(stored)).not.toContain(tokens[0]);
  expect(await revokeTokens(here.db, id)).toBe(2);
  expect(await revokeTokens(here.db, id)).toBe(0);
  for (const token of tokens) expect(await personOfToken(here.db, token)).toBeUndefined();
});

test('a removed person signs in no more, and the name is not given again', async () => {
  const { labellerId, token } = await invite('Rosa');
  expect((await removePerson(here.db, labellerId)).changed).toBe(true);
  const again = await removePerson(here.db, labellerId);
  expect(again).toEqual({ changed: false, removedAt: expect.any(Date) });
  expect(await personOfToken(here.db, token)).toBeUndefined();
  await expect(addPerson(here.db, { name: 'Rosa', roles: [] })).rejects.toMatchObject({ kind: 'removed-person' });
  await expect(addToken(here.db, labellerId)).rejects.toMatchObject({ kind: 'removed-person' });
  await expect(invite('Rosa')).rejects.toMatchObject({ kind: 'removed-person' });
});

test('nobody is no person', async () => {
  const nobody = 'p_nobody' as PersonId;
  await expect(removePerson(here.db, nobody)).rejects.toMatchObject({ kind: 'unknown-person' });
  await expect(addToken(here.db, nobody)).rejects.toThrow(PeopleError);
  await expect(changeLabeller(here.db, nobody, { holds: [] })).rejects.toMatchObject({ kind: 'unknown-person' });
  await expect(addPerson(here.db, { name: ' ', roles: [] })).rejects.toMatchObject({ kind: 'no-name' });
});

test('a labeller invited again has new groups and requirements, and one more token', async () => {
  const first = await invite('Sam', ['b', 'a', 'b']);
  const second = await invite('Sam', ['a'], ['lang:de']);
  expect(second.labellerId).toBe(first.labellerId);
  const sam = (await listLabellers(here.db)).find((labeller) => labeller.name === 'Sam');
  expect(sam).toEqual({
    id: first.labellerId,
    name: 'Sam',
    kind: 'human',
    groups: ['a'],
    holds: ['lang:de'],
    removedAt: null,
    suspended: null,
    terms: null,
  });
  for (const { token } of [first, second]) {
    expect(await personOfToken(here.db, token)).toMatchObject({ id: first.labellerId, roles: ['labeller'] });
  }
  const machine = inviteLabeller(here.db, { name: 'Sam', kind: 'simulated', groups: [], holds: [] });
  await expect(machine).rejects.toMatchObject({ kind: 'other-kind' });
});

test('labellers who could take part are found by group, without the removed, and the simulated for simulated models only', async () => {
  const eligible = async (groups: string[], simulated = false) =>
    (await eligibleLabellers(here.db, { groups, simulated })).map(({ name }) => name);
  await invite('Tom', ['doctors']);
  await invite('Uma', ['doctors', 'lawyers']);
  const { labellerId } = await invite('Vic', ['lawyers']);
  await inviteLabeller(here.db, { name: 'Wim (simulated)', kind: 'simulated', groups: ['doctors'], holds: [] });
  const all = await eligible([]);
  expect(all).not.toContain('Wim (simulated)');
  expect(await eligible([], true)).toEqual([...all, 'Wim (simulated)'].sort());
  expect(await eligible(['doctors'])).toEqual(['Tom', 'Uma']);
  expect(await eligible(['doctors'], true)).toEqual(['Tom', 'Uma', 'Wim (simulated)']);
  expect(await eligible(['doctors', 'lawyers'])).toEqual(['Tom', 'Uma', 'Vic']);
  expect(await eligible(['bakers'])).toEqual([]);
  await removePerson(here.db, labellerId);
  expect(await eligible(['lawyers'])).toEqual(['Uma']);
  expect(await eligible([])).toEqual(all.filter((name) => name !== 'Vic'));
});

test('two people of one name, or a role that is none, are refused by the database', async () => {
  const insert = here.db.execute(sql`insert into people (id, name) values ('p_other', 'Olga')`);
  expect(
    failureCode(
      await insert.then(
        () => undefined,
        (error: unknown) => error,
      ),
    ),
  ).toBe('23505');
  const role = here.db.execute(sql`insert into person_roles (person_id, role) select id, 'king' from people limit 1`);
  expect(
    failureCode(
      await role.then(
        () => undefined,
        (error: unknown) => error,
      ),
    ),
  ).toBe('23514');
});
