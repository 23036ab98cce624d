import fc from 'fast-check';
import {
  abilitiesOf,
  type CapabilityTable,
  type Cell,
  type CellTarget,
  cellFor,
  entriesForCells,
  hasExpired,
  hashTable,
  heldByAll,
  type ModelPattern,
  type ModelTraits,
  NOTHING_KNOWN,
  overlapsOf,
  rankOf,
} from '../../domain/capability';
import { ABILITIES, type Ability, TELLS_WHAT_IS_WANTED } from '../../domain/derivation';

const START = new Date('2026-11-21T12:00:00Z');
const small: ModelTraits = { id: 'small', family: 'oak', parameters: 7e9, regime: 'rlhf' };

const pattern = (given: Partial<ModelPattern>): CellTarget => ({
  pattern: { families: null, parameters: null, regimes: null, ...given },
});
const any = pattern({});
const sized = (from: number | null, to: number | null) => pattern({ parameters: { from, to } });

function cell(target: CellTarget, state: Ability, over: Partial<Cell> = {}): Cell {
  const evidence = [{ kind: 'opinion' as const, source: 'a researcher' }];
  return { entry: 'facts', target, state, evidence, by: 'ada', on: '2026-10-01', expires: null, ...over };
}
const table = (...cells: Cell[]): CapabilityTable => ({ manual: 'starter', cells });
const factsOf = (model: ModelTraits, ...cells: Cell[]) => abilitiesOf(model, table(...cells), START)('facts');

describe('a pattern', () => {
  test.each<[string, CellTarget, Partial<ModelTraits>, boolean]>([
    ['without any property fits all models', any, {}, true],
    [
      'without any property fits a model of which nothing is known',
      any,
      { family: null, parameters: null, regime: null },
      true,
    ],
    ['fits a model of its family', pattern({ families: ['elm', 'oak'] }), {}, true],
    ['fits no model of another family', pattern({ families: ['elm'] }), {}, false],
    ['asking for families fits no model of unknown family', pattern({ families: ['oak'] }), { family: null }, false],
    ['fits a model of its regime', pattern({ regimes: ['base', 'rlhf'] }), {}, true],
    ['fits no model of another regime', pattern({ regimes: ['base'] }), {}, false],
    ['asking for regimes fits no model of unknown regime', pattern({ regimes: ['rlhf'] }), { regime: null }, false],
    ['includes the size that it begins with', sized(7e9, null), {}, true],
    ['excludes the size that it goes to', sized(null, 7e9), {}, false],
    ['fits within its sizes', sized(1e9, 8e9), {}, true],
    ['fits no size below', sized(8e9, null), {}, false],
    ['open at both ends fits any known size', sized(null, null), {}, true],
    ['asking for size fits no model of unknown size', sized(null, null), { parameters: null }, false],
    ['fits only what has all its properties', pattern({ families: ['oak'], regimes: ['base'] }), {}, false],
  ])('%s', (_name, target, traits, fits) => {
    expect(factsOf({ ...small, ...traits }, cell(target, 'capable'))).toBe(fits ? 'capable' : 'unknown');
  });
});

describe('of several cells', () => {
  const ladder: CellTarget[] = [
    any,
    pattern({ families: ['oak'] }),
    pattern({ families: ['oak'], regimes: ['rlhf'] }),
    pattern({ families: ['oak'], regimes: ['rlhf'], parameters: { from: 1, to: null } }),
    { model: 'small' },
  ];

  test('the one holds that describes the model more closely, wherever it stands', () => {
    expect(ladder.map(rankOf)).toEqual([0, 1, 2, 3, 4]);
    ladder.slice(1).forEach((closer, i) => {
      const wider = cell(ladder[i] ?? any, 'not-capable');
      expect(factsOf(small, cell(closer, 'capable'), wider)).toBe('capable');
      expect(factsOf(small, wider, cell(closer, 'capable'))).toBe('capable');
    });
  });

  test('the later one holds where they describe it equally', () => {
    for (const target of ladder) {
      expect(factsOf(small, cell(target, 'capable'), cell(target, 'not-capable'))).toBe('not-capable');
    }
    expect(factsOf(small, cell(sized(1, null), 'capable'), cell(pattern({ regimes: ['rlhf'] }), 'not-capable'))).toBe(
      'not-capable',
    );
  });

  test('another model’s and another entry’s do not count', () => {
    expect(factsOf(small, cell({ model: 'large' }, 'capable'), cell(any, 'capable', { entry: 'length' }))).toBe(
      'unknown',
    );
  });

  test('a single unknown one makes a model unknown again', () => {
    expect(factsOf(small, cell(any, 'capable'), cell({ model: 'small' }, 'unknown', { evidence: [] }))).toBe('unknown');
  });
});

