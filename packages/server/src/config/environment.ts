import { options, squeeze } from './options.js';
import type { Findings, Setting } from './setting.js';

/**
 * Names of the official Docker image that are not an option's key in capitals. Null: means something to that image's or
 * to Apache's scripts, nothing to the server; or, as `ZOO_MY_ID`, is no option (`my-id.ts` reads it).
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

/** Only letters and digits tell keys apart, so `ZOO_AUTOPURGE_PURGEINTERVAL` and `ZOO_AUTOPURGE_PURGE_INTERVAL` are one. */
const keyBySqueezedName = new Map(
  options.filter((option) => !option.key.endsWith('*')).map((option) => [squeeze(option.key), option.key]),
);

/**
 * Settings from environment variables: `ZOO_` and the key in capitals with `_` between its words. `ZOO_CFG_EXTRA` holds
 * further `key=value` lines, `ZOO_SERVERS` server lines, both parted by white space. Empty variables count as unset.
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
      else if (key === undefined)
        findings.warnings.push(`environment variable ${name} names no known option; it is ignored`);
    }
  }
  return settings;
}

function listedSettings(name: string, value: string, findings: Findings): Setting[] {
  return value.split(/\s+/).flatMap((entry) => {
    if (entry === '') return [];
    const equals = entry.indexOf('=');
    if (equals > 0) return [{ key: entry.slice(0, equals), value: entry.slice(equals + 1), where: name }];
    findings.errors.push(`${name}: '${entry}' is not of the form key=value`);
    return [];
  });
}
