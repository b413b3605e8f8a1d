/** A key, its value, and the position where it was set, which errors report. */
export interface Setting {
  key: string;
  value: string;
  /** For example `zoo.cfg:7`, `ZOO_TICK_TIME` or `--set`. */
  where: string;
}

/** Errors, warnings and notes found while reading the settings. */
export interface Findings {
  errors: string[];
  warnings: string[];
  notes: string[];
}

/**
 * The text of a setting for logs and errors. The value is omitted if it is secret, or if the key contains `password` or
 * `secret`: an unknown option may be secret, too.
 */
export function shownSetting({ key, value }: Setting, option: { readonly secret?: boolean } | undefined): string {
  return option?.secret || /password|secret/i.test(key) ? key : `${key}=${value}`;
}
