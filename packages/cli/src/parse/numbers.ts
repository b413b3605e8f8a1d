import { Failure } from '../failure.js';

const intMax = 2n ** 31n;
const longMax = 2n ** 63n;

/** Parses the value of the option -v. Returns -1, which matches any version, if the option is absent. */
export function parseVersion(text: string | undefined): number {
  return text === undefined ? -1 : parseInt32(text);
}

/** Parses a number as Java's `Integer.parseInt` does. */
export function parseInt32(text: string): number {
  return Number(parseSigned(text, intMax, 10));
}

/** Parses a number as Java's `Long.parseLong` does. */
export function parseInt64(text: string, radix: 10 | 16 = 10): bigint {
  return parseSigned(text, longMax, radix);
}

/** Parses a number as Java's `Integer.decode` does: hexadecimal after 0x, 0X or #, octal after 0, otherwise decimal. */
export function decodeInt32(text: string): number {
  const match = /^([+-]?)(?:(0[xX]|#)([0-9a-fA-F]+)|0([0-7]+)|(0|[1-9]\d*))$/.exec(text);
  if (match === null) throw numberFailure(text);
  const [, sign, , hexadecimal, octal, decimal] = match;
  const digits = hexadecimal ?? octal ?? decimal;
  const radix = hexadecimal !== undefined ? 16 : octal !== undefined ? 8 : 10;
  const value = Number.parseInt(`${sign}${digits}`, radix);
  if (value >= Number(intMax) || value < -Number(intMax)) throw numberFailure(text);
  return value;
}

function parseSigned(text: string, limit: bigint, radix: 10 | 16): bigint {
  const pattern = radix === 16 ? /^([+-]?)([0-9a-fA-F]+)$/ : /^([+-]?)(\d+)$/;
  const match = pattern.exec(text);
  if (match === null) throw numberFailure(text);
  const [, sign, digits] = match;
  const size = BigInt(`${radix === 16 ? '0x' : ''}${digits}`);
  const value = sign === '-' ? -size : size;
  if (value >= limit || value < -limit) throw numberFailure(text);
  return value;
}

function numberFailure(text: string): Failure {
  return new Failure(`For input string: "${text}"`);
}

/**
 * True if Java's `Double.parseDouble` accepts the text. Commons CLI takes such a word as an option's value, even if it
 * begins with a hyphen.
 */
export function looksLikeNumber(text: string): boolean {
  return /^\s*[+-]?(NaN|Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?)\s*$/.test(text);
}
