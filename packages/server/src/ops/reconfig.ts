import { ErrorCode, type ReconfigRequest, type Writer } from '@nodekeeper/protocol';
import type { Preparation } from './preparation.js';

/**
 * Refuses a reconfig, because a standalone server has no ensemble to change. ZooKeeper gives the same answer,
 * RECONFIGDISABLED, while reconfigEnabled is false.
 */
export function prepareReconfig(_preparation: Preparation, _request: ReconfigRequest, _out: Writer): number {
  return ErrorCode.RECONFIGDISABLED;
}
