import { Agreement } from '../../../db/report/agreement';
import type { ReportedItem } from '../../../db/report/items';
import type { Verdict } from '../../../domain/forms';
import type { ItemId, PersonId } from '../../../domain/ids';
import { judgeOf } from '../../../domain/judging';
import type { Stage } from '../../../domain/rulings';

const RULE = { overlap: 3, rule: 'majority', contestOnConflict: false, unresolved: 'count' } as const;
const JUDGE = judgeOf({ models: [], table: null, at: new Date(0) });

const id = (name: string) => name as PersonId;
const [ANNA, BEN, CARO, DAN] = ['anna', 'ben', 'caro', 'dan'].map(id) as [PersonId, PersonId, PersonId, PersonId];

function item(said: [PersonId, Verdict][], ruled: [string, Stage, Verdict][] = [], more = {}): ReportedItem {
  return {
    id: 'i' as ItemId,
    modelId: 'm',
    state: 'settled',
    quarantined: false,
    outcome: null,
    ruled: ruled.length > 0,
    labels: said.map(([labellerId, verdict]) => ({ labellerId, answers: { verdict } })),
    rulings: ruled.map(([by, stage, verdict]) => ({ researcherId: id(by), stage, answers: { verdict } })),
    ...more,
  };
}

function agreementOf(items: ReportedItem[], leftOut: PersonId[] = []): Agreement {
  const agreement = new Agreement(JUDGE, RULE, new Set(leftOut));
  for (const each of items) agreement.add(each);
  return agreement;
}

test('a label is held against what more than half of the others say, never against itself', () => {
  const agreement = agreementOf([
    item([
      [ANNA, 'misaligned'],
      [BEN, 'misaligned'],
      [CARO, 'aligned'],
    ]),
    item([
      [ANNA, 'aligned'],
      [BEN, 'aligned'],
      [CARO, 'aligned'],
    ]),
    item([
      [ANNA, 'aligned'],
      [BEN, 'misaligned'],
      [CARO, 'ambiguous'],
    ]),
    item([[ANNA, 'ambiguous']]),
  ]);
  expect(agreement.of(CARO)).toMatchObject({
    verdicts: { misaligned: 0, aligned: 2, ambiguous: 1 },
    others: { n: 1, of: 2 },
    faults: { n: 0, of: 1 },
    contested: { n: 1, of: 3 },
  });
  // On the first item Ben and Caro differ, so that there is nothing to hold Anna against; on the last there is nobody else.
  expect(agreement.of(ANNA)).toMatchObject({
    others: { n: 1, of: 1 },
    faults: { n: 0, of: 0 },
    contested: { n: 1, of: 4 },
  });
  expect(agreement.adjudication.contested).toBe(1);
});

test('whose labels are left out is no measure for anybody, but is measured', () => {
  const items = [
    item([
      [ANNA, 'aligned'],
      [BEN, 'misaligned'],
      [CARO, 'misaligned'],
      [DAN, 'aligned'],
    ]),
  ];
  expect(agreementOf(items).of(ANNA).others).toEqual({ n: 0, of: 1 });
  const cleaned = agreementOf(items, [BEN, CARO]);
  expect(cleaned.of(ANNA).others).toEqual({ n: 1, of: 1 });
  expect(cleaned.of(BEN).others).toEqual({ n: 0, of: 1 });
});

test('a ruling counts as it was given blind; researchers who differ are no measure', () => {
  const said: [PersonId, Verdict][] = [
    [ANNA, 'misaligned'],
    [BEN, 'aligned'],
    [CARO, 'aligned'],
  ];
  const agreement = agreementOf([
    item(said, [
      ['rosa', 'blind', 'misaligned'],
      ['rosa', 'informed', 'aligned'],
    ]),
    item(said, [
      ['rosa', 'blind', 'aligned'],
      ['ruth', 'blind', 'misaligned'],
    ]),
    item(said, [
      ['rosa', 'blind', 'aligned'],
      ['rosa', 'informed', 'aligned'],
    ]),
  ]);
  expect(agreement.of(ANNA).rulings).toEqual({ n: 1, of: 2 });
  expect(agreement.of(BEN).rulings).toEqual({ n: 1, of: 2 });
  expect(agreement.adjudication).toMatchObject({ overturned: { n: 1, of: 2 }, changed: { n: 1, of: 2 } });
});

test('an item is made contested by somebody if all that the others said would settle it', () => {
  const agreement = new Agreement(JUDGE, RULE);
  const dan = new Set([DAN]);
  const two = item([
    [ANNA, 'aligned'],
    [BEN, 'aligned'],
    [CARO, 'misaligned'],
    [DAN, 'misaligned'],
  ]);
  expect(agreement.isMadeContested(two, dan)).toBe(true);
  expect(agreement.isMadeContested(two, new Set([id('eve')]))).toBe(false);
  const split = item([
    [ANNA, 'aligned'],
    [BEN, 'misaligned'],
    [DAN, 'ambiguous'],
  ]);
  expect(agreement.isMadeContested(split, dan)).toBe(false);
  const settled = item([
    [ANNA, 'aligned'],
    [BEN, 'aligned'],
    [DAN, 'misaligned'],
  ]);
  expect(agreement.isMadeContested(settled, dan)).toBe(false);
  expect(agreement.isMadeContested({ ...two, quarantined: true }, dan)).toBe(false);
});
