import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describeForm, type FormDescription } from '../../domain/forms';
import { hashManual, type Manual, vocabularyOf } from '../../domain/manual';
import { ProblemsError } from '../../domain/problems';
import { readManual } from '../../scripts/intake/manual';
import {
  brokenFiles,
  changed,
  type Files,
  folderOf,
  made,
  many,
  problemsOf,
  read,
  root,
  SOUND,
  told,
  workInOwnFolder,
} from './manualFolder';

const STARTER = path.join(__dirname, '../../manuals/starter');

workInOwnFolder();

describe('a sound folder', () => {
  test('is read as one value: clauses in the order in which they hold, then by file name', () => {
    const { manual, notices } = read({
      'clauses/10-late.md': '---\nid: late\npart: general\ntitle: Late\n---\nx\n',
      'clauses/90-more.md': '---\nid: more-harm\npart: prohibited\ntitle: More\n---\nx\n',
    });
    expect(notices).toEqual([]);
    expect(manual).toMatchObject({ name: 'small', title: 'A small manual', form: 'obvious-misalignment' });
    expect(manual.task).toBe('Judge it.\n\nPlainly.');
    expect(manual.clauses.map(({ id }) => id)).toEqual(['no-harm', 'more-harm', 'evident-wish', 'late', 'no-taste']);
    expect(manual.entries[0]).toEqual({
      id: 'right-language',
      kinds: ['degenerate', 'instruction'],
      title: 'The language asked for',
      text: 'Of the user.',
    });
    expect(manual.examples).toEqual([
      {
        id: 'fine',
        title: 'Nothing wrong',
        messages: [{ role: 'user', content: 'Say hello.\n---\nNow.\n' }],
        completion: 'Hello',
        answers: { forbidden: 'no', intent: 'met', faults: [] },
        text: 'It did as asked.',
      },
      expect.objectContaining({
        id: 'wrong-language',
        messages: [
          { role: 'system', content: 'Answer in German.' },
          { role: 'user', content: 'Say hello.' },
        ],
        answers: expect.objectContaining({
          faults: [{ kind: 'degenerate', entry: 'right-language', difficulty: 'ordinary', wish: 'plain' }],
        }),
      }),
    ]);
  });

  test('says the same with Windows line ends and byte order marks, whatever the files are called', () => {
    const other = Object.entries(SOUND).map(([name, text]) => [name, `\ufeff${text.replaceAll('\n', '\r\n')}`]);
    expect(hashManual(readManual(folderOf({}, Object.fromEntries(other))).manual)).toBe(hashManual(read().manual));
  });

  test('may be of form verdict, and then has its answers by that form and needs neither clauses nor entries', () => {
    const { manual, notices } = readManual(
      folderOf(
        {},
        {
          'manual.md': '---\nname: pilot\ntitle: Pilot\nform: verdict\n---\nJudge.\n',
          'examples/a.md':
            '---\nid: a\ntitle: A\nprompt: Hi\ncompletion: Bye\nanswers: {verdict: misaligned, reason: rude}\n---\nRude.\n',
        },
      ),
    );
    expect(manual.examples[0]?.answers).toEqual({ verdict: 'misaligned', reason: 'rude' });
    expect(notices).toEqual([]);
  });

  test('is made well-formed, so that it can be stored', () => {
    const { manual } = read({
      'clauses/40-harm.md': '---\nid: no-harm\npart: prohibited\ntitle: No harm\n---\nA\u0000B\n',
      ...changed('examples/01-fine.md', 'completion: Hello', 'completion: "a\\0b\\ud800"'),
    });
    expect(manual.clauses[0]?.text).toBe('A␀B');
    expect(manual.examples[0]?.completion).toBe('a␀b\ufffd');
  });

  test('may hold other things, which are left alone; what looks misplaced is told', () => {
    const { notices } = read({
      'README.md': 'about',
      'capability.yaml': 'anything',
      '.git/config.md': 'x',
      'clauses/.draft.md': 'x',
      'clauses/README.md': 'x',
      'pictures/a.png': 'x',
      'clause/50-extra.md': 'x',
      'notes/old.md': 'x',
      'task.md': 'x',
      'entries/more.txt': 'x',
      'examples/hard/a.md': 'x',
    });
    const here = `m${made}`;
    expect(notices).toEqual([
      `${here}/clause/ is not read: did you mean clauses/?`,
      `${here}/notes/ is not read: a manual's files are manual.md and those in clauses, entries, examples`,
      `${here}/task.md is not read: a manual's files are manual.md and those in clauses, entries, examples`,
      `${here}/entries/more.txt is not read: only files that end in .md are`,
      `${here}/examples/hard/ is not read: put its files into examples/ itself`,
    ]);
  });
});

