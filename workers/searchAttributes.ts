/** Whether Temporal knows the search attributes of rounds: looked at when a worker starts, and now and then. */
import { type Connection, isGrpcServiceError } from '@temporalio/client';
import { SEARCH_ATTRIBUTE_NAMES } from '../domain/searchAttributes';

const LOOK_MS = 120_000;
const PATIENCE_MS = 3_000;

export interface SearchLook {
  isSearchable(): boolean;
  stop(): void;
}

/** Never fails: what cannot be seen counts as unknown. */
export async function lookForSearchAttributes(connection: Connection, namespace: string): Promise<SearchLook> {
  let known = false;
  const look = async () => {
    // An answer that does not come says nothing new.
    known = await connection
      .withDeadline(Date.now() + PATIENCE_MS, () => areRegistered(connection, namespace))
      .catch(() => known);
  };
  await look();
  const timer = setInterval(() => void look(), LOOK_MS);
  timer.unref();
  return { isSearchable: () => known, stop: () => clearInterval(timer) };
}

/** Who may not ask the operator's service, as in Temporal Cloud, reads the namespace's own names for them. */
async function areRegistered(connection: Connection, namespace: string): Promise<boolean> {
  const names = await connection.operatorService
    .listSearchAttributes({ namespace })
    .then(({ customAttributes }) => Object.keys(customAttributes ?? {}))
    .catch(async (error: unknown) => {
      if (!isGrpcServiceError(error) || !NOT_FOR_US.has(error.code)) throw error;
      const { config } = await connection.workflowService.describeNamespace({ namespace });
      return Object.values(config?.customSearchAttributeAliases ?? {});
    });
  return SEARCH_ATTRIBUTE_NAMES.every((name) => names.includes(name));
}

/** gRPC's PERMISSION_DENIED, UNIMPLEMENTED and UNAUTHENTICATED. */
const NOT_FOR_US: ReadonlySet<number> = new Set([7, 12, 16]);
