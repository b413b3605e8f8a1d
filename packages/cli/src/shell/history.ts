/** The command lines of this run by their numbers, for `history` and `redo`. */
export class History {
  readonly lines: string[] = [];
  /** The number of the line that is running, or comes next. */
  count = 0;

  begin(line: string): void {
    this.lines[this.count] = line;
  }

  end(): void {
    this.count++;
  }
}
