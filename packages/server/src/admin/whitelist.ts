import type { ServerConfig } from '../config/server-config.js';

/**
 * True if the server answers this four-letter word. The operator's whitelist decides, and `*` in it allows all words.
 * `srvr` is always answered, because zkServer.sh needs it. `isro` is answered if read-only mode is enabled, because
 * clients then need it.
 */
export function isWhitelisted(word: string, config: ServerConfig): boolean {
  if (word === 'srvr' || (word === 'isro' && config.readOnlyModeEnabled)) return true;
  return config.fourLetterWordWhitelist.some((listed) => listed === word || listed === '*');
}
