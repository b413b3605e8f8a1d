/** The value of an option and its position, which errors report. */
export interface Setting {
  key: string;
  value: string;
  /** `zoo.cfg:7`, `ZOO_TICK_TIME`, `--set`. */
  where: string;
}

/** Errors, warnings and notes found while reading the settings. */
export interface Findings {
  errors: string[];
  warnings: string[];
  notes: string[];
}

/** A setting as logs and errors may show it. An unknown option may also be a secret. */
export function shownSetting({ key, value }: Setting, option: { readonly secret?: boolean } | undefined): string {
  return option?.secret || /password|secret/i.test(key) ? key : `${key}=${value}`;
}
