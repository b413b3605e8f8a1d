import { type ConfigEntry, readConfigEntries } from './config-entries.js';
import type { EnsembleConfig } from './ensemble-config.js';

/**
 * Parses the text that servers exchange in notifications and NEWLEADER, in reconfiguration transactions and in
 * /zookeeper/config. Skips blank lines and comments, which a dynamic file may contain.
 * @returns the configuration, or the errors in the text.
 */
export function parseConfigText(text: string): { config: EnsembleConfig } | { errors: string[] } {
  const result = readConfigEntries(text.split(/\r\n|\n|\r/).flatMap(entryOf));
  return 'config' in result ? result : { errors: result.faults.map(({ message }) => message) };
}

function entryOf(line: string): ConfigEntry[] {
  const trimmed = line.trim();
  if (trimmed === '' || /^[#!]/.test(trimmed)) return [];
  const equals = trimmed.indexOf('=');
  if (equals < 0) return [{ key: trimmed, value: '' }];
  return [{ key: trimmed.slice(0, equals).trimEnd(), value: trimmed.slice(equals + 1).trimStart() }];
}
