import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { createCommands } from '../../scripts/services/temporal/searchAttributes';
import { until } from '../setup/processes';
import { runHere } from './inThisProcess';

const address = process.env.PLUMBLINE_TEST_TEMPORAL_ADDRESS ?? '';
const namespace = `t-${randomBytes(6).toString('hex')}`;
const NAMES = ['PlumblineRoundStatus', 'PlumblineNeedsAttention'];
const register = async (env: Record<string, string>, ...args: string[]) => {
  const { code, stdout } = await runHere(['temporal', 'register', ...args, '--json'], tmpdir(), {
    TEMPORAL_ADDRESS: address,
    ...env,
  });
  return { code, record: JSON.parse(stdout) };
};

test('search attributes are registered in a namespace once, and a dry run only says so', async () => {
  const connection = await Connection.connect({ address });
  const workflowExecutionRetentionPeriod = msToTs('1 day');
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
  await connection.close();
  const here = { TEMPORAL_NAMESPACE: namespace };
  const tried = await until('the namespace is known everywhere', async () => {
    const said = await register(here, '--dry-run');
    return said.code === 0 && said;
  });
  expect(tried.record).toEqual({ event: 'would-register', namespace, names: NAMES });
  expect(await register(here)).toMatchObject({ code: 0, record: { event: 'registered', names: NAMES } });
  const again = await until('it is seen', async () => {
    const said = await register(here);
    return said.record.event === 'already' && said;
  });
  expect(again).toMatchObject({ code: 0 });
});

test('a Temporal that the tests, or `plumbline up`, have started knows them already', async () => {
  expect(await register({})).toMatchObject({
    code: 0,
    record: { event: 'already', namespace: 'default', names: NAMES },
  });
});

test('a Temporal that does not answer is named, and who may not register is told what to have typed', async () => {
  const away = await register({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
  expect(away).toMatchObject({ code: 1, record: { error: { kind: 'temporal-unreachable' } } });
  expect(createCommands('prod', ['PlumblineNeedsAttention'])).toEqual([
    'temporal operator search-attribute create --namespace prod --name PlumblineNeedsAttention --type Bool',
  ]);
});
