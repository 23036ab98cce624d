/** Telling Temporal of the search attributes of rounds. Idempotent. */
import type { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTE_NAMES, SEARCH_ATTRIBUTES, type SearchAttributeName } from '../../../domain/searchAttributes';

export interface SearchAttributeState {
  registered: SearchAttributeName[];
  missing: SearchAttributeName[];
  /** There are attributes of these names and of another kind. */
  otherKind: SearchAttributeName[];
}

/** temporal.api.enums.v1.IndexedValueType. */
const KINDS = { KEYWORD: 2, BOOL: 5 } as const;

/** @throws the client's error where this namespace, or this user, may not look. */
export async function searchAttributeState(connection: Connection, namespace: string): Promise<SearchAttributeState> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const kindOf = (name: SearchAttributeName) => customAttributes?.[name] ?? undefined;
  const isOurs = (name: SearchAttributeName) => kindOf(name) === KINDS[SEARCH_ATTRIBUTES[name]];
  return {
    registered: SEARCH_ATTRIBUTE_NAMES.filter(isOurs),
    missing: SEARCH_ATTRIBUTE_NAMES.filter((name) => kindOf(name) === undefined),
    otherKind: SEARCH_ATTRIBUTE_NAMES.filter((name) => kindOf(name) !== undefined && !isOurs(name)),
  };
}

/** @throws the client's error where it is not allowed. */
export async function addSearchAttributes(
  connection: Connection,
  namespace: string,
  names: readonly SearchAttributeName[],
): Promise<void> {
  if (names.length === 0) return;
  const searchAttributes = Object.fromEntries(names.map((name) => [name, KINDS[SEARCH_ATTRIBUTES[name]]]));
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
}

/** What somebody with the right to do it types. */
export function createCommands(namespace: string, names: readonly SearchAttributeName[]): string[] {
  const types = { KEYWORD: 'Keyword', BOOL: 'Bool' };
  return names.map(
    (name) =>
      `temporal operator search-attribute create --namespace ${namespace} --name ${name} --type ${types[SEARCH_ATTRIBUTES[name]]}`,
  );
}
