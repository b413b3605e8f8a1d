import { type ConfigEntry, readConfigEntries } from './config-entries.js';
import type { EnsembleConfig } from './ensemble-config.js';

/**
 * Parses the text form of a configuration. Servers exchange this text in notifications, in NEWLEADER and in
 * reconfiguration transactions, and /zookeeper/config contains it. Blank lines and comments are skipped, because a
 * dynamic configuration file may contain them.
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
