import { isMembershipKey } from '../membership/config-entries.js';
import { type FileReader, readNamedFile } from './file-reader.js';
import { parsePropertiesFile } from './properties-file.js';
import type { Findings, Setting } from './setting.js';

/** The settings from which the server learns the members of the ensemble. */
export interface Membership {
  /** The settings `server.N`, `group.N`, `weight.N` and `version`. */
  readonly settings: readonly Setting[];
  /** The position that an error reports if a setting is missing. */
  readonly where: string;
}

/**
 * Selects the membership from all settings. For each key, the command line overrides the environment, which overrides
 * zoo.cfg.
 */
export function staticMembership(all: readonly Setting[], version: Setting | undefined, where: string): Membership {
  const settings = all.filter(({ key }) => isMembershipKey(key));
  const lastSource = new Map(settings.map((setting) => [setting.key, sourceOf(setting)]));
  const lastOverride = new Map(settings.map((setting) => [setting.key, setting]));
  const kept = settings.filter((setting) =>
    // If one file has a key twice, both settings are kept, so that a later check reports the repetition. On the command
    // line the last setting of a key counts.
    setting.where === '--set'
      ? lastOverride.get(setting.key) === setting
      : lastSource.get(setting.key) === sourceOf(setting),
  );
  return { settings: kept.length > 0 && version !== undefined ? [...kept, version] : kept, where };
}

/** Removes the line number from a position: returns `zoo.cfg` for `zoo.cfg:7`. */
function sourceOf({ where }: Setting): string {
  return where.replace(/:\d+$/, '');
}

/**
 * Reads the membership from the file that `dynamicConfigFile` names. A part of the membership in any other place is an
 * error. Returns undefined if the file could not be read.
 */
export function dynamicMembership(
  { key, value: path, where }: Setting,
  elsewhere: readonly Setting[],
  readFile: FileReader,
  { errors }: Findings,
): Membership | undefined {
  for (const setting of elsewhere) {
    errors.push(
      `${setting.where}: ${setting.key} must be in ${path}, because ${where} sets ${key}=${path}; move it there`,
    );
  }
  const file = readNamedFile(path, readFile, errors);
  if (file === 'missing') errors.push(`${where}: ${key}=${path} does not exist; correct the path or create the file`);
  if (typeof file === 'string') return undefined;
  const settings = propertiesOf(path, file.text, errors);
  for (const { key: name, where: line } of settings) {
    if (name === 'version') errors.push(`${line}: the version of ${path} is part of its file name; remove this line`);
  }
  const members = settings.filter(({ key: name }) => name !== 'version');
  return { settings: [...members, { key: 'version', value: versionOfFileName(path), where }], where: path };
}

/**
 * Returns the version of a dynamic configuration file: the hexadecimal number at the end of its name, as in
 * `zoo.cfg.dynamic.100000000`. Without such a number, the version is 0.
 */
export function versionOfFileName(path: string): string {
  return /\.([0-9a-fA-F]{1,16})$/.exec(path)?.[1] ?? '0';
}

/** Parses a properties file. Each returned setting has its file and line as position. */
export function propertiesOf(path: string, text: string, errors: string[]): Setting[] {
  const { properties, errors: broken } = parsePropertiesFile(text);
  for (const { line, message } of broken) errors.push(`${path}:${line}: ${message}`);
  return properties.map(({ key, value, line }) => ({ key, value, where: `${path}:${line}` }));
}
