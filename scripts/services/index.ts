/**
 * The local Postgres and Temporal behind `npm start` and `npm test`: found, started, adopted, stopped. Whatever is told
 * about them is told here; nothing of rounds, schemas or workers may live in this folder.
 */
export { ServiceError, type ServiceErrorKind } from './errors';
export { inspectServices, type ServiceReport } from './inspect';
export { type Origin, SERVICE_NAMES, type ServiceName } from './parts';
export { type LocalServices, type StartOptions, startServices } from './start';
export { removeServices, stopServices } from './stop';
