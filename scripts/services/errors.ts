/** What went wrong with a local service, for a caller that reacts to the cause; `message` and `hint` are for people. */
export type ServiceErrorKind =
  /** Another process holds what we need (the services' lock, the build, a database file) and does not let go. */
  | 'busy'
  /** No room left on the disk. */
  | 'disk-full'
  /** Empty services were asked for, and another process uses what is there. */
  | 'in-use'
  /** A program that the service needs is not there and could not be had. */
  | 'missing-program'
  /** A file or folder cannot be read, written or entered. */
  | 'not-permitted'
  /** The service's process ended, or refused to start. */
  | 'start-failed'
  /** The service's process did not end. */
  | 'stop-failed'
  /** The service's process lives and did not answer in time. */
  | 'timeout'
  /** Data that this version cannot read, or a platform that it does not run on. */
  | 'unsupported';

/** A local service that could not be found, started or stopped. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';

  constructor(
    readonly kind: ServiceErrorKind,
    message: string,
    /** What to do about it, as whole sentences. */
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The system's own errors as ours, where their cause can be told from the code; anything else is returned as it is. */
export function asServiceError(error: unknown, doing: string): unknown {
  if (!(error instanceof Error) || error instanceof ServiceError || !('code' in error)) return error;
  const told = `${doing}: ${error.message}`;
  const because = { cause: error };
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') {
    return new ServiceError('disk-full', told, 'The disk is full: make room, then start again.', because);
  }
  if (error.code === 'EACCES' || error.code === 'EPERM' || error.code === 'EROFS') {
    const hint =
      'Run as the user who owns that file or folder, or remove it; an earlier start as root may have made it.';
    return new ServiceError('not-permitted', told, hint, because);
  }
  return error;
}
