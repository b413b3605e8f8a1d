import { Failure } from '../failure.js';

const intMax = 2n ** 31n;
const longMax = 2n ** 63n;

/** The value of option -v; -1 (any version) if it is absent. */
export function parseVersion(text: string | undefined): number {
  return text === undefined ? -1 : parseInt32(text);
}

/** Java's `Integer.parseInt`. */
export function parseInt32(text: string): number {
  return Number(parseSigned(text, intMax, 10));
}

/** Java's `Long.parseLong`. */
export function parseInt64(text: string, radix: 10 | 16 = 10): bigint {
  return parseSigned(text, longMax, radix);
}

/** Java's `Integer.decode`: a number may be hexadecimal (0x, 0X, #) or octal (0). */
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

/** Whether Java's `Double.parseDouble` accepts the text. Such a word is a value even if it looks like an option. */
export function looksLikeNumber(text: string): boolean {
  return /^\s*[+-]?(NaN|Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?)\s*$/.test(text);
}