describe('a cell that expires', () => {
  const at = (moment: string, ...cells: Cell[]) => abilitiesOf(small, table(...cells), new Date(moment))('facts');
  const brief = cell(any, 'capable', { expires: '2026-11-21' });

  test.each([
    ['2026-11-20T00:00:00Z', 'capable'],
    ['2026-11-21T00:00:00Z', 'capable'],
    ['2026-11-21T23:59:59.999Z', 'capable'],
    ['2026-11-22T01:30:00+02:00', 'capable'],
    ['2026-11-22T00:00:00Z', 'unknown'],
    ['2026-11-21T23:30:00-01:00', 'unknown'],
    ['2027-01-01T00:00:00Z', 'unknown'],
  ])('on 2026-11-21 makes the ability, by a start at %s, %s', (moment, ability) => {
    expect(at(moment, brief)).toBe(ability);
    expect(hasExpired(brief, new Date(moment))).toBe(ability === 'unknown');
  });

  test('does not give way to what it stood before', () => {
    const override = cell({ model: 'small' }, 'capable', { expires: '2026-11-01' });
    expect(at('2026-11-21T00:00:00Z', cell(any, 'not-capable'), override)).toBe('unknown');
    expect(at('2026-11-21T00:00:00Z', cell(any, 'not-capable'), { ...brief, expires: '2026-11-01' })).toBe('unknown');
  });

  test('clashes with one that says the same for longer: by the later one the ability ends', () => {
    const [long, short] = [
      cell(sized(1, null), 'capable'),
      cell(pattern({ regimes: ['rlhf'] }), 'capable', { expires: '2026-11-01' }),
    ];
    expect(at('2026-11-21T00:00:00Z', long, short)).toBe('unknown');
    expect(overlapsOf(table(long, short))).toEqual([{ entry: 'facts', earlier: 0, later: 1 }]);
    expect(overlapsOf(table(long, { ...short, expires: null }))).toEqual([]);
  });

  test('does not matter where another stands before it', () => {
    expect(at('2027-01-01T00:00:00Z', cell({ model: 'small' }, 'capable'), brief)).toBe('capable');
  });
});

describe('abilities', () => {
  test('of which the table does not speak are unknown', () => {
    const abilityOf = abilitiesOf(small, table(cell(any, 'capable')), START);
    expect(['facts', 'length', 'facts', TELLS_WHAT_IS_WANTED].map(abilityOf)).toEqual([
      'capable',
      'unknown',
      'capable',
      'unknown',
    ]);
    expect(NOTHING_KNOWN('facts')).toBe('unknown');
  });

  test('are held by all where every model is capable, else unknown for all alike', () => {
    for (const a of ABILITIES) {
      for (const b of ABILITIES) {
        const held = heldByAll([() => a, () => b])('facts');
        expect(held).toBe(a === 'capable' && b === 'capable' ? 'capable' : 'unknown');
      }
    }
  });

  test('may be given for the manual’s entries and for telling what is wanted', () => {
    expect(entriesForCells([{ id: 'facts' }])).toEqual(['facts', 'tells-what-is-wanted']);
  });

  test('have another hash when a cell or their order is another', () => {
    const [a, b] = [cell(any, 'capable'), cell({ model: 'small' }, 'unknown')];
    const hashes = [table(a, b), table(b, a), table(a), table({ ...a, expires: '2027-01-01' }, b)].map(hashTable);
    expect(new Set(hashes).size).toBe(4);
    expect(hashTable(structuredClone(table(a, b)))).toBe(hashes[0]);
  });
});

