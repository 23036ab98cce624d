/** One thing that was looked at, how it is, and what to do. */
export interface Check {
  name: string;
  status: 'ok' | 'warn' | 'fail';
  message: string;
  hint?: string;
}

export function ok(name: string, message: string): Check {
  return { name, status: 'ok', message };
}

export function warn(name: string, message: string, hint: string): Check {
  return { name, status: 'warn', message, hint };
}

export function fail(name: string, message: string, hint: string): Check {
  return { name, status: 'fail', message, hint };
}
