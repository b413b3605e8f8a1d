/**
 * Checks a value. Returns undefined if the value is valid. Otherwise returns the text that follows the name of the
 * value in an error, for example ` must be a function, got true`.
 *
 * Values are checked at run time, because the compiler sees neither callers in plain JavaScript nor values from outside
 * the program. Without the check, an invalid value could have a wrong effect without notice, or cause an exception much
 * later.
 */
export type Check = (value: unknown) => string | undefined;

/** A check for each option of `Options`, by the name of the option. */
export type Checks<Options> = { readonly [Name in keyof Required<Options>]: Check };

/**
 * The checks of the properties of an options object, by name. All properties are optional, and unknown properties are
 * rejected.
 */
export type OptionTable = ReadonlyMap<string, Check>;

const intMax = 0x7fffffff;

// ---- single values

export const aFunction: Check = must('a function', (value) => typeof value === 'function');
export const aBoolean: Check = must('true or false', (value) => typeof value === 'boolean');
export const aString: Check = must('a string', (value) => typeof value === 'string');
export const aSignal: Check = must('an AbortSignal', (value) => value instanceof AbortSignal);
export const aVersion: Check = anInteger(-1, intMax, 'an integer from -1 (any) to 2147483647');
export const aTimeMs: Check = aNumber(0, intMax);
export const int64: Check = must(
  'a bigint of 64 bits',
  (value) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
);

export function anInteger(least: number, most: number, expected = `an integer from ${least} to ${most}`): Check {
  return must(expected, (value) => Number.isInteger(value) && isBetween(value as number, least, most));
}

export function aNumber(least: number, most: number): Check {
  const isGood = (value: unknown) => typeof value === 'number' && isBetween(value, least, most);
  return must(`a number from ${least} to ${most}`, isGood);
}

/** Returns false if `value` is NaN. */
function isBetween(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}

export function oneOf(names: readonly string[]): Check {
  const known = new Set<unknown>(names);
  const list = names.join(', ');
  return must(names.length > 1 ? `one of ${list}` : list, (value) => known.has(value));
}

/** Accepts an object that has a method for each of `names`. */
export function withMethods(expected: string, ...names: readonly string[]): Check {
  const isGood = (value: unknown) =>
    isObject(value) && names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
  return must(expected, isGood);
}

/** Does the same as `must` for a confidential value: the error text does not contain the value. */
export function secret(expected: string, accepts: (value: unknown) => boolean): Check {
  return (value) => (accepts(value) ? undefined : ` must be ${expected}, got ${kindOf(value)}`);
}

export function must(expected: string, accepts: (value: unknown) => boolean): Check {
  return (value) => (accepts(value) ? undefined : ` must be ${expected}, got ${shown(value)}`);
}

// ---- values with parts

export function listOf(entry: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return ` must be an array, got ${shown(value)}`;
    for (let index = 0; index < value.length; index++) {
      const fault = entry(value[index]);
      if (fault !== undefined) return `[${index}]${fault}`;
    }
    return undefined;
  };
}

/** Accepts an object that has every property of `parts` with a valid value. The object may have other properties. */
export function anObjectWith(parts: Readonly<Record<string, Check>>): Check {
  const rows = Object.entries(parts);
  return (value) => {
    if (!isObject(value)) return ` must be an object, got ${shown(value)}`;
    for (const [name, check] of rows) {
      const fault = check((value as Record<string, unknown>)[name]);
      if (fault !== undefined) return `.${name}${fault}`;
    }
    return undefined;
  };
}

export function optionTable<Options>(checks: Checks<Options>): OptionTable {
  return new Map(Object.entries(checks) as [string, Check][]);
}

/** Accepts an object that has only properties of `table`. A property with the value undefined counts as missing. */
export function anOptionsObject(table: OptionTable): Check {
  return (value) => optionsFault(table, value);
}

/** Checks an options object in the same way as `anOptionsObject(table)`. */
export function optionsFault(table: OptionTable, options: unknown): string | undefined {
  if (!isPlainObject(options)) return ` must be an object, got ${shown(options)}`;
  for (const name in options) {
    const check = table.get(name);
    if (check === undefined) return `.${name} is unknown; ${knownNames(table)}`;
    const value = options[name];
    const fault = value === undefined ? undefined : check(value);
    if (fault !== undefined) return `.${name}${fault}`;
  }
  return undefined;
}

function knownNames(table: OptionTable): string {
  return table.size === 0 ? 'there are no options' : `the options are ${[...table.keys()].join(', ')}`;
}

// ---- values in messages

/**
 * Describes a value in an error text. Returns a short value itself, for example `true` or `"EPHEMERAL"`. For any other
 * value, returns its kind, for example `an array`.
 */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return kindOf(value);
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return 'an array';
  const kind = typeof value === 'object' ? classOf(value) : typeof value;
  return `${/^[aeiou]/i.test(kind) ? 'an' : 'a'} ${kind}`;
}

/** Returns the name of a built-in class, for example `Date` or `Uint8Array`. Returns `object` for all other classes. */
function classOf(value: object): string {
  const name = Object.prototype.toString.call(value).slice(8, -1);
  return name === 'Object' ? 'object' : name;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' || typeof value === 'function') && value !== null;
}

/**
 * Accepts any object except instances of built-in classes such as Date, Map and Promise. Also accepts instances of the
 * application's classes, and objects from another realm.
 */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return Object.getPrototypeOf(value) === Object.prototype || classOf(value) === 'object';
}
