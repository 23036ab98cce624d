/**
 * The one place where an activity's error becomes what Temporal keeps. Histories are readable by every operator of the
 * server, and a database error carries its parameters, a provider's its echo of the prompt: so the failure has a code and
 * a reference, and the rest goes to the log.
 */
import { randomUUID } from 'node:crypto';
import { ApplicationFailure, CancelledFailure, CompleteAsyncError } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor, ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Logger } from 'pino';
import { failureCode, framesOf } from '../db/failures';

export function safeErrors(log: Logger): ActivityInterceptorsFactory {
  return (context) => {
    const inbound: ActivityInboundCallsInterceptor = {
      async execute(input, next) {
        try {
          return await next(input);
        } catch (error) {
          if (error instanceof CancelledFailure || error instanceof CompleteAsyncError) throw error;
          if (error instanceof Error && error.name === 'AbortError') throw new CancelledFailure('cancelled');
          throw asFailure(error, context.info.activityType, log);
        }
      },
    };
    return { inbound };
  };
}

/** Our own failures already carry a code; everything else is reduced to one. */
function asFailure(error: unknown, activity: string, log: Logger): ApplicationFailure {
  if (error instanceof ApplicationFailure) return withoutStack(error);
  const ref = randomUUID().slice(0, 8);
  const code = failureCode(error) ?? (error instanceof Error ? error.constructor.name : 'unknown');
  log.error({ ref, activity, code, frames: framesOf(error) }, 'activity failed');
  return withoutStack(
    ApplicationFailure.create({ type: code, message: `${activity} failed: ${code} (see the log, ${ref})` }),
  );
}

function withoutStack(failure: ApplicationFailure): ApplicationFailure {
  failure.stack = '';
  return failure;
}
