/** Something that a person must mend before the program can do what was asked. */
export interface Problem {
  /** A word for programs, such as `spec` or `too-few-labellers`. */
  kind: string;
  message: string;
  /** What to do. */
  hint?: string;
  /** Where: `file:line:column field`, or the flag that said it. */
  at?: string;
}

/** One or more problems with what was asked. Nothing has been done. */
export class ProblemsError extends Error {
  /** @param total all problems there are, where only the first are listed. */
  constructor(
    readonly problems: readonly [Problem, ...Problem[]],
    readonly total: number = problems.length,
  ) {
    const [{ message, at }] = problems;
    const first = at ? `${at}: ${message}` : message;
    super(total === 1 ? first : `${total} problems, the first: ${first}`);
    this.name = 'ProblemsError';
  }

  static of(problem: Problem): ProblemsError {
    return new ProblemsError([problem]);
  }
}

/** @throws ProblemsError if there are any. */
export function refuseIfAny(problems: readonly Problem[], total?: number): void {
  const [first, ...others] = problems;
  if (first) throw new ProblemsError([first, ...others], total);
}
