import { zoneName } from './zone-names.js';

const localZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Formats a time as Java's `Date.toString` does, for example `Thu Jan 01 00:00:00 UTC 1970`. */
export function javaDate(epochMs: number, zone: string = localZone()): string {
  const parts = localParts(epochMs, zone);
  const time = `${parts.hour}:${parts.minute}:${parts.second}`;
  return `${parts.weekday} ${parts.month} ${parts.day} ${time} ${shortZone(epochMs, zone)} ${parts.year}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function localParts(epochMs: number, zone: string): Partial<Record<Intl.DateTimeFormatPartTypes, string>> {
  let format = formats.get(zone);
  if (format === undefined) {
    const twoDigits = { day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
    const options = { weekday: 'short', month: 'short', year: 'numeric', ...twoDigits, timeZoneName: 'short' } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...options });
    formats.set(zone, format);
  }
  return Object.fromEntries(format.formatToParts(epochMs).map(({ type, value }) => [type, value]));
}

function shortZone(epochMs: number, zone: string): string {
  const year = new Date(epochMs).getUTCFullYear();
  const standard = Math.min(offsetMs(Date.UTC(year, 0, 15), zone), offsetMs(Date.UTC(year, 6, 15), zone));
  return zoneName(zone, offsetMs(epochMs, zone) > standard) ?? localParts(epochMs, zone).timeZoneName ?? zone;
}

/** The offset of the zone from UTC at the given time, in milliseconds. */
function offsetMs(epochMs: number, zone: string): number {
  const parts = localParts(epochMs, zone);
  const text = `${parts.month} ${parts.day} ${parts.year} ${parts.hour}:${parts.minute}:${parts.second} UTC`;
  return Date.parse(text) - Math.floor(epochMs / 1000) * 1000;
}
