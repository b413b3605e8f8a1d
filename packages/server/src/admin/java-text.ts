/** This file formats numbers and dates as Java does, because scripts parse ZooKeeper's output. */

/** A 64-bit number in hexadecimal; negative numbers in two's complement. */
export function hexLong(value: number | bigint): string {
  return value >= 0 ? value.toString(16) : BigInt.asUintN(64, BigInt(value)).toString(16);
}

/**
 * A double in the format of Java's `Double.toString`, always with a decimal point. It has an exponent if its absolute
 * value is at least 10^7 or below 10^-3.
 */
export function javaDouble(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  if (magnitude === 0 || (magnitude >= 1e-3 && magnitude < 1e7)) return withPoint(String(value));
  const [mantissa = '', exponent] = value.toExponential().split('e');
  return `${withPoint(mantissa)}E${Number(exponent)}`;
}

function withPoint(digits: string): string {
  return digits.includes('.') ? digits : `${digits}.0`;
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A time in the format of Java's `Date.toString`, in the process's time zone: `Sun Nov 22 03:12:47 UTC 2026`. */
export function javaDate(wallMs: number): string {
  const date = new Date(wallMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${days[date.getDay()]} ${months[date.getMonth()]} ${two(date.getDate())} ${time} ${zone(date)} ${date.getFullYear()}`;
}

function zone(date: Date): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC';
}
