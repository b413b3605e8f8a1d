import { findOption, keyBySqueezedName, squeeze } from './options.js';
import { type Findings, type Setting, shownSetting } from './setting.js';
import { isNotAnOption } from './unread-variables.js';

/**
 * Variables of the official Docker image whose names do not show the key that they set. A variable with null sets no
 * option. `my-id.ts` reads `ZOO_MY_ID`, and only scripts read the other variables with null.
 */
const ownNames: Readonly<Record<string, string | null>> = {
  ZOO_ADMINSERVER_ENABLED: 'admin.enableServer',
  ZOO_CONF_DIR: null,
  ZOO_LOG_DIR: null,
  ZOO_LOG_FILE: null,
  ZOO_LOG4J_PROP: null,
  ZOO_MY_ID: null,
  ZOO_NOEXEC: null,
};

/**
 * Reads settings from environment variables. A variable's name is `ZOO_` and the key in capitals, with `_` between the
 * words. `ZOO_CFG_EXTRA` contains a list of settings `key=value`, and `ZOO_SERVERS` a list of server lines. White space
 * separates the entries of a list. Empty variables count as unset.
 */
export function environmentSettings(
  environment: Readonly<Record<string, string | undefined>>,
  findings: Findings,
): Setting[] {
  const settings: Setting[] = [];
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('ZOO_') || !value) continue;
    if (name === 'ZOO_CFG_EXTRA' || name === 'ZOO_SERVERS') {
      settings.push(...listedSettings(name, value, findings));
    } else if (name === 'ZOO_DATADIR_AUTOCREATE_DISABLE') {
      settings.push({ key: 'datadir.autocreate', value: value === '1' ? 'false' : 'true', where: name });
    } else {
      const key = Object.hasOwn(ownNames, name) ? ownNames[name] : keyBySqueezedName.get(squeeze(name.slice(4)));
      if (key) settings.push({ key, value: value.trim(), where: name });
      else if (key === undefined && !isNotAnOption(name, value))
        findings.warnings.push(`environment variable ${name} does not name a known option and is ignored`);
    }
  }
  return settings;
}

function listedSettings(name: string, value: string, findings: Findings): Setting[] {
  const entries = value.split(/\s+/).filter((entry) => entry !== '');
  return entries.flatMap((entry, index) => {
    const equals = entry.indexOf('=');
    if (equals > 0) return [{ key: entry.slice(0, equals), value: entry.slice(equals + 1), where: name }];
    // the entry is not printed, because it may be the end of a password that contains a space
    findings.errors.push(`${name}: entry ${index + 1} is not of the form key=value`);
    return [];
  });
}

/**
 * Warns of an environment variable that overrides a different value in zoo.cfg. In a container, users often do not
 * notice that a variable is set.
 */
export function warnOfOverrides(
  fromFile: readonly Setting[],
  fromEnvironment: readonly Setting[],
  warnings: string[],
): void {
  const identity = (key: string) => findOption(key)?.key ?? key;
  const inFile = new Map(fromFile.map((setting) => [identity(setting.key), setting]));
  for (const setting of fromEnvironment) {
    const other = inFile.get(identity(setting.key));
    if (other === undefined || other.value === setting.value) continue;
    const shown = (one: Setting) => shownSetting(one, findOption(one.key));
    warnings.push(`${setting.where}: ${shown(setting)} overrides ${shown(other)} (${other.where})`);
  }
}
