import { ErrorCode, type ReconfigRequest, type Writer } from '@nodekeeper/protocol';
import type { Preparation } from './preparation.js';

/**
 * A standalone server has no ensemble to change. It answers RECONFIGDISABLED, as ZooKeeper does while reconfigEnabled
 * is false.
 */
export function prepareReconfig(_preparation: Preparation, _request: ReconfigRequest, _out: Writer): number {
  return ErrorCode.RECONFIGDISABLED;
}
