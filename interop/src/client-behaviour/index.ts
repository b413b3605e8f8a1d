import { access } from './access.js';
import { badArguments } from './arguments.js';
import { chroots } from './chroots.js';
import { codecs } from './codecs.js';
import { createModes } from './create-modes.js';
import { ensemble } from './ensemble.js';
import { ephemerals } from './ephemerals.js';
import { helpers } from './helpers.js';
import { limits } from './limits.js';
import { messages } from './messages.js';
import { nodes } from './nodes.js';
import { oneShotWatches } from './one-shot-watches.js';
import { persistentWatches } from './persistent-watches.js';
import type { Scenario } from './scenario.js';
import { sessions } from './sessions.js';
import { telemetry } from './telemetry.js';
import { transactions } from './transactions.js';
import { watchStreams } from './watch-streams.js';

/** The scenarios that show the client's behaviour on any server, by topic. */
export const behaviour: Readonly<Record<string, readonly Scenario[]>> = {
  nodes,
  createModes,
  ephemerals,
  access,
  transactions,
  oneShotWatches,
  persistentWatches,
  watchStreams,
  sessions,
  chroots,
  codecs,
  badArguments,
  messages,
  ensemble,
  helpers,
  limits,
  telemetry,
};
