import type { ServerConfig } from '../config/server-config.js';

/**
 * Which four-letter words answer: those the operator lists, all with `*`; always srvr, which zkServer.sh needs, and isro
 * where read-only mode is on, which clients need.
 */
export function isWhitelisted(word: string, config: ServerConfig): boolean {
  if (word === 'srvr' || (word === 'isro' && config.readOnlyModeEnabled)) return true;
  return config.fourLetterWordWhitelist.some((listed) => listed === word || listed === '*');
}
