import type { OptionRow } from './option-row.js';
import type { ServerConfig } from './server-config.js';
import { type Findings, type Setting, shownSetting } from './setting.js';

/** The effective setting of each option. If several settings name the same option, the last one is effective. */
export type Chosen = ReadonlyMap<OptionRow, Setting>;

/**
 * Reports settings that the server ignores. The consequence of ignoring a setting decides whether the report is an
 * error, a warning or a note. A setting that asks only for what the server does anyway is not reported.
 */
export function reportIgnored(
  chosen: Chosen,
  config: ServerConfig,
  given: ReadonlyMap<keyof ServerConfig, string>,
  findings: Findings,
): void {
  const less: string[] = [];
  const nothing: string[] = [];
  for (const [option, setting] of chosen) {
    if (option.ignoring === undefined || isDefaultBehaviour(option, setting.value)) continue;
    const { opening } = option;
    const named = `${setting.key} (${setting.where})`;
    if (option.ignoring === 'nothing' || (opening?.only === 'ensemble' && config.ensemble === null))
      nothing.push(named);
    else if (opening === undefined || (opening.unlessSet !== undefined && given.has(opening.unlessSet)))
      less.push(named);
    else findings.errors.push(openingError(option, setting));
  }
  if (less.length > 0) findings.warnings.push(`options that are not supported yet are ignored: ${less.join(', ')}`);
  if (nothing.length > 0) findings.notes.push(`options without effect: ${nothing.join(', ')}`);
}

/** Returns the reason why this setting prevents the start; undefined if the server can start with it. */
export function refusalOf(option: OptionRow, setting: Setting): string | undefined {
  return option.opening === undefined || isDefaultBehaviour(option, setting.value)
    ? undefined
    : openingError(option, setting);
}

function openingError(option: OptionRow, setting: Setting): string {
  const { effect, advice } = option.opening!;
  return `${setting.where}: ${shownSetting(setting, option)} cannot be ignored: ${effect}; ${advice}`;
}

/** True if the value asks only for what the server does anyway. */
export function isDefaultBehaviour({ parse, actual, defaultText }: OptionRow, value: string): boolean {
  const own = parse(value);
  return (actual ?? [defaultText]).some((text) => {
    const usual = parse(text);
    return value === text || ('value' in own && 'value' in usual && own.value === usual.value);
  });
}
