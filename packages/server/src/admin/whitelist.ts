import type { ServerConfig } from '../config/server-config.js';

/**
 * Whether a four-letter word answers. The operator's whitelist decides; `*` allows all. srvr always answers because
 * zkServer.sh needs it. isro answers in read-only mode because clients need it.
 */
export function isWhitelisted(word: string, config: ServerConfig): boolean {
  if (word === 'srvr' || (word === 'isro' && config.readOnlyModeEnabled)) return true;
  return config.fourLetterWordWhitelist.some((listed) => listed === word || listed === '*');
}
