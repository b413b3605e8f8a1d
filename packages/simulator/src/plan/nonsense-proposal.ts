import { getLong, setTxnType, txnHeaderBytes, txnZxid } from '@nodekeeper/protocol';
import { type End, PacketType } from '@nodekeeper/server/testing';
import { quorumPort } from '../servers/server.js';

const packetHeadBytes = 16;
const packetZxidAt = 4;
const unknownType = 77;

/** Replaces the next proposal that a leader sends to a learner by a proposal that no server can apply. */
export class NonsenseProposals {
  /** The learners that will get a nonsense proposal. */
  readonly #due = new Set<string>();
  /** The learners that got a nonsense proposal, until `wasTold` reports them. */
  readonly #told = new Set<string>();

  dueFor(learner: string): void {
    this.#due.add(learner);
  }

  /** True if this learner got a nonsense proposal since the last call. */
  wasTold(learner: string): boolean {
    return this.#told.delete(learner);
  }

  end(): void {
    this.#due.clear();
  }

  readonly spoil = ({ port, isDialer, remoteAddress }: End, bytes: Buffer): Buffer => {
    if (port !== quorumPort || isDialer || !this.#due.has(remoteAddress) || !isProposal(bytes)) return bytes;
    this.#due.delete(remoteAddress);
    this.#told.add(remoteAddress);
    const spoilt = Buffer.from(bytes);
    setTxnType(spoilt, packetHeadBytes, unknownType);
    return spoilt;
  };
}

/**
 * True if the bytes are a proposal. A proposal contains its zxid twice: in the packet and in the transaction. A slice
 * of a snapshot may begin like a proposal, but does not have the same zxid in both places.
 */
function isProposal(bytes: Buffer): boolean {
  return (
    bytes.length > packetHeadBytes + txnHeaderBytes &&
    bytes.readInt32BE(0) === PacketType.proposal &&
    getLong(bytes, packetZxidAt) === txnZxid(bytes, packetHeadBytes)
  );
}