describe('over a grid of models', () => {
  const [FAMILIES, REGIMES, IDS] = [
    ['oak', 'elm'],
    ['base', 'rlhf'],
    ['small', 'large'],
  ];
  const MODELS: ModelTraits[] = IDS.flatMap((id) =>
    [null, 'ash', ...FAMILIES].flatMap((family) =>
      [null, 'other', ...REGIMES].flatMap((regime) =>
        [null, 0.5, 1, 1.5, 2, 2.5, 3, 3.5].map((parameters) => ({ id, family, regime, parameters })),
      ),
    ),
  );
  /** Written apart from the code: every property that is asked for is known and among what is asked. */
  function fits({ id, family, regime, parameters }: ModelTraits, target: CellTarget): boolean {
    if ('model' in target) return id === target.model;
    const asked = target.pattern;
    if (asked.families !== null && !asked.families.some((one) => one === family)) return false;
    if (asked.regimes !== null && !asked.regimes.some((one) => one === regime)) return false;
    if (asked.parameters === null) return true;
    const { from, to } = asked.parameters;
    return parameters !== null && !(from !== null && parameters < from) && !(to !== null && parameters >= to);
  }
  const asked = (target: CellTarget) =>
    'model' in target ? 4 : Object.values(target.pattern).filter((given) => given !== null).length;

  const some = (known: string[]) => fc.option(fc.subarray(known, { minLength: 1 }));
  const size = fc.option(fc.integer({ min: 1, max: 3 }));
  const sizes = fc.tuple(size, size).filter(([from, to]) => from === null || to === null || from < to);
  const target: fc.Arbitrary<CellTarget> = fc.oneof(
    fc.constantFrom(...IDS).map((model) => ({ model })),
    fc
      .tuple(some(FAMILIES), fc.option(sizes), some(REGIMES))
      .map(([families, range, regimes]) =>
        pattern({ families, regimes, parameters: range && { from: range[0], to: range[1] } }),
      ),
  );
  const cells = fc
    .array(
      fc.tuple(
        target,
        fc.constantFrom(...ABILITIES),
        fc.constantFrom('facts', 'facts', 'length'),
        fc.constantFrom(null, null, '2026-12-31', '2027-12-31'),
      ),
      { maxLength: 8 },
    )
    .map((all) => all.map(([where, state, entry, expires]) => cell(where, state, { entry, expires })));

  test('the cell that holds is the last of those that fit most closely', () => {
    fc.assert(
      fc.property(cells, (given) => {
        for (const model of MODELS) {
          const fitting = given.filter((each) => each.entry === 'facts' && fits(model, each.target));
          const most = Math.max(...fitting.map((each) => asked(each.target)));
          expect(cellFor(model, 'facts', given)).toBe(fitting.findLast((each) => asked(each.target) === most));
        }
      }),
    );
  });

  test('overlaps are the pairs of equal rank that some model fits, of other state or known until another day', () => {
    fc.assert(
      fc.property(cells, (given) => {
        const pairs = given.flatMap((late, later) =>
          given.slice(0, later).flatMap((early, earlier) => {
            const says = ({ state, expires }: Cell) => (state === 'unknown' ? state : `${state} until ${expires}`);
            const clash =
              early.entry === late.entry && says(early) !== says(late) && asked(early.target) === asked(late.target);
            const met = clash && MODELS.some((model) => fits(model, early.target) && fits(model, late.target));
            return met ? [{ entry: late.entry, earlier, later }] : [];
          }),
        );
        expect(overlapsOf(table(...given))).toEqual(pairs);
      }),
      { numRuns: 500 },
    );
  });
});
