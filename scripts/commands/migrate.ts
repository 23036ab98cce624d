import type { Command } from 'commander';
import { connect } from '../../db/connection';
import { checkSchema, migrate, SchemaError } from '../../db/migrate';
import { findDatabase, unreachable } from '../finding';
import { addLeaf, type Call } from '../leaf';
import { count } from '../output';

export function addMigrateCommand(program: Command): void {
  addLeaf(program, {
    usage: 'migrate',
    text: 'brings the database’s schema up to date',
    examples: ['migrate', 'migrate --dry-run --json'],
    mutates: true,
    run: async (call) => {
      const { url, shown } = await findDatabase();
      try {
        return await (call.on('dryRun') ? tell(call, url, shown) : bringUpToDate(call, url, shown));
      } catch (error) {
        throw unreachable(error, shown) ?? error;
      }
    },
  });
}

async function bringUpToDate({ output }: Call, url: string, shown: string): Promise<undefined> {
  const { applied } = await migrate(url);
  const said = applied === 0 ? 'was up to date' : `took ${count(applied, 'migration')}`;
  output.record({ event: 'migrated', database: shown, applied }, `the schema of ${shown} ${said}`);
}

async function tell({ output }: Call, url: string, shown: string): Promise<undefined> {
  const { db, close } = connect(url, { max: 1, name: 'plumbline command' });
  try {
    await checkSchema(db);
    output.record({ event: 'up-to-date', database: shown }, `the schema of ${shown} is up to date`);
  } catch (error) {
    if (!(error instanceof SchemaError) || error.kind !== 'schema-older') throw error;
    output.record({ event: 'would-migrate', database: shown }, `would migrate ${shown}: ${error.message}`);
  } finally {
    await close();
  }
}
