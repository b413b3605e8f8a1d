import { javaDouble } from '../java-text.js';
import { monitorEntries, readSamples } from '../monitor.js';
import type { ServerView } from '../server-view.js';
import { fullVersion } from '../version.js';
import { word } from './word.js';

const peerStates: Partial<Record<ServerView['mode'], string>> = {
  leader: 'leading',
  follower: 'following',
  observer: 'observing',
};

function readMonitor(view: ServerView) {
  const peerState = peerStates[view.mode];
  return {
    version: fullVersion,
    serverState: view.mode,
    // a server that answers `mntr` in full is serving clients, so it is in the broadcast phase
    peerState: peerState && `${peerState} - broadcast`,
    observerMasterId: view.mode === 'observer' ? view.learnerMasterId : undefined,
    samples: [...readSamples(view)],
  };
}

function* monitorText({ version, serverState, peerState, observerMasterId, samples }: ReturnType<typeof readMonitor>) {
  yield line('version', version);
  yield line('server_state', serverState);
  if (peerState !== undefined) yield line('peer_state', peerState);
  if (observerMasterId !== undefined) yield line('observer_master_id', observerMasterId);
  for (const sample of samples) {
    for (const { key, value, isDouble } of monitorEntries(sample))
      yield line(key, isDouble ? javaDouble(value) : value);
  }
}

function line(key: string, value: string | number): string {
  return `zk_${key}\t${value}\n`;
}

export const mntr = word('mntr', readMonitor, monitorText);
