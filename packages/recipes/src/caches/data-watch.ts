import { bytes, type Codec, type NodeData, type ZooKeeper } from '@nodekeeper/client';
import { isCodec } from '../foundation/checks.js';
import { type StateListener, StateWatch } from './state-watch.js';

/** Options of a `DataWatch`. */
export interface DataWatchOptions<Value> {
  /** Converts the data of the node. Default: the data as a `Buffer`. */
  readonly codec?: Codec<Value, never>;
}

/**
 * Calls a function with the data of a node: at the start, and after each change. The function gets undefined while the
 * node does not exist. It never gets an old state, and not two calls run at the same time. Fast changes may be one call,
 * with the newest state.
 */
export class DataWatch<Value = Buffer> extends StateWatch<NodeData<Value>> {
  readonly #codec: Codec<Value, never>;

  /**
   * @param path the node; it need not exist
   * @param listener ends the watch if it returns or resolves with false
   */
  constructor(
    zk: ZooKeeper,
    path: string,
    listener: StateListener<NodeData<Value>>,
    options: DataWatchOptions<Value> = {},
  ) {
    super(zk, 'DataWatch', path, listener, options, { codec: isCodec });
    // without a codec, `Value` is `Buffer`
    this.#codec = options.codec ?? (bytes as Codec<unknown, never> as Codec<Value, never>);
  }

  protected override read(watch: () => void): Promise<NodeData<Value>> {
    return this.caller.zk.get(this.caller.path, { watch, codec: this.#codec });
  }

  protected override equal({ stat: one }: NodeData<Value>, { stat: other }: NodeData<Value>): boolean {
    return one.mzxid === other.mzxid;
  }
}
