/** What can be wrong with a request about people. */

/** A request that cannot be met as it stands. */
export class PeopleError extends Error {
  constructor(
    readonly kind: 'unknown-person' | 'removed-person' | 'no-name' | 'other-kind',
    message: string,
    readonly hint: string,
  ) {
    super(message);
    this.name = 'PeopleError';
  }
}

export function removedPerson(person: { name: string }): PeopleError {
  return new PeopleError(
    'removed-person',
    `${person.name} was removed`,
    'what they did stays under their name: add the person under another one',
  );
}
