/** The command lines of this run by their numbers, for `history` and `redo`. */
export class History {
  readonly lines: string[] = [];
  /** The number of the running line, or of the next one. */
  count = 0;

  begin(line: string): void {
    this.lines[this.count] = line;
  }

  end(): void {
    this.count++;
  }
}
