/**
 * Every activity with a heartbeat timeout beats while it runs, so that Temporal notices within that time that its worker
 * died; without it an activity in a killed worker's hands would be waited for until its whole time is up.
 */
import type { ActivityInterceptorsFactory } from '@temporalio/worker';

const BEATS_PER_TIMEOUT = 3;

export const heartbeats: ActivityInterceptorsFactory = (context) => ({
  inbound: {
    async execute(input, next) {
      const { heartbeatTimeoutMs } = context.info;
      if (!heartbeatTimeoutMs) return next(input);
      const heart = setInterval(() => context.heartbeat(), heartbeatTimeoutMs / BEATS_PER_TIMEOUT);
      try {
        return await next(input);
      } finally {
        clearInterval(heart);
      }
    },
  },
});
