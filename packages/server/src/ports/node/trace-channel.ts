import { type Channel, channel } from 'node:diagnostics_channel';
import { pathsOf, type Trace, type TracedRequest } from '../../trace/trace.js';

/**
 * A message of the channel `nodekeeper:server:request`: one stage of a request, with the values known at that stage.
 */
export interface RequestStage {
  readonly stage: 'taken' | 'forwarded' | 'proposed' | 'written' | 'durable' | 'committed' | 'applied' | 'replied';
  readonly sessionId?: bigint;
  /** The number that the client gave the request. */
  readonly xid?: number;
  /**
   * The zxid of the transaction. At the stage `written` it is the last zxid of the batch. At the stages `durable` and
   * `committed`, the message also applies to all lower zxids.
   */
  readonly zxid?: number;
  readonly firstZxid?: number;
  /** The op code of the request. */
  readonly type?: number;
  readonly paths?: readonly string[];
  /** A ZooKeeper error code. It is 0 for OK. */
  readonly err?: number;
}

export const requestChannel: Channel = channel('nodekeeper:server:request');

function publish(message: RequestStage): void {
  requestChannel.publish(message);
}

/**
 * Publishes each stage of every request. A server uses this trace if the channel has a subscriber when the server
 * starts.
 */
export const channelTrace: Trace = {
  taken: (sessionId: bigint, request: TracedRequest) => {
    const { xid, type } = request;
    publish({ stage: 'taken', sessionId, xid, type, paths: pathsOf(request) });
  },
  forwarded: (sessionId, xid) => publish({ stage: 'forwarded', sessionId, xid }),
  proposed: (sessionId, xid, zxid, type, err) => publish({ stage: 'proposed', sessionId, xid, zxid, type, err }),
  written: (firstZxid, zxid) => publish({ stage: 'written', firstZxid, zxid }),
  durable: (zxid) => publish({ stage: 'durable', zxid }),
  committed: (zxid) => publish({ stage: 'committed', zxid }),
  applied: (zxid, err) => publish({ stage: 'applied', zxid, err }),
  replied: (sessionId, xid, zxid, err) => publish({ stage: 'replied', sessionId, xid, zxid, err }),
};
