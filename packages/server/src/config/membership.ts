import type { Findings, Setting } from './setting.js';

/** Keys that describe an ensemble. */
const membershipKey = /^(?:server\.|group\b|weight\b)/;
const serverKey = /^server\.\d+$/;
const address = String.raw`(?:\[[^\]]+\]|[^:;|[\]]+):\d+:\d+(?::[a-zA-Z]+)?`;
const serverValue = new RegExp(
  String.raw`^${address}(?:\|${address})*(?:;(?:(?<host>\[[^\]]+\]|[^:;[\]]+):)?(?<port>\d+)?(?:;.*)?)?$`,
);

/** Whether a key is one of `server.N`, `group.N`, `weight.N`. */
export function isMembershipKey(key: string): boolean {
  return membershipKey.test(key);
}

/** Where a server line says that clients connect. */
export interface ClientAddress {
  host: string | null;
  port: number;
  where: string;
}

/**
 * Reads the membership as far as a standalone server needs it. One server line is a standalone server, as in Apache;
 * more, or groups and weights, are an error that says so.
 * @returns the client address of the only server line, if it has one.
 */
export function readMembership(settings: readonly Setting[], findings: Findings): ClientAddress | undefined {
  const servers = new Map<string, Setting>();
  const refused: string[] = [];
  for (const setting of settings) {
    if (serverKey.test(setting.key)) servers.set(setting.key, setting);
    else if (/^(?:group|weight)\.\d+$/.test(setting.key)) refused.push(`${setting.where}: ${setting.key}`);
    else findings.errors.push(`${setting.where}: '${setting.key}' is not of the form server.N, group.N or weight.N`);
  }
  if (servers.size > 1) refused.push(...[...servers.values()].map(({ where, key }) => `${where}: ${key}`));
  if (refused.length > 0) {
    findings.errors.push(
      `ensembles are not supported yet; leave at most one server line and no groups or weights (${refused.join(', ')})`,
    );
  }
  let only: ClientAddress | undefined;
  for (const setting of servers.values()) only = readServer(setting, findings);
  return servers.size === 1 ? only : undefined;
}

function readServer({ key, value, where }: Setting, findings: Findings): ClientAddress | undefined {
  const match = serverValue.exec(value);
  if (match === null) {
    findings.errors.push(`${where}: ${key}=${value} is not of the form host:port:port[:role][;[host:]clientPort]`);
    return undefined;
  }
  if (/:observer\b/i.test(value)) {
    findings.errors.push(`${where}: ${key} is an observer, which needs an ensemble; ensembles are not supported yet`);
  }
  const { host, port } = match.groups!;
  if (port === undefined) return undefined;
  return { host: host?.replace(/^\[|\]$/g, '') ?? null, port: Number(port), where };
}
