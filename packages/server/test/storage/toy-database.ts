import assert from 'node:assert/strict';
import {
  Reader,
  readSetDataTxn,
  readTxnHeader,
  type Writer,
  writeSetDataTxn,
  writeTxnHeader,
} from '@nodekeeper/protocol';
import type { Logger } from '../../src/log/logger.js';
import type { Disk } from '../../src/ports/disk.js';
import {
  type LogBatch,
  purge,
  type Recovered,
  type RecoverySink,
  recover,
  type SnapshotCompression,
  type SnapshotSource,
  SnapshotWriter,
  TxnLog,
  type TxnLogListener,
} from '../../src/storage/index.js';

/** A listener that does nothing. Tests use it to read the entries of a log from the disk. */
export const noListener: TxnLogListener = { durable() {}, failed() {} };

export const DATA = '/data';
export const FILES = '/data/version-2';

/**
 * The smallest database that uses the storage as the server does. It maps paths to data, and only setData transactions
 * change it.
 */
export class ToyTree implements RecoverySink {
  nodes = new Map<string, string>();
  lastZxid = 0;
  sessions = new Map<bigint, number>();

  reset(): void {
    this.nodes.clear();
    this.sessions.clear();
    this.lastZxid = 0;
  }

  session(id: bigint, timeoutMs: number): void {
    this.sessions.set(id, timeoutMs);
  }

  reading(): void {}

  acl(): void {}

  digest(): void {}

  node(bytes: Buffer, pathStart: number, pathEnd: number, dataStart: number, dataEnd: number): void {
    const path = bytes.toString('utf8', pathStart, pathEnd);
    if (path !== '') this.nodes.set(path, dataStart < 0 ? '' : bytes.toString('latin1', dataStart, dataEnd));
  }

  txn(bytes: Buffer, start: number, end: number): void {
    const reader = new Reader(bytes, start, end);
    const header = readTxnHeader(reader);
    const { path, data } = readSetDataTxn(reader);
    this.apply(header.zxid, path ?? '', data?.toString('latin1') ?? '');
  }

  apply(zxid: number, path: string, data: string): void {
    this.nodes.set(path, data);
    this.lastZxid = zxid;
  }

  source(): SnapshotSource {
    const entries = [...this.nodes.keys()];
    let next = -1;
    return {
      lastZxid: this.lastZxid,
      sessions: [{ id: 0x1234567890abcdefn, timeoutMs: 30_000 }],
      acls: [{ key: 1, acl: [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }] }],
      writeNodes: (writer, byteBudget) => {
        const limit = writer.position + byteBudget;
        for (; next < entries.length && writer.position < limit; next++) {
          const path = next < 0 ? '' : entries[next];
          writeNode(writer, path!, this.nodes.get(path!) ?? '');
        }
        return next < entries.length;
      },
      digest: () => ({ zxid: this.lastZxid, version: 2, digest: 42n }),
      close: () => {},
    };
  }
}

export function writeNode(writer: Writer, path: string, data: string): void {
  writer.ustring(path);
  writer.buffer(Buffer.from(data, 'latin1'));
  writer.long(1);
  for (let field = 0; field < 4; field++) writer.long(5);
  for (let field = 0; field < 3; field++) writer.int(1);
  writer.longBig(0n);
  writer.long(7);
}

/** Writes a setData transaction as in the log, but without the checksum and the length. */
export function writeEntry(writer: Writer, zxid: number, path: string, data: string): void {
  writeTxnHeader(writer, { clientId: 7n, cxid: zxid, zxid, time: 1_700_000_000_000, type: 5 });
  writeSetDataTxn(writer, { path, data: Buffer.from(data, 'latin1'), version: 1 });
}

export const logOptions = {
  preAllocSizeKb: 16,
  txnLogSizeLimitInKb: -1,
  forceSync: true,
  fsyncWarningThresholdMs: 1000,
};
export const snapshotOptions = {
  compression: '' as SnapshotCompression,
  digestEnabled: true,
  serializeLastProcessedZxid: true,
};

/** A logger that collects its warnings and errors. */
export class LinesLogger implements Logger {
  lines: string[] = [];

  debug(): void {}

  info(): void {}

  warn(message: string): void {
    this.lines.push(`warn: ${message}`);
  }

  error(message: string): void {
    this.lines.push(`error: ${message}`);
  }
}

/**
 * A server with a tree, a log and snapshots on one disk. It records its writes, and which of them were acknowledged.
 */
export class ToyServer {
  readonly tree = new ToyTree();
  readonly logger = new LinesLogger();
  log!: TxnLog;
  recovered!: Recovered;
  acknowledgedZxid = 0;
  /** All writes in order, whether acknowledged or not. */
  readonly history: { zxid: number; path: string; data: string }[] = [];
  #zxid = 0;

  constructor(readonly disk: Disk) {}

  start(): void {
    this.recovered = recover(
      this.disk,
      { dataDir: DATA, dataLogDir: DATA, trustEmpty: false, dbAutocreate: true },
      this.tree,
      this.logger,
    );
    this.tree.lastZxid = Math.max(0, this.recovered.lastZxid);
    this.#zxid = this.tree.lastZxid;
    const durable = (batch: LogBatch) => {
      for (const entry of this.history) {
        if (entry.zxid < batch.firstZxid || entry.zxid > batch.lastZxid) continue;
        this.tree.apply(entry.zxid, entry.path, entry.data);
      }
      this.acknowledgedZxid = batch.lastZxid;
    };
    this.log = new TxnLog(this.disk, FILES, logOptions, this.logger, { durable, failed() {} });
  }

  write(path: string, data: string): void {
    const zxid = ++this.#zxid;
    this.history.push({ zxid, path, data });
    writeEntry(this.log.beginEntry(), zxid, path, data);
    this.log.endEntry(zxid);
  }

  /**
   * Takes a snapshot of the applied transactions. Calls `runDisk` after each step, to complete the pending operations
   * of the disk.
   */
  snapshot(runDisk: () => void, options = snapshotOptions): void {
    const writer = new SnapshotWriter(this.disk, FILES, this.tree.source(), options);
    for (let step = writer.step(); step !== 'done'; step = writer.step()) runDisk();
  }

  purge(): string[] {
    return purge(this.disk, { dataDir: DATA, dataLogDir: DATA }, 3, this.logger);
  }
}

/**
 * Asserts that the tree has the content of all writes up to the recovered zxid, and that no acknowledged write is
 * missing.
 */
export function assertRecovered(server: ToyServer, history: ToyServer['history'], acknowledgedZxid: number): void {
  const { lastZxid } = server.recovered;
  assert.ok(lastZxid >= acknowledgedZxid, `zxid ${acknowledgedZxid} was acknowledged, but only ${lastZxid} is there`);
  const expected = new Map<string, string>();
  for (const entry of history) if (entry.zxid <= lastZxid) expected.set(entry.path, entry.data);
  assert.deepEqual(new Map([...server.tree.nodes].sort()), new Map([...expected].sort()));
}
