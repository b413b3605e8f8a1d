import { silentLogger } from '../../src/log/logger.js';
import { ActiveConfig, createMember, EnsembleConfig } from '../../src/membership/index.js';
import type { Epochs } from '../../src/zab/epochs.js';
import type { TermContext } from '../../src/zab/term-context.js';

/** A configuration whose server ids start at 1: first the voters, then the observers. */
export function ensembleOf(voters: number, observers = 0, version = 0): EnsembleConfig {
  const member = (id: number) => {
    const address = { host: `s${id}`, quorumPort: 1, electionPort: 2 };
    return createMember(id, [address], { role: id <= voters ? 'participant' : 'observer' });
  };
  const members = Array.from({ length: voters + observers }, (_, index) => member(index + 1));
  return new EnsembleConfig(members, null, version);
}

/** The context of a term at server 1 of three voters. The test moves the clock. */
export function term(parts: Partial<TermContext>) {
  const clock = { nowMs: 0 };
  const lost: string[] = [];
  const context = {
    myId: 1,
    tickTimeMs: 100,
    initLimit: 10,
    syncLimit: 5,
    connectLimit: 10,
    epochWaitMs: -1,
    sync: { forcesSnapshots: false, snapshotsMax: 10, differencesMax: 100 },
    config: new ActiveConfig(ensembleOf(3)),
    replica: { event: (work: () => void) => work() },
    epochs: { accepted: 0, current: 0 } as Epochs,
    epochElsewhere: 0,
    votedEpoch: 0,
    logger: silentLogger,
    nowMs: () => clock.nowMs,
    nextTurn: (work: () => void) => work(),
    established() {},
    epochFoundElsewhere() {},
    configured: () => true,
    lost: (reason: string) => lost.push(reason),
    ...parts,
  } as unknown as TermContext;
  return { context, clock, lost };
}
