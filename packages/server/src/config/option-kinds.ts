import type { FieldOf, Ignoring, Opening, OptionRow, OptionStatus, Parsed } from './option-row.js';
import { defaultConfig, type ServerConfig } from './server-config.js';

/** This file contains the formats of option values, and the functions that build the rows of the option table. */

const defaults = defaultConfig();
const intMax = 2_147_483_647;

type Limits = { min?: number; max?: number /** A smaller value is replaced by `raiseTo`. */; raiseTo?: number };
type RowMore = { origin?: OptionRow['origin']; secret?: boolean };

/**
 * Parses a whole number as Java does: decimal, and for system properties also hexadecimal (0x, #) and octal (leading
 * 0).
 */
function parseInteger(text: string, { min = -intMax - 1, max = intMax, raiseTo }: Limits, asProperty: boolean): Parsed {
  const digits = asProperty
    ? /^([+-]?)(?:0[xX]|#)([0-9a-fA-F]+)$|^([+-]?)0([0-7]+)$|^([+-]?\d+)$/
    : /^()()()()([+-]?\d+)$/;
  const match = digits.exec(text);
  if (match === null) return { error: 'is not a whole number' };
  const [, hexSign, hex, octalSign, octal, decimal] = match;
  let value = hex ? Number.parseInt(hex, 16) : octal ? Number.parseInt(octal, 8) : Number(decimal);
  if (hexSign === '-' || octalSign === '-') value = -value;
  if (raiseTo !== undefined && value < raiseTo)
    return { value: raiseTo, note: `is below the minimum, so ${raiseTo} is used` };
  if (value < min || value > max) return { error: `is not between ${min} and ${max}` };
  return { value };
}

function parseBoolean(text: string): Parsed {
  const word = text.toLowerCase();
  return word === 'true' || word === 'false' ? { value: word === 'true' } : { error: 'is neither true nor false' };
}

/**
 * Parses `yes` or `no`. Any other text counts as `otherwise`, because ZooKeeper tests each option for only one of the
 * two words.
 */
function parseYesNo(text: string, otherwise: 'yes' | 'no'): Parsed {
  if (text === 'yes' || text === 'no') return { value: text === 'yes' };
  return { value: otherwise === 'yes', note: `is neither yes nor no and counts as ${otherwise}, as in ZooKeeper` };
}

function parseDecimal(text: string): Parsed {
  const value = text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? { value } : { error: 'is not a number' };
}

function parseText(text: string): Parsed {
  return text === '' ? { error: 'is empty' } : { value: text };
}

function parseList(text: string): Parsed {
  return { value: text.split(',').flatMap((item) => (item.trim() === '' ? [] : [item.trim()])) };
}

function row(
  key: string,
  field: keyof ServerConfig,
  form: string,
  parse: OptionRow['parse'],
  defaultText: string,
  doc: string,
  { origin = 'property', secret = false }: RowMore = {},
): OptionRow {
  return { key, origin, status: 'works', field, form, parse, defaultText, doc, secret };
}

/** An option whose value is a whole number. */
export function integer(key: string, field: FieldOf<number>, doc: string, more: RowMore & Limits = {}): OptionRow {
  const parse = (text: string) => parseInteger(text, more, more.origin !== 'parser');
  return row(key, field, 'integer', parse, String(defaults[field]), doc, more);
}

/** An option whose value is a whole number, and which has no default. */
export function optionalInteger(key: string, field: FieldOf<number | null>, doc: string, limits: Limits): OptionRow {
  return row(key, field, 'integer', (text) => parseInteger(text, limits, true), '', doc);
}

/** An option whose value is a decimal fraction. */
export function decimal(key: string, field: FieldOf<number>, doc: string): OptionRow {
  return row(key, field, 'number', parseDecimal, String(defaults[field]), doc);
}

/** An option whose value is `true` or `false`. */
export function flag(key: string, field: FieldOf<boolean>, doc: string, more: RowMore = {}): OptionRow {
  return row(key, field, 'true \\| false', parseBoolean, String(defaults[field]), doc, more);
}

/** An option with the value `yes` or `no`. Any other text counts as `otherwise`. */
export function yesNo(key: string, field: FieldOf<boolean>, doc: string, otherwise: 'yes' | 'no'): OptionRow {
  return row(key, field, 'yes \\| no', (text) => parseYesNo(text, otherwise), defaults[field] ? 'yes' : 'no', doc);
}

/** An option whose value is any text except the empty one. */
export function text(key: string, field: FieldOf<string | null>, doc: string, more: RowMore = {}): OptionRow {
  return row(key, field, 'text', parseText, defaults[field] ?? '', doc, more);
}

/** An option whose value is a comma-separated list. */
export function list(key: string, field: FieldOf<readonly string[]>, doc: string): OptionRow {
  return row(key, field, 'list', parseList, '', doc);
}

/**
 * An option whose value is one of a few words. `choices` maps each word, in lower case, to the value in `ServerConfig`.
 */
export function choice<Field extends FieldOf<string>>(
  key: string,
  field: Field,
  choices: Readonly<Record<string, ServerConfig[Field]>>,
  defaultText: string,
  doc: string,
): OptionRow {
  const words = Object.keys(choices).filter((word) => word !== '');
  const parse = (written: string): Parsed => {
    const value = Object.hasOwn(choices, written.toLowerCase()) ? choices[written.toLowerCase()] : undefined;
    return value === undefined ? { error: `is not one of ${words.join(', ')}` } : { value };
  };
  return row(key, field, words.join(' \\| '), parse, defaultText, doc);
}

/** Formats of options whose values are checked, but stored in no field of `ServerConfig`. */
const checkedForms = {
  integer: (written: string) =>
    parseInteger(written, { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }, true),
  number: parseDecimal,
  'true \\| false': parseBoolean,
  text: (written: string): Parsed => ({ value: written }),
} as const;

function unused(
  status: Exclude<OptionStatus, 'works'>,
  key: string,
  defaultText: string,
  doc: string,
  more: RowMore,
): OptionRow {
  const form = formOf(defaultText);
  return { key, origin: 'property', status, form, parse: checkedForms[form], defaultText, doc, ...more };
}

/** Derives the format of an option from its default. */
function formOf(defaultText: string): keyof typeof checkedForms {
  if (/^(true|false)$/.test(defaultText)) return 'true \\| false';
  if (/^-?\d+$/.test(defaultText)) return 'integer';
  return /^-?\d*\.\d+$/.test(defaultText) ? 'number' : 'text';
}

type UnusedMore = RowMore & Pick<OptionRow, 'actual'>;

/** An option that nodekeeper does not support yet. `ignoring` is the consequence of ignoring the option. */
export function later(
  ignoring: Exclude<Ignoring, 'opens'>,
  key: string,
  defaultText: string,
  doc: string,
  more: UnusedMore = {},
): OptionRow {
  return { ...unused('later', key, defaultText, doc, more), ignoring };
}
/** An unsupported option that must not be ignored: if it is set, the server does not start. */
export function opens(
  key: string,
  defaultText: string,
  doc: string,
  opening: Opening,
  more: UnusedMore = {},
): OptionRow {
  return { ...unused('later', key, defaultText, doc, more), ignoring: 'opens', opening };
}
/** An option that is used only in an ensemble, and has no field in `ServerConfig`. */
export function ensemble(key: string, defaultText: string, doc: string, more: RowMore = {}): OptionRow {
  return unused('ensemble', key, defaultText, doc, more);
}
/** Marks an option that has a field in `ServerConfig` as used only in an ensemble. */
export function inEnsemble(option: OptionRow): OptionRow {
  return { ...option, status: 'ensemble' };
}
/** Marks an option as not supported yet, although it has a field in `ServerConfig`. */
export function notYet(
  ignoring: Exclude<Ignoring, 'opens'>,
  option: OptionRow,
  more: Pick<OptionRow, 'actual'> = {},
): OptionRow {
  return { ...option, ...more, status: 'later', ignoring };
}
/** An option for a part of ZooKeeper that nodekeeper does not have, for example its threads. */
export function inapplicable(key: string, defaultText: string, doc: string, more: RowMore = {}): OptionRow {
  return { ...unused('inapplicable', key, defaultText, doc, more), ignoring: 'nothing' };
}

/**
 * Sets the format of an option to a whole number. Needed if the default is empty, because the format is otherwise
 * derived from the default.
 */
export function integerForm(option: OptionRow): OptionRow {
  return { ...option, form: 'integer', parse: checkedForms.integer };
}