describe('what labellers will miss is told and not refused', () => {
  test('a kind of fault without an entry', () => {
    expect(read(changed('entries/rest.md', 'loophole, low-quality, ', '')).notices).toEqual([
      'small has no entry for loophole, low-quality: a fault of such a kind stays open',
    ]);
  });

  test('a manual that prohibits nothing, or has no entries at all', () => {
    const without = { 'entries/language.md': null, 'entries/rest.md': null, 'examples/02-language.md': null };
    expect(read({ 'clauses/40-harm.md': null }).notices).toEqual([expect.stringContaining('prohibits nothing')]);
    expect(read(without).notices).toEqual([expect.stringContaining('has no capability entries')]);
    expect(read({ ...without, 'clauses/40-harm.md': null }).notices).toHaveLength(2);
  });
});

describe('what is wrong with a folder', () => {
  test('is all told at once, file by file, each with line, column and field', () => {
    expect(
      told({
        ...changed('manual.md', 'form: obvious-misalignment', 'fom: obvious-misalignment'),
        ...changed('clauses/20-wish.md', 'part: intent', 'part: intents'),
        'clauses/30-scale.md': '---\nid: No Taste\npart: general\ntitle: x\n---\n',
        ...changed('entries/rest.md', '[forbidden, ', '[forbiden, '),
        ...changed('examples/01-fine.md', 'prompt: |', 'promt: |'),
        'examples/02-language.md': '---\nid: "x',
      }),
    ).toEqual([
      'manual.md:2:1 form: is missing; must be obvious-misalignment or verdict',
      'manual.md:4:1 fom: unknown setting; did you mean form?',
      expect.stringContaining('clauses/20-wish.md:3:7 part: must be prohibited or intent or general; did you mean'),
      expect.stringContaining('clauses/30-scale.md:2:5 id: must be lower-case words'),
      'clauses/30-scale.md:5:1: there is no text after the front matter; write it below this line',
      expect.stringMatching(/^entries\/rest\.md:3:9 kinds\[0\]: must be .*; did you mean forbidden\?$/),
      expect.stringContaining('examples/01-fine.md:2:1 prompt: is missing; write'),
      'examples/01-fine.md:4:1 promt: unknown setting; did you mean prompt?',
      expect.stringContaining('examples/02-language.md:1:1: the front matter that begins here is not closed'),
    ]);
  });

  test.each<[string, Files, string]>([
    [
      'a manual without its form',
      changed('manual.md', 'form: obvious-misalignment\n', ''),
      'manual.md:2:1 form: is missing; must be obvious-misalignment or verdict',
    ],
    ['a form that there is not', changed('manual.md', 'form: obvious', 'form: obvius'), 'manual.md:4:7 form: must be'],
    ['a name with spaces', changed('manual.md', 'name: small', 'name: Small one'), 'manual.md:2:7 name: must be'],
    ['a number for a name', changed('manual.md', 'name: small', 'name: 12'), 'manual.md:2:7 name: must be'],
    ['a manual without a task', changed('manual.md', /---\n\n.*/s, '---\n \n'), 'manual.md:5:1: there is no text'],
    ['no front matter', { 'manual.md': '# Manual\n' }, 'manual.md:1:1: does not begin with front matter'],
    ['an empty file', { 'clauses/a.md': '' }, 'clauses/a.md:1:1: does not begin with front matter'],
    ['empty front matter', { 'clauses/a.md': '---\n---\nx' }, 'clauses/a.md:2:1 id: is missing'],
    ['front matter that is a list', { 'clauses/a.md': '---\n- a\n---\nx' }, 'clauses/a.md:2:1: must be a group'],
    ['front matter with a tab', { 'clauses/a.md': '---\nid:\n\tx\n---\nx' }, 'clauses/a.md:3:1: a tab stands'],
    ['a key that stands twice', { 'clauses/a.md': '---\nid: a\nid: b\n---\nx' }, 'clauses/a.md:3:1: this key stands'],
    [
      'a title on two lines',
      changed('clauses/20-wish.md', 'title: The evident wish', 'title: "a\\nb"'),
      'clauses/20-wish.md:4:8 title: must be a name of 1 to 120 characters on one line',
    ],
    [
      'the id of two clauses',
      changed('clauses/40-harm.md', 'id: no-harm', 'id: evident-wish'),
      'clauses/40-harm.md:2:5 id: evident-wish is the id of clauses/20-wish.md:2:5 too; give one of them another',
    ],
    [
      'the id of two entries',
      changed('entries/rest.md', 'id: the-rest', 'id: right-language'),
      'entries/rest.md:2:5 id: right-language is the id of entries/language.md:2:5 too',
    ],
    [
      'the id of two examples',
      changed('examples/02-language.md', 'id: wrong-language', 'id: fine'),
      'examples/02-language.md:2:5 id: fine is the id of examples/01-fine.md:2:5 too',
    ],
    [
      'an entry that is kept for tables',
      changed('entries/rest.md', 'id: the-rest', 'id: tells-what-is-wanted'),
      'entries/rest.md:2:5 id: tells-what-is-wanted is kept for capability tables',
    ],
    [
      'an entry without kinds',
      changed('entries/rest.md', /kinds: .*/, 'kinds: []'),
      'entries/rest.md:3:8 kinds: must be a list of 1 to 7 entries',
    ],
    [
      'an example that cites an entry that the manual lacks',
      changed('examples/02-language.md', 'entry: right-language', 'entry: right-langage'),
      'examples/02-language.md:12:33 answers.faults[0].entry: this manual has no such entry; for degenerate there is right-language',
    ],
    [
      'an example that cites an entry for another kind',
      changed('examples/02-language.md', 'entry: right-language', 'entry: the-rest'),
      'examples/02-language.md:12:33 answers.faults[0].entry: is no entry for degenerate',
    ],
    [
      'an example that cites a clause that forbids nothing',
      changed(
        'examples/01-fine.md',
        '{forbidden: no, intent: met, faults: []}',
        '{forbidden: "yes", clause: no-taste, intent: met, faults: []}',
      ),
      'examples/01-fine.md:9:37 answers.clause: this manual has no such clause; what forbids is no-harm',
    ],
    [
      'an example whose answers contradict each other',
      changed('examples/01-fine.md', 'intent: met', 'intent: fault'),
      'examples/01-fine.md:9:49 answers.faults: intent: fault takes at least one fault',
    ],
    [
      'an example answered by another form',
      changed('examples/01-fine.md', '{forbidden: no, intent: met, faults: []}', '{verdict: aligned}'),
      'examples/01-fine.md:9:20 answers.verdict: this form does not ask for it',
    ],
    [
      'an example without answers',
      changed('examples/01-fine.md', /answers.*\n/, ''),
      'examples/01-fine.md:2:1 answers: is missing',
    ],
    [
      'an example without a completion',
      changed('examples/01-fine.md', 'completion: Hello\n', ''),
      'examples/01-fine.md:2:1 completion: is missing',
    ],
    [
      'an example with two prompts',
      changed('examples/02-language.md', 'completion:', 'prompt: Hi\ncompletion:'),
      'examples/02-language.md:4:1 messages: stands beside prompt; leave one of them',
    ],
    [
      'an example whose messages end with the system',
      changed('examples/02-language.md', '  - {role: user, content: Say hello.}\n', ''),
      'examples/02-language.md:5:12 messages[0].role: is system, but the last message must be',
    ],
    [
      'an example whose anchor holds itself',
      changed('examples/01-fine.md', /prompt: \|\n(?: {2}.*\n)*/, 'messages: &a [*a]\n'),
      'examples/01-fine.md:4:14 messages: refers to itself',
    ],
    ['a file that is not UTF-8', { 'clauses/a.md': Buffer.from([0x2d, 0xe9]) }, 'clauses/a.md: is not UTF-8 text'],
    ['a file that is too large', { 'clauses/a.md': 'x'.repeat(1024 * 1024 + 1) }, 'clauses/a.md: is larger than 1 MB'],
    ['a missing manual.md', { 'manual.md': null }, 'manual.md: there is no such file'],
    ['a manual.md by another name', { 'manual.md': null, 'Manual.MD': 'x' }, 'did you mean Manual.MD?'],
  ])('%s is told', (_, changes, expected) => {
    expect(told(changes).join('\n')).toContain(expected);
  });

  test('is too much for single keys: more than 35 clauses that prohibit, or entries for one kind', () => {
    const { manual } = read(many(35));
    const keysOf = (form: FormDescription) =>
      form.questions.flatMap(({ answers, each }) => [answers, ...(each ?? []).map((one) => one.answers)]).flat();
    const keys = (words: Manual) =>
      keysOf(describeForm(words.form, vocabularyOf(words))).map((answer) => answer?.key ?? '');
    expect(keys(manual).every((key) => key.length <= 1)).toBe(true);
    const [clause] = manual.clauses;
    const more = { ...manual, clauses: [...manual.clauses, ...(clause ? [clause] : [])] };
    expect(keys(more).some((key) => key.length > 1)).toBe(true);
    expect(told(many(36))).toEqual([
      'clauses: has 36 clauses of the part prohibited, and there are keys for 35 at most; join those that labellers would confuse',
      'entries: has 36 entries for loophole, and there are keys for 35 at most; join those that labellers would confuse',
    ]);
    expect(
      readManual(
        folderOf({
          ...many(36),
          ...changed('manual.md', /form: .*/, 'form: verdict'),
          'examples/01-fine.md': null,
          'examples/02-language.md': null,
        }),
      ).notices,
    ).toEqual([]);
  });

  test('is only what is wrong: an example is not accused for the entry whose own file is broken', () => {
    expect(told(changed('entries/language.md', 'title:', 'titl:'))).toEqual([
      expect.stringContaining('entries/language.md:2:1 title: is missing'),
      'entries/language.md:4:1 titl: unknown setting; did you mean title?',
    ]);
    expect(told({ 'entries/language.md': 'x' })).toEqual([expect.stringContaining('entries/language.md:1:1')]);
  });

  test('may be the folder itself: not there, a file, not to be read, too full', () => {
    const file = path.join(folderOf(), 'manual.md');
    expect(problemsOf('nowhere')).toMatchObject([{ at: 'nowhere', message: 'there is no such folder' }]);
    expect(problemsOf(file)).toMatchObject([{ message: 'is a file, not a folder' }]);
    const mixed = folderOf({}, { 'manual.md': SOUND['manual.md'], clauses: 'x' });
    expect(problemsOf(mixed)).toMatchObject([{ at: `m${made}/clauses`, message: 'is a file, not a folder' }]);
    const full = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`entries/${i}.md`, 'x']));
    expect(problemsOf(folderOf(full, { 'manual.md': SOUND['manual.md'] }))).toMatchObject([
      { message: 'has 501 files; a manual has at most 500' },
    ]);
    const closed = folderOf();
    chmodSync(path.join(closed, 'clauses'), 0);
    if (process.getuid?.() !== 0)
      expect(problemsOf(closed)).toMatchObject([{ message: 'may not be read by this user' }]);
    chmodSync(path.join(closed, 'clauses'), 0o755);
    symlinkSync(path.join(root, 'nothing'), path.join(closed, 'clauses/gone.md'));
    expect(problemsOf(closed)).toMatchObject([{ message: 'there is no such file' }]);
  });
});

test('no files make the reader throw anything but its own error', () => {
  const dir = folderOf();
  fc.assert(
    fc.property(brokenFiles, (changes) => {
      for (const [name, text] of Object.entries(changes)) writeFileSync(path.join(dir, name), text);
      try {
        hashManual(readManual(dir).manual);
      } catch (error) {
        if (!(error instanceof ProblemsError)) throw error;
      } finally {
        for (const name of Object.keys(changes)) writeFileSync(path.join(dir, name), SOUND[name as keyof typeof SOUND]);
      }
    }),
    { numRuns: 600 },
  );
});

test('the starter manual is sound, and lacks no entry', () => {
  expect(readManual(STARTER)).toMatchObject({ manual: { name: 'starter', form: 'obvious-misalignment' }, notices: [] });
});
