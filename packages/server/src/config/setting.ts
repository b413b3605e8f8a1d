/** A value that somebody gave an option, and where: that is what errors point at. */
export interface Setting {
  key: string;
  value: string;
  /** `zoo.cfg:7`, `ZOO_TICK_TIME`, `--set`. */
  where: string;
}

/** What went wrong, is worth a warning or is good to know, found while settings were gathered. */
export interface Findings {
  errors: string[];
  warnings: string[];
  notes: string[];
}

/** A setting as logs and errors may show it: also what no option is known of may be a secret. */
export function shownSetting({ key, value }: Setting, option: { readonly secret?: boolean } | undefined): string {
  return option?.secret || /password|secret/i.test(key) ? key : `${key}=${value}`;
}
