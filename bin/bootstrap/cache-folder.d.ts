/**
 * The user's folder for what is fetched or built once for all checkouts, made if missing (`PLUMBLINE_CACHE`, else the
 * platform's cache folder, else one of our own among the temporary files). Throws where none can be used.
 */
export function cacheFolder(env?: NodeJS.ProcessEnv): string;

/** True where the home folder can be written, as npm and Go expect for their own caches. */
export function homeIsWritable(env?: NodeJS.ProcessEnv): boolean;
