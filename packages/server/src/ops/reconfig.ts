import { ErrorCode, type ReconfigRequest, type Writer } from '@nodekeeper/protocol';
import type { Preparation } from './preparation.js';

/** A standalone server has no ensemble to change: RECONFIGDISABLED, as Apache answers while reconfigEnabled is false. */
export function prepareReconfig(_preparation: Preparation, _request: ReconfigRequest, _out: Writer): number {
  return ErrorCode.RECONFIGDISABLED;
}
