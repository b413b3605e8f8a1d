/** A key and its value, with the position where they were set. Errors report this position. */
export interface Setting {
  key: string;
  value: string;
  /** The position of the setting, for example `zoo.cfg:7`, `ZOO_TICK_TIME` or `--set`. */
  where: string;
}

/** Errors, warnings and notes found while reading the settings. */
export interface Findings {
  errors: string[];
  warnings: string[];
  notes: string[];
}

/**
 * The text of a setting for logs and errors. A secret value is omitted. The value of a key that contains `password` or
 * `secret` is omitted, too, because an unknown option may be secret.
 */
export function shownSetting({ key, value }: Setting, option: { readonly secret?: boolean } | undefined): string {
  return option?.secret || /password|secret/i.test(key) ? key : `${key}=${value}`;
}
