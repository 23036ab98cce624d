import type { Command } from 'commander';
import { CommandError } from '../failures';
import { findTemporal } from '../finding';
import { addLeaf, addNoun, type Call } from '../leaf';

export function addTemporalCommands(program: Command): void {
  const temporal = addNoun(program, 'temporal', 'the Temporal that rounds run on', 'temporal register');
  addLeaf(temporal, {
    usage: 'register',
    text: 'lets rounds be searched by their state in Temporal, once for each namespace; `plumbline up` does it for its own',
    examples: ['temporal register', 'temporal register --dry-run'],
    mutates: true,
    run: register,
  });
}

async function register(call: Call): Promise<undefined> {
  await findTemporal();
  const { registerSearchAttributes, unanswered }: typeof import('../temporal') = require('../temporal');
  const { createCommands }: typeof import('../services/temporal/searchAttributes') =
    require('../services/temporal/searchAttributes');
  const dryRun = call.on('dryRun');
  const found = await registerSearchAttributes({ dryRun }).catch((error: unknown) => {
    throw unanswered(error);
  });
  const { namespace, missing, registered, otherKind, refused } = found;
  if (otherKind.length > 0) {
    const message = `the namespace ${namespace} has ${otherKind.join(' and ')} of another kind`;
    const hint = 'rounds run without them; to be searched by, they must be removed and registered anew';
    throw new CommandError({ kind: 'other-search-attribute', message, hint });
  }
  if (refused !== null) {
    const message = `Temporal does not let this user register search attributes in ${namespace}: ${refused}`;
    const hint = `somebody who may do it types:\n  ${createCommands(namespace, missing).join('\n  ')}`;
    throw new CommandError({ kind: 'not-allowed', message, hint });
  }
  const event = missing.length === 0 ? 'already' : dryRun ? 'would-register' : 'registered';
  const names = (missing.length === 0 ? registered : missing).join(' and ');
  const said = {
    already: `${names} are registered in ${namespace}`,
    'would-register': `would register ${names} in ${namespace}`,
    registered: `registered ${names} in ${namespace}; workers see it within minutes`,
  };
  call.output.record({ event, namespace, names: missing.length === 0 ? registered : missing }, said[event]);
}
