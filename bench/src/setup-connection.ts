/** A connection that sends one request at a time. It creates nodes, and finds out whether a server replies. */
import { createFrame, patchXid, XID_OFFSET } from './frames.js';
import { WireConnection } from './wire-connection.js';

const NODE_EXISTS = -110;

export class SetupConnection extends WireConnection {
  private xids = 0;
  private waiting: { resolve: (error: number) => void; reject: (error: Error) => void } | undefined;

  /** Sends the frame with a new xid. Returns the error code of the reply. Rejects when the connection breaks. */
  request(frame: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.failure) return reject(this.failure);
      this.waiting = { resolve, reject };
      patchXid(frame, XID_OFFSET, ++this.xids);
      this.socket.write(frame);
    });
  }

  /** Creates the node, unless it exists already. */
  async create(path: string, data: Uint8Array): Promise<void> {
    const error = await this.request(createFrame(path, data));
    if (error !== 0 && error !== NODE_EXISTS) throw new Error(`Creating ${path} failed with error ${error}.`);
  }

  protected onReply(xid: number, error: number): void {
    if (xid !== this.xids) return;
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.resolve(error);
  }

  protected onChunkEnd(): void {}

  protected onFailure(error: Error): void {
    this.waiting?.reject(error);
  }
}
