import { isMembershipKey } from '../membership/config-entries.js';
import { applyClientAddress, staticClientAddress } from './client-address.js';
import { readLastSeen, readMode } from './ensemble.js';
import { environmentSettings, warnOfOverrides } from './environment.js';
import type { FileReader } from './file-reader.js';
import { type Chosen, reportIgnored } from './ignored-options.js';
import { dynamicMembership, type Membership, staticMembership } from './membership.js';
import type { OptionRow } from './option-row.js';
import { findOption, options } from './options.js';
import { parsePropertiesFile } from './properties-file.js';
import { defaultConfig, type ServerConfig } from './server-config.js';
import { applySessionSecret } from './session-secret.js';
import { type Findings, type Setting, shownSetting } from './setting.js';
import { reportUnknownKey } from './unknown-keys.js';
import { reportUnreadVariables } from './unread-variables.js';

export interface ConfigSources {
  /** The text of zoo.cfg, and the file's name for error texts. */
  file?: { name: string; text: string } | undefined;
  /** The environment variables. Settings come only from variables whose names begin with `ZOO_`. */
  environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** The `key=value` texts of the option `--set`. */
  overrides?: readonly string[] | undefined;
  /** Reads `myid`, the membership files and the secret file. Without this function, the files count as missing. */
  readFile?: FileReader | undefined;
  /** If true, a key that looks like a misspelt option causes a warning instead of an error. */
  lenient?: boolean | undefined;
}

export type ConfigResult =
  /** Warnings are logged at level WARN, notes at level INFO. */
  | { ok: true; config: ServerConfig; warnings: string[]; notes: string[] }
  /** All errors that were found, one line each. */
  | { ok: false; errors: string[] };

/**
 * Combines the sources of a configuration. The command line overrides the environment, which overrides zoo.cfg, which
 * overrides the defaults. Within one source the last setting of an option counts.
 */
export function loadConfig(sources: ConfigSources): ConfigResult {
  const findings: Findings = { errors: [], warnings: [], notes: [] };
  const { file, environment = {}, overrides = [], lenient = false } = sources;
  const fromFile = fileSettings(file, findings);
  const fromEnvironment = environmentSettings(environment, findings);
  const settings = [...fromFile, ...fromEnvironment, ...overrideSettings(overrides, findings)];
  warnOfOverrides(fromFile, fromEnvironment, findings.warnings);
  reportUnreadVariables(environment, findings);
  const chosen = chooseSettings(settings, lenient, findings);
  const config = defaultConfig();
  const given = new Map<keyof ServerConfig, string>();
  for (const [option, setting] of chosen) applySetting(option, setting, config, given, findings);
  applyMembership(sources, settings, chosen, config, given, findings);
  derive(config, given, findings);
  applySessionSecret(config, given, sources.readFile ?? (() => undefined), findings);
  reportIgnored(chosen, config, given, findings);
  const { errors, warnings, notes } = findings;
  return errors.length > 0 ? { ok: false, errors } : { ok: true, config, warnings, notes };
}

function fileSettings(file: ConfigSources['file'], findings: Findings): Setting[] {
  if (file === undefined) return [];
  const { properties, errors } = parsePropertiesFile(file.text);
  for (const { line, message } of errors) findings.errors.push(`${file.name}:${line}: ${message}`);
  return properties.map(({ key, value, line }) => ({ key, value, where: `${file.name}:${line}` }));
}

function overrideSettings(overrides: readonly string[], findings: Findings): Setting[] {
  return overrides.flatMap((text) => {
    const equals = text.indexOf('=');
    if (equals > 0)
      return [{ key: text.slice(0, equals).trim(), value: text.slice(equals + 1).trim(), where: '--set' }];
    findings.errors.push(`--set: '${text}' is not of the form key=value`);
    return [];
  });
}

function chooseSettings(settings: readonly Setting[], lenient: boolean, findings: Findings): Chosen {
  const chosen = new Map<OptionRow, Setting>();
  for (const setting of settings) {
    if (isMembershipKey(setting.key)) continue;
    const option = findOption(setting.key);
    if (option === undefined) reportUnknownKey(setting, lenient, findings);
    else chosen.set(option, setting);
  }
  return chosen;
}

function applySetting(
  option: OptionRow,
  setting: Setting,
  config: ServerConfig,
  given: Map<keyof ServerConfig, string>,
  findings: Findings,
): void {
  const { value, where } = setting;
  const parsed = option.parse(value);
  const shown = shownSetting(setting, option);
  if ('error' in parsed) {
    findings.errors.push(`${where}: ${shown} ${parsed.error}`);
    return;
  }
  if (parsed.note !== undefined) findings.warnings.push(`${where}: ${shown} ${parsed.note}`);
  if (option.field === undefined) return;
  Object.assign(config, { [option.field]: parsed.value });
  given.set(option.field, where);
}

