import { sessionIdHex } from '@nodekeeper/protocol';
import type { Logger } from '../log/logger.js';

const namedMax = 20;

/** Thousands of sessions can expire at once: the log names the first of them. */
export function logExpired(logger: Logger, expired: readonly { readonly id: bigint }[]): void {
  for (const { id } of expired.slice(0, namedMax))
    logger.info(`Expiring session ${sessionIdHex(id)}: nothing was heard of it for its timeout`);
  if (expired.length > namedMax) logger.info(`Expiring ${expired.length} sessions in all at this time`);
}
