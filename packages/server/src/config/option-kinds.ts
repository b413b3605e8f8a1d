import type { FieldOf, Ignoring, Opening, OptionRow, OptionStatus, Parsed } from './option-row.js';
import { defaultConfig, type ServerConfig } from './server-config.js';

/** The ways a value is written, and the builders of table rows that read them. */

const defaults = defaultConfig();
const intMax = 2_147_483_647;

type Limits = { min?: number; max?: number /** A smaller value counts as this one. */; raiseTo?: number };
type RowMore = { origin?: OptionRow['origin']; secret?: boolean };

/** Reads a whole number as Java does: decimal, and for properties also hexadecimal (0x, #) and octal (leading 0). */
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
    return { value: raiseTo, note: `is below the minimum; ${raiseTo} is used` };
  if (value < min || value > max) return { error: `is not between ${min} and ${max}` };
  return { value };
}

function parseBoolean(text: string): Parsed {
  const word = text.toLowerCase();
  return word === 'true' || word === 'false' ? { value: word === 'true' } : { error: 'is neither true nor false' };
}

/** Java compares with one of the words only, so that anything else is the other one. */
function parseYesNo(text: string, otherwise: 'yes' | 'no'): Parsed {
  if (text === 'yes' || text === 'no') return { value: text === 'yes' };
  return { value: otherwise === 'yes', note: `is neither yes nor no; it counts as ${otherwise}, as in Apache` };
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

/** An option holding a whole number. */
export function integer(key: string, field: FieldOf<number>, doc: string, more: RowMore & Limits = {}): OptionRow {
  const parse = (text: string) => parseInteger(text, more, more.origin !== 'parser');
  return row(key, field, 'integer', parse, String(defaults[field]), doc, more);
}

/** A whole number that stays unset unless given. */
export function optionalInteger(key: string, field: FieldOf<number | null>, doc: string, limits: Limits): OptionRow {
  return row(key, field, 'integer', (text) => parseInteger(text, limits, true), '', doc);
}

/** An option holding a fraction. */
export function decimal(key: string, field: FieldOf<number>, doc: string): OptionRow {
  return row(key, field, 'number', parseDecimal, String(defaults[field]), doc);
}

/** An option that is `true` or `false`. */
export function flag(key: string, field: FieldOf<boolean>, doc: string, more: RowMore = {}): OptionRow {
  return row(key, field, 'true \\| false', parseBoolean, String(defaults[field]), doc, more);
}

/** An option that is `yes` or `no`, and what any other word counts as. */
export function yesNo(key: string, field: FieldOf<boolean>, doc: string, otherwise: 'yes' | 'no'): OptionRow {
  return row(key, field, 'yes \\| no', (text) => parseYesNo(text, otherwise), defaults[field] ? 'yes' : 'no', doc);
}

/** An option holding any text but the empty one. */
export function text(key: string, field: FieldOf<string | null>, doc: string, more: RowMore = {}): OptionRow {
  return row(key, field, 'text', parseText, defaults[field] ?? '', doc, more);
}

/** An option holding items parted by commas. */
export function list(key: string, field: FieldOf<readonly string[]>, doc: string): OptionRow {
  return row(key, field, 'list', parseList, '', doc);
}

/** An option holding one of a few words; `choices` maps what is written (in lower case) to what it means. */
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

/** The forms of options that fill no field. */
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

/** The default tells how the value is written. */
function formOf(defaultText: string): keyof typeof checkedForms {
  if (/^(true|false)$/.test(defaultText)) return 'true \\| false';
  if (/^-?\d+$/.test(defaultText)) return 'integer';
  return /^-?\d*\.\d+$/.test(defaultText) ? 'number' : 'text';
}

type UnusedMore = RowMore & Pick<OptionRow, 'actual'>;

/** An option that nodekeeper will support, and what ignoring it does until then. */
export function later(
  ignoring: Exclude<Ignoring, 'opens'>,
  key: string,
  defaultText: string,
  doc: string,
  more: UnusedMore = {},
): OptionRow {
  return { ...unused('later', key, defaultText, doc, more), ignoring };
}
/** An option that a server must not ignore: it does not start. */
export function opens(
  key: string,
  defaultText: string,
  doc: string,
  opening: Opening,
  more: UnusedMore = {},
): OptionRow {
  return { ...unused('later', key, defaultText, doc, more), ignoring: 'opens', opening };
}
/** An option that means something in an ensemble only. */
export function ensemble(key: string, defaultText: string, doc: string, more: RowMore = {}): OptionRow {
  return unused('ensemble', key, defaultText, doc, more);
}
/** The same for an option that fills a field. */
export function inEnsemble(option: OptionRow): OptionRow {
  return { ...option, status: 'ensemble' };
}
/** The same for an option that fills a field which nothing reads yet. */
export function notYet(
  ignoring: Exclude<Ignoring, 'opens'>,
  option: OptionRow,
  more: Pick<OptionRow, 'actual'> = {},
): OptionRow {
  return { ...option, ...more, status: 'later', ignoring };
}
/** An option that tunes what nodekeeper does not have. */
export function inapplicable(key: string, defaultText: string, doc: string, more: RowMore = {}): OptionRow {
  return { ...unused('inapplicable', key, defaultText, doc, more), ignoring: 'nothing' };
}

/** A parser key that must be a whole number although nothing uses it yet; also the empty default. */
export function integerForm(option: OptionRow): OptionRow {
  return { ...option, form: 'integer', parse: checkedForms.integer };
}
