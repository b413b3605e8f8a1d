import type { Stat } from '@nodekeeper/client';
import { javaDate } from './java-date.js';

/** The lines that the command `stat` and the option -s of other commands print. */
export function formatStat(stat: Stat): string {
  return [
    `cZxid = ${hexadecimal(stat.czxid)}`,
    `ctime = ${javaDate(stat.ctime)}`,
    `mZxid = ${hexadecimal(stat.mzxid)}`,
    `mtime = ${javaDate(stat.mtime)}`,
    `pZxid = ${hexadecimal(stat.pzxid)}`,
    `cversion = ${stat.cversion}`,
    `dataVersion = ${stat.version}`,
    `aclVersion = ${stat.aversion}`,
    `ephemeralOwner = ${hexadecimal(stat.ephemeralOwner)}`,
    `dataLength = ${stat.dataLength}`,
    `numChildren = ${stat.numChildren}`,
  ].join('\n');
}

/**
 * Converts a Stat to JSON. Ids become hexadecimal text, because they do not fit a JSON number. Times become ISO 8601
 * text.
 */
export function statAsJson(stat: Stat): Record<string, string | number> {
  return {
    czxid: hexadecimal(stat.czxid),
    ctime: new Date(stat.ctime).toISOString(),
    mzxid: hexadecimal(stat.mzxid),
    mtime: new Date(stat.mtime).toISOString(),
    pzxid: hexadecimal(stat.pzxid),
    cversion: stat.cversion,
    version: stat.version,
    aversion: stat.aversion,
    ephemeralOwner: hexadecimal(stat.ephemeralOwner),
    dataLength: stat.dataLength,
    numChildren: stat.numChildren,
  };
}

function hexadecimal(value: number | bigint): string {
  return `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;
}
