import { prepareEnvironment } from '../../scripts/environment';
import { buildProgram } from '../../scripts/program';
import { environmentFor, programOf, SITE } from '../../scripts/supervisor/programs';

const NAME = 'PLUMBLINE_NO_EXAMPLES';
afterEach(() => {
  delete process.env[NAME];
});

test.each([
  ['0', true],
  ['no', true],
  ['', true],
  ['1', false],
  ['yes', false],
])('with PLUMBLINE_NO_EXAMPLES=%p whether the report has examples is %p', async (value, examples) => {
  process.env[NAME] = value;
  prepareEnvironment();
  const command = buildProgram('test').commands.find((each) => each.name() === 'report');
  if (!command) throw new Error('no report');
  let given: unknown;
  command.action(() => {
    given = command.getOptionValue('examples');
  });
  await command.parseAsync(['latest'], { from: 'user' });
  expect(given).toBe(examples);
});

test('what is said of a report’s examples is not meant for the processes that are started', () => {
  process.env[NAME] = '1';
  expect(environmentFor(programOf(SITE), {})).not.toHaveProperty(NAME);
});
