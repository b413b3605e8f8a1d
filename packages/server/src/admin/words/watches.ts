import { hexLong } from '../java-text.js';
import { listed } from './listed.js';
import { word } from './word.js';

export const wchc = word(
  'wchc',
  (view) => ({ sessionIdToWatchedPaths: listed(view.watchesBySession()) }),
  function* ({ sessionIdToWatchedPaths }) {
    for (const [session, paths] of sessionIdToWatchedPaths) {
      yield `0x${hexLong(session)}\n`;
      for (const path of paths) yield `\t${path}\n`;
    }
    yield '\n';
  },
);

export const wchp = word(
  'wchp',
  (view) => ({ pathToSessionIds: listed(view.watchesByPath()) }),
  function* ({ pathToSessionIds }) {
    for (const [path, sessions] of pathToSessionIds) {
      yield `${path}\n`;
      for (const session of sessions) yield `\t0x${hexLong(session)}\n`;
    }
    yield '\n';
  },
);

export const wchs = word(
  'wchs',
  (view) => {
    const bySession = view.watchesBySession();
    let numTotalWatches = 0;
    for (const paths of bySession.values()) numTotalWatches += paths.size;
    return { numConnections: bySession.size, numPaths: view.watchesByPath().size, numTotalWatches };
  },
  ({ numConnections, numPaths, numTotalWatches }) => [
    `${numConnections} connections watching ${numPaths} paths\nTotal watches:${numTotalWatches}\n`,
  ],
);
