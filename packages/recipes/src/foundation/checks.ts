import { type Place, RecipeError } from './errors.js';

/** Returns undefined if the value is valid, and otherwise what it must be, such as `a function`. */
export type Check = (value: unknown) => string | undefined;

/** The check of each option, by its name. */
export type Checks = Readonly<Record<string, Check>>;

function must(expected: string, accepts: (value: unknown) => boolean): Check {
  return (value) => (accepts(value) ? undefined : expected);
}

export const isFunction = must('a function', (value) => typeof value === 'function');
export const isText = must('text', (value) => typeof value === 'string');
export const isNonEmptyText = must('text that is not empty', (value) => typeof value === 'string' && value !== '');
export const isList = must('an array', Array.isArray);
export const isData = must(
  'text, bytes or null',
  (value) => value === null || typeof value === 'string' || value instanceof Uint8Array,
);
export const isPath = must(
  'an absolute path, without empty parts and a final slash',
  // the server refuses the rest of what a path must not contain
  (value) => typeof value === 'string' && /^(\/|(\/[^/]+)+)$/.test(value),
);
export const isCodec = must(
  'a codec',
  (value) => typeof value === 'object' && value !== null && 'encode' in value && 'decode' in value,
);
export const isTimeMs = must(
  'a number of milliseconds from 0 to 2147483647',
  // a timer of Node with a longer delay fires at once
  (value) => typeof value === 'number' && value >= 0 && value <= 2 ** 31 - 1,
);
const isSignal = must('an AbortSignal', (value) => typeof (value as AbortSignal | null)?.aborted === 'boolean');

export const isBoolean = must('true or false', (value) => typeof value === 'boolean');
/** The server refuses the other names that are not allowed. */
export const isNodeName = must(
  'a text without a slash',
  (value) => typeof value === 'string' && /^[^/]+$/.test(value) && value !== '.' && value !== '..',
);

/** Accepts null in addition. */
export function orNull(check: Check): Check {
  return (value) => {
    const expected = value === null ? undefined : check(value);
    return expected && `${expected} or null`;
  };
}

export const isOptions = must('an object', (value) => typeof value === 'object' && value !== null);

/** The checks of `WaitOptions`. */
export const waitChecks: Checks = { signal: isSignal, timeoutMs: isTimeMs };

export function oneOf(...names: readonly string[]): Check {
  return must(`one of ${names.join(', ')}`, (value) => names.includes(value as string));
}

export function isInteger(least: number, most = Number.MAX_SAFE_INTEGER): Check {
  const expected =
    most === Number.MAX_SAFE_INTEGER ? `an integer from ${least}` : `an integer from ${least} to ${most}`;
  return must(expected, (value) => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most);
}

/**
 * Checks an options object. An option that is undefined counts as missing.
 *
 * @throws `BADARGUMENTS` for an unknown option or an invalid value
 */
export function checkOptions(place: Place, options: object, checks: Checks): void {
  if (typeof options !== 'object' || options === null) {
    throw new RecipeError('BADARGUMENTS', place, `options must be an object, got ${options}`);
  }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const check = Object.hasOwn(checks, name) ? checks[name]! : undefined;
    if (check === undefined) {
      const known = Object.keys(checks).join(', ');
      throw new RecipeError('BADARGUMENTS', place, `there is no option ${name}; the options are ${known}`);
    }
    const expected = check(value);
    if (expected !== undefined) throw new RecipeError('BADARGUMENTS', place, `${name} must be ${expected}`);
  }
}

/** @throws `BADARGUMENTS` if the argument with this name is invalid */
export function checkArgument(place: Place, name: string, value: unknown, check: Check): void {
  const expected = check(value);
  if (expected !== undefined) throw new RecipeError('BADARGUMENTS', place, `${name} must be ${expected}`);
}
