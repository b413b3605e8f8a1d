/** A value that somebody gave an option, and where: that is what errors point at. */
export interface Setting {
  key: string;
  value: string;
  /** `zoo.cfg:7`, `ZOO_TICK_TIME`, `--set`. */
  where: string;
}

/** What went wrong or is worth a warning while settings were gathered. */
export interface Findings {
  errors: string[];
  warnings: string[];
}