/** Sets the fields that depend on the membership: the ensemble, the server's id in it, and the client address. */
function applyMembership(
  sources: ConfigSources,
  settings: readonly Setting[],
  chosen: Chosen,
  config: ServerConfig,
  given: Map<keyof ServerConfig, string>,
  findings: Findings,
): void {
  const { file, environment = {}, readFile = () => undefined } = sources;
  const where = file?.name ?? 'the configuration';
  const membership = findMembership(settings, chosen, readFile, where, findings);
  if (membership === undefined) return;
  const mode = readMode(membership, {
    config,
    given,
    settingOf: (key) => settingOf(chosen, key),
    environment,
    readFile,
    where,
    findings,
  });
  if (mode?.kind === 'ensemble') {
    const { ensemble, myId, own } = mode;
    const fromStatic = own.member.clientAddress === null ? staticClientAddress(config, given) : undefined;
    config.ensemble = fromStatic === undefined ? ensemble : ensemble.withStaticClientAddress(myId, fromStatic);
    config.myId = myId;
    if (file !== undefined && config.dynamicConfigFile !== null) {
      config.lastSeenEnsemble = readLastSeen(`${file.name}.dynamic.next`, readFile, findings);
    }
  }
  if (mode?.own === undefined) return;
  applyClientAddress(mode.own, config, given, findings.errors);
  if (mode.own.member.clientAddress !== null) given.set('clientPort', mode.own.where);
}

/**
 * Finds the membership in the file that `dynamicConfigFile` names, or in the settings. Returns undefined if the file
 * could not be read.
 */
function findMembership(
  settings: readonly Setting[],
  chosen: Chosen,
  readFile: FileReader,
  where: string,
  findings: Findings,
): Membership | undefined {
  const elsewhere = settings.filter(({ key }) => isMembershipKey(key));
  const dynamic = settingOf(chosen, 'dynamicConfigFile');
  if (!dynamic?.value) return staticMembership(elsewhere, settingOf(chosen, 'version'), where);
  return dynamicMembership(dynamic, elsewhere, readFile, findings);
}

function settingOf(chosen: Chosen, key: string): Setting | undefined {
  return chosen.get(findOption(key)!);
}

/** The authentication schemes that `enforce.auth.schemes` may name. */
const schemes = ['world', 'auth', 'digest', 'ip', 'super'];

/**
 * Sets the options whose defaults depend on other options, and checks that the options do not contradict each other.
 */
function derive(config: ServerConfig, given: ReadonlyMap<keyof ServerConfig, string>, findings: Findings): void {
  const { errors } = findings;
  if (!given.has('dataLogDir')) config.dataLogDir = config.dataDir;
  if (!given.has('juteMaxBufferExtraSizeBytes')) config.juteMaxBufferExtraSizeBytes = config.juteMaxBufferBytes;
  if (!given.has('minSessionTimeoutMs') || config.minSessionTimeoutMs === -1)
    config.minSessionTimeoutMs = 2 * config.tickTimeMs;
  if (!given.has('maxSessionTimeoutMs') || config.maxSessionTimeoutMs === -1)
    config.maxSessionTimeoutMs = 20 * config.tickTimeMs;
  if (config.minSessionTimeoutMs > config.maxSessionTimeoutMs) {
    const where = given.get('minSessionTimeoutMs') ?? given.get('maxSessionTimeoutMs') ?? given.get('tickTimeMs');
    errors.push(
      `${where}: minSessionTimeout ${config.minSessionTimeoutMs} ms is greater than maxSessionTimeout ${config.maxSessionTimeoutMs} ms`,
    );
  }
  if (!given.has('observerSyncEnabled')) config.observerSyncEnabled = config.syncEnabled;
  if (config.ensemble !== null) deriveLimits(config);
  // As in ZooKeeper, a reconnect or a global session never takes fewer tokens than a local session.
  const localWeight = config.connectionThrottleLocalSessionWeight;
  config.connectionThrottleGlobalSessionWeight = Math.max(config.connectionThrottleGlobalSessionWeight, localWeight);
  config.connectionThrottleRenewSessionWeight = Math.max(config.connectionThrottleRenewSessionWeight, localWeight);
  checkEnforcedSchemes(config, given, errors);
  if (!config.forceSync)
    findings.warnings.push(`${given.get('forceSync')}: forceSync=no: acknowledged writes can be lost`);
  if (config.skipAcl) findings.warnings.push(`${given.get('skipAcl')}: skipACL=yes: every client may do everything`);
}

function deriveLimits(config: ServerConfig): void {
  if (config.connectToLearnerMasterLimitTicks === 0) config.connectToLearnerMasterLimitTicks = config.initLimitTicks;
  if (config.quorumCnxnTimeoutMs === -1) config.quorumCnxnTimeoutMs = config.tickTimeMs * config.syncLimitTicks;
}

function checkEnforcedSchemes(
  config: ServerConfig,
  given: ReadonlyMap<keyof ServerConfig, string>,
  errors: string[],
): void {
  config.enforceAuthSchemes = config.enforceAuthSchemes.map((scheme) => scheme.toLowerCase());
  if (!config.enforceAuthEnabled) return;
  if (config.enforceAuthSchemes.length === 0) {
    errors.push(`${given.get('enforceAuthEnabled')}: enforce.auth.enabled=true needs enforce.auth.schemes`);
  }
  for (const scheme of config.enforceAuthSchemes) {
    const exists = schemes.includes(scheme) && (scheme !== 'digest' || config.digestAuthEnabled);
    if (exists) continue;
    errors.push(`${given.get('enforceAuthSchemes')}: authentication scheme '${scheme}' is not available`);
  }
}

/** Returns the settings that differ from the defaults, without secrets, for one log line. */
export function describeConfig(config: ServerConfig): Record<string, unknown> {
  const usual = defaultConfig();
  const described: Record<string, unknown> = {};
  for (const { key, field, secret } of options) {
    if (field === undefined || JSON.stringify(config[field]) === JSON.stringify(usual[field])) continue;
    described[key] = secret ? '(secret)' : config[field];
  }
  if (config.ensemble !== null) Object.assign(described, { myId: config.myId, ensemble: config.ensemble.text });
  return described;
}
