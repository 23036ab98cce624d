/** Reaching Temporal for a command on schedules: connected, asked, let go. */
import { findTemporal } from '../finding';
import type { Schedules } from './temporal';

/** @throws CommandError if Temporal does not answer. */
export async function withSchedules<T>(work: (temporal: Schedules) => Promise<T>): Promise<T> {
  await findTemporal();
  const { connectSchedules }: typeof import('./temporal') = require('./temporal');
  const temporal = await connectSchedules();
  try {
    return await work(temporal);
  } finally {
    await temporal.close();
  }
}
